"""Models side by side: what they reach, how sure they are, and what they cost."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.metrics import log_loss

from skdistill.metrics import agreement, calibration_error, row_seconds


class Measurement(NamedTuple):
    """A model, measured on test rows."""

    name: str
    accuracy: float
    log_loss: float
    agreement: float
    calibration_error: float
    n_bytes: int
    microseconds: float
    fit_seconds: float | None


def labels_alone(model):
    """Return what a distilled student is to be compared with.

    It differs in the teacher's answers alone: the network, the knots, the decay
    of the weights and the number of steps are those of the student. The knots
    are dealt by their importance to the teacher there too.

    Parameters
    ----------
    model : DistilledClassifier
        Fitted, with an integer as `random_state`.

    Returns
    -------
    control : DistilledClassifier
        Not fitted.
    """
    return clone(model).set_params(
        distillation_weight=0.0,
        synthesizer=None,
        calibrate_teacher=False,
        weight_decay=model.weight_decay_,
    )


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


def measure(name, predict, proba, teacher_proba, columns, X, n_bytes, fit_seconds):
    """Measure a model on test rows.

    Parameters
    ----------
    name : str
    predict : callable
        Predicts rows; timed on single ones.
    proba, teacher_proba : ndarray of shape (n_samples, n_classes)
        Its probabilities and the teacher's.
    columns : ndarray of shape (n_samples,), int
        Column numbers of the true labels.
    X : DataFrame or ndarray of shape (n_samples, n_features)
        The rows, as `predict` takes them.
    n_bytes : int
        Its size on disk.
    fit_seconds : float or None

    Returns
    -------
    measurement : Measurement
    """
    return Measurement(
        name=name,
        accuracy=float(np.mean(proba.argmax(axis=1) == columns)),
        log_loss=log_loss(columns, proba, labels=np.arange(proba.shape[1])),
        agreement=agreement(proba, teacher_proba),
        calibration_error=calibration_error(columns, proba),
        n_bytes=n_bytes,
        microseconds=1e6 * row_seconds(predict, X),
        fit_seconds=fit_seconds,
    )


def format_table(measurements):
    """Format measurements, a line each.

    Parameters
    ----------
    measurements : list of Measurement

    Returns
    -------
    table : str
    """
    heads = (
        "model",
        "accuracy",
        "log-loss",
        "agreement",
        "calibration error",
        "bytes on disk",
        "µs a row",
        "fit s",
    )
    lines = [heads] + [
        (
            m.name,
            f"{m.accuracy:.4f}",
            f"{m.log_loss:.4f}",
            f"{m.agreement:.4f}",
            f"{m.calibration_error:.4f}",
            f"{m.n_bytes:,}",
            f"{m.microseconds:,.1f}",
            "-" if m.fit_seconds is None else f"{m.fit_seconds:.2f}",
        )
        for m in measurements
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def summarize(teacher, student, control):
    """Say in words what was kept and lost.

    Parameters
    ----------
    teacher, student, control : Measurement
        The control is the student's network, trained on labels alone.

    Returns
    -------
    summary : str
    """
    points = 100 * (student.accuracy - teacher.accuracy)
    change = f"{abs(points):.1f} points {'above' if points >= 0 else 'below'}"
    gained = 100 * (student.accuracy - control.accuracy)
    return (
        f"The student's accuracy is {100 * student.accuracy:.1f} %, {change} the "
        f"teacher's, in {teacher.n_bytes / student.n_bytes:,.0f} times fewer bytes\n"
        f"and {teacher.microseconds / student.microseconds:,.0f} times less time for "
        f"a row. Against labels alone, distilling changed accuracy by {gained:+.1f} "
        f"points,\nlog-loss by {student.log_loss - control.log_loss:+.3f} and "
        "calibration error by "
        f"{student.calibration_error - control.calibration_error:+.3f}."
    )
