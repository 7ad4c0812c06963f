"""Classes of characters as Python knows them, for programs with another Unicode."""

import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_N_CODE_POINTS = 0x110000


def _is_unknown(character):
    return unicodedata.category(character) == "Cn"


def _is_combining(character):
    return unicodedata.combining(character) != 0


def _ends_a_word(before):
    """Tell whether a capital sigma after a text is the last letter of a word."""
    return (before + "\u03a3").lower()[-1] == "\u03c2"


def _is_ignorable(character):
    return _ends_a_word("a" + character) and not _ends_a_word(character)


# "unknown" are characters of a later Unicode. The last two decide the lower case of a
# capital sigma: ignorable characters count as absent.
CLASSES: dict[str, Callable[[str], bool]] = {
    "unknown": _is_unknown,
    "combining": _is_combining,
    "spaces": str.isspace,
    "cased": _ends_a_word,
    "ignorable": _is_ignorable,
}


@cache
def ranges(name: str) -> list[tuple[int, int]]:
    """Return the ranges of code points of a class of characters.

    Parameters
    ----------
    name : {"unknown", "combining", "spaces", "cased", "ignorable"}

    Returns
    -------
    ranges : list of tuple of two int
        First code point of each range, and the one after its last.
    """
    inside = map(CLASSES[name], map(chr, range(_N_CODE_POINTS)))
    is_inside = np.fromiter(inside, bool, _N_CODE_POINTS)
    ends = np.flatnonzero(np.diff(is_inside, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def gaps(name: str) -> str:
    """Return a class of characters as the gaps between the ends of its ranges.

    Parameters
    ----------
    name : {"unknown", "combining", "spaces", "cased", "ignorable"}

    Returns
    -------
    text : str
        Numbers to base 36, with spaces between them.
    """
    last, numbers = 0, []
    for end in (end for pair in ranges(name) for end in pair):
        numbers.append(_to_base_36(end - last))
        last = end
    return " ".join(numbers)


def _to_base_36(number):
    """Return a number to base 36."""
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if not number:
            return text
