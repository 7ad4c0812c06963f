"""A teacher that workers ask, each in its own process."""

from contextlib import nullcontext
from pathlib import Path, PurePath
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.thread_safety import is_thread_safe

_one_at_a_time = Lock()


def seen_from_anywhere(source: Any) -> Any:
    """Return a teacher whose path does not depend on the folder of a process.

    Parameters
    ----------
    source : estimator, callable, pathlib.Path or "precomputed"

    Returns
    -------
    source : object
    """
    return Path(source).absolute() if isinstance(source, PurePath) else source


class TeacherOfWorkers:
    """A teacher as the tasks of a cluster get it.

    A path stays a path on its way to a worker, which opens the file.

    Parameters
    ----------
    source : estimator, callable or pathlib.Path
        Fitted teacher.
    kind : str, default="classes"
        Kind of the task that it answers.
    """

    def __init__(self, source: Any, kind: str = "classes") -> None:
        self._source, self._kind = seen_from_anywhere(source), kind

    def ask(self, X: Any, task: Any) -> NDArray[Any]:
        """Return the checked answers for rows.

        Other threads of the worker may ask the same teacher. If it does not say that
        it is safe for threads, they wait for each other.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
        task : Task

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)
        """
        teacher = as_teacher(self._source, kind=self._kind)
        # A worker has a task for each core, so the teacher's own threads are too many.
        teacher.share(1)
        alone = nullcontext() if is_thread_safe(teacher.source) else _one_at_a_time
        with alone:
            return teacher.ask(X, task)

    def abstains(self, rows: Any) -> NDArray[Any] | None:
        """Tell for which rows the teacher has no answer: see `Teacher.abstains`."""
        return as_teacher(self._source, kind=self._kind).abstains(rows)
