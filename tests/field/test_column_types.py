"""Cells that NumPy turns into numbers without a word."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

import skdistill.student.prediction as prediction_module
from skdistill import DistilledClassifier, Student

NUMBERS = np.random.default_rng(0).integers(1, 9, size=(60, 2)).astype(float)
LABELS = (NUMBERS[:, 0] > 4).astype(int)
DAYS = [datetime.date(2020, 1, int(number)) for number in NUMBERS[:, 1]]
HIDDEN = np.ma.masked_array(NUMBERS, mask=NUMBERS > 7)


def framed(column):
    return pd.DataFrame({"a": NUMBERS[:, 0], "b": column})


REFUSED = {
    "dates": (NUMBERS.astype(int).astype("M8[D]"), "column 0 of X holds dates"),
    "times": (
        NUMBERS.astype(int).astype("m8[s]"),
        "column 0 of X holds dates or times",
    ),
    "text": (NUMBERS.astype(str), "column 0 of X holds text .*convert the column"),
    "text in objects": (NUMBERS.astype(str).astype(object), "column 0 of X holds text"),
    "text in a list": ([[a, str(b)] for a, b in NUMBERS], "column 1 of X holds text"),
    "bytes": (NUMBERS.astype("S"), "column 0 of X holds bytes.*decode"),
    "bytes in objects": (
        NUMBERS.astype("S").astype(object),
        "column 0 of X holds bytes",
    ),
    "complex": (NUMBERS + 1j, "Complex data not supported: column 0 of X"),
    "complex in objects": ((NUMBERS + 1j).astype(object), "Complex data not supported"),
    "masked": (HIDDEN, "X is a masked array that hides values.*X.filled"),
    "frame, dates": (framed(pd.to_datetime(DAYS)), "column 'b' of X holds dates"),
    "frame, times": (
        framed(pd.to_timedelta(NUMBERS[:, 1], "s")),
        "column 'b' of X hol",
    ),
    "frame, dates in objects": (framed(DAYS), "column 'b' of X holds dates"),
    "frame, text": (framed(NUMBERS[:, 1].astype(str)), "column 'b' of X holds text"),
    "frame, categories": (
        framed(pd.Categorical(NUMBERS[:, 1].astype(str))),
        "column 'b' of X holds text",
    ),
    "frame, complex": (framed(NUMBERS[:, 1] + 1j), "Complex .*column 'b' of X"),
    "polars, text": (
        pl.DataFrame({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1].astype(str)}),
        "column 'b' of X holds text",
    ),
    "polars, dates": (
        pl.DataFrame({"a": NUMBERS[:, 0], "b": DAYS}),
        "column 'b' of X holds dates",
    ),
}
TAKEN = {
    "integers": NUMBERS.astype(int),
    "objects": NUMBERS.astype(object),
    "list": NUMBERS.tolist(),
    "nothing masked": np.ma.masked_array(NUMBERS),
    "frame": pd.DataFrame(NUMBERS),
    "frame, Int64": framed(pd.array(NUMBERS[:, 1].astype(int), dtype="Int64")),
    "frame, categories": framed(pd.Categorical(NUMBERS[:, 1])),
    "polars": pl.DataFrame(NUMBERS),
}


def teacher(X):
    second = np.where(np.asarray(X, dtype=float)[:, 0] > 4, 0.95, 0.05)
    return np.column_stack([1 - second, second])


def estimator(encoder=None):
    return DistilledClassifier(
        teacher,
        encoder=encoder,
        hidden_layer_sizes=(4,),
        synthesizer=None,
        max_iter=3,
        random_state=0,
    )


@pytest.fixture(scope="module")
def fitted():
    return estimator().fit(NUMBERS, LABELS)


@pytest.fixture(params=[True, False], ids=["Numba", "NumPy"])
def compiled(request, monkeypatch):
    """Predictions by compiled kernels, then by NumPy alone."""
    if not request.param:
        monkeypatch.setattr(prediction_module, "COMPILED", False)


@pytest.mark.parametrize("kind", REFUSED)
def test_fit_without_an_encoder_refuses_what_is_no_number(kind):
    X, message = REFUSED[kind]
    with pytest.raises(ValueError, match=message):
        estimator().fit(X, LABELS)
    message = f"X_unlabeled is not a table like X: {message}"
    with pytest.raises(ValueError, match=message):
        estimator().fit(NUMBERS, LABELS, X_unlabeled=X)


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.usefixtures("compiled")
def test_predictions_without_an_encoder_refuse_the_same(fitted, kind, method):
    X, message = REFUSED[kind]
    for model in (fitted, fitted.student_):
        with pytest.raises(ValueError, match=message):
            getattr(model, method)(X)


@pytest.mark.parametrize("kind", TAKEN)
@pytest.mark.usefixtures("compiled")
@pytest.mark.filterwarnings("ignore:X has feature names")
def test_numbers_in_other_forms_are_taken(fitted, kind):
    expected = fitted.predict_proba(NUMBERS)
    for model in (fitted, fitted.student_):
        np.testing.assert_array_equal(model.predict_proba(TAKEN[kind]), expected)


@pytest.mark.usefixtures("compiled")
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_is_computed_as_an_array():
    """The product of matrices is not that of arrays."""
    rng = np.random.default_rng(0)
    student = Student(
        [rng.normal(size=(2, 3)), rng.normal(size=(3, 1))],
        [rng.normal(size=3), rng.normal(size=1)],
        "silu",
        [0, 1],
    )
    matrix = np.asmatrix(NUMBERS)
    for method in (student.predict_proba, student.decision_function, student.predict):
        answer = method(matrix)
        assert type(answer) is np.ndarray
        np.testing.assert_array_equal(answer, method(NUMBERS))


@pytest.mark.parametrize("dtype", [float, np.float32, int, object])
def test_an_encoder_takes_hidden_values_as_missing(dtype):
    """The teacher does too: scikit-learn's models do not see a mask."""
    masked = np.ma.masked_array(NUMBERS.astype(dtype), mask=NUMBERS > 7)
    missing = np.where(NUMBERS > 7, np.nan, NUMBERS)
    asked = []

    def recording(X):
        asked.append(X)
        return teacher(X)

    one = estimator("auto").set_params(teacher=recording).fit(masked, LABELS)
    other = estimator("auto").fit(missing, LABELS)
    for X in asked:
        assert not isinstance(X, np.ma.MaskedArray)
    np.testing.assert_array_equal(np.asarray(asked[0], dtype=float), missing)
    expected = other.predict_proba(missing)
    for model in (one, one.student_):
        np.testing.assert_array_equal(model.predict_proba(masked), expected)


@pytest.mark.parametrize("kind", ["dates", "times", "bytes", "complex", "frame, dates"])
def test_an_encoder_refuses_what_is_neither_number_nor_level(kind):
    X, message = REFUSED[kind]
    with pytest.raises(ValueError, match=message):
        estimator("auto").fit(X, LABELS)


@pytest.mark.parametrize("make", [list, tuple])
def test_a_list_of_masked_rows_is_a_masked_array(fitted, make):
    for model in (fitted, fitted.student_):
        with pytest.raises(ValueError, match="X is a masked array that hides values"):
            model.predict(make(HIDDEN))
    coded = estimator("auto").fit(make(HIDDEN), LABELS)
    expected = estimator("auto").fit(HIDDEN, LABELS).predict_proba(HIDDEN)
    for model in (coded, coded.student_):
        assert_array_equal(model.predict_proba(make(HIDDEN)), expected)


PLAIN = Student(
    [np.array([[1.0], [2.0]])], [np.zeros(1)], "relu", [0, 1], feature_names=["a", "b"]
)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"a": "x", "b": 1.0}, "column 'a' of X holds text"),
        ([{"b": "x", "a": 1.0}], "column 'b' of X holds text"),
        ({"a": [1.0], "b": [b"x"]}, "column 'b' of X holds bytes"),
        (
            pd.DataFrame({"a": [1, 2], "b": pd.array([None, 1], dtype="Int64")}),
            "column 'b' has missing values",
        ),
        (
            pd.DataFrame({"a": pd.array([None] + [1.0] * 90, "Float32"), "b": 1.0}),
            "column 'a' has missing values",
        ),
        (np.rec.array([(1.0, 2.0)], names="a,b"), r"fields \['a', 'b'\]: give a frame"),
    ],
)
def test_a_student_without_an_encoder_names_the_column(rows, words):
    with pytest.raises(ValueError, match=words):
        PLAIN.predict(rows)


@pytest.mark.parametrize("encoder", ["auto", None])
def test_record_arrays_are_refused_by_name(encoder):
    records = framed(NUMBERS[:, 1]).to_records(index=False)
    with pytest.raises(ValueError, match=r"fields \['a', 'b'\]: give a frame"):
        estimator(encoder).fit(records, LABELS)
    model = estimator(encoder).fit(NUMBERS, LABELS)
    for each in (model, model.student_):
        with pytest.raises(ValueError, match=r"fields \['a', 'b'\]: give a frame"):
            each.predict(records)


def test_a_series_of_text_is_no_table():
    student = Student([np.ones((2, 1), np.float32)], [np.zeros(1)], "relu", [0, 1])
    for values in (["a", "b"], [1, None], [pd.Timestamp(0), 1]):
        with pytest.raises(ValueError, match="X is not a table of num|X has shape"):
            student.predict_proba(pd.Series(values, dtype=object))
