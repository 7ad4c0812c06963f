"""The scores that early stopping watches."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.metrics import check_scoring, get_scorer, get_scorer_names

from skdistill.common.sklearn_compat import safe_indexing

LOSS = "loss"
AGREEMENT = "agreement"

# Scores with a name that may be above 1.
_UNBOUNDED = {"positive_likelihood_ratio", "mutual_info_score"}

# Scores of probabilities that take the labels of a row for classes, of which it has
# one. They say nothing about labels that the row lacks.
_SCORES_OF_CLASSES = (
    "neg_log_loss",
    "neg_brier_score",
    "d2_log_loss_score",
    "d2_brier_score",
)


def check_stopping(estimator: Any, y: Any) -> None:
    """Raise if early stopping cannot score the student.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameters `early_stopping` and `scoring`.
    y : array-like of shape (n_samples,) or None
        Labels of the user.

    Raises
    ------
    ValueError
        If `scoring` is not a scorer, or none of such answers, if it needs labels and
        there are none, or if no student can reach `target_score`.
    """
    scoring = estimator.scoring
    target = estimator.target_score
    if target is not None and not estimator.early_stopping:
        raise ValueError(
            f"target_score={target} needs early_stopping=True, and early_stopping is "
            "False: the score is that of rows that early stopping holds out"
        )
    if target is not None:
        _check_target(target, scoring)
    if not estimator.early_stopping or scoring in (LOSS, AGREEMENT):
        return
    levels = estimator.levels_of_teacher or ()
    if isinstance(scoring, str) and len(levels) > 1:
        raise ValueError(
            f"scoring={scoring!r} compares one number a row with y, and the student "
            f"answers with {len(levels)} quantiles. Give {LOSS!r}, {AGREEMENT!r} or a "
            "function of an estimator, X and y"
        )
    check_score_suits(scoring, estimator.kind_of_task(y))
    try:
        check_scoring(estimator, scoring)
    except ValueError as error:
        # For an unknown name, scikit-learn's error lists about sixty others.
        why = (
            error
            if callable(scoring)
            else "sklearn.metrics.get_scorer_names() lists their names"
        )
        raise ValueError(
            f"scoring={scoring!r} is neither {LOSS!r} nor {AGREEMENT!r}, nor a scorer "
            f"of scikit-learn: {why}"
        ) from error
    if y is None:
        raise ValueError(
            f"early_stopping with scoring={scoring!r} needs labels, and y is None. "
            f"{LOSS!r} and {AGREEMENT!r} need no labels"
        )


def check_score_suits(scoring: Any, kind: str) -> None:
    """Raise if a score that has a name means nothing for a kind of task.

    Parameters
    ----------
    scoring : str, callable or None
    kind : {"classes", "label_sets", "numbers"}

    Raises
    ------
    ValueError
        The message names scores that suit.
    """
    if not isinstance(scoring, str):
        return
    if kind == "label_sets" and scoring in _SCORES_OF_CLASSES:
        raise ValueError(
            f"scoring={scoring!r} takes the labels of a row for classes, and ignores "
            "the labels that a row lacks. For label sets give 'accuracy' (the share of "
            "the rows of which all labels are right), 'f1_macro', 'f1_micro', "
            "'roc_auc' or, for the log-loss of a label, make_scorer(lambda y, p: "
            "log_loss(y.ravel(), p.ravel()), greater_is_better=False, "
            "response_method='predict_proba')"
        )
    if kind == "numbers" and scoring in get_scorer_names():
        X, y = [[0.0], [1.0]], [0.25, 1.5]
        try:
            get_scorer(scoring)(DummyRegressor().fit(X, y), X, y)
        except (AttributeError, ValueError) as error:
            raise ValueError(
                f"scoring={scoring!r} scores no numbers: {error}. Give a score of "
                "regressors, such as 'r2' or 'neg_mean_absolute_error'"
            ) from error


def _check_target(target, scoring):
    """Raise if a target is above the greatest score that there is."""
    greatest = _greatest_score(scoring)
    if target <= greatest:
        return
    guess = -target if greatest == 0 else target / 100
    meant = f". Did you mean {guess:g}?" if guess <= greatest else ""
    raise ValueError(
        f"target_score={target:g} cannot be reached: greater is better, and the score "
        f"of scoring={scoring!r} is at most {greatest:g}{meant}"
    )


def _greatest_score(scoring):
    """Return a bound of a score that has a name, infinity if none is known."""
    if not isinstance(scoring, str) or scoring in _UNBOUNDED:
        return np.inf
    if scoring == LOSS or scoring.startswith("neg_"):
        return 0.0
    return 1.0


def held_out_score(
    estimator: Any, data: Any, held_out: Any, fitted: Callable[[], Any]
) -> Callable[[], float] | None:
    """Return the function that scores the student on held-out rows.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameter `scoring`.
    data : DistillationData
    held_out : ndarray of shape (n_held_out,), int
        Row numbers of given rows.
    fitted : callable
        Function that returns a copy of the estimator with the student of that moment.

    Returns
    -------
    score : callable or None
        Function without arguments that returns the score; greater is better. None
        stands for the negative mean loss.

    Raises
    ------
    ValueError
        If `scoring` needs labels and no held-out row has one.
    """
    scoring, rows = estimator.scoring, data.rows
    if scoring == LOSS:
        return None
    if scoring == AGREEMENT:
        X = safe_indexing(rows.X, held_out)
        expected, weights = rows.answers[held_out], rows.weights[held_out]

        def agreement_now():
            answers = data.task.answers_of(fitted().student_, X)
            return data.task.agreement(answers, expected, weights)

        return agreement_now
    held_out = held_out[rows.is_labelled[held_out]]
    if held_out.size == 0:
        raise ValueError(
            f"early_stopping with scoring={scoring!r} needs labels, and none of the "
            "held-out rows has one. Give a greater validation_fraction, or "
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
