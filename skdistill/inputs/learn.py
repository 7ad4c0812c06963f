"""The choice of the input for given rows: dense, sparse or tabular."""

from typing import Any

from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from skdistill.inputs.dense import DenseInput
from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.sparse import SparseInput
from skdistill.inputs.student_input import StudentInput
from skdistill.inputs.tabular import TabularInput
from skdistill.student.raw_columns import check_double

# Least number of bins, however many rows of weights the levels need.
_FEWEST_BINS = 192


def learn_input(
    X: Any,
    encoder: Any,
    *,
    former_encoder: TabularEncoder | None = None,
    sensitivity: Any = None,
    feature_names: Any = None,
    signs: Any = None,
    texts: Any = (),
    most_bins: int | None = None,
    most_rows: int | None = None,
) -> tuple[StudentInput, Any]:
    """Learn how rows enter the network. Return the input and the encoded rows.

    Parameters
    ----------
    X : table or CSR of shape (n_rows, n_features)
        Given rows.
    encoder : TabularEncoder, FrozenEstimator, "auto" or None
        Parameter of the estimator. A frozen encoder is taken as it is.
    former_encoder : TabularEncoder or None, default=None
        Encoder of a former fit. It is used again, with these texts, if there are any.
    sensitivity : ndarray of shape (n_features,) or None, default=None
        Importance of each column to the teacher.
    feature_names : ndarray of str or None, default=None
        Names of the columns in messages.
    signs : ndarray of shape (n_features,), int8, or None, default=None
        Sign of each column's slope, 0 for any; see `column_signs`. Sparse rows have
        none.
    texts : sequence of TextScores, default=()
        Learned scores of the encoder's text columns.
    most_bins : int or None, default=None
        Number of bins of the encoder "auto". None for that of `TabularEncoder`.
    most_rows : int or None, default=None
        Greatest number of rows of the table of weights. If there are more, the encoder
        "auto" deals one bin less for each, but at least 192 bins. None for no limit.

    Returns
    -------
    student_input : StudentInput
        Input of the student.
    encoded : ndarray or CSR of shape (n_rows, n_columns)
        Rows as the network takes them.

    Raises
    ------
    ValueError
        If a column is float32, and too far from 0 for its deviation.
    """
    if issparse(X):
        return SparseInput.learn(X)
    if encoder is None:
        dense, encoded = DenseInput.learn(X, feature_names, signs)
        check_double(X, dense.standardization.offsets, feature_names)
        return dense, encoded
    if former_encoder is None and isinstance(encoder, FrozenEstimator):
        former_encoder = encoder.estimator
    if former_encoder is None:
        is_auto = isinstance(encoder, str)
        encoder = _auto_encoder(most_bins) if is_auto else clone(encoder)
        former_encoder = encoder.fit(X, sensitivity=sensitivity, texts=texts)
        if is_auto and most_rows is not None:
            while (n_bins := _bins_within(encoder, most_rows)) < encoder.n_bins:
                encoder = TabularEncoder(n_bins=n_bins)
                former_encoder = encoder.fit(X, sensitivity=sensitivity, texts=texts)
    elif texts:
        former_encoder = former_encoder.with_texts(texts)
    check_double(X, former_encoder.offsets_, feature_names)
    return TabularInput.learn(X, former_encoder, signs)


def _auto_encoder(most_bins):
    """Return the encoder that "auto" stands for."""
    encoder = TabularEncoder()
    return encoder if most_bins is None else encoder.set_params(n_bins=most_bins)


def _bins_within(encoder, most_rows):
    """Return the number of bins that leaves a fitted encoder at most so many rows."""
    more = max(encoder.code_.n_rows - most_rows, 0)
    return max(encoder.n_bins - more, min(encoder.n_bins, _FEWEST_BINS))
