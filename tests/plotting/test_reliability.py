import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier, ReliabilityDisplay
from skdistill.metrics import calibration_error
from skdistill.plotting.bins import adaptive_bins, wilson_interval


def binary(y, proba, n_bins, **options):
    """The display of a binary classifier that is teacher and student at once."""
    both = np.column_stack([1 - proba, proba])
    return ReliabilityDisplay.from_predictions(
        y, both, both, classes=[0, 1], n_bins=n_bins, **options
    )


@given(data=st.data())
def test_bins_of_a_label_are_those_of_scikit_learn(data):
    n_bins = data.draw(st.integers(1, 6))
    n_rows = n_bins * data.draw(st.integers(1, 8))
    # Few different values, so that many are equal.
    steps = data.draw(st.sampled_from([2, 5, 1000]))
    proba = data.draw(arrays(int, n_rows, elements=st.integers(0, steps))) / steps
    y = data.draw(arrays(int, n_rows, elements=st.integers(0, 1)))
    shares, mean_proba = calibration_curve(y, proba, n_bins=n_bins, strategy="quantile")
    bins = adaptive_bins(proba, n_bins)
    assert_allclose([y[rows].mean() for rows in bins], shares)
    assert_allclose([proba[rows].mean() for rows in bins], mean_proba)
    assert_array_equal(np.sort(np.concatenate(bins)), np.arange(n_rows))


def test_lines_are_the_calibration_curves_of_scikit_learn(rows):
    y, teacher, student = rows
    display = ReliabilityDisplay.from_predictions(
        y, teacher, student, n_bins=10, pos_label="b"
    )
    for line, proba in (
        (display.teacher_line_, teacher),
        (display.student_line_, student),
    ):
        shares, mean_proba = calibration_curve(
            y == "b", proba[:, 1], n_bins=10, strategy="quantile"
        )
        assert_allclose(line.get_xydata(), np.column_stack([mean_proba, shares]))
    assert display.ax_.get_ylabel() == "share of class b"
    assert display.counts_ax_.get_xlabel() == "probability of class b"
    assert display.teacher.counts.tolist() == [30] * 10


def test_the_predicted_label_is_judged_by_default(rows):
    y, teacher, student = rows
    display = ReliabilityDisplay.from_predictions(y, teacher, student)
    right = np.array(["a", "b", "c"])[student.argmax(axis=1)] == y
    shares, mean_proba = calibration_curve(
        right, student.max(axis=1), n_bins=15, strategy="quantile"
    )
    assert_allclose(
        display.student_line_.get_xydata(), np.column_stack([mean_proba, shares])
    )
    columns = np.searchsorted(["a", "b", "c"], y)
    for curve, proba, line in (
        (display.teacher, teacher, display.teacher_line_),
        (display.student, student, display.student_line_),
    ):
        assert_allclose(curve.error, calibration_error(columns, proba))
        assert line.get_label().endswith(f"error {curve.error:.3f}")


def test_bars_count_the_rows(rows):
    y, teacher, student = rows
    display = ReliabilityDisplay.from_predictions(y, teacher, student)
    drawn = [patch.get_data() for patch in display.counts_ax_.patches]
    for bars, proba in zip(drawn, (teacher, student), strict=True):
        confidence = proba.max(axis=1)
        expected = [
            np.sum((confidence >= low) & (confidence < high))
            for low, high in zip(bars.edges, bars.edges[1:], strict=False)
        ]
        assert bars.values.tolist() == expected
        assert sum(expected) == len(y)
    plain = display.plot(counts=False)
    assert plain.counts_ax_ is None
    assert plain.ax_.get_xlabel() == "probability of the predicted label"


def test_points_of_a_calibrated_model_are_in_the_band():
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(20):
        proba = rng.random(2000)
        y = (rng.random(2000) < proba).astype(int)
        display = binary(y, proba, 20, pos_label=1, counts=False)
        path = display.band_.get_paths()[0]
        inside.append(path.contains_points(display.student_line_.get_xydata()))
        display.figure_.clear()
        import matplotlib.pyplot as plt

        plt.close(display.figure_)
    # Intervals of whole numbers of rows hold 95 % at least.
    assert 0.94 < np.mean(inside) < 0.99


@pytest.mark.parametrize("count", [1, 7, 200])
def test_intervals_are_wilsons(count):
    right = np.unique([0, count // 3, count])
    lower, upper = wilson_interval(right / count, np.full(len(right), count))
    for k, low, high in zip(right, lower, upper, strict=True):
        exact = binomtest(int(k), count).proportion_ci(method="wilson")
        assert_allclose([low, high], [exact.low, exact.high], atol=1e-12)


def test_of_an_estimator_teacher_and_student_are_asked(digits, forest, fitted):
    _, X_test, _, y_test = digits
    display = ReliabilityDisplay.from_estimator(fitted, X_test, y_test, name="small")
    expected = ReliabilityDisplay.from_predictions(
        y_test, forest.predict_proba(X_test), fitted.predict_proba(X_test), name="small"
    )
    for name in ("teacher_line_", "student_line_"):
        drawn, wanted = getattr(display, name), getattr(expected, name)
        assert_allclose(drawn.get_xydata(), wanted.get_xydata())
        assert drawn.get_label() == wanted.get_label()
    assert display.student_line_.get_label().startswith("small, ")


def test_pipelines_and_searches_hold_an_estimator(blobs):
    X, y = blobs
    scaler = StandardScaler().fit(X)
    forest = RandomForestClassifier(5, random_state=0).fit(scaler.transform(X), y)
    model = DistilledClassifier(forest, max_iter=2, random_state=0)
    pipeline = make_pipeline(StandardScaler(), model)
    search = GridSearchCV(
        pipeline, {"distilledclassifier__hidden_layer_sizes": [(4,)]}, cv=2
    ).fit(X, y)
    display = ReliabilityDisplay.from_estimator(search, X, y, n_bins=4)
    assert_allclose(
        display.teacher.proba, forest.predict_proba(scaler.transform(X)).max(axis=1)
    )
    student_proba = search.predict_proba(X).max(axis=1)
    assert_allclose(display.student.proba, student_proba, rtol=1e-6)


def test_lines_differ_without_colour_and_take_keywords(rows):
    import matplotlib.pyplot as plt

    ax = plt.figure().subplots()
    display = ReliabilityDisplay.from_predictions(
        *rows, ax=ax, teacher_kwargs={"c": "red"}, lw=3, ls="-."
    )
    teacher, student = display.teacher_line_, display.student_line_
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert teacher.get_color() == "red"
    assert (student.get_linewidth(), student.get_linestyle()) == (3, "-.")
    assert teacher.get_linestyle() != student.get_linestyle()
    assert teacher.get_marker() != student.get_marker()


def test_an_axes_placed_by_hand_keeps_its_place(rows):
    import matplotlib.pyplot as plt

    ax = plt.figure().add_axes([0.2, 0.4, 0.7, 0.5])
    display = ReliabilityDisplay.from_predictions(*rows, ax=ax)
    assert_allclose(ax.get_position().bounds, [0.2, 0.4, 0.7, 0.5])
    assert display.counts_ax_.get_xlabel() == "probability of the predicted label"


def test_wrong_arguments(rows, blobs, forest):
    y, teacher, student = rows
    make = ReliabilityDisplay.from_predictions
    with pytest.raises(ValueError, match="n_bins=0 is less than 1"):
        make(y, teacher, student, n_bins=0)
    with pytest.raises(ValueError, match=r"n_bins=2\.5 is not an integer"):
        make(y, teacher, student, n_bins=2.5)
    with pytest.raises(ValueError, match="pos_label='d' is not among the classes"):
        make(y, teacher, student, pos_label="d")
    with pytest.raises(ValueError, match=r"student_proba has shape \(299, 3\)"):
        make(y, teacher, student[1:])
    with pytest.raises(ValueError, match="student_proba goes from -0.9"):
        make(y, teacher, -student)
    with pytest.raises(ValueError, match="y_true holds the label 'a'"):
        make(y, teacher, student, classes=["b", "c", "d"])
    X, labels = blobs
    with pytest.raises(ValueError, match="RandomForestClassifier, not a Distilled"):
        ReliabilityDisplay.from_estimator(forest, X, labels)
    precomputed = DistilledClassifier("precomputed", max_iter=1)
    precomputed.fit(X, labels, teacher_proba=0.7 * np.eye(3)[labels] + 0.1)
    with pytest.raises(ValueError, match="'precomputed' and cannot be asked"):
        ReliabilityDisplay.from_estimator(precomputed, X, labels)
