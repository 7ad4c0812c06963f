"""The JavaScript module of a student of texts, run by Node, against scikit-learn."""

import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import Student
from skdistill.export import quantize, to_js, verify
from skdistill.export.javascript.code_points import CLASSES, ranges
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer
from tests.export.javascript.odd_texts import (
    ODD,
    PLAIN,
    expected_probabilities,
    odd_texts,
    with_random_student,
)
from tests.export.javascript.test_to_js import HOSTILE, node

VECTORIZERS = {
    "words": [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)],
    "ascii": [TfidfVectorizer(strip_accents="ascii", binary=True)],
    "unicode": [TfidfVectorizer(strip_accents="unicode", norm="l1", smooth_idf=False)],
    "stop": [TfidfVectorizer(stop_words="english", lowercase=False, norm=None)],
    "visible": [CountVectorizer(token_pattern=r"\S+"), TfidfTransformer(norm="l1")],
    "letters": [CountVectorizer(token_pattern="[a-z0-9_@#']{2,}", binary=True)],
    "char_wb": [TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=3)],
    "char": [
        TfidfVectorizer(
            analyzer="char", ngram_range=(2, 3), min_df=3, strip_accents="unicode"
        )
    ],
    "hashed": [HashingVectorizer(n_features=2**10, ngram_range=(1, 2))],
    "hashed char_wb": [
        HashingVectorizer(
            n_features=1000,
            analyzer="char_wb",
            ngram_range=(2, 4),
            alternate_sign=False,
            norm="l1",
        ),
        TfidfTransformer(sublinear_tf=True),
    ],
}

ANSWER = """
import {{ readFileSync }} from "node:fs";
const texts = JSON.parse(readFileSync("texts.json", "utf8"));
const answers = {{}};
for (const name of {names}) {{
  const {{ predict, predictProba }} = await import(`./${{name}}.mjs`);
  const probabilities = texts.map((text) => predictProba(text).map(Math.fround));
  answers[name] = {{ probabilities, labels: texts.slice(0, 500).map(predict) }};
}}
console.log(JSON.stringify(answers));
"""


def answers(folder, names, texts):
    """Return what modules in a folder answer, in one program."""
    (folder / "texts.json").write_text(json.dumps(texts))
    return node(folder, ANSWER.format(names=json.dumps(list(names))))


def assert_answers(found, expected, classes):
    """Compare labels and probabilities with those of scikit-learn."""
    assert_allclose(found["probabilities"], expected, rtol=0, atol=1e-5)
    part = np.sort(expected, axis=1)
    clear = part[:, -1] - part[:, -2] > 1e-5
    assert clear.mean() > 0.9
    # In these modules the label is the most probable class, as the first texts show.
    best = np.array(found["probabilities"]).argmax(axis=1)
    assert (best == expected.argmax(axis=1))[clear].all()
    n_labels = len(found["labels"])
    assert found["labels"] == np.array(classes)[best[:n_labels]].tolist()


def test_ten_vectorizers_on_odd_texts(tmp_path):
    """Columns differ by random weights, so no other columns give these answers."""
    texts = odd_texts(5000, seed=1)
    assert len(set(texts)) > 1800
    expected = {}
    for name, steps in VECTORIZERS.items():
        pipeline = with_random_student(*steps)
        to_js(pipeline, tmp_path / f"{name}.mjs")
        expected[name] = expected_probabilities(pipeline, texts)
    found = answers(tmp_path, VECTORIZERS, texts)
    for name in VECTORIZERS:
        assert_answers(found[name], expected[name], pipeline.classes_)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_of_characters(name):
    """The ends of each range have the property, and their neighbours do not."""
    for start, end in ranges(name):
        for point in (start - 1, start, end - 1, end):
            if 0 <= point < 0x110000:
                assert CLASSES[name](chr(point)) == (start <= point < end)
    inside = {p for start, end in ranges(name) for p in range(start, end)}
    for point in range(0, 0x110000, 37):
        assert CLASSES[name](chr(point)) == (point in inside)


def test_each_character_alone(tmp_path):
    """Lower case, accents and words of all of Unicode, a few characters to a text."""
    points = [
        *range(0xD800),
        *range(0xE000, 0x1FB00, 11),
        *range(0x1FB00, 0x110000, 997),
    ]
    texts = [
        " ".join(f"{c}{c} q{c}\u03a3 \u03a3{c}z" for c in map(chr, points[i::2000]))
        for i in range(2000)
    ]
    expected = {}
    for name, accents in (("words", None), ("accents", "unicode")):
        hashing = HashingVectorizer(n_features=2**14, norm="l1", strip_accents=accents)
        pipeline = with_random_student(hashing, scale=20.0)
        to_js(pipeline, tmp_path / f"{name}.mjs")
        expected[name] = expected_probabilities(pipeline, texts)
    found = answers(tmp_path, expected, texts)
    for name in expected:
        assert_answers(found[name], expected[name], pipeline.classes_)


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("weight_dtype", ["int8", "float16"])
def test_unions_with_weights(tmp_path, n_classes, weight_dtype):
    """Several blocks with weights, and a TfidfTransformer over all of them."""
    union = FeatureUnion(
        [
            ("words", CountVectorizer(ngram_range=(1, 2))),
            ("hashed", HashingVectorizer(n_features=64, norm=None)),
            ("characters", TfidfVectorizer(analyzer="char", min_df=2)),
        ],
        transformer_weights={"words": 0.5, "characters": 3.0},
    )
    pipeline = with_random_student(
        union,
        TfidfTransformer(use_idf=n_classes == 5),
        n_classes=n_classes,
        weight_dtype=weight_dtype,
    )
    texts = odd_texts(300, seed=2)
    to_js(pipeline, tmp_path / "student.mjs", verify_on=texts)
    found = answers(tmp_path, ["student"], texts)["student"]
    assert_answers(found, expected_probabilities(pipeline, texts), pipeline.classes_)
    assert verify(Student.from_pipeline(pipeline), tmp_path / "student.mjs", texts)


def test_hidden_layers(tmp_path):
    pipeline = with_random_student(CountVectorizer())
    shallow = pipeline[-1].student_
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(shallow.n_features_in_, 5)), rng.normal(size=(5, 3))]
    biases = [rng.normal(size=5), rng.normal(size=3)]
    pipeline[-1].student_ = Student(weights, biases, "tanh", shallow.classes_)
    to_js(pipeline, tmp_path / "student.mjs", verify_on=odd_texts(200))


def column_texts():
    return pd.DataFrame(
        {
            "title": odd_texts(200, seed=3),
            "price": np.arange(200.0),
            "body": odd_texts(200, seed=4),
        }
    )


@pytest.mark.parametrize("names", [["title", "body"], [0, 2]], ids=["names", "places"])
def test_columns_of_a_table(tmp_path, names):
    table = column_texts()
    rows = table if names[0] == "title" else table.to_numpy()
    transformer = ColumnTransformer(
        [
            ("body", TfidfVectorizer(max_features=200), names[1]),
            ("title", CountVectorizer(analyzer="char"), names[0]),
            ("again", HashingVectorizer(n_features=32), names[1]),
        ],
        transformer_weights={"title": 0.1},
    )
    pipeline = with_random_student(transformer, X=rows)
    to_js(pipeline, tmp_path / "student.mjs", verify_on=rows)
    student = Student.from_pipeline(pipeline)
    keys = [c if isinstance(c, str) else f"x{c}" for c in student.text.columns]
    columns = {"title": "title", "x0": "title", "body": "body", "x2": "body"}
    records = [
        dict(zip(keys, values, strict=True))
        for values in table[[columns[key] for key in keys]].to_numpy().tolist()
    ]
    found = node(
        tmp_path,
        f"""
        import {{ features, predictProba }} from "./student.mjs";
        const records = {json.dumps(records)};
        const message = (row) => {{
          try {{
            return predictProba(row);
          }} catch (error) {{
            return `${{error}}`;
          }}
        }};
        const [first] = Object.keys(records[0]);
        console.log(JSON.stringify({{
          features,
          named: records.map(predictProba),
          listed: records.map((row) => predictProba(Object.values(row))),
          more: predictProba({{ ...records[0], more: 1 }}),
          messages: [
            {{}}, ["a"], "a", null, {{ ...records[0], [first]: null }}, [1, "a"],
          ].map(message),
        }}));
        """,
    )
    assert found["features"] == [{"name": key, "kind": "text"} for key in keys]
    expected = expected_probabilities(pipeline, rows)
    assert_allclose(found["named"], expected, rtol=0, atol=1e-5)
    assert found["listed"] == found["named"]
    assert found["more"] == found["named"][0]
    assert found["messages"] == [
        f'TypeError: the row has no key "{keys[1]}"',
        "TypeError: the row has 1 texts, and the student takes 2",
        "TypeError: a row is an array of texts, or an object with names as keys",
        "TypeError: a row is an array of texts, or an object with names as keys",
        f'TypeError: feature "{keys[0]}" is null, and the student takes text there',
        f'TypeError: feature "{keys[0]}" is 1, and the student takes text there',
    ]


def student_of_terms(**parts):
    """Return a student of one vectorizer, whose weights grow with the place."""
    vectorizer = TextVectorizer(**parts)
    n_columns = vectorizer.n_columns
    weights = np.linspace(-2, 2, n_columns)[:, np.newaxis]
    text = StudentText([vectorizer])
    return Student([weights], [[0.1]], "relu", ["no", "yes"], text=text)


def test_kept_buckets(tmp_path):
    student = student_of_terms(n_buckets=512, signed=True, buckets=[3, 17, 50, 400])
    texts = odd_texts(1000)
    assert len(np.unique(student.predict_proba(texts)[:, 0])) > 5
    to_js(student, tmp_path / "student.mjs", verify_on=texts)


def test_hostile_terms(tmp_path):
    """No term ends a text, a script or the list, whatever characters it has."""
    separators = ",;|/ ~^`'!#$%&*+-.:=?@_\n\x00"
    terms = [*dict.fromkeys(c for c in "".join(HOSTILE) + separators + "\ue000\ue001")]
    student = student_of_terms(analyzer="char", lowercase=False, terms=terms)
    to_js(student, tmp_path / "student.mjs", verify_on=[*HOSTILE, *terms, *ODD])
    module = (tmp_path / "student.mjs").read_text(encoding="utf-8")
    assert module.isascii()
    assert "</script" not in module.lower()
    assert "<!--" not in module


def test_no_terms(tmp_path):
    student = Student(
        [np.ones((0, 1))],
        [[0.3]],
        "relu",
        ["no", "yes"],
        text=StudentText([TextVectorizer(terms=())]),
    )
    to_js(student, tmp_path / "student.mjs", verify_on=["any", ""])


def test_long_texts_and_halves_of_pairs(tmp_path):
    """A million characters, and halves of pairs wherever Python has an answer."""
    texts = ["ab " * 300_000 + "\u03a3" * 99_999, ""]
    halves = ["a\ud800b", "\udc00", "abc\udfff abc \ud83d", "\ud800Σ"]
    for name, vectorizer in {
        "words": TfidfVectorizer(strip_accents="ascii"),
        "char_wb": CountVectorizer(analyzer="char_wb", ngram_range=(1, 2)),
        "hashed": HashingVectorizer(n_features=50),
    }.items():
        pipeline = with_random_student(
            vectorizer, X=["ab \u03c3\u03c3 b", *halves, "abc"]
        )
        to_js(pipeline, tmp_path / f"{name}.mjs", verify_on=texts[name == "hashed" :])
        verification = verify(pipeline, tmp_path / f"{name}.mjs", halves)
        assert verification.passed, verification


REFUSALS = """
import { classes, features, predict, takesMissing } from "./student.mjs";
const values = [undefined, null, 3, 3n, true, ["a"], {}, { text: "a" }, new Date(0)];
const messages = values.map((value) => {
  try {
    return predict(value);
  } catch (error) {
    return `${error}`;
  }
});
console.log(JSON.stringify({ messages, classes, features, takesMissing }));
"""


def test_a_row_that_is_no_text(tmp_path):
    to_js(student_of_terms(terms=["a", "b"]), tmp_path / "student.mjs")
    found = node(tmp_path, REFUSALS)
    start = "TypeError: a row is one text, a string, and this is "
    types = ["undefined", "null", "3", "bigint", "boolean", *["object"] * 4]
    spelt = [t if t in ("null", "3") else f"a value of type {t}" for t in types]
    assert found["messages"] == [start + words for words in spelt]
    assert found["classes"] == ["no", "yes"]
    assert found["features"] == [{"name": "text", "kind": "text"}]
    assert found["takesMissing"] is False


def test_half_of_a_pair_cannot_be_hashed(tmp_path):
    student = student_of_terms(n_buckets=50, analyzer="char")
    to_js(student, tmp_path / "student.mjs")
    [message] = node(
        tmp_path,
        """
        import { predict } from "./student.mjs";
        try {
          predict("a\\ud800");
        } catch (error) {
          console.log(JSON.stringify([`${error}`]));
        }
        """,
    )
    assert message.startswith("RangeError: the text holds half of a surrogate pair")


def test_only_code_that_is_needed(tmp_path):
    words = {
        "murmur": {"n_buckets": 16},
        "cutCharacters": {"terms": ["ab"], "analyzer": "char_wb"},
        "cutWords": {"terms": ["ab"]},
        "combining": {"terms": ["ab"], "strip_accents": "unicode"},
        "lowerSigmas": {"terms": ["\u03c3\u03b1"]},
    }
    for word, parts in words.items():
        to_js(student_of_terms(**parts), tmp_path / "student.mjs")
        module = (tmp_path / "student.mjs").read_text(encoding="utf-8").lower()
        assert word.lower() in module
        to_js(student_of_terms(terms=["ab"]), tmp_path / "plain.mjs")
        plain = (tmp_path / "plain.mjs").read_text(encoding="utf-8").lower()
        assert (word.lower() in plain) == (word == "cutWords")
        assert "//:" not in module


def two_classes_of_terms(n_terms):
    """A student of words and char_wb of texts that a seed makes, in int8."""
    rng = np.random.default_rng(0)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "io", "u", "ar")]
    words = ["".join(rng.choice(syllables, rng.integers(1, 5))) for _ in range(4000)]
    words = np.array([*PLAIN, *dict.fromkeys(words)])
    shares = 1 / np.arange(2, len(words) + 2)
    texts = [
        " ".join(rng.choice(words, rng.integers(5, 30), p=shares / shares.sum()))
        for _ in range(1500)
    ]
    pipeline = with_random_student(
        FeatureUnion(
            [
                (
                    "words",
                    TfidfVectorizer(sublinear_tf=True, max_features=n_terms // 2),
                ),
                (
                    "characters",
                    TfidfVectorizer(
                        analyzer="char_wb",
                        ngram_range=(3, 5),
                        sublinear_tf=True,
                        max_features=n_terms - n_terms // 2,
                    ),
                ),
            ]
        ),
        n_classes=2,
        weight_dtype="int8",
        X=texts,
    )
    return pipeline, texts


def test_the_size_of_a_thousand_columns(tmp_path):
    pipeline, texts = two_classes_of_terms(1000)
    to_js(pipeline, tmp_path / "student.mjs", verify_on=texts[:200])
    module = (tmp_path / "student.mjs").read_bytes()
    assert len(gzip.compress(module)) < 13_000


def test_quantized_students(tmp_path):
    pipeline = with_random_student(TfidfVectorizer(max_features=300), n_classes=4)
    texts = odd_texts(500)
    student, cost = quantize(pipeline, "int8", iter(texts))
    assert student.text.n_columns == 300
    assert cost.agreement > 0.95
    assert cost.bytes_after < cost.bytes_before
    to_js(student, tmp_path / "student.mjs", verify_on=iter(texts))


def test_a_module_of_other_terms_fails(tmp_path):
    pipeline = with_random_student(TfidfVectorizer(max_features=100))
    other = with_random_student(TfidfVectorizer(max_features=100, lowercase=False))
    to_js(other, tmp_path / "student.mjs")
    assert not verify(pipeline, tmp_path / "student.mjs", odd_texts(100)).passed


def test_pipelines_that_are_refused(tmp_path):
    path = tmp_path / "student.mjs"
    vectorizer = CountVectorizer(tokenizer=str.split, token_pattern=None)
    pipeline = with_random_student(vectorizer)
    with pytest.raises(ValueError, match="tokenizer="):
        to_js(pipeline, path)
    numbers = make_pipeline(StandardScaler(), pipeline[-1])
    with pytest.raises(TypeError, match=re.escape("give its last step, model[-1]")):
        to_js(numbers, path)
    assert not list(tmp_path.iterdir())


def test_texts_that_are_refused(tmp_path):
    student = student_of_terms(terms=["a", "b"])
    for X, error in (("text", ValueError), ([1], TypeError), ([], ValueError)):
        with pytest.raises(error):
            to_js(student, tmp_path / "student.mjs", verify_on=X)
    assert not list(tmp_path.iterdir())
