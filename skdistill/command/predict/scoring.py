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
        If a row does not fit. The message says between which rows it is.
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
        last = first + batch.n_rows
        raise ValueError(f"rows {first + 1:,} to {last:,}: {error}") from error
    return [batch.raw(name) for name in chosen.kept], answers
