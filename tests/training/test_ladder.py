"""Walks along ladders of decays whose scores are known."""

from types import SimpleNamespace

import pytest

from skdistill.training.ladder import LadderWalk


@pytest.mark.parametrize(
    ("scores", "start", "best"),
    [
        ([4.0, 3.0, 2.0, 3.0, 1.0], 3, 2),
        ([4.0, 3.0, 2.0, 3.0, 4.0], 0, 2),
        ([1.0, 2.0, 3.0], 2, 0),
        ([3.0, 2.0, 1.0], 0, 2),
        # The lowest rungs have no effect, and one score.
        ([2.0, 2.0, 2.0, 1.0, 3.0], 1, 3),
        ([2.0, 2.0, 2.0, 3.0], 0, 2),
        ([2.0, 2.0, 3.0], 2, 1),
    ],
)
def test_a_walk_ends_between_worse_neighbours(scores, start, best):
    ladder = [10.0**rung for rung in range(len(scores))]

    def train(view, decay, also):
        return SimpleNamespace(score=scores[ladder.index(decay)])

    walk = LadderWalk(train, None, ladder)
    walk.descend_from(start)
    assert walk.best == best
