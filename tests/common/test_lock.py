"""A lock that does not wait."""

import pytest

from skdistill.common.lock import locked


def test_a_lock_that_another_holds_is_refused(tmp_path):
    path = tmp_path / "lock"
    with locked(path), pytest.raises(BlockingIOError), locked(path, waits=False):
        pass
    with locked(path, waits=False):
        pass
