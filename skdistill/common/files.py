"""Files that are written whole or not at all."""

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
    """Write a file; a former one stays until all is written.

    Parameters
    ----------
    path : str or path-like
        The file, replaced if it exists.
    content : bytes
        What it holds.
    inspect : callable, default=None
        Gets the path of the finished file, of the same ending, before it takes
        its place. What it raises is raised, and nothing is replaced.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    path = Path(path)
    with _temporary_file(path) as file:
        try:
            file.write(content)
            file.close()
            if inspect is not None:
                inspect(Path(file.name))
            # As the file would be made by open(), not for its owner alone.
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(file.name, 0o666 & ~umask)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _temporary_file(path):
    """Open a file beside another one; errors name that."""
    try:
        return tempfile.NamedTemporaryFile(
            dir=path.parent, suffix=path.suffix, delete=False
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
