"""The weights of a student in the form in which its file and exports store them."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.student.input_code import InputCode
from skdistill.student.quantization import BIAS_DTYPES, KNOT_TABLE_AXIS, quantize


class StoredMatrix(NamedTuple):
    """A matrix of weights in a type of fewer bits.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_columns), int8, float16 or float32
        Stored values. A weight is its value times its scale.
    scales : ndarray of shape (1, n_columns) or (n_rows, 1), float32, or None
        Scales of integers. None if the values are the weights themselves.
    axis : {0, 1}
        Axis along which weights share a scale: 0 if each column has a scale, 1 if each
        row has one.
    """

    values: NDArray
    scales: NDArray[np.float32] | None
    axis: int

    @classmethod
    def of(cls, weights: NDArray[np.float32], dtype: str, axis: int = 0) -> Self:
        """Round weights to a type, as `quantize` does."""
        values, scales = quantize(weights, dtype, axis)
        return cls(values, scales, axis)

    @property
    def dtype(self) -> str:
        """Name of the type of the values."""
        return self.values.dtype.name

    @property
    def nbytes(self) -> int:
        """Number of bytes of values and scales."""
        return self.values.nbytes + (0 if self.scales is None else self.scales.nbytes)

    def rows(self, indices) -> Self:
        """Return some rows, given by their indices or by a mask."""
        scales = self.scales
        if scales is not None and self.axis == 1:
            scales = scales[indices]
        return self._replace(values=self.values[indices], scales=scales)


class StoredWeights(NamedTuple):
    """All weights of a student in their stored form.

    Attributes
    ----------
    layers : list of StoredMatrix
        Weights of each layer.
    biases : list of ndarray of shape (n_outputs,), float32 or float16
        Biases of each layer.
    knot_table : StoredMatrix or None
        The whole knot table. None for a student without an input code.
    omitted_rows : ndarray of shape (n_omitted,), int
        Rows of the knot table that the file leaves out because they are zero. With
        float16 these are the rows for missing values, otherwise there are none.
    """

    layers: list[StoredMatrix]
    biases: list[NDArray]
    knot_table: StoredMatrix | None
    omitted_rows: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        coefs: Sequence[NDArray[np.float32]],
        intercepts: Sequence[NDArray[np.float32]],
        input_code: InputCode | None,
        knot_table: NDArray[np.float32] | None,
        dtype: str,
    ) -> Self:
        """Return the stored form of weights.

        Parameters
        ----------
        coefs : sequence of ndarray of shape (n_inputs, n_outputs)
        intercepts : sequence of ndarray of shape (n_outputs,)
        input_code : InputCode or None
        knot_table : ndarray of shape (n_rows, n_outputs) or None
        dtype : {"int8", "float16", "float32"}

        Returns
        -------
        stored : StoredWeights
        """
        table, omitted = None, np.empty(0, dtype=np.intp)
        if input_code is not None and knot_table is not None:
            table = StoredMatrix.of(knot_table, dtype, KNOT_TABLE_AXIS)
            if dtype == "float16":
                omitted = input_code.missing_rows
        return cls(
            [StoredMatrix.of(weights, dtype) for weights in coefs],
            [bias.astype(BIAS_DTYPES[dtype]) for bias in intercepts],
            table,
            omitted,
        )

    @property
    def matrices(self) -> dict[str, StoredMatrix]:
        """Matrices of the file, by the names of its members."""
        named = {f"coefs_{layer}": matrix for layer, matrix in enumerate(self.layers)}
        if self.knot_table is not None:
            is_stored = np.ones(len(self.knot_table.values), dtype=bool)
            is_stored[self.omitted_rows] = False
            named["knot_table"] = self.knot_table.rows(is_stored)
        return named

    @property
    def nbytes(self) -> int:
        """Number of bytes of weights, scales and biases in the file."""
        matrices = sum(matrix.nbytes for matrix in self.matrices.values())
        return matrices + sum(bias.nbytes for bias in self.biases)
