"""The ZIP archive of a student file: its members, each with a known size."""

import io
import zipfile

import numpy as np


def archive_of(members, arrays):
    """Return an archive of texts or bytes, and of arrays, by their names, in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # ZipInfo with only a name has a fixed date, so that equal students give equal
        # files.
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
        for name, array in arrays.items():
            values = array.astype(array.dtype.newbyteorder("<"))
            member = _array_header(values.shape, values.dtype) + values.tobytes()
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member)
    return buffer


class Members:
    """The members of an archive. Each is read once, and its size is checked before."""

    def __init__(self, archive, n_bytes):
        self._archive = archive
        self._unread_bytes = n_bytes
        self._read = set()

    def read(self, name, limit):
        """Return the bytes of a member."""
        entry = self._archive.getinfo(name)
        if entry.orig_filename != name:
            raise ValueError(f"{name} is named {entry.orig_filename!r:.100}")
        if entry.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{name} is compressed")
        if entry.file_size > limit:
            raise ValueError(f"{name} has {entry.file_size} bytes, over {limit}")
        self._unread_bytes -= entry.file_size
        if self._unread_bytes < 0:
            raise ValueError("its members overlap")
        self._read.add(name)
        return self._archive.read(entry)

    def array(self, name, shape, dtype="float32"):
        """Return an array; raise unless it has the given shape and type."""
        dtype = np.dtype(dtype).newbyteorder("<")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        header = _array_header(shape, dtype)
        member = self.read(f"{name}.npy", size + len(header))
        if member[: len(header)] != header or len(member) != size + len(header):
            raise ValueError(f"{name}.npy does not hold {dtype} of shape {shape}")
        return np.frombuffer(member, dtype, offset=len(header)).reshape(shape)

    def check_all_read(self):
        """Raise if the archive has a member that does not belong to a student."""
        names = self._archive.namelist()
        if len(names) != len(self._read):
            unknown = sorted(set(names) - self._read)
            named = f", and does not know {unknown[0]!r:.100}" if unknown else ""
            raise ValueError(
                f"it holds {len(names)} members, not {len(self._read)}{named}"
            )


def _array_header(shape, dtype):
    """Return the header of an array file. No other header is written or read."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": dtype.str, "fortran_order": False, "shape": tuple(shape)}
    )
    return header.getvalue()
