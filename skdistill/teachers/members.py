"""Members of an ensemble: their samples, and how they are asked."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skdistill.common.side_by_side import without_inner_threads
from skdistill.tables.own_copy import own_copy


class Member(NamedTuple):
    """One model of an ensemble.

    Attributes
    ----------
    model : estimator
        Fitted model.
    sample : ndarray of int
        Numbers of the rows that the model was fitted on, with repetitions.
    features : ndarray of int or slice
        Numbers of the columns that the model was fitted on.
    """

    model: BaseEstimator
    sample: NDArray[np.intp]
    features: Any

    def rows_left_out(self, n_samples: int) -> NDArray[np.bool_]:
        """Tell which rows the model was not fitted on."""
        left_out = np.ones(n_samples, dtype=bool)
        left_out[self.sample] = False
        return left_out

    def ask(self, X: Any, method: str, tree: type) -> NDArray[Any]:
        """Return the model's answers for rows with all columns.

        Parameters
        ----------
        X : ndarray or CSR of shape (n_rows, n_features)
        method : {"predict_proba", "predict"}
        tree : type
            Class of trees, which read rows of float32 without a check.

        Returns
        -------
        answers : ndarray
        """
        X, answer = X[:, self.features], getattr(self.model, method)
        if isinstance(self.model, tree) and X.dtype == np.float32:
            return answer(X, check_input=False)
        with without_inner_threads():
            return answer(own_copy(X))


class Taught(ABC):
    """Labels that an ensemble was taught, and what its members know of them."""

    #: Classes of ensembles that draw a sample for each member.
    ensembles: ClassVar[tuple[type, ...]]

    #: Class of the trees among such members.
    tree: ClassVar[type]

    #: Number of columns of a member's answers, once they are in the ensemble's columns.
    n_columns: int

    @classmethod
    @abstractmethod
    def of(cls, ensemble: Any, y: Any, task: Any) -> Self | None:
        """Return the labels of the rows as an ensemble knows them.

        Parameters
        ----------
        ensemble : estimator
            Fitted ensemble.
        y : array-like of n_samples rows
        task : Task

        Returns
        -------
        taught : Taught or None
            None if the ensemble cannot have been taught these labels.
        """

    @abstractmethod
    def is_usable(self, model: Any) -> bool:
        """Tell whether a member can answer."""

    @abstractmethod
    def answers(self, member: Member, X: Any) -> NDArray[Any]:
        """Return a member's answers, of shape (n_rows, n_columns)."""

    @abstractmethod
    def root_matches(self, member: Member) -> bool:
        """Tell whether the root of a tree holds a summary of its sample's labels."""

    @abstractmethod
    def score(self, answers: Any, rows: Any) -> NDArray[np.float64]:
        """Return how well answers of a member suit the labels of some rows.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
        rows : ndarray of shape (n_rows,), int

        Returns
        -------
        score : ndarray of shape (n_rows,)
        """

    def comparable(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the scores of all members so that no few rows decide their sum.

        Parameters
        ----------
        scores : ndarray of shape (n_members, n_rows)

        Returns
        -------
        scores : ndarray of shape (n_members, n_rows)
            Greater is better.
        """
        return scores

    @abstractmethod
    def stored(self, ensemble: Any, members: list[Member]) -> NDArray[Any] | None:
        """Return the means that an ensemble computed in `fit`; None if it did not.

        Returns
        -------
        means : ndarray of shape (n_samples, n_columns) or None
            A row is NaN if no member left it out.
        """

    def spread(self, means: NDArray[Any]) -> NDArray[Any]:
        """Return means in the columns of the task."""
        return means
