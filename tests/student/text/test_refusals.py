"""Pipelines that do not travel, and rows that are no texts, raise clear errors."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skdistill import Student
from skdistill.student.text.sklearn_steps import text_of, token_of
from skdistill.student.text.student_text import StudentText, Tfidf
from skdistill.student.text.vectorizer import TextVectorizer

TEXTS = ["a good film", "a bad film", "good and bad"]


class Subclass(CountVectorizer):
    """A vectorizer that might do anything."""


def both(texts):
    return FeatureUnion([("a", CountVectorizer()), ("b", CountVectorizer())])


@pytest.mark.parametrize(
    ("vectorizer", "words"),
    [
        (CountVectorizer(tokenizer=str.split, token_pattern=None), "tokenizer=<method"),
        (CountVectorizer(preprocessor=str.lower), "preprocessor=.*because it is code"),
        (CountVectorizer(analyzer=str.split), "analyzer=.*because it is code"),
        (CountVectorizer(strip_accents=str.lower), "strip_accents=.*because it is"),
        (CountVectorizer(token_pattern=r"\w+ \w+"), r"token_pattern='.*' does not tr"),
        (CountVectorizer(token_pattern=r"(?u)\b(\w+)\b"), r"or a set such as \[a-z0"),
        (CountVectorizer(dtype=np.int8), "dtype=int8 of the CountVectorizer does not"),
        (Subclass(), "the step Subclass does not travel, only CountVectorizer"),
        (
            make_pipeline(TfidfVectorizer(), TruncatedSVD(2)),
            "the step TruncatedSVD after the vectorizer does not travel",
        ),
        (
            make_pipeline(CountVectorizer(), TfidfTransformer(), TfidfTransformer()),
            None,
        ),
        (
            make_pipeline(both(TEXTS), TfidfTransformer(), TfidfTransformer()),
            "a TfidfTransformer after another one",
        ),
        (
            FeatureUnion([("two", make_pipeline(both(TEXTS), TfidfTransformer()))]),
            "TfidfTransformer in 'two' weighs several blocks",
        ),
    ],
)
def test_a_part_that_does_not_travel(vectorizer, words):
    vectorizer.fit(TEXTS)
    if words is None:
        text = text_of([vectorizer])
        expected = vectorizer.transform(TEXTS).toarray()
        np.testing.assert_allclose(text.rows(TEXTS).to_dense(), expected)
        return
    with pytest.raises(ValueError, match=words):
        text_of([vectorizer])


def test_columns_that_do_not_travel():
    table = np.array([[text, "x", 1] for text in TEXTS], dtype=object)
    for columns, words in (
        (
            [("t", CountVectorizer(), 0), ("n", "passthrough", [2])],
            "'n' of the ColumnTr",
        ),
        ([("x", OneHotEncoder(), [1])], r"ColumnTransformer takes \[1\]"),
    ):
        transformer = ColumnTransformer(columns).fit(table)
        with pytest.raises(ValueError, match=words):
            text_of([transformer])
    rest = ColumnTransformer([("t", CountVectorizer(), 0)], remainder="passthrough")
    with pytest.raises(ValueError, match="'remainder' of the ColumnTransformer"):
        text_of([rest.fit(table[:, [0, 2]])])


def test_files_and_vectorizers_that_are_not_fitted():
    with pytest.raises(ValueError, match="input='file' .*fit with input='content'"):
        text_of([HashingVectorizer(input="file")])
    with pytest.raises(ValueError, match="the TfidfVectorizer is not fitted"):
        text_of([TfidfVectorizer()])
    with pytest.raises(ValueError, match="'passthrough', which hands on the texts"):
        text_of([FeatureUnion([("texts", "passthrough")])])
    with pytest.raises(ValueError, match="has no vectorizer before it in its pipeline"):
        text_of([TfidfTransformer().fit([[1, 0], [1, 1]])])
    unseen = TfidfVectorizer(smooth_idf=False, vocabulary=["good", "zebra"])
    with (
        np.errstate(divide="ignore"),
        pytest.raises(ValueError, match="idf_ of the TfidfVectorizer is inf.*smooth_i"),
    ):
        text_of([unseen.fit(TEXTS)])
    with pytest.raises(ValueError, match="the pipeline has no vectorizer"):
        text_of(["passthrough"])


def test_pipelines_without_a_student():
    pipe = make_pipeline(CountVectorizer(), LogisticRegression())
    with pytest.raises(ValueError, match="ends in a LogisticRegression without stud"):
        Student.from_pipeline(pipe.fit(TEXTS, [0, 1, 1]))
    with pytest.raises(ValueError, match="ends in a int without student_"):
        Student.from_pipeline(3)


@pytest.mark.parametrize(
    ("pattern", "token"),
    [
        (r"(?u)\b\w\w+\b", (r"\w", 2)),
        (r"\b\w\w+\b", (r"\w", 2)),
        (r"\w+", (r"\w", 1)),
        (r"\b\w+\b", (r"\w", 1)),
        (r"\b\w{4,}\b", (r"\w", 4)),
        (r"\S+", (r"\S", 1)),
        (r"[^\s]+", (r"\S", 1)),
        ("[a-z0-9]+", ("[a-z0-9]", 1)),
        ("[A-Za-z_@#'-]{3,}", ("[A-Za-z_@#'-]", 3)),
    ],
)
def test_patterns_that_travel(pattern, token):
    assert token_of(pattern) == token


@pytest.mark.parametrize("pattern", [r"\w\w", r"\d+", "[^a]+", r"[\w]+x", "a+", r"\w*"])
def test_patterns_that_do_not_travel(pattern):
    with pytest.raises(ValueError, match="token_pattern="):
        token_of(pattern)


@pytest.fixture(scope="module")
def student():
    text = StudentText([TextVectorizer(terms=("good", "bad"))])
    return Student([[[1.0], [-1.0]]], [[0.0]], "relu", ["bad", "good"], text=text)


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        ("good", ValueError, r"X is one string, 'good': give a list of texts"),
        (b"good", ValueError, "X is one string, b'good'"),
        (["a", b"good"], TypeError, r"X\[1\] is b'good', of type bytes: decode it"),
        ([None], TypeError, r"X\[0\] is None, of type NoneType: a missing text"),
        (["a", np.nan], TypeError, r"X\[1\] is nan, of type float: a missing text"),
        ([3], TypeError, r"X\[0\] is 3, of type int: each text must be a str"),
        ([["good"]], ValueError, "X is a table, and a row of this student is one text"),
        (np.array([["good"]]), ValueError, "X is a table"),
        ({"review": ["good"]}, ValueError, "X is a table"),
        (3, TypeError, "X is of type int: give a list"),
        (np.array("good"), TypeError, "give a list"),
    ],
)
def test_rows_that_are_no_texts(student, X, error, words):
    for predict in (student.predict, student.predict_proba, student.decision_function):
        with pytest.raises(error, match=words):
            predict(X)


def test_rows_of_many_kinds(student):
    pd = pytest.importorskip("pandas")
    texts = ["a good film", "bad", "", "Bad, BAD or good"]
    expected = ["good", "bad", "bad", "bad"]
    for X in (
        texts,
        tuple(texts),
        np.array(texts),
        np.array(texts, dtype=object),
        pd.Series(texts, index=[3, 1, 2, 5]),
        pd.Series(texts, dtype="string"),
        [np.str_(text) for text in texts],
        iter(texts),
        pytest.importorskip("pyarrow").chunked_array([texts[:1], texts[1:]]),
    ):
        assert student.predict(X).tolist() == expected
    assert student.predict([]).tolist() == []
    assert student.predict_proba([]).shape == (0, 2)


def test_a_very_long_text(student):
    texts = ["good " * 200_000 + "x" * 10**6, "bad"]
    assert student.decision_function(texts).tolist() == [200_000, -1]


def test_rows_that_lack_a_text_column():
    text = StudentText([TextVectorizer(terms=("good", "bad"))], columns=["review"])
    student = Student([[[1.0], [-1.0]]], [[0.0]], "relu", ["bad", "good"], text=text)
    assert student.predict({"review": "good", "stars": 3}).tolist() == ["good"]
    assert student.predict([["good"], ["bad"]]).tolist() == ["good", "bad"]
    for X, words in (
        ({"title": ["good"]}, "X lacks the text column 'review'"),
        ([{"title": "good"}], "missing 'review'"),
        ([["good", 3]], "row 0 of X has 2 cells without names"),
        (["good"], "row 0 of X is 'good': each row is a list"),
        ("good", "X is one string"),
    ):
        with pytest.raises(ValueError, match=words):
            student.predict(X)
    with pytest.raises(TypeError, match=r"X\['review'\]\[1\] is None"):
        student.predict({"review": ["good", None]})


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "give terms or n_buckets, and not both"),
        ({"terms": ("a",), "n_buckets": 3}, "and not both"),
        ({"terms": ("a", "a")}, "terms holds a text twice"),
        ({"terms": ("a", 3)}, "terms holds 3: each must be a str"),
        ({"terms": ("a",), "idf": [1.0, 2.0]}, "it needs 1 finite numbers"),
        ({"terms": ("a",), "idf": [np.inf]}, "it needs 1 finite numbers"),
        ({"terms": ("a",), "analyzer": "words"}, "analyzer='words' is not one of"),
        ({"terms": ("a",), "norm": "max"}, "norm='max' is not one of"),
        ({"terms": ("a",), "token": (r"(a+)+", 1)}, "is not a class of characters"),
        ({"terms": ("a",), "token": ("[z-a]", 1)}, "is not a class of characters"),
        ({"terms": ("a",), "token": (r"\w", 0)}, "is not a class of characters"),
        ({"terms": ("a",), "ngram_range": (2, 1)}, "needs two lengths, in order"),
        ({"terms": ("a",), "weight": np.nan}, "weight=nan is not finite"),
        ({"n_buckets": 0}, "n_buckets=0 is not from 1"),
        ({"n_buckets": 9, "buckets": [3, 3]}, "columns of the hash, in increasing"),
    ],
)
def test_vectorizers_that_cannot_be(parts, words):
    with pytest.raises(ValueError, match=words):
        TextVectorizer(**parts)


def test_texts_that_do_not_fit_the_network():
    one = TextVectorizer(terms=("good",))
    weights = [[[1.0], [-1.0]]]
    for parts, words in (
        ({"text": StudentText([one])}, "text makes 1 columns, and the first layer ta"),
        (
            {"text": StudentText([one, one]), "offsets": [1.0, 2.0]},
            "give text or offsets, and not both",
        ),
    ):
        with pytest.raises(ValueError, match=words):
            Student(weights, [[0.0]], "relu", [0, 1], **parts)
    with pytest.raises(TypeError, match="text is a dict: give a StudentText"):
        Student(weights, [[0.0]], "relu", [0, 1], text={})
    with pytest.raises(ValueError, match="reads column 1, and there are 1"):
        StudentText([TextVectorizer(terms=("a",), column=1)])
    with pytest.raises(ValueError, match="it needs 1 finite numbers"):
        StudentText([one], tfidf=Tfidf(idf=[1.0, 2.0]))
