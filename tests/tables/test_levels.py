"""Levels that rows have, and the place of each row's level among them."""

import numpy as np
import pytest

from skdistill.tables.levels import used_levels


@pytest.mark.parametrize(
    ("codes", "used", "among"),
    [
        ([3, -1, 7, 3], [3, 7], [0, -1, 1, 0]),
        ([0, 1], [0, 1], [0, 1]),
        ([-1, -1], [], [-1, -1]),
        ([], [], []),
    ],
)
def test_used_levels(codes, used, among):
    found = used_levels(np.array(codes, dtype=np.intp))
    assert [part.tolist() for part in found] == [used, among]
