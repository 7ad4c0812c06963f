"""Every figure against scikit-learn's or SciPy's."""

import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose
from sklearn import metrics as sklearn_metrics
from sklearn.preprocessing import label_binarize

from skdistill import metrics
from skdistill.report.bootstrap import BootstrappedFigure, bootstrap
from skdistill.report.class_measures import ClassMeasures
from skdistill.report.figures import FigureKey
from tests.report.problem import draw_models


def independent(labels, probabilities, groups, weights):
    """Return all figures, by other implementations, one row set at a time."""
    n_classes = probabilities["teacher"].shape[1]
    teacher = probabilities["teacher"]
    found = {}
    for model, proba in probabilities.items():
        predicted = proba.argmax(axis=1)
        weight = {"sample_weight": weights}
        onehot = np.eye(n_classes)[labels]
        brier = np.average(((proba - onehot) ** 2).sum(axis=1), weights=weights)
        if n_classes == 2:
            brier = sklearn_metrics.brier_score_loss(labels, proba[:, 1], **weight)
        areas = [
            sklearn_metrics.roc_auc_score(labels == c, proba[:, c], **weight)
            for c in range(n_classes)
            if 0 < weights[labels == c].sum() < weights.sum()
        ]
        recalls = [
            np.average(predicted[labels == c] == c, weights=weights[labels == c])
            if weights[labels == c].any()
            else np.nan
            for c in range(n_classes)
        ]
        figures = {
            "accuracy": sklearn_metrics.accuracy_score(labels, predicted, **weight),
            "balanced_accuracy": np.nanmean(recalls),
            "log_loss": sklearn_metrics.log_loss(
                labels, proba, labels=np.arange(n_classes), **weight
            ),
            "brier": brier,
            "calibration_error": metrics.calibration_error(
                labels, proba, sample_weight=weights
            ),
            "roc_auc": np.mean(areas),
        }
        if model != "teacher":
            same = predicted == teacher.argmax(axis=1)
            entropies = scipy.stats.entropy(teacher, proba, axis=1)
            distances = np.abs(teacher - proba).max(axis=1)
            if n_classes > 2:
                distances = np.maximum(teacher - proba, 0).sum(axis=1)
            figures |= {
                "agreement": np.average(same, weights=weights),
                "kl_divergence": np.average(entropies, weights=weights),
                "total_variation": np.average(distances, weights=weights),
            }
        found |= {FigureKey(name, model): value for name, value in figures.items()}
        found |= {
            FigureKey("recall", model, column=c): r for c, r in enumerate(recalls)
        }
        for group in np.unique(groups):
            for suffix, rows in (
                ("", groups == group),
                ("_of_others", groups != group),
            ):
                right = np.average(
                    predicted[rows] == labels[rows], weights=weights[rows]
                )
                found[FigureKey(f"accuracy{suffix}", model, group=group)] = right
                found[FigureKey(f"log_loss{suffix}", model, group=group)] = (
                    sklearn_metrics.log_loss(
                        labels[rows],
                        proba[rows],
                        labels=np.arange(n_classes),
                        sample_weight=weights[rows],
                    )
                )
    return found


@pytest.mark.parametrize("n_classes", [2, 3, 7])
@pytest.mark.parametrize("weighted", [False, True])
def test_figures_are_those_of_other_implementations(n_classes, weighted):
    rng = np.random.default_rng(n_classes)
    labels, probabilities = draw_models(200, n_classes, seed=1)
    groups = rng.integers(3, size=200)
    weights = rng.uniform(0.0, 2.0, size=200) if weighted else np.ones(200)
    found = ClassMeasures(labels, probabilities, groups)(weights[np.newaxis])
    wanted = independent(labels, probabilities, groups, weights)
    for key, value in wanted.items():
        assert_allclose(found[key][0], value, rtol=1e-10, err_msg=str(key))
    onehot = label_binarize(labels, classes=np.arange(n_classes))
    for model, proba in probabilities.items():
        for column in range(n_classes) if n_classes > 2 else [1]:
            truth = onehot[:, column] if n_classes > 2 else labels
            area = sklearn_metrics.roc_auc_score(
                truth, proba[:, column], sample_weight=weights
            )
            assert_allclose(found[FigureKey("roc_auc", model, column=column)][0], area)
    names = {(key.measure, key.column is None, key.group is None) for key in found}
    assert names == {(k.measure, k.column is None, k.group is None) for k in wanted} | {
        ("roc_auc", False, True)
    }


def test_probabilities_of_zero_are_clipped_as_scikit_learn_does():
    labels = np.array([0, 1, 1, 0])
    proba = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    found = ClassMeasures(labels, {"teacher": proba, "student": proba})(np.ones((1, 4)))
    wanted = sklearn_metrics.log_loss(labels, proba)
    assert_allclose(found[FigureKey("log_loss", "teacher")], wanted)
    assert found[FigureKey("kl_divergence", "student")] == 0


def test_a_class_without_rows_is_left_out_of_means():
    labels, probabilities = draw_models(60, 3)
    labels[labels == 1] = 2
    weights = np.ones(60)
    found = ClassMeasures(labels, probabilities)(weights[np.newaxis])
    wanted = independent(labels, probabilities, np.arange(60) % 2, weights)
    for name in ("balanced_accuracy", "roc_auc"):
        assert_allclose(
            found[FigureKey(name, "student")], wanted[FigureKey(name, "student")]
        )
    for name in ("recall", "roc_auc"):
        assert np.isnan(found[FigureKey(name, "student", column=1)]).all()


@pytest.mark.parametrize("n_classes", [2, 4])
def test_draws_are_those_of_a_slow_bootstrap(n_classes):
    """Of the same random numbers, rows repeated as often as they were drawn."""
    n_rows, n_draws = 50, 20
    labels, probabilities = draw_models(n_rows, n_classes)
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 1.5, size=n_rows)
    groups = np.arange(n_rows) % 2
    sampled = bootstrap(
        ClassMeasures(labels, probabilities, groups),
        weights,
        n_draws,
        np.random.RandomState(3),
    )
    drawn = np.random.RandomState(3).randint(n_rows, size=(n_draws, n_rows))
    for draw, rows in enumerate(drawn):
        rows = np.sort(rows)
        wanted = independent(
            labels[rows],
            {model: proba[rows] for model, proba in probabilities.items()},
            groups[rows],
            weights[rows],
        )
        for key, value in wanted.items():
            if key.measure == "calibration_error":
                continue  # Repeated rows are alike, but bins are one a row at most.
            assert_allclose(sampled[key].draws[draw], value, err_msg=str(key))


def test_blocks_of_draws_are_as_one(monkeypatch):
    labels, probabilities = draw_models(50, 3)
    measures = ClassMeasures(labels, probabilities)
    key = FigureKey("roc_auc", "student")
    draws = []
    for size in (50 * 7, 10**6):
        monkeypatch.setattr("skdistill.report.bootstrap._BLOCK", size)
        sampled = bootstrap(measures, np.ones(50), 20, np.random.RandomState(0))
        draws.append(sampled[key].draws)
    assert_allclose(*draws)


def test_an_interval_leaves_out_what_could_not_be_measured():
    draws = np.array([np.nan, *np.arange(101.0)])
    assert_allclose(BootstrappedFigure(50.0, draws).interval(0.9), (50.0, 5.0, 95.0))
    nothing = BootstrappedFigure(np.nan, np.full(3, np.nan)).interval()
    assert np.isnan(nothing).all()
    assert nothing.sign == 0
