"""The TypeScript types of a student's module, by the compiler."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from skdistill import DistilledClassifier, Student
from skdistill.export import to_js
from skdistill.student.input_code import InputCode
from skdistill.student.outputs import Classes
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer
from tests.export.javascript.test_to_js import HOSTILE, student_of_levels
from tests.student.tasks import OUTPUTS, student_of
from tests.student.test_student import make_encoded, make_student

TYPES_PROGRAM = """
import { classes, features, predict, predictProba, takesMissing } from "./student.mjs";
import type { Label, NamedRow, Row } from "./student.mjs";

const named: NamedRow = { town: "Rome", age: 3, floor: null, garden: true };
const rows: Row[] = [
  named,
  { town: "never seen", age: undefined, floor: 2, garden: null, constant: "any" },
  ["Oslo", 3, 1, false, 0],
  [null, NaN, undefined, null, undefined],
];
const probability: number = predictProba(rows[0])[1];
const label: "no" | "yes" = predict(rows[1]);
const labels: readonly Label[] = classes;
const missing: boolean = takesMissing;
for (const feature of features) {
  if (feature.kind === "number") (feature.low ?? 0).toFixed(1);
  else if (feature.kind === "category") feature.levels.map(String);
  else feature.name satisfies string;
}
console.log(probability, label, labels, missing);
"""

# Each line is an error by itself.
WRONG_LINES = [
    "predict({ town: 'Rome', age: 3, floor: 1 });",
    "predict({ town: 'Rome', age: '3', floor: 1, garden: true });",
    "predict({ town: 3, age: 3, floor: 1, garden: true });",
    "predict({ town: 'Rome', age: 3, floor: 'first', garden: true });",
    "predict({ town: 'Rome', age: 3, floor: 1, garden: true, more: 1 });",
    "predict(['Rome', 3, 1, true]);",
    "predict([3, 'Rome', 1, true, 0]);",
    "predict('Rome');",
    "predict();",
    "const never = predict(named) === 'maybe';",
    "classes.push('maybe');",
    "features[0].levels;",
]


def compile_types(folder, name, program):
    """Return the exit status and the messages of the TypeScript compiler."""
    compiler = shutil.which("tsc")
    assert compiler, "the TypeScript compiler is needed: npm install typescript"
    (folder / f"{name}.mts").write_text(program)
    options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"]
    done = subprocess.run(
        [compiler, *options, "--lib", "es2022,dom", f"{name}.mts"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture
def typed(tmp_path):
    """A folder with the module and types of a student of five columns."""
    code = InputCode(
        5,
        linear=[],
        low=[],
        high=[],
        mean=[],
        scale=[],
        knotted=[1],
        knots=[[0.0, 1.0, 3.0]],
        categorical=[0, 2, 3],
        levels=[["Rome", "Oslo"], [1, 2], [True, False]],
    )
    table = np.ones((code.n_rows, 1))
    student = Student([np.ones((0, 1))], [[0.0]], "relu", ["no", "yes"], code, table)
    model = DistilledClassifier()
    model.student_ = student
    model.feature_names_in_ = np.array(
        ["town", "age", "floor", "garden", "constant"], dtype=object
    )
    to_js(model, tmp_path / "student.mjs")
    return tmp_path


def test_types_of_a_right_program(typed):
    assert compile_types(typed, "right", TYPES_PROGRAM) == (0, "")


def test_types_of_a_wrong_program(typed):
    status, output = compile_types(
        typed, "wrong", TYPES_PROGRAM + "\n".join(WRONG_LINES)
    )
    first = TYPES_PROGRAM.count("\n") + 1
    found = {
        int(line.split("(")[1].split(",")[0]) - first
        for line in output.splitlines()
        if line.startswith("wrong.mts(")
    }
    assert status != 0
    assert found == set(range(len(WRONG_LINES))), output


@pytest.mark.parametrize("kind", ["hostile", "plain", "numbers", "unusual"])
def test_types_of_other_students(tmp_path, kind):
    """The declarations themselves are right, and say what a row may be."""
    if kind == "hostile":
        model = DistilledClassifier()
        model.student_ = Student(
            [np.ones((len(HOSTILE), len(HOSTILE)))],
            [np.zeros(len(HOSTILE))],
            "relu",
            HOSTILE,
        )
        model.feature_names_in_ = np.array(HOSTILE, dtype=object)
        lines = [f"predict({{{', '.join(f'{json.dumps(n)}: 1' for n in HOSTILE)}}});"]
        wrong = ["predict({ __proto__: 1 });", "predict([null]);"]
    elif kind == "plain":
        model = make_student((3, 4, 3))
        lines = ["predict([1, 2, 3]);", "predict(new Float32Array(3));"]
        lines += ["const label: 0 | 1 | 2 = predict({ x0: 1, x1: 2, x2: true });"]
        wrong = ["predict([1, null, 3]);", "predict(['1']);", "predict({ x0: 1 });"]
    elif kind == "numbers":
        model = make_encoded(levels=())
        lines = ["predict([1, null, NaN, undefined]);", "predict(new Float64Array(5));"]
        wrong = ["predict([1, 'a', 3, 4, 5]);"]
    else:
        model = student_of_levels([], ["a", 1, False], [2**60, -1], [0.5, False])
        model.output = Classes(np.array([-1.5, np.inf, np.nan, 1e300]))
        lines = ["predict([1, 'any', 3, 2n ** 60n, true]);"]
        lines += ["const label: number = predict([1, null, null, null, null]);"]
        wrong = ["predict([1, 1, 1, 1, 1]);", "predict([1, 'a', 1, '1', 1]);"]
    to_js(model, tmp_path / "student.mjs")
    program = 'import { predict } from "./student.mjs";\n' + "\n".join(lines)
    program += "".join(f"\n// @ts-expect-error\n{line}" for line in wrong)
    assert compile_types(tmp_path, "program", program) == (0, "")


def test_types_of_texts(tmp_path):
    """A row is a string, or a string for each column."""
    for name, columns in (("one", None), ("several", HOSTILE)):
        blocks = [
            TextVectorizer(terms=["a"], column=column)
            for column in range(len(columns or [0]))
        ]
        student = Student(
            [np.ones((len(blocks), 1))],
            [[0.0]],
            "relu",
            ["no", "yes"],
            text=StudentText(blocks, columns),
        )
        to_js(student, tmp_path / f"{name}.mjs")
    texts = ", ".join("'a'" for _ in HOSTILE)
    named = ", ".join(f"{json.dumps(n)}: 'a'" for n in HOSTILE)
    program = f"""
import * as one from "./one.mjs";
import * as several from "./several.mjs";
const label: "no" | "yes" = one.predict("a");
const probability: number = several.predictProba([{texts}])[1];
const kind: "text" = several.features[0].kind;
several.predict({{{named}}});
console.log(label, probability, kind);
"""
    wrong = ["one.predict(['a']);", "one.predict(null);", "several.predict('a');"]
    wrong += ["several.predict(['a']);", "several.predict({ a: 'a' });"]
    program += "".join(f"// @ts-expect-error\n{line}\n" for line in wrong)
    assert compile_types(tmp_path, "program", program) == (0, "")


@pytest.mark.parametrize(
    ("name", "lines", "wrong"),
    [
        (
            "one flat number",
            ["const price: number = predict([1, 2, 3, 4]);", "price.toFixed(2);"],
            ["predict([1, 2, 3, 4]).length;", "predictProba;", "classes;"],
        ),
        (
            "three quantiles",
            [
                "const [low, median, high]: number[] = predict([1, 2, 3, 4]);",
                "const levels: readonly number[] = module.quantiles;",
            ],
            ["const one: number = predict([1, 2, 3, 4]);", "module.quantiles.push(1);"],
        ),
        (
            "four numbers",
            ["const all: number[] = predict([1, 2, 3, 4]);"],
            ["module.quantiles;", "predict([1, 'a', 3, 4]);"],
        ),
        (
            "fourteen labels",
            [
                "const has: (0 | 1)[] = predict([1, 2, 3, 4]);",
                "const share: number = module.predictProba([1, 2, 3, 4])[0];",
                "const label: module.Label = module.classes[0];",
            ],
            ["const has2: boolean = predict([1, 2, 3, 4])[0];"],
        ),
    ],
)
def test_types_of_each_output(name, lines, wrong, tmp_path):
    to_js(student_of(OUTPUTS[name]), tmp_path / "student.mjs")
    program = 'import * as module from "./student.mjs";\nconst { predict } = module;\n'
    program += "\n".join(lines)
    program += "".join(f"\n// @ts-expect-error\n{line}" for line in wrong)
    assert compile_types(tmp_path, "program", program) == (0, "")
