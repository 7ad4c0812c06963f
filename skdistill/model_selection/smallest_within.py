"""Choosing the size of a student in a search of scikit-learn's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any, Literal

import numpy as np

from skdistill.common.warn import warn
from skdistill.inputs.encoder import TabularEncoder

_ONE_STANDARD_ERROR = "one_standard_error"

# Parameters of candidates by which the size of their students is estimated.
_SIZES = ("hidden_layer_sizes", "n_bins", "encoder", "weight_dtype")
_BYTES_A_WEIGHT = {"auto": 1, "int8": 1, "float16": 2, "float32": 4}

# Of a row of the knot table: its scale, and the knot itself.
_BYTES_A_KNOT = 8


def smallest_within(
    tolerance: float | Literal["one_standard_error"],
    metric: str = "score",
    of: Literal["best", "teacher"] = "best",
) -> Callable[[Mapping[str, Any]], int]:
    """Make a `refit` that picks the smallest student that is good enough.

    For the `refit` of `GridSearchCV` and `RandomizedSearchCV`. scikit-learn 1.9
    documents `refit` as a callable for `HalvingGridSearchCV` too, but does not call
    it there: call what is returned with its `cv_results_`, of which the last
    iteration counts.

    The size of a candidate is the column ``mean_test_bytes``, where the search has
    one: with ``scoring={"score": "accuracy", "bytes": student_bytes}``. Else it is
    estimated from the `hidden_layer_sizes`, the bins and the `weight_dtype` that the
    candidates differ in, which gives their order and no bytes. Of candidates of one
    size the one with the greater score is taken, of these the first.

    Parameters
    ----------
    tolerance : float or "one_standard_error"
        How far the mean score of a candidate may be below the reference, in units of
        the score: 0.005 of accuracy is half a point. "one_standard_error" is that of
        the reference over the splits, ``std / sqrt(n_splits)`` [1]_.
    metric : str, default="score"
        The name of the score in `scoring`; "score" in a search of one metric.
    of : {"best", "teacher"}, default="best"
        The reference: the best candidate, or the teacher of each candidate by the
        column ``mean_test_teacher``: with ``"teacher": teacher_score`` in `scoring`.
        Where no candidate is within the tolerance of its teacher, the best is taken,
        and a warning says how near it came: an error would lose the search.

    Returns
    -------
    refit : callable
        Takes `cv_results_`, and returns the index of a candidate.

    Raises
    ------
    ValueError
        Where an argument is none of these; when `refit` is called, where a column is
        missing, all scores are NaN, or the candidates do not differ in size.

    See Also
    --------
    compress_to : The direct way, which asks the teacher once.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen and C. Stone, "Classification and
       regression trees", 1984, section 3.4.3.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skdistill import DistilledClassifier, smallest_within
    >>> from skdistill.model_selection import student_bytes
    >>> X, y = load_iris(return_X_y=True)
    >>> search = GridSearchCV(
    ...     DistilledClassifier(RandomForestClassifier(20), random_state=0),
    ...     {"hidden_layer_sizes": [(64,), (4,)], "max_iter": [200]},
    ...     scoring={"score": "accuracy", "bytes": student_bytes},
    ...     refit=smallest_within(0.02),
    ... ).fit(X, y)
    >>> search.best_params_["hidden_layer_sizes"]
    (4,)
    """
    if isinstance(tolerance, Real):
        known = np.isfinite(tolerance) and tolerance >= 0
    else:
        known = tolerance == _ONE_STANDARD_ERROR
    if not known:
        raise ValueError(
            f"tolerance={tolerance!r:.100} is neither {_ONE_STANDARD_ERROR!r} nor a "
            "number from 0, in units of the score"
        )
    if of not in ("best", "teacher"):
        raise ValueError(f"of={of!r:.100} is neither 'best' nor 'teacher'")
    return _SmallestWithin(tolerance, metric, of)


@dataclass(frozen=True)
class _SmallestWithin:
    """The `refit` of `smallest_within`, which searches show by its `repr`."""

    tolerance: float | str
    metric: str
    of: str

    def __call__(self, cv_results: Mapping[str, Any]) -> int:
        return _smallest_within(cv_results, **vars(self))

    def __repr__(self) -> str:
        return f"smallest_within({self.tolerance!r}, {self.metric!r}, of={self.of!r})"


def _smallest_within(cv_results, *, tolerance, metric, of):
    """Return the index of the smallest candidate that is good enough."""
    scores = _column(cv_results, metric, f"smallest_within(metric={metric!r})")
    usable = np.isfinite(scores)
    if "iter" in cv_results:
        # Of successive halving, where earlier iterations saw fewer rows.
        last = np.asarray(cv_results["iter"])
        usable &= last == last.max()
    if not usable.any():
        raise ValueError(
            f"all candidates have a mean_test_{metric} that is NaN or infinite: "
            'no fit succeeded. error_score="raise" shows why'
        )
    best = int(np.argmax(np.where(usable, scores, -np.inf)))
    reference = np.full(scores.size, scores[best])
    if of == "teacher":
        reference = _column(cv_results, "teacher", 'of="teacher"', "teacher_score")
    allowed = tolerance
    if tolerance == _ONE_STANDARD_ERROR:
        allowed = _standard_error(cv_results, metric if of == "best" else "teacher")
        allowed = allowed[best] if of == "best" else allowed
    lost = reference - scores
    # What rounding alone adds is no loss.
    enough = usable & (lost <= allowed + 1e-12)
    if not enough.any():
        nearest = int(np.argmin(np.where(usable, lost - allowed, np.inf)))
        allowed = np.broadcast_to(allowed, lost.shape)[nearest]
        warn(
            f"no candidate is within {allowed:.4g} of its teacher's {metric}: the "
            f"nearest, number {nearest}, loses {lost[nearest]:.4g}. The best, number "
            f"{best}, is taken",
        )
        return best
    sizes = _sizes(cv_results)
    order = np.lexsort([np.arange(scores.size), -scores, sizes])
    return int(order[enough[order]][0])


def _column(cv_results, name, asked_by, scorer=None):
    """Return the mean test scores of a name, as floats."""
    column = f"mean_test_{name}"
    if column not in cv_results:
        scorer = scorer or '"accuracy"'
        known = [key[10:] for key in cv_results if key.startswith("mean_test_")]
        raise ValueError(
            f"{asked_by} needs the column {column} of cv_results_, which has scores "
            f"named {known}. Search with scoring={{..., {name!r}: {scorer}}}"
        )
    return np.asarray(cv_results[column], dtype=np.float64)


def _standard_error(cv_results, name):
    """Return the standard errors of mean scores over the splits."""
    splits = [
        key
        for key in cv_results
        if key.startswith("split") and key.endswith(f"_test_{name}")
    ]
    deviations = np.asarray(cv_results[f"std_test_{name}"], dtype=np.float64)
    return deviations / np.sqrt(len(splits))


def _sizes(cv_results):
    """Return the sizes of candidates, measured or estimated."""
    if "mean_test_bytes" in cv_results:
        return np.asarray(cv_results["mean_test_bytes"], dtype=np.float64)
    candidates = [
        {
            name.split("__")[-1]: value
            for name, value in parameters.items()
            if "teacher" not in name.split("__")[:-1]
        }
        for parameters in cv_results["params"]
    ]
    if not any(name in _SIZES for candidate in candidates for name in candidate):
        raise ValueError(
            "the candidates differ in nothing that sets a student's size, which is "
            f"{', '.join(_SIZES)}. Search over one of these, or with scoring={{..., "
            '"bytes": student_bytes}'
        )
    return np.array([_estimated_bytes(candidate) for candidate in candidates])


def _estimated_bytes(parameters):
    """Return the bytes of a student of as many knots as it may have, and two classes.

    What is left out is the same for all candidates of a search.
    """
    encoder = parameters.get("encoder", "auto")
    bins = getattr(encoder, "n_bins", TabularEncoder().n_bins)
    bins = 0 if encoder is None else parameters.get("n_bins", bins)
    hidden = np.atleast_1d(parameters.get("hidden_layer_sizes", (128, 64)))
    units = [max(bins, 1), *(int(size) for size in hidden), 1]
    n_weights = sum(a * b for a, b in pairwise(units))
    dtype = parameters.get("weight_dtype", "auto")
    return n_weights * _BYTES_A_WEIGHT[dtype] + bins * _BYTES_A_KNOT
