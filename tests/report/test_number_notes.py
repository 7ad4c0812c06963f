"""Notes on numbers, and answers of which a report cannot tell what they mean."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from skdistill import DistillationReport
from skdistill.report.number_notes import calibration_note
from tests.report.problem import draw_numbers


def report_of(y, answers, **options):
    """Return a report on the stored numbers of two models."""
    return DistillationReport.from_predictions(
        y,
        teacher_prediction=answers["teacher"],
        student_prediction=answers["student"],
        n_bootstraps=9,
        **options,
    )


def test_an_offset_of_nothing_has_no_minus():
    student = SimpleNamespace(
        teacher_slope_=np.array([1.5]), teacher_offset_=np.array([-0.001])
    )
    [note] = calibration_note(student)
    assert "by a slope of 1.50 and an offset of +0.00 deviations" in note


@pytest.mark.parametrize("n_rows", [2, 9, 10])
def test_few_rows_are_said(n_rows):
    y, answers = draw_numbers(n_rows, 1)
    notes = report_of(y, answers).notes
    words = f"Intervals from so few rows, {n_rows}, are too narrow"
    assert any(note.startswith(words) for note in notes) == (n_rows < 10)
    weights = np.r_[np.ones(n_rows - 1), 0.0]
    notes = report_of(y, answers, sample_weight=weights).notes
    words = f"Intervals from so few rows, {n_rows - 1}, are too narrow"
    assert any(note.startswith(words) for note in notes)


def test_targets_of_stored_numbers_have_the_order_of_y():
    y, answers = draw_numbers(20, 2)
    named = {m: pd.DataFrame(n, columns=["u", "v"]) for m, n in answers.items()}
    truth = pd.DataFrame(y, columns=["u", "v"])
    found = report_of(truth, named).per_target
    assert [of_target["target"] for of_target in found] == ["u", "v"]
    named["student"] = named["student"][["v", "u"]]
    words = r"student_prediction has the columns in the order \['v', 'u'\], and y has"
    with pytest.raises(ValueError, match=words):
        report_of(truth, named)


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**1000])
def test_weights_have_no_unit(unit):
    y, answers = draw_numbers(40, 2)
    weights = np.random.default_rng(0).uniform(1, 3, 40)
    groups = np.arange(40) % 2
    wanted = report_of(y, answers, sample_weight=weights, groups=groups)
    found = report_of(y, answers, sample_weight=unit * weights, groups=groups)
    assert found.to_dict() == wanted.to_dict()


@pytest.mark.parametrize(("n_rows", "is_said"), [(12, False), (30, True)])
def test_full_coverage_of_few_rows_may_be_chance(n_rows, is_said):
    """A fair answer covers all of 12 rows in 7 of 100 cases, of 30 in 1 of 1,000."""
    y = np.linspace(0, 1, n_rows)
    answers = np.column_stack([y - 0.1, y + 0.1])
    report = DistillationReport.from_predictions(
        y,
        teacher_prediction=answers,
        student_prediction=answers,
        quantiles=[0.1, 0.9],
        n_bootstraps=9,
    )
    words = "Clearly more rows than wanted"
    assert any(note.startswith(words) for note in report.notes) == is_said
