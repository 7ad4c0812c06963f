"""A header on an emulated Cortex-M4 against the same header on the host."""

import subprocess

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from benchmarks.microcontroller import measure
from skdistill.export.c.run import run
from skdistill.export.c.to_c import to_c
from tests.export.c.programs import random_rows, students
from tests.export.test_tasks import YEAR
from tests.student.tasks import OUTPUTS, rows_of, student_of

STUDENTS = students()


@pytest.mark.parametrize("name", ["all kinds", "silu", "plain (54, 64, 7)"])
def test_floats_on_the_microcontroller(name, tmp_path):
    student, header = STUDENTS[name], tmp_path / "student.h"
    rows, _ = random_rows(student, 20)
    to_c(student, header)
    measured = measure(student, header, rows)
    labels, probabilities = run(student, header, rows)
    assert_array_equal(measured.labels, labels)
    assert_allclose(measured.probabilities, probabilities, rtol=0, atol=1e-5)
    weights = student.nbytes
    assert weights < measured.flash < weights + 4000
    # A float a unit, and what functions need beside.
    units = sum(student.layer_units)
    assert 4 * sum(student.layer_units[1:-1]) < measured.stack < 4 * units + 400
    assert measured.static == 4 * (student.n_features_in_ + len(student.classes_))


@pytest.mark.parametrize("name", ["all kinds", "silu", "plain (54, 64, 7)"])
def test_integers_on_the_microcontroller(name, tmp_path):
    student, header = STUDENTS[name], tmp_path / "student.h"
    rows, _ = random_rows(student, 20)
    to_c(student, header, arithmetic="integer", X=rows)
    measured = measure(student, header, rows)
    labels, probabilities = run(student, header, rows)
    assert_array_equal(measured.labels, labels)
    assert_array_equal(measured.probabilities, probabilities)
    assert measured.flash < 6000 + sum(w.size for w in student.coefs_)


@pytest.mark.parametrize(
    "name", ["year", "four numbers", "three quantiles", "one label"]
)
@pytest.mark.parametrize("arithmetic", ["float", "integer"])
def test_numbers_and_labels_on_the_microcontroller(name, arithmetic, tmp_path):
    output = (OUTPUTS | {"year": YEAR})[name]
    student, header = student_of(output, is_encoded=True), tmp_path / "student.h"
    X, _ = rows_of(student, 20)
    options = {} if arithmetic == "float" else {"arithmetic": arithmetic, "X": X}
    to_c(student, header, **options)
    measured = measure(student, header, X)
    assert_array_equal(measured.labels, 0)
    _, answers = run(student, header, X)
    answers = answers.reshape(measured.probabilities.shape)
    scale = output.scale if output.kind == "numbers" else 1.0
    tolerance = 1e-5 if arithmetic == "float" else 0.0
    assert (np.abs(measured.probabilities - answers) <= tolerance * scale).all()
    assert measured.flash < 6500 + student.nbytes


def test_a_fault_of_the_microcontroller_is_an_error(tmp_path):
    """The emulated machine tells the host how it ended."""
    student, header = STUDENTS["plain (5, 4)"], tmp_path / "student.h"
    rows, _ = random_rows(student, 3)
    to_c(student, header)
    text = header.read_text().replace("    return best;", "    __builtin_trap();")
    header.write_text(text)
    with pytest.raises(subprocess.CalledProcessError, match="status 255"):
        measure(student, header, rows)
