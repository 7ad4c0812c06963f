"""Arguments of a compression curve, read from a table or from a search."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

# Start of the names of columns of `cv_results_` that hold mean scores.
_MEAN = "mean_test_"

# Name of a scorer of the teacher.
_TEACHER = "teacher"


def arguments_from_table(table, size, score, lower, upper):
    """Return the arguments of a display of the students of a table.

    Parameters
    ----------
    table : DataFrame, or dict of str to array-like
        Table with a row for each student.
    size, score : str
        Names of the columns of sizes and scores.
    lower, upper : str or None
        Names of the columns of the ends of intervals.

    Returns
    -------
    arguments : dict
        Arguments of `CompressionCurveDisplay` by their names.
    """
    return {
        "sizes": _column(table, size),
        "scores": _column(table, score),
        "lower": None if lower is None else _column(table, lower),
        "upper": None if upper is None else _column(table, upper),
        "size_name": size,
        "score_name": score,
    }


def arguments_from_search(search, size, score):
    """Return the arguments of a display of the candidates of a search.

    Parameters
    ----------
    search : GridSearchCV, RandomizedSearchCV or HalvingGridSearchCV
        Fitted search of scikit-learn's.
    size : str
        Name of the scorer of sizes.
    score : str or None
        Name of the scorer of the score.

    Returns
    -------
    arguments : dict
        Arguments of `CompressionCurveDisplay` by their names.
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


def arguments_from_compression(compression, size, score):
    """Return the arguments of a display of the students that `compress_to` tried.

    Parameters
    ----------
    compression : Compression
        Object that `compress_to` returned.
    size : {"bytes", "microseconds"}
        Size to be drawn.
    score : {"score", None}
        Name of the score. There is only one.

    Returns
    -------
    arguments : dict
        Arguments of `CompressionCurveDisplay` by their names.
    """
    if size not in ("bytes", "microseconds"):
        raise ValueError(f"size={size!r} is neither 'bytes' nor 'microseconds'")
    if score not in ("score", None):
        raise ValueError(f"score={score!r}: compress_to has one score, 'score'")
    path = compression.path_
    scores = np.array([tried.score for tried in path])
    points = np.array([tried.points_lost_error for tried in path])
    error = points / compression.requirement_.points_in_a_unit
    return {
        "sizes": [getattr(tried, size) for tried in path],
        "scores": scores,
        "size_name": size,
        "score_name": "score",
        "teacher_score": compression.teacher_score_,
        "chosen": next(
            index for index, tried in enumerate(path) if tried is compression.chosen_
        ),
        **_interval(scores, error),
    }


def _column(table, name):
    """Return a column of a table; raise if there is none of this name."""
    if name not in table:
        names = list(getattr(table, "columns", table))
        raise ValueError(
            f"the table has no column {name!r}, but {names!r:.200}: give the names of "
            "its columns as size, score, lower and upper"
        )
    return table[name]


def _score_name(refit, named, size, score):
    """Return the name of the scorer of the score; raise if there is none."""
    if size not in named:
        raise ValueError(
            f"the search has no scorer named {size!r}, but {named!r:.200}. Search with "
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
    """Return intervals from a score minus its error to the score plus its error."""
    return {
        "lower": scores - error,
        "upper": scores + error,
        "interval_name": "± standard error",
    }
