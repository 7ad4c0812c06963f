"""Run an ONNX model on rows, with ONNX Runtime."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.export.onnx.inputs import OUTPUT_NAMES, model_feeds
from skdistill.student.student import Student

_BLOCK_ROWS = 4096


def run(student: Student, artefact: Path, X: Any) -> tuple[NDArray, NDArray]:
    """Return labels and probabilities.

    Parameters
    ----------
    student : Student
        Exported student.
    artefact : Path
        Path of the model.
    X : table of shape (n_rows, n_features)

    Returns
    -------
    labels : ndarray of shape (n_rows,)
    probabilities : ndarray of shape (n_rows, n_classes)

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
    feeds = model_feeds(student, X)
    inputs = session.get_inputs()
    widths = [(item.shape or [0])[-1] for item in inputs]
    if widths != [feed.shape[1] for feed in feeds]:
        raise ValueError(
            f"{artefact} has inputs of {widths} columns, and the student takes "
            f"{[feed.shape[1] for feed in feeds]}: it belongs to another student"
        )
    blocks = []
    for start in range(0, len(feeds[0]), _BLOCK_ROWS):
        block = {
            item.name: feed[start : start + _BLOCK_ROWS]
            for item, feed in zip(inputs, feeds, strict=True)
        }
        blocks.append(session.run(list(OUTPUT_NAMES), block))
    labels, probabilities = map(np.concatenate, zip(*blocks, strict=True))
    return labels, probabilities
