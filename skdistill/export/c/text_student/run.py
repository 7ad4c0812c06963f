"""A program in C that reads texts and writes the answers of a header."""

import re
from typing import Any

import numpy as np

from skdistill.export.c.program import calls

_PREDICT = re.compile(
    r"^static inline int (?P<prefix>\w+)_predict\(\s*(?P=prefix)_work \*work, "
    r"(?P<texts>const char \*text, size_t size|const \w+ texts\[\w+\])"
    r"(?:,\s*(?P<type>\w+) (?P<answers>\w+)\[\w+\])?\)$",
    re.M,
)

_MAIN = """\
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "student.h"

static {prefix}_work work;
{arrays}
int main(void)
{{
    static {type} texts[{prefix}_n_texts];
    char *bytes;
    uint32_t size;
    int indices[2];
    int column = 0;
    int j;
    while (fread(&size, sizeof size, 1, stdin) == 1) {{
        /* A text ends where its memory ends. */
        bytes = (char *)malloc(size > 0u ? size : 1u);
        if (!bytes || fread(bytes, 1, size, stdin) != size) {{
            return 1;
        }}
        texts[column].bytes = bytes;
        texts[column].size = size;
        if (++column < {prefix}_n_texts) {{
            continue;
        }}
{calls}        while (column > 0) {{
            free((char *)texts[--column].bytes);
        }}
    }}
    return 0;
}}
"""

_REASONS = {
    -2: "it is not UTF-8",
    -3: 'it holds a character that the header does not know: give letters="all"',
}


def text_main_source(header: str) -> str | None:
    """Return a program that reads texts and writes answers.

    Parameters
    ----------
    header : str
        Text of a header, which the program includes as ``student.h``.

    Returns
    -------
    source : str or None
        Program in C. It reads the number of bytes of each text, uint32, and the bytes.
        It writes what `main_source` says. None if the header takes no texts.
    """
    found = _PREDICT.search(header)
    if found is None:
        return None
    prefix, is_one = found["prefix"], "*text" in found["texts"]
    arguments = "texts[0].bytes, texts[0].size" if is_one else "texts"
    return _MAIN.format(
        prefix=prefix,
        type="struct { const char *bytes; size_t size; }"
        if is_one
        else f"{prefix}_text",
        **calls(found, prefix, f"&work, {arguments}", is_float=True),
    )


def bytes_of_texts(columns: list[list[str]]) -> bytes:
    """Return texts as the program of `text_main_source` reads them.

    Parameters
    ----------
    columns : list of list of str
        Texts of each text column.

    Returns
    -------
    given : bytes

    Raises
    ------
    ValueError
        If UTF-8 cannot hold a text.
    """
    parts = []
    for row, texts in enumerate(zip(*columns, strict=True)):
        for text in texts:
            try:
                content = text.encode()
            except UnicodeEncodeError as error:
                raise ValueError(
                    f"text {row} holds {text[error.start]!r}, half a pair of "
                    "surrogates, which UTF-8 cannot hold"
                ) from None
            parts += [np.uint32(len(content)).tobytes(), content]
    return b"".join(parts)


def reason(index: int) -> str:
    """Return why a header of texts gave no answer.

    Parameters
    ----------
    index : int
        Number below zero that it returned.

    Returns
    -------
    reason : str
    """
    return _REASONS.get(index, "its logits are not finite")


def rows_of_texts(student: Any, X: Any) -> tuple[int, bytes]:
    """Return the number of rows of X, and their bytes for the program.

    Parameters
    ----------
    student : Student
        Student with `text`.
    X : array-like of str, or table of text columns

    Returns
    -------
    n_rows : int
    given : bytes

    Raises
    ------
    TypeError, ValueError
        If X holds something else than texts, or if UTF-8 cannot hold one.
    """
    columns = student.text.read(X).columns
    return len(columns[0]), bytes_of_texts(columns)
