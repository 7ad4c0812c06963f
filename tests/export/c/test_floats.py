"""A student in C against the student, compiled by all compilers."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student
from skdistill.export.c.header import level_parts
from skdistill.export.c.run import run
from skdistill.export.c.text import array, check_prefix, comment_text, unique_names
from skdistill.export.c.to_c import to_c
from skdistill.export.verify import verify
from skdistill.student.input_code import InputCode
from tests import oracle
from tests.export.c.programs import (
    COMPILERS,
    STRICT,
    compile_and_run,
    float_case,
    random_rows,
    random_student,
    run_cases,
    students,
)

STUDENTS = students()
FAST_MATH = {"gcc, fast-math": (*COMPILERS["gcc"], "-ffast-math")}

# Texts that would end a comment or a string, or begin one, and characters that cannot
# be seen.
HOSTILE = [
    'a "quoted" \\ word',
    "*/ int injected; /*",
    "// no comment\\",
    "/* a comment",
    "what??/",
    "two\nlines\r\n",
    "??'??(",
    "\u202eright to left",
    "Zürich (ZH)",
    "日本",
    "\x07\x7f",
    "%s %n",
    "\\",
    " ",
    "",
    "9",
    "\\x41BC",
    "\x01" + "2",
]


def assert_same_answers(student, answers, rows, tolerance=1e-5):
    probabilities = student.predict_proba(rows)
    assert_allclose(answers.probabilities, probabilities, rtol=0, atol=tolerance)
    given = np.take_along_axis(probabilities, answers.places[:, np.newaxis], axis=1)
    assert (probabilities.max(axis=1) - given[:, 0] <= tolerance).all()
    assert_array_equal(answers.places, answers.places_of_proba)


@pytest.mark.parametrize("compiler", COMPILERS | FAST_MATH)
def test_answers_of_students_of_every_kind(compiler, tmp_path):
    rows, cases = {}, []
    for place, (name, student) in enumerate(STUDENTS.items()):
        rows[name], numbers = random_rows(student, 300)
        assert_array_equal(
            student.numbers(rows[name])[:, used(student)], numbers[:, used(student)]
        )
        cases.append(float_case(tmp_path, f"s{place}", student, numbers))
    command = (COMPILERS | FAST_MATH)[compiler]
    answers = run_cases(cases, tmp_path / "program", command)
    # Then the fraction between two knots has more bits than the student's.
    tolerance = 1e-4 if compiler in FAST_MATH else 1e-5
    for (name, student), answer in zip(STUDENTS.items(), answers, strict=True):
        assert_same_answers(student, answer, rows[name], tolerance)


def used(student):
    """Return the columns that a student reads."""
    code = student.input_code
    if code is None:
        return np.arange(student.n_features_in_)
    return np.concatenate([code.linear, code.knotted, code.categorical])


@st.composite
def drawn_students(draw):
    seed = draw(st.integers(0, 1000))
    code = None
    if draw(st.booleans()):
        code = oracle.random_code(
            draw(st.integers(0, 4)),
            draw(st.lists(st.integers(2, 70), max_size=4)),
            draw(st.lists(st.integers(0, 9), max_size=4)),
            seed,
        )
    outputs = draw(st.sampled_from([1, 3, 4, 11]))
    hidden = draw(st.lists(st.integers(1, 40), max_size=3))
    inputs = [draw(st.integers(1, 70))] if code is None else []
    return random_student(
        (*inputs, *hidden, outputs),
        draw(st.sampled_from(["relu", "tanh", "logistic", "silu"])),
        draw(st.sampled_from(["float32", "float16", "int8"])),
        code,
        seed,
        draw(st.sampled_from([0.01, 0.3, 1.0])),
    )


@settings(max_examples=8)
@given(st.lists(drawn_students(), min_size=6, max_size=6))
def test_answers_of_any_student(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("drawn")
    rows, cases = [], []
    for place, student in enumerate(drawn):
        raw, numbers = random_rows(student, 200, seed=place)
        rows.append(raw)
        cases.append(float_case(folder, f"s{place}", student, numbers))
    # Without optimisation: compilation is what takes the time.
    answers = run_cases(cases, folder, ("gcc", "-std=c99"))
    for student, answer, raw in zip(drawn, answers, rows, strict=True):
        # Of many wide layers of random weights the logits themselves are uncertain.
        scale = max(1.0, float(np.abs(student.decision_function(raw)).max()) / 30)
        assert_same_answers(student, answer, raw, 1e-5 * scale)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_numbers_are_written_exactly(compiler, tmp_path):
    bits = oracle.RNG(0).integers(0, 2**32, 20_000).astype(np.uint32)
    numbers = bits.view(np.float32)
    numbers = np.append(numbers[np.isfinite(numbers)], np.float32([0, -0.0, 1, 1e-45]))
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    arrays = {
        "numbers": numbers,
        "halves": halves[np.isfinite(halves)],
        "integers": np.int32([-(2**31), 2**31 - 1, 0, -1]),
        "whole": np.uint32([2**32 - 1, 0]),
        "small": np.arange(-128, 128).astype(np.int8),
    }
    source = "#include <stdint.h>\n#include <stdio.h>\n"
    source += "".join(array(name, values) for name, values in arrays.items())
    writes = "".join(f"fwrite({n}, sizeof {n}, 1, stdout);\n" for n in arrays)
    source += f"int main(void)\n{{\n{writes}return 0;\n}}\n"
    written = compile_and_run(source, tmp_path, COMPILERS[compiler], *STRICT)
    assert written == b"".join(values.tobytes() for values in arrays.values())


def test_half_precision_is_read_exactly(tmp_path):
    halves = np.arange(2**16, dtype=np.uint16)
    halves = halves[np.isfinite(halves.view(np.float16))]
    student = random_student((3, 2, 1), dtype="float16")
    to_c(student, tmp_path / "s.h", prefix="s")
    source = '#include "s.h"\n#include <stdio.h>\n'
    source += array("halves", halves.view(np.int16))
    source += (
        "int main(void)\n{\n    int i;\n"
        f"    for (i = 0; i < {halves.size}; i++) {{\n"
        "        const float number = s_half(halves[i]);\n"
        "        fwrite(&number, sizeof number, 1, stdout);\n    }\n    return 0;\n}\n"
    )
    written = compile_and_run(source, tmp_path, COMPILERS["gcc"], *STRICT)
    expected = halves.view(np.float16).astype(np.float32)
    assert_array_equal(np.frombuffer(written, np.float32), expected * 2.0**-112)


@pytest.mark.parametrize("greatest", [6e-8, 1e-4, 1.0, 60.0, 65504.0])
def test_weights_of_half_precision_have_their_size(greatest, tmp_path):
    """Among them those below the normal range, and zero."""
    weights = greatest * np.float32([[1, -1, 0.3], [-0.01, 1e-6, 0], [1e-3, -2e-8, 1]])
    student = Student(
        [weights], [np.zeros(3)], "relu", list("abc"), weight_dtype="float16"
    )
    X = np.diag(np.float32([1, 1, 1e-3])) / np.float32(greatest)
    case = float_case(tmp_path, "s", student, X)
    (answers,) = run_cases([case], tmp_path, COMPILERS["gcc"])
    assert_allclose(answers.probabilities, student.predict_proba(X), rtol=1e-6)


LABELS = {
    "text": [text for text in HOSTILE if "\0" not in text],
    "integers": [-(2**31) + 1, 0, 2**31 - 1],
    "long": [-(2**63), 0, 2**63 - 1],
    "unsigned": np.array([0, 2**64 - 1, 5], dtype=np.uint64),
    "floats": [-1.5, 0.1, 1e300],
    "single": np.array([0.1, 2, 3], dtype=np.float32),
    "truth": [False, True],
    "objects": np.array(["no", "yes", "Straße"], dtype=object),
}


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "clang++"])
def test_labels_are_those_of_the_student(compiler, tmp_path):
    includes, prints, expected = [], [], b""
    for name, labels in LABELS.items():
        student = random_student((2, 1 if len(labels) == 2 else len(labels)))
        student = Student(student.coefs_, student.intercepts_, "relu", labels)
        to_c(student, tmp_path / f"{name}.h", prefix=name)
        includes.append(f'#include "{name}.h"')
        for place, label in enumerate(student.classes_.tolist()):
            call = f"{name}_label({place})"
            if isinstance(label, str):
                prints.append(f"fwrite({call}, strlen({call}) + 1, 1, stdout);")
                expected += label.encode() + b"\0"
            else:
                kind = {"long": "long long", "unsigned": "unsigned long long"}
                kind = "double" if isinstance(label, float) else kind.get(name, "int")
                prints.append(
                    f"{{ const {kind} label = ({kind}){call}; "
                    "fwrite(&label, sizeof label, 1, stdout); }"
                )
                dtype = {"double": "f8", "int": "i4", "long long": "i8"}
                expected += np.array(label, dtype=dtype.get(kind, "u8")).tobytes()
    source = "\n".join([*includes, "#include <stdio.h>", "#include <string.h>"])
    source += "\nint main(void)\n{\n" + "\n".join(prints) + "\nreturn 0;\n}\n"
    options = (*STRICT, f"-I{tmp_path}")
    written = compile_and_run(source, tmp_path, COMPILERS[compiler], *options)
    assert written == expected


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "clang++"])
def test_names_of_columns_and_categories_stay_in_comments(compiler, tmp_path):
    levels = [*HOSTILE, "zurich zh", "Zürich_ZH", "unseen", "missing"]
    names = ["*/ town\n", "??/"]
    code = InputCode(
        2,
        **{name: [] for name in ("linear", "low", "high", "mean", "scale")},
        knotted=[],
        knots=[],
        categorical=[0, 1],
        levels=[levels, [3, -3, 2.5, True, "predict", ""]],
    )
    student = random_student((4, 3), code=code)
    model = Named(student, names)
    to_c(model, tmp_path / "s.h", prefix="s")
    text = (tmp_path / "s.h").read_text()
    # Two levels alike in a name have a digest each.
    assert re.search(r"s_code_town_Zurich_ZH_[0-9a-f]{6} = 8,", text)
    assert "s_code_town_unseen = 22, /* rare or never seen */" in text
    assert "s_code_column_1_minus_3 = 1" in text
    numbers = np.array([[i, j] for i in range(24) for j in range(8)], dtype=np.float32)
    (case,) = [float_case(tmp_path, "t", student, numbers)]
    (answers,) = run_cases([case], tmp_path, COMPILERS[compiler])
    expected = student.predict_proba(oracle.labelled_table(code, numbers))
    assert_allclose(answers.probabilities, expected, rtol=0, atol=1e-5)
    source = '#include "s.h"\nint main(void)\n{\nreturn s_code_town_missing - 23;\n}\n'
    compile_and_run(
        source, tmp_path / "names", COMPILERS[compiler], *STRICT, f"-I{tmp_path}"
    )


class Named:
    """A model with names of columns."""

    def __init__(self, student, names):
        self.student_ = student
        self.feature_names_in_ = names


@given(st.text())
def test_a_comment_holds_no_text_that_ends_it(text):
    comment = comment_text(text)
    assert comment.isprintable()
    assert "*" not in comment
    assert "??" not in comment
    assert not comment.endswith("\\")


@given(st.lists(st.sampled_from(["a", "b", "a_2", "a_2_2"])))
def test_unique_names_are_unique(candidates):
    names = unique_names(candidates)
    assert len(set(names)) == len(names) == len(candidates)
    for name, candidate in zip(names, candidates, strict=True):
        assert name.startswith(candidate)


@pytest.mark.parametrize("compiler", ["gcc", "clang, sanitised"])
def test_rows_without_an_answer(compiler, tmp_path):
    """The place is -1 then, and the probabilities are zero."""
    code = oracle.random_code(1, (3,), (4,))
    encoded = random_student((5, 3), code=code)
    plain = random_student((2, 3, 3), size=30.0)
    numbers = np.zeros((11, 4), dtype=np.float32)
    category = code.categorical[0]
    numbers[:7, category] = [1.5, -1, 6, np.inf, -np.inf, 1e30, -0.25]
    numbers[7, code.linear[0]] = np.inf
    numbers[8, code.knotted[0]] = -np.inf
    refused = np.arange(11) < 9
    huge = np.array([[np.nan, 0], [np.inf, 0], [3e38, 3e38], [0, 0]], np.float32)
    cases = [
        float_case(tmp_path, "a", encoded, numbers),
        float_case(tmp_path, "b", plain, huge),
    ]
    first, second = run_cases(cases, tmp_path / "program", COMPILERS[compiler])
    assert_array_equal(first.places < 0, refused)
    assert_array_equal(first.places, first.places_of_proba)
    assert_array_equal(first.probabilities[refused], 0)
    assert_array_equal(second.places < 0, [True, True, True, False])


@pytest.mark.parametrize("compiler", ["gcc", "clang", "clang, sanitised"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "silu"])
def test_sums_that_are_no_numbers(activation, compiler, tmp_path):
    """Infinity less infinity in a hidden layer, which an activation could hide."""
    weights = np.array([[30.0, 1.0], [-30.0, 1.0]])
    student = Student(
        [weights, np.ones((2, 3))], [np.zeros(2), np.zeros(3)], activation, range(3)
    )
    rows = np.array([[3e38, 3e38], [1.0, 1.0]], dtype=np.float32)
    case = float_case(tmp_path, "s", student, rows)
    (answers,) = run_cases([case], tmp_path / "program", COMPILERS[compiler])
    assert_array_equal(answers.places < 0, [True, False])


def test_a_category_that_is_nan_is_missing(tmp_path):
    code = oracle.random_code(0, (), (4,))
    student = random_student((5, 3), code=code)
    case = float_case(tmp_path, "s", student, [[np.nan, np.nan], [5, 5]])
    (answers,) = run_cases([case], tmp_path, COMPILERS["gcc"])
    assert_array_equal(answers.probabilities[0], answers.probabilities[1])
    expected = student.predict_proba(np.array([[None, None]], dtype=object))
    assert_allclose(answers.probabilities[:1], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("activation", ["relu", "silu", "tanh", "logistic"])
def test_no_library_is_called(activation, tmp_path):
    student = random_student((20, 30, 4), activation, "float16")
    to_c(student, tmp_path / "s.h", prefix="s")
    source = (
        '#include "s.h"\nint answer(const float *row, float *probabilities);\n'
        "int answer(const float *row, float *probabilities)\n"
        "{\nreturn s_predict_proba(row, probabilities);\n}\n"
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


@pytest.mark.parametrize(
    ("dtype", "ratio"), [("float32", 3.8), ("float16", 4.0), ("int8", 5.2)]
)
def test_text_is_a_few_times_as_long_as_the_weights(dtype, ratio, tmp_path):
    student = random_student((100, 160, 3), dtype=dtype)
    to_c(student, tmp_path / "s.h")
    assert (tmp_path / "s.h").stat().st_size < ratio * student.nbytes


@pytest.mark.parametrize("prefix", ["", "1a", "a b", "_a", "a__b", "a_", "é", "a\n", 3])
def test_prefixes_that_begin_no_name(prefix, tmp_path):
    with pytest.raises(ValueError, match="cannot begin a name in C"):
        to_c(STUDENTS["knots"], tmp_path / "s.h", prefix=prefix)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("prefix", ["a", "A1", "int", "net_2_b"])
def test_prefixes_that_do(prefix):
    check_prefix(prefix)


def with_labels(labels):
    student = random_student((2, len(labels)))
    return Student(student.coefs_, student.intercepts_, "relu", labels)


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (
            STUDENTS["knots"],
            {"arithmetic": "double"},
            ValueError,
            "'double' is not one",
        ),
        (STUDENTS["knots"], {"X": [[0.0]]}, ValueError, "needs no rows"),
        (object(), {}, TypeError, "model is a object"),
        (with_labels(["a", "b\0c", "d"]), {}, ValueError, "holds a zero"),
        (with_labels(["a", "b" * 5000, "d"]), {}, ValueError, "has 5000 bytes"),
        (with_labels([1.0, np.inf, 2.0]), {}, TypeError, "cannot be written in C"),
        (
            with_labels(np.array([1, "a", None], dtype=object)),
            {},
            TypeError,
            "cannot be written in C",
        ),
    ],
)
def test_what_cannot_be_exported(model, options, error, message, tmp_path):
    with pytest.raises(error, match=message):
        to_c(model, tmp_path / "s.h", **options)
    assert not list(tmp_path.iterdir())


def test_a_student_without_columns(tmp_path):
    code = InputCode(
        0,
        **{name: [] for name in ("linear", "low", "high", "mean", "scale")},
        knotted=[],
        knots=[],
        categorical=[],
        levels=[],
    )
    with pytest.raises(ValueError, match="no columns"):
        to_c(random_student((3, 3), code=code), tmp_path / "s.h")


@pytest.mark.parametrize("name", ["plain (54, 64, 7)", "all kinds", "silu"])
@pytest.mark.parametrize("compiler", ["clang", "gcc"])
def test_a_header_proves_itself(name, compiler, tmp_path, monkeypatch):
    student, path = STUDENTS[name], tmp_path / "s.h"
    rows, _ = random_rows(student, 50)
    for command in (compiler, f"{compiler} -O3 -ffp-contract=off", ""):
        monkeypatch.setenv("CC", command)
        to_c(student, path, verify_on=rows)
    labels, probabilities = run(student, path, rows)
    assert_array_equal(labels, student.predict(rows))
    assert_allclose(probabilities, student.predict_proba(rows), rtol=0, atol=1e-5)
    assert verify(student, path, rows).passed


def test_the_c_of_the_documentation(tmp_path, monkeypatch):
    """The program of docs/export.md runs with the header that is written there."""
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text()
    before = page.split("```c\n")[0]
    exec("\n".join(re.findall(r"^```python\n(.*?)^```", before, re.M | re.S)), {})
    source, _ = re.findall(r"^```c\n(.*?)^```", page, re.M | re.S)
    output = compile_and_run(
        source, tmp_path / "program", COMPILERS["gcc"], *STRICT, f"-I{tmp_path}"
    )
    assert re.fullmatch(rb"(yes|no) 0\.[0-9]{3}\n", output)


def test_a_header_that_answers_otherwise_is_not_written(tmp_path):
    student, path = STUDENTS["silu"], tmp_path / "s.h"
    path.write_text("former")
    rows, _ = random_rows(student, 50)
    with pytest.raises(ValueError, match="does not answer as the student"):
        to_c(student, path, verify_on=rows, tolerance=0)
    assert path.read_text() == "former"
    assert list(tmp_path.iterdir()) == [path]


def test_programs_that_cannot_be_made(tmp_path, monkeypatch):
    student, path = STUDENTS["plain (5, 4)"], tmp_path / "s.h"
    rows, _ = random_rows(student, 3)
    to_c(student, path)
    other = random_student((5, 3))
    with pytest.raises(ValueError, match="belongs to another student"):
        run(other, path, rows)
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(RuntimeError, match="no-such-compiler cannot be run"):
        run(student, path, rows)
    monkeypatch.setenv("CC", "gcc --no-such-option")
    with pytest.raises(RuntimeError, match="no-such-option"):
        run(student, path, rows)
    monkeypatch.delenv("CC")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="no C compiler is found"):
        run(student, path, rows)
    path.write_text("int main(void) { return 0; }")
    with pytest.raises(ValueError, match="was not written by to_c"):
        run(student, path, rows)


def test_a_header_that_refuses_a_row(tmp_path):
    student, path = STUDENTS["plain (5, 4)"], tmp_path / "s.h"
    to_c(student, path)
    rows = np.zeros((3, 5), dtype=np.float32)
    rows[1, 2] = np.nan
    with pytest.raises(ValueError, match="no answer for row 1"):
        run(student, path, rows)


def test_the_head_says_what_a_row_holds(tmp_path):
    path = Path(tmp_path / "s.h")
    to_c(STUDENTS["all kinds"], path)
    head = path.read_text().split("*/")[0]
    for text in ("not used", "code of a category", '"class 2"', "NaN"):
        assert text in head


def test_names_of_levels_follow_from_the_levels_not_from_their_order():
    levels = ["<=50K", ">50K", "+", "-", "missing", "plain", "7", 7, True]
    parts = level_parts(levels)
    assert len(set(parts)) == len(parts)
    assert parts[5] == "plain"
    assert level_parts(levels[::-1]) == parts[::-1]
