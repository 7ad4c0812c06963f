"""The blocks in which a teacher is asked, and the threads in which it answers.

Blocks decide the last digits of some answers, because a matrix product adds in another
order for another number of rows. So blocks follow from the number of rows, and not from
the number of threads. Trees are the exception: their answer for a row is the same in
any block, and a block of many rows pays for the calls of many trees. In a block they
are asked about rows with near leaves one after the other.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from itertools import islice, pairwise
from math import ceil
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.utils import gen_batches, gen_even_slices

from skdistill.common.side_by_side import (
    count_threads,
    side_by_side,
    without_inner_threads,
)
from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.tables.in_memory import in_memory
from skdistill.tables.own_copy import own_copy
from skdistill.teachers.answers import (
    Answers,
    check_order,
    join_answers,
    read_answers,
    unreadable,
)
from skdistill.teachers.out_of_bag import take_apart
from skdistill.teachers.tree_ensembles import answers_row_by_row, order_of_leaves

# In threads: fewest rows of a block, and fewest blocks of a teacher that is not known
# to answer row by row.
_FEWEST_ROWS = 2048
_FEWEST_BLOCKS = 2


def own_n_jobs(model: Any) -> int | None:
    """Return the number of threads or processes that a model has for itself.

    Parameters
    ----------
    model : estimator or callable
        Teacher. In a pipeline, the last model counts.

    Returns
    -------
    n_jobs : int or None
        None if it has no such parameter, or none that is set.
    """
    last = take_apart(model)[1]
    parameters = last.get_params() if hasattr(last, "get_params") else {}
    names = [name for name in parameters if name.split("__")[-1] == "n_jobs"]
    for name in sorted(names, key=lambda name: (name.count("__"), name)):
        if parameters[name] is not None:
            return parameters[name]
    return None


def answers_in_blocks(
    teacher: Any,
    X: Any,
    name: str,
    n_at_once: int,
    within: Callable[[int], AbstractContextManager],
    kind: str = "classes",
) -> Answers:
    """Ask a teacher about rows, block by block.

    The contexts and the errors of the blocks come in order, and in the caller's thread.

    Parameters
    ----------
    teacher : Teacher
        Teacher. Its time grows.
    X : table of shape (n_samples, n_features)
    name : str
        Name of the answers in errors.
    n_at_once : int
        Greatest number of rows in one call of the teacher.
    within : callable
        Maker of a context in which some rows are asked about. It is called with the
        number of these rows.
    kind : str, default="classes"
        Kind of the task that the teacher answers.

    Returns
    -------
    answers : Answers
    """
    n_samples, n_jobs = num_samples(X), teacher.asked_by
    groups = blocks_of_rows(
        n_samples, n_at_once, teacher.safe_model, count_threads(n_jobs)
    )
    calls = [
        partial(_answer, teacher, X, rows, n_samples, name, kind)
        for group in groups
        for rows in group
    ]
    parts: list[Answers] = []
    with closing(side_by_side(calls, n_jobs)) as results:
        for group in groups:
            n_rows = group[-1].stop - group[0].start
            with within(n_rows):
                started = perf_counter()
                parts += islice(results, len(group))
                elapsed = perf_counter() - started
                # The first call is about the given rows, the most of all calls. Fixed
                # costs of later, shorter ones would count as the cost of a row.
                if teacher.seconds == 0.0:
                    teacher.seconds_a_row = elapsed / n_rows
                teacher.seconds += elapsed
    return join_answers(parts, name)


def alone(teacher: Any) -> AbstractContextManager:
    """Return a context in which a teacher has no threads of its own, if that is known.

    Parameters
    ----------
    teacher : Teacher
        Teacher. One that is never asked in several threads keeps its own.
    """
    return nullcontext() if teacher.safe_model is None else without_inner_threads()


def _answer(teacher, X, rows, n_samples, name, kind):
    """Return the answers for a block of rows."""
    block = X if rows.stop - rows.start == n_samples else safe_indexing(X, rows)
    order = order_of_leaves(teacher.safe_model, block)
    if order is not None:
        block = safe_indexing(block, order)
    with alone(teacher):
        answer = teacher.answer(own_copy(block))
        try:
            answer = in_memory(answer)
        except (RuntimeError, TypeError) as error:
            raise unreadable(name, error) from error
    check_order(answer, block, name)
    answers = read_answers(answer, name, kind)
    if order is None or len(answers.values) != len(order):
        return answers
    values = np.empty_like(answers.values)
    values[order] = answers.values
    return answers._replace(values=values)


def blocks_of_rows(
    n_rows: int, n_at_once: int, model: Any, n_threads: int
) -> list[list[slice]]:
    """Return the blocks of rows in which a teacher is asked.

    Parameters
    ----------
    n_rows : int
        Number of rows of a question, above 0.
    n_at_once : int
        Greatest number of rows of a block.
    model : estimator, callable or None
        Teacher that is asked in threads. None if it is asked in one thread alone.
    n_threads : int
        Number of threads.

    Returns
    -------
    groups : list of list of slice
        Blocks in order. Those of a group are reported together.
    """
    if model is None:
        return [[rows] for rows in gen_batches(n_rows, n_at_once)]
    n_groups = n_blocks = ceil(n_rows / n_at_once)
    if answers_row_by_row(model):
        n_blocks = n_threads * ceil(n_blocks / n_threads)
    else:
        n_blocks = max(n_blocks, _FEWEST_BLOCKS)
    n_blocks = max(n_groups, min(n_blocks, n_rows // _FEWEST_ROWS))
    blocks = list(gen_even_slices(n_rows, n_blocks))
    ends = np.linspace(0, n_blocks, n_groups + 1).round().astype(int)
    return [blocks[start:end] for start, end in pairwise(ends)]
