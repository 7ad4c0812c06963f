"""The columns of a student as parts of a scorecard: exact points, then whole ones."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.export.scorecard.merging import merged
from skdistill.export.scorecard.ranges import (
    Range,
    cut,
    few_digits,
    joined,
    whole_edges,
)
from skdistill.student.shapes import ShapeFunction

# Whole numbers of a column that are looked at one by one.
_MOST_WHOLE_NUMBERS = 10_000

# Numbers between two knots that stand for rows, if no rows are known.
_NUMBERS_BETWEEN_KNOTS = 32

_NO_VALUES: NDArray[np.float64] = np.empty(0)


class Line(NamedTuple):
    """A row of a scorecard for one column.

    Attributes
    ----------
    kind : {"range", "level", "other levels", "missing", "per unit"}
        Kind of what the row describes.
    points : float
        Whole points; those of one unit of the column if the kind is "per unit".
    start, end : float
        Range of the values with ``start <= value < end``. NaN for other kinds.
    level : str or None
        Text of a level.
    """

    kind: str
    points: float
    start: float = np.nan
    end: float = np.nan
    level: str | None = None


class CardColumn(NamedTuple):
    """A column of a student with its exact points.

    Attributes
    ----------
    function : ShapeFunction
        Function of the column.
    factor : float
        Points of one unit of the second class's log-odds. Negative if a higher score
        makes the first class more probable.
    range_of_rows : tuple of two float, or None
        Least and greatest value of rows that are known.
    is_whole : bool
        Whether rows are known, and hold whole numbers alone.
    rows : ndarray of shape (n_known,), float64
        Numbers of the column in rows that are known, without missing ones.
    max_ranges : int or None
        Greatest number of ranges. None has no limit.
    """

    function: ShapeFunction
    factor: float
    range_of_rows: tuple[float, float] | None = None
    is_whole: bool = False
    rows: NDArray[np.float64] = _NO_VALUES
    max_ranges: int | None = None

    @classmethod
    def of(
        cls,
        function: ShapeFunction,
        factor: float,
        rows: NDArray[np.float64] | None,
        max_ranges: int | None = None,
    ) -> Self:
        """Return a column of a student.

        Parameters
        ----------
        function : ShapeFunction
            Function of the column.
        factor : float
            Points of one unit of the second class's log-odds, also negative.
        rows : ndarray of shape (n_rows,), float64, or None
            Numbers of the column in rows that are known. NaN marks a missing one.
        max_ranges : int, default=None
            Greatest number of ranges. None has no limit.
        """
        present = _NO_VALUES if rows is None else rows[~np.isnan(rows)]
        if not present.size:
            return cls(function, factor, max_ranges=max_ranges)
        ends = (float(present.min()), float(present.max()))
        is_whole = bool((present == np.rint(present)).all())
        return cls(function, factor, ends, is_whole, present, max_ranges)

    @property
    def is_per_unit(self) -> bool:
        """Whether the column has no range, so that points are given for one unit."""
        return bool(self.function.slope.any()) and self.range_of_rows is None

    @property
    def at_zero(self) -> float:
        """Exact points that the base takes over, since points per unit begin at 0."""
        if not self.is_per_unit:
            return 0.0
        return -self.factor * float(self.function.slope[0]) * self.function.offset

    @property
    def n_steps(self) -> float:
        """Number of times that the rounded points change, at least about."""
        if self.is_per_unit or self.function.kind != "numeric":
            return 0.0
        return float(np.abs(np.diff(self._curve()[1])).sum())

    @property
    def occupied(self) -> list[tuple[float, float]]:
        """Parts of the exact points that values of the column have."""
        function = self.function
        if self.is_per_unit:
            return [(-np.inf, np.inf)]
        alone = [
            self.factor * part.item()
            for part in (function.missing, function.other)
            if part is not None
        ]
        if function.kind == "category":
            alone += (self.factor * function.contributions[:, 0]).tolist()
        elif self._is_long(ranges := self._all_ranges(0.0)):
            alone += self._merged(ranges, 0.0)[1].tolist()
        elif (steps := self._steps()) is not None:
            alone += steps.tolist()
        else:
            values = self._curve()[1]
            return [(values.min(), values.max()), *((p, p) for p in alone)]
        return [(points, points) for points in alone]

    def lines(self, shift: float) -> list[Line]:
        """Return the rows of the scorecard.

        Parameters
        ----------
        shift : float
            Number that is subtracted from the exact points before they are rounded.

        Returns
        -------
        lines : list of Line
        """
        function = self.function

        def whole(contribution):
            return round(float(self.factor * contribution.item() - shift))

        if self.is_per_unit:
            return [Line("per unit", self.factor * float(function.slope[0]))]
        if function.kind == "category":
            texts = map(level_text, function.levels)
            lines = [
                Line("level", whole(points), level=text)
                for text, points in zip(texts, function.contributions, strict=True)
            ]
        else:
            lines = [
                Line("range", part.points, part.start, part.end)
                for part in self._ranges(shift)
            ]
        if function.other is not None:
            lines.append(Line("other levels", whole(function.other)))
        if function.missing is not None:
            lines.append(Line("missing", whole(function.missing)))
        return lines

    def _curve(self):
        """Return the numbers of the function, without offset, and their points."""
        function = self.function
        xs = function.xs - function.offset
        if function.slope.any() and self.range_of_rows is not None:
            low, high = self.range_of_rows
            xs = np.unique(np.float32([low - function.offset, high - function.offset]))
            xs = xs.astype(np.float64)
        return xs, self.factor * function.of(xs)[:, 0]

    def _steps(self):
        """Return the points of all values of a column of few values; otherwise None."""
        xs, points = self._curve()
        if self.function.has_two_values:
            return points
        if not self.is_whole or self.function.offset:
            return None
        first, last = np.ceil(xs[0]), np.floor(xs[-1])
        if last - first > _MOST_WHOLE_NUMBERS:
            return None
        numbers = np.arange(first, last + 1)
        return self.factor * self.function.of(np.append(numbers, xs[[0, -1]]))[:, 0]

    def _ranges(self, shift) -> list[Range]:
        """Return the ranges of a column of numbers, and no more than may be."""
        ranges = self._all_ranges(shift)
        if not self._is_long(ranges):
            return ranges
        edges, means = self._merged(ranges, shift)
        first, *others = (round(float(points)) for points in means)
        return joined(first, list(zip(edges, others, strict=True)))

    def _is_long(self, ranges):
        """Tell whether there are more ranges than may be."""
        return self.max_ranges is not None and len(ranges) > self.max_ranges

    def _merged(self, ranges, shift):
        """Return the edges of merged ranges, and their shifted points, not rounded."""
        rows, offset = self.rows, self.function.offset
        if not rows.size:
            # Knots lie at quantiles: there are as many rows between any two.
            xs = self.function.xs
            places = np.linspace(0, len(xs) - 1, _NUMBERS_BETWEEN_KNOTS * len(xs))
            rows = np.interp(places, np.arange(len(xs)), xs)
        points = self.factor * self.function.of(rows - offset)[:, 0]
        return merged(ranges, rows, points - shift, self.max_ranges)

    def _all_ranges(self, shift) -> list[Range]:
        """Return the ranges in which the rounded points are the same."""
        xs, points = self._curve()
        if self.function.has_two_values:
            low, high = self.function.xs
            quarter = (high - low) / 4
            middle = few_digits(low + quarter, high - quarter)
            below, above = (round(float(value)) for value in points - shift)
            return joined(below, [(middle, above)])
        ranges = cut(xs, points - shift, self.function.offset)
        return whole_edges(ranges) if self.is_whole else ranges


def level_text(level: str | int | float | bool) -> str:
    """Return the text of a level. A whole number is written without a point."""
    if isinstance(level, float) and level.is_integer():
        level = int(level)
    return str(level)
