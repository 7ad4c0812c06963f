"""The first layer of a student with an input code, as nodes of an ONNX graph."""

import numpy as np
from onnx import TensorProto, numpy_helper


def add_first_layer(graph, student, select, columns):
    """Add the first layer; return the name of the sums of its units.

    Parameters
    ----------
    graph : Graph
    student : Student
        Student with an input code.
    select : callable
        Function that takes the numbers of numeric features, and returns the name of
        the matrix of these columns.
    columns : mapping of ColumnInput
        Inputs of one column each, by name. Empty if the model has one matrix as input.

    Returns
    -------
    sums : str
        Name of the sums.
    """
    code = student.input_code
    sums = graph.constant(student.intercepts_[0])
    if not code.linear.size and not code.n_codes:
        # The student uses no column. The first column gives the number of rows.
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
    """Add the product of the weights with clipped and standardised numbers."""
    code = student.input_code
    values = select(code.linear)
    clipped = graph.node("Max", values, graph.constant(code.low))
    clipped = graph.node("Min", clipped, graph.constant(code.high))
    centred = graph.node("Sub", clipped, graph.constant(code.mean))
    standardised = graph.node("Div", centred, graph.constant(code.scale))
    missing, zero = graph.node("IsNaN", values), graph.constant(np.float32(0.0))
    standardised = graph.node("Where", missing, zero, standardised)
    weights = graph.weights(student.stored_weights.layers[0])
    return graph.product(standardised, weights, sums, student.is_sum_of_curves)


def _add_knotted(graph, student, select, sums):
    """Add the values that are interpolated between the rows of knots.

    For a unit, a feature contributes a piecewise linear curve. The curve begins with
    the row of the first knot. Each bin adds its step, the difference of the rows at
    both ends, times the part of the bin that lies below the number. This part is 0 if
    the number lies below the bin, and 1 if it lies above. So one product with the
    steps adds all curves. A missing value counts as below all bins, and its own row
    replaces the row of the first knot.
    """
    code = student.input_code
    values = select(code.knotted)
    missing = graph.node("IsNaN", values)
    below_all = graph.constant(np.float32(-np.inf))
    numbers = graph.node("Where", missing, below_all, values)
    # Infinity minus infinity would be NaN.
    greatest = graph.constant(np.finfo(np.float32).max)
    numbers = graph.node("Min", numbers, greatest)
    parts = _parts_below(graph, numbers, code.knots)

    missing_rows = code.missing_rows[: len(code.knots)]
    knot_rows = np.delete(np.arange(missing_rows[-1] + 1), missing_rows)
    table = student.stored_weights.knot_table
    weights = graph.weights(table.rows(knot_rows))
    sizes = np.array([knots.size for knots in code.knots])
    firsts = graph.integers(np.cumsum(sizes) - sizes, np.int32)
    first_rows = graph.node("Gather", weights, firsts, axis=0)
    axes = graph.constant([0], np.int64)
    constant = graph.node("ReduceSum", first_rows, axes, keepdims=0)
    sums = graph.node("Add", sums, constant)
    in_order = student.is_sum_of_curves
    sums = graph.product(parts, _steps(graph, weights), sums, in_order)

    missing = graph.node("Cast", missing, to=TensorProto.FLOAT)
    missing_table = table.rows(missing_rows)
    if missing_table.values.any():
        change = graph.node("Sub", graph.weights(missing_table), first_rows)
    elif in_order:
        change = graph.node("Neg", first_rows)
    else:
        return graph.node("Gemm", missing, first_rows, sums, alpha=-1.0)
    return graph.product(missing, change, sums, in_order)


def _parts_below(graph, numbers, knots):
    """Return the part of each bin that lies below the number of its feature.

    The result also has an entry between the last knot of a feature and the first knot
    of the next one. There is no bin, and the entry is zero.
    """
    indices = np.concatenate([np.arange(k.size) for k in knots])
    owners = np.repeat(np.arange(len(knots)), [k.size for k in knots])
    lower = np.concatenate(knots)
    with np.errstate(over="ignore"):
        widths = np.diff(lower)
    no_bin = np.diff(owners) > 0
    lower = np.where(no_bin, np.float32(np.inf), lower[:-1])
    widths[no_bin] = 1.0
    owners = graph.integers(owners[:-1], np.int32)
    numbers = graph.node("Gather", numbers, owners, axis=1)
    above = graph.node("Sub", numbers, graph.constant(lower))
    parts = graph.node("Div", above, graph.constant(widths))
    limits = [graph.constant(np.float32(limit)) for limit in (0.0, 1.0)]
    parts = graph.node("Clip", parts, *limits)
    # The student stores bin plus part in one number of single precision. So the part
    # is rounded to the digits that the bin leaves.
    bins = graph.integers(indices[:-1], np.float32)
    return graph.node("Sub", graph.node("Add", parts, bins), bins)


def _steps(graph, table):
    """Return the differences of successive rows of a table.

    A runtime computes them once, when it loads the model.
    """
    first, second, last = (graph.constant([row], np.int64) for row in (0, 1, -1))
    end = graph.constant([np.iinfo(np.int32).max], np.int64)
    upper = graph.node("Slice", table, second, end)
    return graph.node("Sub", upper, graph.node("Slice", table, first, last))


def _add_categorical(graph, student, columns, sums):
    """Add the rows of levels.

    Columns that have the same levels are looked up together. The table of the model
    has these rows for each column: one for each level, in the order of the keys, one
    for unseen levels, and one for missing values. If the rows for missing values are
    zero in all columns, the table has one of them, its first row.
    """
    code = student.input_code
    knotted = code.knotted.size
    start_of = dict(zip(code.categorical, code.starts[knotted:], strict=True))
    last_rows = code.missing_rows[knotted:]
    table = student.stored_weights.knot_table
    has_missing = table.values[last_rows].any()
    order = [] if has_missing else [last_rows[0]]
    indices, starts = [], []
    for (kind, keys), members in _same_levels(columns).items():
        n_rows = len(keys) + 1
        missing = n_rows if has_missing else -code.n_rows
        names = graph.beside([name for name, _ in members])
        missing_key = members[0][1].missing
        indices.append(_look_up(graph, names, kind, [*keys, missing_key], missing))
        for _, column in members:
            start = start_of[column.feature]
            starts.append(len(order))
            order += [start + column.levels.index(key) for key in keys]
            order += range(start + len(keys), start + n_rows + has_missing)
    rows = graph.node("Add", graph.beside(indices), graph.integers(starts, np.int64))
    if not has_missing:
        rows = graph.node("Max", rows, graph.constant(0, np.int64))
    weights = graph.weights(table.rows(order))
    found = graph.node("Gather", weights, rows, axis=0)
    if student.is_sum_of_curves:
        found = graph.sum_in_order(found)
    # Each column has found one row. The sum adds the rows of all columns.
    axes = graph.constant([1], np.int64)
    return graph.node("Add", graph.node("ReduceSum", found, axes, keepdims=0), sums)


def _same_levels(columns):
    """Group columns with their names by type and sorted levels."""
    groups = {}
    for name, column in columns.items():
        if column.levels is not None:
            group = (column.dtype, tuple(sorted(column.levels)))
            groups.setdefault(group, []).append((name, column))
    return groups


def _look_up(graph, names, kind, keys, missing):
    """Return the index of each level among keys; the last key is the missing value."""
    rare = len(keys) - 1
    values = [*range(rare), missing]
    attributes = {"values_int64s": values, "default_int64": rare}
    if kind is str:
        attributes["keys_strings"] = keys
    elif kind is np.float32:
        attributes["keys_floats"] = keys
    else:
        attributes = {
            "keys_tensor": numpy_helper.from_array(np.array(keys)),
            "values_tensor": numpy_helper.from_array(np.array(values)),
            "default_tensor": numpy_helper.from_array(np.array([rare])),
        }
    return graph.node("LabelEncoder", names, domain="ai.onnx.ml", **attributes)
