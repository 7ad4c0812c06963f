"""Answers of teachers in forms that libraries have, and faults of what is given."""

import re
import warnings
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import coo_array, csc_array, csr_matrix
from scipy.special import expit, logit
from sklearn.datasets import make_classification
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistilledClassifier
from skdistill.tasks.classes import Classification
from skdistill.teachers import teacher as teachers
from skdistill.teachers.out_of_bag import out_of_bag_answers

X, CODES = make_classification(200, 6, n_informative=4, random_state=0)
Y = np.array(["no", "yes"])[CODES]
FOREST = RandomForestClassifier(20, max_depth=3, random_state=0).fit(X, Y)


def second(rows):
    return FOREST.predict_proba(rows)[:, 1]


def both(rows):
    # As a client computes them from the second.
    return np.column_stack([1 - second(rows), second(rows)])


def distil(teacher, **parameters):
    parameters = {
        "max_iter": 5,
        "hidden_layer_sizes": (8,),
        "n_synthetic": 100,
        "weight_decay": 0.3,
        "calibrate_teacher": False,
        "random_state": 0,
        **parameters,
    }
    return DistilledClassifier(teacher, **parameters)


FORMS = {
    "a row of numbers": lambda p: p,
    "one column": lambda p: p[:, np.newaxis],
    "a list": lambda p: p.tolist(),
    "a Series": pd.Series,
    "a Series with a name": lambda p: pd.Series(p, name="score"),
    "a Series of polars": pl.Series,
    "a frame": pd.DataFrame,
    "a frame of polars": lambda p: pl.DataFrame({"probability": p}),
    "a column of the first class": lambda p: pd.DataFrame({"no": 1 - p}),
    "a column of the second class": lambda p: pl.DataFrame({"yes": p}),
}


@pytest.mark.parametrize(
    ("form", "labels"),
    [*((form, Y) for form in FORMS), ("a frame", CODES), ("a row of numbers", None)],
)
def test_one_number_a_row_is_the_probability_of_the_second_class(form, labels):
    expected = distil(both).fit(X, labels)
    model = distil(lambda rows: FORMS[form](second(rows))).fit(X, labels)
    assert_array_equal(model.classes_, expected.classes_)
    wanted = expected.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), wanted, atol=1e-5)
    expected = distil("precomputed").fit(X, labels, teacher_proba=both(X))
    given = FORMS[form](second(X))
    model = distil("precomputed").fit(X, labels, teacher_proba=given)
    wanted = expected.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), wanted, atol=1e-5)


def test_the_second_class_is_the_second_of_the_teacher():
    def answer(rows):
        return 1 - second(rows)

    answer.classes_ = ["yes", "no"]
    model = distil(answer).fit(X, Y)
    assert model.score(X, Y) > 0.75
    assert model.classes_.tolist() == ["no", "yes"]


class Booster:
    """A model of a library whose `predict_proba` returns the second class alone."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, rows):
        return second(rows)


def test_a_model_that_returns_the_second_class_alone():
    assert_array_equal(
        distil(Booster()).fit(X, Y).predict_proba(X),
        distil(second).fit(X, Y).predict_proba(X),
    )


def test_a_decision_function_of_one_column():
    class Network:
        classes_ = np.array(["no", "yes"])

        def decision_function(self, rows):
            return logit(second(rows))[:, np.newaxis]

    expected = distil(second).fit(X, Y).predict_proba(X)
    found = distil(Network()).fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_sum_in_single_precision_may_exceed_one_a_little():
    proba = second(X).astype(np.float32)
    proba[proba.argmax()], proba[proba.argmin()] = 1.0000002, -1e-7
    found, expected = (
        distil("precomputed").fit(X, Y, teacher_proba=given).predict_proba(X)
        for given in (proba, proba.clip(0, 1))
    )
    assert_array_equal(found, expected)


def test_a_difference_may_be_below_zero_a_little():
    proba = np.column_stack([1 - second(X), second(X)])
    proba[proba.argmin(axis=0)] = [[-1e-17, 1.0], [1.0, -1e-7]]
    found, expected = (
        distil("precomputed").fit(X, Y, teacher_proba=given).predict_proba(X)
        for given in (proba, proba.clip(0))
    )
    assert_array_equal(found, expected)
    proba[0] = -1e-5, 1.0
    with pytest.raises(ValueError, match="is negative in row 0: .-1e-05"):
        distil("precomputed").fit(X, Y, teacher_proba=proba)


def test_logits_and_labels_are_no_probabilities():
    def logits(rows):
        return logit(second(rows))

    words = "from -.* the second class, .*give scipy.special.expit"
    with pytest.raises(ValueError, match=words):
        distil(logits).fit(X, Y)
    with pytest.raises(ValueError, match=words):
        distil("precomputed").fit(X, Y, teacher_proba=logits(X))
    distil(lambda rows: expit(logits(rows))).fit(X, Y)
    with pytest.raises(ValueError, match="from 1 to 2. It counts .* If they are label"):
        distil(lambda rows: (second(rows) > 0.5) + 1).fit(X, CODES + 1)
    with pytest.raises(ValueError, match="is not numeric: .*needed, not labels"):
        distil(FOREST.predict).fit(X, Y)


def test_one_number_a_row_does_not_serve_three_classes():
    three = np.arange(200) % 3
    with pytest.raises(ValueError, match=r"has shape \(200,\), not \(200, 3\)"):
        distil(second).fit(X, three)


def test_another_number_of_columns_later_is_refused():
    calls = []

    def answer(rows):
        calls.append(rows)
        return both(rows) if len(calls) == 1 else both(rows)[:, :1]

    with pytest.raises(ValueError, match="answer, has 1 columns, .* earlier .* 2"):
        distil(answer).fit(X, Y)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: np.ma.masked_less(p, 0.5), "is a masked array"),
        (lambda p: p + 0j, "type complex128: probabilities are real"),
        (lambda p: [p[0], p[1:].tolist()], "cannot be read as an array"),
        (lambda p: (p * 1e9).astype("M8[s]"), "type datetime64"),
    ],
)
def test_answers_that_numpy_would_change_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        distil(lambda rows: change(both(rows))).fit(X, Y)


class Bfloat16:
    """A tensor of PyTorch whose type NumPy does not have."""

    def __init__(self, values):
        self.shape = values.shape

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")


def test_a_tensor_that_numpy_cannot_read_is_named():
    class Model:
        classes_ = np.array(["no", "yes"])

        def predict_proba(self, rows):
            return Bfloat16(both(rows))

    words = "teacher, Model, cannot be read as an array: Got unsupported .* BFloat16"
    with pytest.raises(ValueError, match=words):
        distil(Model()).fit(X, Y)


@pytest.mark.parametrize(
    "change",
    [
        partial(np.asarray, dtype=np.float32),
        np.ndarray.tolist,
        np.asfortranarray,
        partial(np.asarray, dtype=object),
        pd.DataFrame,
    ],
)
def test_forms_of_an_answer(change):
    class Model:
        classes_ = np.array(["no", "yes"])

        def predict_proba(self, rows):
            return change(both(rows))

    expected = distil(both).fit(X, Y).predict_proba(X)
    found = distil(Model()).fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-2)


@pytest.mark.parametrize("kind", [csr_matrix, csc_array, coo_array])
def test_sparse_answers_are_read(kind):
    expected = distil(both).fit(X, Y).predict_proba(X)
    found = distil(lambda rows: kind(both(rows))).fit(X, Y).predict_proba(X)
    assert_array_equal(found, expected)
    expected, found = (
        distil("precomputed").fit(X, Y, teacher_proba=given).predict_proba(X)
        for given in (both(X), kind(both(X)))
    )
    assert_array_equal(found, expected)


RECORDS = {
    "a list": lambda p: pd.DataFrame(p, columns=["no", "yes"]).to_dict("records"),
    "a dict": lambda p: dict(zip(["no", "yes"], p.T, strict=True)),
    "a structured array": lambda p: np.array(
        [tuple(row) for row in p], dtype=[("no", float), ("yes", float)]
    ),
}


@pytest.mark.parametrize("form", list(RECORDS))
def test_columns_with_names_belong_in_a_frame(form):
    def answer(rows):
        return RECORDS[form](both(rows))

    with pytest.raises(ValueError, match="of columns with names: give a data frame"):
        distil(answer).fit(X, Y)
    expected = distil(both).fit(X, Y).predict_proba(X)
    model = distil(lambda rows: pd.DataFrame(answer(rows))).fit(X, Y)
    assert_array_equal(model.predict_proba(X), expected)


@pytest.mark.parametrize(
    "change", [lambda p: p, lambda p: np.column_stack([~p, p]), np.ndarray.tolist]
)
def test_truth_values_are_no_probabilities(change):
    with pytest.raises(ValueError, match="truth values.*Give predict_proba in place"):
        distil(lambda rows: change(second(rows) > 0.5)).fit(X, Y)
    with pytest.raises(ValueError, match="teacher_proba holds truth values"):
        distil("precomputed").fit(X, Y, teacher_proba=change(second(X) > 0.5))


@pytest.mark.parametrize("calibrate", ["auto", False])
def test_labels_as_probabilities_are_doubted(calibrate):
    def labels(rows):
        return (second(rows) > 0.5).astype(int)

    words = "all are exactly 0 or 1.* look like labels. Give predict_proba in place"
    for teacher, given in ((labels, None), ("precomputed", labels(X)[:, np.newaxis])):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            distil(teacher, calibrate_teacher=calibrate).fit(X, Y, teacher_proba=given)
        found = [w for w in caught if re.search(words, str(w.message))]
        assert len(found) == 1
        assert found[0].filename == __file__


def test_a_model_that_is_sure_of_both_classes_is_not_doubted():
    tree = DecisionTreeClassifier(random_state=0).fit(X, Y)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        distil(tree.predict_proba).fit(X, Y)
        distil(second).fit(X, Y)
    assert not any("exactly 0 or 1" in str(w.message) for w in caught)


def shuffled(table):
    return table.sample(frac=1, random_state=0)


def test_answers_in_another_order_than_the_rows_are_refused():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    words = "has the rows of X in another order, by its index.*answers.to_numpy"

    def mixes(rows):
        return shuffled(pd.DataFrame(both(np.asarray(rows)), columns=["no", "yes"]))

    def sorts(rows):
        answer = pd.DataFrame(both(rows.to_numpy()), rows.index, ["no", "yes"])
        return answer.sort_index()

    def second_of_sorted(rows):
        return sorts(rows)["yes"]

    for teacher, rows in (
        (mixes, frame),
        (mixes, X),
        (sorts, shuffled(frame)),
        (second_of_sorted, shuffled(frame)),
        (sorts, frame.set_axis([f"row {i}" for i in range(200)])),
    ):
        with pytest.raises(ValueError, match=words):
            distil(teacher).fit(rows, Y)
    stored = sorts(shuffled(frame))
    with pytest.raises(ValueError, match=f"teacher_proba {words}"):
        distil("precomputed").fit(shuffled(frame), Y, teacher_proba=stored)


def test_answers_with_an_index_in_the_order_of_the_rows(monkeypatch):
    """An index that pandas made tells no order, nor does one of other rows."""
    monkeypatch.setattr(teachers, "ROWS_AT_ONCE", 64)
    frame = shuffled(pd.DataFrame(X, columns=list("abcdef")))
    labels = Y[frame.index]
    indices = [lambda rows: rows.index, lambda rows: None, lambda rows: rows.index + 7]
    indices.append(lambda rows: np.zeros(len(rows)))
    expected = distil(lambda rows: both(np.asarray(rows))).fit(frame, labels)
    for index in indices:

        def answer(rows, index=index):
            return pd.DataFrame(both(rows.to_numpy()), index(rows), ["no", "yes"])

        model = distil(answer).fit(frame, labels)
        proba = model.predict_proba(frame)
        assert_array_equal(proba, expected.predict_proba(frame))


# Messages


def test_a_teacher_that_takes_no_text():
    towns = np.array([["Bonn"], ["Rome"]], dtype=object)[CODES]
    codes = (towns == "Rome").astype(float)
    words = "LogisticRegression, refused the rows, .*'Bonn'.*make_pipeline"
    with pytest.raises(ValueError, match=words):
        distil(LogisticRegression().fit(codes, Y)).fit(towns, Y)
    teacher = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(towns, Y)
    assert distil(teacher).fit(towns, Y).score(towns, Y) == 1


def test_an_error_of_a_teacher_says_whose_it_is():
    def broken(rows):
        return {}["key"]

    with pytest.raises(KeyError, match="key") as error:
        distil(broken).fit(X, Y)
    (note,) = error.value.__notes__
    assert "broken, raised this error when it was asked about 200 rows" in note
    assert "as ndarray" in note


def test_a_teacher_of_codes_says_that_it_gets_the_labels_as_they_are():
    class OnlyCodes(LogisticRegression):
        def fit(self, X, y):
            if not np.array_equal(np.unique(y), [0, 1]):
                raise ValueError("Invalid classes inferred from unique values of y")
            return super().fit(X, y)

    with pytest.raises(ValueError, match="Invalid classes") as error:
        distil(OnlyCodes()).fit(X, Y)
    assert "labels such as 'no'" in str(error.value)
    assert "LabelEncoder().fit_transform(y)" in str(error.value)
    distil(OnlyCodes()).fit(X, CODES)


def test_missing_columns_alone_are_named_alone():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    teacher = LogisticRegression().fit(frame, Y)
    with pytest.raises(ValueError, match="names: X lacks .'f'.\\. Give X the columns"):
        distil(teacher).fit(frame.drop(columns="f"), Y)
    with pytest.raises(ValueError, match="names: the teacher does not know .'g'.\\. "):
        distil(teacher).fit(frame.assign(g=1.0), Y)


def test_stored_answers_of_a_function():
    stored = both(X)
    words = (
        r"not \(100, 2\).* asked about 100 rows: .*pass them to fit as teacher_proba"
    )
    with pytest.raises(ValueError, match=words):
        distil(lambda rows: stored).fit(X, Y)


@pytest.mark.parametrize(
    "given", [both(X), both(X).tolist(), pd.DataFrame(both(X)), second(X), {"a": 1}]
)
def test_probabilities_as_the_teacher(given):
    with pytest.raises(
        ValueError, match=r"teacher is an? .* fit\(X, y, teacher_proba="
    ):
        distil(given).fit(X, Y)


# Ensembles of other libraries


class Balanced(RandomForestClassifier):
    """A forest of another library: it keeps its members in a way of its own."""

    def fit(self, X, y):
        self.forest_ = RandomForestClassifier(10, max_depth=4, random_state=0)
        self.forest_.fit(X, y)
        for name in ("estimators_", "classes_", "n_classes_", "n_outputs_"):
            setattr(self, name, getattr(self.forest_, name))
        self.n_features_in_ = X.shape[1]
        return self


class WithoutMembers(BaggingClassifier):
    """A bagged classifier of another library, without any of the usual attributes."""

    def fit(self, X, y):
        self.forest_ = RandomForestClassifier(10, random_state=0).fit(X, y)
        self.classes_ = self.forest_.classes_
        return self

    def predict_proba(self, X):
        return self.forest_.predict_proba(X)


@pytest.mark.parametrize("fitted", [True, False])
@pytest.mark.parametrize("kind", [Balanced, WithoutMembers])
def test_an_ensemble_without_the_attributes_of_scikit_learn(kind, fitted):
    teacher = kind().fit(X, Y) if fitted else kind()
    model = distil(teacher, calibrate_teacher="auto").fit(X, Y)
    assert model.score(X, Y) > 0.75
    fitted_one = kind().fit(X, Y)
    assert (
        out_of_bag_answers(fitted_one, X, Y, Classification(fitted_one.classes_))
        is None
    )
    with pytest.raises(ValueError, match=f"cv='oob' needs .* {kind.__name__} has no"):
        distil(kind(), cv="oob").fit(X, Y)
