"""Ranges of a column in which a piecewise-linear function rounds to one number."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# An edge is written with few digits. It may lie beside the exact crossing by so little
# that the function there is this far from the middle of two whole numbers.
EDGE_TOLERANCE = 0.01

_MOST_DIGITS = 17


class Range(NamedTuple):
    """A range of a column and its points.

    Attributes
    ----------
    start, end : float
        Range of the values with ``start <= value < end``.
    points : int
        Points of these values.
    """

    start: float
    end: float
    points: int


def cut(
    xs: NDArray[np.float64], values: NDArray[np.float64], offset: float
) -> list[Range]:
    """Cut the line of numbers where the rounded value of a function changes.

    Parameters
    ----------
    xs : ndarray of shape (n_xs,), float64
        Numbers, single precision, between which the function is a straight line, in
        increasing order. The function is constant below the first and above the last.
    values : ndarray of shape (n_xs,), float64
        Values of the function at `xs`.
    offset : float
        Number that the student subtracts from a raw value, in double precision. The
        difference is rounded to single precision, and then belongs to `xs`.

    Returns
    -------
    ranges : list of Range
        Ranges of raw values. They cover all numbers, and neighbours differ in their
        points. No value differs from its points by more than 0.5 plus the tolerance
        of an edge.
    """
    points = round(float(values[0]))
    first = points
    edges: list[tuple[float, int]] = []
    for place in range(len(xs) - 1):
        line = _Line(xs[place], xs[place + 1], values[place], values[place + 1])
        step = 1 if line.after > line.before else -1
        while step * (line.after - points) > 0.5 + EDGE_TOLERANCE:
            middle = points + step / 2
            low = first_raw(line.where(middle - step * EDGE_TOLERANCE), offset)
            high = first_raw(line.where(middle + step * EDGE_TOLERANCE), offset)
            points += step
            if edges:
                low = max(low, edges[-1][0])
            edges.append((few_digits(low, high), points))
    return joined(first, edges)


def joined(first: int, edges: list[tuple[float, int]]) -> list[Range]:
    """Return ranges from their edges, without empty ones and equal neighbours.

    Parameters
    ----------
    first : int
        Points below all edges.
    edges : list of tuple of float and int
        Edges in increasing order, each with the points from there on. Of equal edges
        the last counts.

    Returns
    -------
    ranges : list of Range
    """
    starts = [(-math.inf, first)]
    for start, points in dict(edges).items():
        if points != starts[-1][1]:
            starts.append((start, points))
    ends = [start for start, _ in starts[1:]] + [math.inf]
    return [
        Range(start, end, points)
        for (start, points), end in zip(starts, ends, strict=True)
    ]


def whole_edges(ranges: list[Range]) -> list[Range]:
    """Return ranges that begin at whole numbers, for a column of whole numbers.

    Parameters
    ----------
    ranges : list of Range

    Returns
    -------
    ranges : list of Range
        Ranges that give each whole number the same points. A range that holds no whole
        number is gone.
    """
    edges = [(float(math.ceil(part.start)), part.points) for part in ranges[1:]]
    return joined(ranges[0].points, edges)


def first_raw(number: float, offset: float) -> float:
    """Return the least raw value that a student takes as a number or as a greater one.

    Parameters
    ----------
    number : float
    offset : float
        Number that the student subtracts before it rounds to single precision.

    Returns
    -------
    raw : float
    """
    least = np.float32(number)
    if float(least) < number:
        least = np.nextafter(least, np.float32(np.inf))
    before = np.nextafter(least, np.float32(-np.inf))

    def is_reached(raw):
        return np.float32(raw - offset) >= least

    middle = (float(before) + float(least)) / 2
    if not offset:
        return middle if is_reached(middle) else math.nextafter(middle, math.inf)
    # The bounds are beyond the rounding of the sum and of the difference.
    beyond = 1e-15 * max(abs(float(least)), abs(offset))
    low = float(before) + offset - beyond
    high = float(least) + offset + beyond
    while low < (between := low + (high - low) / 2) < high:
        if is_reached(between):
            high = between
        else:
            low = between
    return high


def few_digits(low: float, high: float) -> float:
    """Return a number between two bounds that is written with few digits.

    Parameters
    ----------
    low, high : float
        Bounds, which belong to the range.

    Returns
    -------
    number : float
    """
    if low <= 0 <= high:
        return 0.0
    middle = low + (high - low) / 2
    for digits in range(_MOST_DIGITS):
        found = float(f"{middle:.{digits}e}")
        if low <= found <= high:
            return found
    return high


class _Line(NamedTuple):
    """A straight line between two points."""

    start: float
    end: float
    before: float
    after: float

    def where(self, value: float) -> float:
        """Return where the line has a value, or the nearer end."""
        share = (value - self.before) / (self.after - self.before)
        return float(self.start + min(max(share, 0.0), 1.0) * (self.end - self.start))
