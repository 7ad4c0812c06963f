"""The notes of a report of label sets: warnings for the reader."""

import numpy as np

from skdistill.common.text import counted
from skdistill.report.class_notes import NOTICED

# If the soft targets are nearer than this to 0 or 1, in the mean, they say little more
# than labels. The labels of a row may be many, and nearly all of them sure.
_NEARLY_NOTHING = 0.001


def constant_labels_note(rows, names):
    """Return a note on labels that all rows have, or none.

    Parameters
    ----------
    rows : AnsweredRows
    names : list
        Names of the labels.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    truth = rows.truth[rows.weights > 0]
    constant = np.flatnonzero(np.ptp(truth, axis=0) == 0)
    if not constant.size:
        return []
    shown = ", ".join(str(names[column]) for column in constant[:3])
    more = ", ..." if constant.size > 3 else ""
    what = "label is" if constant.size == 1 else "labels are"
    return [
        f"{constant.size} {what} the same in all of these {counted(len(truth), 'row')} "
        f"({shown}{more}). A label that all rows have or none has no ROC AUC, and F1 "
        "of a label that no row has is 0."
    ]


def nearly_labels_note(targets, weights, hamming_loss):
    """Return a note if soft targets are nearly 0 and 1, and advice.

    Parameters
    ----------
    targets : ndarray of shape (n_samples, n_labels)
        Soft targets, as probabilities.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    hamming_loss : float
        Share of the labels about which the teacher is wrong.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    distances = np.minimum(targets, 1.0 - targets).mean(axis=1)
    distance = np.average(distances, weights=weights)
    if distance >= _NEARLY_NOTHING:
        return []
    text = (
        f"The soft targets are nearly 0 and 1: they are {distance:.2g} from these in "
        "the mean, and so say little more than labels."
    )
    if hamming_loss > 2 * distance:
        text += (
            f" The teacher is wrong about {100 * hamming_loss:.1f} % of the labels, so "
            'it is too sure: calibrate it (calibrate_teacher="refit", or cv).'
        )
    return [text]


def temperatures_note(temperatures):
    """Return a note if the student learned other logits than the teacher's.

    Parameters
    ----------
    temperatures : ndarray of shape (n_labels,)
        Number that the teacher's logits of each label were divided by.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    low, high = np.min(temperatures), np.max(temperatures)
    if max(high - 1.0, 1.0 - low) <= NOTICED:
        return []
    return [
        "The student learned the teacher's logits divided by a temperature for each "
        f"label, {low:.2f} to {high:.2f}, because then they fit labels best. Therefore "
        "its probabilities differ from the teacher's on purpose."
    ]
