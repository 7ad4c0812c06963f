"""Lines on the progress of work on rows."""

from io import StringIO

import pytest

from skdistill.common import row_progress
from skdistill.common.row_progress import OneLine, RowProgress


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves."""
    now = [100.0]
    monkeypatch.setattr(row_progress, "monotonic", lambda: now[0])
    return now


def test_lines_come_after_a_pause_and_tell_the_end(clock):
    lines = []
    progress = RowProgress(lines.append, 5.0, total=3000)
    progress.skip(1000)
    clock[0] += 4.0
    progress(200)
    assert lines == []
    clock[0] += 1.0
    progress(300)
    assert lines == ["1,500 rows of 3,000, 100 a second, about 15 s left"]
    clock[0] += 15.0
    progress(1500)
    progress.end()
    assert lines[1:] == ["3,000 rows of 3,000, 100 a second"] * 2
    assert progress.seconds == 20.0


def test_the_share_that_was_read_tells_the_end(clock):
    lines, share = [], [None]
    progress = RowProgress(lines.append, 0.5, share=lambda: share[0])
    clock[0] += 2.0
    progress(100)
    share[0] = 0.25
    clock[0] += 2.0
    progress(100)
    assert lines == [
        "100 rows, 50 a second",
        "200 rows, 50 a second, 25% read, about 12 s left",
    ]


def test_nobody_reads_the_lines(clock):
    progress = RowProgress(None, 0.0)
    progress(5)
    progress.end()
    assert progress.n_rows == 5


def test_a_line_takes_the_place_of_the_one_before():
    stream = StringIO()
    line = OneLine(stream)
    line.clear()
    assert stream.getvalue() == ""
    line("twelve rows")
    line("one")
    assert stream.getvalue() == "\rtwelve rows\rone        "
    line.clear()
    assert stream.getvalue().endswith("\r   \r")
