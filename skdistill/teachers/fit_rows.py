"""Rows that come with `fit`, as a teacher takes them."""

from typing import Any, NamedTuple

import numpy as np


class FitRows(NamedTuple):
    """Rows that come with `fit`, and about which a teacher is asked.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
        Rows as the teacher takes them. They may be rows of another form than those of
        the student.
    proba : array-like of shape (n_rows, n_classes) or None, default=None
        Stored answers for the rows.
    name : str, default="teacher_proba"
        Name of the stored answers in errors.
    numbers : ndarray of shape (n_rows,), int, or None, default=None
        Numbers of the rows in the X that the user gave to `fit`. None for other rows.
    n_passed : int or None, default=None
        Number of rows in that X.
    weights : ndarray of shape (n_rows,) or None, default=None
        Weights of the rows, if the user gave any.
    """

    X: Any
    proba: Any = None
    name: str = "teacher_proba"
    numbers: np.ndarray | None = None
    n_passed: int | None = None
    weights: np.ndarray | None = None


class Lesson(NamedTuple):
    """Rows and labels on which a teacher is fitted here.

    Attributes
    ----------
    X : table of shape (n_samples, n_features)
        Rows as the teacher takes them.
    y : array-like of n_samples rows, or None
        Labels, or votes.
    fit_params : dict
        Other arguments for the `fit` of the teacher.
    """

    X: Any
    y: Any
    fit_params: dict[str, Any]
