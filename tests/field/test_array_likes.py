"""Array-likes of other libraries, and data that is no table or holds no labels."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier

X, Y = make_classification(120, 4, n_informative=3, n_redundant=0, random_state=0)
X = X.astype(np.float32)
NAMES = list("abcd")
FOREST = RandomForestClassifier(5, random_state=0)
WEIGHTS = np.random.default_rng(0).uniform(0.5, 1, 120)


def distilled(teacher=FOREST, **parameters):
    quick = {
        "hidden_layer_sizes": (4,),
        "max_iter": 2,
        "n_synthetic": 20,
        "weight_decay": 0.3,
        "random_state": 0,
    }
    return DistilledClassifier(teacher, **{**quick, **parameters})


class OnlyArray:
    """An array that can do nothing but become one of NumPy."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self._array, dtype=dtype)


class OnlyInterface:
    """An array of another library that shares its memory."""

    def __init__(self, array):
        self._array = np.ascontiguousarray(array)
        self.__array_interface__ = self._array.__array_interface__


class Collection:
    """A collection as those of dask: its values are known after `compute` alone."""

    def __init__(self, data):
        self._data = data
        self.shape = (float("nan"), *data.shape[1:])

    def __dask_graph__(self):
        return {}

    def compute(self):
        return self._data


class CollectionOfFrames(Collection):
    """A frame of dask, which looks like one of pandas."""

    def __init__(self, data):
        super().__init__(data)
        self.columns = data.columns
        self.iloc = None


def columns_of(array):
    return dict(zip(NAMES, np.transpose(array), strict=False))


ARRAYS = {
    "__array__": OnlyArray,
    "__array_interface__": OnlyInterface,
    "dask": Collection,
    "memoryview": lambda array: memoryview(np.ascontiguousarray(array)),
    "tuple": lambda array: (
        tuple(map(tuple, array)) if array.ndim == 2 else tuple(array)
    ),
}


@pytest.mark.parametrize("kind", ARRAYS)
@pytest.mark.parametrize("parameters", [{}, {"encoder": None}, {"cv": 2}], ids=str)
def test_an_array_like_is_the_array(kind, parameters):
    make = ARRAYS[kind]
    expected = distilled(**parameters).fit(X, Y, WEIGHTS, X_unlabeled=X[:9])
    model = distilled(**parameters)
    model.fit(make(X), make(Y), make(WEIGHTS), X_unlabeled=(make(X[:9]),))
    proba = expected.predict_proba(X)
    assert_array_equal(model.predict_proba(X), proba)
    assert_array_equal(model.predict_proba(make(X)), proba)
    assert_array_equal(model.student_.predict_proba(make(X)), proba)
    assert_array_equal(model.fit(make(X), Y, X_unlabeled=make(X[:9])).classes_, [0, 1])


@pytest.mark.parametrize("kind", ARRAYS)
def test_stored_answers_are_an_array_like(kind):
    answers = np.column_stack([1 - Y, Y]) * 0.8 + 0.1
    model = distilled("precomputed")
    expected = model.fit(X, Y, teacher_proba=answers).predict_proba(X)
    make = ARRAYS[kind]
    model.fit(make(X), make(Y), teacher_proba=make(answers))
    assert_array_equal(model.predict_proba(X), expected)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_a_frame_of_dask_keeps_its_names_and_types(make):
    town = np.random.default_rng(0).choice(["Rome", "Oslo"], 120)
    table = make({**columns_of(X), "town": town, "known": X[:, 0] > 0})

    def teacher(rows):
        assert type(rows) is type(table)
        p = np.where(np.asarray(rows["town"]) == "Rome", 0.8, 0.1)
        return np.column_stack([1 - p, p])

    expected = distilled(teacher).fit(table)
    model = distilled(teacher).fit(CollectionOfFrames(table))
    assert model.feature_names_in_.tolist() == [*NAMES, "town", "known"]
    proba = expected.predict_proba(table)
    assert_array_equal(model.predict_proba(CollectionOfFrames(table)), proba)
    assert_array_equal(model.student_.predict_proba(CollectionOfFrames(table)), proba)


class OnlyInterchange:
    """A table that shares its columns by the interchange protocol alone."""

    def __init__(self, frame):
        self._frame = frame

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self._frame.__dataframe__(nan_as_null, allow_copy)


NAMED = {
    "table": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "batch": lambda frame: pa.RecordBatch.from_pandas(frame, preserve_index=False),
    "interchange": OnlyInterchange,
}


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("encoder", ["auto", None])
@pytest.mark.filterwarnings("ignore:The DataFrame Interchange Protocol")
def test_names_of_other_tables_are_read(kind, encoder):
    make, frame = NAMED[kind], pd.DataFrame(columns_of(X))
    expected = distilled(encoder=encoder).fit(frame, Y)
    model = distilled(encoder=encoder).fit(make(frame), pa.array(Y))
    assert model.feature_names_in_.tolist() == NAMES
    proba = expected.predict_proba(frame)
    assert_array_equal(model.predict_proba(make(frame)), proba)
    backwards = make(frame[NAMES[::-1]])
    assert_array_equal(model.student_.predict_proba(backwards), proba)
    with pytest.raises(ValueError, match="same order"):
        model.predict(backwards)
    with pytest.raises(ValueError, match="missing 'a'"):
        model.student_.predict(make(frame[NAMES[1:]]))


@pytest.mark.parametrize("encoder", ["auto", None])
def test_names_of_rows_are_read(encoder):
    frame = pd.DataFrame(columns_of(X))[:9]
    model = distilled(encoder=encoder).fit(pd.DataFrame(columns_of(X)), Y)
    backwards = frame[NAMES[::-1]]
    tuples = list(backwards.itertuples(index=False))
    series = [row for _, row in backwards.iterrows()]
    expected = model.predict_proba(frame)
    for rows in (tuples, tuple(tuples), series, backwards.to_dict("records")):
        assert_array_equal(model.student_.predict_proba(rows), expected)
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            assert_array_equal(model.predict_proba(rows), expected)
    with pytest.raises(ValueError, match="row 0 of X .*unexpected 'Index'"):
        model.student_.predict(list(frame.itertuples()))
    nameless = [pd.Series(row) for row in X[:9]]
    assert_array_equal(model.student_.predict_proba(nameless), expected)


TEXTS = ["good and cheap", "bad", "good", "dear"] * 30


@pytest.mark.parametrize("make", [list, np.array, pd.Series, tuple])
@pytest.mark.parametrize("encoder", ["auto", None])
def test_a_list_of_texts_is_sent_to_a_vectorizer(make, encoder):
    with pytest.raises(ValueError, match=r"list of texts.*TfidfVectorizer") as caught:
        distilled(encoder=encoder).fit(make(TEXTS), Y)
    assert "reshape" not in str(caught.value).lower()


REVIEWS = [f"the {text} film of the year" for text in TEXTS]


@pytest.mark.parametrize(
    ("make", "column"),
    [
        (lambda texts: pd.DataFrame({"t": texts}), "X['t']"),
        (lambda texts: pl.DataFrame({"t": texts}), "X['t']"),
        (lambda texts: np.array(texts)[:, None], "X[:, 0]"),
        (lambda texts: np.array([*texts[:-1], None], dtype=object)[:, None], "X[:, 0]"),
    ],
    ids=["pandas", "polars", "array", "objects"],
)
@pytest.mark.parametrize("teacher", [None, LogisticRegression()])
def test_a_table_of_free_texts_alone_is_sent_to_a_vectorizer(make, column, teacher):
    model = DistilledClassifier(teacher)
    with pytest.raises(ValueError, match="vectorizer turns each text") as caught:
        model.fit(make(REVIEWS), Y)
    said = str(caught.value)
    assert f"give the column, {column}," in said
    assert "categories" not in said


def test_a_column_of_names_is_not_sent_to_a_vectorizer():
    with pytest.raises(ValueError, match="turn text into categories") as caught:
        DistilledClassifier(LogisticRegression()).fit(pd.DataFrame({"t": TEXTS}), Y)
    assert "free texts" not in str(caught.value)


def test_a_frame_of_one_column_is_no_list_of_texts_for_a_teacher():
    teacher = make_pipeline(TfidfVectorizer(), LogisticRegression())
    X = np.arange(len(Y), dtype=float)[:, None]
    with pytest.raises(ValueError, match="inconsistent numbers of samples") as caught:
        DistilledClassifier(teacher).fit(
            X, Y, teacher_X=pd.DataFrame({"text": REVIEWS})
        )
    assert "teacher_X['text']" in str(caught.value)


def test_a_list_of_texts_is_refused_in_predictions_too():
    towns = [[text] for text in TEXTS]
    model = distilled(lambda rows: np.full((len(rows), 2), 0.5)).fit(towns, Y)
    for answer in (model.predict, model.student_.predict):
        with pytest.raises(ValueError, match=r"\[X\] if they are one row"):
            answer(TEXTS)


SOFT = np.random.default_rng(0).dirichlet([1, 1, 1], 120)


@pytest.mark.parametrize("encoder", ["auto", None])
@pytest.mark.parametrize(
    ("y", "advice"),
    [
        (SOFT, r"shape \(120, 3\).*teacher_proba"),
        (SOFT.tolist(), r"shape \(120, 3\).*teacher_proba"),
        (pd.DataFrame(SOFT), r"shape \(120, 3\).*teacher_proba"),
        (SOFT[:, 0], r"column_stack\(\[1 - y, y\]\)"),
        (SOFT[:, :1], r"column_stack\(\[1 - y, y\]\)"),
    ],
)
def test_soft_labels_belong_elsewhere(encoder, y, advice):
    with pytest.raises(ValueError, match=advice):
        distilled(encoder=encoder).fit(X, y)


def test_the_advice_on_soft_labels_works():
    model = distilled("precomputed")
    assert model.fit(X, SOFT.argmax(axis=1), teacher_proba=SOFT).classes_.size == 3
    p = SOFT[:, 0]
    answers = np.column_stack([1 - p, p])
    assert model.fit(X, teacher_proba=answers).classes_.size == 2


def with_missing(labels, missing):
    labels = np.array(labels, dtype=object)
    labels[[7, 9]] = missing
    return labels


@pytest.mark.parametrize("encoder", ["auto", None])
@pytest.mark.parametrize(
    "y",
    [
        np.where(np.isin(np.arange(120), [7, 9]), np.nan, Y),
        with_missing(np.array(["a", "b"])[Y], None),
        with_missing(np.array(["a", "b"])[Y], np.nan),
        with_missing(Y, pd.NA),
        pd.Series(with_missing(Y, pd.NA), dtype="Int64"),
        pd.Series(with_missing(np.array(["a", "b"])[Y], None)),
        pl.Series(with_missing(np.array(["a", "b"])[Y], None).tolist()),
    ],
    ids=["float", "None", "nan", "NA", "Int64", "Series", "polars"],
)
def test_rows_without_a_label_are_counted_and_sent_to_x_unlabeled(encoder, y):
    words = r"y contains NaN or None: 2 of 120 rows.*row 7.*X_unlabeled"
    with pytest.raises(ValueError, match=words):
        distilled(encoder=encoder).fit(X, y)


@pytest.mark.parametrize(
    "y",
    [
        np.array(["a", "b"])[Y],
        np.array(["a", "b"], dtype=object)[Y],
        Y.astype(float),
        Y.astype(bool),
        pd.Series(np.array(["a", "b"])[Y], dtype="category"),
    ],
    ids=["text", "objects", "floats", "truth values", "category"],
)
def test_labels_stay_labels(y):
    assert_array_equal(distilled().fit(X, y).classes_, np.unique(y))
