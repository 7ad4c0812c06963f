"""A fitted teacher from a file of joblib or pickle."""

from pathlib import Path, PurePath
from threading import Lock
from typing import Any

import joblib

from skdistill.teachers.adapter_checks import is_model_file
from skdistill.teachers.scikit_learn import is_fitted

# Files that this process has read, each with its model: a teacher may take gigabytes,
# and many tasks ask the same one.
_MOST_KEPT = 2

# First bytes of the files that joblib and pickle write: a pickle from protocol 2, and
# one that is compressed by zlib, gzip, bzip2, LZMA, XZ or LZ4.
_STARTS = (
    *(b"\x80", b"x\x01", b"x^", b"x\x9c", b"x\xda"),
    *(b"\x1f\x8b", b"BZh", b"\x5d\x00", b"\xfd7zXZ", b"\x04\x22M"),
)

_kept: dict[tuple[str, int, int], Any] = {}
_lock = Lock()


def load_teacher(path: Path, *, is_mapped: bool = False) -> Any:
    """Load a fitted classifier or regressor. Code that is in the file is run.

    Parameters
    ----------
    path : Path
        Path of a file that `joblib.dump` or `pickle.dump` wrote.
    is_mapped : bool, default=False
        Whether arrays stay in the file, where they cannot be altered, and are read as
        they are needed. Processes then share their memory. Compressed files are read.

    Returns
    -------
    teacher : estimator

    Raises
    ------
    ValueError
        If the file is of another kind, cannot be loaded, or holds no fitted model.
    OSError
        If the file cannot be read.
    """
    with open(path, "rb") as file:
        start = file.read(8)
    if not start.startswith(_STARTS):
        raise ValueError(
            f"{path} cannot be loaded as a teacher: neither joblib.dump nor "
            "pickle.dump (from protocol 2) wrote it"
        )
    try:
        # A compressed file cannot be mapped. It starts otherwise than a pickle.
        mode = "r" if is_mapped and start[:1] == b"\x80" else None
        teacher = joblib.load(path, mmap_mode=mode)
    except OSError:
        raise
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{path} cannot be loaded as a teacher: it needs the module {error.name}, "
            "which is not installed"
        ) from error
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded as a teacher: {error!r}") from error
    if not hasattr(teacher, "fit") or not is_fitted(teacher):
        raise ValueError(
            f"{path} holds {teacher!r:.100}, not a fitted classifier or regressor"
        )
    return teacher


def model_behind(source: Any) -> Any:
    """Return the model of a joblib file whose path is given as the teacher.

    The model stays in memory for the next call, unless the file has changed.

    Parameters
    ----------
    source : object
        Teacher as a user gives it.

    Returns
    -------
    model : object
        The model in the file, mapped. The source itself if it is no such path.
    """
    if not (isinstance(source, PurePath) and is_model_file(source.name)):
        return source
    path = Path(source)
    state = path.stat()
    name = (str(path.absolute()), state.st_mtime_ns, state.st_size)
    with _lock:  # Two threads would hold the model twice.
        if name not in _kept:
            for former in list(_kept)[: len(_kept) + 1 - _MOST_KEPT]:
                del _kept[former]
            _kept[name] = load_teacher(path, is_mapped=True)
        return _kept[name]
