"""The number of rows that a teacher is asked about."""

import pytest

from skdistill.transfer.queries import synthetic_rows


@pytest.mark.parametrize(
    ("n_rows", "count"), [(10, 2000), (1000, 5000), (100_000, 30_000)]
)
def test_number_of_synthetic_rows(n_rows, count):
    assert synthetic_rows("auto", n_rows, 30_000) == count
    assert synthetic_rows("auto", n_rows, 20_000) == min(count, 20_000)
    assert synthetic_rows(7, n_rows, 5) == 7
