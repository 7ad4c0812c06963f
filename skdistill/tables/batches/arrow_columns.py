"""A column of Arrow as numbers or as levels, without an object for each cell."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from skdistill.tables.batches.batch import Role
from skdistill.tables.batches.text_cells import NO_WORDS, coded_texts
from skdistill.tables.cells import check_cell_type, date_error, to_scalar
from skdistill.tables.levels import used_levels
from skdistill.tables.read import CodedColumn, check_range
from skdistill.tables.texts import MISSING_WORDS


def code_column(name: str, array: Any) -> CodedColumn:
    """Return a column of typed values, read as pandas would hand them to a student.

    Parameters
    ----------
    name : str
    array : Array
        Numbers, truth values, texts or a dictionary of any of these.

    Returns
    -------
    column : CodedColumn

    Raises
    ------
    ValueError
        If the column holds dates, bytes, lists, or numbers that are too large.
    """
    kind = array.type
    if _is_text(kind) or pa.types.is_binary(kind):
        array = array.dictionary_encode()
        kind = array.type
    if pa.types.is_dictionary(kind):
        return _of_dictionary(name, array)
    if pa.types.is_boolean(kind):
        codes = array.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False)
        return CodedColumn(repr(name), [False, True], codes.astype(np.intp))
    if pa.types.is_temporal(kind):
        raise date_error(repr(name), kind)
    if pa.types.is_null(kind):
        return CodedColumn(repr(name), None, np.full(len(array), np.nan))
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind):
        array = array.cast(pa.float64(), safe=False)
    elif pa.types.is_float16(kind):
        array = array.cast(pa.float32())
    elif not pa.types.is_floating(kind):
        raise _kind_error(name, kind)
    numbers = array.to_numpy(zero_copy_only=False)
    check_range(repr(name), numbers)
    return CodedColumn(repr(name), None, numbers)


def code_texts(
    name: str,
    array: Any,
    role: Role,
    words: Mapping[str, str | float] = NO_WORDS,
) -> CodedColumn:
    """Return a column of CSV, in which all cells are texts, as its role says.

    Parameters
    ----------
    name : str
    array : StringArray
        Texts, of which the missing ones are null.
    role : Role
    words : mapping of str to str or float, default={}
        Values of texts that have a meaning of their own in this column.

    Returns
    -------
    column : CodedColumn

    Raises
    ------
    ValueError
        If the role is numbers, and a text is none.
    """
    if role is Role.NUMBERS:
        numbers = _cast(array)
        if numbers is not None:
            check_range(repr(name), numbers)
            return CodedColumn(repr(name), None, numbers)
    coded = array.dictionary_encode()
    texts = coded.dictionary.to_pylist()
    return coded_texts(name, role, texts, dictionary_codes(coded), words)


def without_views(array: Any) -> Any:
    """Return an array with texts and bytes that all functions of pyarrow take.

    Polars writes texts as views, which few functions take.

    Parameters
    ----------
    array : Array

    Returns
    -------
    array : Array
        The same array if it holds no views.
    """
    kind = array.type
    if pa.types.is_dictionary(kind) and _of_view(kind.value_type):
        levels = without_views(array.dictionary)
        return pa.DictionaryArray.from_arrays(
            array.indices, levels, ordered=kind.ordered
        )
    plain = _of_view(kind)
    if plain is None:
        return array
    try:
        return array.cast(plain)
    except pa.ArrowNotImplementedError:  # Before pyarrow 17.
        return pa.array(array.to_pylist(), plain)


def _of_view(kind):
    """Return the type that a type of views stands for, or None for another type."""
    return {"string_view": pa.large_string(), "binary_view": pa.large_binary()}.get(
        str(kind)
    )


def _cast(array):
    """Return texts as numbers, or None if some of them need a closer look."""
    numbers = _cast_plain(array)
    if numbers is None:
        words = pa.array(sorted(MISSING_WORDS), array.type)
        array = pc.if_else(pc.is_in(array, words), pa.scalar(None, array.type), array)
        numbers = _cast_plain(array)
    return numbers


def _cast_plain(array):
    """Return texts as numbers, or None if one is none. NaN marks null alone."""
    try:
        numbers = array.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    values = numbers.to_numpy(zero_copy_only=False)
    # Arrow reads NAN and nan(1) as numbers.
    return values if np.isnan(values).sum() == numbers.null_count else None


def _of_dictionary(name, array):
    """Return the levels of a column that is a dictionary."""
    codes, dictionary = dictionary_codes(array), array.dictionary
    if pa.types.is_temporal(dictionary.type):
        raise date_error(repr(name), dictionary.type)
    if pa.types.is_nested(dictionary.type):
        raise _kind_error(name, dictionary.type)
    if len(dictionary) > len(codes):
        used, codes = used_levels(codes)
        dictionary = dictionary.take(pa.array(used))
    cells = dictionary.to_pylist()
    if dictionary.null_count:
        present = np.array([cell is not None for cell in cells])
        places = np.append(np.where(present, np.cumsum(present) - 1, -1), -1)
        cells = [cell for cell in cells if cell is not None]
        codes = places[codes]
    labels = cells
    if not _is_text(dictionary.type):
        for cell_type in set(map(type, cells)):
            check_cell_type(repr(name), cell_type)
        labels = list(map(to_scalar, cells))
        if any(isinstance(label, float) and np.isinf(label) for label in labels):
            raise ValueError(
                f"column {name!r} of X holds infinity among its categories"
            )
    return CodedColumn(repr(name), labels, codes)


def dictionary_codes(array: Any) -> NDArray[np.intp]:
    """Return the indices of an array of a dictionary. A missing value has -1."""
    indices = array.indices
    if indices.null_count:
        if pa.types.is_unsigned_integer(indices.type):
            indices = indices.cast(pa.int64())
        indices = indices.fill_null(-1)
    return indices.to_numpy(zero_copy_only=False).astype(np.intp, copy=False)


def _is_text(kind):
    """Tell whether a type holds texts."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _kind_error(name, kind):
    """Return the error for a type that is neither numbers nor levels."""
    return ValueError(
        f"column {name!r} of X holds {kind}, and the student takes numbers, text and "
        "truth values: convert the column first"
    )
