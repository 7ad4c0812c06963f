"""A lock on disk that threads and processes respect."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(path: Path, *, waits: bool = True) -> Iterator[None]:
    """Return a context that only one thread of all processes is in at a time.

    The operating system opens the lock when its holder ends, however it ends. So a
    process that is killed leaves no lock. A file system without locks, such as some of
    networks, keeps nobody out.

    Parameters
    ----------
    path : Path
        Path of a file that stands for the lock. It is made if it is missing.
    waits : bool, default=True
        Whether to wait as long as another holds the lock.

    Raises
    ------
    BlockingIOError
        If another holds the lock, and `waits` is False.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _acquire(handle, waits)
        yield
    finally:
        _release(handle)
        os.close(handle)


def _acquire(handle, waits):
    """Take the lock of an open file."""
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError:
            pass  # A file system without locks.
        return
    import msvcrt

    if not waits:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            return
        except OSError as error:
            raise BlockingIOError(error.errno, error.strerror) from error
    while True:
        try:
            # It tries for ten seconds, and then raises.
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
            return
        except OSError:
            continue


def _release(handle):
    """Open the lock. Closing the file is not enough if a forked process has it too."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)
