"""Counts in words."""

import numpy as np

from skdistill.common.text import counted


def test_a_noun_agrees_with_its_count():
    words = [counted(count, "row") for count in (0, np.int64(1), 2, 2000)]
    assert words == ["0 rows", "1 row", "2 rows", "2,000 rows"]
