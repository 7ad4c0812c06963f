"""Rows of a source to answers in a sink: threads score, and one reads and writes."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from skdistill.command.predict.chosen_columns import ChosenColumns
from skdistill.tables.batches.batch import Sink, Source


def score_rows(
    chosen: ChosenColumns,
    source: Source,
    sink: Sink,
    n_jobs: int,
    progress: Callable[[int], None],
) -> int:
    """Score all rows.

    Parameters
    ----------
    chosen : ChosenColumns
    source : Source
    sink : Sink
    n_jobs : int
        Number of threads that score. Few more batches than this are in memory at once.
    progress : callable
        Function that takes the number of rows of each batch that was written.

    Returns
    -------
    n_rows : int

    Raises
    ------
    ValueError
        If a row does not fit. The message names the row, or all rows of a batch whose
        column has a wrong type.
    """
    n_rows = first = 0
    waiting: deque = deque()

    def write():
        nonlocal n_rows
        kept, answers = waiting.popleft().result()
        sink.write(kept, *answers)
        n_answered = len(answers.columns[0])
        n_rows += n_answered
        progress(n_answered)

    threads = ThreadPoolExecutor(n_jobs)
    try:
        for batch in source.batches(chosen.roles, chosen.kept):
            waiting.append(threads.submit(_answer, chosen, batch, first))
            first += batch.n_rows
            if len(waiting) > n_jobs + 1:
                write()
        while waiting:
            write()
    finally:
        threads.shutdown(cancel_futures=True)
    return n_rows


def _answer(chosen, batch, first):
    """Return kept columns and answers of a batch."""
    try:
        answers = chosen.answers.of(chosen.rows(batch))
    except (ValueError, TypeError) as error:
        raise ValueError(_where(chosen, batch, first, error)) from error
    return [batch.raw(name) for name in chosen.kept], answers


def _where(chosen, batch, first, error):
    """Return the words of an error of a batch, with the first row that raises one."""
    last = first + batch.n_rows
    words = f"rows {first + 1:,} to {last:,}: {error}"
    start, stop = 0, batch.n_rows
    # A column of a wrong type raises an error without any row.
    if _error_of(chosen, batch.part(0, 0)) is not None:
        return words
    while stop - start > 1:
        middle = (start + stop) // 2
        if _error_of(chosen, batch.part(start, middle)) is None:
            start = middle
        else:
            stop = middle
    found = _error_of(chosen, batch.part(start, stop))
    if found is None:
        return words
    # The number that the student knows counts from this row.
    found = str(found).replace("in row 0, column", "in column")
    return f"row {first + stop:,}: {found}"


def _error_of(chosen, rows):
    """Return the error that rows raise, or None."""
    try:
        chosen.answers.of(chosen.rows(rows))
    except (ValueError, TypeError) as error:
        return error
    return None
