"""Write a file completely or not at all."""

import os
import tempfile
from collections.abc import Callable
from os import PathLike
from pathlib import Path


def write_file(
    path: str | PathLike[str],
    content: bytes,
    inspect: Callable[[Path], object] | None = None,
) -> None:
    """Write a file. An existing file stays until the new one is complete.

    Parameters
    ----------
    path : str or path-like
        Path of the file. An existing file is replaced.
    content : bytes
        Content of the file.
    inspect : callable, default=None
        Function that gets the path of the complete file before it replaces the
        existing one. This path has the same ending. If the function raises an
        error, the error is raised and nothing is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path = Path(path)
    with _temporary_file(path) as file:
        try:
            file.write(content)
            file.close()
            if inspect is not None:
                inspect(Path(file.name))
            # A temporary file belongs to its owner alone. This gives the file the
            # permissions that open() gives.
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(file.name, 0o666 & ~umask)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _temporary_file(path):
    """Open a temporary file beside a path. An error names the path."""
    try:
        return tempfile.NamedTemporaryFile(
            dir=path.parent, suffix=path.suffix, delete=False
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
