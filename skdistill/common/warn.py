"""Warnings that name the line of the user which they are about."""

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
    """Warn, and blame the line that called into skdistill or scikit-learn.

    scikit-learn wraps `fit`, and searches call it by joblib: their lines tell a
    user nothing.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_code.co_filename.startswith(_LIBRARIES):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)
