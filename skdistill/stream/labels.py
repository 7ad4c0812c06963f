"""Labels of classes in the column of targets of a batch."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from skdistill.stream.files import Columns
from skdistill.tables.batches.arrow_columns import dictionary_codes
from skdistill.tables.texts import is_missing_word


def labels_of(table: Any, columns: Columns) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the labels of a batch, and the index of each row's label, or -1.

    In CSV, words such as "NA" stand for a missing label.
    """
    if not columns.targets:
        return [], np.full(table.num_rows, -1)
    labels, codes = label_codes(table.column(columns.targets[0]))
    if not columns.are_texts:
        return labels, codes
    missing = [
        place
        for place, label in enumerate(labels)
        if label is not None and is_missing_word(label)
    ]
    return labels, np.where(np.isin(codes, missing), -1, codes)


def label_codes(array: Any) -> tuple[list[Any], np.ndarray]:
    """Return the labels of a column, and the index of the label of each row.

    Parameters
    ----------
    array : Array
        Labels. A missing one is null, or NaN.

    Returns
    -------
    labels : list
    codes : ndarray of shape (n_rows,), int
        -1 for a row without a label.
    """
    array = array.combine_chunks() if hasattr(array, "combine_chunks") else array
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    labels, codes = array.dictionary.to_pylist(), dictionary_codes(array)
    missing = [i for i, label in enumerate(labels) if label is None or label != label]
    if missing:
        codes = np.where(np.isin(codes, missing), -1, codes)
    return labels, codes
