"""Columns of texts are those of scikit-learn, for any Unicode."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.pipeline import FeatureUnion, make_pipeline

from skdistill.student.text.sklearn_steps import text_of

# Characters that differ among libraries, languages and versions of Unicode.
ODD = (
    "\u0130\u0131Ii\u03c3\u03c2\u03a3"  # Turkish I, final sigma
    "\u00e9\u212b\u1e9b\u0323\ufb01\u2460\u00bd\ufdfa\uac01"  # longer decomposed
    "\u0301\u0338\u05b0\u0ecb\u1ab0\U0001d165\u20dd\u0903"  # marks, combining or not
    "\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000\ufeff\u200b\t\n\r \u180e"  # space or not
    "_-'@#aB0\u0663\u00b2\u2167\U0001f600\U00020000\U0001d7d8\U00010428\ud800\udfff"
)

DOCUMENTS = st.lists(
    st.text(st.sampled_from(ODD) | st.characters(), max_size=30)
    | st.text("abB \u0130s\u03a3\u00e90\u0301 ", max_size=40),
    min_size=1,
    max_size=6,
)

# Texts from which vocabularies are learned, so that odd texts hold some terms.
TRAINING = [
    "A good film, not a bad one",
    "not at all good, not good",
    "\u0130stanbul ΟΔΟΣ ὈΔΥΣΣΕΎΣ \u03c3\u03c2",
    "café cafe\u0301 \ufb01ne ½ \u2460 résumé",
    "a b c ab ba  abc\u2028cab",
    "\u0663 ² \u2167 x_1 __",
    "\uac01 \uac00\uac01 \u05b0a a\u0903 \U00020000\U0001f600",
    " \ufeffa\u200bb\x85c\x1cd ",
    "aa aaa aaaa",
    ODD.encode("utf-8", "ignore").decode(),
    *(c * 2 + "a" + c for c in ODD if c < "\ud800"),
]

VECTORIZERS = {
    "words": CountVectorizer(),
    "words and pairs": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
    "pairs alone": CountVectorizer(ngram_range=(2, 3), token_pattern=r"\b\w+\b"),
    "ascii": TfidfVectorizer(strip_accents="ascii", token_pattern=r"\w+", norm="l1"),
    "unicode": TfidfVectorizer(strip_accents="unicode", token_pattern=r"(?u)\b\w+\b"),
    "stop words": TfidfVectorizer(stop_words=["a", "not"], ngram_range=(1, 2)),
    "cased": CountVectorizer(lowercase=False, binary=True),
    "no white space": TfidfVectorizer(token_pattern=r"\S+", use_idf=False),
    "a set": CountVectorizer(token_pattern="[a-z0-9_]+"),
    "a long set": CountVectorizer(token_pattern="[a-zA-Z]{2,}", lowercase=False),
    "three letters": CountVectorizer(token_pattern=r"\b\w{3,}\b"),
    "parts of words": TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)),
    "long parts": CountVectorizer(analyzer="char_wb", ngram_range=(5, 6)),
    "short parts": CountVectorizer(
        analyzer="char_wb", ngram_range=(1, 3), strip_accents="unicode"
    ),
    "characters": CountVectorizer(analyzer="char", ngram_range=(1, 3)),
    "pairs of characters": TfidfVectorizer(
        analyzer="char", ngram_range=(2, 2), strip_accents="ascii", norm=None
    ),
    "given terms": CountVectorizer(
        vocabulary=["good", "not good", "", "a b  c", "bad", "never"],
        ngram_range=(1, 2),
    ),
    "hashed words": HashingVectorizer(n_features=61, ngram_range=(1, 2)),
    "hashed characters": HashingVectorizer(
        n_features=2**10, analyzer="char", ngram_range=(1, 4), alternate_sign=False
    ),
    "hashed parts": HashingVectorizer(
        n_features=7, analyzer="char_wb", ngram_range=(2, 5), norm="l1", binary=True
    ),
    "counts of a hash": make_pipeline(
        HashingVectorizer(n_features=50, norm=None, stop_words="english"),
        TfidfTransformer(),
    ),
    "weights after counts": make_pipeline(
        CountVectorizer(), TfidfTransformer(sublinear_tf=True, norm="l1")
    ),
    "weights twice": make_pipeline(
        TfidfVectorizer(use_idf=False), TfidfTransformer(smooth_idf=False)
    ),
    "a union": FeatureUnion(
        [
            ("words", TfidfVectorizer()),
            ("parts", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))),
            ("none", "drop"),
            ("hash", HashingVectorizer(n_features=8)),
        ],
        transformer_weights={"parts": 0.5, "hash": 2.0},
    ),
    "weights over a union": make_pipeline(
        FeatureUnion(
            [
                ("words", CountVectorizer()),
                ("parts", CountVectorizer(analyzer="char", ngram_range=(2, 3))),
            ],
        ),
        "passthrough",
        TfidfTransformer(),
    ),
    "a union within a union": FeatureUnion(
        [
            ("one", FeatureUnion([("words", CountVectorizer())])),
            (
                "two",
                make_pipeline(
                    FeatureUnion(
                        [
                            ("words", CountVectorizer()),
                            ("parts", CountVectorizer(analyzer="char")),
                        ],
                    ),
                    TfidfTransformer(norm=None, sublinear_tf=True),
                ),
            ),
        ],
        transformer_weights={"two": 3.0},
    ),
}


@pytest.fixture(scope="module", params=VECTORIZERS)
def fitted(request):
    """A fitted vectorizer, and the same as a part of a student."""
    vectorizer = VECTORIZERS[request.param].fit(TRAINING)
    return vectorizer, text_of([vectorizer])


def assert_same_columns(vectorizer, text, texts):
    try:
        expected = vectorizer.transform(texts).toarray()
    except UnicodeEncodeError:
        with pytest.raises(ValueError, match="half a surrogate pair"):
            text.rows(texts)
        return
    assert_allclose(text.rows(texts).to_dense(), expected, rtol=1e-13, atol=1e-15)


@settings(max_examples=40)
@given(texts=DOCUMENTS)
def test_columns_are_those_of_scikit_learn(fitted, texts):
    assert_same_columns(*fitted, texts)


def test_odd_texts(fitted):
    vectorizer, text = fitted
    each = [c for c in ODD if not "\ud800" <= c < "\ue000"]
    pairs = [f"a{c}b {c} {c}a Σ{c}" for c in each]
    texts = [*TRAINING, *each, *pairs, "", " ", "a" * 3000, "good " * 500]
    assert_same_columns(vectorizer, text, texts)
    assert_same_columns(vectorizer, text, ["\ud800a good", "b\udfff", "b"])


def test_terms_of_all_texts_are_found(fitted):
    """The oracle of the other tests must not be full of zeros."""
    vectorizer, text = fitted
    assert (text.rows(TRAINING).to_dense() != 0).sum() > 3
    assert text.n_columns == vectorizer.transform(TRAINING).shape[1]


def test_each_character_alone():
    """All code points, lowered and without accents."""
    texts = [f"x{chr(c)}x" for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    some = texts[:0x3000] + texts[0x3000::97]
    for accents in ("ascii", "unicode", None):
        vectorizer = CountVectorizer(token_pattern=r"\w+", strip_accents=accents)
        vectorizer.fit(some)
        rows = text_of([vectorizer]).rows(some)
        expected = vectorizer.transform(some)
        assert_array_equal(rows.columns, expected.indices)
        assert_array_equal(rows.starts, expected.indptr)
        assert_array_equal(rows.values, expected.data)


def test_columns_of_a_table():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "n": range(3),
            "title": ["Good", "bad", "A good"],
            "review": ["so so", "", "x y"],
        }
    )
    words = ColumnTransformer(
        [
            ("review", TfidfVectorizer(token_pattern=r"\w+"), "review"),
            ("none", "drop", ["n"]),
            ("title", make_pipeline(CountVectorizer(), TfidfTransformer()), "title"),
            ("again", CountVectorizer(analyzer="char"), "review"),
        ],
        transformer_weights={"title": 0.25},
        sparse_threshold=1.0,
    ).fit(frame)
    text = text_of([words])
    assert text.columns == ("title", "review")
    expected = words.transform(frame).toarray()
    rows = frame[["title", "review"]].to_numpy()
    for table in (
        frame,
        frame[["review", "title"]],
        frame.to_dict("list"),
        frame.to_dict("records"),
        rows,
        rows.tolist(),
    ):
        assert_allclose(text.rows(table).to_dense(), expected, rtol=1e-13)
    assert_allclose(
        text.rows({"review": "x y", "title": "A good"}).to_dense(), expected[2:]
    )
    array = frame.to_numpy()
    places = ColumnTransformer(
        [("a", CountVectorizer(), -1), ("b", CountVectorizer(), 1)],
        sparse_threshold=0.0,
    ).fit(array)
    text = text_of([places])
    assert text.columns == (1, 2)
    for table in (frame, array, array.tolist()):
        assert_array_equal(text.rows(table).to_dense(), places.transform(array))


def test_many_texts_in_parts():
    """Texts are read a part at a time, and none is lost between two parts."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(TRAINING, rng.integers(4))) * 20 for _ in range(3000)]
    text = text_of([CountVectorizer().fit(TRAINING)])
    parts = list(text.read(texts).parts())
    assert len(parts) >= 3
    assert [t for part in parts for t in part.columns[0]] == texts
    weights = rng.normal(size=(text.n_columns, 3)).astype(np.float32)
    sums = text.read(texts).sums(weights, np.zeros(3, np.float32))
    assert_allclose(sums, text.rows(texts).to_dense() @ weights, rtol=1e-5, atol=1e-3)
    assert text.rows([]).shape == (0, text.n_columns)
    assert text.read([]).sums(weights, np.zeros(3, np.float32)).shape == (0, 3)
