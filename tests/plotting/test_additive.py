"""The functions of an additive student, compared with the student's predictions."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

from skdistill import AdditiveDisplay, DistilledClassifier, Student
from skdistill.plotting.column_functions import functions_on_rows
from skdistill.student.input_code import InputCode
from tests import oracle
from tests.student.test_shapes import make_additive


def table(n=500, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.normal(50.0, 12.0, n),
            "clinic": rng.choice(["north", "south", "west"], n, p=[0.2, 0.5, 0.3]),
            "constant": np.ones(n),
            "visits": rng.poisson(2.0, n).astype(float),
            "time": 1.7e9 + rng.normal(0.0, 3600.0, n),
        }
    )
    X.loc[rng.random(n) < 0.1, "visits"] = np.nan
    return X


def fit(X, truth):
    """An additive student of a teacher that knows how the labels were drawn."""
    model = DistilledClassifier(
        "precomputed",
        hidden_layer_sizes=(),
        weight_dtype="float32",
        weight_decay=0.1,
        max_iter=30,
        calibrate_teacher=False,
        random_state=0,
    )
    classes, columns = np.unique(truth, return_inverse=True)
    proba = 0.8 * np.eye(len(classes))[columns] + 0.2 / len(classes)
    rng = np.random.default_rng(2)
    y = classes[[rng.choice(len(classes), p=row) for row in proba]]
    return model.fit(X, y, teacher_proba=proba)


def texts_of(labels):
    return [label.get_text() for label in labels]


@pytest.fixture(scope="module")
def two():
    """An additive student of two classes, and rows that are not those of fit."""
    X = table()
    score = (X["age"] - 50) / 8 + 2 * (X["clinic"] == "south") + X["visits"].fillna(4)
    score += (X["time"] - 1.7e9) / 7200
    model = fit(X, np.where(score > 3, "sick", "healthy"))
    rows = table(300, seed=1)
    rows.loc[:5, "clinic"] = "unseen"
    rows.loc[6:8, "clinic"] = None
    return model, rows


@pytest.fixture(scope="module")
def three():
    X = table()
    return fit(X, np.digitize(X["age"] + 9 * (X["clinic"] == "west"), [45, 58])), X


def test_contributions_add_up_to_the_log_odds(two):
    model, X = two
    display = AdditiveDisplay.from_estimator(model, X)
    assert (display.labels, display.n_columns) == (["sick"], 4)
    total = display.intercept + sum(f.contributions for f in display.functions)
    assert_allclose(total[:, 0], model.decision_function(X), atol=1e-4)
    other = AdditiveDisplay.from_estimator(model, X, pos_label="healthy")
    total = other.intercept + sum(f.contributions for f in other.functions)
    assert_allclose(total[:, 0], -model.decision_function(X), atol=1e-4)


def test_contributions_add_up_to_the_centred_logits(three):
    model, X = three
    logits = model.decision_function(X)
    logits = logits - logits.mean(axis=1, keepdims=True)
    display = AdditiveDisplay.from_estimator(model, X)
    total = display.intercept + sum(f.contributions for f in display.functions)
    assert_allclose(total, logits, atol=1e-4)
    assert display.labels == [0, 1, 2]
    one = AdditiveDisplay.from_estimator(model, X, pos_label=1)
    total = one.intercept + sum(f.contributions for f in one.functions)
    assert_allclose(total, logits[:, [1]], atol=1e-4)


@given(
    n_units=st.sampled_from([1, 3]),
    n_linear=st.integers(0, 2),
    bins=st.lists(st.integers(2, 6), max_size=2),
    levels=st.lists(st.integers(1, 4), max_size=2),
    weight_dtype=st.sampled_from(["int8", "float16", "float32"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
def test_any_additive_student(n_units, n_linear, bins, levels, weight_dtype, seed):
    assume(n_linear + len(bins) + len(levels))
    student = make_additive(
        n_units, n_linear, bins, levels, seed, weight_dtype=weight_dtype
    )
    code = student.input_code
    X = oracle.labelled_table(code, oracle.random_numbers(code, 40, seed))
    drawn = functions_on_rows(student, None, X, None, None, 99)
    assert drawn.n_columns == len(drawn.functions) == n_linear + len(bins + levels)
    spreads = [function.spread for function in drawn.functions]
    assert spreads == sorted(spreads, reverse=True)
    logits = student.decision_function(X).reshape(len(X), -1)
    if n_units > 1:
        logits = logits - logits.mean(axis=1, keepdims=True)
    contributions = [function.contributions for function in drawn.functions]
    assert_allclose(drawn.intercept + np.sum(contributions, axis=0), logits, atol=5e-5)
    assert_allclose(np.mean(contributions, axis=1), 0, atol=1e-9)


def test_functions_are_centred_and_the_greatest_spread_is_first(two, three):
    for model, X in (two, three):
        functions = AdditiveDisplay.from_estimator(model, X).functions
        for function in functions:
            assert_allclose(function.contributions.mean(axis=0), 0, atol=1e-9)
            spread = np.sqrt((function.contributions**2).mean(axis=0).sum())
            assert_allclose(function.spread, spread)
        spreads = [function.spread for function in functions]
        assert spreads == sorted(spreads, reverse=True)
        assert "constant" not in [function.name for function in functions]


@pytest.mark.parametrize("name", ["age", "visits", "time"])
def test_the_line_of_a_number_is_what_the_student_answers(two, name):
    """All other columns are held fixed, and the student is asked."""
    model, X = two
    display = AdditiveDisplay.from_estimator(model, X, features=name)
    (function,) = display.functions
    ((line,),) = display.lines_
    at, drawn = line.get_xdata(), line.get_ydata()
    # There are few different numbers of visits, so all of them are shown.
    shares = [0.0, 1.0] if name == "visits" else [0.01, 0.99]
    low, high = np.nanquantile(X[name], shares)
    assert_allclose(at[[0, -1]], [low, high], rtol=1e-7)
    one = pd.concat([X.iloc[[0]]] * len(at), ignore_index=True)
    answers = model.decision_function(one.assign(**{name: at}))
    change = answers - model.decision_function(X.iloc[[0]])
    assert_allclose(drawn - function.contributions[0], change, atol=2e-3)
    assert np.abs(drawn).max() > 0.1
    # Between two points of the line the student is straight.
    middle = (at[1:] + at[:-1]) / 2
    answers = model.decision_function(one[1:].assign(**{name: middle}))
    change = answers - model.decision_function(X.iloc[[0]])
    halves = (drawn[1:] + drawn[:-1]) / 2
    assert_allclose(halves - function.contributions[0], change, atol=2e-3)


def test_a_missing_number_has_a_place_of_its_own(two):
    model, X = two
    display = AdditiveDisplay.from_estimator(model, X, features=["visits", "age"])
    with_gaps, without = display.axes_.ravel()
    assert texts_of(with_gaps.get_xticklabels(minor=True)) == ["missing"]
    assert texts_of(without.get_xticklabels(minor=True)) == []
    (place,) = with_gaps.get_xticks(minor=True)
    assert place > with_gaps.get_xticks().max()
    (marker,) = [x for x in with_gaps.get_lines() if list(x.get_xdata()) == [place]]
    filled = X.iloc[[0]].assign(visits=2.0)
    change = model.decision_function(X.iloc[[0]].assign(visits=np.nan))
    change = change - model.decision_function(filled)
    numbers = model.student_.numbers(filled)[:, 3]
    assert_allclose(
        marker.get_ydata() - display.functions[0].at(numbers)[0], change, atol=1e-4
    )


def test_bars_of_levels(two):
    model, X = two
    display = AdditiveDisplay.from_estimator(model, X, features=["clinic"])
    ax = display.axes_[0, 0]
    assert display.lines_ == [[]]
    texts = texts_of(ax.get_xticklabels())
    assert texts == ["south", "west", "north", "(other)", "(missing)"]
    ((bars,),) = display.bars_
    heights = np.array([bar.get_height() for bar in bars])
    row = X.iloc[[0]]
    values = ["south", "west", "north", "nowhere", None]
    answers = [model.decision_function(row.assign(clinic=v)).item() for v in values]
    assert_allclose(np.diff(heights), np.diff(answers), atol=1e-4)
    density = [bar.get_height() for bar in ax.containers[-1]]
    counts = [(X["clinic"] == text).sum() for text in texts[:3]] + [6, 3]
    assert_allclose(np.divide(density, density[0]), np.divide(counts, counts[0]))
    plain = AdditiveDisplay.from_estimator(model, X[20:], features=["clinic"])
    texts = texts_of(plain.axes_[0, 0].get_xticklabels())
    assert texts == ["south", "west", "north"]


def test_density_counts_the_rows(two):
    model, X = two
    display = AdditiveDisplay.from_estimator(model, X, features=["age"])
    bars = display.axes_[0, 0].containers[-1]
    edges = np.linspace(*np.quantile(X["age"], [0.01, 0.99]), 31)
    counts = np.histogram(X["age"], edges)[0]
    heights = np.array([bar.get_height() for bar in bars])
    assert_allclose(heights / heights.max(), counts / counts.max(), atol=0.08)
    assert heights.max() < 0.2
    all_rows = AdditiveDisplay.from_estimator(
        model, X, features=["age"], percentiles=(0, 1)
    )
    at = all_rows.lines_[0][0].get_xdata()
    assert_allclose(at[[0, -1]], [X["age"].min(), X["age"].max()], rtol=1e-6)


def test_few_different_numbers_have_a_bar_each(two):
    model, X = two
    display = AdditiveDisplay.from_estimator(
        model, X, features=["visits"], percentiles=(0.4, 0.5)
    )
    *bars, missing = display.axes_[0, 0].containers[-1]
    values, counts = np.unique(X["visits"].dropna(), return_counts=True)
    assert_array_equal(marked_of(display.lines_[0][0]), values)
    assert display.axes_[0, 0].get_xlabel() == ""
    assert_allclose([bar.get_x() + bar.get_width() / 2 for bar in bars], values)
    heights = np.array([bar.get_height() for bar in (*bars, missing)])
    counts = np.append(counts, X["visits"].isna().sum())
    assert_allclose(heights / heights.max(), counts / counts.max())


def marked_of(line):
    """The numbers that have a point on a line."""
    return line.get_xdata()[line.get_markevery()]


def of_one_number(values, **arguments):
    """The picture of a student of one number, with the log-odds 2 x."""
    student = Student([np.array([[2.0]])], [np.zeros(1)], "relu", [0, 1])
    return AdditiveDisplay.from_estimator(student, np.c_[values], **arguments)


@pytest.mark.parametrize("n_ones", [8, 992])
def test_a_rare_flag_is_shown(n_ones):
    flag = np.repeat([0.0, 1.0], [1000 - n_ones, n_ones])
    display = of_one_number(flag)
    ((line,),), ax = display.lines_, display.axes_[0, 0]
    assert_array_equal(line.get_xdata(), [0, 1])
    assert_array_equal(marked_of(line), [0, 1])
    assert_allclose(line.get_ydata(), 2 * (np.array([0, 1]) - flag.mean()), atol=1e-6)
    assert ax.get_xticks().tolist() == [0, 1]
    assert ax.get_xlabel() == ""


@pytest.mark.parametrize("values", [[5.0], [5.0, np.nan], [np.nan]])
def test_one_number_or_none(two, values):
    """A column without any number gets no line."""
    model, X = two
    rows = X.iloc[:40].assign(visits=np.resize(values, 40))
    display = AdditiveDisplay.from_estimator(model, rows, features=["visits"])
    ((line,),), ax = display.lines_, display.axes_[0, 0]
    assert_array_equal(line.get_xdata(), [x for x in values if x == x])
    low, high = ax.get_xlim()
    assert low < high
    display.figure_.draw_without_rendering()


def test_equal_percentiles_show_all_rows():
    values = np.r_[np.zeros(9960), np.arange(1.0, 41.0)]
    display = of_one_number(values)
    ((line,),) = display.lines_
    assert_array_equal(line.get_xdata(), [0, 40])
    assert display.axes_[0, 0].get_xlabel() == ""


@given(st.integers(31, 400), st.floats(0.0, 0.3), st.floats(0.7, 1.0))
@settings(max_examples=8, deadline=None)
def test_the_picture_says_how_many_rows_are_not_shown(n_rows, low, high):
    values = np.random.default_rng(n_rows).normal(size=n_rows)
    display = of_one_number(values, percentiles=(low, high))
    text = display.axes_[0, 0].get_xlabel()
    plt.close(display.figure_)
    first, last = np.quantile(values, [low, high])
    hidden = 100 * np.mean((values < first) | (values > last))
    assert text == (f"{hidden:.2g} % of rows not shown" if hidden else "")


def test_bars_of_nearly_equal_numbers_can_be_seen():
    display = of_one_number([0.0, 1e-6, 1.0, 2.0, 3.0])
    bars = display.axes_[0, 0].containers[-1]
    assert len(bars) == 5
    assert min(bar.get_width() for bar in bars) >= 0.01 * 3.0


def wide_student(n_features=14, n_units=1):
    """A student of numbers without an input code, and rows."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(n_features, n_units))
    classes = np.arange(max(2, n_units))
    student = Student([weights], [np.zeros(n_units)], "relu", classes)
    return student, rng.normal(size=(60, n_features))


def test_the_widest_columns_are_drawn():
    student, X = wide_student()
    spreads = np.abs(student.coefs_[0][:, 0]) * X.std(axis=0)
    widest = np.argsort(-spreads)
    display = AdditiveDisplay.from_estimator(student, X)
    assert [function.feature for function in display.functions] == widest[:9].tolist()
    assert_allclose([f.spread for f in display.functions], spreads[widest[:9]], 1e-5)
    assert display.axes_.shape == (3, 3)
    assert display.figure_.get_suptitle() == "9 of 14 columns"
    display = AdditiveDisplay.from_estimator(student, X, max_features=4, n_cols=3)
    assert display.axes_.shape == (2, 3)
    assert display.axes_[1, 1:].tolist() == [None, None]
    display = AdditiveDisplay.from_estimator(student, X, max_features=None)
    assert [function.feature for function in display.functions] == widest.tolist()
    named = AdditiveDisplay.from_estimator(student, X, features=[3, "x11", np.int64(0)])
    assert [function.feature for function in named.functions] == [3, 11, 0]


def test_sparse_rows():
    student, X = wide_student(n_units=3)
    X[X < 0.5] = 0
    dense = AdditiveDisplay.from_estimator(student, X)
    sparse = AdditiveDisplay.from_estimator(student, csr_array(X))
    for one, other in zip(dense.functions, sparse.functions, strict=True):
        assert one.feature == other.feature
        assert_allclose(one.contributions, other.contributions, atol=1e-6)


def test_all_axes_have_one_height(two):
    model, X = two
    axes = [ax for ax in AdditiveDisplay.from_estimator(model, X).axes_.flat if ax]
    assert len(axes) == 4
    assert len({ax.get_ylim() for ax in axes}) == 1
    low, high = axes[0].get_ylim()
    for ax in axes:
        for line in ax.get_lines()[1:]:
            if len(line.get_xdata()) > 2:
                # The density has the foot of the axes for itself.
                assert line.get_ydata().min() > low + 0.16 * (high - low)
                assert line.get_ydata().max() < high


def test_given_axes(two):
    model, X = two
    features = ["age", "clinic"]
    figure, axes = plt.subplots(1, 2)
    display = AdditiveDisplay.from_estimator(model, X, features=features, ax=axes)
    assert display.bounding_ax_ is None
    assert display.figure_ is figure
    assert display.axes_.tolist() == axes.tolist()
    assert "log-odds of sick" in axes[1].get_ylabel()
    figure, (left, right) = plt.subplots(1, 2)
    display.plot(
        ax=right, n_cols=1, line_kw={"lw": 3}, bar_kw={"color": "red", "width": 0.5}
    )
    assert display.bounding_ax_ is right
    assert display.axes_.shape == (2, 1)
    assert display.lines_[0][0].get_linewidth() == 3
    assert display.bars_[1][0][0].get_facecolor() == (1, 0, 0, 1)
    with pytest.raises(ValueError, match="ax holds 2 axes, and 1 functions are drawn"):
        AdditiveDisplay.from_estimator(model, X, features=["age"], ax=[left, right])
    by_hand = figure.add_axes((0, 0, 1, 1))
    with pytest.raises(ValueError, match="ax was placed by hand"):
        display.plot(ax=by_hand)


def test_a_line_for_each_class(three):
    model, X = three
    display = AdditiveDisplay.from_estimator(model, X)
    assert [len(lines) for lines in display.lines_ if lines] == [3, 3, 3]
    looks = {(x.get_color(), x.get_linestyle()) for x in display.lines_[0]}
    assert len(looks) == 3
    assert len({x.get_linestyle() for x in display.lines_[0]}) == 3
    texts = texts_of(display.figure_.legends[0].get_texts())
    assert texts == ["0", "1", "2"]
    assert "centred logit" in display.axes_[0, 0].get_ylabel()
    axes = plt.subplots(2, 2)[1]
    display.plot(ax=axes)
    assert len(axes[0, 0].get_legend().get_texts()) == 3
    bars = next(bars for bars in display.bars_ if bars)
    lefts = [bar[0].get_x() for bar in bars]
    assert_allclose(np.diff(lefts), bars[0][0].get_width())


NO_NUMBERS = {
    name: [] for name in ("linear", "low", "high", "mean", "scale", "knotted", "knots")
}


def student_of_levels(levels, effects):
    """A student of one category."""
    code = InputCode(1, **NO_NUMBERS, categorical=[0], levels=[levels])
    return Student([np.empty((0, 1))], [[0.0]], "relu", [0, 1], code, effects)


def test_many_levels():
    levels = [f"level {number:02}" for number in range(40)]
    effects = np.linspace(-1, 1, 42)[:, np.newaxis]
    student = student_of_levels(levels, effects)
    X = np.array([levels[n] for n in range(40) for _ in range(1 + n)], dtype=object)
    display = AdditiveDisplay.from_estimator(student, X[:, np.newaxis])
    texts = texts_of(display.axes_[0, 0].get_xticklabels())
    assert texts == levels[:-13:-1]
    assert display.axes_[0, 0].get_xlabel() == "the most frequent of 40 levels"
    student = student_of_levels([3, 1, 2], effects[:5])
    display = AdditiveDisplay.from_estimator(student, [[1], [3], [3], [2], [3]])
    texts = texts_of(display.axes_[0, 0].get_xticklabels())
    assert texts == ["1", "2", "3"]
    heights = [bar.get_height() for bar in display.bars_[0][0]]
    assert_allclose(np.diff(heights), np.diff(effects[[1, 2, 0], 0]), rtol=1e-5)


def test_texts_are_no_formulas():
    """Matplotlib would read what is between two signs of dollars."""
    name, levels = r"price $\bad$", [r"$\bad$", "a\nb", "x" * 30]
    code = InputCode(1, **NO_NUMBERS, categorical=[0], levels=[levels])
    effects = np.arange(15.0).reshape(5, 3)
    classes = np.array([r"$\no$", "b", "c"])
    weights = np.empty((0, 3))
    student = Student(
        [weights], [np.zeros(3)], "relu", classes, code, effects, feature_names=[name]
    )
    X = pd.DataFrame({name: levels})
    display = AdditiveDisplay.from_estimator(student, X)
    display.figure_.draw_without_rendering()
    texts = texts_of(display.axes_[0, 0].get_xticklabels())
    assert texts == [r"\$\bad\$", "a b", "x" * 13 + "…"]


def test_pipelines_searches_and_files(two, tmp_path):
    model, X = two
    expected = AdditiveDisplay.from_estimator(model, X).functions
    pipeline = make_pipeline(FunctionTransformer(lambda X: X), model)
    model.student_.save(tmp_path / "student.npz")
    search = GridSearchCV(pipeline, {})
    search.best_estimator_ = pipeline
    for fitted in (pipeline, search, Student.load(tmp_path / "student.npz")):
        found = AdditiveDisplay.from_estimator(fitted, X).functions
        assert [f.name for f in found] == [f.name for f in expected]
        assert_array_equal(found[0].contributions, expected[0].contributions)


def test_names_of_a_pipeline(blobs):
    X, y = blobs
    model = DistilledClassifier(
        LogisticRegression(C=0.01), hidden_layer_sizes=(), max_iter=2, weight_decay=1.0
    )
    frame = pd.DataFrame(X, columns=list("abcd"))
    pipeline = make_pipeline(PolynomialFeatures(2, include_bias=False), model)
    pipeline.fit(frame, y)
    display = AdditiveDisplay.from_estimator(pipeline, frame, features=["a b", "a"])
    assert [function.feature for function in display.functions] == [5, 0]
    nameless = make_pipeline(FunctionTransformer(lambda X: X * 2), model).fit(X, y)
    display = AdditiveDisplay.from_estimator(nameless, X, features=["x2"])
    assert display.functions[0].feature == 2


def test_words():
    """The student of a text classifier is linear in the words."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=120)
    words = np.array(["red", "green", "blue", "black", "white"])
    texts = [" ".join([*rng.choice(words, 3), ["bad", "good"][label]]) for label in y]
    model = DistilledClassifier(
        LogisticRegression(),
        hidden_layer_sizes=(),
        max_iter=50,
        weight_decay=0.1,
        random_state=0,
    )
    pipeline = make_pipeline(CountVectorizer(), model).fit(texts, y)
    display = AdditiveDisplay.from_estimator(pipeline, texts)
    assert {function.name for function in display.functions[:2]} == {"bad", "good"}
    total = display.intercept + sum(f.contributions for f in display.functions)
    assert_allclose(total[:, 0], pipeline.decision_function(texts), atol=1e-5)


def test_a_column_of_one_value_in_the_rows(two):
    model, X = two
    same = X.assign(age=50.0, visits=np.nan)
    display = AdditiveDisplay.from_estimator(model, same)
    assert {f.name: f.spread for f in display.functions}["age"] < 1e-9
    display.figure_.draw_without_rendering()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": ["weight"]}, "features holds 'weight', which is no column of"),
        ({"features": [5]}, "features holds 5: the columns have the numbers 0 to 4"),
        ({"features": [-1]}, "features holds -1: the columns have the numbers 0 to 4"),
        ({"features": [0.5]}, "features holds 0.5: give names or numbers of columns"),
        ({"features": 1.5}, "features holds 1.5: give names or numbers of columns"),
        ({"features": [True]}, "features holds True: give names or numbers"),
        ({"features": []}, "features is empty: give at least one column"),
        ({"features": ["constant"]}, "'constant', a column that the student does not"),
        ({"max_features": 0}, "max_features=0 is less than 1"),
        ({"max_features": 2.0}, "max_features=2.0 is not an integer"),
        ({"n_cols": 0}, "n_cols=0 is less than 1"),
        ({"pos_label": "ill"}, "pos_label='ill' is not among the classes"),
        ({"percentiles": (0.9, 0.1)}, r"percentiles=\(0.9, 0.1\) is not a pair of"),
        ({"percentiles": 0.1}, "percentiles=0.1 is not a pair of numbers between"),
    ],
)
def test_wrong_arguments(two, arguments, message):
    model, X = two
    with pytest.raises(ValueError, match=message):
        AdditiveDisplay.from_estimator(model, X, **arguments)


def test_percentiles_between_two_rows(two):
    """No row lies in the range that is drawn, so there is no density."""
    model, X = two
    rows = X.iloc[:41].assign(age=np.arange(20.0, 61.0))
    display = AdditiveDisplay.from_estimator(
        model, rows, features=["age"], percentiles=(0.51, 0.515)
    )
    ((line,),) = display.lines_
    assert_allclose(line.get_xdata()[[0, -1]], [40.4, 40.6])
    assert display.axes_[0, 0].get_xlabel() == "99 % of rows not shown"


def test_wrong_rows(two):
    model, X = two
    with pytest.raises(ValueError, match="columns of X are not those of fit: missing"):
        AdditiveDisplay.from_estimator(model, X.drop(columns="age"))
    with pytest.raises(ValueError, match="X has 2 features, but had 5 in fit"):
        AdditiveDisplay.from_estimator(model, X[["age", "time"]].to_numpy())
    with pytest.raises(ValueError, match="X has no rows: the functions are centred"):
        AdditiveDisplay.from_estimator(model, X[:0])
    student, rows = wide_student()
    rows[3, 4] = np.nan
    with pytest.raises(ValueError, match="X holds NaN in row 3, column 4"):
        AdditiveDisplay.from_estimator(student, rows)


def test_wrong_estimators(two, blobs):
    _, X = two
    with pytest.raises(NotFittedError):
        AdditiveDisplay.from_estimator(DistilledClassifier(), X)
    with pytest.raises(ValueError, match=r"LogisticRegression, .* A Student may be"):
        AdditiveDisplay.from_estimator(LogisticRegression().fit(*blobs), blobs[0])
    deep = DistilledClassifier(hidden_layer_sizes=(3,), max_iter=1, weight_decay=1.0)
    deep.fit(*blobs)
    with pytest.raises(ValueError, match="student has hidden layers of 3 units"):
        AdditiveDisplay.from_estimator(deep, blobs[0])
    code = InputCode(1, **NO_NUMBERS, categorical=[], levels=[])
    empty = Student([np.empty((0, 1))], [[0.5]], "relu", [0, 1], code, np.empty((0, 1)))
    with pytest.raises(ValueError, match="the student uses no column: there is"):
        AdditiveDisplay.from_estimator(empty, [[1.0]])
