"""A step of the optimizer on the encoded first layer, in one pass.

The pass takes one code after the other. While the rows of a code are in the first
cache, it computes the gradient by the weights from the gradient by the table, takes
the step of AdamW, and writes the next table. Separate passes would bring all rows
through the first cache each time. They would cost this time, not that of the
arithmetic.
"""

import numpy as np
from numba import types
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import instructions, kernel
from skdistill.kernels.instructions.adamw import adamw_step
from skdistill.kernels.instructions.code_update import UPDATE, update_variants
from skdistill.kernels.instructions.matrix import span
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    call_by_columns,
    host_tile_shape,
    integer,
)
from skdistill.kernels.layers.knot_table import (
    BINS,
    FIRST_ROW,
    ROWS,
    fill_table,
)


@kernel
def update_codes(optimizer, knot_table, bias_gradient, step_size, shrinkage):
    """Update the weights of all codes; see `update_code`.

    Parameters
    ----------
    optimizer : Optimizer
        Weights and their moments, updated in place. The gradient holds that by the
        table.
    knot_table : KnotTable
        Code of the input. Its table is replaced by the next one.
    bias_gradient : ndarray of shape (width,)
        Sum of the gradients of all rows.
    step_size, shrinkage : float
        Size of the step, and factor of the weights; see `adamw_step`.
    """
    codes, positions, shares = knot_table.codes, knot_table.positions, knot_table.shares
    width = bias_gradient.size
    for code in range(codes.shape[0]):
        start, rows = codes[code, FIRST_ROW], codes[code, ROWS]
        first, size = start * width, rows * width
        update_code(
            codes[code, BINS],
            span(positions, start, rows),
            span(shares, start, rows),
            bias_gradient,
            span(optimizer.parameters, first, size),
            span(optimizer.gradient, first, size),
            span(optimizer.first_moment, first, size),
            span(optimizer.second_moment, first, size),
            span(knot_table.table, first, size),
            step_size,
            shrinkage,
        )


def update_code(
    bins,
    positions,
    shares,
    bias_gradient,
    weights,
    gradient,
    first_moment,
    second_moment,
    table,
    step_size,
    shrinkage,
):
    """Update the weights of a code, tabulate them, and clear their gradient.

    Parameters
    ----------
    bins : int
        Number of bins between its knots; 0 for a category.
    positions, shares : ndarray of shape (rows,)
        Positions of the knots, and means of the code's components; see `fill_table`.
    bias_gradient : ndarray of shape (width,)
        Sum of the gradients of all rows.
    weights, first_moment, second_moment : ndarray of shape (rows * width,)
        Weights and their moments, updated in place.
    gradient : ndarray of shape (rows * width,)
        Gradient by the table; set to zero.
    table : ndarray of shape (rows * width,)
        Rows of the knot table, overwritten with those of the new weights.
    step_size, shrinkage : float
        Size of the step, and factor of the weights; see `adamw_step`.
    """
    rows, width = positions.size, bias_gradient.size
    by_table = gradient.reshape(rows, width)
    by_weights = by_table.copy()
    knots = by_table[: bins + 1 if bins > 0 else 0]
    if bins > 0:
        by_weights[: bins + 1] = knots[::-1].cumsum(axis=0)[::-1]
        by_weights[0] = positions[: bins + 1] @ knots
    by_weights[len(knots) :][shares[len(knots) :] == 0] = 0
    by_weights -= shares[:, np.newaxis] * bias_gradient
    gradient[:] = by_weights.ravel()
    adamw_step(weights, gradient, first_moment, second_moment, step_size, shrinkage)
    codes = np.array([[0, bins, rows]])
    fill_table(weights, codes, positions, shares, width, table, np.empty(width))
    gradient[:] = 0


@instructions(update_code)
def _update_by_columns(
    typing_context,
    bins,
    positions,
    shares,
    bias_gradient,
    weights,
    gradient,
    first_moment,
    second_moment,
    table,
    step_size,
    shrinkage,
):
    arrays = (
        positions,
        shares,
        bias_gradient,
        weights,
        gradient,
        first_moment,
        second_moment,
        table,
    )
    signature = types.void(types.intp, *arrays, types.float32, types.float32)

    def generate(context, builder, signature, arguments):
        bins, *values, step_size, shrinkage = arguments
        arrays = [
            make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[1:9], values, strict=True)
        ]
        rows = builder.extract_value(arrays[0].shape, 0)
        width = builder.extract_value(arrays[2].shape, 0)
        row_bytes = builder.mul(width, integer(4))
        pointers = [builder.bitcast(array.data, BYTE_POINTER) for array in arrays]

        def call(count, first_byte):
            columns = [builder.gep(pointer, [first_byte]) for pointer in pointers[2:]]
            values = [bins, rows, row_bytes, *pointers[:2], *columns]
            variant = (host_tile_shape().lanes, count)
            UPDATE.call(builder, variant, [*values, step_size, shrinkage])

        counts = [count for _, count in update_variants()]
        call_by_columns(builder, counts, row_bytes, call)
        return context.get_dummy_value()

    return signature, generate
