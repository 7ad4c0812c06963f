"""Tables of characters: how C lowers, strips and classes each one.

Lower case and the removal of accents look at one character, except for the capital
sigma. So a table says for each code point which characters it becomes, and to which
classes these belong. Characters that occur in no term need no exact answer: a term that
holds them is in no vocabulary. Therefore the table shrinks with the vocabulary.
"""

import re
from collections.abc import Iterator, Set
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.student.text.analysis import prepared

LETTERS = ("latin-1", "all")

# Code points of "latin-1": ASCII and Latin-1, then punctuation, currencies, arrows and
# signs, selectors of variants, the replacement character, and pictures.
CLAIMED = (
    (0x0000, 0x00FF),
    (0x2000, 0x206F),
    (0x20A0, 0x20CF),
    (0x2190, 0x23FF),
    (0x2500, 0x2BFF),
    (0xFE00, 0xFE0F),
    (0xFFFD, 0xFFFD),
    (0x1F300, 0x1FAFF),
)

_BEYOND_ASCII = 0x80
_ASCII = "".join(map(chr, range(_BEYOND_ASCII)))

# Elsewhere no character has a case, a decomposition or a class: as the last of these.
_USED = ((0, 0x3FFFF), (0xE0000, 0xE0FFF), (0xF0000, 0xF0000))
_END = 0x110000

_SURROGATES = (0xD800, 0xDFFF)
_HANGUL = (0xAC00, 0xD7A3)

# A character that no term holds. It is no code point.
OTHER = 0x1FFFFF

SPACE = 1

_SINGLE, _SEQUENCE, _SYLLABLE, _REFUSED = range(4)

# So many characters are looked at together, of which mostly none changes.
_AT_ONCE = 64

# So many runs lie behind one entry of the index.
_RUNS_OF_ENTRY = 16


class Runs(NamedTuple):
    """Numbers of code points, as runs of equal numbers.

    Attributes
    ----------
    data : ndarray of shape (n_bytes,), uint8
        Length of each run times 4, plus its number if that is below 3, else plus 3 with
        the number behind it. Each has 7 bits a byte; the high bit announces another.
    starts : ndarray of shape (n_entries,), uint32
        Index: the first code point of every sixteenth run.
    offsets : ndarray of shape (n_entries,), uint16
        Place in `data` of these runs.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.uint32]
    offsets: NDArray[Any]

    @property
    def nbytes(self) -> int:
        """Number of bytes."""
        return self.data.nbytes + self.starts.nbytes + self.offsets.nbytes


class Letters(NamedTuple):
    """Characters as some vectorizers read them.

    Attributes
    ----------
    lowercase : bool
    ascii_masks : ndarray of shape (128,), uint8
        Classes of what each character of ASCII becomes: bit 0 is white space, the
        others are the `tokens`.
    tokens : tuple of str
        Classes of the characters of tokens.
    runs : Runs
        Operation of each code point from 128 on.
    operations : ndarray of shape (n_operations,), uint32
        Kind in bits 0 and 1, classes in bits 2 to 5. Then for one character the number
        to add to the code point, modulo 2^21; for a sequence its start, and from bit 26
        its length.
    sequences : ndarray of shape (n,), uint32
        Characters, with their classes from bit 21.
    """

    lowercase: bool
    ascii_masks: NDArray[np.uint8]
    tokens: tuple[str, ...]
    runs: Runs
    operations: NDArray[np.uint32]
    sequences: NDArray[np.uint32]

    @property
    def nbytes(self) -> int:
        """Number of bytes."""
        arrays = (self.ascii_masks, self.operations, self.sequences)
        return self.runs.nbytes + sum(array.nbytes for array in arrays)


def letters_of(
    vectorizers: list[Any], alphabet: Set[int] | None, letters: str
) -> Letters:
    """Return what characters become in front of vectorizers.

    Parameters
    ----------
    vectorizers : list of TextVectorizer
        Vectorizers that agree in `lowercase` and `strip_accents`.
    alphabet : set of int or None
        Code points of all terms. None if each character matters, as for a hash.
    letters : {"latin-1", "all"}
        Code points that are claimed. All others are refused.

    Returns
    -------
    letters : Letters

    Raises
    ------
    ValueError
        If the vectorizers have more than three classes of tokens.
    """
    tokens = tuple(sorted({v.token[0] for v in vectorizers if v.token is not None}))
    if len(tokens) > 3:
        raise ValueError(
            f"the vectorizers have {len(tokens)} token patterns of different "
            "characters, and C takes three"
        )
    first = vectorizers[0]
    points = _points(letters)
    characters = "".join(map(chr, points.tolist()))
    table = _Operations(alphabet, tokens)
    found = _SINGLE | table.masks_of(characters) << 2
    for place, text in _changed(first, characters):
        found[place] = table.of(ord(characters[place]), text)
    rest = _REFUSED if letters == "latin-1" else found[-1]
    operations = np.full(_END, rest, np.uint32)
    operations[points] = found
    operations = operations[_BEYOND_ASCII:]
    used, counts = np.unique(operations[_starts(operations)], return_counts=True)
    # The most frequent operations come first, because their places need no byte.
    order = np.argsort(-counts, kind="stable")
    return Letters(
        first.lowercase,
        table.masks_of(*prepared(first, [_ASCII])).astype(np.uint8),
        tokens,
        encoded(np.argsort(order)[np.searchsorted(used, operations)], _BEYOND_ASCII),
        used[order],
        np.array(table.sequences, np.uint32),
    )


def encoded(numbers: NDArray[Any], first: int) -> Runs:
    """Return numbers of code points as runs.

    Parameters
    ----------
    numbers : ndarray of shape (n_points,), int
        Number of each code point.
    first : int
        First code point.

    Returns
    -------
    runs : Runs
    """
    begins = _starts(numbers)
    lengths = np.diff(begins, append=len(numbers)).tolist()
    data = bytearray()
    offsets = []
    for place, (length, number) in enumerate(
        zip(lengths, numbers[begins].tolist(), strict=True)
    ):
        if place % _RUNS_OF_ENTRY == 0:
            offsets.append(len(data))
        data += _in_sevens(length * 4 + min(number, 3))
        if number >= 3:
            data += _in_sevens(number)
    return Runs(
        np.frombuffer(bytes(data), np.uint8),
        (begins[::_RUNS_OF_ENTRY] + first).astype(np.uint32),
        np.array(offsets, np.uint16),
    )


@cache
def sigma_context() -> Runs:
    """Return what decides whether a capital sigma ends a word.

    Returns
    -------
    runs : Runs
        For each code point 1 if it has a case, 2 if it is skipped, 0 otherwise.
    """
    kinds = np.zeros(_END, np.int64)
    for point in _points("all").tolist():
        # Python's own answers: a sigma is final behind a letter with a case, and what
        # is skipped may lie between.
        if f"A{chr(point)}Σ".lower()[-1] == "ς":
            kinds[point] = 1 if f"1{chr(point)}Σ".lower()[-1] == "ς" else 2
    return encoded(kinds, 0)


class _Operations:
    """Operations of characters that change, and the sequences that they name."""

    def __init__(self, alphabet: Set[int] | None, tokens: tuple[str, ...]) -> None:
        self.alphabet = alphabet
        self.classes = [re.compile(f"{one}+") for one in (r"\s", *tokens)]
        self.sequences: list[int] = []
        self.places: dict[tuple[int, ...], int] = {}

    def masks_of(self, text: str) -> NDArray[np.uint32]:
        """Return the classes of each character of a text."""
        masks = np.zeros(len(text), np.uint32)
        for bit, one in enumerate(self.classes):
            for found in one.finditer(text):
                masks[found.start() : found.end()] |= 1 << bit
        return masks

    def of(self, point: int, text: str) -> int:
        """Return the operation of a code point that becomes a text."""
        if not text:
            return _SEQUENCE
        masks = self.masks_of(text).tolist()
        if _HANGUL[0] <= point <= _HANGUL[1] and len(text) > 1:
            return _SYLLABLE | masks[0] << 2
        points = [p if self._matters(p) else OTHER for p in map(ord, text)]
        if len(points) == 1:
            if points[0] == OTHER and not self._matters(point):
                points = [point]
            return _SINGLE | masks[0] << 2 | (points[0] - point) % 2**21 << 6
        characters = tuple(
            p | mask << 21 for p, mask in zip(points, masks, strict=True)
        )
        if characters not in self.places:
            self.places[characters] = len(self.sequences)
            self.sequences += characters
        return _SEQUENCE | self.places[characters] << 6 | len(characters) << 26

    def _matters(self, point):
        return self.alphabet is None or point in self.alphabet


def _points(letters: str) -> NDArray[np.int64]:
    """Return the code points that need an answer of their own."""
    ranges = _USED if letters == "all" else CLAIMED
    points = np.concatenate([np.arange(low, high + 1) for low, high in ranges])
    return points[(points < _SURROGATES[0]) | (points > _SURROGATES[1])]


def _changed(vectorizer: Any, characters: str) -> Iterator[tuple[int, str]]:
    """Yield place and new text of the characters that become another text."""
    for start in range(0, len(characters), _AT_ONCE):
        some = characters[start : start + _AT_ONCE]
        (together,) = prepared(vectorizer, [some])
        if together == some:
            continue
        texts = prepared(vectorizer, [*some]) if together else [""] * len(some)
        for place, (character, text) in enumerate(zip(some, texts, strict=True), start):
            if text != character:
                yield place, text


def _starts(numbers: NDArray[Any]) -> NDArray[np.intp]:
    """Return the place where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(numbers, prepend=numbers[0] + 1))


def _in_sevens(number: int) -> bytes:
    """Return a number in bytes of seven bits, the least first."""
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
