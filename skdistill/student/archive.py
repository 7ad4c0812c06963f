"""The ZIP archive of a student file: its members, each with a known size.

Each member takes more than a hundred bytes beside its own. So the parts of a student of
texts are one member: they follow each other in a deflated stream.
"""

import io
import math
import zipfile

import numpy as np

from skdistill.student.text.stream import (
    Room,
    StreamReader,
    StreamWriter,
    largest_inflated,
)

# Member that holds all parts.
PACKED_NAME = "student.zlib"

# Bound of the description and the arrays in it: as many bytes as this, and a multiple
# of the deflated ones. Reading them takes several times their memory.
_LEAST_BOUND = 2**16
_MOST_GROWTH = 2


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


def packed_archive_of(text, stream, arrays):
    """Return an archive of one member, in memory.

    Parameters
    ----------
    text : bytes
        Description.
    stream : StreamWriter
        Terms and their factors.
    arrays : dict of str to ndarray
        Arrays in the order in which they are read.

    Returns
    -------
    archive : BytesIO or None
        None if the parts would inflate beyond their bounds, as many zeros do.
    """
    packed = StreamWriter()
    packed.numbers([len(text)], 4)
    packed.raw(text)
    packed.append(stream)
    for array in arrays.values():
        packed.array(array, array.dtype)
    deflated = packed.deflated()
    n_bytes = len(text) + sum(array.nbytes for array in arrays.values())
    if n_bytes > _largest_parts(len(deflated)) or packed.n_bytes > largest_inflated(
        len(deflated)
    ):
        return None
    return archive_of({PACKED_NAME: deflated}, {})


def _largest_parts(n_deflated):
    """Return the bound of the description and the arrays in a stream."""
    return _LEAST_BOUND + _MOST_GROWTH * n_deflated


class Members:
    """The members of an archive. Each is read once, and its size is checked before."""

    def __init__(self, archive, n_bytes):
        self._archive = archive
        self._unread_bytes, self._room = n_bytes, Room(n_bytes)
        self._read = set()
        self._streams = []

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

    def stream(self, name, limit):
        """Return the reader of a deflated member."""
        self._streams.append(StreamReader(self.read(name, limit), name, self._room))
        return self._streams[-1]

    def packed(self, limit):
        """Return the parts in the one member that holds them all; None without it."""
        if PACKED_NAME not in self._archive.namelist():
            return None
        packed = PackedMembers(self.read(PACKED_NAME, limit), self._room)
        self.check_all_read()
        return packed

    def check_all_read(self):
        """Raise if the archive holds more than was read."""
        for stream in self._streams:
            stream.check_end()
        names = self._archive.namelist()
        if len(names) != len(self._read):
            unknown = sorted(set(names) - self._read)
            named = f", and does not know {unknown[0]!r:.100}" if unknown else ""
            raise ValueError(
                f"it holds {len(names)} members, not {len(self._read)}{named}"
            )


class PackedMembers:
    """The parts of a student in one deflated stream, each read in its turn."""

    def __init__(self, deflated, room):
        self._stream = StreamReader(deflated, PACKED_NAME, room)
        self._unread_bytes = _largest_parts(len(deflated))

    def read(self, name, limit):
        """Return the bytes of a part."""
        (size,) = self._stream.numbers(1, 4).tolist()
        self._count(name, size, limit)
        return self._stream.raw(size)

    def array(self, name, shape, dtype="float32"):
        """Return an array of the given shape and type."""
        size = math.prod(shape)
        self._count(name, size * np.dtype(dtype).itemsize, self._unread_bytes)
        return self._stream.array(size, dtype).reshape(shape)

    def stream(self, name, limit):
        """Return the reader of all parts, which reads terms in their turn."""
        return self._stream

    def check_all_read(self):
        """Raise if the stream holds more than was read."""
        self._stream.check_end()

    def _count(self, name, size, limit):
        """Count the bytes of a part that is read; raise if they are too many."""
        limit = min(limit, self._unread_bytes)
        if size > limit:
            raise ValueError(f"{name} has {size} bytes, over {limit}")
        self._unread_bytes -= size


def _array_header(shape, dtype):
    """Return the header of an array file. No other header is written or read."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": dtype.str, "fortran_order": False, "shape": tuple(shape)}
    )
    return header.getvalue()
