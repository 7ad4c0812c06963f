"""Columns of a file that a student reads, and those that are kept."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from skdistill.command.console import listed
from skdistill.command.parser import split_names
from skdistill.command.predict.answers import AnswerColumns, answer_columns
from skdistill.student.coded_rows import CodedTable
from skdistill.student.student import Student
from skdistill.tables.batches.batch import Batch, Role
from skdistill.tables.read import CodedColumn
from skdistill.tables.texts import TRUTH_WORDS

# Texts of CSV in a column of numbers: a student takes truth values as numbers too.
_TRUTH_NUMBERS = {word: float(truth) for word, truth in TRUTH_WORDS.items()}


class ChosenColumns(NamedTuple):
    """Columns of a file, and what a student makes of them.

    Attributes
    ----------
    student : Student
    columns : list of str
        Columns of the student, in the order of fit.
    roles : dict of str to Role
        Columns of these that the student uses.
    words : dict of str to mapping
        Values of texts of CSV that have a meaning of their own in a column.
    kept : list of str
        Columns that are written beside the answers.
    left_out : list of str
        Other columns of the file.
    answers : AnswerColumns
        Columns of the answers.
    """

    student: Student
    columns: list[str]
    roles: dict[str, Role]
    words: dict[str, Mapping[str, str | float]]
    kept: list[str]
    left_out: list[str]
    answers: AnswerColumns

    @property
    def names(self) -> list[str]:
        """Names of the columns that are written."""
        return [*self.kept, *self.answers.names]

    def rows(self, batch: Batch) -> Any:
        """Return a batch as rows that the student takes."""
        if self.student.text is not None:
            texts = [_texts(batch.coded(name)) for name in self.columns]
            known = self.student.text.columns
            return texts[0] if known is None else dict(zip(known, texts, strict=True))
        unused = np.broadcast_to(np.float64(np.nan), batch.n_rows)
        return CodedTable(
            [
                batch.coded(name, self.words.get(name, {}))
                if name in self.roles
                else CodedColumn(repr(name), None, unused)
                for name in self.columns
            ]
        )


def choose_columns(
    student: Student,
    found: Sequence[str],
    *,
    kept: Sequence[str] = (),
    text: str | None = None,
) -> ChosenColumns:
    """Find the columns of a student in a file.

    Parameters
    ----------
    student : Student
    found : sequence of str
        Names of the columns of the file, all different.
    kept : sequence of str, default=()
        Columns that are written beside the answers. Each is one name, or several with
        commas between.
    text : str or None, default=None
        Column of the texts, for a student that reads one text a row.

    Returns
    -------
    chosen : ChosenColumns

    Raises
    ------
    ValueError
        If the file lacks a column, or if a column that is kept has the name of an
        answer.
    """
    to_keep = _kept(kept, found)
    if text is not None and (student.text is None or student.text.columns is not None):
        raise ValueError("--text is for a student that reads one text a row")
    if student.text is not None:
        columns = _text_columns(student, found, to_keep, text)
        roles = dict.fromkeys(columns, Role.TEXTS)
    else:
        columns = _columns(student, found, to_keep)
        roles = _roles(student, columns)
    left_out = [name for name in found if name not in columns and name not in to_keep]
    words = _words(student, columns, roles)
    answers = answer_columns(student)
    for name in to_keep:
        if name in answers.names:
            raise ValueError(
                f"--keep {name}: the column of the answers has this name, so rename "
                "the column of the rows"
            )
    return ChosenColumns(student, columns, roles, words, to_keep, left_out, answers)


def _kept(names, found):
    """Return the names of the columns to keep, each once."""
    kept = []
    for text in names:
        for name in split_names(text, found):
            if name not in found:
                raise ValueError(f"--keep: there is no column {name!r}: {_has(found)}")
            kept.append(name)
    return list(dict.fromkeys(kept))


def _columns(student, found, kept):
    """Return the columns of a student of a table."""
    names = student.names
    if names is not None:
        missing = [name for name in names if name not in found]
        if missing:
            raise ValueError(
                f"the student needs {_columns_in_words(missing)}, which the rows do "
                f"not have: {_has(found)}"
            )
        return names
    # Without names, columns count by place.
    columns = [name for name in found if name not in kept]
    if len(columns) != student.n_features_in_:
        raise ValueError(
            f"the student was fitted without names of columns and takes "
            f"{student.n_features_in_} by their place, but the rows have "
            f"{len(columns)} besides those of --keep: {_has(found)}"
        )
    return columns


def _text_columns(student, found, kept, text):
    """Return the columns of a student of texts."""
    # Columns count by place as those of a student of a table without names.
    others = [name for name in found if name not in kept]
    if student.text.columns is not None:
        by_place = dict(enumerate(others))
        columns = [by_place.get(column, column) for column in student.text.columns]
        missing = [name for name in columns if name not in found]
        if missing:
            places = ". A number is a place, counted from 0 without those of --keep"
            raise ValueError(
                f"the student reads {_columns_in_words(missing)}, which the rows do "
                f"not have: {_has(found)}{places * isinstance(missing[0], int)}"
            )
        return columns
    if text is not None:
        if text not in found:
            raise ValueError(f"--text: there is no column {text!r}: {_has(found)}")
        return [text]
    columns = others
    if len(columns) != 1:
        raise ValueError(
            "the student reads one text a row: name its column by --text. "
            f"{_has(found).capitalize()}"
        )
    return columns


def _roles(student, columns):
    """Return the meaning of the columns that a student of a table uses."""
    code = student.input_code
    if code is None:
        return dict.fromkeys(columns, Role.NUMBERS)
    # Scores of texts are numbers too, and come after the columns.
    numbers = [place for place in code.features_of_numbers if place < len(columns)]
    roles = {columns[place]: Role.NUMBERS for place in numbers}
    roles |= {columns[place]: Role.LEVELS for place in code.categorical.tolist()}
    return roles | {columns[text.feature]: Role.TEXTS for text in code.texts}


def _words(student, columns, roles):
    """Return the texts of each column that have a meaning of their own.

    A level of the student is no missing value, even if it is a word such as NA.
    """
    words = {
        name: _TRUTH_NUMBERS for name, role in roles.items() if role is Role.NUMBERS
    }
    if student.input_code is not None:
        code = student.input_code
        for place, levels in zip(code.categorical.tolist(), code.levels, strict=True):
            texts = [level for level in levels if isinstance(level, str)]
            words[columns[place]] = dict(zip(texts, texts, strict=True))
    return words


def _texts(column):
    """Return the text of each row, empty if it is missing."""
    if column.labels is None and np.isnan(column.values).all():
        return [""] * column.values.size
    if column.labels is None or not all(isinstance(v, str) for v in column.labels):
        raise ValueError(
            f"column {column.name} holds no texts, and the student reads them"
        )
    texts = [*column.labels, ""]
    return [texts[code] for code in column.values.tolist()]


def _columns_in_words(names):
    return f"the column{'s' * (len(names) > 1)} {listed(list(map(repr, names)))}"


def _has(found):
    return f"they have {listed(list(map(repr, found)))}"
