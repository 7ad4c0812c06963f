"""The file of an export, which takes its place once it has proved itself."""

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from skdistill.common.files import write_file
from skdistill.export.verify import check, check_tolerance


def check_options(
    path: str | PathLike[str], endings: Iterable[str], tolerance: float
) -> Path:
    """Return the path of a file to write, checked, as is the tolerance.

    Parameters
    ----------
    path : str or path-like
    endings : iterable of str
        Those by which `verify` knows what runs the file.
    tolerance : float

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        Where path has another ending, or tolerance is no number from 0 on.
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
    """Write an artefact, verified before it replaces a former file.

    Parameters
    ----------
    path : str or path-like
        The file. With `verify_on` its ending tells what runs it: see `verify`.
    content : bytes
        What it holds.
    model : DistilledClassifier or Student
        Whose answers it gives.
    verify_on : table of shape (n_rows, n_features) or None
        Rows on which the artefact has to answer as the student. None: it is not
        run.
    tolerance : float
        The greatest difference of a probability that is accepted.

    Raises
    ------
    ValueError
        Where the artefact answers otherwise; a former file stays then.
    OSError
        Where the file cannot be written.
    """
    if verify_on is None:
        write_file(path, content)
        return
    write_file(
        path, content, lambda written: check(model, written, verify_on, tolerance)
    )
