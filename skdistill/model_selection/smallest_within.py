"""Choice of the smallest good student in a search of scikit-learn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any, Literal

import numpy as np

from skdistill.common.warn import warn
from skdistill.inputs.encoder import TabularEncoder
from skdistill.training.plan import AUTO_HIDDEN
from skdistill.training.views import is_auto

_ONE_STANDARD_ERROR = "one_standard_error"

# Parameters of candidates that the size of their students is estimated from.
_SIZES = ("hidden_layer_sizes", "n_bins", "encoder", "weight_dtype", "max_terms")
_BYTES_A_WEIGHT = {"auto": 1, "int8": 1, "float16": 2, "float32": 4}

# Columns of sparse rows, if max_terms is no number: more than any number keeps.
_COLUMNS = {"auto": 10**8, None: 10**9}

# A row of the knot table has a scale and the knot itself.
_BYTES_A_KNOT = 8


def smallest_within(
    tolerance: float | Literal["one_standard_error"],
    metric: str = "score",
    of: Literal["best", "teacher"] = "best",
) -> Callable[[Mapping[str, Any]], int]:
    """Make a `refit` that picks the smallest student that is good enough.

    Give the result as the `refit` of `GridSearchCV` or `RandomizedSearchCV`.
    `HalvingGridSearchCV` of scikit-learn 1.9 also documents `refit` as a callable, but
    does not call it. There, call the result with the `cv_results_` of the search; only
    the last iteration counts.

    If the search has a column ``mean_test_bytes``, this is the size of a candidate.
    ``scoring={"score": "accuracy", "bytes": student_bytes}`` makes this column.
    Otherwise the size is estimated from the `hidden_layer_sizes`, the bins, the
    `max_terms` and the `weight_dtype` in which the candidates differ. The estimate
    gives the order of the candidates, not their bytes. In it, ``max_terms="auto"``
    keeps more columns than any number, and None all. If candidates have the same size,
    the one with the greatest score is picked, and the first of these.

    Parameters
    ----------
    tolerance : float or "one_standard_error"
        Greatest difference of the reference minus the mean score of a candidate, in
        units of the score: 0.005 of accuracy is half a point. "one_standard_error" is
        the standard error of the reference over the splits, ``std / sqrt(n_splits)``
        [1]_.
    metric : str, default="score"
        Name of the score in `scoring`; "score" in a search with one metric.
    of : {"best", "teacher"}, default="best"
        Reference. "best" is the best candidate. "teacher" is the teacher of each
        candidate, by the column ``mean_test_teacher``, which needs ``"teacher":
        teacher_score`` in `scoring`. If no candidate is within the tolerance of its
        teacher, the best candidate is picked, and a warning says how near the nearest
        came. An error instead would lose the results of the search.

    Returns
    -------
    refit : callable
        Function that takes `cv_results_` and returns the index of a candidate.

    Raises
    ------
    ValueError
        If an argument has another value. A call of `refit` raises it if a column is
        missing, if all scores are NaN, or if the candidates do not differ in size.

    See Also
    --------
    compress_to : Direct search that asks the teacher only once.

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
        valid = np.isfinite(tolerance) and tolerance >= 0
    else:
        valid = tolerance == _ONE_STANDARD_ERROR
    if not valid:
        raise ValueError(
            f"tolerance={tolerance!r:.100} is neither {_ONE_STANDARD_ERROR!r} nor a "
            "number from 0, in units of the score"
        )
    if of not in ("best", "teacher"):
        raise ValueError(f"of={of!r:.100} is neither 'best' nor 'teacher'")
    return _SmallestWithin(tolerance, metric, of)


@dataclass(frozen=True)
class _SmallestWithin:
    """Callable that `smallest_within` returns. Searches show its `repr`."""

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
        # In successive halving, earlier iterations used fewer rows.
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
    # The small number allows for rounding.
    enough = usable & (lost <= allowed + 1e-12)
    if not enough.any():
        nearest = int(np.argmin(np.where(usable, lost - allowed, np.inf)))
        allowed = np.broadcast_to(allowed, lost.shape)[nearest]
        warn(
            f"no candidate is within {allowed:.4g} of its teacher's {metric}: the "
            f"nearest, number {nearest}, loses {lost[nearest]:.4g}. The best, number "
            f"{best}, is picked",
        )
        return best
    sizes = _sizes(cv_results)
    order = np.lexsort([np.arange(scores.size), -scores, sizes])
    return int(order[enough[order]][0])


def _column(cv_results, name, asked_by, scorer=None):
    """Return the mean test scores of a scorer, as floats."""
    column = f"mean_test_{name}"
    if column not in cv_results:
        scorer = scorer or '"accuracy"'
        known = [key[10:] for key in cv_results if key.startswith("mean_test_")]
        raise ValueError(
            f"{asked_by} needs the column {column} of cv_results_. This has only "
            f"scores named {known}. Search with scoring={{..., {name!r}: {scorer}}}"
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
            "the candidates differ in nothing that sets a student's size: "
            f"{', '.join(_SIZES)}. Search over one of these, or with scoring={{..., "
            '"bytes": student_bytes}'
        )
    return np.array([_estimated_bytes(candidate) for candidate in candidates])


def _estimated_bytes(parameters):
    """Return the bytes of a student with the most knots it may have, and two classes.

    All else is the same for all candidates of a search, and is not counted.
    """
    encoder = parameters.get("encoder", "auto")
    bins = getattr(encoder, "n_bins", TabularEncoder().n_bins)
    bins = 0 if encoder is None else parameters.get("n_bins", bins)
    hidden = parameters.get("hidden_layer_sizes", "auto")
    inputs = max(bins, 1)
    if "max_terms" in parameters:  # The rows are sparse, which have no knots.
        max_terms = parameters["max_terms"]
        bins, inputs = 0, _COLUMNS.get(max_terms, max_terms)
    if is_auto(hidden):
        hidden = () if "max_terms" in parameters else AUTO_HIDDEN
    units = [inputs, *(int(size) for size in np.atleast_1d(hidden)), 1]
    n_weights = sum(a * b for a, b in pairwise(units))
    dtype = parameters.get("weight_dtype", "auto")
    return n_weights * _BYTES_A_WEIGHT[dtype] + bins * _BYTES_A_KNOT
