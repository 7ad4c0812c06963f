"""Every figure of quantiles against scikit-learn's, or from its definition."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import metrics

from skdistill.report.figures import FigureKey
from skdistill.report.quantile_measures import QuantileMeasures
from tests.report.problem import draw_quantiles


def best_constant(y, level, weights):
    """Return the least pinball loss of a constant, by trying all numbers of y."""
    return min(
        metrics.mean_pinball_loss(
            y, np.full(len(y), constant), alpha=level, sample_weight=weights
        )
        for constant in y
    )


def independent(y, answers, groups, levels, weights):
    """Return all figures by other implementations, one row set at a time."""
    found, teacher = {}, answers["teacher"]
    scale = np.sqrt(np.cov(y, aweights=weights, ddof=0))
    constants = np.array([best_constant(y, level, weights) for level in levels])
    for model, numbers in answers.items():

        def losses(rows, numbers=numbers):
            return np.array(
                [
                    metrics.mean_pinball_loss(
                        y[rows],
                        numbers[rows, j],
                        alpha=level,
                        sample_weight=weights[rows],
                    )
                    for j, level in enumerate(levels)
                ]
            )

        def coverage(rows, numbers=numbers):
            low, high = numbers[rows].min(axis=1), numbers[rows].max(axis=1)
            inside = (y[rows] <= high) & ((y[rows] >= low) | (len(levels) == 1))
            return np.average(inside, weights=weights[rows])

        everything = slice(None)
        shares = 1.0 - losses(everything) / constants
        found[FigureKey("d2_pinball", model)] = shares.mean()
        for j in range(len(levels)):
            below = np.average(y <= numbers[:, j], weights=weights)
            of_level = {
                "d2_pinball": shares[j],
                "pinball_loss": losses(everything)[j],
                "share_below": below,
            }
            found |= {FigureKey(k, model, column=j): v for k, v in of_level.items()}
        cuts = [("", None, everything)]
        cuts += [("", g, groups == g) for g in np.unique(groups)]
        cuts += [("_of_others", g, groups != g) for g in np.unique(groups)]
        for suffix, group, rows in cuts:
            loss = losses(rows).mean()
            figures = {
                "pinball_loss": loss,
                "log_pinball_loss": np.log(loss),
                "coverage": coverage(rows),
            }
            found |= {
                FigureKey(f"{k}{suffix}", model, group=group): v
                for k, v in figures.items()
            }
        if model != "teacher":
            for j in (None, *range(len(levels))):
                columns = slice(None) if j is None else [j]
                found[FigureKey("r2_to_teacher", model, column=j)] = metrics.r2_score(
                    teacher[:, columns], numbers[:, columns], sample_weight=weights
                )
                off = np.abs(numbers - teacher)[:, columns].mean(axis=1) / scale
                found[FigureKey("mean_difference", model, column=j)] = np.average(
                    off, weights=weights
                )
    return found


@pytest.mark.parametrize("levels", [(0.1, 0.5, 0.9), (0.25,)])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_figure(levels, weighted):
    y, answers = draw_quantiles(90, levels)
    rng = np.random.default_rng(1)
    groups = rng.integers(2, size=90)
    weights = rng.integers(0, 4, size=90).astype(float) if weighted else np.ones(90)
    measures = QuantileMeasures(y[:, np.newaxis], answers, groups, weights, levels)
    found = measures(weights[np.newaxis])
    wanted = independent(y, answers, groups, levels, weights)
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        assert_allclose(found[key], [value], rtol=1e-9, err_msg=str(key))


def test_the_share_of_a_loss_is_near_that_of_scikit_learn():
    """scikit-learn takes a quantile between two numbers, which is not quite best."""
    y, answers = draw_quantiles(500)
    weights = np.ones(500)
    levels = (0.1, 0.5, 0.9)
    found = QuantileMeasures(y[:, np.newaxis], answers, None, weights, levels)(
        weights[np.newaxis]
    )
    for j, level in enumerate(levels):
        wanted = metrics.d2_pinball_score(y, answers["student"][:, j], alpha=level)
        value = found[FigureKey("d2_pinball", "student", column=j)]
        assert_allclose(value, [wanted], atol=1e-3)


def test_each_draw_has_its_own_constant():
    y, answers = draw_quantiles(40, (0.3,))
    weights = np.random.default_rng(2).integers(0, 3, size=(4, 40)).astype(float)
    measures = QuantileMeasures(y[:, np.newaxis], answers, None, np.ones(40), (0.3,))
    found = measures(weights)[FigureKey("d2_pinball", "student")]
    for row, value in zip(weights, found, strict=True):
        loss = metrics.mean_pinball_loss(
            y, answers["student"][:, 0], alpha=0.3, sample_weight=row
        )
        assert_allclose(value, 1.0 - loss / best_constant(y, 0.3, row))
