"""The teacher that is trained if none is given."""

from typing import Any

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from skdistill.teachers.quantiles import QuantileModels

_N_TREES = 200


def default_teacher(
    kind: str = "classes", levels: tuple[float, ...] | None = None
) -> Any:
    """Return the teacher that is trained if none is given.

    Parameters
    ----------
    kind : str, default="classes"
        Kind of the task.
    levels : tuple of float or None, default=None
        Levels of the quantiles to learn. None for means and for classes.

    Returns
    -------
    teacher : estimator
        A forest of 200 trees. For quantiles it is boosted trees for each of them.
    """
    if levels is not None:
        return QuantileModels.boosted(levels)
    forest = RandomForestRegressor if kind == "numbers" else RandomForestClassifier
    return forest(n_estimators=_N_TREES)
