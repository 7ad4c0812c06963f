"""Classes as the task that the command learns."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skdistill.command.console import listed
from skdistill.command.target import Target, read_target, read_tested_target
from skdistill.command.task import LearnedTask
from skdistill.command.teacher import CLASS_PARTS
from skdistill.common.split import hold_out_test_rows
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.tables.file import FileTable
from skdistill.tables.texts import read_written_numbers


class ClassTask(LearnedTask):
    """Classes, one for each row.

    Parameters
    ----------
    name : str
        Name of the column to predict.
    renamed : mapping of str to str or None, default=None
        Labels that replace others.
    """

    kind = "classes"
    estimator = DistilledClassifier
    method = "predict_proba"
    parts = CLASS_PARTS

    def __init__(self, name: str, renamed: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.renamed = renamed

    def read(self, table: FileTable, tested: FileTable | None = None) -> Target:
        """Read the labels of a table: see `read_target`."""
        return read_target(table, self.name, self.renamed, tested)

    def check(self, target: Target, path: Path) -> None:
        """Raise unless the labels are classes, and enough rows have one."""
        values = target.labels[target.is_labelled]
        if values.dtype.kind == "f" and np.isinf(values).any():
            raise ValueError(
                f"the column to predict, {self.name!r}, holds an infinite number as a "
                "label: give it another label, such as --label inf=none"
            )
        labels = self.present(target, path).tolist()
        different = len(set(labels))
        if different == 1:
            raise ValueError(
                f"{self.name!r} holds the one label {labels[0]!r:.60} in all "
                f"{len(labels)} rows of {path} that have a label: two are needed"
            )
        if different > max(50, len(labels) // 2):
            raise ValueError(
                f"{self.name!r} has {different} different values in {len(labels)} "
                "rows: give a column of classes, or put numbers into intervals"
                f"{self._advice(labels)}"
            )

    def _advice(self, labels):
        """Return the options that learn many different values as numbers, if any do."""
        if not isinstance(labels[0], str):
            return ". --task numbers learns the numbers themselves"
        if not read_written_numbers(list(set(labels))).are_most:
            return ""
        option = f"--number {shlex.quote(self.name)}"
        return f". {option} learns the numbers themselves"

    def read_tested(
        self, tested: FileTable, table: FileTable, target: Target, paths: tuple
    ) -> Target:
        """Read the labels of a file to test. One of them has to be known."""
        dtype = target.labels.dtype
        found = read_tested_target(tested, self.name, self.renamed, dtype, paths)
        self.check_not_empty(found, paths[0])
        labels = found.labels[found.is_labelled].tolist()
        known = sorted(set(target.labels[target.is_labelled].tolist()), key=str)
        if set(labels).isdisjoint(known):
            raise ValueError(
                f"{paths[0]} has no label of {paths[1]} in {self.name!r}: it holds "
                f"{labels[0]!r:.60}, and the table holds {known!r:.200}. --label gives "
                "labels other names"
            )
        return found

    def hold_out(
        self, values: np.ndarray, size: float | int, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split rows by class, with a row of each class to train on."""
        return hold_out_test_rows(values, size, seed)

    def check_teacher(self, teacher: Any, X: Any, target: Target) -> None:
        """Raise an error that names the option if the teacher has other labels."""
        known = getattr(teacher, "classes_", None)
        if known is None or np.ndim(known) != 1:
            return
        if getattr(teacher, "n_features_in_", None) != X.shape[1]:
            return  # `fit` raises for this.
        known = np.asarray(known).tolist()
        found = sorted(set(target.labels[target.is_labelled].tolist()), key=str)
        unknown = [label for label in found if label not in known]
        if unknown:
            pairs = zip(found, known, strict=False)
            example = ",".join(f"{old}={new}" for old, new in pairs)
            raise ValueError(
                f"{self.name!r} holds the label {unknown[0]!r}, which the teacher "
                f"does not know. It knows {known!r:.200}. Say which label is which, "
                f"such as --label {shlex.quote(example):.100}"
            )

    def words_on_missing(self, count: int, target: Target) -> str:
        """Return words on the rows without a label."""
        words = [word for word in target.missing_words if word.strip()]
        text = super().words_on_missing(count, target)
        if words:
            text += (
                f" {listed(list(map(repr, words)))} counts as no value. If it is a "
                f"label, give --label {words[0]}={words[0]}."
            )
        return text
