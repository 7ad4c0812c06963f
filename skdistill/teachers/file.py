"""A fitted teacher from a file of joblib or pickle."""

from pathlib import Path
from typing import Any

import joblib

from skdistill.teachers.kinds import check_kind
from skdistill.teachers.scikit_learn import is_fitted

# First bytes of the files that joblib and pickle write: a pickle from protocol 2, and
# one that is compressed by zlib, gzip, bzip2, LZMA, XZ or LZ4.
_STARTS = (
    *(b"\x80", b"x\x01", b"x^", b"x\x9c", b"x\xda"),
    *(b"\x1f\x8b", b"BZh", b"\x5d\x00", b"\xfd7zXZ", b"\x04\x22M"),
)


def load_teacher(path: Path) -> Any:
    """Load a fitted classifier. Code that is in the file is run.

    Parameters
    ----------
    path : Path
        Path of a file that `joblib.dump` or `pickle.dump` wrote.

    Returns
    -------
    teacher : estimator

    Raises
    ------
    ValueError
        If the file is of another kind, cannot be loaded, or holds no fitted classifier.
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
        teacher = joblib.load(path)
    except OSError:
        raise
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{path} cannot be loaded as a teacher: it needs the module {error.name}, "
            "which is not installed"
        ) from error
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded as a teacher: {error!r}") from error
    is_model = hasattr(teacher, "fit")
    if is_model:
        check_kind(teacher)
    if not is_model or not is_fitted(teacher):
        raise ValueError(f"{path} holds {teacher!r:.100}, not a fitted classifier")
    return teacher
