"""The control: the same network on labels alone, and the size of a student's file."""

import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone

from skdistill.estimators.find import can_ask_about
from skdistill.estimators.rows import check_weights
from skdistill.teachers.resolve import PRECOMPUTED, is_precomputed
from skdistill.training.plan import epoch_size


def labels_alone(model, n_rows, *, is_sparse=False):
    """Return the control of a distilled student, not fitted.

    It differs from the student only in that it does not learn from the teacher's
    answers. Network, knots, decay of the weights and number of steps are the same. The
    same fitted teacher tells how important each column is, and so how many knots it
    gets, if it answers for the student's rows. If the student stops early by its
    agreement with the teacher, the control stops early by the loss. The student's
    callbacks do not watch the control. The control of a linear student of sparse rows
    is trained to the minimum of its loss, and calibrated, as that student is. It
    chooses its decay itself if that student did, and keeps as many columns. The control
    of a student of quantiles is calibrated too.

    Parameters
    ----------
    model : DistilledClassifier
        Fitted estimator, with an integer as `random_state`.
    n_rows : int
        Number of rows with a weight above 0 that the control will be fitted on.
    is_sparse : bool, default=False
        Whether these rows are sparse.

    Returns
    -------
    control : DistilledClassifier
        Control, not fitted. Its teacher is "precomputed" if that of the student does
        not answer for the student's rows.

    See Also
    --------
    fit_labels_alone : Fit the control, even if the teacher cannot be asked.
    """
    control = clone(model).set_params(
        teacher=model.teacher_ if can_ask_about(model) else PRECOMPUTED,
        cv=None,
        distillation_weight=0.0,
        hint_weight=0.0,
        synthesizer=None,
        calibrate_teacher=_is_calibrated(model),
        weight_decay=model.weight_decay_,
        encoder=_same_encoder(model),
        hidden_layer_sizes=tuple(model.student_.layer_units[1:-1]),
        max_terms=None if model.pruning_ is None else model.pruning_.n_terms,
        early_stopping=False,
        target_score=None,
    )
    if hasattr(control, "set_callbacks"):
        control.set_callbacks()
    if is_sparse and not control.hidden_layer_sizes:
        return control.set_params(
            weight_decay=model.weight_decay,
            calibrate_teacher=model.calibrate_teacher,
            max_iter=model.max_iter,
        )
    # Without synthetic rows an epoch has fewer steps, so there are more epochs.
    rows_an_epoch, batch_size = epoch_size(control, n_rows, 0.0)
    steps_an_epoch = -(-rows_an_epoch // batch_size)
    return control.set_params(max_iter=max(1, round(model.n_steps_ / steps_an_epoch)))


def _is_calibrated(model):
    """Return whether the control is calibrated after its training, as quantiles are."""
    is_of_quantiles = model.levels_of_teacher is not None
    return "auto" if is_of_quantiles and model.calibrate_teacher else False


def _same_encoder(model):
    """Return the encoder of a model, not fitted. Its knots are not chosen again."""
    if model.encoder is None or model.encoder_ is None:
        return model.encoder
    return clone(model.encoder_)


def fit_labels_alone(model, X, y, sample_weight=None):
    """Fit the control of a distilled student.

    Parameters
    ----------
    model : DistilledClassifier
        Fitted estimator. It was fitted on the same rows.
    X : table of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    sample_weight : array-like of shape (n_samples,) or None, default=None

    Returns
    -------
    control : DistilledClassifier
        Fitted control, as `labels_alone` describes it.
    """
    n_rows = np.count_nonzero(check_weights(sample_weight, X))
    control = labels_alone(model, n_rows, is_sparse=issparse(X))
    answers = {}
    if is_precomputed(control.teacher):
        # `fit` needs stored answers, but they have no weight in the control.
        answers = model.targets.as_answers(y, model)
    return control.fit(X, y, sample_weight=sample_weight, **answers)


def saved_bytes(student):
    """Return the size of a student's file in bytes.

    Parameters
    ----------
    student : Student

    Returns
    -------
    size : int
        Number of bytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.npz"
        student.save(path)
        return path.stat().st_size
