"""Numbers as the task that the command learns."""

from pathlib import Path
from typing import Any

import numpy as np

from skdistill.command.columns import Kind, Remedy, TakenColumn, take_column
from skdistill.command.rows_to_test import read_in_form
from skdistill.command.target import Target
from skdistill.command.task import LearnedTask, hold_out_at_random
from skdistill.command.teacher import NUMBER_PARTS
from skdistill.estimators.regressor import DistilledRegressor
from skdistill.tables.file import FileTable

_KINDS = {Kind.TRUTH: "truth values", Kind.DATES: "dates"}


class NumberTask(LearnedTask):
    """Numbers, one for each row.

    Parameters
    ----------
    name : str
        Name of the column to predict.
    is_written : bool, default=False
        Whether people wrote the numbers, with currencies, percent or thousands. Other
        texts are then missing values.
    """

    kind = "numbers"
    estimator = DistilledRegressor
    method = "predict"
    parts = NUMBER_PARTS

    def __init__(self, name: str, *, is_written: bool = False) -> None:
        super().__init__(name)
        self.is_written = is_written

    def read(self, table: FileTable, tested: FileTable | None = None) -> Target:
        """Read the numbers of a table.

        Parameters
        ----------
        table : FileTable
        tested : FileTable or None, default=None
            File to test, which is not read.

        Returns
        -------
        target : Target

        Raises
        ------
        ValueError
            If the column holds other values than numbers.
        """
        series = self._plain(table).frame[self.name]
        taken = take_column(
            series,
            cells_are_texts=table.cells_are_texts,
            wants_numbers=self.is_written,
        )
        if taken.kind not in (Kind.NUMBERS, Kind.NOTHING):
            is_written = taken.remedy is Remedy.NUMBER
            advice = f": give {taken.option} too" if is_written else ""
            raise ValueError(
                f"{self.name!r} holds {_KINDS.get(taken.kind, 'texts')}, such as "
                f"{series[series.notna()].tolist()[0]!r:.60}, and --task numbers needs "
                f"numbers{advice}"
            )
        if taken.kind is Kind.NUMBERS and taken.remark:
            self.note = " ".join([self.note, f"In {self.name!r}, {taken.remark}."])
        return self._target(taken.values)

    def check(self, target: Target, path: Path) -> None:
        """Raise unless enough rows have a number, and some of them differ."""
        numbers = self.present(target, path)
        if (numbers == numbers[0]).all():
            raise ValueError(
                f"{self.name!r} holds the one number {numbers[0]:.15g} in all "
                f"{len(numbers)} rows of {path} that have a number: two are needed"
            )

    def read_tested(
        self, tested: FileTable, table: FileTable, target: Target, paths: tuple
    ) -> Target:
        """Read the numbers of a file to test as a column of numbers of the table."""
        column = {self.name: TakenColumn(self.name, Kind.NUMBERS, None)}
        written = [self.name] if self.is_written else []
        X = read_in_form(
            column, self._plain(tested), self._plain(table), written, paths
        )
        found = self._target(X[self.name])
        self.check_not_empty(found, paths[0])
        return found

    def hold_out(
        self, values: np.ndarray, size: float | int, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split rows at random."""
        return hold_out_at_random(len(values), size, seed, "a number")

    def check_teacher(self, teacher: Any, X: Any, target: Target) -> None:
        """Do nothing: a regressor may answer with any numbers."""

    def _plain(self, table):
        """Return a table whose column to predict is no column of categories."""
        series = table.frame[self.name]
        if not hasattr(series.dtype, "categories"):
            return table
        frame = table.frame.assign(**{self.name: series.astype(object)})
        return table._replace(frame=frame)

    def _target(self, values):
        """Return numbers as a target. Raise if one is infinite."""
        numbers = np.asarray(values, dtype=np.float64)
        if np.isinf(numbers).any():
            raise ValueError(
                f"the column to predict, {self.name!r}, holds an infinite number: "
                "empty such cells"
            )
        return Target(numbers, ~np.isnan(numbers), [])
