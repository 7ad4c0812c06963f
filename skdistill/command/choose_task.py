"""The choice between classes, label sets and numbers."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skdistill.command.class_task import ClassTask
from skdistill.command.columns import Remedy, take_column
from skdistill.command.console import listed
from skdistill.command.label_set_task import LabelSetTask
from skdistill.command.number_task import NumberTask
from skdistill.command.target import Target
from skdistill.command.task import LearnedTask
from skdistill.command.text_column import TextColumn, are_texts
from skdistill.tables.file import FileTable
from skdistill.tables.texts import read_written_numbers
from skdistill.teachers.kinds import check_kind, kind_by_tags
from skdistill.teachers.teacher import name_of

TASKS = (ClassTask.kind, NumberTask.kind)

# Whole numbers with more different values than these are numbers, not classes.
_MOST_CLASSES = 50

_NOTE = "{!r} is learned as numbers: --task\u00a0classes overrides this."
_NOTE_ON_CLASSES = (
    "{!r} holds {} different whole numbers, and is learned as classes: "
    "--task\u00a0numbers overrides this."
)
_NOTE_ON_WORDS = "{!r} is learned as classes. It holds {}: {} learns the numbers."
_NOTE_ON_SETS = (
    "The columns {} are learned as label sets: a row may have any number of these "
    "labels."
)

_KIND_OF = {"classifier": ClassTask.kind, "regressor": NumberTask.kind}


def check_teacher_kind(teacher: Any, wanted: str | None, path: Path) -> None:
    """Raise if a teacher cannot answer a task, as far as it is known without a table.

    Parameters
    ----------
    teacher : estimator
        Fitted teacher.
    wanted : {"classes", "numbers"} or None
        Task of `--task`.
    path : Path
        Path of the teacher, for an error.

    Raises
    ------
    ValueError
        If the teacher answers otherwise, or not at all.
    """
    kind = _KIND_OF.get(kind_by_tags(teacher) or "")
    if None not in (kind, wanted) and kind != wanted:
        raise ValueError(
            f"--task {wanted} needs a teacher that answers with {wanted}, and "
            f"{name_of(teacher)} in {path} answers with {kind}: leave out --task, or "
            "give another teacher"
        )
    check_kind(teacher, wanted or kind or ClassTask.kind)


def choose_task(
    wanted: str | None,
    table: FileTable,
    predicted: Sequence[str],
    *,
    numbers: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    tested: FileTable | None = None,
    teacher: Any = None,
) -> tuple[LearnedTask, Target]:
    """Choose the task, and read the column to predict.

    A classifier from a file learns classes, and a regressor numbers if the column holds
    any. Without a teacher numbers with decimals are learned as numbers, and so are
    whole numbers with more than 50 different values. Labels to rename are classes.
    Several columns are label sets.

    Parameters
    ----------
    wanted : {"classes", "numbers"} or None
        Task of `--task`. None to choose.
    table : FileTable
    predicted : sequence of str
        Names of the columns to predict. Several hold label sets.
    numbers : collection of str, default=()
        Columns of numbers that people wrote. If the column to predict is among them,
        the task is numbers.
    renamed : mapping of str to str or None, default=None
        Labels that replace others.
    tested : FileTable or None, default=None
        File to test, which may hold some of the labels to rename.
    teacher : estimator or None, default=None
        Fitted teacher.

    Returns
    -------
    task : LearnedTask
    target : Target

    Raises
    ------
    ValueError
        If the columns do not suit the task.
    """
    if len(predicted) > 1:
        return _label_sets(wanted, table, predicted, numbers, renamed, teacher)
    name = predicted[0]
    is_written = name in numbers
    if is_written and wanted != NumberTask.kind:
        _check_written(wanted, table, name, renamed)
    if is_written or wanted == NumberTask.kind:
        task: LearnedTask = NumberTask(name, is_written=is_written)
        target = task.read(table)
    else:
        task = ClassTask(name, renamed)
        target = task.read(table, tested)
        if wanted is None and not renamed and _are_numbers(target, teacher):
            task = NumberTask(name)
            task.note = _NOTE.format(name) if teacher is None else ""
            target = task.read(table)
        elif wanted is None and not renamed and teacher is None:
            task.note = _note_on_classes(target, table, name)
    if kind_by_tags(teacher) in _KIND_OF:
        check_kind(teacher, task.kind)
    return task, target


def _label_sets(wanted, table, predicted, numbers, renamed, teacher):
    """Return the task of several columns, and their labels."""
    names = ",".join(predicted)
    twice = [name for name in predicted if list(predicted).count(name) > 1]
    if twice:
        raise ValueError(f"--target names {twice[0]!r} twice")
    if wanted is not None:
        raise ValueError(
            f"--task {wanted} learns one column, and --target names {len(predicted)}: "
            f"{names}. Several columns of 0 and 1 are learned as label sets, without "
            "--task"
        )
    if renamed or set(predicted) & set(numbers):
        raise ValueError(
            f"--label and --number do not go with several columns to predict, {names}: "
            "these hold 0 and 1, or true and false"
        )
    task = LabelSetTask(predicted)
    check_kind(teacher, task.kind)
    if teacher is None:
        task.note = _NOTE_ON_SETS.format(listed([*map(repr, predicted)]))
    return task, task.read(table)


def _check_written(wanted, table, name, renamed):
    """Raise unless the column to predict may be taken as written numbers."""
    series = table.frame[name]
    if are_texts(series, table.cells_are_texts):
        texts = TextColumn.of(name, series, words=True).texts
        are_most = read_written_numbers(texts).are_most
    else:
        are_most = series.dtype.kind in "iuf"
    if wanted is not None or renamed or not are_most:
        raise ValueError(
            f"{name!r} is the column to predict, and --number is for the others: "
            "--label gives its labels other names"
        )


def _note_on_classes(target, table, name):
    """Return words on numbers that are learned as classes: "" for two of them."""
    values = target.labels[target.is_labelled]
    different = len(set(values.tolist()))
    if different > 2 and values.dtype.kind in "iuf":
        return _NOTE_ON_CLASSES.format(name, different)
    if different > 2 and values.dtype == object:
        taken = take_column(table.frame[name], cells_are_texts=table.cells_are_texts)
        if taken.remedy is Remedy.NUMBER:
            return _NOTE_ON_WORDS.format(name, taken.remark, taken.option)
    return ""


def _are_numbers(target, teacher):
    """Tell whether values are numbers rather than classes."""
    values = target.labels[target.is_labelled]
    if values.dtype.kind not in "iuf":
        return False
    if teacher is not None:
        return kind_by_tags(teacher) == "regressor"
    return bool(
        (values != np.round(values)).any() or len(np.unique(values)) > _MOST_CLASSES
    )
