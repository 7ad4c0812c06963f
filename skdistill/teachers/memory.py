"""Answers and fits of teachers that are kept on disk, so that a search asks once.

A search over the parameters of a student fits many students of one teacher. Each fit
would fit the teacher, calibrate it and ask it again. With a memory, the first fit of a
fold keeps what the teacher said, and the others read it.

An entry is a file. Its name is a fingerprint of all that decides its content:

- the teacher: a model that was given fitted, with all values that it holds. A model
  that `fit` fits counts by its parameters, the rows, the labels and the seed;
- the rows that it is asked about, with the types and names of their columns;
- the versions of skdistill, scikit-learn, NumPy and the package of the teacher.

The teacher is hashed once a fit, and rows once a question. While one process makes an
entry, others that want it wait. A file has its name only when it is complete.
"""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib.metadata import version
from numbers import Integral
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn

from skdistill.common.files import new_file
from skdistill.common.lock import locked
from skdistill.common.warn import warn
from skdistill.teachers.fingerprint import NoFingerprintError, fingerprint


def folder_of(memory: Any) -> Path | None:
    """Return the folder in which answers are kept.

    Parameters
    ----------
    memory : None, str, path-like or object with the interface of joblib.Memory
        Parameter of the estimator.

    Returns
    -------
    folder : Path or None
        None if nothing is kept.

    Raises
    ------
    ValueError
        If the object has no folder on disk.
    """
    if memory is None:
        return None
    location = memory
    if not isinstance(memory, (str, os.PathLike)):
        if not hasattr(memory, "location") or not hasattr(memory, "cache"):
            raise ValueError(
                f"memory={memory!r:.100} has no folder: give a path, or a "
                "joblib.Memory, which has a location"
            )
        location = memory.location
        if location is None:
            return None
        if getattr(memory, "backend", "local") != "local":
            raise ValueError(
                f"memory={memory!r:.100} keeps its values in the backend "
                f"{memory.backend!r}: give a folder on disk, or a joblib.Memory of one"
            )
    return Path(location) / "skdistill"


class AnswerMemory:
    """A folder of kept answers, as one fit uses it.

    Parameters
    ----------
    folder : Path or None, default=None
        Folder of the entries. With None nothing is kept.
    is_seeded : bool, default=True
        Whether the seeds that a fit draws are the same in the next one. Otherwise a
        teacher that is fitted with such a seed is not kept.
    """

    def __init__(self, folder: Path | None = None, is_seeded: bool = True) -> None:
        self._folder = folder
        self.is_seeded = is_seeded
        self._fingerprints: dict[int, tuple[Any, str]] = {}

    @classmethod
    def of(cls, estimator: Any) -> "AnswerMemory":
        """Return the memory that the parameters of an estimator ask for.

        Parameters
        ----------
        estimator : DistilledClassifier
            Estimator with the parameters `memory` and `random_state`.
        """
        folder, seed = folder_of(estimator.memory), estimator.random_state
        is_seeded = isinstance(seed, Integral)
        if folder is not None and not is_seeded:
            warn(
                f"memory is given, and random_state={seed!r:.50}: each fit draws other "
                "seeds and other synthetic rows, and the teacher is asked about them "
                "again. Give an integer as random_state"
            )
        return cls(folder, is_seeded)

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._folder is not None

    def recall(self, kind: str, parts: Any, make: Callable[[], Any]) -> Any:
        """Return a kept value. If there is none, make it and keep it.

        Parameters
        ----------
        kind : str
            Kind of the value, which names a folder.
        parts : tuple
            Objects that decide the value.
        make : callable
            Function without arguments that returns the value.

        Returns
        -------
        value : object
        """
        if self._folder is None:
            return make()
        try:
            name = fingerprint((kind, versions_of_answers(), parts))
        except NoFingerprintError:
            return make()
        return self._recall(self._folder / kind, name, make)

    def fit(self, model: Any, data: Any, make: Callable[[], Any]) -> Any:
        """Return a kept model that was fitted before. If there is none, fit it.

        Parameters
        ----------
        model : estimator
            Model that is not fitted, with its seeds.
        data : tuple
            Rows, labels and metadata of its `fit`.
        make : callable
            Function without arguments that returns the fitted model.

        Returns
        -------
        model : estimator
        """
        if self._folder is None:
            return make()
        try:
            name = fingerprint(("fits", versions_of_answers(model), model, data))
        except NoFingerprintError as error:
            _warn_not_kept(model, error)
            return self.forget(make())
        fitted = self._recall(self._folder / "fits", name, make)
        # A fitted model may be large, and its fingerprint may change on disk.
        self._fingerprints[id(fitted)] = fitted, name
        return fitted

    def forget(self, model: Any) -> Any:
        """Return a model for which nothing is kept."""
        self._fingerprints[id(model)] = model, ""
        return model

    def fingerprint_of(self, model: Any) -> str:
        """Return the fingerprint of a model, a function or another teacher.

        Parameters
        ----------
        model : object
            Model as the estimator publishes it.

        Returns
        -------
        fingerprint : str
            It is empty if nothing is kept for this teacher.
        """
        if id(model) in self._fingerprints:
            return self._fingerprints[id(model)][1]
        try:
            return fingerprint((versions_of_answers(model), model))
        except NoFingerprintError as error:
            _warn_not_kept(model, error)
            return ""

    def _recall(self, folder, name, make):
        folder = folder / name[:2]
        path = folder / f"{name}.joblib"
        found = _read(path)
        if found:
            return found[0]
        lock = path.with_suffix(".lock")
        with ExitStack() as stack:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locked(lock))
            except OSError as error:
                _warn_not_written(folder, error)
                return make()
            found = _read(path)
            if not found:
                value = make()
                _write(value, path)
        # A process that waited for the lock finds the entry before it makes one.
        _remove(lock)
        return found[0] if found else value


def recall(teacher: Any, kind: str, parts: Any, make: Callable[[], Any]) -> Any:
    """Return what a teacher said before. If nothing is kept, make it and keep it.

    Parameters
    ----------
    teacher : Teacher
    kind : str
        Kind of the value, such as "answers".
    parts : object
        Rows and all else that decides the value, beside the teacher.
    make : callable
        Function without arguments that asks the teacher and returns the value.

    Returns
    -------
    value : object
    """
    memory, before = teacher.memory, teacher.seconds
    if not memory.keeps or not teacher.can_be_asked:
        return make()
    if teacher.fingerprint is None:
        teacher.fingerprint = memory.fingerprint_of(teacher.source)
    if not teacher.fingerprint:
        return make()
    value, seconds, seconds_a_row = memory.recall(
        kind,
        (teacher.fingerprint, parts),
        lambda: (make(), teacher.seconds - before, teacher.seconds_a_row),
    )
    if teacher.seconds == before:
        # A kept answer costs what it did, so a limit of the time sees no change.
        teacher.seconds_a_row = teacher.seconds_a_row or seconds_a_row
        teacher.seconds += seconds
    return value


def _read(path):
    """Return a list with the value of an entry. It is empty if there is no entry."""
    try:
        return [joblib.load(path)]
    except FileNotFoundError:
        return []
    except Exception:  # Written by another version, or damaged: it is made again.
        return []


def _write(value, path):
    """Write an entry completely or not at all."""
    # If a file system has no locks, several may write the same entry.
    try:
        with new_file(path) as file:
            joblib.dump(value, file)
    except Exception as error:
        _warn_not_written(path.parent, error)


def _remove(path):
    """Remove a file, unless another process has it open and the system forbids it."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _warn_not_written(folder, error):
    warn(f"memory cannot keep an answer in {folder}: {error}")


def _warn_not_kept(model, error):
    name = getattr(model, "__name__", type(model).__name__)
    warn(
        f"memory keeps no answers of the teacher, {name}, and each fit asks it again. "
        f"It cannot be told whether it is the same teacher as before: {error}"
    )


def versions_of_answers(model: Any = None) -> tuple[str, ...]:
    """Return the versions on which answers of a model depend."""
    package = type(model).__module__.split(".")[0]
    module = sys.modules.get(package)
    return (
        version("skdistill"),
        sklearn.__version__,
        np.__version__,
        package,
        str(getattr(module, "__version__", "")),
    )
