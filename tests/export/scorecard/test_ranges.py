"""Ranges and shifts of points, compared with the definition of rounding."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skdistill.export.scorecard.ranges import (
    EDGE_TOLERANCE,
    cut,
    few_digits,
    first_raw,
    whole_edges,
)
from skdistill.export.scorecard.rounding import choose_shifts, possible_shifts

OFFSETS = st.sampled_from([0.0, 1.7e9, -2.5, 1e12, 1e-3])
SINGLES = st.floats(-1e6, 1e6, width=32)
CURVES = st.lists(
    st.tuples(SINGLES, st.floats(-40, 40)),
    min_size=2,
    max_size=8,
    unique_by=lambda pair: pair[0],
).map(sorted)


def points_of(ranges, value):
    (found,) = (part.points for part in ranges if part.start <= value < part.end)
    return found


def as_student(value, offset):
    return float(np.float32(value - offset))


@given(CURVES, OFFSETS, st.lists(st.floats(0, 1), max_size=20))
@settings(max_examples=60, deadline=None)
def test_points_round_the_function(curve, offset, shares):
    xs, values = map(np.array, zip(*curve, strict=True))
    ranges = cut(xs, values, offset)
    assert ranges[0].start == -math.inf
    assert ranges[-1].end == math.inf
    for before, after in pairwise(ranges):
        assert before.end == after.start > before.start
        assert before.points != after.points
    low, high = xs[0] + offset, xs[-1] + offset
    rows = [low + share * (high - low) for share in shares]
    rows += [low - 1e3, high + 1e3, *(xs + offset)]
    for edge in (part.start for part in ranges[1:]):
        rows += [edge, np.nextafter(edge, -np.inf), np.nextafter(edge, np.inf)]
    for row in rows:
        exact = np.interp(as_student(row, offset), xs, values)
        assert abs(points_of(ranges, row) - exact) <= 0.5 + EDGE_TOLERANCE + 1e-6


@given(CURVES)
@settings(deadline=None)
def test_a_monotone_function_has_monotone_points(curve):
    xs, values = map(np.array, zip(*curve, strict=True))
    for sign in (1, -1):
        points = [part.points for part in cut(xs, sign * np.sort(values), 0.0)]
        assert points == sorted(set(points), reverse=sign < 0)


@given(CURVES, st.integers(-1_000_000, 1_000_000))
@settings(deadline=None)
def test_whole_edges_keep_the_points_of_whole_numbers(curve, number):
    xs, values = map(np.array, zip(*curve, strict=True))
    ranges = cut(xs, values, 0.0)
    whole = whole_edges(ranges)
    assert points_of(whole, number) == points_of(ranges, number)
    assert all(part.start.is_integer() for part in whole[1:])
    assert all(a.points != b.points for a, b in pairwise(whole))


@given(st.floats(-1e6, 1e6), OFFSETS)
@settings(deadline=None)
def test_first_raw_value_of_a_number(number, offset):
    raw = first_raw(number, offset)
    assert as_student(raw, offset) >= number
    assert as_student(np.nextafter(raw, -np.inf), offset) < number


def test_a_jump_between_neighbouring_numbers():
    """The function rises by 9 points between two numbers without one between them."""
    before = np.float32(0.1)
    after = np.nextafter(before, np.float32(1))
    ranges = cut(np.array([before, after], float), np.array([0.0, 9.0]), 0.0)
    assert [part.points for part in ranges] == [0, 9]
    edge = ranges[1].start
    assert np.float32(edge) == after
    assert np.float32(np.nextafter(edge, 0)) == before


def test_edges_have_few_digits():
    ranges = cut(np.array([0.0, 30.0]), np.array([0.0, 3.1]), 0.0)
    edges = [part.start for part in ranges[1:]]
    assert edges == [4.8, 14.5, 24.2]
    assert few_digits(-1e-9, 3.0) == 0.0
    assert few_digits(0.33331, 0.33339) == 0.33335
    assert few_digits(1234.2, 1299.0) == 1270.0


def error_of(shift, values):
    """Return the greatest difference of rounded points to exact ones."""
    return max(abs(round(v - shift) + shift - v) for v in values)


VALUES = st.lists(st.floats(-30, 30).map(lambda v: round(v, 3)), min_size=1, max_size=6)


@given(VALUES)
def test_shifts_of_levels(values):
    shifts = possible_shifts([(value, value) for value in values])
    assert shifts
    for shift in shifts:
        assert -0.5 <= shift.amount <= 0.5
        assert error_of(shift.amount, values) == pytest.approx(shift.error, abs=1e-9)
    # No shift of a fine grid is better.
    best = min(error_of(shift, values) for shift in np.linspace(-0.5, 0.5, 201))
    assert shifts[0].error <= best + 1e-9


def test_shifts_of_ranges():
    assert possible_shifts([(0.0, 1.0)]) == []
    assert possible_shifts([(0.0, 0.6), (7.5, 8.1)]) == []
    (shift,) = possible_shifts([(2.9, 3.3)])
    assert shift.amount == pytest.approx(0.1)
    assert shift.error == pytest.approx(0.2)


@given(st.floats(-700, 700), st.lists(VALUES, min_size=1, max_size=4))
@settings(deadline=None)
def test_the_base_takes_the_shifts_back(base, columns):
    occupied = [[(v, v) for v in values] for values in columns]
    whole, shifts = choose_shifts(base, occupied)
    assert isinstance(whole, int)
    errors = [
        [round(v - shift) - v for v in values]
        for shift, values in zip(shifts, columns, strict=True)
    ]
    greatest = max(abs(whole - base + sum(map(end, errors))) for end in (min, max))
    plain = [[round(v) - v for v in values] for values in columns]
    without = max(abs(round(base) - base + sum(map(end, plain))) for end in (min, max))
    assert greatest <= (len(columns) + 1) / 2
    # Without shifts a sum may be right by chance: up to what rounding the base costs.
    assert greatest <= without + 0.5


def test_a_column_without_gaps_takes_what_the_base_would_round():
    whole, shifts = choose_shifts(600.3, [[(0.0, 5.0)], [(0.0, 9.0)]])
    assert whole + 0.0 == pytest.approx(600.3 + sum(shifts))
