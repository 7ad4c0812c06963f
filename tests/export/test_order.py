"""Exports of students whose curves rise or fall: no answer steps back, by any digit."""

import platform
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill import Student
from skdistill.export import to_c, to_js, to_onnx
from skdistill.export.c import run as run_of_c
from skdistill.export.c.run import run as run_c
from skdistill.export.javascript.run import run as run_javascript
from skdistill.export.onnx.run import run as run_onnx
from skdistill.student.outputs import LabelSets, Numbers
from tests import oracle
from tests.monotone import (
    SIGNS,
    count_violations,
    ordered_pairs,
    plain_student,
    random_student,
)


def write_integers(student, path):
    lower, higher = ordered_pairs(student, 2, 500)
    rows = np.concatenate([lower, higher])
    rows = (
        rows[(np.abs(rows) < 1e6).all(axis=1)] if student.input_code is None else rows
    )
    to_c(student, path, arithmetic="integer", X=rows)


# Options for instructions that multiply and add at once. Arm has them anyway.
HAS_THEM = (
    Path("/proc/cpuinfo").exists() and " fma " in Path("/proc/cpuinfo").read_text()
)
MULTIPLY_ADD = {"x86_64": ("-mfma",)} if HAS_THEM else {}

# Function that writes, ending of the file, function that runs, tolerance.
EXPORTS = {
    "onnx": (to_onnx, "student.onnx", run_onnx, 2e-6),
    "c": (to_c, "student.h", run_c, 2e-6),
    "integers": (write_integers, "student.h", run_c, 0.02),
    "javascript": (to_js, "student.mjs", run_javascript, 2e-6),
}


@pytest.fixture(params=["float32", "float16", "int8"])
def dtype(request):
    return request.param


@pytest.mark.parametrize(
    ("export", "program"),
    [("onnx", None), ("c", "gcc"), ("integers", "gcc"), ("javascript", "node")],
)
class TestOrder:
    def test_columns_with_knots(self, export, program, dtype, tmp_path):
        """Up to 10,000 pairs a column, many of them neighbours or at a knot."""
        write, name, run, tolerance = EXPORTS[export]
        student = random_student(dtype, seed=1)
        write(student, tmp_path / name)
        n = 1000 if export == "javascript" and dtype != "int8" else 10_000
        pairs = [ordered_pairs(student, column, n) for column in range(len(SIGNS))]
        answers = self.answers(student, run, tmp_path / name, pairs, tolerance)
        for (lower, higher), sign in zip(answers, SIGNS, strict=True):
            assert count_violations(lower[:, 1], higher[:, 1], sign) == 0
            assert count_violations(lower[:, 0], higher[:, 0], -sign) == 0
        # There is something to see, though rounding flattens some curves.
        assert sum((lower != higher).any() for lower, higher in answers) >= 4

    def test_plain_columns(self, export, program, dtype, tmp_path):
        write, name, run, tolerance = EXPORTS[export]
        student, signs = plain_student(dtype, n_features=7)
        write(student, tmp_path / name)
        pairs = [
            ordered_pairs(student, column, 700, greatest=np.float32(1e6))
            for column in range(7)
        ]
        if export == "integers":
            tolerance = 1.0  # Numbers outside the range of the scales are clipped.
        answers = self.answers(student, run, tmp_path / name, pairs, tolerance)
        for (lower, higher), sign in zip(answers, signs, strict=True):
            assert count_violations(lower[:, 1], higher[:, 1], sign) == 0
            assert count_violations(lower[:, 0], higher[:, 0], -sign) == 0

    def test_columns_beside_categories(self, export, program, dtype, tmp_path):
        write, name, run, tolerance = EXPORTS[export]
        student = random_student(dtype, seed=2, levels=3)
        pairs = [
            [oracle.labelled_table(student.input_code, rows) for rows in pair]
            for pair in (ordered_pairs(student, column, 1001) for column in (0, 3, 5))
        ]
        if export == "integers":
            to_c(student, tmp_path / name, arithmetic="integer", X=pairs[0][0])
        else:
            write(student, tmp_path / name)
        answers = self.answers(student, run, tmp_path / name, pairs, tolerance)
        for (lower, higher), column in zip(answers, (0, 3, 5), strict=True):
            assert count_violations(lower[:, 1], higher[:, 1], SIGNS[column]) == 0

    def answers(self, student, run, path, pairs, tolerance):
        """Return the answers to pairs of tables, which are near the student's."""
        rows = np.concatenate([table for pair in pairs for table in pair])
        _, found = run(student, path, rows)
        assert_allclose(found, student.predict_proba(rows), rtol=0, atol=tolerance)
        parts = np.split(found, np.cumsum([len(t) for p in pairs for t in p])[:-1])
        return list(zip(parts[::2], parts[1::2], strict=True))


ONE_UNIT = {
    "a number": Numbers([2024.0], [3.0], [-np.inf], [np.inf], is_flat=True),
    "a number in a range": Numbers([0.3], [7.0], [-6.0], [6.0], is_flat=True),
    "a label": LabelSets(["wet"]),
}


@pytest.mark.parametrize("name", ONE_UNIT)
@pytest.mark.parametrize(
    ("export", "program"),
    [("onnx", None), ("c", "gcc"), ("integers", "gcc"), ("javascript", "node")],
)
def test_numbers_and_labels_of_one_unit(export, program, name, tmp_path):
    write, file_name, run, _ = EXPORTS[export]
    classes = random_student("float32", seed=1)
    student = Student(
        classes.coefs_,
        classes.intercepts_,
        "relu",
        input_code=classes.input_code,
        knot_table=classes.knot_table_,
        output=ONE_UNIT[name],
    )
    write(student, tmp_path / file_name)
    pairs = [ordered_pairs(student, column, 500) for column in range(len(SIGNS))]
    rows = np.concatenate([table for pair in pairs for table in pair])
    _, answers = run(student, tmp_path / file_name, rows)
    parts = np.split(answers.reshape(len(rows), -1), 2 * len(SIGNS))
    for lower, higher, sign in zip(parts[::2], parts[1::2], SIGNS, strict=True):
        assert count_violations(lower, higher, sign) == 0
    assert (parts[0] != parts[1]).any()


@pytest.mark.parametrize("program", ["gcc", "clang"])
def test_products_that_are_fused_with_sums(program, monkeypatch, tmp_path):
    """Compilers do so if they may. Known ends of a range must not be rounded apart."""
    monkeypatch.setenv("CC", program)
    fused = ("-O2", "-ffp-contract=fast", *MULTIPLY_ADD.get(platform.machine(), ()))
    monkeypatch.setattr(run_of_c, "_OPTIONS", fused)
    for seed in (3, 5):
        student = random_student("float32", seed)
        to_c(student, tmp_path / "student.h")
        lower, higher = ordered_pairs(student, 0, 4000, seed=seed)
        answers = [
            run_c(student, tmp_path / "student.h", x)[1] for x in (lower, higher)
        ]
        assert count_violations(*(found[:, 1] for found in answers), SIGNS[0]) == 0
