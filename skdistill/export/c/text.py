"""Pieces of C source: names, literals, comments and arrays of constants."""

import re
import unicodedata

import numpy as np

_WIDTH = 88

# Letters and digits with single underscores between them. C++ reserves other names.
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_LONGEST_NAME = 40

# Every compiler of C99 accepts strings of this number of bytes.
_LONGEST_STRING = 4095

_C_TYPES = {
    np.dtype(name): f"{name}_t"
    for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32")
} | {
    np.dtype("float64"): "double",
    np.dtype("float32"): "float",
    np.dtype("float16"): "uint16_t",
}


def check_prefix(prefix):
    """Raise unless names in C can begin with a prefix."""
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"prefix={prefix!r} cannot begin a name in C: use letters without accents "
            "and digits, a letter first, with single underscores between them"
        )


def name_part(text):
    """Return a text as part of a name in C, "Zürich (ZH)" as "Zurich_ZH"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"^-(?=[0-9])", "minus_", plain)
    return re.sub(r"[^A-Za-z0-9]+", "_", plain)[:_LONGEST_NAME].strip("_")


def unique_names(candidates):
    """Return names that all differ: a repeated name gets a number at its end."""
    names = {}
    for candidate in candidates:
        name, number = candidate, 2
        while name in names:
            name, number = f"{candidate}_{number}", number + 1
        names[name] = None
    return list(names)


def string_literal(text):
    """Return a text as a string literal in UTF-8.

    Raises
    ------
    ValueError
        If a string in C cannot hold the text.
    """
    content = text.encode("utf-8", "surrogatepass")
    if b"\0" in content:
        raise ValueError(f"the label {text!r:.100} holds a zero, which ends text in C")
    if len(content) > _LONGEST_STRING:
        raise ValueError(
            f"the label {text!r:.50} has {len(content)} bytes: C99 guarantees strings "
            f"of {_LONGEST_STRING} bytes"
        )
    return f'"{"".join(map(_escaped_byte, content))}"'


def comment_text(value):
    """Return a name, label or level as text for a comment.

    The result contains nothing that begins or ends a comment, and nothing invisible.
    """
    if not isinstance(value, str):
        return str(value)
    escaped = [
        character
        if character.isprintable() and character not in '"\\*?'
        else "".join(
            rf"\{byte:03o}" for byte in character.encode("utf-8", "surrogatepass")
        )
        for character in value
    ]
    return f'"{"".join(escaped)}"'


def float_literals(values):
    """Return numbers of single precision in their shortest exact form."""
    # NumPy prints a float32 with just the digits that identify it.
    return [f"{text}f" for text in np.asarray(values, np.float32).ravel().astype(str)]


def array(name, values):
    """Return the definition of an array of constants in C.

    Parameters
    ----------
    name : str
    values : ndarray
        Values, written in C order. A float16 is written as the integer of its bits.

    Returns
    -------
    source : str
    """
    values = np.asarray(values)
    if values.dtype == np.float32:
        literals = float_literals(values)
    elif values.dtype == np.float64:
        literals = list(map(repr, values.ravel().tolist()))
    elif values.dtype == np.float16:
        literals = list(map(str, values.ravel().view(np.uint16).tolist()))
    else:
        literals = list(map(_integer_literal, values.ravel().tolist()))
    head = f"static const {_C_TYPES[values.dtype]} {name}[{values.size}] = {{"
    return "\n".join([head, *_lines(literals), "};"]) + "\n"


def comment(text):
    """Return lines of text as one comment."""
    lines = [f" * {line}".rstrip() for line in text.splitlines()]
    return "\n".join(["/*", *lines, " */"]) + "\n"


def _escaped_byte(byte):
    """Return a byte of a string literal."""
    character = chr(byte)
    # A question mark may begin a trigraph.
    if 32 <= byte < 127 and character not in '"\\?':
        return character
    return rf"\{byte:03o}"


def _integer_literal(value):
    # C reads -2147483648 as minus 2147483648, which is not an int.
    return "INT32_MIN" if value == np.iinfo(np.int32).min else str(value)


def _lines(literals):
    """Yield the elements of an array in lines of bounded width."""
    line, size = [], 0
    for literal in literals:
        if line and size + len(literal) + 2 > _WIDTH - 4:
            yield f"    {', '.join(line)},"
            line, size = [], 0
        line.append(literal)
        size += len(literal) + 2
    yield f"    {', '.join(line)}"
