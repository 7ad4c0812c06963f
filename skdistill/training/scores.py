"""The scores that early stopping watches."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import check_scoring

from skdistill.common.sklearn_compat import safe_indexing

LOSS = "loss"
AGREEMENT = "agreement"


def check_stopping(estimator: Any, y: Any) -> None:
    """Raise if early stopping could not score the student.

    Parameters
    ----------
    estimator : DistilledClassifier
    y : array-like of shape (n_samples,) or None
        Labels of the user.

    Raises
    ------
    ValueError
        If `scoring` is no scorer, or if it needs labels and there are none.
    """
    scoring = estimator.scoring
    if not estimator.early_stopping or scoring in (LOSS, AGREEMENT):
        return
    try:
        check_scoring(estimator, scoring)
    except ValueError as error:
        # scikit-learn's error for an unknown name lists some sixty others.
        why = (
            error if callable(scoring) else "sklearn.metrics.get_scorer_names() has all"
        )
        raise ValueError(
            f"scoring={scoring!r} is neither {LOSS!r} nor {AGREEMENT!r}, nor a scorer "
            f"of scikit-learn's: {why}"
        ) from error
    if y is None:
        raise ValueError(
            f"early_stopping with scoring={scoring!r} needs labels, and y is None: "
            f"{LOSS!r} and {AGREEMENT!r} do without"
        )


def held_out_score(
    estimator: Any, data: Any, held_out: Any, fitted: Callable[[], Any]
) -> Callable[[], float] | None:
    """Return how `scoring` judges the student on rows that are held out.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameter `scoring`.
    data : DistillationData
    held_out : ndarray of shape (n_held_out,), int
        Numbers of given rows.
    fitted : callable
        Function that returns a copy of the estimator with the student as it is.

    Returns
    -------
    score : callable or None
        Function without arguments that returns the score; greater is better. None
        stands for the negative mean loss.
    """
    scoring, rows = estimator.scoring, data.rows
    if scoring == LOSS:
        return None
    if scoring == AGREEMENT:
        X = safe_indexing(rows.X, held_out)
        expected, weights = rows.answers[held_out], rows.weights[held_out]

        def agreement_now():
            answers = fitted().student_.predict_proba(X)
            return data.task.agreement(answers, expected, weights)

        return agreement_now
    held_out = held_out[rows.labels[held_out] >= 0]
    if held_out.size == 0:
        raise ValueError(
            f"early_stopping with scoring={scoring!r} needs labels, and none of the "
            "rows held out has one: give a greater validation_fraction, or "
            f"scoring={AGREEMENT!r}"
        )
    X = safe_indexing(rows.X, held_out)
    y = data.task.decode_labels(rows.labels[held_out])
    weights = rows.weights[held_out]
    scorer = check_scoring(estimator, scoring)
    given = np.ptp(weights) > 0 and takes_weights(scorer)
    arguments = {"sample_weight": weights} if given else {}
    return lambda: scorer(fitted(), X, y, **arguments)


def takes_weights(scorer: Callable[..., Any]) -> bool:
    """Tell whether a scorer takes the weights of rows.

    Parameters
    ----------
    scorer : callable

    Returns
    -------
    bool
    """
    return "sample_weight" in inspect.signature(scorer).parameters
