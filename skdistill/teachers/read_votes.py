"""Read the votes of annotators: plain labels or shares of classes, some missing."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array, issparse

from skdistill.common.labels import holds_text, known_columns, sorted_labels
from skdistill.tables.cells import is_missing, to_scalar, without_mask
from skdistill.tables.in_memory import in_memory

# Greatest distance from 1 of the sum of a soft vote.
_SUM_TOLERANCE = 1e-3
_GREATEST_WHOLE = 2.0**53
_SHAPES = (
    "give labels of shape (n_samples, n_annotators), or soft votes of shape "
    "(n_samples, n_annotators, n_classes)"
)
_LABEL_TYPES = (str, bool, int, float, np.bool_, np.integer, np.floating)


class Votes(NamedTuple):
    """The votes of annotators.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Labels, sorted.
    shares : CSR of shape (n_samples, n_annotators * n_classes)
        Votes as `skdistill.teachers.dawid_skene.dawid_skene` takes them.
    """

    classes: np.ndarray
    shares: Any

    @property
    def voted(self) -> np.ndarray:
        """Truth value of each row: whether anybody voted."""
        return np.diff(self.shares.indptr) > 0

    @property
    def are_plain(self) -> bool:
        """Whether each vote is for one class alone."""
        return bool((self.shares.data == 1.0).all())


def read_votes(votes: Any, missing: Any = None, classes: Any = None) -> Votes:
    """Return the votes of annotators in one form.

    Parameters
    ----------
    votes : array-like of shape (n_samples, n_annotators) or \
(n_samples, n_annotators, n_classes), or DataFrame of pandas or polars
        Labels, or soft votes. One column may come as an array of shape (n_samples,).
    missing : label, default=None
        Label that stands for no vote, beside None and NaN.
    classes : array-like of shape (n_classes,) or None, default=None
        Labels of the classes. Those of the columns of soft votes, in their order.

    Returns
    -------
    votes : Votes

    Raises
    ------
    ValueError
        If the votes are no labels and no probabilities, if all are missing, or if they
        name one class alone.
    """
    array = _as_array(votes)
    if array.ndim == 3:
        found = _read_soft(array, classes)
    else:
        found = _read_labels(array, missing, classes)
    if not found.shares.nnz:
        raise ValueError(
            f"votes are all missing: none of {array.shape[0]} rows has a vote. Give "
            "at least some votes. A label that stands for no vote is named by the "
            "parameter missing"
        )
    if len(found.classes) < 2:
        raise ValueError(
            f"votes name one class alone, {found.classes.tolist()[0]!r}: a classifier "
            "needs two. If there are more, name them by the parameter classes"
        )
    return found


def _as_array(votes):
    """Return votes as an array of two or three dimensions."""
    if votes is None:
        raise ValueError(
            "VotesTeacher requires y to be passed, but the target y is None: "
            f"y are the votes, {_SHAPES}"
        )
    if issparse(votes):
        raise ValueError("votes is sparse: give votes.toarray(), with no vote as NaN")
    if hasattr(votes, "collect") and not hasattr(votes, "to_numpy"):
        raise ValueError("votes is a lazy frame: give votes.collect()")
    votes = without_mask(in_memory(votes))
    if hasattr(votes, "to_numpy"):
        array = votes.to_numpy()
    elif isinstance(votes, (list, tuple)):
        # NumPy would make texts of numbers and of None beside texts.
        array = np.asarray(_with_blank_votes(map(_row, votes)), dtype=object)
    else:
        array = np.asarray(votes)
    array = array[:, np.newaxis] if array.ndim == 1 else array
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ValueError(f"votes has shape {np.shape(votes)}: {_SHAPES}")
    if array.dtype == object and any(
        isinstance(cell, (list, tuple, np.ndarray)) for cell in array[:, 0].flat
    ):
        raise ValueError(
            f"votes holds rows of different lengths: {_SHAPES}, with None where "
            "somebody did not vote"
        )
    return array


def _row(row):
    return row.tolist() if hasattr(row, "tolist") else row


def _with_blank_votes(rows):
    """Return rows in which a None among soft votes is a vote of NaN for all classes."""
    rows = list(rows)
    lengths = {
        len(cell)
        for row in rows
        if isinstance(row, list | tuple)
        for cell in row
        if isinstance(cell, list | tuple | np.ndarray)
    }
    if len(lengths) != 1:
        return rows
    blank = [np.nan] * lengths.pop()
    return [
        [blank if np.ndim(cell) == 0 and is_missing(cell) else cell for cell in row]
        if isinstance(row, list | tuple)
        else row
        for row in rows
    ]


def _read_labels(array, missing, classes):
    """Return votes that are labels."""
    n_samples, n_annotators = array.shape
    present, labels = present_labels(array.ravel(), "votes", missing, _SHAPES)
    if classes is None:
        classes, columns = np.unique(labels, return_inverse=True)
    else:
        classes = sorted_labels(classes, "classes")
        columns = known_columns(labels, classes, "votes") if len(labels) else []
    places = np.flatnonzero(present)
    rows, annotators = np.divmod(places, n_annotators)
    where = annotators * len(classes) + np.asarray(columns, dtype=np.intp)
    shape = n_samples, n_annotators * len(classes)
    return Votes(classes, csr_array((np.ones(len(rows)), (rows, where)), shape=shape))


def present_labels(
    cells: np.ndarray, name: str, missing: Any = None, advice: str = "give labels"
) -> tuple[np.ndarray, np.ndarray]:
    """Tell which cells are present, and return these as labels of one type.

    Parameters
    ----------
    cells : ndarray of shape (n_cells,)
        Labels. None and NaN mark missing ones.
    name : str
        Name of the cells in errors.
    missing : label, default=None
        Label that marks a missing one, too.
    advice : str
        Start of a sentence that says what to give.

    Returns
    -------
    present : ndarray of shape (n_cells,), bool
    labels : ndarray of shape (n_present,)
        Text, whole numbers or truth values.

    Raises
    ------
    ValueError
        If a cell is no label, or if text and numbers are mixed.
    """
    if cells.dtype.kind == "f":
        present = ~np.isnan(cells)
    elif cells.dtype == object:
        present = np.array([not is_missing(cell) for cell in cells], dtype=bool)
    else:
        present = np.ones(cells.shape, dtype=bool)
    if missing is not None and not is_missing(missing):
        present[present] = ~_are_equal(cells[present], missing)
    return present, _as_labels(cells[present], name, advice)


def _are_equal(cells, label):
    """Tell which cells are a label. Text and numbers are never the same label."""
    if cells.dtype == object:
        is_text = isinstance(label, str)
        same = [isinstance(cell, str) == is_text and cell == label for cell in cells]
        return np.array(same, dtype=bool)
    if holds_text(cells) != isinstance(label, str):
        return np.zeros(cells.shape, dtype=bool)
    return cells == label


def _as_labels(cells, name, advice):
    """Return present cells as labels of one type."""
    if cells.dtype == object:
        kinds = set(map(type, cells))
        for kind in kinds:
            if not issubclass(kind, _LABEL_TYPES):
                raise ValueError(
                    f"{name} holds cells of type {kind.__name__}: give labels that are "
                    "text, whole numbers or truth values"
                )
        if holds_text(cells) and not all(issubclass(kind, str) for kind in kinds):
            raise ValueError(
                f"{name} mixes text and numbers, {cells[:5].tolist()!r:.100}: give "
                "labels of one type, and None where there is none"
            )
        cells = np.array([to_scalar(cell) for cell in cells])
    if cells.dtype.kind not in "biufU":
        if cells.dtype.kind == "c":
            raise ValueError(f"Complex data not supported: {name} holds {cells.dtype}")
        raise ValueError(
            f"{name} is of type {cells.dtype}: give labels that are text, whole "
            "numbers or truth values"
        )
    if cells.dtype.kind != "f":
        return cells
    # Beyond the greatest float that is exact, labels might be mixed up.
    is_whole = (cells == np.floor(cells)) & (np.abs(cells) <= _GREATEST_WHOLE)
    if not is_whole.all():
        raise ValueError(
            f"{name} holds {cells[~is_whole][0]}, and continuous numbers are no "
            f"labels: {advice}. A label is text, a whole number or a truth value"
        )
    # Only missing cells have made floats of whole numbers.
    return cells.astype(np.int64)


def _read_soft(array, classes):
    """Return votes that are shares of the classes."""
    try:
        array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"votes of shape {array.shape} are soft votes, and hold cells that are no "
            f"numbers ({error})"
        ) from error
    n_samples, n_annotators, n_classes = array.shape
    if classes is None:
        order = classes = np.arange(n_classes)
    else:
        given, classes = np.asarray(classes), sorted_labels(classes, "classes")
        order = np.argsort(given)
    if len(classes) != n_classes:
        raise ValueError(
            f"votes has shape {array.shape}, soft votes of {n_classes} classes, and "
            f"the parameter classes names {len(classes)}"
        )
    absent = np.isnan(array).all(axis=2)
    array = np.where(absent[:, :, np.newaxis], 0.0, array)
    wrong = ~absent & ~_are_shares(array)
    if wrong.any():
        row, annotator = np.argwhere(wrong)[0]
        raise ValueError(
            f"the soft vote of annotator {annotator} on row {row} is "
            f"{array[row, annotator].tolist()!r:.100}: give numbers from 0 to 1 that "
            "sum to 1, or NaN for all classes if there is no vote"
        )
    shape = n_samples, n_annotators * n_classes
    return Votes(classes, csr_array(array[:, :, order].reshape(shape)))


def _are_shares(array):
    """Tell which votes are numbers from 0 to 1 that sum to 1."""
    sums = array.sum(axis=2)
    within = ((array >= 0) & (array <= 1)).all(axis=2)
    return within & (np.abs(sums - 1.0) <= _SUM_TOLERANCE)
