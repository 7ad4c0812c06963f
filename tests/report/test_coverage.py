"""Intervals hold the truth as often as they say."""

import numpy as np
import pytest

from skdistill import DistillationReport
from tests.report.problem import draw_models

N_REPORTS = 300


@pytest.fixture(scope="module")
def truth():
    """Differences on very many rows."""
    labels, probabilities = draw_models(200_000, 3, seed=99)
    report = DistillationReport.from_predictions(
        labels, *probabilities.values(), n_bootstraps=1
    )
    return {
        pair: {name: figure.estimate for name, figure in figures.items()}
        for pair, figures in report.differences.items()
    }


def test_intervals_cover_at_the_nominal_rate(truth):
    """300 samples of 400 rows; the calibration error, which is biased, is left out.

    Of a true rate of 95 % the share of 300 is within 4 points, three standard
    errors, but once in 400 times.
    """
    held = {pair: dict.fromkeys(figures, 0) for pair, figures in truth.items()}
    for seed in range(N_REPORTS):
        labels, probabilities = draw_models(400, 3, seed=seed)
        report = DistillationReport.from_predictions(
            labels, *probabilities.values(), n_bootstraps=400, random_state=seed
        )
        for pair, figures in report.differences.items():
            for name, figure in figures.items():
                held[pair][name] += figure.low <= truth[pair][name] <= figure.high
    for pair, counts in held.items():
        for name, count in counts.items():
            if name == "calibration_error":
                continue
            share = count / N_REPORTS
            assert 0.91 <= share <= 0.985, (pair, name, share)


def test_intervals_of_unpaired_rows_would_be_wider():
    labels, probabilities = draw_models(400, 3)
    report = DistillationReport.from_predictions(labels, *probabilities.values())
    widths = {
        model: np.ptp(report.figures[model]["accuracy"][1:])
        for model in ("teacher", "student")
    }
    paired = np.ptp(report.differences["student - teacher"]["accuracy"][1:])
    assert paired < 0.9 * np.hypot(*widths.values())
