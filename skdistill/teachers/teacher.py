"""The interface of a teacher: its name, its answers and the time that they take.

All teachers are asked in one place, `Teacher.ask`: models with scikit-learn's
interface, functions, and answers that were stored before. A new kind of teacher needs
a file beside this one and a line in `skdistill.teachers.resolve`. The class in the file
answers for a block of rows (`answer`).
"""

from abc import ABC, abstractmethod
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.utils import gen_batches

from skdistill.common.sklearn_compat import num_samples, safe_indexing

# Number of rows in one call of the teacher. It limits the memory of an answer.
_ROWS_AT_ONCE = 16384

# Seconds up to which a teacher counts as fast. Most of a short call is a fixed cost,
# and does not depend on the number of rows.
_SHORT_CALL = 0.2


def name_of(source):
    """Return the name by which messages call a teacher.

    Parameters
    ----------
    source : estimator, callable or str

    Returns
    -------
    name : str
    """
    if isinstance(source, str):
        return source
    return getattr(source, "__name__", type(source).__name__)


class Teacher(ABC):
    """An object that answers for rows, and that a student learns from.

    Parameters
    ----------
    source : estimator, callable or str
        The teacher as the estimator publishes it, `teacher_`.
    given : estimator, callable, str or None, default=None
        The teacher as the user gave it. None if it is the source. If a teacher has to
        answer for rows that it has not seen, clones of this one are fitted.
    fit_params : dict or None, default=None
        Metadata for the `fit` of the clones.

    Attributes
    ----------
    can_be_asked : bool
        Whether the teacher answers for new rows.
    seconds : float
        Time of all answers so far, in seconds.
    """

    can_be_asked = True

    def __init__(self, source, given=None, fit_params=None):
        self.source = source
        self.given = source if given is None else given
        self.fit_params = {} if fit_params is None else fit_params
        self.seconds = 0.0
        self._n_asked = 0

    @property
    def name(self) -> str:
        """Name of the teacher in messages."""
        return name_of(self.source)

    @property
    def classes(self):
        """Labels of the answers' columns; None if the teacher does not know them."""
        classes = getattr(self.source, "classes_", None)
        if classes is None:
            return None
        if isinstance(classes, list) and any(np.ndim(labels) for labels in classes):
            raise self._several_outputs(len(classes))
        return np.asarray(classes)

    @property
    def was_fitted(self) -> bool:
        """Whether the user gave the teacher ready to use. `fit` then fits no clone."""
        return self.given is self.source

    @property
    def seconds_a_row(self) -> float:
        """Seconds that an answer for one row takes; 0 if too few to measure."""
        if self.seconds <= _SHORT_CALL:
            return 0.0
        return self.seconds / self._n_asked

    def ask(self, X: Any, task: Any) -> np.ndarray:
        """Return the checked answers for rows.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows as the user gave them.
        task : Task
            Task that checks the answers.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)

        Raises
        ------
        ValueError
            If the answers do not suit the task.
        """
        n_samples = num_samples(X)
        started = perf_counter()
        answers = [
            self.answer(X if n_samples <= _ROWS_AT_ONCE else safe_indexing(X, rows))
            for rows in gen_batches(n_samples, _ROWS_AT_ONCE)
        ]
        name = f"the prediction of the teacher, {self.name},"
        widths = {np.shape(answer)[1:] for answer in answers}
        if len(widths) > 1:
            raise ValueError(f"{name} has rows of different lengths, {sorted(widths)}")
        answer = np.concatenate(answers) if len(answers) > 1 else answers[0]
        checked = task.check_answers(answer, n_samples, name)
        self.seconds += perf_counter() - started
        self._n_asked += n_samples
        return checked

    @abstractmethod
    def answer(self, X: Any) -> np.ndarray:
        """Return the answers for a block of rows, unchecked.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)
        """

    def hidden(self, X: Any) -> np.ndarray | None:
        """Return the hidden representation of rows; None if the teacher shows none.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)

        Returns
        -------
        hidden : ndarray of shape (n_samples, n_hidden) or None
        """
        return None

    def check_columns(self, n_features: int, feature_names: Any = None) -> None:
        """Raise if the teacher cannot answer for rows with these columns.

        Parameters
        ----------
        n_features : int
            Number of features of the rows.
        feature_names : ndarray of str or None, default=None
            Names of the features.
        """
        return

    def _several_outputs(self, n_outputs):
        """Return the error for a teacher with several outputs."""
        return ValueError(
            f"the teacher, {self.name}, predicts {n_outputs} outputs: only a teacher "
            "with one output can be distilled"
        )
