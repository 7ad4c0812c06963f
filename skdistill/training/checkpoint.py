"""Checkpoints: the state of a training on disk, from which a killed fit goes on.

A checkpoint is a file of arrays and numbers, and runs no code when it is read. Its name
is a digest of all that decides a training: rows, targets, first weights, plan and seed.
So a training finds its own file, and never that of another one. The clock decides when
a file is written, and nothing else: a training that goes on from any of its states
makes the same student, bit for bit.
"""

import json
import os
import zipfile
from contextlib import suppress
from functools import cache
from numbers import Integral
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from skdistill.common.files import new_file
from skdistill.common.warn import warn
from skdistill.kernels.compiler.cache import source_digest
from skdistill.teachers.fingerprint import fingerprint

# Files are written so many seconds apart, or more.
_SECONDS_APART = 10.0

_ENDING = ".checkpoint"


def check_checkpoint(folder: Any, random_state: Any) -> None:
    """Raise if there can be no checkpoints. Make their folder otherwise.

    Parameters
    ----------
    folder : str, path-like or None
        Parameter of the estimator.
    random_state : object
        Parameter of the estimator.

    Raises
    ------
    OSError
        If the folder cannot be made.
    ValueError
        If the folder is a file, or if another fit would draw other random numbers.
    """
    if folder is None:
        return
    if not isinstance(random_state, Integral):
        raise ValueError(
            f"checkpoint={os.fspath(folder)!r} needs an integer as random_state, and "
            f"it is {random_state!r:.50}: a fit that draws other random numbers cannot "
            "go on from a checkpoint"
        )
    if Path(folder).exists() and not Path(folder).is_dir():
        raise ValueError(
            f"checkpoint={os.fspath(folder)!r} is a file: give the path of a folder"
        )
    Path(folder).mkdir(parents=True, exist_ok=True)


class Checkpoint:
    """The file of one training.

    Parameters
    ----------
    folder : str or path-like
        Folder of the file.
    decides : object
        All that decides the training: see `fingerprint`.
    """

    def __init__(self, folder: str | os.PathLike[str], decides: Any) -> None:
        name = fingerprint((versions_of_training(), decides))
        self._path = Path(folder) / f"{name}{_ENDING}"
        self._written = monotonic()

    def read(self) -> dict[str, Any] | None:
        """Return the state of the training.

        Returns
        -------
        state : dict or None
            None if there is no file. Warn if there are files of other trainings alone,
            or if the file is damaged.
        """
        try:
            return _read(self._path)
        except FileNotFoundError:
            others = self._path.parent.glob(f"*{_ENDING}")
            # A killed process leaves parts of files, whose names have a point more.
            if any("." not in other.stem for other in others):
                warn(
                    f"the folder checkpoint={str(self._path.parent)!r} holds no "
                    "checkpoint of this fit, but of others, whose rows, answers, "
                    "parameters or versions differ: this fit starts from the "
                    "beginning, and leaves them as they are"
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            warn(
                f"the checkpoint {self._path} is damaged, and the training starts from "
                f"the beginning: {error}"
            )
        return None

    def offer(self, training: Any) -> None:
        """Write the state of a training, unless the last one was written just now.

        Parameters
        ----------
        training : object
            Training with a method `state`, which returns a dict of dicts, lists,
            numbers, texts and arrays.
        """
        if monotonic() - self._written < _SECONDS_APART:
            return
        try:
            with new_file(self._path, waits_for_disk=True) as file:
                _write(file, training.state())
        except OSError as error:
            warn(f"the checkpoint {self._path} cannot be written: {error}")
        self._written = monotonic()

    def remove(self) -> None:
        """Remove the file, and parts that killed processes have left."""
        for path in self._path.parent.glob(f"{self._path.stem}.*"):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _write(file, state):
    """Write a state to an open file."""
    arrays: dict[str, Any] = {}
    text = json.dumps(_without_arrays(state, arrays))
    np.savez(file, json=np.array(text), **arrays)


def _read(path):
    """Return the state that a file holds. No code of the file runs."""
    with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
        return _with_arrays(json.loads(str(file["json"])), file)


def _without_arrays(value, arrays):
    """Return a value as JSON takes it. Its arrays go into a dict, and leave names."""
    if isinstance(value, np.ndarray):
        name = f"array_{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, dict):
        return {key: _without_arrays(part, arrays) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_arrays(part, arrays) for part in value]
    return value


def _with_arrays(value, arrays):
    """Return a value of JSON with its arrays."""
    if isinstance(value, dict):
        if value.keys() == {"array"}:
            return arrays[value["array"]]
        return {key: _with_arrays(part, arrays) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_arrays(part, arrays) for part in value]
    return value


@cache
def versions_of_training() -> tuple[str, str]:
    """Return the versions on which the bits of a training depend."""
    return np.__version__, source_digest()


def state_of(random_state: np.random.RandomState) -> dict[str, Any]:
    """Return the state of random numbers as a dict.

    Parameters
    ----------
    random_state : RandomState

    Returns
    -------
    state : dict
    """
    return dict(random_state.get_state(legacy=False))
