"""Warn about a line of the user's own code."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import joblib
import sklearn

_LIBRARIES = tuple(
    os.path.join(folder, "")
    for folder in (Path(__file__).parent.parent, *sklearn.__path__, *joblib.__path__)
)

_collected: ContextVar[list[str] | None] = ContextVar("collected", default=None)


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Collect what `warn` would show, for somebody who sees no output of this process.

    Other threads of the process go on to warn.

    Yields
    ------
    messages : list of str
    """
    messages: list[str] = []
    token = _collected.set(messages)
    try:
        yield messages
    finally:
        _collected.reset(token)


def warn(message):
    """Warn, and name the user's line that called skdistill or scikit-learn.

    scikit-learn wraps `fit`, and a search calls it through joblib. The lines of
    these libraries tell a user nothing.

    Parameters
    ----------
    message : str
        Text of the warning.
    """
    collected = _collected.get()
    if collected is not None:
        collected.append(message)
        return
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_code.co_filename.startswith(_LIBRARIES):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)
