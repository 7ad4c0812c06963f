"""All figures of a report, with their intervals."""

import numpy as np
from sklearn.utils import check_random_state

from skdistill.report.bootstrap import LEVEL, bootstrap
from skdistill.report.measures import FigureKey, Measures
from skdistill.report.verdict import verdict

TEACHER, STUDENT, CONTROL = "teacher", "student", "labels alone"
MEASURES = (
    "accuracy",
    "balanced_accuracy",
    "log_loss",
    "brier",
    "calibration_error",
    "roc_auc",
)
FIDELITY = ("agreement", "kl_divergence", "total_variation")
_PAIRS = ((STUDENT, TEACHER), (STUDENT, CONTROL), (TEACHER, CONTROL))


def compute(
    labels,
    probabilities,
    decided,
    weights,
    classes,
    groups,
    n_bootstraps,
    random_state,
):
    """Compute all figures.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes, -1 for a label that is no class.
    probabilities : dict of str to ndarray of shape (n_samples, n_classes)
        Probabilities of each model: the teacher first, then the student, then the
        control if there is one.
    decided : dict of str to ndarray of shape (n_samples,), int, or None
        Columns of the classes that each model decides for. None for the most probable
        ones.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    classes : ndarray of shape (n_classes,)
        Labels of the columns.
    groups : tuple of ndarray of shape (n_samples,), int, and list of str, or None
        Number of each row's group, and the names of the groups.
    n_bootstraps : int
        Number of bootstrap draws.
    random_state : int, RandomState instance or None
        Seed of the draws.

    Returns
    -------
    figures : dict
        Attributes of `DistillationReport` by their names.
    """
    if decided is None:
        decided = {name: p.argmax(axis=1) for name, p in probabilities.items()}
    numbers = None if groups is None else groups[0]
    models = list(probabilities)
    sampled = bootstrap(
        Measures(labels, probabilities, numbers, decided),
        weights,
        n_bootstraps,
        check_random_state(random_state),
    )
    differences = {
        f"{first} - {second}": {
            name: (
                sampled[FigureKey(name, first)] - sampled[FigureKey(name, second)]
            ).interval()
            for name in MEASURES
        }
        for first, second in _PAIRS
        if second in models
    }
    right = [decided[model] == labels for model in (TEACHER, STUDENT)]
    differs = (right[0] != right[1]) & (weights > 0)
    per_group = None
    if groups is not None:
        per_group = _per_group(sampled, models, *groups, differs)
    return {
        "verdict": verdict(differences, np.count_nonzero(weights)),
        "figures": _intervals(sampled, models, MEASURES),
        "differences": differences,
        "fidelity": _intervals(sampled, models[1:], FIDELITY),
        "per_class": _per_class(sampled, models, labels, classes),
        "per_group": per_group,
        "classes": classes,
        "n_samples": len(labels),
        "n_different": int(differs.sum()),
        "n_bootstraps": n_bootstraps,
    }


def _intervals(sampled, models, measures):
    """Return the intervals of some measures for each model."""
    return {
        model: {name: sampled[FigureKey(name, model)].interval() for name in measures}
        for model in models
    }


def _per_class(sampled, models, labels, classes):
    """Return a row of the table of classes for each class."""
    counts = np.bincount(labels[labels >= 0], minlength=len(classes))
    return [
        {
            "class": label,
            "n_samples": int(counts[column]),
            "recall": {
                model: sampled[FigureKey("recall", model, class_=column)].estimate
                for model in models
            },
            "roc_auc": {
                model: sampled[FigureKey("roc_auc", model, class_=column)].estimate
                for model in models
            },
            "recall_difference": (
                sampled[FigureKey("recall", STUDENT, class_=column)]
                - sampled[FigureKey("recall", TEACHER, class_=column)]
            ).interval(),
        }
        for column, label in enumerate(classes.tolist())
    ]


def _per_group(sampled, models, numbers, names, differs):
    """Return a row of the table of groups for each group."""
    counts = np.bincount(numbers)
    # With this level, the probability that any interval of all groups misses is at
    # most as great as usual for a single interval.
    level = 1.0 - (1.0 - LEVEL) / len(names)
    rows = []
    for group, name in enumerate(names):
        figures = {
            (measure, model): sampled[FigureKey(measure, model, group=group)]
            for measure in ("accuracy", "log_loss", "accuracy_of_others")
            for model in models
        }
        accuracy, log_loss, accuracy_of_others = (
            figures[measure, STUDENT] - figures[measure, TEACHER]
            for measure in ("accuracy", "log_loss", "accuracy_of_others")
        )
        rows.append(
            {
                "group": name,
                "n_samples": int(counts[group]),
                "n_different": int(differs[numbers == group].sum()),
                "accuracy": {m: figures["accuracy", m].estimate for m in models},
                "log_loss": {m: figures["log_loss", m].estimate for m in models},
                "accuracy_difference": accuracy.interval(),
                "log_loss_difference": log_loss.interval(),
                "beyond_others": (accuracy - accuracy_of_others).interval(level),
            }
        )
    return rows
