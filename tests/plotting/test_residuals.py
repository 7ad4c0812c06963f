import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import (
    AdditiveDisplay,
    AgreementDisplay,
    CapacityDisplay,
    DistilledClassifier,
    DistilledRegressor,
    LossCurveDisplay,
    ReliabilityDisplay,
    ResidualsDisplay,
)


@pytest.fixture(scope="module")
def numbers():
    """Numbers of y, of a teacher and of a student."""
    rng = np.random.default_rng(0)
    y = rng.normal(10, 3, size=200)
    teacher = y + rng.normal(size=200)
    return y, teacher, teacher + rng.normal(0, 0.5, size=200)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    return X, 20 + 3 * X[:, 0] + np.sin(3 * X[:, 1]) + rng.normal(0, 0.3, size=200)


@pytest.fixture(scope="module")
def additive(data):
    """A student without hidden layers."""
    X, y = data
    model = DistilledRegressor(
        LinearRegression(), hidden_layer_sizes=(), max_iter=20, random_state=0
    )
    return model.fit(X, y)


def test_residuals_of_the_teacher(numbers):
    _, teacher, student = numbers
    display = ResidualsDisplay.from_predictions(teacher, student, name="small")
    assert_allclose(display.residuals, student - teacher)
    counts = np.ma.filled(display.density_.get_array(), 0)
    assert counts.shape == (25, 25)
    assert counts.sum() == 200
    # The rows of the picture are the residuals.
    edges = display.density_.get_coordinates()[:, 0, 1]
    inside = np.clip(display.residuals, edges[0], edges[-1])
    assert_array_equal(counts.sum(axis=1), np.histogram(inside, edges)[0])
    assert_allclose(edges[0], -edges[-1])
    assert display.ax_.get_ylabel() == "small's minus teacher's"
    assert f"{r2_score(teacher, student):.4f}" in display.ax_.get_title()
    assert display.errors_ is None


@pytest.mark.parametrize("kind", ["actual_vs_predicted", "residual_vs_predicted"])
def test_errors_of_both(numbers, kind):
    y, teacher, student = numbers
    display = ResidualsDisplay.from_predictions(teacher, student, y, kind=kind)
    for drawn, model in zip(display.errors_, (teacher, student), strict=True):
        wanted = y - model if kind == "residual_vs_predicted" else y
        points = drawn.scatter_.get_offsets()
        order = np.argsort(points[:, 0])
        assert_allclose(
            points[order], np.column_stack([model, wanted])[model.argsort()]
        )
    titles = [ax.get_title() for ax in display.ax_]
    assert titles[0].startswith("teacher, R²")
    assert titles[1] == f"student, R² {r2_score(y, student):.4f}"
    assert display.density_ is None
    display.figure_.canvas.draw()
    given = plt.subplots(2)[1]
    assert list(display.plot(given, kind=kind).ax_) == list(given)


def test_a_student_may_have_any_name(numbers):
    y, teacher, student = numbers
    display = ResidualsDisplay.from_predictions(
        teacher, student, y, kind="residual_vs_predicted", name="teacher"
    )
    assert display.ax_[1].get_title() == f"teacher, R² {r2_score(y, student):.4f}"


def test_a_column_of_several(numbers):
    y, teacher, student = numbers
    both = [np.column_stack([values, -values]) for values in (teacher, student)]
    display = ResidualsDisplay.from_predictions(*both, column=1)
    assert_allclose(display.residuals, teacher - student)
    assert display.ax_.get_xlabel() == "teacher's number, column 1"
    targets = np.column_stack([y, -y])
    display = ResidualsDisplay.from_predictions(
        *both, targets, column=1, kind="actual_vs_predicted"
    )
    assert_allclose(display.y, -y)
    # Quantiles have one y.
    display = ResidualsDisplay.from_predictions(
        *both, y, column=1, kind="actual_vs_predicted"
    )
    assert_allclose(display.y, y)


def test_of_an_estimator_teacher_and_student_are_asked(data):
    X, y = data
    model = DistilledRegressor(
        LinearRegression(), hidden_layer_sizes=(4,), max_iter=3, random_state=0
    )
    pipe = make_pipeline(StandardScaler(), model).fit(X, y)
    display = ResidualsDisplay.from_estimator(pipe, X, y, kind="actual_vs_predicted")
    assert_allclose(display.student_prediction, pipe.predict(X))
    scaled = pipe[0].transform(X)
    assert_allclose(display.teacher_prediction, pipe[-1].teacher_.predict(scaled))
    assert_allclose(display.y, y)


def test_bad_input_is_named(numbers, data):
    y, teacher, student = numbers
    make = ResidualsDisplay.from_predictions
    with pytest.raises(ValueError, match="kind='y' is not one of"):
        make(teacher, student, kind="y")
    with pytest.raises(ValueError, match='draws y, and y is None: give y, or kind="te'):
        make(teacher, student, kind="actual_vs_predicted")
    with pytest.raises(ValueError, match="ax holds 1 axes: .* draws on two"):
        make(teacher, student, y, kind="actual_vs_predicted", ax=plt.subplots()[1])
    both = np.column_stack([teacher, teacher])
    with pytest.raises(ValueError, match="have 2 columns: give column, a number fr"):
        make(both, both)
    with pytest.raises(ValueError, match="column=2 is not a number from 0 to 1"):
        make(both, both, column=2)
    with pytest.raises(ValueError, match="column=True is not a number from 0 to 1"):
        make(both, both, column=True)
    with pytest.raises(ValueError, match=r"student_prediction has shape \(5,\), not"):
        make(teacher, student[:5])
    X, target = data
    classifier = DistilledClassifier(max_iter=1, random_state=0).fit(X, target > 20)
    with pytest.raises(ValueError, match="of classes: use AgreementDisplay or Reliab"):
        ResidualsDisplay.from_estimator(classifier, X)


def test_displays_of_classes_name_that_of_numbers(additive, data):
    X, y = data
    words = "a DistilledRegressor of numbers: use ResidualsDisplay"
    with pytest.raises(ValueError, match=words):
        AgreementDisplay.from_estimator(additive, X)
    with pytest.raises(ValueError, match=words):
        ReliabilityDisplay.from_estimator(additive, X, y)


def test_losses_and_capacity_of_a_regressor(additive, data):
    X, y = data
    model = DistilledRegressor(
        LinearRegression(),
        hidden_layer_sizes=(4,),
        max_iter=3,
        early_stopping=True,
        random_state=0,
    ).fit(X, y)
    display = LossCurveDisplay.from_estimator(model)
    assert_allclose(display.line_.get_ydata(), model.loss_curve_)
    assert_allclose(display.validation_line_.get_ydata(), -display.validation_scores)
    display = CapacityDisplay.from_estimator(additive)
    assert display.weight_decay == additive.capacity_.weight_decay


def test_functions_of_numbers_add_up_to_the_answers(additive, data):
    X, _ = data
    for estimator in (additive, additive.student_):
        display = AdditiveDisplay.from_estimator(estimator, X, max_features=None)
        sums = display.intercept + sum(f.contributions for f in display.functions)
        output = additive.student_.output
        wanted = additive.predict(X)
        assert_allclose(np.clip(sums[:, 0], output.low, output.high), wanted, rtol=1e-5)
    assert display.axes_.ravel()[0].get_ylabel() == "contribution to the\nnumber"
    with pytest.raises(ValueError, match="a student of numbers has no classes"):
        AdditiveDisplay.from_estimator(additive, X, pos_label=1)


def test_functions_of_several_targets(data):
    X, y = data
    both = np.column_stack([y, -2 * y])
    model = DistilledRegressor(
        LinearRegression(), hidden_layer_sizes=(), max_iter=5, random_state=0
    ).fit(X, both)
    display = AdditiveDisplay.from_estimator(model, X)
    assert display.labels == [0, 1]
    assert display.figure_.legends[0].get_title().get_text() == "target"
    assert [len(lines) for lines in display.lines_] == [2, 2]
