"""Every figure of label sets against scikit-learn's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import metrics

from skdistill.report.figures import FigureKey
from skdistill.report.label_set_measures import LabelSetMeasures
from tests.report.problem import draw_label_sets


def measure(truth, probabilities, groups, weights):
    """Return all figures of one draw of the rows."""
    decided = {name: (p > 0.5).astype(int) for name, p in probabilities.items()}
    measures = LabelSetMeasures(truth, probabilities, groups, decided)
    return measures(weights[np.newaxis])


def of_labels(function, truth, scores, weights):
    """Return a measure of each label by scikit-learn, in one call for each."""
    return np.array(
        [
            function(truth[:, j], scores[:, j], sample_weight=weights)
            for j in range(truth.shape[1])
        ]
    )


def divergence(teacher, model, weights):
    """Return the mean divergence of the labels, term by term."""
    sums = teacher * np.log(teacher / model)
    sums += (1 - teacher) * np.log((1 - teacher) / (1 - model))
    return np.average(sums.mean(axis=1), weights=weights)


def independent(truth, probabilities, groups, weights):
    """Return all figures by scikit-learn."""
    found, teacher = {}, probabilities["teacher"]
    weight = {"sample_weight": weights}
    for model, proba in probabilities.items():
        labels = (proba > 0.5).astype(int)
        for group in np.unique(groups):
            parts = (("", groups == group), ("_of_others", groups != group))
            for suffix, rows in parts:
                found[FigureKey(f"accuracy{suffix}", model, group=group)] = (
                    metrics.accuracy_score(
                        truth[rows], labels[rows], sample_weight=weights[rows]
                    )
                )
                found[FigureKey(f"log_loss{suffix}", model, group=group)] = of_labels(
                    metrics.log_loss, truth[rows], proba[rows], weights[rows]
                ).mean()
        f1 = metrics.f1_score(truth, labels, average=None, **weight)
        areas = of_labels(metrics.roc_auc_score, truth, proba, weights)
        for j, (of_label, area) in enumerate(zip(f1, areas, strict=True)):
            found[FigureKey("f1", model, column=j)] = of_label
            found[FigureKey("roc_auc", model, column=j)] = area
        figures = {
            "accuracy": metrics.accuracy_score(truth, labels, **weight),
            "hamming_loss": metrics.hamming_loss(truth, labels, **weight),
            "f1_micro": metrics.f1_score(truth, labels, average="micro", **weight),
            "f1_macro": metrics.f1_score(truth, labels, average="macro", **weight),
            "log_loss": of_labels(metrics.log_loss, truth, proba, weights).mean(),
            "brier": of_labels(metrics.brier_score_loss, truth, proba, weights).mean(),
            "roc_auc": areas.mean(),
        }
        if model != "teacher":
            alike = metrics.hamming_loss(teacher > 0.5, labels, **weight)
            distances = np.abs(teacher - proba).mean(axis=1)
            figures |= {
                "agreement": 1 - alike,
                "kl_divergence": divergence(teacher, proba, weights),
                "total_variation": np.average(distances, weights=weights),
            }
        for name, value in figures.items():
            found[FigureKey(name, model)] = value
    return found


@pytest.mark.parametrize("weighted", [False, True])
def test_every_figure(weighted):
    truth, probabilities = draw_label_sets(160)
    rng = np.random.default_rng(1)
    groups = rng.integers(2, size=160)
    weights = rng.integers(0, 4, size=160).astype(float) if weighted else np.ones(160)
    found = measure(truth, probabilities, groups, weights)
    wanted = independent(truth, probabilities, groups, weights)
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        assert_allclose(found[key], [value], rtol=1e-9, err_msg=str(key))


def test_a_label_of_no_row_has_no_area_and_an_f1_of_zero():
    truth, probabilities = draw_label_sets(60)
    truth[:, 2] = 0
    found = measure(truth, probabilities, None, np.ones(60))
    labels = probabilities["student"] > 0.5
    assert np.isnan(found[FigureKey("roc_auc", "student", column=2)])
    known = [found[FigureKey("roc_auc", "student", column=j)] for j in (0, 1, 3)]
    assert_allclose(found[FigureKey("roc_auc", "student")], np.mean(known))
    assert found[FigureKey("f1", "student", column=2)] == 0.0
    wanted = metrics.f1_score(truth, labels, average="macro")
    assert_allclose(found[FigureKey("f1_macro", "student")], wanted)


def test_sure_and_wrong_is_finite():
    truth, probabilities = draw_label_sets(40)
    probabilities["student"] = 1.0 - truth
    found = measure(truth, probabilities, None, np.ones(40))
    wanted = metrics.log_loss(truth[:, 0], 1.0 - truth[:, 0], labels=[0, 1])
    assert_allclose(found[FigureKey("log_loss", "student")], wanted)
    assert found[FigureKey("accuracy", "student")] == 0.0
