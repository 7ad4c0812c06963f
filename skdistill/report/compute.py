"""All figures of a report, with their intervals."""

import numpy as np
from sklearn.utils import check_random_state

from skdistill.report.bootstrap import LEVEL, bootstrap
from skdistill.report.figures import CONTROL, STUDENT, TEACHER, FigureKey
from skdistill.report.verdict import verdict

_PAIRS = ((STUDENT, TEACHER), (STUDENT, CONTROL), (TEACHER, CONTROL))


def compute(kind, rows, groups, n_bootstraps, random_state):
    """Compute all figures.

    Parameters
    ----------
    kind : ReportKind
    rows : AnsweredRows
        Answers of the models: the teacher first, then the student, then the control if
        there is one.
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
    models = list(rows.answers)
    sampled = bootstrap(
        kind.measures_of(rows, None if groups is None else groups[0]),
        rows.weights,
        n_bootstraps,
        check_random_state(random_state),
    )
    differences = {
        f"{first} - {second}": {
            name: (
                sampled[FigureKey(name, first)] - sampled[FigureKey(name, second)]
            ).interval()
            for name in kind.measures
        }
        for first, second in _PAIRS
        if second in models
    }
    per_group = None
    if groups is not None:
        per_group = _per_group(kind, rows, sampled, models, *groups)
    return {
        "verdict": verdict(differences, np.count_nonzero(rows.weights)),
        "figures": _intervals(sampled, models, kind.measures),
        "differences": differences,
        "fidelity": _intervals(sampled, models[1:], kind.fidelity),
        "per_group": per_group,
        "n_samples": len(rows.truth),
        "n_bootstraps": n_bootstraps,
        "kind": kind.name,
        **kind.parts(rows, sampled, models),
    }


def _intervals(sampled, models, measures):
    """Return the intervals of some measures for each model."""
    return {
        model: {name: sampled[FigureKey(name, model)].interval() for name in measures}
        for model in models
    }


def _per_group(kind, rows, sampled, models, numbers, names):
    """Return a row of the table of groups for each group."""
    counts = np.bincount(numbers)
    # With this level, the probability that any interval of all groups misses is at
    # most as great as usual for a single interval.
    level = 1.0 - (1.0 - LEVEL) / len(names)
    found = []
    for group, name in enumerate(names):

        def figures(measure, model, group=group):
            return sampled[FigureKey(measure, model, group=group)]

        parts = kind.group_parts(rows, numbers == group, figures, models, level)
        found.append({"group": name, "n_samples": int(counts[group]), **parts})
    return found
