"""The JavaScript module of a student, run by Node, against the student."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier

from skdistill import DistilledClassifier, Student
from skdistill.export import to_js, verify
from skdistill.export.javascript.run import run
from skdistill.student.input_code import InputCode
from tests import oracle
from tests.student.test_student import ACTIVATIONS, make_encoded, make_student, rows

WEIGHT_DTYPES = ["int8", "float16", "float32"]
NAN = float("nan")

# Texts that could break out of a text, a name or a page, or mean something to an
# object.
HOSTILE = [
    "</script><script>globalThis.broken = true</script>",
    "<!--",
    "'\"`\\",
    "${globalThis.broken = true}",
    '"; globalThis.broken = true; "',
    "*/ globalThis.broken = true; /*",
    "a\nb\r\0\u2028\u2029 ",
    "__proto__",
    "constructor",
    "toString",
    "",
    "né \U0001f600",
    "$label $columns",
    "const student = {};\n",
]


def node(folder, program):
    """Return what a program, an ES module in a folder, writes as JSON."""
    (folder / "program.mjs").write_text(program, encoding="utf-8")
    done = subprocess.run(
        ["node", "program.mjs"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def assert_answers(student, path, X):
    """Compare the answers of a module to the rows of a table with the student's."""
    labels, probabilities = run(student, path, X)
    expected = student.predict_proba(X)
    assert_allclose(probabilities, expected, rtol=0, atol=1e-5)
    part = np.sort(expected, axis=1)
    clear = part[:, -1] - part[:, -2] > 1e-5
    assert labels[clear].tolist() == student.predict(X)[clear].tolist()


def labelled_rows(student, n):
    """Return a table of random rows."""
    code = student.input_code
    return oracle.labelled_table(code, oracle.random_numbers(code, n))


@pytest.mark.parametrize("units", [(3, 1), (4, 7, 3), (54, 64, 7), (6, 33, 17, 20)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_plain_students(tmp_path, units, activation):
    student = make_student(units, activation)
    to_js(student, tmp_path / "student.mjs")
    for X in (3 * rows(300, units[0]), rows(1, units[0]).tolist()):
        assert_answers(student, tmp_path / "student.mjs", X)


@pytest.mark.parametrize("weight_dtype", WEIGHT_DTYPES)
@pytest.mark.parametrize(
    ("units", "n_linear", "bins", "levels"),
    [
        ((7, 3), 2, (3, 9), (4,)),
        ((130, 17, 1), 0, (2, 64, 5), (1, 300)),
        ((16, 20), 3, (), (3,)),
        ((12, 4), 0, (), (3, 2, 9)),
        ((1, 1), 0, (2,), ()),
        ((9, 5), 4, (), ()),
        ((33, 16, 16, 2, 3), 20, (4,) * 15, ()),
        ((3,), 2, (3, 9), (4,)),
        ((5, 2, 4), 0, (), ()),
    ],
)
def test_encoded_students(tmp_path, weight_dtype, units, n_linear, bins, levels):
    student = make_encoded(units, n_linear, bins, levels, weight_dtype=weight_dtype)
    to_js(student, tmp_path / "student.mjs")
    assert_answers(student, tmp_path / "student.mjs", labelled_rows(student, 300))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_of_encoded_students(tmp_path, activation):
    student = make_encoded((8, 5, 1), activation=activation)
    to_js(student, tmp_path / "student.mjs")
    assert_answers(student, tmp_path / "student.mjs", labelled_rows(student, 300))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sums_far_from_zero(tmp_path, activation):
    """Activations and probabilities at their ends."""
    student = Student(
        [[[1.0, -1.0, 1e-3]], np.eye(3)], [[0, 0, 0], [0, 0, 0]], activation, [0, 1, 2]
    )
    to_js(student, tmp_path / "student.mjs")
    X = np.float32([[x] for x in (0, 1e-20, 3, 20, 100, 1e4, 1e30)])
    assert_answers(student, tmp_path / "student.mjs", np.vstack([X, -X]))


def test_the_least_weights_in_half_precision(tmp_path):
    weights = [[2.0**-24, 6.1e-5, 2.0**-14, 1.5, -1.5, 65504.0, -(2.0**-24), 0.0]]
    student = Student(
        [weights], [np.zeros(8)], "relu", range(8), weight_dtype="float16"
    )
    assert_array_equal(student.coefs_[0][0, [0, 2, 5]], np.array(weights)[0, [0, 2, 5]])
    to_js(student, tmp_path / "student.mjs")
    for size in (1e-5, 1.0, 1e3, 1e7):
        assert_answers(student, tmp_path / "student.mjs", [[size], [-size]])


def test_numbers_at_the_ends_of_single_precision(tmp_path):
    greatest = float(np.finfo(np.float32).max) / 4
    code = InputCode(
        2,
        linear=[1],
        low=[-greatest],
        high=[greatest],
        mean=[0.0],
        scale=[greatest],
        knotted=[0],
        knots=[[-greatest, 0.0, 1e-37, greatest]],
        categorical=[],
        levels=[],
    )
    table = oracle.RNG(0).normal(size=(code.n_rows, 3))
    student = Student([np.ones((1, 3))], [np.zeros(3)], "relu", range(3), code, table)
    to_js(student, tmp_path / "student.mjs")
    ends = [-greatest, -1e-37, 0.0, 1e-45, 5e-38, 1e-37, 1.0, greatest]
    X = np.array([[a, b] for a in ends for b in ends])
    assert_answers(student, tmp_path / "student.mjs", X)


def student_of_levels(*levels):
    """A student of a knotted column before columns of levels."""
    code = InputCode(
        1 + len(levels),
        linear=[],
        low=[],
        high=[],
        mean=[],
        scale=[],
        knotted=[0],
        knots=[[0.0, 1.0, 3.0]],
        categorical=np.arange(len(levels)) + 1,
        levels=levels,
    )
    coefs, intercepts = oracle.random_network((0, 6, 4), 0, np.float32)
    table = oracle.RNG(2).normal(size=(code.n_rows, 6))
    return Student(coefs, intercepts, "relu", list("abcd"), code, table)


@pytest.mark.parametrize(
    ("levels", "cells"),
    [
        ([3, 1, 2], [3, 1.0, True, 2, 7, -1, 2.5, "3", None, NAN]),
        ([0.5, 1e30, -0.0], [0.5, 1e30, 0, -0.0, False, 1, "0", None]),
        ([True, False], [True, False, 1, 0.0, 2, "true", None]),
        (["red", "green", "1"], ["red", "green", "1", "", "blue", None]),
        (["1", 1, "true", 0.5], ["1", 1, True, "true", 0.5, "0.5", "1.0", 2, None]),
        ([*HOSTILE, "\ud800"], [*HOSTILE, "\ud800", "hasOwnProperty", "size", None]),
        ([2**60, 2**53], [float(2**60), 2**53, 5, None]),
        ([], ["any", None]),
    ],
    ids=["int", "float", "bool", "text", "mixed", "hostile", "large", "none"],
)
def test_levels(tmp_path, levels, cells):
    """Each cell in a row by itself: the column's type is that of its one cell."""
    student = student_of_levels(levels)
    to_js(student, tmp_path / "student.mjs")
    for number, cell in enumerate(cells):
        X = np.array([[number / 4, cell]], dtype=object)
        assert_answers(student, tmp_path / "student.mjs", X)


def test_integers_beyond_those_of_double_precision(tmp_path):
    levels = [2**53 + 1, 2**53, -(2**70), 7]
    student = student_of_levels(levels)
    to_js(student, tmp_path / "student.mjs")
    X = pd.DataFrame({"a": 1.0, "b": pd.Categorical([*levels, 2**53 + 2])})
    assert len({tuple(p) for p in student.predict_proba(X)}) == 5
    assert_answers(student, tmp_path / "student.mjs", X)


def test_a_column_of_text_and_numbers(tmp_path):
    """A text stands for the number that it writes, unless it is a level itself."""
    student = student_of_levels([True, 5, "5", 7])
    to_js(student, tmp_path / "student.mjs")
    cells = ["1", 1, 1.0, "true", True, 2**60, None, "a", "5", 5, "5.0", "7", "+7"]
    X = np.array([[0.5, cell] for cell in cells], dtype=object)
    assert_answers(student, tmp_path / "student.mjs", X)
    found = student.numbers(X)[:, 1].tolist()
    assert found == [0, 0, 0, 0, 0, 4, 5, 4, 2, 1, 1, 3, 3]


text = st.text(max_size=3) | st.sampled_from(["a", "1", "__proto__", "NaN"])
number = (
    st.integers(-9, 9)
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e6, 1e6, allow_nan=False)
)
level = text | number | st.booleans()
cell = (
    level
    | st.sampled_from([None, NAN, np.inf, -np.inf, 1e38, -8e37, 1e-45, 1e300])
    | st.floats(-4, 4)
)
UNITS = [(3,), (7, 1), (5, 2, 4), (1,)]


@st.composite
def students(draw):
    """Students of all kinds of columns, in any order."""
    levels = draw(st.lists(st.lists(level, max_size=5, unique=True), max_size=3))
    knot = st.floats(-3, 3, width=16)
    knots = draw(
        st.lists(st.lists(knot, min_size=3, max_size=6, unique=True), max_size=3)
    )
    n_linear, n_unused = draw(st.integers(0, 3)), draw(st.integers(1, 2))
    rng = oracle.RNG(draw(st.integers(0, 9)))
    n_features = n_linear + len(knots) + len(levels) + n_unused
    places = np.split(
        rng.permutation(n_features),
        np.cumsum([n_linear, len(knots), len(levels)]),
    )
    middle = rng.normal(size=n_linear)
    code = InputCode(
        n_features,
        linear=places[0],
        low=middle - 1,
        high=middle + 1,
        mean=middle,
        scale=rng.uniform(0.5, 2, n_linear),
        knotted=places[1],
        knots=list(map(sorted, knots)),
        categorical=places[2],
        levels=levels,
    )
    units = draw(st.sampled_from(UNITS))
    coefs, intercepts = oracle.random_network((n_linear, *units), 0, np.float32)
    return Student(
        coefs,
        intercepts,
        draw(st.sampled_from(ACTIVATIONS)),
        range(max(2, units[-1])),
        code,
        rng.normal(size=(code.n_rows, units[0])),
        draw(st.sampled_from(WEIGHT_DTYPES)),
    )


CHECK_ROWS = """
import { readFileSync } from "node:fs";
import { predictProba } from "./student.mjs";

const rows = JSON.parse(readFileSync("rows.json"), (_, cell) =>
  ["NaN", "Infinity", "-Infinity"].includes(cell?.number) ? Number(cell.number) : cell);
const answers = rows.map((row) => {
  try {
    return predictProba(row);
  } catch (error) {
    return error.name;
  }
});
console.log(JSON.stringify(answers));
"""


def to_json(value):
    if isinstance(value, float) and not np.isfinite(value):
        spelt = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
        return {"number": spelt[str(value)]}
    return value


@settings(max_examples=60)
@given(st.data())
def test_rows_are_answered_or_refused_as_by_the_student(tmp_path_factory, data):
    """A row by itself, of any cells: both answer the same, or neither does."""
    student = data.draw(students())
    n_features = student.n_features_in_
    row = st.tuples(*[cell] * n_features)
    table = data.draw(st.lists(row, min_size=1, max_size=30))
    code = student.input_code
    used = [*code.linear, *code.knotted, *code.categorical]
    table = [
        [value if place in used else None for place, value in enumerate(row)]
        for row in table
    ]
    # Cells that the student knows are rarely drawn.
    for place, levels in zip(code.categorical, code.levels, strict=True):
        for row, known in zip(table[::2], levels, strict=False):
            row[place] = known
    folder = tmp_path_factory.mktemp("student")
    to_js(student, folder / "student.mjs")
    spelt = [[to_json(value) for value in row] for row in table]
    (folder / "rows.json").write_text(json.dumps(spelt))
    answers = node(folder, CHECK_ROWS)
    for row, answer in zip(table, answers, strict=True):
        X = np.empty((1, n_features), dtype=object)
        X[0] = row
        try:
            expected = student.predict_proba(X)[0]
        except ValueError:
            assert answer in ("TypeError", "RangeError"), row
        else:
            assert_allclose(answer, expected, rtol=0, atol=1e-5)


def test_the_student_of_a_table_in_all_containers(tmp_path):
    """Text, categories, truth values, integers and gaps, as a frame gives them."""
    rng = np.random.default_rng(0)
    n = 400
    table = pd.DataFrame(
        {
            "town": pd.Categorical(rng.choice(["Rome", "Oslo", "Bonn"], n)),
            "age": rng.normal(40, 10, n).round(),
            "floor": pd.Categorical(rng.integers(0, 4, n)),
            "garden": rng.random(n) < 0.5,
            "constant": 1.0,
        }
    )
    table.loc[rng.random(n) < 0.1, "age"] = np.nan
    table.loc[rng.random(n) < 0.1, "town"] = None
    y = np.where(table["age"].fillna(0) + 9 * table["garden"] > 40, "yes", "no")
    teacher = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=20
    )
    teacher.fit(table, y)
    model = DistilledClassifier(teacher, random_state=0, max_iter=3, weight_decay=0.3)
    model.fit(table, y)
    to_js(model, tmp_path / "student.mjs", verify_on=table)

    table = table.iloc[:40].copy()
    table["town"] = table["town"].cat.add_categories(["Graz"])
    table.loc[3:5, "town"] = "Graz"
    verification = verify(model, tmp_path / "student.mjs", table)
    assert verification.passed
    assert verification.n_rows == 40

    records = json.loads(table.drop(columns="constant").to_json(orient="records"))
    found = node(
        tmp_path,
        f"""
        import * as student from "./student.mjs";
        const records = {json.dumps(records)};
        const lists = records.map((row) => [...Object.values(row), 7]);
        console.log(JSON.stringify({{
          records: records.map(student.predictProba),
          lists: lists.map(student.predictProba),
          labels: records.map(student.predict),
          more: student.predictProba({{ ...records[0], more: 1, constant: "any" }}),
          features: student.features,
          classes: student.classes,
          takesMissing: student.takesMissing,
        }}));
        """,
    )
    expected = model.student_.predict_proba(table)
    assert_allclose(found["records"], expected, rtol=0, atol=1e-5)
    assert found["lists"] == found["records"]
    assert found["more"] == found["records"][0]
    assert found["labels"] == model.student_.predict(table).tolist()
    assert found["classes"] == ["no", "yes"]
    assert found["takesMissing"] is True
    names = [feature["name"] for feature in found["features"]]
    assert names == list(model.feature_names_in_)
    town, age, floor, garden, constant = found["features"]
    code = model.student_.input_code
    assert (town["kind"], town["levels"]) == ("category", code.levels[0])
    assert age["kind"] == "number"
    assert (age["low"], age["high"]) == (code.knots[0][0], code.knots[0][-1])
    assert sorted(floor["levels"]) == [0, 1, 2, 3]
    assert set(garden["levels"]) == {False, True}
    assert all(type(level) is bool for level in garden["levels"])
    assert constant == {"name": "constant", "kind": "unused"}


def test_features_of_numbers(tmp_path):
    student = make_encoded(n_linear=1, bins=(3,), levels=())
    to_js(student, tmp_path / "student.mjs")
    to_js(make_student((2, 1)), tmp_path / "plain.mjs")
    encoded, plain, takes_missing = node(
        tmp_path,
        """
        import { features } from "./student.mjs";
        import { features as plain, takesMissing } from "./plain.mjs";
        console.log(JSON.stringify([features, plain, takesMissing]));
        """,
    )
    code = student.input_code
    assert encoded[code.linear[0]] == {
        "name": f"x{code.linear[0]}",
        "kind": "number",
        "low": code.low[0],
        "high": code.high[0],
    }
    assert encoded[code.knotted[0]]["low"] == code.knots[0][0]
    assert plain[1] == {"name": "x1", "kind": "number", "low": None, "high": None}
    assert takes_missing is False


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["no", "yes"], ["string no", "string yes"]),
        (np.array([False, True]), ["boolean false", "boolean true"]),
        (np.array([3, -1, 2], dtype=np.int8), ["number 3", "number -1", "number 2"]),
        (np.array([0.1, -2.5, 1e300]), ["number 0.1", "number -2.5", "number 1e+300"]),
        (
            np.array([-np.inf, np.inf, np.nan]),
            ["number -Infinity", "number Infinity", "number NaN"],
        ),
        (
            np.array([2**64 - 1, 2**53 - 1], dtype=np.uint64),
            ["bigint 18446744073709551615", "number 9007199254740991"],
        ),
        (np.array(["a", 1, True, 2.5], dtype=object)[1:], None),
        (HOSTILE, [f"string {label}" for label in HOSTILE]),
    ],
    ids=["str", "bool", "int8", "float", "infinite", "uint64", "object", "hostile"],
)
def test_labels_keep_their_type(tmp_path, classes, expected):
    """Of a student whose inputs are its logits."""
    if expected is None:
        classes = np.array(["1", 2, 2.5, False], dtype=object)
        expected = ["string 1", "number 2", "number 2.5", "boolean false"]
    n = len(classes)
    units = (1, 1) if n == 2 else (n, n)
    weights = [[1.0]] if n == 2 else np.eye(n)
    student = Student([weights], [np.zeros(units[-1])], "relu", classes)
    to_js(student, tmp_path / "student.mjs")
    X = [[-1.0], [1.0]] if n == 2 else np.eye(n).tolist()
    found = node(
        tmp_path,
        f"""
        import {{ classes, predict }} from "./student.mjs";
        const spell = (label) => `${{typeof label}} ${{label}}`;
        const labels = {json.dumps(X)}.map(predict);
        console.log(JSON.stringify({{
          labels: labels.map(spell),
          classes: classes.map(spell),
          unbroken: globalThis.broken === undefined,
        }}));
        """,
    )
    assert found == {"labels": expected, "classes": expected, "unbroken": True}
    if str(expected[-1]) != "number NaN":
        assert run(student, tmp_path / "student.mjs", X)[0].tolist() == [
            label if isinstance(label, str) else np.asarray(label).item()
            for label in classes
        ]
        assert verify(student, tmp_path / "student.mjs", X).passed


def test_hostile_names(tmp_path):
    """Names are keys of rows as they are, and end no text and no script."""
    X = pd.DataFrame(rows(60, len(HOSTILE)), columns=HOSTILE)
    y = (X.iloc[:, 3] > 0).astype(int)
    model = DistilledClassifier(encoder=None, max_iter=2).fit(X, y)
    to_js(model, tmp_path / "student.mjs", verify_on=X)
    for file in ("student.mjs", "student.d.mts"):
        content = (tmp_path / file).read_text(encoding="utf-8")
        assert content.isascii()
        assert "</script" not in content.lower()
        assert "<!--" not in content
    records = [dict(zip(HOSTILE, row, strict=True)) for row in X.to_numpy().tolist()]
    found = node(
        tmp_path,
        f"""
        import {{ features, predictProba }} from "./student.mjs";
        const records = JSON.parse({json.dumps(json.dumps(records))});
        const throws = (key) => {{
          const {{ [key]: _, ...rest }} = records[0];
          try {{
            predictProba(rest);
          }} catch (error) {{
            return `${{error}}` === `TypeError: the row has no key ` +
              JSON.stringify(key);
          }}
        }};
        console.log(JSON.stringify({{
          names: features.map(({{ name }}) => name),
          answers: records.map(predictProba),
          refused: features.map(({{ name }}) => throws(name)),
          unbroken: globalThis.broken === undefined,
        }}));
        """,
    )
    assert found["names"] == HOSTILE
    assert found["refused"] == [True] * len(HOSTILE)
    assert found["unbroken"]
    assert_allclose(found["answers"], model.student_.predict_proba(X), atol=1e-5)


def test_names_that_are_the_same_are_not_keys(tmp_path):
    model = DistilledClassifier()
    model.student_ = make_student((3, 1))
    model.feature_names_in_ = np.array(["a", "b", "a"], dtype=object)
    to_js(model, tmp_path / "student.mjs", verify_on=rows(9, 3))
    names = node(
        tmp_path,
        """
        import { features } from "./student.mjs";
        console.log(JSON.stringify(features.map(({ name }) => name)));
        """,
    )
    assert names == ["x0", "x1", "x2"]


REFUSED = [
    ("[1]", "TypeError: the row has 1 values, and the student takes 4"),
    ("[1, 2, 'a', 4, 5]", "TypeError: the row has 5 values, and the student takes 4"),
    ("'1234'", "TypeError: a row is an array of values, or an object with names as"),
    ("null", "TypeError: a row is an array of values, or an object with names as keys"),
    ("undefined", "TypeError: a row is an array of values, or an object"),
    ("7", "TypeError: a row is an array of values, or an object"),
    ("{ x0: 1, x1: 2 }", 'TypeError: the row has no key "x2"'),
    ("['1', 2, 'a', 4]", 'TypeError: feature "x0" is "1", and the student takes numb'),
    ("[1, {}, 'a', 4]", 'TypeError: feature "x1" is a value of type object, and the'),
    ("[1, 2, 3, 4]", 'TypeError: feature "x2" is 3, and the student takes text there'),
    ("[1, 2, 3n, 4]", 'TypeError: feature "x2" is a value of type bigint, and the st'),
    ("[1, 2, ['a'], 4]", 'TypeError: feature "x2" is a value of type object'),
    ("[1, 2, Symbol(), 4]", 'TypeError: feature "x2" is a value of type symbol'),
    (
        "[Infinity, 2, 'a', 4]",
        'RangeError: feature "x0" is Infinity, and the student takes finite numbers up '
        "to 8.507e+37 in size",
    ),
    ("[1, -1e38, 'a', 4]", 'RangeError: feature "x1" is -1e+38, and the student takes'),
    ("[1, 2, -Infinity, 4]", 'RangeError: feature "x2" is -Infinity, and the student'),
    ("[1, 2, 10n ** 400n, 4]", 'RangeError: feature "x2" is 1000000'),
    ("[1, 2, 'a', 1e39]", 'RangeError: feature "x3" is 1e+39, and the student takes'),
]
REFUSED_BY_PLAIN = [
    (
        "[1, NaN]",
        'RangeError: feature "x1" is missing, and the student takes no',
    ),
    (
        "[null, 1]",
        'RangeError: feature "x0" is missing, and the student takes no',
    ),
    ("{ x0: 1, x1: undefined }", 'RangeError: feature "x1" is missing, and the stude'),
    ("[1, 4e38]", 'RangeError: feature "x1" is 4e+38, and the student takes finite'),
    (
        "[1e38, 1]",
        "RangeError: the logits of the row are beyond single precision: its values are "
        "far from those that the student was trained on",
    ),
]


def messages(folder, rows):
    """Return what a module throws for rows of JavaScript."""
    return node(
        folder,
        f"""
        import {{ predict, predictProba }} from "./student.mjs";
        const message = (call) => {{
          try {{
            call();
          }} catch (error) {{
            return String(error);
          }}
        }};
        const rows = [{", ".join(rows)}];
        console.log(JSON.stringify(rows.map((row) => [
          message(() => predictProba(row)), message(() => predict(row)),
        ])));
        """,
    )


@pytest.mark.parametrize("kind", ["encoded", "plain"])
def test_what_is_refused(tmp_path, kind):
    refused = REFUSED if kind == "encoded" else REFUSED_BY_PLAIN
    if kind == "plain":
        student = Student([[[9.0], [1.0]]], [[0.0]], "relu", [0, 1])
    else:
        code = InputCode(
            4,
            linear=[0],
            low=[0.0],
            high=[1.0],
            mean=[0.0],
            scale=[1.0],
            knotted=[1],
            knots=[[0.0, 1.0, 3.0]],
            categorical=[2, 3],
            levels=[["a", "b"], [1, 2]],
        )
        table = np.ones((code.n_rows, 1))
        student = Student([[[1.0]]], [[0.0]], "relu", [0, 1], code, table)
    to_js(student, tmp_path / "student.mjs")
    found = messages(tmp_path, [row for row, _ in refused])
    for (row, message), (first, second) in zip(refused, found, strict=True):
        assert first is not None, row
        assert first.startswith(message), row
        assert second == first


def test_forms_of_a_row(tmp_path):
    to_js(make_student((3, 5, 2, 4)), tmp_path / "student.mjs")
    answers = node(
        tmp_path,
        """
        import { predictProba } from "./student.mjs";
        class Row { x0 = 1; x1 = 0; x2 = 2; }
        console.log(JSON.stringify([
          [1, 0, 2],
          new Float32Array([1, 0, 2]),
          new Int8Array([1, 0, 2]),
          { x2: 2, x0: 1, x1: 0 },
          Object.assign(Object.create(null), { x0: 1, x1: 0, x2: 2 }),
          new Row(),
          [true, false, 2n],
        ].map(predictProba)));
        """,
    )
    assert len(answers[0]) == 4
    assert answers == [answers[0]] * 7


def test_an_answer_is_the_callers_own(tmp_path):
    """A returned answer stays as it is, and may be altered."""
    to_js(make_student((2, 5, 3)), tmp_path / "student.mjs")
    first, again, is_array = node(
        tmp_path,
        """
        import { predictProba } from "./student.mjs";
        const first = predictProba([1, 2]);
        const copy = [...first];
        predictProba([5, -3]);
        const same = JSON.stringify(first) === JSON.stringify(copy);
        first[0] = 7;
        console.log(JSON.stringify([same, predictProba([1, 2])[0] === copy[0],
          Array.isArray(first)]));
        """,
    )
    assert (first, again, is_array) == (True, True, True)


def test_the_program_of_the_documentation(tmp_path, monkeypatch):
    """It predicts as the student whose making stands before it."""
    text = (Path(__file__).parents[3] / "docs" / "export.md").read_text()
    [program] = re.findall(r"^```js\n(.*?)^```", text, re.M | re.S)
    blocks = re.findall(r"^```python\n(.*?)^```", text.split(program)[0], re.M | re.S)
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks:
        exec(block, names)
    student = names["model"].student_
    (tmp_path / "program.mjs").write_text(program)
    done = subprocess.run(["node", "program.mjs"], capture_output=True, check=True)
    label, first, second = re.findall(r"yes|no|\d\.\d+", done.stdout.decode())[:3]
    X = np.array([["Rome", 65], ["Bonn", None]], dtype=object)
    assert label == student.predict(X)[0]
    assert_allclose([float(first), float(second)], student.predict_proba(X)[1], 1e-5)
    assert "levels: [ 'Rome', 'Oslo' ]" in done.stdout.decode()


def test_equal_students_have_equal_files(tmp_path):
    for name in ("a", "b"):
        to_js(make_encoded(weight_dtype="int8"), tmp_path / f"{name}.mjs")
    for ending in (".mjs", ".d.mts"):
        first = (tmp_path / f"a{ending}").read_bytes()
        assert first == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize(
    ("weight_dtype", "most"), [("int8", 0.45), ("float16", 0.73), ("float32", 1.4)]
)
def test_weights_are_written_in_their_type(tmp_path, weight_dtype, most):
    """Bytes beside the code, in parts of those of the weights in single precision."""
    student = make_encoded((128, 64, 7), 0, (20,) * 20, weight_dtype=weight_dtype)
    to_js(student, tmp_path / "student.mjs")
    template = Path(sys.modules[to_js.__module__].__file__).parent
    names = ("student_template.mjs", "table_template.mjs")
    code = sum((template / name).stat().st_size for name in names)
    arrays = [*student.coefs_, student.knot_table_]
    weights = sum(array.size * 4 for array in arrays)
    assert (tmp_path / "student.mjs").stat().st_size - code < most * weights


def test_a_js_module(tmp_path):
    """Node takes a file of this ending as a module in some folders only."""
    student, X = make_student(), rows(20, 4)
    to_js(student, str(tmp_path / "my.student.js"), verify_on=X)
    assert {path.name for path in tmp_path.iterdir()} == {
        "my.student.js",
        "my.student.d.ts",
    }
    assert verify(student, tmp_path / "my.student.js", X).passed


@pytest.mark.parametrize("name", ["student", "student.ts", "student.onnx"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"it needs to end in \.mjs or \.js"):
        to_js(make_student(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_labels_without_a_like_are_refused(tmp_path):
    student = make_student((4, 5, 1), classes=np.array([b"a", b"b"]))
    message = "a label of type bytes cannot be written in JavaScript: b'a'. Use strings"
    with pytest.raises(ValueError, match=message):
        to_js(student, tmp_path / "student.mjs")
    assert not list(tmp_path.iterdir())


def test_what_is_no_student_is_refused(tmp_path):
    with pytest.raises(TypeError, match="model is a str: give a fitted"):
        to_js("student", tmp_path / "student.mjs")


def test_a_module_that_answers_otherwise_takes_no_place(tmp_path, monkeypatch):
    former = make_student(seed=1)
    to_js(former, tmp_path / "student.mjs")
    contents = {path: path.read_bytes() for path in tmp_path.iterdir()}
    student, X = make_student(), rows(20, 4)
    with pytest.raises(ValueError, match="does not answer as the student: failed on"):
        to_js(student, tmp_path / "student.mjs", verify_on=X, tolerance=0.0)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == contents


def test_the_module_of_another_student_fails(tmp_path):
    student, X = make_student(), rows(20, 4)
    to_js(make_student(seed=1), tmp_path / "student.mjs")
    assert not verify(student, tmp_path / "student.mjs", X).passed
    to_js(make_student((5, 3)), tmp_path / "student.mjs")
    message = "Node cannot run .*student.mjs: row 0: TypeError: the row has 4 values"
    with pytest.raises(ValueError, match=message):
        verify(student, tmp_path / "student.mjs", X)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("export const predict = 1; {", "SyntaxError"),
        ("export const other = 1;", "TypeError: predict is not a function"),
        ("throw new Error('broken')", "Error: broken"),
        (None, "No such file"),
    ],
)
def test_what_is_no_module_of_a_student(tmp_path, content, words):
    path = tmp_path / "student.mjs"
    if content is not None:
        path.write_text(content)
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        verify(make_student(), path, rows(2, 4))


def test_node_that_is_not_found(tmp_path, monkeypatch):
    to_js(make_student(), tmp_path / "student.mjs")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="the command node is not found: install No"):
        verify(make_student(), tmp_path / "student.mjs", rows(2, 4))
