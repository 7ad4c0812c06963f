"""Students of texts in files, pickles and clones; files that are damaged."""

import io
import json
import pickle
import zipfile
import zlib
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.feature_extraction.text import TfidfVectorizer

from skdistill import Student
from skdistill.student import file as student_file
from skdistill.student.text.idf import counts_of_idf
from skdistill.student.text.sklearn_steps import text_of
from skdistill.student.text.stream import StreamReader, StreamWriter
from skdistill.student.text.student_text import StudentText, Tfidf
from skdistill.student.text.vectorizer import TextVectorizer

TEXTS = ["A good film", "not good, café", "a bad one", "\U0001f600 İ Σς", ""]


def make_student(text, n_units=1, dtype="float32"):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(text.n_columns, n_units))
    classes = ["a", "b", "c"][: max(2, n_units)]
    bias = np.zeros(n_units)
    return Student([weights], [bias], "relu", classes, weight_dtype=dtype, text=text)


def block(**parts):
    return TextVectorizer(**{"terms": ("café", "good", "good film", "not")} | parts)


TEXT_PARTS = {
    "terms": StudentText([block(ngram_range=(1, 2))]),
    "stop words": StudentText([block(stop_words=("a", "é"), strip_accents="unicode")]),
    "odd idf": StudentText([block(idf=[1.5, -0.1, np.pi, 1e300], norm="l1")]),
    "single idf": StudentText([block(idf=[1.5, 2.5, 3.25, 0.0])]),
    "counts": StudentText([block(idf=np.log(9 / np.array([3, 2, 1, 9])) + 1)]),
    "characters": StudentText(
        [TextVectorizer(terms=("\n", "", "a" * 300, "\0", "é"), analyzer="char")]
    ),
    "hash": StudentText(
        [
            TextVectorizer(n_buckets=2**20, buckets=[0, 7, 2**20 - 1], signed=True),
            TextVectorizer(n_buckets=3, hash_norm="l2", binary=True, weight=-0.1),
        ]
    ),
    "columns": StudentText(
        [block(column=1), block(sublinear=True)],
        ["title", 3],
        Tfidf(idf=np.arange(8.0), norm="l2"),
    ),
}


@pytest.mark.parametrize("name", TEXT_PARTS)
@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_a_student_is_the_same_after_a_way_through_a_file(name, dtype, tmp_path):
    student = make_student(TEXT_PARTS[name], 3, dtype)
    student.save(tmp_path / "one.npz")
    loaded = Student.load(tmp_path / "one.npz")
    loaded.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert repr(loaded) == repr(student)
    assert loaded.nbytes == student.nbytes
    described = StudentText.from_dict(json.loads(json.dumps(student.text.to_dict())))
    for other in (loaded, pickle.loads(pickle.dumps(student)), deepcopy(student)):
        assert other.text.to_dict() == student.text.to_dict() == described.to_dict()
        if student.text.columns is None:
            assert_array_equal(
                other.decision_function(TEXTS), student.decision_function(TEXTS)
            )


def test_predictions_lay_nothing_out_that_a_pickle_keeps():
    student = make_student(TEXT_PARTS["terms"])
    before = pickle.dumps(student)
    student.predict(TEXTS)
    assert pickle.dumps(student) == before
    assert repr(student).startswith("<Student text 4-1, 2 classes, ")
    assert repr(student.text) == "<StudentText 4 columns: word 1-2>"


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("n_texts", [3, 1000, 99_991])
def test_factors_are_stored_as_counts(smooth, n_texts):
    rng = np.random.default_rng(0)
    counts = np.unique(rng.integers(1, n_texts + 1, 500))
    idf = np.log((n_texts + smooth) / (counts + smooth)) + 1
    n_rows, found = counts_of_idf(idf)
    assert_array_equal(np.log(n_rows / found) + 1, idf)
    assert counts_of_idf(idf + 1e-9) is None
    assert counts_of_idf(np.array([np.pi, 1.0])) is None
    assert counts_of_idf(np.array([1e9, -1e9])) is None


def test_a_file_is_small(tmp_path):
    """Terms share what they begin with, and factors are counts."""
    words = [f"{a}{b}{c}" for a in "abcdefghij" for b in "aeiou" for c in "lmnrst"]
    vectorizer = TfidfVectorizer().fit([" ".join(words[::n]) for n in range(1, 9)])
    student = make_student(text_of([vectorizer]), dtype="int8")
    student.save(tmp_path / "student.npz")
    size = (tmp_path / "student.npz").stat().st_size
    assert size < 300 + 300 + 1000
    # The rest of the file is its description, and the head of its member.
    assert 0 < student.nbytes - student.stored_weights.nbytes < 1000


def test_terms_that_are_no_text(tmp_path):
    student = make_student(StudentText([block(terms=("a", "\ud800"), analyzer="char")]))
    assert student.text.rows(["a\ud800"]).to_dense().tolist() == [[1, 1]]
    with pytest.raises(ValueError, match="cannot be saved: the term '.ud800' holds"):
        student.save(tmp_path / "student.npz")
    long = make_student(StudentText([block(terms=("a" * 2**16,))]))
    with pytest.raises(ValueError, match="the term 'aaa.* has 65536 bytes, over 65535"):
        long.save(tmp_path / "student.npz")
    many = make_student(StudentText([TextVectorizer(n_buckets=2**17 + 1)]))
    with pytest.raises(ValueError, match=r"131,073 columns.*n_features=2\*\*17"):
        many.save(tmp_path / "student.npz")


def test_parts_that_would_inflate_too_far_are_members(tmp_path):
    """Weights of zeros would take far more memory than the bytes of their file."""
    text = StudentText([TextVectorizer(n_buckets=2**17)])
    weights = np.zeros((2**17, 1), dtype=np.float32)
    weights[5] = 1.0
    student = Student([weights], [[0.5]], "relu", ["a", "b"], text=text)
    student.save(tmp_path / "student.npz")
    with zipfile.ZipFile(tmp_path / "student.npz") as archive:
        assert {"student.json", "text.zlib"} < {*archive.namelist()}
    loaded = Student.load(tmp_path / "student.npz")
    assert_array_equal(loaded.coefs_[0], weights)


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """The members of a file with two blocks and weights over both."""
    path = tmp_path_factory.mktemp("texts") / "student.npz"
    text = StudentText(
        [block(stop_words=("a",)), replace(TEXT_PARTS["hash"].vectorizers[0])],
        tfidf=Tfidf(idf=np.log(9 / np.arange(1, 8)) + 1),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(student_file, "packed_archive_of", lambda *_: None)
        make_student(text).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def load(members, folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    path = folder / "student.npz"
    path.write_bytes(buffer.getvalue())
    return Student.load(path)


def described(members, change):
    """Return members with another description of the texts."""
    description = json.loads(members["student.json"])
    change(description["text"])
    return members | {"student.json": json.dumps(description)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.pop("tfidf"), "its texts are described by"),
        (lambda text: text.update(more=1), "its texts are described by"),
        (lambda text: text.update(vectorizers={}), "vectorizers of its texts is {}"),
        (lambda text: text.update(vectorizers=[]), "bytes too many"),
        (lambda text: text.update(vectorizers=[3]), "its texts are described by 3"),
        (lambda text: text.update(columns=[]), "there are 0 text columns"),
        (lambda text: text.update(columns=[None]), "columns of the texts is .None."),
        (lambda text: text.update(tfidf=None), "bytes too many"),
        (lambda text: text["tfidf"].update(idf="int4"), "idf is 'int4'"),
        (lambda text: text["tfidf"].update(idf="float64"), "ends early"),
        (lambda text: text["tfidf"].update(idf_rows=None), "idf_rows is None"),
        (lambda text: text["tfidf"].update(idf_rows=0), "idf_rows is 0"),
        (lambda text: text["tfidf"].update(norm="max"), "norm='max' is not one of"),
    ],
)
def test_a_damaged_description(members, tmp_path, change, words):
    with pytest.raises(ValueError, match=f"is not a student file: .*{words}"):
        load(described(members, change), tmp_path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"analyzer": "exec"}, "analyzer='exec' is not one of"),
        ({"analyzer": 1}, "analyzer of its texts is 1"),
        ({"lowercase": 1}, "lowercase of its texts is 1"),
        ({"column": 1}, "a vectorizer reads column 1"),
        ({"column": -1}, "a vectorizer reads column -1"),
        ({"ngram_range": [1, 10**9]}, "ngram_range=.* needs two lengths"),
        ({"ngram_range": [1, 2, 3]}, "ngram_range is"),
        ({"ngram_range": [1.0, 2]}, "ngram_range is"),
        ({"token": ["(a+)+$", 1]}, "is not a class of characters"),
        ({"token": ["[z-a]", 1]}, "is not a class of characters"),
        ({"token": ["\\w", 10**9]}, "is not a class of characters"),
        ({"token": [1, "\\w"]}, "token is"),
        ({"n_terms": 3}, "ends early"),
        ({"n_terms": 10**15}, "n_terms is 10*, over 131072"),
        ({"n_terms": -1}, "n_terms is -1"),
        ({"n_terms": 2**17}, "ends early"),
        ({"n_terms": None}, "give terms or n_buckets"),
        ({"n_stop_words": 2**17}, "ends early"),
        ({"n_kept_buckets": 2**17}, "ends early|and not both"),
        ({"n_buckets": 10**12}, "and not both"),
        ({"weight": True}, "weight of its texts is True"),
        ({"weight": 1e999}, "holds Infinity"),
        ({"idf": "counts"}, "idf_rows is None"),
    ],
)
def test_a_damaged_vectorizer(members, tmp_path, fields, words):
    def change(text):
        text["vectorizers"][0].update(fields)

    with pytest.raises(ValueError, match=f"is not a student file: .*({words})"):
        load(described(members, change), tmp_path)


def stream_of(write):
    stream = StreamWriter()
    write(stream)
    return stream.deflated()


BOMB = zlib.compress(b"\0" * 10**8)


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (None, "no item named 'text.zlib'"),
        (b"", "text.zlib ends early, or has over"),
        (b"\0" * 100, "text.zlib is damaged"),
        (BOMB, r"ends early, or has over \d+ bytes"),
        (zlib.compress(b""), "ends early"),
        (
            stream_of(lambda s: [s.terms(["a", "a", "b", "c"]), s.terms(["a"])]),
            "holds a text twice",
        ),
        (
            stream_of(lambda s: [s.numbers(np.ones(8), 2), s.array([0] * 9, "u1")]),
            "shares more than there is",
        ),
        (
            stream_of(
                lambda s: [
                    s.numbers([0] * 4, 2),
                    s.numbers([1] * 4, 2),
                    s.array([255] * 90, "u1"),
                ]
            ),
            "can't decode byte 0xff",
        ),
    ],
)
def test_a_damaged_stream(members, tmp_path, stream, words):
    altered = {k: v for k, v in members.items() if k != "text.zlib"}
    if stream is not None:
        altered["text.zlib"] = stream
    with pytest.raises(ValueError, match=f"is not a student file: .*({words})"):
        load(altered, tmp_path)


def test_a_stream_that_goes_on(members, tmp_path):
    deflated = members["text.zlib"]
    whole = zlib.decompress(deflated)
    for stream, words in (
        (deflated + b"\0", "text.zlib ends early, or has over"),
        (deflated[:-1], "text.zlib ends early, or has over"),
        (zlib.compress(whole + b"\0"), "1 bytes too many"),
    ):
        with pytest.raises(ValueError, match=words):
            load(members | {"text.zlib": stream}, tmp_path)
    load(members | {"text.zlib": zlib.compress(whole)}, tmp_path)


def test_terms_that_grow_are_refused():
    """Each term shares all of the one before, so few bytes would make many."""
    n_terms = 2**14

    def write(stream):
        shared = np.minimum(np.arange(n_terms), 2**16 - 1)
        stream.numbers(shared, 2)
        stream.numbers(np.ones(n_terms, dtype=int), 2)
        stream.array(np.full(n_terms, 97), "u1")

    with pytest.raises(ValueError, match=r"its terms take more than \d+ bytes of mem"):
        StreamReader(stream_of(write)).terms(n_terms)
