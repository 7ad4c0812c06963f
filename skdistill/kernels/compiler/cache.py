"""The cache of machine code on disk."""

import functools
import hashlib
import warnings
from pathlib import Path

from numba.core.caching import FunctionCache, IndexDataCacheFile


@functools.cache
def _source_digest():
    """Digest of all kernel sources: an edit of any makes each cache stale."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class KernelCache(FunctionCache):
    """Numba's cache, stale when any file of the kernels changes.

    Numba looks at the file of the cached function alone and would go on using
    the old code of what that function calls.
    """

    def __init__(self, function):
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=_source_digest(),
        )

    def save_overload(self, signature, data):
        """Save a compiled function."""
        try:
            super().save_overload(signature, data)
        except OSError as error:
            warnings.warn(
                f"the compiled kernels could not be kept for the next process: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
