"""Run an ONNX model on rows, with ONNX Runtime."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.export.onnx.inputs import model_feeds, output_names
from skdistill.export.onnx.text_inputs import feed_ends, text_feeds, text_inputs
from skdistill.student.student import Student

_BLOCK_ROWS = 4096


def run(student: Student, artefact: Path, X: Any) -> tuple[NDArray, NDArray]:
    """Return decisions and answers.

    Parameters
    ----------
    student : Student
        Exported student.
    artefact : Path
        Path of the model.
    X : table of shape (n_rows, n_features)

    Returns
    -------
    decisions : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        Labels, indicators of labels, or numbers, as `Student.predict` returns them.
    answers : ndarray of shape (n_rows, n_columns), or (n_rows,) for flat numbers
        Probabilities or numbers.

    Raises
    ------
    ImportError
        If ONNX Runtime is not installed.
    ValueError
        If the file is not a model, or if its inputs are not those of the student.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise ImportError(
            "onnxruntime runs an ONNX model: pip install skdistill[onnx]"
        ) from error
    model = artefact.read_bytes()
    try:
        session = onnxruntime.InferenceSession(
            model, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # The errors of ONNX Runtime have no common base.
        raise ValueError(f"ONNX Runtime cannot load {artefact}: {error}") from error
    feeds, ends = _feeds_and_ends(student, X)
    inputs = session.get_inputs()
    # A text alone is no column.
    widths = [(item.shape or [0, 0])[1:] for item in inputs]
    needed = [list(feed.shape[1:]) for feed in feeds]
    if widths != needed:
        raise ValueError(
            f"{artefact} has inputs of {_columns(widths)} columns, and the student "
            f"takes {_columns(needed)}: it belongs to another student"
        )
    names = list(output_names(student.output))
    given = [item.name for item in session.get_outputs()]
    if given != names:
        raise ValueError(
            f"{artefact} has the outputs {given}, and the student answers with "
            f"{names}: it belongs to another student"
        )
    blocks = []
    for start, end in pairwise([0, *ends]):
        block = {
            item.name: feed[start:end] for item, feed in zip(inputs, feeds, strict=True)
        }
        blocks.append(session.run(names, block))
    decisions, *others = map(np.concatenate, zip(*blocks, strict=True))
    if not others:
        output: Any = student.output
        numbers = decisions[:, 0] if output.is_flat else decisions
        return numbers, numbers
    return decisions, others[0]


def _feeds_and_ends(student, X):
    """Return the values of the inputs, and the ends of the blocks of rows."""
    if student.text is not None:
        feeds = text_feeds(student.text, text_inputs(student), X)
        return feeds, feed_ends(feeds, student.text.n_columns)
    feeds = model_feeds(student, X)
    n_rows = len(feeds[0])
    return feeds, [*range(_BLOCK_ROWS, n_rows, _BLOCK_ROWS), n_rows]


def _columns(shapes):
    """Return the number of columns of each input, for a message."""
    return [shape[0] if shape else "no" for shape in shapes]
