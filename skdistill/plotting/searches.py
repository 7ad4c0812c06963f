"""What searches tell of the students that they tried."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

# Of columns of `cv_results_`.
_MEAN = "mean_test_"

# The name of a scorer of the teacher.
_TEACHER = "teacher"


def candidates(search, size, score):
    """Return what a search of scikit-learn's tells of its candidates.

    Parameters
    ----------
    search : fitted GridSearchCV, RandomizedSearchCV or HalvingGridSearchCV
    size : str
        The name of the scorer of sizes.
    score : str or None
        The name of the scorer of the score.

    Returns
    -------
    arguments : dict
        Of `CompressionCurveDisplay`.
    """
    check_is_fitted(search, "cv_results_")
    results = search.cv_results_
    named = [key[len(_MEAN) :] for key in results if key.startswith(_MEAN)]
    score = _score_name(search.refit, named, size, score)
    splits = [
        results[key]
        for key in results
        if key.startswith("split") and key.endswith(f"_test_{score}")
    ]
    scores, sizes = results[_MEAN + score], results[_MEAN + size]
    counted = np.isfinite(scores) & np.isfinite(sizes)
    if "iter" in results:
        counted &= results["iter"] == np.max(results["iter"])
    known = np.flatnonzero(counted)
    if not known.size:
        raise ValueError(f"no candidate of the search has a score {score!r}")
    arguments = {
        "sizes": np.abs(sizes[known]),
        "scores": scores[known],
        "size_name": size,
        "score_name": score,
    }
    if len(splits) > 1:
        error = np.std(splits, axis=0, ddof=1)[known] / np.sqrt(len(splits))
        arguments |= _interval(scores[known], error)
    if _TEACHER in named:
        arguments["teacher_score"] = float(results[_MEAN + _TEACHER][known].mean())
    best = getattr(search, "best_index_", None)
    if best is not None and best in known:
        arguments["chosen"] = int(np.flatnonzero(known == best)[0])
    return arguments


def tried_students(compression, size, score):
    """Return what `compress_to` tells of the students that it tried.

    Parameters
    ----------
    compression : Compression
    size : {"bytes", "microseconds"}
    score : {"score", None}

    Returns
    -------
    arguments : dict
        Of `CompressionCurveDisplay`.
    """
    if size not in ("bytes", "microseconds"):
        raise ValueError(f"size={size!r} is neither 'bytes' nor 'microseconds'")
    if score not in ("score", None):
        raise ValueError(f"score={score!r}: compress_to has one score, 'score'")
    path = compression.path_
    scores = np.array([tried.score for tried in path])
    error = np.array([tried.points_lost_error for tried in path]) / 100
    return {
        "sizes": [getattr(tried, size) for tried in path],
        "scores": scores,
        "size_name": size,
        "score_name": "score",
        "teacher_score": compression.teacher_score_,
        "chosen": next(
            place for place, tried in enumerate(path) if tried is compression.chosen_
        ),
        **_interval(scores, error),
    }


def _score_name(refit, named, size, score):
    """Return the name of the scorer of the score, of those that there are."""
    if size not in named:
        raise ValueError(
            f"the search has no scorer named {size!r}, but {named!r:.200}. Give it "
            f"scoring={{'accuracy': 'accuracy', {size!r}: a callable}} and "
            "refit='accuracy'"
        )
    if score is None:
        others = [name for name in named if name not in (size, _TEACHER)]
        score = refit if refit in others else (others or [None])[0]
    if score not in named or score == size:
        raise ValueError(
            f"the search has no scorer named {score!r}, but {named!r:.200}"
        )
    return score


def _interval(scores, error):
    """Return the intervals of scores, an error to each side."""
    return {
        "lower": scores - error,
        "upper": scores + error,
        "interval_name": "± standard error",
    }
