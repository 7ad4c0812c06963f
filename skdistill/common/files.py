"""Write a file completely or not at all, and tell whether two paths are one file."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO

# Letters of a file's name with which the name of a temporary file begins. File systems
# limit the length of a name.
_MOST_LETTERS = 32

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def write_file(
    path: str | PathLike[str],
    content: bytes,
    inspect: Callable[[Path], object] | None = None,
    *,
    waits_for_disk: bool = False,
) -> None:
    """Write a file. An existing file stays until the new one is complete.

    Parameters
    ----------
    path : str or path-like
        Path of the file. An existing file is replaced, and the new one has its mode
        and, if the process may set it, its owner. If the path is a symbolic link, its
        target is replaced, and the link stays. A hard link keeps the former content
        under its other names. A file that is mounted by itself, as containers mount
        one, cannot be replaced: it is written in place.
    content : bytes
        Content of the file.
    inspect : callable, default=None
        Function that gets the path of the complete file before it replaces the
        existing one. This path has the same ending. If the function raises an
        error, the error is raised and nothing is replaced.
    waits_for_disk : bool, default=False
        Whether the disk has to have the content before the file is replaced.

    Raises
    ------
    OSError
        If the file cannot be written, or if the path is a device, a pipe, a socket or
        a folder.
    """
    new = new_file(path, inspect, waits_for_disk=waits_for_disk)
    with new as file, _naming(path):
        file.write(content)


@contextmanager
def new_file(
    path: str | PathLike[str],
    inspect: Callable[[Path], object] | None = None,
    *,
    waits_for_disk: bool = False,
) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of another at the end of the block.

    It is a temporary file beside the other one. If the block raises an error or is
    interrupted, it is removed, and the other file stays as it is. If the process is
    killed, it stays. Its name begins like that of the other file, with a point and more
    letters before the ending.

    Parameters
    ----------
    path, inspect
        As in `write_file`.
    waits_for_disk : bool, default=False
        Whether the disk has to have all bytes before the other file is replaced. So
        they outlive a crash of the machine.

    Yields
    ------
    file : file
        File to write bytes to. The block may close it.

    Raises
    ------
    OSError
        If `write_file` would raise it.
    """
    target, former = _find_target(path)
    with _temporary_file(target, path) as file:
        try:
            yield file
            with _naming(path):
                if waits_for_disk:
                    file.flush()
                    os.fsync(file.fileno())
                file.close()
            if inspect is not None:
                inspect(Path(file.name))
            with _naming(path):
                _give_rights(file.name, former)
                is_replaced = _replace(file.name, target)
        except BaseException:
            with suppress(OSError):
                file.close()  # An open file cannot be removed everywhere.
            Path(file.name).unlink(missing_ok=True)
            raise
    if not is_replaced:
        _write_in_place(target, file.name, path)


def check_writable(path: str | PathLike[str]) -> None:
    """Raise the error that `write_file` would raise, and write nothing.

    Parameters
    ----------
    path : str or path-like
        Path of a file that is written later.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    target, _ = _find_target(path)
    with _temporary_file(target, path) as file:
        pass
    Path(file.name).unlink()


def find_alike(
    paths: Iterable[tuple[str, str | PathLike[str]]],
) -> tuple[str, str, str | PathLike[str]] | None:
    """Return two names whose paths lead to one file.

    Two paths are one file if they are equal once all links are resolved, or if they
    are hard links of one file.

    Parameters
    ----------
    paths : iterable of tuple of str and path-like
        Names and their paths. The files may be missing.

    Returns
    -------
    alike : tuple of str, str and path-like, or None
        Two names, and the path of the second. None if all paths differ.
    """
    names: dict[object, str] = {}
    for name, path in paths:
        resolved = os.path.realpath(path)
        keys: list[object] = [os.path.normcase(resolved)]
        with suppress(OSError):
            found = os.stat(resolved)
            keys.append((found.st_dev, found.st_ino))
        for key in keys:
            if key in names:
                return names[key], name, path
        names.update(dict.fromkeys(keys, name))
    return None


def _find_target(path):
    """Return the file that a path leads to, and its status or None.

    An error names the path.
    """
    target = Path(os.path.realpath(path))
    try:
        former = os.stat(target)
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileNotFoundError(
                errno.ENOENT, os.strerror(errno.ENOENT), str(path)
            ) from None
        return target, None
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    kind = stat.S_IFMT(former.st_mode)
    if kind != stat.S_IFREG:
        code = errno.EISDIR if kind == stat.S_IFDIR else errno.EINVAL
        raise OSError(
            code, f"Is {_KINDS.get(kind, 'no regular file')}, not a file", str(path)
        )
    if not os.access(target, os.W_OK):
        raise PermissionError(
            errno.EACCES, "The file is protected against writing", str(path)
        )
    return target, former


@contextmanager
def _naming(path):
    """Let an error of the system name the path that the user gave."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def _temporary_file(target, path):
    """Open a temporary file beside a target. An error names the path."""
    with _naming(path):
        return tempfile.NamedTemporaryFile(
            dir=target.parent,
            prefix=f"{target.stem[:_MOST_LETTERS]}.",
            suffix=Path(path).suffix,
            delete=False,
        )


def _replace(name, target):
    """Put a file in the place of another. Return False if that one is mounted."""
    try:
        os.replace(name, target)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def _write_in_place(target, complete, path):
    """Write a complete copy into a file that stays, and remove the copy.

    The copy is kept if the file cannot be written, and the error names it.
    """
    try:
        with open(complete, "rb") as copy, open(target, "r+b") as file:
            shutil.copyfileobj(copy, file)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(
            error.errno, f"{error.strerror} (all is in {complete})", str(path)
        ) from error
    Path(complete).unlink()


def _give_rights(name, former):
    """Give a new file the owner and the mode of the former one.

    A temporary file belongs to its owner alone. Without a former file, the new one gets
    the mode that open() gives.
    """
    if former is None:
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        return
    made = os.stat(name)
    owner, group = former.st_uid, former.st_gid
    if hasattr(os, "chown") and (made.st_uid, made.st_gid) != (owner, group):
        try:
            os.chown(name, owner, group)
        except OSError:
            # The owner is the process. The group may still be kept.
            with suppress(OSError):
                os.chown(name, -1, group)
    # A change of the owner clears some bits of the mode, so the mode comes last.
    os.chmod(name, stat.S_IMODE(former.st_mode))
