"""Every figure of numbers against scikit-learn's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics

from skdistill.report.figures import FigureKey
from skdistill.report.number_measures import NumberMeasures, deviations
from tests.report.problem import draw_numbers


def mean_square(one, other, weights):
    """Return the mean squared error of each target, in one call for each."""
    return np.array(
        [
            metrics.mean_squared_error(one[:, j], other[:, j], sample_weight=weights)
            for j in range(one.shape[1])
        ]
    )


def independent(y, answers, groups, weights):
    """Return all figures by scikit-learn, one row set and one target at a time."""
    found, teacher = {}, answers["teacher"]
    weight = {"sample_weight": weights}
    center = np.average(y, axis=0, weights=weights)
    variance = mean_square(y, np.broadcast_to(center, y.shape), weights)
    for model, numbers in answers.items():
        of_rows = [("", None, None, slice(None))]
        of_rows += [("", group, None, groups == group) for group in np.unique(groups)]
        of_rows += [
            ("_of_others", group, None, groups != group) for group in np.unique(groups)
        ]
        for suffix, group, _, rows in of_rows:
            squares = mean_square(y[rows], numbers[rows], weights[rows])
            log_mse = np.log((squares / variance).mean())
            found[FigureKey(f"log_mse{suffix}", model, group=group)] = log_mse
            found[FigureKey(f"mae{suffix}", model, group=group)] = (
                metrics.mean_absolute_error(
                    y[rows], numbers[rows], sample_weight=weights[rows]
                )
            )
        figures = {
            "r2": metrics.r2_score,
            "rmse": metrics.root_mean_squared_error,
            "mae": metrics.mean_absolute_error,
        }
        for name, measure in figures.items():
            found[FigureKey(name, model)] = measure(y, numbers, **weight)
            for j in range(y.shape[1]):
                key = FigureKey(name, model, column=j)
                found[key] = measure(y[:, j], numbers[:, j], **weight)
        if model != "teacher":
            scaled = np.abs(numbers - teacher) / np.sqrt(variance)
            for j in (None, *range(y.shape[1])):
                columns = slice(None) if j is None else [j]
                found[FigureKey("r2_to_teacher", model, column=j)] = metrics.r2_score(
                    teacher[:, columns], numbers[:, columns], **weight
                )
                mean = np.average(scaled[:, columns].mean(axis=1), weights=weights)
                found[FigureKey("mean_difference", model, column=j)] = mean
    return found


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_figure(n_targets, weighted):
    y, answers = draw_numbers(120, n_targets)
    rng = np.random.default_rng(1)
    groups = rng.integers(3, size=120)
    weights = rng.integers(0, 4, size=120).astype(float) if weighted else np.ones(120)
    found = NumberMeasures(y, answers, groups, weights)(weights[np.newaxis])
    wanted = independent(y, answers, groups, weights)
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        assert_allclose(found[key], [value], rtol=1e-9, err_msg=str(key))


def test_numbers_far_from_zero_lose_no_digits():
    y, answers = draw_numbers(50)
    weights = np.ones(50)
    far = {model: numbers + 1e9 for model, numbers in answers.items()}
    key = FigureKey("r2", "student")
    near, away = (
        NumberMeasures(truth, of, None, weights)(weights[np.newaxis])[key]
        for truth, of in ((y, answers), (y + 1e9, far))
    )
    assert_allclose(near, away, rtol=1e-6)


def test_each_draw_has_its_own_variance():
    y, answers = draw_numbers(60)
    weights = np.random.default_rng(2).integers(0, 3, size=(4, 60)).astype(float)
    found = NumberMeasures(y, answers, None, np.ones(60))(weights)
    for row, value in zip(weights, found[FigureKey("r2", "student")], strict=True):
        wanted = metrics.r2_score(y, answers["student"], sample_weight=row)
        assert_allclose(value, wanted)


def test_a_constant_target_has_no_share():
    y, answers = draw_numbers(40, 2)
    y[:, 0] = 3.0
    weights = np.ones(40)
    found = NumberMeasures(y, answers, None, weights)(weights[np.newaxis])
    assert np.isnan(found[FigureKey("r2", "student", column=0)])
    of_other = found[FigureKey("r2", "student", column=1)]
    assert_allclose(found[FigureKey("r2", "student")], of_other)
    assert_allclose(
        found[FigureKey("mae", "student", column=0)],
        np.abs(answers["student"][:, 0] - 3.0).mean(),
    )


def test_an_exact_model_has_no_logarithm():
    y, answers = draw_numbers(40)
    answers["teacher"] = y
    weights = np.ones(40)
    found = NumberMeasures(y, answers, None, weights)(weights[np.newaxis])
    assert np.isnan(found[FigureKey("log_mse", "teacher")])
    assert found[FigureKey("r2", "teacher")] == 1.0


def test_a_constant_target_has_a_deviation_of_one():
    """The average of equal numbers such as 0.1 is rounded, and is another number."""
    weights = np.ones(60)
    weights[0] = 0.0
    truth = np.full((60, 2), [0.1, 1 / 3])
    truth[0] = 5.0
    assert_array_equal(deviations(truth, weights), [1.0, 1.0])


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_deviations_whose_squares_leave_double_precision(size):
    truth = size * np.array([[0.0], [1.0], [5.0]])
    weights = np.array([1.0, 2.0, 1.0])
    wanted = np.sqrt(np.average((truth / size - 1.75) ** 2, axis=0, weights=weights))
    assert_allclose(deviations(truth, weights) / size, wanted)


def test_a_constant_target_counts_in_its_own_figures_alone():
    """Its errors have no deviation, and are in units that may be huge."""
    y, answers = draw_numbers(60, 2)
    groups, weights = np.arange(60) % 2, np.ones(60)
    wanted = NumberMeasures(y, answers, groups, weights)(weights[np.newaxis])
    y = np.column_stack([y, np.full(60, 5e9)])
    answers = {
        model: np.column_stack([numbers, 5e9 + 1e8 * numbers[:, 0]])
        for model, numbers in answers.items()
    }
    found = NumberMeasures(y, answers, groups, weights)(weights[np.newaxis])
    for key, figure in wanted.items():
        if key.measure not in ("rmse", "mae", "mae_of_others", "r2_to_teacher"):
            assert_allclose(found[key], figure)
    assert found[FigureKey("rmse", "student", column=2)] > 1e7


def test_draws_of_one_number_have_no_share_of_variance():
    """Rounding leaves them a variance of 1e-17, by which errors were divided."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        y = np.repeat(rng.normal(size=(2, 1)), [500, 1], axis=0)
        answers = {"teacher": y + 0.1, "student": y + 0.2}
        weights = np.ones((2, 501))
        weights[1, -1] = 0.0
        figures = NumberMeasures(y, answers, None, weights[0])(weights)
        for key in (("r2", "teacher"), ("r2", "student"), ("r2_to_teacher", "student")):
            known = np.isfinite(figures[FigureKey(*key)])
            assert_array_equal(known, [True, False])
