"""What a student is compared with, and the size of its file."""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.base import clone

from skdistill.estimators.rows import check_weights
from skdistill.training.stopping import AGREEMENT, LOSS


def labels_alone(model, n_rows):
    """Return what a distilled student is to be compared with.

    It differs in the teacher's answers alone: the network, the knots, the decay
    of the weights and the number of steps are those of the student. The knots
    are dealt by their importance to the teacher there too, which is the fitted
    one. Early stopping by the agreement with the teacher becomes that by the
    loss. The student's callbacks are not its own.

    Parameters
    ----------
    model : DistilledClassifier
        Fitted, with an integer as `random_state`.
    n_rows : int
        Rows of a weight that it will be fitted on.

    Returns
    -------
    control : DistilledClassifier
        Not fitted.

    See Also
    --------
    fit_labels_alone : Fits it, also where the teacher cannot be asked.
    """
    control = clone(model).set_params(
        teacher=model.teacher_,
        cv=None,
        distillation_weight=0.0,
        synthesizer=None,
        calibrate_teacher=False,
        weight_decay=model.weight_decay_,
        scoring=LOSS if model.scoring == AGREEMENT else model.scoring,
    )
    if hasattr(control, "set_callbacks"):
        control.set_callbacks()
    # Without synthetic rows an epoch has fewer steps.
    rows_an_epoch, batch_size = control._epoch_size(n_rows, 0.0)
    steps_an_epoch = -(-rows_an_epoch // batch_size)
    return control.set_params(max_iter=max(1, round(model._n_steps / steps_an_epoch)))


def fit_labels_alone(model, X, y, sample_weight=None):
    """Fit what a distilled student is to be compared with.

    Parameters
    ----------
    model : DistilledClassifier
        Fitted on the same rows.
    X : table of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    sample_weight : array-like of shape (n_samples,) or None, default=None

    Returns
    -------
    control : DistilledClassifier
        As `labels_alone` describes it.
    """
    answers = None
    if isinstance(model.teacher_, str):
        # Asked for, and of no weight.
        answers = np.asarray(y)[:, np.newaxis] == model.classes_
    n_rows = np.count_nonzero(check_weights(sample_weight, X))
    control = labels_alone(model, n_rows)
    return control.fit(X, y, sample_weight=sample_weight, teacher_proba=answers)


def saved_bytes(student):
    """Return the bytes of a student's file.

    Parameters
    ----------
    student : Student

    Returns
    -------
    size : int
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.npz"
        student.save(path)
        return path.stat().st_size
