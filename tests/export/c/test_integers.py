"""A student in integers: bit for bit as designed, and near the student."""

import re
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.neural_network import MLPClassifier

from skdistill import Student
from skdistill.export.c.integer_network import integer_network
from skdistill.export.c.run import run
from skdistill.export.c.to_c import to_c
from skdistill.export.verify import verify
from skdistill.student.input_code import InputCode
from tests import oracle
from tests.export.c import integer_oracle
from tests.export.c.programs import (
    COMPILERS,
    SANITISED_GCC,
    Case,
    random_rows,
    random_student,
    run_cases,
    students,
)
from tests.export.c.test_floats import drawn_students

STUDENTS = students()

# Cores without a floating-point unit; the second multiplies in 32 bits alone.
CORES = {
    "Cortex-M3": ("-mcpu=cortex-m3", "-mthumb"),
    "Cortex-M0": ("-mcpu=cortex-m0", "-mthumb"),
}

# Functions of the compiler's library for integers, and what it turns loops into.
INTEGER_FUNCTIONS = {
    "__aeabi_lmul",
    "__aeabi_llsl",
    "__aeabi_llsr",
    "__aeabi_lasr",
    "__aeabi_uidiv",
    "__aeabi_uidivmod",
    "__aeabi_idiv",
    "memcpy",
    "memset",
    "__gnu_thumb1_case_uqi",
}


def integer_case(folder, prefix, student, n_rows=200, extra=()):
    """Return a header, its network, and rows: usual ones and the extreme."""
    raw, numbers = random_rows(student, n_rows)
    path = folder / f"{prefix}.h"
    to_c(student, path, prefix=prefix, arithmetic="integer", X=raw)
    network = integer_network(student, student.numbers(raw))
    rows = integer_oracle.fixed_point(network, numbers)
    rng = oracle.RNG(3)
    wild = rng.integers(-(2**31), 2**31, size=(40, rows.shape[1]))
    ends = rng.choice([-(2**31), -(2**31) + 1, -1, 0, 1, 2**31 - 1], size=wild.shape)
    rows = np.vstack([rows, wild, ends]).astype(np.int32)
    code = student.input_code
    if code is not None:
        # Most codes are some that are listed; a few are not.
        for feature, levels in zip(code.categorical, code.levels, strict=True):
            rows[n_rows:, feature] = rng.integers(-1, len(levels) + 2, size=80)
    return Case(prefix, student, path, rows), network


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Return cases of every kind of student, and the answers of the oracle."""
    folder = tmp_path_factory.mktemp("students")
    made = [
        integer_case(folder, f"s{place}", student)
        for place, student in enumerate(STUDENTS.values())
    ]
    answers = [
        integer_oracle.predict(network, case.student, case.numbers)
        for case, network in made
    ]
    return [case for case, _ in made], answers


@pytest.mark.parametrize("compiler", COMPILERS)
def test_integers_are_those_of_the_oracle(compiler, answered, tmp_path):
    cases, expected = answered
    answers = run_cases(cases, tmp_path / "program", COMPILERS[compiler])
    for answer, (places, probabilities) in zip(answers, expected, strict=True):
        assert_array_equal(answer.places, places)
        assert_array_equal(answer.places_of_proba, places)
        assert_array_equal(answer.probabilities, probabilities)


@settings(max_examples=6)
@given(st.lists(drawn_students(), min_size=5, max_size=5))
def test_any_student_in_integers(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("drawn")
    made = [
        integer_case(folder, f"s{place}", student, n_rows=20)
        for place, student in enumerate(drawn)
    ]
    cases = [case for case, _ in made]
    answers = run_cases(cases, folder, SANITISED_GCC)
    for (case, network), answer in zip(made, answers, strict=True):
        places, probabilities = integer_oracle.predict(
            network, case.student, case.numbers
        )
        assert_array_equal(answer.places, places)
        assert_array_equal(answer.probabilities, probabilities)


@pytest.mark.parametrize("name", STUDENTS)
def test_integers_are_near_the_student(name):
    """The error of 8 bits of weights and activations, on students of random weights."""
    student = STUDENTS[name]
    raw, numbers = random_rows(student, 400)
    network = integer_network(student, student.numbers(raw))
    rows = integer_oracle.fixed_point(network, numbers)
    places, probabilities = integer_oracle.predict(network, student, rows)
    expected = student.predict_proba(raw)
    differences = np.abs(probabilities / 2**15 - expected)
    assert differences.max() < 0.1
    assert differences.mean() < 0.01
    assert np.mean(places == expected.argmax(axis=1)) > 0.96


def test_values_of_any_size(tmp_path):
    """Columns of tiny, huge and far values, knots close together in a long range."""
    code = InputCode(
        4,
        linear=[0, 1],
        low=[1e30, -1e-30],
        high=[3e30, 1e-30],
        mean=[2e30, 0.0],
        scale=[1e30, 1e-30],
        knotted=[2, 3],
        knots=[[1e6, 1e6 + 1, 1e6 + 2], [-1e7, 0.0, 1e-3, 1.0, 1e7]],
        categorical=[],
        levels=[],
    )
    student = random_student((6, 3), dtype="int8", code=code)
    rng = oracle.RNG(0)
    numbers = np.column_stack(
        [
            rng.uniform(0.5e30, 3.5e30, 300),
            rng.uniform(-2e-30, 2e-30, 300),
            rng.uniform(1e6 - 1, 1e6 + 3, 300),
            rng.choice([-1e7, 0.5, 0.9, 1e5, 1e8], 300),
        ]
    ).astype(np.float32)
    network = integer_network(student, numbers)
    rows = integer_oracle.fixed_point(network, numbers)
    _, probabilities = integer_oracle.predict(network, student, rows)
    assert np.abs(probabilities / 2**15 - student.predict_proba(numbers)).max() < 0.02


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "silu"])
def test_dead_and_saturated_units(activation, tmp_path):
    """Activations that are all alike on the given rows."""
    rows = oracle.RNG(0).normal(size=(50, 2)).astype(np.float32)
    for bias in (-100.0, 0.0, 100.0):
        student = Student(
            [0.01 * np.ones((2, 3)), np.arange(9).reshape(3, 3) - 4.0],
            [np.full(3, bias), [0.5, -0.25, 0.0]],
            activation,
            ["a", "b", "c"],
        )
        network = integer_network(student, rows)
        fixed = integer_oracle.fixed_point(network, rows)
        _, probabilities = integer_oracle.predict(network, student, fixed)
        expected = student.predict_proba(rows)
        assert np.abs(probabilities / 2**15 - expected).max() < 0.02


@pytest.fixture(scope="module")
def trained(digits):
    """A perceptron that was trained on digits, without knots."""
    X_train, _, y_train, _ = digits
    network = MLPClassifier((64, 32), random_state=0, max_iter=40, tol=1e-2)
    network.fit(X_train / 16, y_train)
    coefs = [network.coefs_[0] / 16, *network.coefs_[1:]]
    return Student(coefs, network.intercepts_, "relu", network.classes_)


def test_accuracy_in_integers(trained, digits, tmp_path):
    X_train, X_test, _, y_test = digits
    path = tmp_path / "digits.h"
    to_c(trained, path, arithmetic="integer", X=X_train, verify_on=X_test)
    labels, probabilities = run(trained, path, X_test)
    lost = np.mean(trained.predict(X_test) == y_test) - np.mean(labels == y_test)
    assert lost <= 0.003
    assert np.abs(probabilities.sum(axis=1) - 1).max() < 1e-3
    assert verify(trained, path, X_test, tolerance=0.1).passed


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", ["all kinds", "silu", "plain (6, 33, 17, 20)"])
def test_no_floating_point_on_a_core_without_it(core, name, tmp_path):
    case, _ = integer_case(tmp_path, "s", STUDENTS[name])
    source = (
        f'#include "{case.path}"\n'
        "int answer(const int32_t *row, uint16_t *probabilities);\n"
        "int answer(const int32_t *row, uint16_t *probabilities)\n"
        "{\nreturn s_predict_proba(row, probabilities) + s_predict(row);\n}\n"
    )
    (tmp_path / "main.c").write_text(source)
    command = ["arm-none-eabi-gcc", "-std=c99", "-Os", *CORES[core], "-c", "main.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    undefined = tool("nm", "--undefined-only", tmp_path).replace(" U ", "").split()
    assert set(undefined) <= INTEGER_FUNCTIONS
    listing = tool("objdump", "--disassemble", tmp_path)
    mnemonics = set(re.findall(r"^ +\w+:\t[\w ]+\t([\w.]+)", listing, re.M))
    assert {"push", "adds"} <= mnemonics
    # All instructions for floating point begin with a v.
    assert not [mnemonic for mnemonic in mnemonics if mnemonic.startswith("v")]


def tool(name, option, folder):
    return subprocess.run(
        [f"arm-none-eabi-{name}", option, "main.o"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "needs X: raw rows"),
        ({"X": np.empty((0, 5), np.float32)}, "X has no rows"),
        ({"X": np.zeros((2, 4), np.float32)}, r"\(n_samples, 5\)"),
        ({"X": np.full((2, 5), np.nan, np.float32)}, "X holds NaN in row 0"),
    ],
)
def test_rows_for_the_scales(options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        to_c(
            STUDENTS["plain (5, 4)"], tmp_path / "s.h", arithmetic="integer", **options
        )
    assert not list(tmp_path.iterdir())


def test_logits_that_do_not_fit(tmp_path):
    student = Student([[[1e6]]], [[0.0]], "relu", ["no", "yes"])
    with pytest.raises(ValueError, match='arithmetic="float"'):
        to_c(student, tmp_path / "s.h", arithmetic="integer", X=[[-1.0], [1.0]])


def test_the_head_says_how_values_are_scaled(tmp_path):
    case, network = integer_case(tmp_path, "s", STUDENTS["all kinds"])
    head = case.path.read_text().split("*/")[0]
    code = case.student.input_code
    for feature in (*code.linear, *code.knotted):
        bits = network.value_bits[feature]
        assert f"{feature}  number, {bits} fraction bits" in head
    assert "INT32_MIN" in head
