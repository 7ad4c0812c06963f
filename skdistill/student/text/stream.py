"""Terms and whole numbers in one deflated stream, for the file of a student.

The bytes of numbers are written by their place: first the lowest byte of all numbers,
then the next. So bytes that are alike stand together.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Greatest length of a term in UTF-8, as two bytes write it.
LONGEST_TERM = 2**16 - 1

# Bound of all inflated streams: as many bytes as this, and a multiple of the file's.
_LEAST_BOUND = 2**20
_MOST_GROWTH = 8

# Bound of the memory of all terms, and what a term takes beside its characters.
_LEAST_TERMS = 2**23
_MOST_GROWTH_OF_TERMS = 32
_TERM = 64

# Memory of zlib from 1 to 9. With little memory, symbols get their codes anew every few
# hundred bytes, and the parts of a stream need different codes.
_MEMORY = 4


def largest_inflated(n_deflated: int) -> int:
    """Return the greatest number of bytes that the streams of a file may inflate to.

    Parameters
    ----------
    n_deflated : int
        Number of bytes of the file, or of its deflated streams, which are fewer.

    Returns
    -------
    n_inflated : int
    """
    return _LEAST_BOUND + _MOST_GROWTH * n_deflated


class Room:
    """Memory that the streams of a file may take together: its size decides.

    Parameters
    ----------
    n_bytes : int
        Number of bytes of the file.

    Attributes
    ----------
    inflated : int
        Number of bytes that further streams may inflate to.
    """

    def __init__(self, n_bytes: int) -> None:
        self.inflated = largest_inflated(n_bytes)
        self._terms = self._bound = _LEAST_TERMS + _MOST_GROWTH_OF_TERMS * n_bytes

    def check(self, n_terms: int, n_bytes: int) -> None:
        """Raise if terms of so many bytes of UTF-8 take too much, whatever they are."""
        # No character takes less than half of its bytes in UTF-8.
        self._check(_TERM * n_terms + n_bytes // 2)

    def take(self, term: str) -> None:
        """Count a term; raise if all terms so far take too much memory."""
        # Python stores all characters of a text in the width of the greatest.
        greatest = 0 if term.isascii() else ord(max(term))
        width = 1 if greatest < 2**8 else 2 if greatest < 2**16 else 4
        self._terms -= _TERM + width * len(term)
        self._check(0)

    def _check(self, n_bytes):
        if n_bytes > self._terms:
            raise ValueError(f"its terms take more than {self._bound} bytes of memory")


class StreamWriter:
    """A stream that is written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    @property
    def n_bytes(self) -> int:
        """Number of bytes so far, as they are before they are deflated."""
        return sum(map(len, self._parts))

    def raw(self, content: bytes) -> None:
        """Write bytes as they are.

        Parameters
        ----------
        content : bytes
        """
        self._parts.append(content)

    def append(self, other: "StreamWriter") -> None:
        """Write all that another stream holds.

        Parameters
        ----------
        other : StreamWriter
        """
        self._parts += other._parts

    def numbers(self, values: NDArray[Any], n_bytes: int) -> None:
        """Write whole numbers of some bytes each.

        Parameters
        ----------
        values : ndarray of shape (n_values,), int
        n_bytes : int
        """
        wide = np.asarray(values).astype("<u8").reshape(-1, 1).view(np.uint8)
        self._parts.append(np.ascontiguousarray(wide[:, :n_bytes].T).tobytes())

    def array(self, values: NDArray[Any], dtype: str) -> None:
        """Write numbers of a type as they are, little-endian.

        Parameters
        ----------
        values : ndarray of shape (n_values,)
        dtype : str
        """
        kind = np.dtype(dtype).newbyteorder("<")
        self._parts.append(np.asarray(values).astype(kind).tobytes())

    def terms(self, terms: Sequence[str]) -> None:
        """Write terms: what each shares with the one before, and its other bytes.

        Parameters
        ----------
        terms : sequence of str
            Terms of at most `LONGEST_TERM` bytes. The rest of the stream is of no use
            beside a longer one.
        """
        shared, lengths, rests, before = [], [], [], b""
        for term in terms:
            encoded = term.encode("utf-8", "surrogatepass")
            common = _n_common(before, encoded)
            shared.append(common)
            lengths.append(len(encoded) - common)
            rests.append(encoded[common:])
            before = encoded
        self.numbers(np.array(shared, dtype=np.int64), 2)
        self.numbers(np.array(lengths, dtype=np.int64), 2)
        self._parts.append(b"".join(rests))

    def deflated(self) -> bytes:
        """Return the deflated stream."""
        deflater = zlib.compressobj(9, memLevel=_MEMORY)
        return deflater.compress(b"".join(self._parts)) + deflater.flush()


class StreamReader:
    """A stream that is read. It never grows beyond a bound.

    Parameters
    ----------
    deflated : bytes
    name : str, default="the stream"
        Name of the stream in messages.
    room : Room or None, default=None
        Memory that the streams of the file may take. None if this is the only one.

    Raises
    ------
    ValueError
        If the stream is damaged, or inflates to more than the bound.
    """

    def __init__(
        self, deflated: bytes, name: str = "the stream", room: Room | None = None
    ) -> None:
        self._name, self._room = name, Room(len(deflated)) if room is None else room
        # Zlib takes 0 for no bound.
        bound = max(1, self._room.inflated)
        inflater = zlib.decompressobj()
        try:
            self._left = memoryview(inflater.decompress(deflated, bound))
        except zlib.error as error:
            raise ValueError(f"{name} is damaged: {error}") from error
        if not inflater.eof or inflater.unused_data:
            raise ValueError(f"{name} ends early, or has over {bound} bytes")
        self._room.inflated -= len(self._left)

    def _take(self, n_bytes: int) -> memoryview:
        if n_bytes > len(self._left):
            raise ValueError(f"{self._name} ends early")
        taken, self._left = self._left[:n_bytes], self._left[n_bytes:]
        return taken

    def raw(self, n_bytes: int) -> bytes:
        """Read bytes as they are.

        Parameters
        ----------
        n_bytes : int

        Returns
        -------
        content : bytes
        """
        return bytes(self._take(n_bytes))

    def numbers(self, n_values: int, n_bytes: int) -> NDArray[np.int64]:
        """Read whole numbers of some bytes each.

        Parameters
        ----------
        n_values : int
        n_bytes : int

        Returns
        -------
        values : ndarray of shape (n_values,), int64
        """
        taken = np.frombuffer(self._take(n_values * n_bytes), np.uint8)
        values = np.zeros(n_values, dtype=np.int64)
        for place, part in enumerate(taken.reshape(n_bytes, n_values)):
            values |= part.astype(np.int64) << (8 * place)
        return values

    def array(self, n_values: int, dtype: str) -> NDArray[Any]:
        """Read numbers of a type.

        Parameters
        ----------
        n_values : int
        dtype : str

        Returns
        -------
        values : ndarray of shape (n_values,)
        """
        kind = np.dtype(dtype).newbyteorder("<")
        return np.frombuffer(self._take(n_values * kind.itemsize), kind)

    def terms(self, n_terms: int) -> tuple[str, ...]:
        """Read terms.

        Parameters
        ----------
        n_terms : int

        Returns
        -------
        terms : tuple of str

        Raises
        ------
        ValueError
            If a term is not UTF-8, or shares more than there is with the one before, or
            if all terms of the file take more memory than its size allows.
        """
        shared, lengths = self.numbers(n_terms, 2), self.numbers(n_terms, 2)
        self._room.check(n_terms, int(shared.sum() + lengths.sum()))
        rests = self.raw(int(lengths.sum()))
        terms: list[str] = []
        before, start = b"", 0
        for common, length in zip(shared.tolist(), lengths.tolist(), strict=True):
            if common > len(before):
                raise ValueError("a term shares more than there is")
            before = before[:common] + rests[start : start + length]
            start += length
            terms.append(before.decode())
            self._room.take(terms[-1])
        return tuple(terms)

    def check_end(self) -> None:
        """Raise if the stream holds more than was read."""
        if len(self._left):
            raise ValueError(f"{self._name} holds {len(self._left)} bytes too many")


def _n_common(one, other):
    """Return the number of bytes that two begin with in common."""
    n_bytes = min(len(one), len(other))
    for place in range(n_bytes):
        if one[place] != other[place]:
            return place
    return n_bytes
