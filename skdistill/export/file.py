"""The file of an export, which takes its place once it has proved itself."""

from os import PathLike
from typing import Any

from skdistill.export.verify import check, check_ending
from skdistill.files import write_file
from skdistill.student import Student


def export_file(
    path: str | PathLike[str],
    content: bytes,
    student: Student,
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
    student : Student
        The student whose answers it gives.
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
    check_ending(path)
    write_file(
        path, content, lambda written: check(student, written, verify_on, tolerance)
    )
