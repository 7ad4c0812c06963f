"""Early stopping: what it watches, when it stops, and the weights it keeps."""

import inspect

import numpy as np
from sklearn.metrics import check_scoring

from skdistill.common.sklearn_compat import safe_indexing

LOSS = "loss"
AGREEMENT = "agreement"


def check_stopping(estimator, y):
    """Raise where early stopping could not score the student.

    Parameters
    ----------
    estimator : DistilledClassifier
    y : array-like of shape (n_samples,) or None

    Raises
    ------
    ValueError
        Where `scoring` is no scorer, or one that needs labels without any.
    """
    scoring = estimator.scoring
    if not estimator.early_stopping or scoring in (LOSS, AGREEMENT):
        return
    try:
        check_scoring(estimator, scoring)
    except ValueError as error:
        # Of a name scikit-learn's error lists some sixty others.
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


def held_out_score(estimator, rows, held_out, fitted):
    """Return how `scoring` judges the student on rows that are held out.

    Parameters
    ----------
    estimator : DistilledClassifier
    rows : GivenRows
    held_out : ndarray of shape (n_held_out,), int
        Of the given rows.
    fitted : callable
        Returns a copy of the estimator with the student as it is.

    Returns
    -------
    score : callable or None
        Takes nothing, returns what is the better the greater. None for the
        negative mean loss.
    """
    scoring = estimator.scoring
    if scoring == LOSS:
        return None
    if scoring == AGREEMENT:
        X = safe_indexing(rows.X, held_out)
        columns = rows.proba[held_out].argmax(axis=1)
        weights = rows.weights[held_out]

        def share_alike():
            answers = fitted().student_.predict_proba(X).argmax(axis=1)
            return np.average(answers == columns, weights=weights)

        return share_alike
    held_out = held_out[rows.labels[held_out] >= 0]
    if held_out.size == 0:
        raise ValueError(
            f"early_stopping with scoring={scoring!r} needs labels, and none of the "
            "rows held out has one: give a greater validation_fraction, or "
            f"scoring={AGREEMENT!r}"
        )
    X = safe_indexing(rows.X, held_out)
    y = estimator.classes_[rows.labels[held_out]]
    weights = rows.weights[held_out]
    scorer = check_scoring(estimator, scoring)
    given = np.ptp(weights) > 0 and takes_weights(scorer)
    arguments = {"sample_weight": weights} if given else {}
    return lambda: scorer(fitted(), X, y, **arguments)


def takes_weights(scorer):
    """Tell whether a scorer takes the weights of rows."""
    return "sample_weight" in inspect.signature(scorer).parameters


class Stopper:
    """Notes the scores of epochs and keeps the weights of the best.

    Parameters
    ----------
    options : TrainingOptions
    parameters : ndarray of shape (n_parameters,)
        Of the network, trained in place.
    """

    def __init__(self, options, parameters):
        self._options = options
        self._parameters = parameters
        self._best = None
        self._epochs_without_gain = 0
        self.scores = []

    @property
    def best_score(self):
        """The best score, or None before the first."""
        return None if self._best is None else self._best[0]

    def should_stop(self, score):
        """Note the score of an epoch; tell whether the training is over.

        Raises
        ------
        ValueError
            Where the score is not a finite number.
        """
        score, options = self._checked(score), self._options
        best = -np.inf if self._best is None else self._best[0]
        if score > best + options.tol:
            self._epochs_without_gain = 0
        else:
            self._epochs_without_gain += 1
        if score > best:
            # At once, so that an interrupt finds both or neither.
            self._best = score, self._parameters.copy()
        self.scores.append(score)
        return self._epochs_without_gain >= options.n_iter_no_change

    def restore(self):
        """Put the best weights back."""
        if self._best is not None:
            self._parameters[:] = self._best[1]

    def _checked(self, score):
        """Return the score as a float."""
        try:
            number = float(score)
        except (TypeError, ValueError):
            number = np.nan
        if not np.isfinite(number):
            raise ValueError(
                f"scoring gave {score!r:.100} on the rows held out in epoch "
                f"{len(self.scores) + 1}: a score is a finite number"
            )
        return number
