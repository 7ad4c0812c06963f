"""Values of Python as literals of JavaScript."""

import json
import math
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

# A number in JavaScript holds every integer up to this one.
_LAST_EXACT = 2**53 - 1

_LABEL_TYPES = (str, bool, int, float)


def literal(value: Any) -> str:
    """Return a label as a literal of JavaScript.

    Parameters
    ----------
    value : str, bool, int or float
        Label. An integer that a number in JavaScript cannot hold becomes a BigInt.

    Returns
    -------
    text : str
        Literal in ASCII. It cannot end the script of a page.

    Raises
    ------
    ValueError
        If the value has another type.
    """
    value = value.item() if isinstance(value, np.generic) else value
    if type(value) not in _LABEL_TYPES:
        raise ValueError(
            f"a label of type {type(value).__name__} cannot be written in JavaScript: "
            f"{value!r:.100}. Use strings, numbers or booleans"
        )
    if type(value) is int:
        return str(value) if abs(value) <= _LAST_EXACT else f"{value}n"
    if type(value) is float and not math.isfinite(value):
        return str(value).replace("inf", "Infinity").replace("nan", "NaN")
    return json.dumps(value).replace("<", "\\u003c")


def list_literal(values: Any) -> str:
    """Return labels as an array literal of JavaScript.

    Parameters
    ----------
    values : iterable of str, bool, int or float

    Returns
    -------
    text : str
    """
    return f"[{', '.join(map(literal, values))}]"


def array_literal(array: ArrayLike) -> str:
    """Return the bytes of an array in base 64; numbers are little-endian.

    Parameters
    ----------
    array : array-like

    Returns
    -------
    text : str
        String literal of JavaScript.
    """
    values = np.asarray(array)
    values = values.astype(values.dtype.newbyteorder("<"))
    return f'"{b64encode(values.tobytes()).decode()}"'


def object_literal(members: Mapping[str, str]) -> str:
    """Return an object on one line.

    Parameters
    ----------
    members : mapping of str to str
        Literal of each member.

    Returns
    -------
    text : str
    """
    return f"{{ {', '.join(f'{name}: {text}' for name, text in members.items())} }}"


def lines(brackets: str, items: Iterable[str], indent: str = "    ") -> str:
    """Return an object or array that has one part on each line.

    Parameters
    ----------
    brackets : {"{}", "[]"}
    items : iterable of str
        Parts.
    indent : str, default="    "
        Spaces before each part.

    Returns
    -------
    text : str
    """
    opening, closing = brackets[0], brackets[1]
    inner = "".join(f"{indent}{item},\n" for item in items)
    return f"{opening}\n{inner}{indent[2:]}{closing}"
