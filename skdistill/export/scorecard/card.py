"""A scorecard as it is written: its scale, its rows, and the points of a table.

Nothing here knows of a student: a score is found from the card alone.
"""

import csv
import math
import re
from collections.abc import Mapping
from itertools import pairwise
from os import PathLike
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.export.scorecard.scale import NumberScale, OddsScale, read_scale
from skdistill.student.raw_columns import plain_numbers, written_value
from skdistill.tables.read import CodedColumn, is_pandas, is_polars, read_coded_columns

COLUMNS = ("column", "kind", "from", "to", "level", "points")

_LABEL = re.compile(r"; odds of (.*)", re.DOTALL)


class Entry(NamedTuple):
    """A row of a scorecard.

    Attributes
    ----------
    kind : str
        Kind of what the row describes.
    start, end : float
        Range of the row. An empty cell has no end.
    level : str or None
        Text of a level; None if the cell is empty.
    points : float
        Points of the row.
    """

    kind: str
    start: float
    end: float
    level: str | None
    points: float


class Card(NamedTuple):
    """A scorecard that was read.

    Attributes
    ----------
    base : float
        Points of each row.
    scale : OddsScale, NumberScale or None
        Scale, if the first row of the scorecard describes it.
    columns : dict of str to list of Entry
        Rows of each column.
    label : str or None
        Text of the label whose odds rise with the score, if the first row says it.
    """

    base: float
    scale: OddsScale | NumberScale | None
    columns: dict[str, list[Entry]]
    label: str | None = None

    @classmethod
    def read(cls, card: Any) -> Self:
        """Read a scorecard.

        Parameters
        ----------
        card : DataFrame, str or path-like
            Table that `to_scorecard` returned, or path of its CSV.

        Returns
        -------
        card : Card

        Raises
        ------
        ValueError
            If the table is no scorecard.
        OSError
            If the file cannot be read.
        """
        base, label = [], None
        scale: OddsScale | NumberScale | None = None
        columns: dict[str, list[Entry]] = {}
        for number, row in enumerate(_rows(card)):
            try:
                entry = Entry(
                    row["kind"],
                    _bound(row["from"], -math.inf),
                    _bound(row["to"], math.inf),
                    row["level"],
                    float(row["points"]),
                )
                if not math.isfinite(entry.points):
                    raise ValueError("points need to be finite")
                if entry.kind == "level" and entry.level is None:
                    raise ValueError(
                        "a level needs a text: pandas reads some texts as missing, "
                        "so give the path of the file"
                    )
                name = row["column"]
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(
                    f"card is no scorecard: row {number} holds {row!r:.200} ({error})"
                ) from error
            if entry.kind == "base":
                base.append(entry.points)
                scale = read_scale(entry.level or "")
                named = _LABEL.search(entry.level or "")
                label = named and named[1]
            elif name is None:
                raise ValueError(
                    f"card is no scorecard: row {number} names no column: pandas reads "
                    "some names as missing, so give the path of the file"
                )
            else:
                columns.setdefault(name, []).append(entry)
        if len(base) != 1:
            raise ValueError(
                f"card is no scorecard: it has {len(base)} rows of the kind 'base', "
                "not one"
            )
        for name, entries in columns.items():
            _check_entries(name, entries)
        return cls(base[0], scale, columns, label)

    def scores(self, columns: Mapping[str, CodedColumn]) -> NDArray[np.int64]:
        """Return the score of each row of a table.

        Parameters
        ----------
        columns : mapping of str to CodedColumn
            Columns of the table by name.

        Returns
        -------
        scores : ndarray of shape (n_rows,), int64

        Raises
        ------
        ValueError
            If a column is missing, or if the scorecard has no points for a value.
        """
        n_rows = max((column.values.size for column in columns.values()), default=0)
        scores = np.full(n_rows, self.base)
        for name, entries in self.columns.items():
            if name not in columns:
                raise ValueError(
                    f"X lacks the column {name!r:.100}, which the scorecard has"
                )
            scores += _points(name, entries, columns[name])
        return np.rint(scores).astype(np.int64)


def scorecard_points(card: Any, X: Any) -> NDArray[np.int64]:
    """Return the score of each row: the base plus the points of its values.

    The scorecard alone is read. No student is needed.

    Parameters
    ----------
    card : DataFrame, str or path-like
        Table that `to_scorecard` returned, or path of its CSV.
    X : table of shape (n_rows, n_features)
        Raw rows. The columns of a frame are found by name, others are ignored. The
        columns of anything else are named ``x0``, ``x1`` and so on.

    Returns
    -------
    scores : ndarray of shape (n_rows,), int64
        Score of each row.

    Raises
    ------
    TypeError
        If X is sparse.
    ValueError
        If card is no scorecard, if X lacks a column, or if the scorecard has no points
        for a value, such as a missing one.
    OSError
        If the file cannot be read.

    See Also
    --------
    to_scorecard : Make a scorecard.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdistill import Student
    >>> from skdistill.export import scorecard_points, to_scorecard
    >>> student = Student(
    ...     [[[0.05]]], [[-1.0]], "relu", ["bad", "good"], feature_names=["age"]
    ... )
    >>> card = to_scorecard(student)
    >>> rows = pd.DataFrame({"age": [20.0, 60.0]})
    >>> scorecard_points(card, rows)
    array([487, 545])
    """
    read = Card.read(card)
    columns = read_coded_columns(X)
    names = list(X.columns) if is_pandas(X) or is_polars(X) else []
    if not any(isinstance(name, str) for name in names):
        names = [f"x{number}" for number in range(len(columns))]
    for name in read.columns:
        if names.count(name) > 1:
            raise ValueError(f"X holds the column {name!r:.100} twice")
    return read.scores(dict(zip(names, columns, strict=True)))


def is_card(artefact: Any) -> bool:
    """Tell whether an artefact is a frame, and so a scorecard in memory."""
    return is_pandas(artefact) or is_polars(artefact)


def _rows(card):
    """Yield the rows of a scorecard as dictionaries. Empty cells are None."""
    if is_polars(card):
        yield from card.iter_rows(named=True)
    elif is_pandas(card):
        for row in card.to_dict("records"):
            yield {
                name: None if cell is None or cell != cell else cell
                for name, cell in row.items()
            }
    elif isinstance(card, str | PathLike):
        # Programs for tables write a mark before the first cell.
        with open(card, encoding="utf-8-sig", newline="") as file:
            try:
                yield from csv.DictReader(file)
            except (UnicodeDecodeError, csv.Error) as error:
                raise ValueError(
                    f"card={str(card)!r} is no CSV in UTF-8: save it as such ({error})"
                ) from error
    else:
        raise TypeError(
            f"card is a {type(card).__name__}: give the DataFrame of to_scorecard, or "
            "the path of its CSV"
        )


def _bound(cell, infinite):
    """Return a bound of a range. An empty cell has none."""
    return infinite if cell is None or cell == "" else float(cell)


def _check_entries(name, entries):
    """Raise unless each value of a column can belong to one row of the scorecard."""
    kinds = {"range", "per unit", "level", "other levels", "missing"}
    for entry in entries:
        if entry.kind not in kinds:
            raise ValueError(
                f"card is no scorecard: column {name!r:.100} has a row of the kind "
                f"{entry.kind!r:.50}, which is not one of {sorted(kinds)}"
            )
    alone = [(e.kind, e.level) for e in entries if e.kind != "range"]
    ranges = sorted((e.start, e.end) for e in entries if e.kind == "range")
    twice = [kind for kind, level in alone if alone.count((kind, level)) > 1]
    if twice:
        raise ValueError(f"card has rows of column {name!r:.100} twice: {twice[0]!r}")
    for (_, end), (start, _) in pairwise(ranges):
        if start < end:
            raise ValueError(
                f"card has two ranges of column {name!r:.100} for the value {start!r}"
            )


def _points(name, entries, column):
    """Return the points of the values of one column."""
    by_kind: dict[str, list[Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    alone = {
        kind: by_kind[kind][0].points
        for kind in ("missing", "other levels", "per unit")
        if kind in by_kind
    }
    if "level" in by_kind or "other levels" in by_kind:
        return _points_of_levels(name, by_kind.get("level", []), alone, column)
    values = plain_numbers(column).astype(np.float64)
    points = np.full(values.size, np.nan)
    points[np.isnan(values)] = alone.get("missing", np.nan)
    if "per unit" in alone:
        points = np.where(np.isnan(values), points, np.rint(alone["per unit"] * values))
    for entry in by_kind.get("range", []):
        points[(entry.start <= values) & (values < entry.end)] = entry.points
    without = np.flatnonzero(np.isnan(points))
    if without.size:
        value = values[without[0]]
        what = "a missing value" if np.isnan(value) else f"the value {value}"
        raise ValueError(f"the scorecard has no points for {what} of column {name!r}")
    return points


def _points_of_levels(name, entries, alone, column):
    """Return the points of a column of levels."""
    labels, values = column.labels, column.values
    if labels is None:
        labels, values = np.unique(values, return_inverse=True)
        labels = [None if label != label else label for label in labels.tolist()]
    by_text = {entry.level: entry.points for entry in entries}
    by_value = {written_value(text): points for text, points in by_text.items()}

    def of_label(label):
        if label is None:
            return alone.get("missing", math.nan)
        # Text is a level as it stands. A number may be written in several ways.
        known = by_text if isinstance(label, str) else by_value
        return known.get(label, alone.get("other levels", math.nan))

    points = np.array([of_label(label) for label in [*labels, None]])[values]
    without = np.flatnonzero(np.isnan(points))
    if without.size:
        label = [*labels, None][values[without[0]]]
        what = "a missing value" if label is None else f"the level {label!r:.50}"
        raise ValueError(f"the scorecard has no points for {what} of column {name!r}")
    return points
