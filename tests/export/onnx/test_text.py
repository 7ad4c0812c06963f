"""ONNX models of students of texts answer as scikit-learn's pipelines."""

import json
import random
import unicodedata

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import scipy.stats
import sklearn.linear_model
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union

from skdistill import DistilledClassifier, Student
from skdistill.export import quantize, to_onnx, verify
from skdistill.student.text.sklearn_steps import text_of
from tests.student.text.test_vectorizers import ODD, TRAINING


def unaccented(text):
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def ascii_alone(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c < "\x80")


# Preparations of a text by its caller, by the name of the input.
PREPARATIONS = {
    "text": str,
    "lowered_text": str.lower,
    "unaccented_text": unaccented,
    "lowered_unaccented_text": lambda text: unaccented(text.lower()),
    "lowered_ascii_text": lambda text: ascii_alone(text.lower()),
}


def odd_documents(n):
    """Return odd texts, each of which UTF-8 can write."""
    draw = random.Random(0)
    kinds = [ODD + "abB s  ", "abB \u0130s\u03a3\u00e90\u0301 ", "".join(TRAINING)]
    texts = [
        "".join(draw.choices(draw.choice(kinds), k=draw.randrange(40)))
        for _ in range(n)
    ]
    texts += [*TRAINING, "", " ", "a", "\t\n", "a\x00b", "x" * 1500, "ab " * 400]
    return [text.encode("utf-8", "ignore").decode() for text in texts]


def docstrings():
    """Return docstrings of three packages, and their packages."""
    owners = [(pd, pd.DataFrame), (scipy, scipy.stats), (sklearn, sklearn.linear_model)]
    texts, labels = [], []
    for package, owner in owners:
        found = {
            getattr(getattr(owner, name), "__doc__", None)
            for name in sorted(dir(owner))
        }
        found = sorted(text[:1500] for text in found - {None} if len(text) > 100)
        texts += found[:120]
        labels += [package.__name__] * len(found[:120])
    return texts, np.array(labels)


def student_of_columns(steps):
    """Return a student with random weights of the columns of vectorizers."""
    text = text_of(steps)
    weights = np.random.default_rng(0).normal(size=(text.n_columns, 3))
    return Student([weights], [np.zeros(3)], "relu", [0, 1, 2], text=text)


def expected_probabilities(student, columns):
    """Return the softmax of the products of scikit-learn's columns."""
    logits = columns @ student.coefs_[0].astype(np.float64)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def run(path, feeds):
    """Return labels and probabilities of ONNX Runtime."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {name: np.array(texts, dtype=object) for name, texts in feeds.items()}
    return session.run(["label", "probabilities"], feeds)


VECTORIZERS = {
    "words": CountVectorizer(),
    "words and pairs": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
    "pairs alone": CountVectorizer(ngram_range=(2, 3), token_pattern=r"\b\w+\b"),
    "ascii": TfidfVectorizer(strip_accents="ascii", token_pattern=r"\w+", norm="l1"),
    "unicode": TfidfVectorizer(strip_accents="unicode", token_pattern=r"\b\w+\b"),
    "accents of cased words": CountVectorizer(strip_accents="unicode", lowercase=False),
    "stop words": TfidfVectorizer(
        stop_words=["a", "not", "\ud800"], ngram_range=(1, 3), token_pattern=r"\w+"
    ),
    "stop words, no runs": CountVectorizer(stop_words=["good", "not"]),
    "cased": CountVectorizer(lowercase=False, binary=True),
    "no white space": TfidfVectorizer(token_pattern=r"\S+", use_idf=False),
    "a set": CountVectorizer(token_pattern="[a-z0-9_@'-]+"),
    "three letters": CountVectorizer(token_pattern=r"\b\w{3,}\b"),
    "long words": CountVectorizer(
        token_pattern=r"\b\w{1400,}\b", vocabulary=["x" * 1500, "abc"]
    ),
    "parts of words": TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)),
    "long parts": CountVectorizer(analyzer="char_wb", ngram_range=(5, 6)),
    "short parts": TfidfVectorizer(
        analyzer="char_wb", ngram_range=(1, 3), strip_accents="unicode"
    ),
    "characters": TfidfVectorizer(analyzer="char", ngram_range=(1, 3)),
    "pairs of characters": TfidfVectorizer(
        analyzer="char", ngram_range=(2, 2), strip_accents="ascii", norm=None
    ),
    "given words": CountVectorizer(
        vocabulary=["never", "good", "not good", "", "a b  c", "b\ud800", "zzz"],
        ngram_range=(1, 2),
        stop_words=["not"],
    ),
    "given characters": CountVectorizer(
        vocabulary=["  ", " ", "\n", "aa ", "ab c", "a", "abc", " a", "\ud800"],
        ngram_range=(1, 3),
        analyzer="char",
    ),
    "given parts": CountVectorizer(
        vocabulary=["a b", "  ", " ", " a ", "a", "aa", " ab", "b\n", "ab a", ""],
        ngram_range=(1, 3),
        analyzer="char_wb",
    ),
    "weights after counts": make_pipeline(
        CountVectorizer(), TfidfTransformer(sublinear_tf=True, norm="l1")
    ),
    "weights twice": make_pipeline(TfidfVectorizer(), TfidfTransformer()),
    "weights over a union": make_pipeline(
        FeatureUnion(
            [
                ("words", CountVectorizer(ngram_range=(1, 2))),
                ("parts", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))),
            ],
            transformer_weights={"words": 2.0, "parts": -0.5},
        ),
        TfidfTransformer(norm="l2"),
    ),
}


@pytest.mark.parametrize("kind", VECTORIZERS)
def test_columns_are_those_of_scikit_learn(tmp_path, kind):
    documents = odd_documents(300)
    vectorizer = VECTORIZERS[kind].fit(TRAINING)
    student = student_of_columns([vectorizer])
    path = tmp_path / "student.onnx"
    to_onnx(student, path, verify_on=documents)
    (given,) = onnx.load(path).graph.input
    prepared = list(map(PREPARATIONS[given.name], documents))
    labels, found = run(path, {given.name: prepared})
    expected = expected_probabilities(student, vectorizer.transform(documents))
    assert_allclose(found, expected, rtol=0, atol=1e-5)
    clear = np.sort(expected)[:, -1] - np.sort(expected)[:, -2] > 1e-5
    assert_array_equal(labels[clear], expected.argmax(axis=1)[clear])
    assert np.ptp(expected, axis=0).max() > 0.01, "the texts hold terms"


def test_words_of_all_characters(tmp_path):
    # Both Unicode tables know these characters, whatever their versions.
    old = unicodedata.ucd_3_2_0.category
    texts = [
        f"a{character}a"
        for character in map(chr, range(0x30000))
        if old(character) not in ("Cn", "Cs")
    ]
    vectorizer = CountVectorizer(
        token_pattern=r"\b\w+\b", vocabulary=["a"], lowercase=False
    )
    vectorizer.fit([])
    student = Student([[[1.0]]], [[-1.0]], "relu", [0, 1], text=text_of([vectorizer]))
    to_onnx(student, tmp_path / "student.onnx")
    labels, _ = run(tmp_path / "student.onnx", {"text": texts})
    expected = vectorizer.transform(texts).toarray()[:, 0] > 1
    assert_array_equal(labels, expected)
    assert 1000 < expected.sum() < len(texts) - 1000


@pytest.fixture(scope="module")
def fitted():
    """Return a fitted pipeline of words and parts of words, texts and labels."""
    texts, labels = docstrings()
    pipeline = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=8),
        ),
        DistilledClassifier(LogisticRegression(), hidden_layer_sizes=(), max_iter=20),
    )
    return pipeline.fit(texts[::2], labels[::2]), texts, labels


def test_docstrings(tmp_path, fitted):
    pipeline, texts, _ = fitted
    path = tmp_path / "student.onnx"
    to_onnx(pipeline, path, verify_on=texts)
    labels, probabilities = run(path, {"lowered_text": [t.lower() for t in texts]})
    assert_allclose(probabilities, pipeline.predict_proba(texts), rtol=0, atol=1e-5)
    assert_array_equal(labels, pipeline.predict(texts))
    assert verify(pipeline, path, texts).passed
    assert verify(Student.from_pipeline(pipeline), path, texts).passed


@pytest.mark.parametrize("dtype", ["int8", "float16"])
def test_rounded_weights_stay_small(tmp_path, fitted, dtype):
    pipeline, texts, _ = fitted
    sizes = {}
    for name, student in {
        "rounded": quantize(pipeline, dtype).student,
        "exact": quantize(pipeline, "float32").student,
    }.items():
        path = tmp_path / f"{name}.onnx"
        to_onnx(student, path, verify_on=texts[:100])
        sizes[name] = path.stat().st_size
    n_weights = pipeline[-1].student_.coefs_[0].size
    saved = n_weights * (4 - np.dtype(dtype).itemsize)
    assert sizes["exact"] - sizes["rounded"] > 0.95 * saved


def test_batches(tmp_path):
    vectorizer = TfidfVectorizer(stop_words=["a"], ngram_range=(1, 2)).fit(TRAINING)
    student = student_of_columns([vectorizer])
    path = tmp_path / "student.onnx"
    to_onnx(student, path)
    for texts in ([], [""], ["", ""], ["not at all good"], ["", "a bad film"]):
        labels, probabilities = run(path, {"lowered_text": texts})
        assert labels.shape == (len(texts),)
        assert probabilities.shape == (len(texts), 3)
        if texts:
            expected = student.predict_proba(texts)
            assert_allclose(probabilities, expected, rtol=0, atol=1e-6)
    # A long text among many does not pad all others at once.
    texts = ["word " * 100_000, *["a bad film"] * 3000, "good"]
    assert verify(student, path, texts).passed


def test_text_columns_of_a_table(tmp_path):
    table = pd.DataFrame(
        {"review": TRAINING, "n": range(len(TRAINING)), "label": TRAINING[::-1]}
    )
    columns = ColumnTransformer(
        [
            ("lowered", TfidfVectorizer(), "review"),
            ("cased", CountVectorizer(lowercase=False, analyzer="char"), "review"),
            ("title", CountVectorizer(lowercase=False), "label"),
            ("parts", TfidfVectorizer(analyzer="char_wb"), "review"),
        ],
        sparse_threshold=1.0,
    ).fit(table)
    student = student_of_columns([columns])
    path = tmp_path / "student.onnx"
    to_onnx(student, path, verify_on=table)
    model = onnx.load(path)
    # An output is named label.
    names = ["lowered_review", "review", "label_"]
    assert [given.name for given in model.graph.input] == names
    feeds = {
        "lowered_review": [[text.lower()] for text in TRAINING],
        "review": [[text] for text in TRAINING],
        "label_": [[text] for text in TRAINING[::-1]],
    }
    _, found = run(path, feeds)
    expected = expected_probabilities(student, columns.transform(table))
    assert_allclose(found, expected, rtol=0, atol=1e-5)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(metadata["texts"])["label_"] == {
        "column": "label",
        "lowercase": False,
        "strip_accents": None,
    }


def test_the_model_says_how_texts_are_prepared(tmp_path):
    vectorizer = CountVectorizer(strip_accents="ascii").fit(TRAINING)
    path = tmp_path / "student.onnx"
    to_onnx(student_of_columns([vectorizer]), path, opset=13)
    model = onnx.load(path)
    (given,) = model.graph.input
    assert given.name == "lowered_ascii_text"
    assert "str.lower()" in given.doc_string
    assert "NFKD" in given.doc_string
    assert {one.domain for one in model.opset_import} == {
        "",
        "ai.onnx.ml",
        "com.microsoft",
    }


def test_hashed_terms_are_refused(tmp_path):
    hashed = HashingVectorizer(n_features=64)
    with pytest.raises(ValueError, match=r"n_features=64 .* TfidfVectorizer.* to_js"):
        to_onnx(student_of_columns([hashed]), tmp_path / "student.onnx")
    assert not list(tmp_path.iterdir())


def test_what_a_model_cannot_take(tmp_path):
    student = student_of_columns([CountVectorizer().fit(TRAINING)])
    path = tmp_path / "student.onnx"
    to_onnx(student, path)
    with pytest.raises(ValueError, match="text 1 holds a surrogate"):
        verify(student, path, ["good", "a\ud800"])
    with pytest.raises(ValueError, match="X is one string"):
        verify(student, path, "good")
    with pytest.raises(TypeError, match="decode"):
        verify(student, path, [b"good"])
    numbers = Student([np.eye(3)], [np.zeros(3)], "relu", [0, 1, 2])
    with pytest.raises(ValueError, match="inputs of .* belongs to another student"):
        verify(numbers, path, np.eye(3))


def test_another_student_is_noticed(tmp_path):
    student = student_of_columns([CountVectorizer().fit(TRAINING)])
    other = student_of_columns([CountVectorizer().fit(TRAINING[:4])])
    to_onnx(other, tmp_path / "other.onnx")
    assert not verify(student, tmp_path / "other.onnx", TRAINING).passed
