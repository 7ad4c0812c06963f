"""Students that only rise, or only fall, in some columns."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV

from skdistill import DistilledClassifier, Student, TabularEncoder, compress_to
from skdistill.export import quantize
from skdistill.training import short_trainings
from skdistill.training.loop import train
from tests.monotone import count_violations, ordered_pairs
from tests.oracle import RNG

NAMES = ["income", "debt", "age", "owner", "region"]
SIGNS = {"income": 1, "debt": -1, "owner": 1}


def make_problem(n_rows, seed=0):
    """Return rows and labels. The risk rises in income and owner, falls in debt."""
    rng = RNG(seed)
    X = rng.normal(size=(n_rows, 5))
    X[:, 3] = rng.integers(2, size=n_rows)
    X[:, 4] = rng.integers(3, size=n_rows)
    logit = 2 * np.tanh(X[:, 0]) - X[:, 1] + np.sin(3 * X[:, 2]) + X[:, 3] - 0.5
    y = np.where(rng.random(n_rows) < 1 / (1 + np.exp(-logit)), "good", "bad")
    X[rng.random(n_rows) < 0.1, 0] = np.nan
    return pd.DataFrame(X, columns=NAMES), np.where(y == "good", 1, 0)


X, Y = make_problem(700)
X_TEST, Y_TEST = make_problem(3000, seed=1)
BOOSTING = HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(X, Y)


def additive(**parameters):
    defaults = {"hidden_layer_sizes": (), "max_iter": 100, "weight_decay": 0.1}
    return DistilledClassifier(BOOSTING, random_state=0, **{**defaults, **parameters})


@pytest.fixture(scope="module")
def free():
    """A student without a constraint."""
    return additive().fit(X, Y)


def violations(student, column, sign):
    """Return the number of pairs of rows with answers in the wrong order."""
    pairs = ordered_pairs(student, column, missing=student.input_code is not None)
    logits = [student.decision_function(rows) for rows in pairs]
    second = [student.predict_proba(rows)[:, 1] for rows in pairs]
    return count_violations(*logits, sign) + count_violations(*second, sign)


@pytest.mark.parametrize("encoder", ["auto", None, TabularEncoder(n_bins=0)], ids=str)
@pytest.mark.parametrize("signs", [(1, -1, 0, 1, 0), (-1, 1, 1, -1, 1)], ids=str)
def test_a_constrained_student_only_rises(encoder, signs, tmp_path):
    """Also against what the rows say, in each type, and after saving."""
    rows = X.fillna(0.0)
    model = additive(monotonic_cst=signs, encoder=encoder, weight_dtype="float32")
    model.fit(rows, Y)
    model.student_.save(tmp_path / "student.npz")
    saved = Student.load(tmp_path / "student.npz")
    students = [quantize(saved, dtype).student for dtype in ("int8", "float16")]
    for column, sign in enumerate(signs):
        if sign:
            for student in (model.student_, saved, *students):
                assert violations(student, column, sign) == 0, (column, student)


def test_the_log_probabilities_of_a_constrained_student_only_rise():
    model = additive(monotonic_cst={"age": 1}).fit(X, Y)
    pairs = ordered_pairs(model.student_, 2)
    lower, higher = (
        model.predict_log_proba(pd.DataFrame(rows, columns=NAMES)) for rows in pairs
    )
    assert lower.dtype == np.float32
    assert count_violations(lower[:, 1], higher[:, 1], 1) == 0
    assert count_violations(lower[:, 0], higher[:, 0], -1) == 0


def test_without_a_constraint_the_curves_fall_somewhere(free):
    assert violations(free.student_, 0, 1) > 100
    assert violations(free.student_, 2, 1) > 100


def test_names_and_an_array_give_the_same_student():
    named = additive(monotonic_cst=SIGNS).fit(X, Y)
    array = additive(monotonic_cst=np.array([1, -1, 0, 1, 0])).fit(X, Y)
    assert_array_equal(named.predict_proba(X_TEST), array.predict_proba(X_TEST))


@pytest.mark.parametrize("constraint", [None, {}, [0] * 5, {"age": 0}], ids=str)
def test_no_constraint_changes_no_bit(constraint, free):
    model = additive(monotonic_cst=constraint).fit(X, Y)
    assert_array_equal(model.predict_proba(X_TEST), free.predict_proba(X_TEST))
    additive(monotonic_cst=constraint, hidden_layer_sizes=(4,), max_iter=2).fit(X, Y)


def test_a_right_constraint_costs_nothing_and_clipping_is_no_better():
    """The truth rises and falls as the constraint says."""

    def loss(student):
        return log_loss(Y_TEST, student.predict_proba(X_TEST))

    free = additive(weight_dtype="float32").fit(X, Y).student_
    held = additive(weight_dtype="float32", monotonic_cst=SIGNS).fit(X, Y).student_
    assert loss(held) < loss(free) + 0.003
    assert loss(held) < loss(clipped(free, {0: 1, 1: -1})) + 0.003


def clipped(student, signs):
    """Return a student whose curves are made monotone after training."""
    table, code = student.knot_table_.copy(), student.input_code
    for feature, start, knots in zip(
        code.knotted, code.starts, code.knots, strict=False
    ):
        if feature in signs:
            curve = signs[feature] * table[start : start + knots.size]
            table[start : start + knots.size] = signs[feature] * np.maximum.accumulate(
                curve
            )
    return Student(
        student.coefs_,
        student.intercepts_,
        "relu",
        student.classes_,
        code,
        table,
        feature_names=NAMES,
    )


def test_a_warm_start_keeps_to_a_new_constraint():
    model = additive(warm_start=True).fit(X, Y)
    assert violations(model.student_, 2, 1) > 0
    model.set_params(monotonic_cst={"age": 1}, max_iter=3).fit(X, Y)
    assert violations(model.student_, 2, 1) == 0
    model.fit(X, Y)
    assert violations(model.student_, 2, 1) == 0


def test_early_stopping_and_rows_without_labels_keep_to_it():
    model = additive(monotonic_cst={"age": 1}, early_stopping=True)
    model.fit(X, Y, X_unlabeled=X_TEST[:200])
    assert violations(model.student_, 2, 1) == 0


def test_short_trainings_keep_to_it(monkeypatch):
    """So the decay that they choose suits a constrained student."""
    trained = []

    def spy(network, *arguments):
        history = train(network, *arguments)
        trained.append(network)
        return history

    monkeypatch.setattr(short_trainings, "train", spy)
    model = additive(monotonic_cst=SIGNS, weight_decay="auto", max_iter=2).fit(X, Y)
    assert len(trained) > 2
    for network in trained:
        assert network.signs.any()
        assert (network.signs * network.parameters >= 0).all()
    assert violations(model.student_, 0, 1) == 0


def test_constant_columns_may_be_constrained():
    rows = X.assign(age=1.0)
    model = additive(monotonic_cst={"age": 1, "debt": -1}).fit(rows, Y)
    assert violations(model.student_, 1, -1) == 0


def test_a_search_chooses_among_constraints():
    grid = {"monotonic_cst": [None, SIGNS, [1, -1, 0, 1, 0]]}
    search = GridSearchCV(additive(max_iter=3), grid, cv=2, error_score="raise")
    assert search.fit(X, Y).best_params_["monotonic_cst"] in grid["monotonic_cst"]
    copy = clone(search.best_estimator_)
    assert copy.monotonic_cst == search.best_params_["monotonic_cst"]


def test_compression_keeps_to_it(free):
    model = additive(monotonic_cst={"age": -1}, max_iter=20)
    found = compress_to(model, X, Y, max_points_lost=60, random_state=0)
    for student in (found.estimator_.student_, free.student_):
        knotted = 2 in student.input_code.knotted
        assert knotted or 2 in student.input_code.linear
    assert violations(found.estimator_.student_, 2, -1) == 0


WITH_TEXT = X.assign(town=np.where(X["age"] > 0, "Rome", "Oslo"))


@pytest.mark.parametrize(
    ("rows", "parameters", "message"),
    [
        (X, {"monotonic_cst": [1, 0]}, r"has shape \(2,\), and X has 5 columns"),
        (X, {"monotonic_cst": [[1, 0, 0, 0, 0]]}, r"has shape \(1, 5\), and X has 5"),
        (X, {"monotonic_cst": [2, 0, 0, 0, 0]}, "is 2 for column 'income' of X"),
        (X, {"monotonic_cst": {"age": 0.5}}, "is 0.5 for column 'age' of X"),
        (X, {"monotonic_cst": {"age": "up"}}, "is 'up' for column 'age' of X"),
        (X, {"monotonic_cst": {"age": pd.NA}}, "is <NA> for column 'age' of X"),
        (X, {"monotonic_cst": [1j, 0, 0, 0, 0]}, "is 1j for column 'income' of X"),
        (X, {"monotonic_cst": {"size": 1}}, "columns that X does not have: 'size'"),
        (X.to_numpy(), {"monotonic_cst": {"age": 1}}, "and X has none"),
        (
            X,
            {"monotonic_cst": SIGNS, "hidden_layer_sizes": (8,)},
            "with hidden layers cannot promise",
        ),
        (
            WITH_TEXT,
            {"monotonic_cst": {"town": 1}},
            "'town' of X, which holds categories",
        ),
        (
            csr_matrix(X.fillna(0)),
            {"monotonic_cst": [1, 0, 0, 0, 0]},
            "monotonic_cst is given, and X is sparse",
        ),
    ],
)
def test_wrong_constraints_are_refused_before_any_work(rows, parameters, message):
    class NeverFitted(LogisticRegression):
        def fit(self, X, y):
            raise AssertionError("the teacher was fitted")

    model = additive(**parameters).set_params(teacher=NeverFitted())
    with pytest.raises(ValueError, match=message):
        model.fit(rows, Y)
    assert not hasattr(model, "n_features_in_")


def test_more_than_two_classes_are_refused():
    y = np.arange(len(X)) % 3
    rows = X.fillna(0.0)
    teacher = LogisticRegression()
    with pytest.raises(ValueError, match="there are 3 classes: with more than two"):
        additive(monotonic_cst=SIGNS).set_params(teacher=teacher).fit(rows, y)
    stored = additive(monotonic_cst=SIGNS).set_params(teacher="precomputed")
    with pytest.raises(ValueError, match="there are 3 classes: with more than two"):
        stored.fit(rows, teacher_proba=np.full((len(X), 3), 1 / 3))


def test_compression_refuses_hidden_layers():
    model = additive(monotonic_cst=SIGNS, hidden_layer_sizes=(16,))
    with pytest.raises(ValueError, match="with hidden layers cannot promise"):
        compress_to(model, X, Y)
