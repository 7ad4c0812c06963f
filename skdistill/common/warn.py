"""Warn about a line of the user's own code."""

import os
import sys
import warnings
from pathlib import Path

import joblib
import sklearn

_LIBRARIES = tuple(
    os.path.join(folder, "")
    for folder in (Path(__file__).parent.parent, *sklearn.__path__, *joblib.__path__)
)


def warn(message):
    """Warn, and name the user's line that called skdistill or scikit-learn.

    scikit-learn wraps `fit`, and a search calls it through joblib. The lines of
    these libraries tell a user nothing.

    Parameters
    ----------
    message : str
        Text of the warning.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_code.co_filename.startswith(_LIBRARIES):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)
