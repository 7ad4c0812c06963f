"""Knots and decay that are chosen on rows held out."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdistill.training.capacity import Capacity, choose_capacity, decays_to_try
from skdistill.training.ladder import Candidate, vertex
from skdistill.training.short_trainings import ShortTraining

LADDER = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]


class _View:
    is_convex = False
    hidden = (128, 64)

    def __init__(self, has_knots):
        self.has_knots = has_knots


class _Scored:
    standard_error = 0.125

    def __init__(self, score):
        self.score = score


class _ShortTrainings:
    """Short trainings whose scores are known; they note what was asked."""

    are_possible = True
    n_kept = 800
    n_folds = 4

    def __init__(self, scores, n_labelled=1000):
        self._scores = scores
        self.n_labelled = n_labelled
        self.asked = []

    def labels_alone(self, view, decay, also=()):
        for one in (decay, *also):
            if (view.has_knots, one) not in self.asked:
                self.asked.append((view.has_knots, one))
        score = self._scores[view.has_knots][LADDER.index(decay)]
        return ShortTraining(("predictions", view.has_knots, decay), _Scored(score))


KNOTS, NONE = _View(True), _View(False)
VALLEY = [9, 8, 7, 5, 4, 6, 7]  # lowest at 3


def test_the_walk_starts_near_10_000_by_rows_and_ends_beyond_the_best():
    short = _ShortTrainings({True: VALLEY, False: [9.0] * 7})
    choice = choose_capacity(short, [KNOTS, NONE], lambda view: LADDER)
    with_knots = [decay for has_knots, decay in short.asked if has_knots]
    # From 10, down to 3, and 1 is worse.
    assert with_knots == [3.0, 10.0, 1.0]
    # Without knots it starts a rung below the best, and of equal scores the greatest
    # decay counts.
    assert [decay for has_knots, decay in short.asked if not has_knots] == [
        0.3,
        1.0,
        3.0,
        10.0,
        30.0,
    ]
    assert choice.view is KNOTS
    assert choice.labels_alone.predictions == ("predictions", True, 3.0)
    capacity = choice.capacity
    assert (capacity.has_knots, capacity.n_rows, capacity.n_folds) == (True, 800, 4)
    assert capacity.candidates[:3] == (
        Candidate(True, 1.0, 5, 0.125, (128, 64)),
        Candidate(True, 3.0, 4, 0.125, (128, 64)),
        Candidate(True, 10.0, 6, 0.125, (128, 64)),
    )


@pytest.mark.parametrize(("n_labelled", "first"), [(100, 30.0), (1e6, 0.03)])
def test_the_walk_goes_both_ways(n_labelled, first):
    short = _ShortTrainings({True: VALLEY}, n_labelled)
    choice = choose_capacity(short, [KNOTS], lambda view: LADDER)
    assert (True, first) in short.asked
    assert choice.labels_alone.predictions == ("predictions", True, 3.0)


@pytest.mark.parametrize(
    ("knots", "none", "has_knots"),
    [(4.0, 3.9, False), (4.0, 4.0, True), (4.0, 4.1, True)],
)
def test_the_lower_score_wins_and_knots_win_a_tie(knots, none, has_knots):
    scores = {
        True: [9, 9, 9, 9, knots, 9, 9],
        False: [9, 9, 9, none, 9, 9, 9],
    }
    short = _ShortTrainings(scores)
    choice = choose_capacity(short, [KNOTS, NONE], lambda view: LADDER)
    assert choice.capacity.has_knots == choice.view.has_knots == has_knots
    assert len(choice.capacity.candidates) == len(short.asked)


@pytest.mark.parametrize(
    ("n_labelled", "none", "has_knots"),
    [(1999, 3.9, False), (2000, 3.81, True), (2000, 3.79, False)],
)
def test_many_rows_give_up_knots_only_for_a_clear_gain(n_labelled, none, has_knots):
    scores = {True: [9, 9, 9, 9, 4.0, 9, 9], False: [9, 9, 9, none, 9, 9, 9]}
    short = _ShortTrainings(scores, n_labelled)
    assert (
        choose_capacity(short, [KNOTS, NONE], lambda view: LADDER).capacity.has_knots
        == has_knots
    )


def test_a_decay_at_an_end_of_the_ladder_is_kept():
    short = _ShortTrainings({True: [7, 6, 5, 4, 3, 2, 1]})
    assert (
        choose_capacity(short, [KNOTS], lambda view: LADDER).capacity.weight_decay
        == 30.0
    )
    short = _ShortTrainings({True: [1, 2, 3, 4, 5, 6, 7]})
    assert (
        choose_capacity(short, [KNOTS], lambda view: LADDER).capacity.weight_decay
        == 0.03
    )


@given(st.floats(-3, 3), st.floats(0.01, 9), st.floats(-5, 5))
def test_vertex_of_a_parabola(lowest, curvature, level):
    x = np.array([-1.0, 0.5, 2.5])
    y = level + curvature * (x - lowest) ** 2
    if y.argmin() == 1:
        assert_allclose(vertex(x, y), lowest, atol=1e-6)


def test_vertex_of_a_line_and_of_a_plain():
    assert vertex([0.0, 1.0, 2.0], [1.0, 1.0, 1.0]) == 1.0
    # Equal losses on one side: half a step towards them.
    assert vertex([0.0, 1.0, 2.0], [1.0, 1.0, 3.0]) == 0.5


def test_without_enough_labels_the_usual_decay_falls_beyond_40_000_rows():
    short = _ShortTrainings({})
    short.are_possible = False
    choice = choose_capacity(short, [KNOTS, NONE], lambda view: LADDER)
    assert choice.view is KNOTS
    assert choice.labels_alone is None
    assert not short.asked
    assert choice.capacity.decay_for(100) == 0.3
    assert choice.capacity.decay_for(40_000) == 0.3
    assert_allclose(choice.capacity.decay_for(400_000), 0.03)


def test_decay_falls_with_rows():
    capacity = Capacity(True, 3.0, 800, 4)
    assert capacity.decay_for(800) == 3.0
    assert capacity.decay_for(1600) == 1.5


def test_decays_to_try():
    assert decays_to_try(KNOTS, "auto", 50.0, 2.0) == LADDER
    assert decays_to_try(KNOTS, "auto", 2.0, 2.0) == LADDER[:4]
    assert decays_to_try(KNOTS, "auto", 0.01, 2.0) == [0.01]
    # A given decay is tried as it would act on the rows of a short training.
    assert decays_to_try(KNOTS, 0.5, 50.0, 2.0) == [1.0]
    assert decays_to_try(KNOTS, 40.0, 50.0, 2.0) == [50.0]


def test_a_given_decay_is_tried_with_and_without_knots():
    short = _ShortTrainings({True: [0] * 3 + [5] + [0] * 3, False: [4] * 7})
    choice = choose_capacity(short, [KNOTS, NONE], lambda view: [1.0])
    assert short.asked == [(True, 1.0), (False, 1.0)]
    assert not choice.capacity.has_knots
    assert choice.capacity.weight_decay == 1.0


def test_a_capacity_is_a_table_in_print():
    tried = (
        Candidate(True, 0.3, 0.41234, 0.012, (128, 64)),
        Candidate(False, 1.0, 0.5, 0.0201),
    )
    whole = (Candidate(True, 0.1, 0.39, 0.011, (8,)),)
    capacity = Capacity(
        True, 0.312345, 1234.0, 5, tried, 0.46, whole, hidden_layer_sizes=(128, 64)
    )
    assert repr(capacity) == str(capacity)
    assert str(capacity).splitlines() == [
        "Capacity: with knots, hidden layers: 128-64, weight_decay=0.312 for "
        "1,234 rows, limit=0.46",
        "labels alone     hidden  knots  weight_decay   score  standard_error",
        "                 128-64  yes             0.3  0.4123          0.0120",
        "                 none    no                1  0.5000          0.0201",
        "whole objective  hidden  knots  weight_decay   score  standard_error",
        "                 8       yes             0.1  0.3900          0.0110",
    ]
    assert pickle.loads(pickle.dumps(capacity)) == capacity == tuple(capacity)
    assert str(Capacity(False, 0.3, 40_000)) == (
        "Capacity: without knots, hidden layers: none, weight_decay=0.3 for 40,000 "
        "rows, "
        "too few labels to try others"
    )
