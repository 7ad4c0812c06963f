"""Cells of a table: the types that are read, and the errors for all others.

Only NumPy is imported.
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from os import PathLike

import numpy as np

_MISSING_TYPES = {"NoneType", "NAType", "NaTType"}
_DATE_TYPES = (
    datetime.date,
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
)
_ACCEPTED_TYPES = (str, int, float, np.bool_, np.integer, np.floating, Decimal)
_REFUSED_TYPES = (*_DATE_TYPES, complex, np.complexfloating, bytes, bytearray)
# The remedy for free texts, as a part of a sentence.
TEXTS_TO_NUMBERS = (
    "a vectorizer turns each text into numbers, for example "
    "make_pipeline(TfidfVectorizer(), model)"
)
_ACCEPTED = "numbers, text and truth values"


def is_missing(cell):
    """Tell whether a cell is None, NaN, or NA or NaT of pandas."""
    return type(cell).__name__ in _MISSING_TYPES or cell != cell


def to_scalar(cell):
    """Return a cell that is not missing as str, bool, int or float of Python."""
    if isinstance(cell, str):
        return str.__str__(cell)
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell)
    return int(cell) if isinstance(cell, (int, np.integer)) else float(cell)


def object_array(cells):
    """Return a list as an array of objects, one object for each cell."""
    array = np.empty(len(cells), dtype=object)
    # A whole list at once would become an array of more dimensions.
    for row, cell in enumerate(cells):
        array[row] = cell
    return array


def without_mask(X):
    """Return a masked array as an array in which hidden values are missing.

    Parameters
    ----------
    X : object

    Returns
    -------
    X : object
        Array with NaN in place of hidden values, if X was a masked array.
    """
    if not isinstance(X, np.ma.MaskedArray):
        return X
    if not np.ma.is_masked(X) or X.dtype.kind in "mMc":
        return np.asarray(X)
    if X.dtype.kind == "f":
        return X.filled(np.nan)
    if X.dtype.kind in "biu":
        return X.astype(np.float64).filled(np.nan)
    cells = np.array(X, dtype=object)
    cells[np.ma.getmaskarray(X)] = np.nan
    return cells


def is_refused(cell_type):
    """Tell whether a type is neither a number nor a level: dates, bytes, complex."""
    return issubclass(cell_type, _REFUSED_TYPES) or is_date(cell_type)


def is_date(cell_type):
    """Tell whether a type is one of dates, times or durations."""
    return issubclass(cell_type, _DATE_TYPES) or cell_type.__name__ == "Period"


def check_cell_type(name, cell_type):
    """Raise an error if cells of a type are neither numbers nor levels.

    Parameters
    ----------
    name : str or int
        Name of the column for the message.
    cell_type : type

    Raises
    ------
    ValueError
        If the type is not accepted.
    """
    if cell_type.__name__ in _MISSING_TYPES:
        return
    if is_date(cell_type):
        raise date_error(name, cell_type.__name__)
    if issubclass(cell_type, _ACCEPTED_TYPES):
        return
    if issubclass(cell_type, (complex, np.complexfloating)):
        raise complex_error(name, cell_type.__name__)
    if issubclass(cell_type, (bytes, bytearray)):
        raise ValueError(
            f"column {name} of X holds bytes, and the student takes {_ACCEPTED}: "
            "decode the column first, for example by .decode()"
        )
    raise ValueError(
        f"column {name} of X holds cells of type {cell_type.__name__}, and the student "
        f"takes {_ACCEPTED}: convert the column first, for example by str()"
    )


def check_no_fields(X):
    """Raise if X is a structured array, whose cells are whole rows."""
    fields = getattr(getattr(X, "dtype", None), "names", None)
    if isinstance(fields, tuple):
        raise ValueError(
            f"X is a structured array with the fields {list(fields)!r:.100}: give a "
            "frame, for example pandas.DataFrame(X)"
        )


def check_is_table(X):
    """Raise if X is none of the forms that hold a table; X is an object."""
    if X is None:
        raise ValueError("Expected a 2D table, got X=None: give a frame or an array")
    if isinstance(X, (str, PathLike)):
        raise ValueError(
            f"X is {str(X)!r:.100}, a text or a path, not a table: read the file, for "
            "example by pandas.read_csv"
        )
    if isinstance(X, Mapping):
        raise ValueError(
            "X is a dictionary: give a frame, pandas.DataFrame(X). A fitted student, "
            "student_, takes dictionaries too"
        )
    if isinstance(X, (list, tuple)):
        if any(isinstance(row, Mapping) for row in X):
            raise ValueError(
                "X is a list of dictionaries: give a frame, pandas.DataFrame(X). A "
                "fitted student, student_, takes dictionaries too"
            )
        if not len(X):
            raise ValueError(
                "Expected a 2D table, got X with 1 dimension(s), an empty list: give a "
                "frame without rows, or an array of shape (0, n_features)"
            )
    if hasattr(X, "iloc") and hasattr(X, "to_frame"):
        raise ValueError(
            f"Expected a 2D table, got X with 1 dimension(s), a {type(X).__name__}. "
            "Reshape your data: X.to_frame() if it is one column, X.to_frame().T if "
            "it is one row"
        )


def check_no_texts(X):
    """Raise if X is a list of texts in place of a table.

    Parameters
    ----------
    X : array-like
    """
    if not isinstance(X, (list, tuple)) and len(np.shape(X)) != 1:
        return
    if len(X) and all(isinstance(text, str) for text in X):
        raise ValueError(
            f"X is a list of texts, not a table: {TEXTS_TO_NUMBERS}. If the texts are "
            "categories, give rows: [[text] for text in X] if they are one column, [X] "
            "if they are one row"
        )


def complex_error(name, kind):
    """Return the error for a column of complex numbers; kind is their type."""
    return ValueError(
        f"Complex data not supported: column {name} of X holds {kind}, and the student "
        f"takes {_ACCEPTED}"
    )


def date_error(name, kind):
    """Return the error for a column of dates or times; kind is their type."""
    return ValueError(
        f"column {name} of X holds dates or times ({kind}): convert it to numbers "
        "first, for example days since a date, month or weekday"
    )
