"""Kinds of the columns of a raw table, and remarks on those that look wrong."""

import re
import shlex
from collections import Counter
from collections.abc import Collection
from enum import Enum
from numbers import Number
from typing import Any, NamedTuple

import numpy as np

from skdistill.command.console import NO_BREAK, one_line
from skdistill.command.text_column import TextColumn, are_texts, truth_values
from skdistill.common.text import counted
from skdistill.inputs.levels import LevelSummary
from skdistill.tables.cells import is_missing
from skdistill.tables.file import FileTable
from skdistill.tables.read import CodedColumn
from skdistill.tables.texts import (
    TRUTH_WORDS,
    are_dates,
    are_numbers,
    are_of_several_words,
    first_with_leading_zero,
    read_written_numbers,
)

# A column of whole numbers, each in one row only, looks like ids if its name says so,
# or if there are more rows than this.
_MANY_ROWS = 1000
_ID_NAME = re.compile(r"(?:^|[\W_])(?:id|uuid|key|nr|no)$|[a-z]I[Dd]$", re.IGNORECASE)

_TYPED_DATES = "refused: make numbers of them first, such as days since a date"


class Kind(Enum):
    """Meaning of a column for a student."""

    NUMBERS = "numbers"
    TRUTH = "truth values"
    LEVELS = "levels"
    DATES = "dates"
    TEXT = "free text"
    NOTHING = "nothing"


class Remedy(Enum):
    """Change that mends a column if it is not taken as the user means it."""

    DROP = "drop"
    NUMBER = "number"
    TEXT = "text"


class TakenColumn(NamedTuple):
    """Column of a table as it is taken.

    Attributes
    ----------
    name : str
        Name of the column.
    kind : Kind
        Meaning of the column.
    values : object
        Values that a frame takes: an array, a Categorical or a Series.
    n_levels : int
        Number of levels, 0 unless the kind is levels.
    left_out : bool
        Whether the student cannot use the column.
    remark : str
        Words on what looks wrong. Empty if nothing does.
    remedy : Remedy or None
        Change that mends it.
    """

    name: str
    kind: Kind
    values: Any
    n_levels: int = 0
    left_out: bool = False
    remark: str = ""
    remedy: Remedy | None = None

    @property
    def taken_as(self) -> str:
        """Words on the kind."""
        if self.left_out:
            return "left out"
        if self.kind is Kind.LEVELS:
            return counted(self.n_levels, "level")
        return self.kind.value

    @property
    def option(self) -> str:
        """Option of the command that mends the column, or an empty text."""
        if self.remedy is None:
            return ""
        name = shlex.quote(one_line(str(self.name), 60))
        return f"--{self.remedy.value}{NO_BREAK}{name}"

    @property
    def advice(self) -> str:
        """Remark with the option that mends the column."""
        return f"{self.remark} ({self.option})" if self.option else self.remark


def take_columns(table: FileTable, numbers: Collection[str] = ()) -> list[TakenColumn]:
    """Tell what each column of a table is taken as.

    Parameters
    ----------
    table : FileTable
        Table without the column to predict.
    numbers : collection of str, default=()
        Names of columns whose texts are numbers, with currencies, percent, thousands
        or words for a missing value.

    Returns
    -------
    columns : list of TakenColumn

    Raises
    ------
    ValueError
        If a column in `numbers` holds hardly any, or if a column holds lists.
    """
    columns = [
        take_column(
            table.frame[name],
            cells_are_texts=table.cells_are_texts,
            wants_numbers=name in numbers,
        )
        for name in table.frame.columns
    ]
    return [_with_number_remark(column) for column in columns]


def is_nearly_unique(values: Any) -> bool:
    """Tell whether the student leaves out a column of levels.

    Parameters
    ----------
    values : Categorical
        Values of the column.

    Returns
    -------
    bool
    """
    codes = np.asarray(values.codes, dtype=np.intp)
    column = CodedColumn("", values.categories.tolist(), codes)
    return LevelSummary.learn(0, column).is_nearly_unique


def take_column(
    series: Any, *, cells_are_texts: bool, wants_numbers: bool = False
) -> TakenColumn:
    """Tell what a column is taken as.

    Parameters
    ----------
    series : Series
        Column with its name.
    cells_are_texts : bool
        Whether all cells are texts, as they stand in a CSV file.
    wants_numbers : bool, default=False
        Whether texts of the column are numbers.

    Returns
    -------
    column : TakenColumn
    """
    name, dtype = series.name, series.dtype
    if hasattr(dtype, "categories"):
        return TakenColumn(name, Kind.LEVELS, series, series.nunique())
    if dtype.kind in "biuf":
        kind = Kind.TRUTH if dtype.kind == "b" else Kind.NUMBERS
        return TakenColumn(name, kind, _without_na(series))
    present = series[series.notna()]
    if dtype.kind in "mM" or (len(present) and hasattr(present.iloc[0], "isoformat")):
        return TakenColumn(
            name, Kind.DATES, series, 0, False, _TYPED_DATES, Remedy.DROP
        )
    if are_texts(series, cells_are_texts):
        words = cells_are_texts or wants_numbers
        column = TextColumn.of(name, series, words=words)
        if wants_numbers:
            return _take_written(column)
        return _take_texts(column, cells_are_texts)
    if not len(present):
        return _take_nothing(name, len(series))
    _check_cells(name, present)
    if all(isinstance(cell, (bool, np.bool_)) for cell in present):
        return TakenColumn(name, Kind.TRUTH, truth_values(series))
    if all(isinstance(cell, Number) and not isinstance(cell, bool) for cell in present):
        values = np.array(
            [np.nan if is_missing(cell) else float(cell) for cell in series]
        )
        return TakenColumn(name, Kind.NUMBERS, values)
    cells = series.map(lambda cell: None if is_missing(cell) else cell)
    return TakenColumn(
        name, Kind.LEVELS, cells.astype("category"), len(set(map(str, present)))
    )


def _without_na(series):
    """Return numbers or truth values with a missing value that NumPy knows."""
    if isinstance(series.dtype, np.dtype):
        return series
    if series.dtype.kind == "b":
        if series.isna().any():
            return truth_values(series)
        return series.to_numpy(dtype=bool)
    if series.isna().any():
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    return series.to_numpy()


def _check_cells(name, present):
    """Raise if cells hold several values each."""
    for cell in present:
        if isinstance(cell, (list, tuple, dict, set, np.ndarray)):
            what = "structures" if isinstance(cell, dict) else "lists"
            option = f"--drop {shlex.quote(one_line(str(name), 60))}"
            raise ValueError(
                f"column {name!r} holds {what}, such as {cell!r:.60}: leave it out "
                f"with {option}, or make a column of each part first"
            )


def _take_nothing(name, n_rows):
    """Take a column without a value."""
    return TakenColumn(
        name,
        Kind.NOTHING,
        np.full(n_rows, np.nan),
        left_out=True,
        remark="no row has a value",
    )


def _take_written(column):
    """Take a column of texts as numbers, since the user asks for it."""
    written = read_written_numbers(column.texts)
    stray = np.isnan(written.values)
    if not written.are_most:
        raise ValueError(
            f"column {column.name!r} cannot be taken as numbers: "
            f"{column.rows_of(stray):,} of {len(column.codes):,} rows hold none, such "
            f"as {column.first(stray) if stray.any() else 'the empty ones'}"
        )
    parts = []
    unlike = ~written.plain & ~stray
    if unlike.any():
        index = int(np.flatnonzero(unlike)[0])
        parts.append(f"{column.texts[index]!r:.30} is {written.values[index]:.15g}")
    if stray.any():
        parts.append(_stray(column, stray, "is missing"))
    values = column.numbers(written.values)
    return TakenColumn(column.name, Kind.NUMBERS, values, remark="; ".join(parts))


def _take_texts(column, from_texts):
    """Take a column of texts."""
    name, texts = column.name, column.texts
    if not texts:
        return _take_nothing(name, len(column.codes))
    if from_texts and set(texts) <= set(TRUTH_WORDS):
        values = column.categorical(TRUTH_WORDS)
        if (column.codes >= 0).all():
            values = np.asarray(values, dtype=bool)
        return TakenColumn(name, Kind.TRUTH, values)
    are_plain = are_numbers(texts)
    zeros = first_with_leading_zero(texts) if are_plain else None
    if from_texts and are_plain and zeros is None:
        values = column.numbers(np.fromiter(map(float, texts), float, len(texts)))
        return TakenColumn(name, Kind.NUMBERS, values, remark=_missing_words(column))
    if are_dates(texts):
        return TakenColumn(
            name,
            Kind.DATES,
            column.categorical(),
            len(texts),
            left_out=True,
            remark=f"dates as text ({texts[0]!r:.30}): make numbers of them first, "
            "such as days since a date, month or weekday",
            remedy=Remedy.DROP,
        )
    return _take_levels(column, zeros)


def _take_levels(column, zeros):
    """Take a column of texts as levels; `zeros` is a number with leading zeros."""
    texts = column.texts
    remark, remedy = _missing_words(column), None
    written = read_written_numbers(texts)
    if zeros is not None:
        remark = f"codes with leading zeros ({zeros!r:.30}), which a number loses"
        remedy = Remedy.NUMBER
    elif written.are_most and len(texts) > 1:
        remedy = Remedy.NUMBER
        stray = np.isnan(written.values)
        unlike = ~written.plain & ~stray
        if unlike.any():
            remark = f"numbers as text ({column.first(unlike)})"
        elif stray.any():
            remark = "numbers, but " + _stray(column, stray, "is none")
        else:
            remark = f"numbers as text ({texts[0]!r:.30})"
    values = column.categorical()
    left_out = is_nearly_unique(values)
    if left_out and remedy is None:
        is_text = are_of_several_words(texts)
        what = Kind.TEXT.value if is_text else "like ids"
        remark = f"{what}: nearly every row has its own"
        remedy = Remedy.TEXT if is_text else Remedy.DROP
    return TakenColumn(
        column.name,
        Kind.LEVELS,
        values,
        len(texts),
        left_out,
        remark,
        remedy,
    )


def _stray(column, stray, what):
    """Return words on the texts of a column that are no numbers."""
    count = int(stray.sum())
    others = "" if count == 1 else f" (and {count - 1:,} others)"
    rows = column.rows_of(stray)
    return f"{column.first(stray)}{others} {what}, in {counted(rows, 'row')}"


def _missing_words(column):
    """Return a remark on the words that are taken as missing, if there are any."""
    if not any(word.strip() for word in column.words):
        return ""
    counts = Counter(word for word in column.words if word.strip())
    return f"{', '.join(map(repr, counts))} is missing"


def _with_number_remark(column):
    """Return a column with a remark if its numbers look like an index or ids."""
    if column.kind is not Kind.NUMBERS:
        return column
    values = column.values
    if hasattr(values, "to_numpy"):
        values = values.to_numpy(dtype=float, na_value=np.nan)
    if len(values) < 2 or not (values == np.round(values)).all():
        return column
    steps = np.mean(np.diff(values) == 1)
    different = np.unique(values)
    all_differ = different.size == values.size
    if steps > 0.9 or (all_differ and np.ptp(values) == values.size - 1):
        remark = "counts the rows, as an index does"
    elif all_differ and (_ID_NAME.search(str(column.name)) or values.size > _MANY_ROWS):
        remark = "each row has its own, as ids have"
    else:
        return column
    return column._replace(remark=remark, remedy=Remedy.DROP)
