"""A graph of ONNX under construction."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from onnx import TensorProto, helper, numpy_helper

from skdistill.student.stored import StoredMatrix


class Graph:
    """Nodes and constants, each with a short unique name.

    Parameters
    ----------
    reserved : iterable of str
        Names of inputs and outputs.

    Attributes
    ----------
    nodes : list of NodeProto
    initializers : list of TensorProto
    declared : list of ValueInfoProto
        Types that do not follow from ONNX's own operators.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.declared: list[Any] = []
        self._names = set(reserved)

    def constant(self, values: ArrayLike, dtype: DTypeLike | None = None) -> str:
        """Add a constant; return its name."""
        name = self._new_name()
        array = np.asarray(values, dtype=dtype)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def integers(self, values: ArrayLike, dtype: DTypeLike) -> str:
        """Add integers, stored in few bytes; return the name of their array."""
        numbers = np.asarray(values, dtype=np.int64)
        for small in (np.int8, np.int16, np.int32):
            if np.array_equal(numbers.astype(small), numbers):
                to = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
                return self.node("Cast", self.constant(numbers, small), to=to)
        return self.constant(numbers, dtype)

    def node(
        self,
        operator: str,
        *inputs: str,
        output: str | None = None,
        domain: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add a node with one output; return the name of the output."""
        output = output or self._new_name()
        self.nodes.append(
            helper.make_node(operator, inputs, [output], domain=domain, **attributes)
        )
        return output

    def declare(self, name: str, dtype: int, n_axes: int) -> None:
        """Declare a type, which the checker of onnx needs after a foreign operator."""
        shape = [None] * n_axes
        self.declared.append(helper.make_tensor_value_info(name, dtype, shape))

    def beside(self, parts: Sequence[str]) -> str:
        """Concatenate columns; return the name of the matrix."""
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=1)

    def sorted_rows(self, matrix: str, n_columns: int) -> str:
        """Sort each row of a matrix in rising order; return the name of the result."""
        values, places = self._new_name(), self._new_name()
        count = self.constant([n_columns], np.int64)
        self.nodes.append(
            helper.make_node(
                "TopK", [matrix, count], [values, places], axis=1, largest=0
            )
        )
        return values

    def sum_in_order(self, terms: str) -> str:
        """Add up a matrix along axis 1, one column after the other.

        The order of other sums depends on the row, and on the number of rows.

        Parameters
        ----------
        terms : str
            Name of a matrix of shape (n_rows, n_terms, ...).

        Returns
        -------
        total : str
            Name of the sums, of shape (n_rows, 1, ...).
        """
        axis, last = self.constant(1, np.int64), self.constant([-1], np.int64)
        end = self.constant([np.iinfo(np.int32).max], np.int64)
        axes = self.constant([1], np.int64)
        return self.node("Slice", self.node("CumSum", terms, axis), last, end, axes)

    def product(self, values: str, weights: str, sums: str, in_order: bool) -> str:
        """Multiply matrices, and add sums.

        Parameters
        ----------
        values : str
            Name of the values, of shape (n_rows, n_inputs).
        weights : str
            Name of the weights, of shape (n_inputs, n_units).
        sums : str
            Name of what is added, of shape (n_rows, n_units) or (n_units,).
        in_order : bool
            Whether to add up in one order. There must be one unit.

        Returns
        -------
        sums : str
            Name of the result, of shape (n_rows, n_units).
        """
        if not in_order:
            return self.node("Gemm", values, weights, sums)
        factors = self.node("Transpose", weights, perm=[1, 0])
        terms = self.node("Mul", values, factors)
        return self.node("Add", self.sum_in_order(terms), sums)

    def weights(self, stored: StoredMatrix) -> str:
        """Add stored weights; return the name of their float32 values.

        A runtime computes these once, when it loads the model, because they follow
        from constants alone.
        """
        name = self.constant(stored.values)
        if stored.dtype != "float32":
            name = self.node("Cast", name, to=TensorProto.FLOAT)
        if stored.scales is None:
            return name
        return self.node("Mul", name, self.constant(stored.scales))

    def _new_name(self) -> str:
        name = f"t{len(self._names)}"
        while name in self._names:
            name += "_"
        self._names.add(name)
        return name
