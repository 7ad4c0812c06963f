"""The folder in which rows are kept between two passes over them."""

import errno
import shutil
import tempfile
from pathlib import Path
from typing import Any

from skdistill.common.warn import warn

_ENDING = ".rows"


class Scratch:
    """A folder of rows: a context manager, which removes it.

    Parameters
    ----------
    folder : str, path-like or None
        Folder to make it in. None for that of temporary files, or of checkpoints.
    checkpoint : str, path-like or None
        Folder of checkpoints. If there is one, the rows of a fit that fails are kept.
    """

    def __init__(self, folder: Any, checkpoint: Any) -> None:
        self._is_kept = checkpoint is not None
        folder = checkpoint if folder is None else folder
        self._base = Path(tempfile.gettempdir() if folder is None else folder)
        self._path: Path | None = None

    def make(self, name: str, n_bytes: int) -> Path:
        """Make the folder, or find that of a fit that was killed.

        Parameters
        ----------
        name : str
            Digest of all that decides the rows.
        n_bytes : int
            Number of bytes that the rows will take.

        Returns
        -------
        path : Path

        Raises
        ------
        OSError
            If the disk has not enough room.
        """
        self._base.mkdir(parents=True, exist_ok=True)
        found = self._base / f"{name}{_ENDING}"
        written = _size(found) if self._is_kept else 0
        free = shutil.disk_usage(self._base).free
        if free + written < n_bytes:
            raise OSError(
                errno.ENOSPC,
                f"The rows take {n_bytes / 2**20:,.0f} MiB of scratch, and "
                f"{free / 2**20:,.0f} MiB of the disk are left. Give scratch=, a "
                "folder on a disk with more room, or fewer rows by max_rows=",
                str(self._base),
            )
        if self._is_kept:
            found.mkdir(exist_ok=True)
            self._path = found
        else:
            self._path = Path(tempfile.mkdtemp(_ENDING, "skdistill-", self._base))
        return self._path

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._path is None:
            return
        if kind is None or not self._is_kept:
            shutil.rmtree(self._path, ignore_errors=True)
            return
        warn(
            f"the rows of this fit, {_size(self._path) / 2**20:,.0f} MiB, are kept in "
            f"{self._path}, and the same call goes on from there: delete the folder if "
            "there will be none"
        )


def _size(folder):
    """Return the number of bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.glob("*"))
