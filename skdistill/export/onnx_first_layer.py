"""The first layer of a student with an input code, as nodes of an ONNX graph."""

import numpy as np
from onnx import numpy_helper

from skdistill.quantization import KNOT_TABLE_AXIS


def add_first_layer(graph, student, select, columns):
    """Add the first layer; return the name of the sums of its units.

    Parameters
    ----------
    graph : Graph
    student : Student
        With an input code.
    select : callable
        Takes numbers of features that hold numbers, and returns the name of their
        columns, side by side.
    columns : mapping of ColumnInput
        The inputs of one column, by name; empty where there is a matrix.

    Returns
    -------
    sums : str
    """
    code = student.input_code
    sums = graph.constant(student.intercepts_[0])
    if not code.linear.size and not code.n_codes:
        # No column tells anything: the first one tells the number of rows.
        rows = graph.node("IsNaN", select(np.zeros(1, dtype=np.intp)))
        return graph.node("Where", rows, sums, sums)
    if code.linear.size:
        sums = _add_linear(graph, student, select, sums)
    if code.knotted.size:
        sums = _add_knotted(graph, student, select, sums)
    if code.categorical.size:
        sums = _add_categorical(graph, student, columns, sums)
    return sums


def _add_linear(graph, student, select, sums):
    """Add the product with numbers that are clipped and standardised."""
    code = student.input_code
    values = select(code.linear)
    clipped = graph.node("Max", values, graph.constant(code.low))
    clipped = graph.node("Min", clipped, graph.constant(code.high))
    centred = graph.node("Sub", clipped, graph.constant(code.mean))
    standardised = graph.node("Div", centred, graph.constant(code.scale))
    missing, zero = graph.node("IsNaN", values), graph.constant(np.float32(0.0))
    standardised = graph.node("Where", missing, zero, standardised)
    weights = graph.weights(student.coefs_[0], student.weight_dtype)
    return graph.node("Gemm", standardised, weights, sums)


def _add_knotted(graph, student, select, sums):
    """Add what is interpolated between the rows of knots.

    The curve of a unit over a feature is its value at the first knot, plus for each
    bin the step to the next knot times the part of the bin that lies below the
    number: 0 before it, 1 behind it. So one product with the steps adds all curves.
    A missing value lies on one more knot, behind all numbers.
    """
    code = student.input_code
    values = select(code.knotted)
    last = np.array([knots[-1] for knots in code.knots])
    behind = last + np.maximum(np.abs(last), np.float32(1.0))
    clipped = graph.node("Min", values, graph.constant(last))
    missing = graph.node("IsNaN", values)
    numbers = graph.node("Where", missing, graph.constant(behind), clipped)

    knots = [np.append(*pair) for pair in zip(code.knots, behind, strict=True)]
    rows = np.concatenate([np.arange(places.size) for places in knots])
    owners = np.repeat(np.arange(len(knots)), [places.size for places in knots])
    here = np.concatenate(knots)
    with np.errstate(over="ignore"):
        widths = np.diff(here)
    # Between the last knot of a feature and the first of the next there is no bin.
    no_bin = np.diff(owners) > 0
    lower = np.where(no_bin, np.float32(np.inf), here[:-1])
    widths[no_bin] = 1.0
    parts = _parts_below(graph, numbers, owners[:-1], lower, widths, rows[:-1])

    table = student.knot_table_[: here.size]
    weights = graph.weights(table, student.weight_dtype, KNOT_TABLE_AXIS)
    first_rows = table[rows == 0].sum(axis=0, dtype=np.float64).astype(np.float32)
    sums = graph.node("Add", sums, graph.constant(first_rows))
    return graph.node("Gemm", parts, _steps(graph, weights, here.size), sums)


def _parts_below(graph, numbers, owners, lower, widths, places):
    """Return for each bin the part of it that lies below its feature's number."""
    numbers = graph.node("Gather", numbers, graph.constant(owners, np.int32), axis=1)
    above = graph.node("Sub", numbers, graph.constant(lower))
    parts = graph.node("Div", above, graph.constant(widths))
    limits = [graph.constant(np.float32(limit)) for limit in (0.0, 1.0)]
    parts = graph.node("Clip", parts, *limits)
    # The student holds bin and part in one number, of which the part has what digits
    # the bin leaves.
    bins = graph.constant(places, np.float32)
    return graph.node("Sub", graph.node("Add", parts, bins), bins)


def _steps(graph, table, n_rows):
    """Return the differences of the rows of a table; a runtime folds them."""
    axes = graph.constant([0], np.int64)
    ends = [graph.constant([end], np.int64) for end in (0, 1, n_rows - 1, n_rows)]
    behind = graph.node("Slice", table, ends[1], ends[3], axes)
    before = graph.node("Slice", table, ends[0], ends[2], axes)
    return graph.node("Sub", behind, before)


def _add_categorical(graph, student, columns, sums):
    """Add the rows of levels."""
    code = student.input_code
    n_knotted = code.knotted.size
    first_row = code.starts[n_knotted]
    starts = code.starts[n_knotted:] - first_row
    start_of = dict(zip(code.categorical.tolist(), starts.tolist(), strict=True))
    rows = [
        _look_up(graph, name, column, start_of[column.feature])
        for name, column in columns.items()
        if column.levels is not None
    ]
    table = graph.weights(
        student.knot_table_[first_row:], student.weight_dtype, KNOT_TABLE_AXIS
    )
    found = graph.node("Gather", table, graph.beside(rows), axis=0)
    # One row of units for each column: they are added up.
    axes = graph.constant([1], np.int64)
    return graph.node("Add", graph.node("ReduceSum", found, axes, keepdims=0), sums)


def _look_up(graph, name, column, start):
    """Return the row of each level in the table of levels."""
    rare = start + len(column.levels)
    keys = np.array([*column.levels, column.missing], dtype=column.key_dtype)
    return graph.node(
        "LabelEncoder",
        name,
        domain="ai.onnx.ml",
        keys_tensor=numpy_helper.from_array(keys),
        values_tensor=numpy_helper.from_array(
            np.array([*range(start, rare), rare + 1])
        ),
        default_tensor=numpy_helper.from_array(np.array([rare])),
    )
