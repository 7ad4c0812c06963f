"""Whole points whose sum is near to the exact score.

The points of a column may be shifted by any number that the base takes back. The shift
decides which values are rounded up. It is chosen such that no value of the column lies
near the middle of two whole numbers, if its values leave such a gap.
"""

import math
from typing import NamedTuple


class Shift(NamedTuple):
    """A number that is subtracted from the points of a column before they are rounded.

    Attributes
    ----------
    amount : float
        Number that is subtracted.
    error : float
        Greatest difference of the rounded points to the exact ones, in each direction.
    """

    amount: float
    error: float


def possible_shifts(occupied: list[tuple[float, float]]) -> list[Shift]:
    """Return the shifts that round up in the middle of a gap between values.

    Parameters
    ----------
    occupied : list of tuple of two float
        Least and greatest value of each part of the column's points. They are equal for
        the points of a level.

    Returns
    -------
    shifts : list of Shift
        Shifts of at most 0.5 in size, that of the smallest error first. Empty if the
        values leave no gap. Each shift then has the error 0.5.
    """
    if any(high - low >= 1 for low, high in occupied):
        return []
    # Values that differ by a whole number are rounded alike: they lie on a circle.
    arcs = sorted((low % 1.0, low % 1.0 + (high - low)) for low, high in occupied)
    reached = max(end for _, end in arcs) - 1
    shifts = []
    for start, end in arcs:
        if start > reached:
            middle = (reached + start) / 2
            amount = middle % 1.0 - 0.5
            shifts.append(Shift(amount, (1 - (start - reached)) / 2))
        reached = max(reached, end)
    return sorted(shifts, key=lambda shift: shift.error)


def choose_shifts(
    base: float, columns: list[list[tuple[float, float]]]
) -> tuple[int, list[float]]:
    """Choose the shift of each column such that the greatest error of a sum is small.

    Parameters
    ----------
    base : float
        Exact points of the base.
    columns : list of list of tuple of two float
        Occupied points of each column, as in `possible_shifts`.

    Returns
    -------
    base : int
        Whole points of the base, which contains all shifts.
    shifts : list of float
        Number that is subtracted from the points of each column before rounding.
    """
    possible = [possible_shifts(occupied) for occupied in columns]
    chosen = [shifts[0] if shifts else Shift(0.0, 0.5) for shifts in possible]

    def error(shifts):
        total = math.fsum([base, *(shift.amount for shift in shifts)])
        rounding = abs(round(total) - total)
        return rounding + math.fsum(shift.error for shift in shifts)

    free = [place for place, shifts in enumerate(possible) if not shifts]
    if free:
        # A column without a gap has the same error for each shift. So it takes up what
        # the base would round.
        total = math.fsum([base, *(shift.amount for shift in chosen)])
        chosen[free[0]] = Shift(round(total) - total, 0.5)
    while not free:
        others = [
            [*chosen[:place], shift, *chosen[place + 1 :]]
            for place, shifts in enumerate(possible)
            for shift in shifts
        ]
        best = min(others, key=error, default=chosen)
        if error(best) >= error(chosen):
            break
        chosen = best
    amounts = [shift.amount for shift in chosen]
    return round(math.fsum([base, *amounts])), amounts
