"""Write the file of an export after it has been verified."""

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from skdistill.common.files import write_file
from skdistill.export.verify import check, check_tolerance


def check_options(
    path: str | PathLike[str], endings: Iterable[str], tolerance: float
) -> Path:
    """Check the path of a file to write and the tolerance; return the path.

    Parameters
    ----------
    path : str or path-like
    endings : iterable of str
        Accepted endings. `verify` chooses by them the program that runs the file.
    tolerance : float

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        If path has another ending, or if tolerance is not a number of at least 0.
    """
    path = Path(path)
    if path.suffix not in endings:
        raise ValueError(
            f"path={str(path)!r} ends in {path.suffix!r}: it needs to end in "
            f"{' or '.join(endings)}"
        )
    check_tolerance(tolerance)
    return path


def export_file(
    path: str | PathLike[str],
    content: bytes,
    model: Any,
    verify_on: Any,
    tolerance: float,
) -> None:
    """Write an artefact, and verify it before it replaces an existing file.

    Parameters
    ----------
    path : str or path-like
        Path of the file. With `verify_on`, its ending determines the program that
        runs the file, see `verify`.
    content : bytes
        Content of the file.
    model : DistilledClassifier, DistilledRegressor or Student
        Model that was exported.
    verify_on : table of shape (n_rows, n_features) or None
        Rows on which the artefact is compared with the student. None: the artefact is
        not run.
    tolerance : float
        Greatest accepted difference of an answer: see `verify`.

    Raises
    ------
    ValueError
        If the artefact does not answer as the student. An existing file is then kept.
    OSError
        If the file cannot be written.
    """
    if verify_on is None:
        write_file(path, content)
        return
    write_file(
        path, content, lambda written: check(model, written, verify_on, tolerance)
    )
