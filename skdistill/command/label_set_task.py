"""Label sets as the task that the command learns: several columns of 0 and 1."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.multioutput import MultiOutputClassifier

from skdistill.command.target import Target, read_target
from skdistill.command.task import LearnedTask, hold_out_at_random
from skdistill.command.teacher import CLASS_PARTS
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.tables.file import FileTable
from skdistill.teachers.label_sets import n_labels_of


class LabelSetTask(LearnedTask):
    """Label sets: for each of several columns, whether a row has its label.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns to predict.
    """

    kind = "label_sets"
    estimator = DistilledClassifier
    method = "predict_proba"
    parts = CLASS_PARTS

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(",".join(columns))
        self.columns = list(columns)

    def read(self, table: FileTable, tested: FileTable | None = None) -> Target:
        """Read the labels of a table.

        Parameters
        ----------
        table : FileTable
        tested : FileTable or None, default=None
            File to test, which is not read.

        Returns
        -------
        target : Target
            Labels of shape (n_rows, n_labels), 0 and 1.

        Raises
        ------
        ValueError
            If a column holds other values than 0 and 1, or true and false, or if a row
            has values of some of the columns alone.
        """
        found = [read_target(table, name) for name in self.columns]
        for name, column in zip(self.columns, found, strict=True):
            values = column.labels[column.is_labelled].tolist()
            other = next((value for value in values if value not in (0, 1)), None)
            if other is not None:
                raise ValueError(
                    f"{name!r} holds {other!r:.60}, and several columns to predict "
                    "hold 0 and 1, or true and false: whether a row has the label. "
                    "Give one column as --target, or write these columns so"
                )
        is_labelled = np.column_stack([column.is_labelled for column in found])
        some = is_labelled.any(axis=1) & ~is_labelled.all(axis=1)
        if some.any():
            row = int(some.argmax())
            name = self.columns[int(is_labelled[row].argmin())]
            n_some = np.count_nonzero(some)
            have = "has" if n_some == 1 else "have"
            raise ValueError(
                f"{n_some} of {len(is_labelled)} rows {have} values of "
                "some columns to predict and not of all, the first of them row "
                f"{row + 1}, without {name!r}: fill such cells, or empty the others too"
            )
        labels = np.zeros(is_labelled.shape, dtype=np.intp)
        rows = is_labelled[:, 0]
        for number, column in enumerate(found):
            labels[rows, number] = column.labels[rows].astype(np.intp)
        return Target(labels, rows, found[0].missing_words)

    def check(self, target: Target, path: Path) -> None:
        """Raise unless enough rows have labels, and some of them differ."""
        labels = self.present(target, path)
        if (labels == labels[0]).all():
            raise ValueError(
                f"{self.name!r} holds the same labels, {labels[0].tolist()!r:.60}, "
                f"in all {len(labels)} rows of {path} that have labels: some rows need "
                "others"
            )

    def read_tested(
        self, tested: FileTable, table: FileTable, target: Target, paths: tuple
    ) -> Target:
        """Read the labels of a file to test."""
        found = self.read(tested)
        self.check_not_empty(found, paths[0])
        return found

    def hold_out(
        self, values: np.ndarray, size: float | int, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split rows at random."""
        return hold_out_at_random(len(values), size, seed, "labels")

    def teacher(self, X: Any, texts: Collection[str], trees: int, seed: int) -> Any:
        """Return an unfitted teacher. With free text it has a model for each label."""
        model = super().teacher(X, texts, trees, seed)
        return MultiOutputClassifier(model) if texts else model

    def as_y(self, values: np.ndarray) -> Any:
        """Return labels with the names of their columns."""
        import pandas as pd

        return pd.DataFrame(values, columns=self.columns)

    def check_teacher(self, teacher: Any, X: Any, target: Target) -> None:
        """Raise if a teacher from a file answers for another number of labels."""
        if teacher is None:
            return
        known = n_labels_of(teacher)
        if known != len(self.columns):
            answers = "one label a row" if known is None else f"{known} labels"
            raise ValueError(
                f"--target names {len(self.columns)} columns, and the teacher answers "
                f"with {answers}: name as many columns, in the teacher's order"
            )
