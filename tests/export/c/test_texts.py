"""A student of texts in C against scikit-learn, compiled by all compilers."""

import random
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfVectorizer,
)

from skdistill import DistilledClassifier, Student
from skdistill.export.c.run import run
from skdistill.export.c.text_student.letters import CLAIMED
from skdistill.export.c.text_student.run import bytes_of_texts, text_main_source
from skdistill.export.c.to_c import to_c
from skdistill.export.verify import verify
from skdistill.student.text.student_text import StudentText, Tfidf
from skdistill.student.text.vectorizer import TextVectorizer
from tests.export.c.programs import COMPILERS, STRICT, compile_and_run
from tests.export.c.text_programs import TextAnswers, run_texts
from tests.export.c.texts import latin_texts, odd_texts, pipeline, pipelines

LATIN = latin_texts(700)
ODD = odd_texts(700)
FITTED = pipelines([*LATIN[:300], *ODD[:300]])

# Without optimisation: compilation is what takes the time.
FAST = ("gcc", "-std=c99")


def are_claimed(texts):
    """Tell which texts a header without a table answers."""
    claimed = {chr(p) for low, high in CLAIMED for p in range(low, high + 1)}
    return np.array([claimed.issuperset(text) for text in texts])


def assert_same_columns(model, answers, texts, known):
    """Compare columns and answers with those of scikit-learn's own columns."""
    assert_array_equal(answers.places == -3, ~known)
    assert not answers.probabilities[~known].any()
    answers = TextAnswers(*(array[known] for array in answers))
    texts = [text for text, is_known in zip(texts, known, strict=True) if is_known]
    expected = model[:-1].transform(texts)
    dense = expected.toarray()
    differ = ((answers.row != 0) != (dense != 0)).any(axis=1)
    assert not differ.any(), [texts[i] for i in np.flatnonzero(differ)[:3]]
    assert_allclose(answers.row, dense, rtol=2e-6, atol=1e-7)
    student = model[-1].student_
    # The logits of counts that are not divided reach hundreds.
    scale = max(1.0, float(np.abs(student.decision_function(expected)).max()) / 30)
    probabilities = student.predict_proba(expected)
    assert_allclose(answers.probabilities, probabilities, rtol=0, atol=1e-5 * scale)
    assert_array_equal(answers.places, answers.places_of_proba)
    given = np.take_along_axis(
        answers.probabilities, answers.places[:, np.newaxis], axis=1
    )[:, 0]
    assert_array_equal(given, answers.probabilities.max(axis=1))


@pytest.mark.parametrize(("letters", "texts"), [("latin-1", LATIN), ("all", ODD)])
def test_columns_are_those_of_scikit_learn(letters, texts, tmp_path):
    known = are_claimed(texts) | (letters == "all")
    assert known.mean() > 0.9
    answers = run_texts([*FITTED.values()], texts, tmp_path, FAST, letters)
    for model, answer in zip(FITTED.values(), answers, strict=True):
        assert_same_columns(model, answer, texts, known)


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "clang++"])
def test_all_compilers_take_the_header(compiler, tmp_path):
    names = ["words", "characters", "hashed characters"]
    models = [FITTED[name] for name in names]
    texts = ODD[:100]
    answers = run_texts(models, texts, tmp_path, COMPILERS[compiler], "all")
    for model, answer in zip(models, answers, strict=True):
        assert_same_columns(model, answer, texts, np.ones(len(texts), bool))


def test_every_character_counts_as_in_python(tmp_path):
    """Each code point, behind a letter."""
    points = [p for p in range(0x33500) if not 0xD800 <= p < 0xE000]
    points += [*range(0xE0000, 0xE0200), *range(0xF0000, 0xF0010), 0x10FFFF]
    characters = [*map(chr, points)]
    texts = [
        " ".join(f"x{c}" for c in characters[i : i + 90])
        for i in range(0, len(points), 90)
    ]
    hashed = {"n_features": 97, "alternate_sign": False, "norm": None}
    models = [
        pipeline(step, texts=texts)
        for step in (
            HashingVectorizer(**hashed),
            HashingVectorizer(strip_accents="unicode", analyzer="char", **hashed),
            HashingVectorizer(strip_accents="ascii", token_pattern=r"\S+", **hashed),
        )
    ]
    answers = run_texts(models, texts, tmp_path, ("gcc", "-std=c99", "-O1"), "all")
    for model, answer in zip(models, answers, strict=True):
        assert_array_equal(answer.row, model[:-1].transform(texts).toarray())


def hostile_bytes(n, seed=0):
    """Return bytes: texts with bytes changed, cut, put in and taken out; any bytes."""
    rng = random.Random(seed)
    made = [
        b"",
        b"\x00",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\x80",
        b"\xe2\x82",
    ]
    while len(made) < n:
        content = bytearray(rng.choice(ODD).encode())
        for _ in range(rng.randint(0, 4)):
            place = rng.randint(0, len(content))
            content[place : place + rng.randint(0, 2)] = rng.randbytes(
                rng.randint(0, 2)
            )
        made.append(bytes(content[: rng.randint(0, len(content))]))
        made.append(rng.randbytes(rng.randint(0, 5)))
    return made


def test_bytes_that_are_no_utf_8(tmp_path):
    """Also under the sanitizers of addresses and of undefined behaviour."""
    compiler = "clang, sanitised"
    names = ["words", "short within words", "characters", "hashed, binary"]
    models = [FITTED[name] for name in names]
    given = hostile_bytes(500)
    texts, valid = [], []
    for content in given:
        try:
            texts.append(content.decode())
            valid.append(True)
        except UnicodeDecodeError:
            valid.append(False)
    valid = np.array(valid)
    assert 0.2 < valid.mean() < 0.8
    answers = run_texts(models, given, tmp_path, COMPILERS[compiler], "all")
    for model, answer in zip(models, answers, strict=True):
        assert_array_equal(answer.places == -2, ~valid)
        assert not answer.probabilities[~valid].any()
        answer = TextAnswers(*(array[valid] for array in answer))
        assert_same_columns(model, answer, texts, np.ones(len(texts), bool))


def test_long_texts(tmp_path):
    rng = random.Random(0)
    texts = [
        " ".join(rng.choices(["the", "café", "ΣΑΣ", "🙂", "x"], k=100_000)),
        "a" * 1_000_000,
        "Σ" * 200_000,
        "A" + "'" * 200_000 + "Σ" + "\u0301" * 200_000,
    ]
    models = [
        pipeline(step, texts=["the café σας 🙂 σσς a'ς", "aaa x the"])
        for step in (
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            CountVectorizer(analyzer="char", ngram_range=(1, 2)),
        )
    ]
    answers = run_texts(models, texts, tmp_path, ("gcc", "-std=c99", "-O1"), "all")
    for model, answer in zip(models, answers, strict=True):
        assert_same_columns(model, answer, texts, np.ones(len(texts), bool))


def test_counts_beyond_single_precision_have_no_answer(tmp_path):
    model = pipeline(CountVectorizer(analyzer="char"), texts=["ab"])
    texts = ["a" * (2**24 - 1), "a" * 2**24, "b"]
    (answer,) = run_texts([model], texts, tmp_path, ("gcc", "-std=c99", "-O2"))
    assert_array_equal(answer.places < 0, [False, True, False])
    assert_array_equal(answer.row[0], [2**24 - 1, 0])


def test_many_terms_of_many_characters(tmp_path):
    """More characters than a byte numbers, more nodes than 16 bits number."""
    rng = random.Random(0)
    characters = [*map(chr, range(0x4E00, 0x4E00 + 700)), "é", "x"]
    terms = sorted({"".join(rng.choices(characters, k=3)) for _ in range(34_000)})
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(3, 3), vocabulary=terms)
    texts = ["".join(rng.choices(terms, k=20)) for _ in range(30)]
    model = pipeline(vectorizer, texts=texts, dtype="int8", n_classes=2)
    (answer,) = run_texts([model], texts, tmp_path, FAST, "all")
    assert_same_columns(model, answer, texts, np.ones(len(texts), bool))


@pytest.mark.filterwarnings("ignore:Upper case characters:UserWarning")
def test_terms_that_no_text_holds(tmp_path):
    terms = ["", "a b", "Big", "small", "\ud800", "small small"]
    vectorizer = CountVectorizer(vocabulary=terms)
    texts = ["Big small small", "a b", ""]
    model = pipeline(vectorizer, texts=texts)
    (answer,) = run_texts([model], texts, tmp_path, FAST)
    assert_array_equal(answer.row, [[0, 0, 0, 2, 0, 0], [0] * 6, [0] * 6])


def random_network(text, seed=0):
    rng = np.random.default_rng(seed)
    coefs = [rng.normal(size=(text.n_columns, 3))]
    return Student(coefs, [rng.normal(size=3)], "relu", list("abc"), text=text)


def test_texts_of_several_columns(tmp_path):
    """Blocks of two columns, some buckets of a hash, and one norm for all."""
    words, hashed = TfidfVectorizer(), HashingVectorizer(n_features=50, norm="l1")
    bodies = [f"{text} x" for text in LATIN[:200]]
    titles = LATIN[100:300]
    words.fit(bodies)
    buckets = np.arange(3, 50, 2)
    n_words = len(words.vocabulary_)
    idf = np.random.default_rng(1).uniform(1, 5, n_words + len(buckets))
    text = StudentText(
        [
            TextVectorizer(
                column=1,
                terms=tuple(words.get_feature_names_out()),
                idf=words.idf_,
                norm="l2",
                weight=0.5,
            ),
            TextVectorizer(n_buckets=50, signed=True, buckets=buckets),
        ],
        ("title", "body"),
        Tfidf(idf=idf, norm="l2"),
    )
    student = random_network(text)
    to_c(student, tmp_path / "student.h", prefix="t")
    header = (tmp_path / "student.h").read_text()
    assert '2 texts, in this order: "title", "body"' in " ".join(header.split(" * "))
    output = compile_and_run(
        text_main_source(header),
        tmp_path,
        FAST,
        *STRICT,
        given=bytes_of_texts([titles, bodies]),
    )
    dtype = [("places", "i4", 2), ("probabilities", "f4", 3)]
    known = are_claimed([a + b for a, b in zip(titles, bodies, strict=True)])
    answers = np.frombuffer(output, dtype)
    assert_array_equal(answers["places"][:, 0] == -3, ~known)
    hashed.set_params(norm=None)
    X = np.hstack(
        [
            0.5 * words.transform(bodies).toarray(),
            hashed.transform(titles).toarray()[:, buckets],
        ]
    )
    X *= idf
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    logits = (
        X / np.where(norms > 0, norms, 1) @ student.coefs_[0] + student.intercepts_[0]
    )
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert_allclose(answers["probabilities"][known], expected[known], atol=1e-5)


def test_the_head_states_the_bytes(tmp_path):
    """The bytes of work space and of constants are those that C computes."""
    for place, name in enumerate(("words", "hashed characters", "characters")):
        model = FITTED[name]
        student = Student.from_pipeline(model)
        path = tmp_path / f"s{place}.h"
        to_c(student, path, prefix="s", letters="all")
        header = path.read_text()
        head = " ".join(header.split("*/")[0].replace("\n *", " ").split())
        arrays = re.findall(r"^static const \w+ (\w+)\[", header, re.M)
        arrays.remove("s_blocks")
        terms = " + ".join(f"sizeof {array}" for array in arrays)
        source = (
            f'#include "{path}"\n#include <stdio.h>\nint main(void)\n{{\n'
            f'printf("%d %d", (int)sizeof(s_work), (int)({terms}));\nreturn 0;\n}}\n'
        )
        output = compile_and_run(source, tmp_path, FAST, *STRICT).decode()
        stated = re.search(
            r"The work space has (\d+) bytes.* Constants have (\d+) bytes: ([^.]*)\.",
            head,
        )
        assert f"{stated[1]} {stated[2]}" == output
        assert sum(map(int, re.findall(r"\d+", stated[3]))) == int(stated[2])


def test_letters_take_few_bytes():
    """The bytes of the table that the page states."""
    from skdistill.export.c.text_student.letters import letters_of

    alphabet = {*map(ord, "abcdefghijklmnopqrstuvwxyz0123456789_ '")}

    def size(letters, accents=None, alphabet=alphabet):
        vectorizer = TextVectorizer(terms=("a",), strip_accents=accents)
        return letters_of([vectorizer], alphabet, letters).nbytes

    assert size("latin-1") < 300
    assert size("latin-1", "unicode") < 1000
    assert size("all") < 3000
    assert size("all", "ascii") < 10_000
    assert size("all", "unicode") < 15_000
    assert size("all", None, None) < 6000
    assert size("all", "unicode", None) < 50_000


def test_no_library_is_called(tmp_path):
    to_c(Student.from_pipeline(FITTED["words"]), tmp_path / "s.h", prefix="s")
    source = (
        '#include "s.h"\n'
        "int answer(s_work *work, const char *text, size_t size, float *answers);\n"
        "int answer(s_work *work, const char *text, size_t size, float *answers)\n"
        "{\nreturn s_predict_proba(work, text, size, answers);\n}\n"
    )
    (tmp_path / "main.c").write_text(source)
    command = [*COMPILERS["gcc"], "-c", "main.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    undefined = subprocess.run(
        ["nm", "--undefined-only", "main.o"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    # Compilers themselves turn loops into calls of these functions.
    assert set(undefined) <= {"U", "memset", "memcpy", "_GLOBAL_OFFSET_TABLE_"}


def test_a_header_proves_itself(tmp_path):
    student, path = Student.from_pipeline(FITTED["within words"]), tmp_path / "s.h"
    texts = [
        text for text, known in zip(LATIN, are_claimed(LATIN), strict=True) if known
    ]
    to_c(student, path, verify_on=texts[:100])
    assert verify(student, path, texts[:100]).passed
    before = path.read_text()
    with pytest.raises(
        ValueError, match=r"for row 1 of X: .* does not know: give lett"
    ):
        to_c(student, path, verify_on=["a", "Ω"])
    assert path.read_text() == before
    to_c(student, path, verify_on=ODD[:100], letters="all")
    with pytest.raises(ValueError, match="text 1 holds '.ud800', half a pair of"):
        run(student, path, ["a", "b\ud800"])
    with pytest.raises(ValueError, match="belongs to another student"):
        run(Student.from_pipeline(FITTED["words"]), path, ["a", "b"])


TEXT = {"terms": ("a", "b")}
HASH = {"n_buckets": 8, "signed": True}


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            TEXT,
            {"letters": "greek"},
            r"letters='greek' is not one of \['latin-1', 'all'\]",
        ),
        (
            TEXT,
            {"arithmetic": "integer"},
            "not available for a student that takes texts",
        ),
        (TEXT, {"X": ["a"]}, "needs no rows"),
        (HASH | {"sublinear": True}, {}, "takes the logarithm of counts below zero"),
        (HASH | {"ngram_range": (1, 65)}, {}, "terms of at most 64 tokens or charac"),
        (
            TEXT | {"idf": [1.0, 1e30]},
            {},
            r"idf holds 1e\+30, and the single precision",
        ),
        (TEXT | {"weight": 1e-30}, {}, "transformer_weights holds 1e-30"),
    ],
)
def test_what_cannot_be_exported(text, options, message, tmp_path):
    student = random_network(StudentText([TextVectorizer(**text)]))
    with pytest.raises(ValueError, match=message):
        to_c(student, tmp_path / "s.h", **options)
    assert not list(tmp_path.iterdir())


def test_more_classes_of_tokens_than_three(tmp_path):
    sets = (r"\w", r"\S", "[a-z]", "[0-9]")
    text = StudentText([TextVectorizer(token=(one, 1), **TEXT) for one in sets])
    with pytest.raises(ValueError, match="4 token patterns of different characters"):
        to_c(random_network(text), tmp_path / "s.h")


def test_letters_of_a_student_of_numbers(tmp_path):
    student = Student([[[2.0]]], [[0.0]], "relu", ["no", "yes"])
    with pytest.raises(ValueError, match="letters='all' is given, but the student"):
        to_c(student, tmp_path / "s.h", letters="all")


def test_the_c_of_the_documentation(tmp_path, monkeypatch):
    """The program of docs/export.md runs with the header of the pipeline there."""
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text()
    section = page.split("### Texts in C")[1].split("\n## ")[0]
    (python,) = re.findall(r"^```python\n(.*?)^```", section, re.M | re.S)
    exec(python, {"DistilledClassifier": DistilledClassifier, "to_c": to_c})
    (source,) = re.findall(r"^```c\n(.*?)^```", section, re.M | re.S)
    options = (*STRICT, f"-I{tmp_path}")
    output = compile_and_run(source, tmp_path / "program", FAST, *options)
    assert output == b"spam\n"
