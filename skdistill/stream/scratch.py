"""The folder in which rows are kept between two passes over them."""

import errno
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from skdistill.common.lock import locked
from skdistill.common.text import in_binary_units
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

    Attributes
    ----------
    is_kept : bool
        Whether the rows of a fit that fails are kept.
    """

    def __init__(self, folder: Any, checkpoint: Any) -> None:
        self.is_kept = checkpoint is not None
        folder = checkpoint if folder is None else folder
        self._base = Path(tempfile.gettempdir() if folder is None else folder)
        self._path: Path | None = None
        self._lock: Path | None = None
        self._holding = ExitStack()
        self._stays = False

    def make(self, name: str, n_bytes: int) -> Path:
        """Make the folder, or find that of a fit that was killed.

        Parameters
        ----------
        name : str
            Digest of all that decides the rows, if they are kept.
        n_bytes : int
            Number of bytes that the rows will take.

        Returns
        -------
        path : Path

        Raises
        ------
        OSError
            If the disk has not enough room, or if another process uses the folder.
        """
        self._base.mkdir(parents=True, exist_ok=True)
        found = self._base / f"{name}{_ENDING}"
        if self.is_kept:
            self._hold(found)
        written = _size(found) if self.is_kept else 0
        free = shutil.disk_usage(self._base).free
        if free + written < n_bytes:
            raise OSError(
                errno.ENOSPC,
                f"The rows take {in_binary_units(n_bytes)} of scratch, and "
                f"{in_binary_units(free)} of the disk are left. Give scratch=, a "
                "folder on a disk with more room, or fewer rows by max_rows=",
                str(self._base),
            )
        if self.is_kept:
            found.mkdir(exist_ok=True)
            self._path = found
        else:
            self._path = Path(tempfile.mkdtemp(_ENDING, "skdistill-", self._base))
        return self._path

    def keep(self) -> None:
        """Keep the rows at the end, if rows of a fit that fails are kept."""
        self._stays = self.is_kept

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            self._remove_or_say(has_failed=kind is not None)
        finally:
            self._holding.close()
            if self._lock is not None:
                with suppress(OSError):
                    self._lock.unlink(missing_ok=True)

    def _hold(self, found):
        """Lock the folder, so that no other process alters it."""
        lock = found.with_suffix(".lock")
        try:
            self._holding.enter_context(locked(lock, waits=False))
        except BlockingIOError as error:
            raise BlockingIOError(
                error.errno,
                "Another fit with the same rows and parameters uses the folder now. "
                "Wait for its end, or give another folder as checkpoint=",
                str(found),
            ) from error
        self._lock = lock

    def _remove_or_say(self, has_failed):
        """Remove the rows, or say where they are kept."""
        if self._path is None:
            return
        if not (self.is_kept and (has_failed or self._stays)):
            shutil.rmtree(self._path, ignore_errors=True)
            return
        warn(
            f"the rows of this fit, {in_binary_units(_size(self._path))}, are kept in "
            f"{self._path}, and the same call goes on from there: delete the folder if "
            "you will not repeat the call"
        )


def _size(folder):
    """Return the number of bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.glob("*"))
