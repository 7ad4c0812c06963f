"""The cache of machine code on disk."""

import functools
import hashlib
import pickle
import warnings
from pathlib import Path

from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.serialize import dumps

KERNELS = Path(__file__).parent.parent


@functools.cache
def source_digest(folder=KERNELS):
    """Return a digest of all sources in a folder and in the folders below it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class KernelCache(FunctionCache):
    """Numba's cache, made safe against edits of other files and against damage.

    The cache becomes stale if any file of the kernels changes. Numba looks only at
    the file of the cached function. It would go on using the old code of the
    functions that this one calls.

    If the cache cannot be read or written, a warning says so and the kernels are
    compiled anew. No fit and no prediction fails because of it.
    """

    def __init__(self, function):
        super().__init__(function)
        self._cache_file = _CheckedFiles(
            self._cache_path, self._impl.filename_base, source_digest()
        )

    def load_overload(self, sig, target_context):
        """Return the compiled function from the cache, or None."""
        try:
            return super().load_overload(sig, target_context)
        # A damaged pickle may raise almost anything.
        except Exception as error:
            try:
                self.flush()
            except OSError:
                # The damaged index stays, so that nothing can be saved either.
                self.disable()
            warnings.warn(
                "the cache of compiled kernels cannot be read, so the kernels are "
                f"compiled anew: {self._cache_file.last_read}: "
                f"{type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
            return None

    def save_overload(self, sig, data):
        """Save a compiled function."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            warnings.warn(
                f"the compiled kernels could not be kept for the next process: {error}",
                RuntimeWarning,
                stacklevel=2,
            )


class _CheckedFiles(IndexDataCacheFile):
    """The index and the data files of a cached function, with a checksum.

    Parameters
    ----------
    cache_path : str
        Folder of the files.
    filename_base : str
        Name of the index without its suffix.
    digest : str
        Digest of the sources.

    Attributes
    ----------
    last_read : str
        Path of the file that was read last.
    """

    def __init__(self, cache_path, filename_base, digest):
        super().__init__(cache_path, filename_base, source_stamp=digest)
        # Numba reads an index to its end only if the version is right. The rest of an
        # index from other sources may name modules that no longer exist.
        self._version = f"{self._version} {digest}"
        self.last_read = self._index_path

    def save(self, key, data):
        """Save machine code together with its key."""
        super().save(key, (key, data))

    def load(self, key):
        """Return the machine code of a key; None if there is none.

        Two processes that save at once may give one name to two data files. The key
        inside tells a file of the other process.
        """
        found = super().load(key)
        if found is None or found[0] != key:
            return None
        return found[1]

    def _load_index(self):
        self.last_read = self._index_path
        sealed = super()._load_index()
        # Numba returns an empty one if the file is missing or stale.
        return _opened(sealed, self._version) if sealed else {}

    def _save_index(self, overloads):
        super()._save_index(_sealed(overloads, self._version))

    def _load_data(self, name):
        self.last_read = self._data_path(name)
        return _opened(super()._load_data(name), self._version)

    def _save_data(self, name, data):
        super()._save_data(name, _sealed(data, self._version))


def _sealed(value, version):
    """Return a value as bytes, after the checksum of these bytes and their version."""
    content = dumps(value)
    return _checksum(content, version), content


def _opened(sealed, version):
    """Return the value that `_sealed` was called with, for the same version."""
    checksum, content = sealed
    if checksum != _checksum(content, version):
        raise ValueError("its content does not match its checksum")
    return pickle.loads(content)


def _checksum(content, version):
    digest = hashlib.blake2b(content, digest_size=16)
    digest.update(str(version).encode())
    return digest.digest()
