"""Headers of numbers and of label sets under each compiler, in floats and integers."""

import re
import subprocess

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student
from skdistill.export import to_c, verify
from skdistill.export.c.integer_network import integer_network
from skdistill.student.outputs import Numbers
from tests import oracle
from tests.export.c import integer_oracle
from tests.export.c.programs import (
    COMPILERS,
    STRICT,
    Case,
    float_case,
    run_cases,
)
from tests.export.c.test_integers import CORES, INTEGER_FUNCTIONS
from tests.export.test_tasks import MIXED, STAMP, YEAR
from tests.student.tasks import OUTPUTS, rows_of, student_of

FAST_MATH = {"gcc, fast-math": (*COMPILERS["gcc"], "-ffast-math")}
NAMED = OUTPUTS | {"year": YEAR, "stamp": STAMP, "mixed": MIXED}
STUDENTS = {
    f"{name} {hidden} {activation}": student_of(
        output, hidden, activation, is_encoded=is_encoded
    )
    for name, output in NAMED.items()
    for hidden, is_encoded, activation in (
        ((), True, "relu"),
        ((9, 5), True, "silu"),
        ((7,), False, "relu"),
    )
}


@pytest.mark.parametrize("compiler", COMPILERS | FAST_MATH)
def test_floats_under_each_compiler(compiler, tmp_path):
    raw, cases = [], []
    for place, student in enumerate(STUDENTS.values()):
        raw.append(rows_of(student, 100)[0])
        numbers = student.numbers(raw[-1])
        cases.append(float_case(tmp_path, f"s{place}", student, numbers))
    command = (COMPILERS | FAST_MATH)[compiler]
    answers = run_cases(cases, tmp_path / "program", command)
    tolerance = 1e-4 if compiler in FAST_MATH else 1e-5
    for student, answer, X in zip(STUDENTS.values(), answers, raw, strict=True):
        assert_array_equal(answer.places, 0)
        assert_array_equal(answer.places_of_proba, 0)
        if student.output.kind == "numbers":
            found = answer.probabilities
            wanted = student.predict(X).reshape(found.shape)
            errors = np.abs(found - wanted) / student.output.scale
            assert errors.max() <= tolerance
            continue
        wanted = student.predict_proba(X)
        assert_allclose(answer.probabilities, wanted, rtol=0, atol=tolerance)
        clear = np.abs(wanted - 0.5) > tolerance
        assert_array_equal(answer.labels[clear], student.predict(X)[clear])


@pytest.mark.parametrize("compiler", ["gcc", "clang, sanitised"])
def test_rows_without_an_answer(compiler, tmp_path):
    """The functions return -1 then, and write zeros."""
    numbers = np.zeros((5, 6), dtype=np.float32)
    cases = []
    for place, name in enumerate(("four numbers", "three quantiles", "one label")):
        student = student_of(OUTPUTS[name], is_encoded=True)
        code = student.input_code
        numbers[:4] = 0.0
        numbers[0, code.linear[0]] = np.inf
        numbers[1, code.knotted[0]] = -np.inf
        numbers[2, code.categorical[0]] = 1.5
        numbers[3, code.categorical[0]] = -1
        cases.append(float_case(tmp_path, f"s{place}", student, numbers))
    for answer in run_cases(cases, tmp_path / "program", COMPILERS[compiler]):
        assert_array_equal(answer.places, [-1, -1, -1, -1, 0])
        assert_array_equal(answer.places_of_proba, answer.places)
        assert_array_equal(answer.probabilities[:4], 0)
        assert answer.probabilities[4].any()


def integer_case(folder, prefix, student):
    """Return a header, its network, and rows: usual ones and the extreme."""
    raw, _ = rows_of(student, 100)
    path = folder / f"{prefix}.h"
    to_c(student, path, prefix=prefix, arithmetic="integer", X=raw)
    network = integer_network(student, student.numbers(raw))
    rows = integer_oracle.fixed_point(network, student.numbers(raw))
    rng = oracle.RNG(3)
    wild = rng.integers(-(2**31), 2**31, size=(40, rows.shape[1]))
    ends = rng.choice([-(2**31), -(2**31) + 1, -1, 0, 1, 2**31 - 1], size=wild.shape)
    rows = np.vstack([rows, wild, ends]).astype(np.int32)
    return Case(prefix, student, path, rows), network


@pytest.mark.parametrize("compiler", COMPILERS)
def test_integers_are_those_of_the_oracle(compiler, tmp_path):
    made = [
        integer_case(tmp_path, f"s{place}", student)
        for place, student in enumerate(STUDENTS.values())
    ]
    cases = [case for case, _ in made]
    answers = run_cases(cases, tmp_path / "program", COMPILERS[compiler])
    for (case, network), answer in zip(made, answers, strict=True):
        if case.student.output.kind == "numbers":
            found = integer_oracle.predict_numbers(network, case.student, case.numbers)
            places, numbers = found
            assert_array_equal(answer.probabilities, numbers)
        else:
            found = integer_oracle.predict_labels(network, case.student, case.numbers)
            places, labels, probabilities = found
            assert_array_equal(answer.labels, labels)
            assert_array_equal(answer.probabilities, probabilities)
        assert_array_equal(answer.places, places)
        assert_array_equal(answer.places_of_proba, places)


@pytest.mark.parametrize("name", STUDENTS)
def test_integers_are_near_the_student(name, tmp_path):
    student = STUDENTS[name]
    X, _ = rows_of(student, 200)
    to_c(student, tmp_path / "s.h", arithmetic="integer", X=X)
    found = verify(student, tmp_path / "s.h", X, tolerance=0.08)
    assert found.passed, found


def test_the_head_of_integers_states_fraction_bits(tmp_path):
    student = student_of(YEAR)
    X, _ = rows_of(student, 50)
    to_c(student, tmp_path / "s.h", prefix="car", arithmetic="integer", X=X)
    text = (tmp_path / "s.h").read_text()
    head = text.partition("*/")[0]
    assert "from 1995 to 2031, 19 fraction bits" in head
    assert "int32_t numbers[car_n_outputs];" in head
    assert "car_number_bits[1] = {\n    19\n}" in text
    assert "float" not in text.partition("*/")[2]


def test_numbers_that_integers_cannot_tell_apart(tmp_path):
    """A time stamp whose deviation is a minute."""
    output = Numbers([1.7e9], [60.0], [1.6e9], [1.8e9], is_flat=True)
    student = student_of(output)
    X, _ = rows_of(student, 5)
    message = (
        r"number 0 may be 1.7e\+09 with a deviation of 60, and integers of 32 bits"
    )
    with pytest.raises(ValueError, match=message):
        to_c(student, tmp_path / "s.h", arithmetic="integer", X=X)
    assert not list(tmp_path.iterdir())
    to_c(student, tmp_path / "s.h", verify_on=X)


def test_numbers_beyond_the_fixed_point(tmp_path):
    output = Numbers([0.0], [1e50], [-np.inf], [np.inf], is_flat=True)
    student = student_of(output)
    X, _ = rows_of(student, 5)
    with pytest.raises(ValueError, match=r"number 0 may be .*, and the header holds n"):
        to_c(student, tmp_path / "s.h", arithmetic="integer", X=X)


def test_a_column_that_rises_never_lowers_a_number_of_integers(tmp_path):
    student = Student([[[0.7]]], [[0.1]], "relu", output=YEAR)
    X = np.linspace(-9, 9, 500, dtype=np.float32)[:, np.newaxis]
    path = tmp_path / "s.h"
    to_c(student, path, prefix="s", arithmetic="integer", X=X)
    rows = np.linspace(-(2**31) + 1, 2**31 - 1, 4000).astype(np.int32)[:, np.newaxis]
    (answer,) = run_cases([Case("s", student, path, rows)], tmp_path, COMPILERS["gcc"])
    steps = np.diff(answer.probabilities[:, 0].astype(np.int64))
    assert (steps >= 0).all()
    assert steps.any()


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", ["three quantiles", "fourteen labels"])
def test_no_floating_point_in_integers(core, name, tmp_path):
    student = student_of(OUTPUTS[name], is_encoded=True)
    X, _ = rows_of(student, 50)
    to_c(student, tmp_path / "s.h", prefix="s", arithmetic="integer", X=X)
    second = "int32_t *numbers"
    if student.output.kind == "label_sets":
        second = "uint8_t *numbers"
    source = (
        f'#include "s.h"\nint answer(const int32_t *row, {second});\n'
        f"int answer(const int32_t *row, {second})\n"
        "{\nreturn s_predict(row, numbers);\n}\n"
    )
    options = ("-std=c99", "-Os", *CORES[core])
    found = undefined_names(source, tmp_path, "arm-none-eabi-gcc", *options)
    assert found <= INTEGER_FUNCTIONS


@pytest.mark.parametrize("name", ["year", "three quantiles", "one label"])
def test_a_header_of_floats_calls_no_library(name, tmp_path):
    to_c(student_of(NAMED[name]), tmp_path / "s.h", prefix="s")
    header = (tmp_path / "s.h").read_text()
    second = re.search(r"_predict\(\s*const float row.*, (\w+ \w+)\[", header)[1]
    second = second.replace(" ", " *")
    source = (
        f'#include "s.h"\nint answer(const float *row, {second});\n'
        f"int answer(const float *row, {second})\n"
        f"{{\nreturn s_predict(row, {second.partition('*')[2]});\n}}\n"
    )
    assert undefined_names(source, tmp_path, *COMPILERS["gcc"]) <= {
        *("memset", "memcpy", "_GLOBAL_OFFSET_TABLE_"),
    }


def undefined_names(source, folder, compiler, *options):
    """Return the names that a compiled source takes from libraries."""
    (folder / "main.c").write_text(source)
    options = (*options, *STRICT, "-Wno-unused-function")
    subprocess.run([compiler, *options, "-c", "main.c"], cwd=folder, check=True)
    names = subprocess.run(
        [compiler.replace("gcc", "nm"), "--undefined-only", "main.o"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(names.stdout.split()) - {"U"}
