"""The learned task: all that differs between classes, label sets and numbers."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.model_selection import train_test_split

from skdistill.command.target import Target
from skdistill.command.teacher import TeacherParts, make_teacher
from skdistill.common.text import counted
from skdistill.tables.file import FileTable

# Fewest rows of a table, and fewest with a value of the column to predict.
FEWEST_ROWS_OF_TABLE = 20


class LearnedTask(ABC):
    """Task that a student of the command learns.

    Parameters
    ----------
    name : str
        Name of the column to predict, or names of columns with commas between.

    Attributes
    ----------
    kind : str
        Kind of the task, as `--task` names it.
    estimator : type
        Estimator that is fitted.
    method : str
        Method of a student that answers.
    parts : TeacherParts
        Models of the teacher that is trained if none is given.
    note : str
        Words on the column to predict that are printed. Empty for none.
    """

    kind: ClassVar[str]
    estimator: ClassVar[type]
    method: ClassVar[str]
    parts: ClassVar[TeacherParts]

    def __init__(self, name: str) -> None:
        self.name = name
        self.note = ""

    @abstractmethod
    def read(self, table: FileTable, tested: FileTable | None = None) -> Target:
        """Read the target of a table; labels to rename may be in the file to test."""

    @abstractmethod
    def check(self, target: Target, path: Path) -> None:
        """Raise unless a student can learn the target of a table at a path."""

    @abstractmethod
    def read_tested(
        self, tested: FileTable, table: FileTable, target: Target, paths: tuple
    ) -> Target:
        """Read the target of a file to test as that of the table was read.

        Parameters
        ----------
        tested, table : FileTable
            The file to test, and the table.
        target : Target
            Target of the table.
        paths : tuple of Path and Path
            Path of the file to test and path of the table, for an error.

        Returns
        -------
        target : Target

        Raises
        ------
        ValueError
            If a value does not suit those of the table, or if there is none.
        """

    @abstractmethod
    def hold_out(
        self, values: np.ndarray, size: float | int, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split rows into rows to train on and rows to measure on.

        Parameters
        ----------
        values : ndarray of shape (n_rows,) or (n_rows, n_labels)
            Labels or numbers of the rows.
        size : float or int
            Share of the rows to measure on, between 0 and 1, or their number.
        seed : int

        Returns
        -------
        train, test : ndarray of int
            Row numbers.
        """

    def teacher(self, X: Any, texts: Collection[str], trees: int, seed: int) -> Any:
        """Return an unfitted teacher of the task: see `make_teacher`."""
        return make_teacher(self.parts, X, texts, trees, seed)

    def as_y(self, values: np.ndarray) -> Any:
        """Return values of the target as `fit` takes them."""
        return values

    @abstractmethod
    def check_teacher(self, teacher: Any, X: Any, target: Target) -> None:
        """Raise if a teacher from a file does not suit rows. None is no teacher."""

    def words_on_missing(self, count: int, target: Target) -> str:
        """Return words on a number of rows without a value of the target."""
        have, them = ("has", "it") if count == 1 else ("have", "them")
        return (
            f"{counted(count, 'row')} {have} no value of {self.name!r}, and the "
            f"teacher answers for {them}."
        )

    def present(self, target: Target, path: Path) -> np.ndarray:
        """Return the values of the target of a table. Raise if they are too few."""
        values = target.labels[target.is_labelled]
        if len(values) < FEWEST_ROWS_OF_TABLE:
            raise ValueError(
                f"{path} has {counted(len(values), 'row')} with a value of "
                f"{self.name!r}: {FEWEST_ROWS_OF_TABLE} are needed"
            )
        return values

    def check_not_empty(self, target: Target, path: Path) -> None:
        """Raise unless a row of a file to test has a value of the target."""
        if not target.is_labelled.any():
            raise ValueError(f"{path} has no row with a value of {self.name!r}")


def hold_out_at_random(
    n_rows: int, size: float | int, seed: int, values: str
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows at random: see `LearnedTask.hold_out`.

    Parameters
    ----------
    n_rows : int
    size : float or int
    seed : int
    values : str
        Word for the values of the rows.

    Returns
    -------
    train, test : ndarray of int
    """
    n_test = int(np.ceil(size * n_rows)) if isinstance(size, float) else size
    if not 0 < n_test < n_rows:
        raise ValueError(
            f"{n_test} of {counted(n_rows, 'row')} with {values} cannot be held out "
            "to measure on: at least one is needed, and one to train on"
        )
    rows = np.arange(n_rows)
    train, test = train_test_split(rows, test_size=n_test, random_state=seed)
    return train, test
