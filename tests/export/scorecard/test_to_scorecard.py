"""A scorecard against its student: points, probabilities, files and errors."""

import csv
import math
import os
from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier, Student
from skdistill.export import quantize, scorecard_points, to_scorecard, verify
from skdistill.student.input_code import InputCode
from skdistill.student.shapes import shape_functions
from tests import oracle
from tests.student.test_shapes import make_additive
from tests.student.test_student import make_student

NOTHING = {
    name: [] for name in ("linear", "low", "high", "mean", "scale", "knotted", "knots")
}


def frame(n, seed=0):
    """Return applicants for credit: numbers, flags, categories, gaps, a time."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": rng.gamma(3.0, 900.0, n),
            "age": rng.integers(19, 75, n),
            "credits": rng.integers(1, 5, n),
            "phone": rng.integers(0, 2, n),
            "country": np.full(n, 7),
            "purpose": rng.choice(["car", "house", "study"], n, p=[0.5, 0.3, 0.2]),
            "owner": rng.random(n) < 0.4,
            "opened": 1.7e9 + rng.normal(0, 900.0, n),
            "rate": np.where(rng.random(n) < 0.2, np.nan, rng.normal(4, 1, n)),
            "region": rng.choice([1, 2, 3], n),
        }
    ).astype({"region": "category"})


def teacher(X):
    """Return the known probabilities of applicants."""
    logit = X["income"] / 900 - 2 + 0.03 * (X["age"] - 40) - 0.4 * X["credits"]
    logit += 0.5 * X["phone"] + (X["purpose"] == "car") - 1.5 * ~X["owner"]
    logit += (X["opened"] - 1.7e9) / 900 - 0.5 * X["rate"].fillna(6) + 3
    second = 1 / (1 + np.exp(-logit.to_numpy(float)))
    return np.column_stack([1 - second, second])


@pytest.fixture(scope="module")
def fitted():
    X = frame(1500)
    y = np.where(teacher(X)[:, 1] > 0.5, "good", "bad")
    model = DistilledClassifier(
        teacher, hidden_layer_sizes=(), max_iter=8, random_state=0
    )
    return model.fit(X, y), X


def score_by_hand(card, row, shift=0):
    """Add up points as a clerk does, with pandas and nothing of the package."""
    total = card.loc[card["kind"] == "base", "points"].item()
    for name, part in card.groupby("column"):
        value = row[name]
        if pd.isna(value):
            found = part[part["kind"] == "missing"]
        elif (part["kind"] == "range").any():
            found = part[(part["from"] <= value) & (value < part["to"])]
        else:
            found = part[part["level"] == str(value)]
            if found.empty:
                found = part[part["kind"] == "other levels"]
        total += found["points"].item()
    return total


def test_a_clerk_gets_the_probability_of_the_student(fitted):
    model, X = fitted
    card = to_scorecard(model)
    X = X.iloc[:100].astype({"purpose": object})
    X.iloc[3, 5], X.iloc[4, 0], X.iloc[5, 0] = "boat", -1e9, 1e9
    X.loc[6:9, ["income", "age", "purpose"]] = [np.nan, np.nan, None]
    scores = np.array([score_by_hand(card, row) for _, row in X.iterrows()])
    assert_array_equal(scorecard_points(card, X), scores)
    odds = 50 * 2 ** ((scores - 600) / 20)
    difference = np.abs(odds / (1 + odds) - model.student_.predict_proba(X)[:, 1])
    assert difference.max() < 0.05
    verification = verify(model, card, X, tolerance=0.05)
    assert verification.passed
    assert verification.greatest_difference == pytest.approx(difference.max(), abs=1e-6)


@pytest.mark.parametrize(("points", "bar"), [(20, 0.05), (200, 0.01)])
@pytest.mark.parametrize("weight_dtype", ["int8", "float16", "float32"])
def test_the_greatest_difference_of_ten_columns(fitted, points, bar, weight_dtype):
    model, X = fitted
    student, _ = quantize(model, weight_dtype)
    card = to_scorecard(student, points_to_double_odds=points, X=X)
    for rows in (X, frame(3000, seed=1)):
        assert verify(student, card, rows).greatest_difference < bar


def test_rows_of_the_card(fitted):
    model, X = fitted
    card = to_scorecard(model, X=X)
    assert card.columns.tolist() == ["column", "kind", "from", "to", "level", "points"]
    assert card["points"].dtype == np.int64
    base = card.iloc[0]
    assert base["kind"] == "base"
    assert base["level"] == (
        "points_to_double_odds=20; base_score=600; base_odds=50; odds of good"
    )
    listed = card["column"].iloc[1:].drop_duplicates().tolist()
    assert listed == [name for name in X.columns if name != "country"]
    for _, part in card.groupby("column"):
        ranges = part[part["kind"] == "range"]
        if len(ranges):
            assert ranges["from"].iloc[0] == -np.inf
            assert ranges["to"].iloc[-1] == np.inf
            assert_array_equal(ranges["from"].iloc[1:], ranges["to"].iloc[:-1])
            assert (np.diff(ranges["points"]) != 0).all()
            assert ranges["level"].isna().all()
            assert len(part) == len(ranges) + 1  # and one for a missing value
        else:
            kinds = part["kind"].tolist()
            assert kinds == ["level"] * (len(part) - 2) + ["other levels", "missing"]
            assert part["from"].isna().all()
    levels = card[card["column"] == "owner"]["level"].iloc[:2].tolist()
    assert sorted(levels) == ["False", "True"]
    assert sorted(card[card["column"] == "region"]["level"].iloc[:3]) == list("123")


def test_a_bank_that_writes_one_for_a_default(fitted, tmp_path):
    """The points are those of a student that learned the labels in reverse order."""
    model, X = fitted
    student = model.student_
    path = tmp_path / "card.csv"
    card = to_scorecard(model, path, pos_label="bad", X=X, verify_on=X)
    assert card["level"].iloc[0].endswith("; odds of bad")
    log_odds = -student.decision_function(X)
    exact = 600 + 20 / math.log(2) * (log_odds - math.log(50))
    for artefact in (path, card):
        scores = scorecard_points(artefact, X)
        assert np.abs(scores - exact).max() < 5.5
        assert verify(model, artefact, X).passed
    usual = to_scorecard(model, pos_label="good", X=X)
    pd.testing.assert_frame_equal(usual, to_scorecard(model, X=X))
    numbered = Student(
        student.coefs_,
        student.intercepts_,
        student.activation,
        [0, 1],
        student.input_code,
        student.knot_table_,
        feature_names=student.names,
        offsets=student.offsets_,
    )
    unsaid = card["level"].iloc[0].split("; odds of")[0]
    usual.loc[0, "level"] = unsaid  # a card that does not say it is about classes_[1]
    assert verify(numbered, usual, X).passed
    with pytest.raises(ValueError, match=r"the odds of 'bad', which is not .*\[0, 1\]"):
        verify(numbered, card, X)
    assert verify(numbered, to_scorecard(numbered, pos_label=0), X).passed
    with pytest.raises(ValueError, match="pos_label='poor' is not among the classes"):
        to_scorecard(model, pos_label="poor")


def test_points_per_unit_of_either_label():
    student = Student([[[0.05]]], [[-1.0]], "relu", [0, 1], offsets=[1000.0])
    X = 1000 + np.linspace(-90, 90, 50)[:, np.newaxis]
    for pos_label in (0, 1):
        card = to_scorecard(student, pos_label=pos_label)
        assert verify(student, card, X).greatest_difference < 0.02


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("max_ranges", [2, 5])
def test_a_greatest_number_of_ranges(fitted, max_ranges, known):
    model, X = fitted
    rows = X if known else None
    card = to_scorecard(model, max_ranges=max_ranges, X=rows)
    full = to_scorecard(model, X=rows)
    n_ranges = card[card["kind"] == "range"].groupby("column").size()
    assert n_ranges.max() == max_ranges
    assert verify(model, card, X).n_rows == len(X)  # every value has points
    differences = {
        name: verify(model, made, X).greatest_difference
        for name, made in (("merged", card), ("full", full))
    }
    assert differences["merged"] > differences["full"]
    same = to_scorecard(model, max_ranges=1000, X=rows)
    pd.testing.assert_frame_equal(same, full)


def test_the_best_ranges_of_any_kind(fitted):
    """No other two edges of the full card have a smaller error over the rows."""
    model, X = fitted
    function = shape_functions(model.student_)[0]
    exact = 20 / math.log(2) * function.of(X["income"])[:, 0]
    full = edges(to_scorecard(model, X=X), "income")

    def error_of(cuts):
        groups = np.searchsorted(cuts, X["income"], side="right")
        return sum(
            np.square(exact[groups == g] - exact[groups == g].mean()).sum()
            for g in np.unique(groups)
        )

    # The error of all pairs at once, from sums over the rows in their order.
    in_order = exact[np.argsort(X["income"].to_numpy())]
    sums, squares = (np.append(0, np.cumsum(in_order**power)) for power in (1, 2))

    def error_between(start, end):
        of_mean = (sums[end] - sums[start]) ** 2 / np.maximum(end - start, 1)
        return squares[end] - squares[start] - of_mean

    pairs = list(combinations(full, 2))
    low, high = np.searchsorted(np.sort(X["income"]), np.array(pairs)).T
    errors = error_between(0, low) + error_between(low, high)
    errors += error_between(high, len(exact))
    for i in (0, len(pairs) // 2, errors.argmin()):
        assert errors[i] == pytest.approx(error_of(pairs[i]))
    found = edges(to_scorecard(model, X=X, max_ranges=3), "income")
    assert len(found) == 2
    assert error_of(found) <= errors.min() * 1.05


@pytest.mark.parametrize("value", [1, 0, -3, 2.5, "5", True])
def test_numbers_of_ranges_that_are_none(value):
    with pytest.raises(ValueError, match=f"max_ranges={value!r} is not a whole num"):
        to_scorecard(make_additive(), max_ranges=value)


def test_ranges_without_rows_or_an_input_code():
    student = Student([[[0.05]]], [[-1.0]], "relu", [0, 1])
    with pytest.raises(ValueError, match="max_ranges=4 needs rows, because the stud"):
        to_scorecard(student, max_ranges=4)
    X = np.linspace(-90, 90, 50)[:, np.newaxis]
    card = to_scorecard(student, max_ranges=4, X=X)
    assert len(card) == 5


def test_columns_of_whole_numbers(fitted):
    """Rows show that ages are whole. A flag of two values needs no rows."""
    model, X = fitted
    for card in (to_scorecard(model), to_scorecard(model, X=X)):
        assert_array_equal(edges(card, "phone"), [0.5])
    assert not all(edge.is_integer() for edge in edges(to_scorecard(model), "age"))
    assert all(edge.is_integer() for edge in edges(card, "age"))
    assert edges(card, "credits") == [2.0, 3.0, 4.0]
    assert not all(edge.is_integer() for edge in edges(card, "income"))
    # Points of whole numbers alone leave gaps, so that they are shifted otherwise.
    exact = model.student_.decision_function(X) - math.log(50)
    difference = scorecard_points(card, X) - 600 - 20 / math.log(2) * exact
    assert np.abs(difference).max() < 4.5


def edges(card, name):
    part = card[(card["column"] == name) & (card["kind"] == "range")]
    return part["from"].iloc[1:].tolist()


@pytest.mark.parametrize("max_ranges", [None, 6])
@pytest.mark.parametrize("points", [20, 200])
def test_points_of_a_monotone_column_are_monotone(points, max_ranges):
    X = frame(600)[["income", "age", "rate"]]
    y = np.random.default_rng(0).random(600) < teacher(frame(600))[:, 1]
    model = DistilledClassifier(
        RandomForestClassifier(20, random_state=0),
        hidden_layer_sizes=(),
        monotonic_cst={"income": 1, "age": -1},
        max_iter=5,
        random_state=0,
    ).fit(X, y)
    card = to_scorecard(model, points_to_double_odds=points, max_ranges=max_ranges, X=X)
    ranges = card[card["kind"] == "range"].groupby("column")["points"]
    assert ranges.get_group("income").is_monotonic_increasing
    assert "age" not in ranges.groups or (
        ranges.get_group("age").is_monotonic_decreasing
    )


@given(
    n_linear=st.integers(0, 3),
    bins=st.lists(st.integers(2, 9), max_size=4),
    levels=st.lists(st.integers(1, 5), max_size=3),
    seed=st.integers(0, 99),
    points=st.floats(1.0, 200.0),
    base_score=st.floats(-1e4, 1e4),
    base_odds=st.floats(1e-3, 1e3),
)
@settings(max_examples=25, deadline=None)
def test_any_student_differs_by_rounding_alone(
    n_linear, bins, levels, seed, points, base_score, base_odds
):
    student = make_additive(1, n_linear, bins, levels, seed)
    card = to_scorecard(
        student,
        points_to_double_odds=points,
        base_score=base_score,
        base_odds=base_odds,
    )
    code = student.input_code
    numbers = oracle.random_numbers(code, 100, seed)
    for _, row in card[card["kind"] == "range"].iterrows():
        numbers[: len(numbers) // 9, int(row["column"][1:])] = np.float32(row["to"])
    numbers[np.isinf(numbers)] = 9.0
    X = oracle.labelled_table(code, numbers) if levels else numbers
    factor = points / math.log(2)
    exact = student.decision_function(X) - math.log(base_odds)
    difference = scorecard_points(card, X) - (base_score + factor * exact)
    n_columns = n_linear + len(bins) + len(levels)
    assert np.abs(difference).max() <= 0.51 * n_columns + 0.5 + 1e-4 * factor


def test_shifts_lower_the_greatest_error():
    """Ten flags whose points end in a half: rounding each of them loses five points."""
    factor = 20 / math.log(2)
    table = np.tile([2.49, -1.51, 0.0, 0.0], 10)[:, np.newaxis] / factor
    code = InputCode(10, categorical=range(10), levels=[["a", "b"]] * 10, **NOTHING)
    student = Student([np.empty((0, 1))], [[0.0]], "relu", ["bad", "good"], code, table)
    X = np.array([["a"] * 10, ["b"] * 10, ["a", "b"] * 5])
    scores = scorecard_points(to_scorecard(student), X)
    exact = 600 + factor * (student.decision_function(X) - math.log(50))
    assert np.abs(scores - exact).max() < 2.6


def test_a_student_without_an_input_code():
    X, y = make_classification(500, 6, random_state=0)
    linear = LogisticRegression().fit(X, y)
    student = Student([linear.coef_.T], [linear.intercept_], "relu", [0, 1])
    card = to_scorecard(student)
    assert card["kind"].tolist() == ["base"] + ["per unit"] * 6
    assert verify(student, card, csr_matrix(X)).passed
    assert verify(student, card, X, tolerance=0.05).passed
    far = X * 1e3
    assert verify(student, card, far, tolerance=0.05).passed
    ranges = to_scorecard(student, X=X, verify_on=X)
    assert set(ranges["kind"]) == {"base", "range"}
    with pytest.raises(ValueError, match="no points for a missing value of column"):
        scorecard_points(card, np.full((1, 6), np.nan))
    card = to_scorecard(student, points_to_double_odds=200)
    assert verify(student, card, X, tolerance=0.01).passed


@pytest.mark.parametrize("known", [False, True])
def test_offsets_without_an_input_code(known):
    offsets = np.array([1.7e9, 0.0])
    student = Student(
        [[[0.01], [2.0]]], [[0.5]], "relu", ["bad", "good"], offsets=offsets
    )
    X = oracle.RNG(0).normal(size=(300, 2)) * [300.0, 1.0] + offsets
    card = to_scorecard(student, X=X if known else None)
    verification = verify(student, card, X)
    assert verification.greatest_difference < 0.013


def test_a_fitted_student_without_an_input_code():
    X, y = make_classification(300, 4, n_informative=3, n_redundant=0, random_state=0)
    forest = RandomForestClassifier(10, random_state=0)
    model = DistilledClassifier(
        forest, hidden_layer_sizes=(), encoder=None, max_iter=3, random_state=0
    ).fit(X, y)
    assert verify(model, to_scorecard(model), X, tolerance=0.05).passed


def test_the_file(fitted, tmp_path):
    model, X = fitted
    path = tmp_path / "card.csv"
    card = to_scorecard(model, path, verify_on=X)
    assert os.listdir(tmp_path) == ["card.csv"]
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["points"]) for row in rows] == card["points"].tolist()
    assert_array_equal(scorecard_points(path, X), scorecard_points(card, X))
    assert_array_equal(
        scorecard_points(pl.from_pandas(card), X), scorecard_points(card, X)
    )
    read = pd.read_csv(path)
    assert_array_equal(scorecard_points(read, X), scorecard_points(card, X))
    for artefact in (path, str(path), card, read):
        assert verify(model, artefact, X, tolerance=0.05).passed
    assert verify(model, path, X).tolerance == 0.05
    assert not verify(model, path, X, tolerance=1e-5).passed
    again = to_scorecard(model.student_, path)
    pd.testing.assert_frame_equal(again, card)


def test_a_file_that_a_program_for_tables_saved(fitted, tmp_path):
    """It begins with a mark, and infinite ends have become empty cells."""
    model, X = fitted
    path = tmp_path / "card.csv"
    expected = scorecard_points(to_scorecard(model, path), X)
    text = path.read_text().replace("-inf,", ",").replace(",inf,", ",,")
    path.write_text(text.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert_array_equal(scorecard_points(path, X), expected)


def test_names_and_levels_that_need_quotes(tmp_path):
    levels = ['say "x", y', "line\nbreak", "", " NA ", "ü", "missing", "other levels"]
    code = InputCode(1, categorical=[0], levels=[levels], **NOTHING)
    table = np.arange(9.0)[:, np.newaxis]
    student = Student(
        [np.empty((0, 1))], [[0.0]], "relu", [0, 1], code, table, feature_names=["b,c"]
    )
    path = tmp_path / "card.csv"
    card = to_scorecard(student, path)
    X = pd.DataFrame({"b,c": [*levels, "unseen", None]})
    with pytest.raises(ValueError, match="a level needs a text: pandas reads some tex"):
        scorecard_points(pd.read_csv(path), X)
    for artefact in (path, card, pd.read_csv(path, keep_default_na=False)):
        verification = verify(student, artefact, X, tolerance=0.05)
        assert verification.passed
        assert len(np.unique(scorecard_points(artefact, X))) == 9


def test_a_card_that_was_changed_fails(fitted, tmp_path):
    model, X = fitted
    path = tmp_path / "card.csv"
    card = to_scorecard(model, path)
    changed = card.copy()
    changed.loc[0, "points"] += 30
    assert not verify(model, changed, X, tolerance=0.05).passed
    kept = path.read_bytes()
    with pytest.raises(ValueError, match="does not answer as the student"):
        to_scorecard(model, path, verify_on=X, tolerance=1e-5)
    assert path.read_bytes() == kept
    with pytest.raises(ValueError, match="does not answer as the student"):
        to_scorecard(model, verify_on=X, tolerance=1e-5)


def test_columns_of_one_number_of_points_are_not_listed():
    """Flat columns and columns without use go into the base."""
    code = InputCode(
        3,
        **NOTHING | {"knotted": [0, 2], "knots": [[0, 1, 2]] * 2},
        categorical=[],
        levels=[],
    )
    table = np.array([[0.001, 0.002, 0.0, 0.0, 1.0, 2.0, 3.0, 1.0]]).T
    student = Student([np.empty((0, 1))], [[0.0]], "relu", [0, 1], code, table)
    card = to_scorecard(student)
    assert card["column"].iloc[1:].unique().tolist() == ["x2"]
    nothing = Student([np.empty((0, 1))], [[0.0]], "relu", [0, 1], code, 0 * table)
    card = to_scorecard(nothing, base_odds=1)
    assert card[["kind", "points"]].to_numpy().tolist() == [["base", 600]]
    assert verify(nothing, card, np.ones((2, 3))).passed


def test_a_table_in_another_form(fitted):
    model, X = fitted
    card = to_scorecard(model)
    expected = scorecard_points(card, X)
    other = X[X.columns[::-1]].assign(extra=1)
    assert_array_equal(scorecard_points(card, other), expected)
    assert_array_equal(
        scorecard_points(card, pl.from_pandas(X.astype({"region": int}))), expected
    )
    assert verify(model.student_, card, X.astype(object), tolerance=0.05).passed


@pytest.mark.parametrize("value", [0, -1.5, np.nan, np.inf, "20", None, True])
@pytest.mark.parametrize("name", ["points_to_double_odds", "base_odds"])
def test_scales_that_are_none(name, value):
    with pytest.raises(
        ValueError, match=f"{name}={value!r} is not a finite number abo"
    ):
        to_scorecard(make_additive(), **{name: value})


@pytest.mark.parametrize("value", [np.nan, -np.inf, "600", None])
def test_base_scores_that_are_none(value):
    with pytest.raises(
        ValueError, match=f"base_score={value!r} is not a finite number"
    ):
        to_scorecard(make_additive(), base_score=value)


def test_scales_that_are_too_large():
    with pytest.raises(
        ValueError, match=r"points_to_double_odds=10+.* of about .* ran"
    ):
        to_scorecard(make_additive(), points_to_double_odds=10**8)
    with pytest.raises(ValueError, match="base_score=1e"):
        to_scorecard(make_additive(), base_score=1e300)


def test_students_that_have_no_scorecard(tmp_path):
    with pytest.raises(ValueError, match=r"student has hidden layers of 5 units"):
        to_scorecard(make_student((4, 5, 1)), tmp_path / "card.csv")
    with pytest.raises(ValueError, match=r"student has 3 classes \(\[0, 1, 2\]\)"):
        to_scorecard(make_additive(3), tmp_path / "card.csv")
    with pytest.raises(NotFittedError):
        to_scorecard(DistilledClassifier())
    with pytest.raises(TypeError, match="model is a LogisticRegression"):
        to_scorecard(LogisticRegression())
    pipeline = make_pipeline(StandardScaler(), DistilledClassifier())
    with pytest.raises(TypeError, match=r"is a Pipeline, .*: give its last step, mode"):
        to_scorecard(pipeline)
    search = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2)
    search.fit([[0], [1]] * 4, [0, 1] * 4)
    with pytest.raises(TypeError, match="GridSearchCV, .*: give its best_estimator_"):
        to_scorecard(search)
    with pytest.raises(ValueError, match="ends in '.txt': it needs to end in .csv"):
        to_scorecard(make_additive(), tmp_path / "card.txt")
    with pytest.raises(ValueError, match="tolerance=-1 is not a number"):
        to_scorecard(make_additive(), tolerance=-1)
    with pytest.raises(TypeError, match="X is sparse"):
        to_scorecard(make_student((4, 1)), X=csr_matrix(np.eye(4)))
    code = InputCode(1, categorical=[0], levels=[[1, "1"]], **NOTHING)
    student = Student(
        [np.empty((0, 1))], [[0.0]], "relu", [0, 1], code, np.zeros((4, 1))
    )
    with pytest.raises(ValueError, match="'x0' has the levels 1 and '1', which a sco"):
        to_scorecard(student)
    assert not os.listdir(tmp_path)


def test_what_is_no_scorecard(fitted, tmp_path):
    model, X = fitted
    card = to_scorecard(model)
    base_text = card["level"].iloc[0]
    with pytest.raises(TypeError, match="card is a list: give the DataFrame of"):
        scorecard_points([], X)
    with pytest.raises(ValueError, match=r"no scorecard: row 0 holds .*\('kind'\)"):
        scorecard_points(X, X)
    with pytest.raises(ValueError, match="it has 0 rows of the kind 'base', not one"):
        scorecard_points(card.iloc[1:], X)
    with pytest.raises(ValueError, match="X lacks the column 'age', which"):
        scorecard_points(card, X.drop(columns="age"))
    first = card.index[card["kind"] == "range"][0]
    with pytest.raises(
        ValueError, match=r"no points for the value .* of column 'income'"
    ):
        scorecard_points(card.drop(index=first), X)
    other = card[~((card["column"] == "purpose") & (card["kind"] == "other levels"))]
    with pytest.raises(ValueError, match="no points for the level 'boat' of column 'p"):
        scorecard_points(other, X.assign(purpose="boat"))
    with pytest.raises(ValueError, match="row 0 holds .*points need to be finite"):
        scorecard_points(card.assign(points=np.inf), X)
    kind = card["kind"].replace("range", "interval")
    with pytest.raises(ValueError, match="a row of the kind 'interval', which is not"):
        scorecard_points(card.assign(kind=kind), X)
    with pytest.raises(
        ValueError, match=r"two ranges of column 'income' for the value"
    ):
        scorecard_points(card.assign(to=card["to"] + 1), X)
    twice = pd.concat([card, card[card["column"] == "owner"]])
    with pytest.raises(ValueError, match="has rows of column 'owner' twice: 'level'"):
        scorecard_points(twice, X)
    with pytest.raises(ValueError, match="X holds the column 'age' twice"):
        scorecard_points(card, pd.concat([X, X[["age"]]], axis=1))
    with pytest.raises(ValueError, match="card does not say its scale: the level of"):
        verify(model, card.replace({"level": {base_text: "600"}}), X)
    with pytest.raises(FileNotFoundError):
        verify(model, tmp_path / "none.csv", X)
    unnamed = card.assign(column=card["column"].replace({"age": None}))
    with pytest.raises(ValueError, match="names no column: pandas reads some names"):
        scorecard_points(unnamed, X)


@pytest.mark.parametrize("odds", ["0", "-5", "inf", "many"])
def test_a_scale_that_cannot_be(fitted, odds):
    model, X = fitted
    card = to_scorecard(model)
    for name in ("base_odds=50", "points_to_double_odds=20"):
        changed = f"{name.split('=')[0]}={odds}"
        level = card["level"].str.replace(name, changed)
        with pytest.raises(ValueError, match=f"the scale '.*{changed}.*needs finite"):
            verify(model, card.assign(level=level), X)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding(fitted, encoding, tmp_path):
    model, X = fitted
    path = tmp_path / "card.csv"
    to_scorecard(model, path)
    text = path.read_text(encoding="utf-8").replace("income", "Löhne")
    path.write_text(text, encoding=encoding)
    with pytest.raises(ValueError, match=r"card\.csv' is no CSV in UTF-8: save it as"):
        scorecard_points(path, X)


def test_without_pandas(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match=r"install it, or skdistill\[table\]"):
        to_scorecard(make_additive())
