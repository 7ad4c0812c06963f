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
    seconds_a_row : float
        Time of an answer for one row in the first call, in seconds. 0 if the call was
        too short to tell.
    """

    can_be_asked = True

    def __init__(self, source, given=None, fit_params=None):
        self.source = source
        self.given = source if given is None else given
        self.fit_params = {} if fit_params is None else fit_params
        self.seconds = self.seconds_a_row = 0.0

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
        elapsed = perf_counter() - started
        # The first call is about the given rows, the most of all calls. Fixed costs
        # of later, shorter ones would count as the cost of a row.
        if self.seconds == 0.0 and elapsed > _SHORT_CALL:
            self.seconds_a_row = elapsed / n_samples
        self.seconds += elapsed
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

    def check_columns(self, n_features: int, feature_names: Any = None) -> None:
        """Raise if the teacher was fitted on other columns.

        Parameters
        ----------
        n_features : int
            Number of features of the rows.
        feature_names : ndarray of str or None, default=None
            Names of the features.

        Raises
        ------
        ValueError
            If the teacher names other features, or has another number of them.
        """
        expected = getattr(self.source, "n_features_in_", None)
        known = getattr(self.source, "feature_names_in_", None)
        if known is not None and feature_names is not None:
            missing = [name for name in known if name not in set(feature_names)]
            unknown = [name for name in feature_names if name not in set(known)]
            if missing or unknown:
                raise ValueError(
                    f"the teacher, {self.name}, was fitted on other feature names: X "
                    f"lacks {missing[:5]}, and the teacher does not know "
                    f"{unknown[:5]}"
                )
            different = [
                f"{given!r} for {wanted!r}"
                for given, wanted in zip(feature_names, known, strict=True)
                if given != wanted
            ]
            if different:
                raise ValueError(
                    f"the teacher, {self.name}, was fitted on the feature names of X "
                    f"in another order: X has {', '.join(different[:3])}. Give X its "
                    "columns in the same order"
                )
        if expected is not None and expected != n_features:
            raise ValueError(
                f"X has {n_features} features, but the teacher, {self.name}, was "
                f"fitted on {expected}. Give X the columns that the teacher knows"
            )

    def _several_outputs(self, n_outputs):
        """Return the error for a teacher with several outputs."""
        return ValueError(
            f"the teacher, {self.name}, predicts {n_outputs} outputs: only a teacher "
            "with one output can be distilled"
        )
