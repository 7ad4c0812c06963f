"""Checks of the parts of a student, and of the arrays that a prediction is given."""

import numpy as np
from numpy import ndarray

from skdistill.student.outputs import Classes
from skdistill.student.quantization import quantize, restore


def is_sparse(X):
    """Tell whether X is a sparse matrix or array of SciPy, imported or not."""
    return type(X) is not ndarray and hasattr(X, "tocsr")


def check_out(out, shape, rows):
    """Raise unless an array can receive a prediction of some rows."""
    if (
        type(out) is not ndarray
        or out.shape != shape
        or out.dtype != np.float32
        or not out.flags.carray
    ):
        raise ValueError(
            f"out is {_kind_of(out)}: it needs to be a writable float32 array of "
            f"shape {shape} in C order"
        )
    if is_sparse(rows) or (out.base is rows.base is None and out is not rows):
        return  # Arrays that own their memory share none.
    if np.may_share_memory(out, rows):
        raise ValueError("out shares its memory with X, which is still to be read")


def _kind_of(value):
    """Describe an array, or what is none."""
    if type(value) is not ndarray:
        return f"a {type(value).__name__}"
    order = "in C order" if value.flags.c_contiguous else "in another order"
    kind = "writable" if value.flags.writeable else "read-only"
    return f"a {kind} {value.dtype} array of shape {value.shape} {order}"


def finite_array(values, name, n_dimensions):
    """Return weights as a float32 array, or say what is wrong with them."""
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != n_dimensions:
        raise ValueError(
            f"an array of {name} has {array.ndim} dimensions, not {n_dimensions}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not finite")
    return array


def rounded_weights(values, name, dtype, axis=0, n_dimensions=2):
    """Return weights rounded to what is stored."""
    exact = finite_array(values, name, n_dimensions)
    rounded = restore(*quantize(exact, dtype, axis))
    if not np.isfinite(rounded).all():
        raise ValueError(
            f"{name} holds a weight of size {np.abs(exact).max():.4g}, too large for "
            f"weight_dtype={dtype!r}"
        )
    return rounded


def check_code(input_code, coefs, knot_table):
    """Raise unless the knot table and the first layer fit the code."""
    if (input_code is None) != (knot_table is None):
        raise ValueError("input_code and knot_table are given together or not at all")
    if input_code is None:
        return
    wanted = (input_code.n_rows, coefs[0].shape[1])
    if knot_table.shape != wanted:
        raise ValueError(f"knot_table has shape {knot_table.shape}, not {wanted}")
    if coefs[0].shape[0] != input_code.n_linear:
        raise ValueError(
            f"the first layer has {coefs[0].shape[0]} inputs, and the code "
            f"{input_code.n_linear} linear features"
        )


def check_shapes(coefs, intercepts, n_classes):
    """Raise unless the arrays make one network with an output a class."""
    if not coefs or len(coefs) != len(intercepts):
        raise ValueError(
            f"coefs has {len(coefs)} layers and intercepts {len(intercepts)}: "
            "both need the same number, at least one"
        )
    for layer, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        inputs = coefs[layer - 1].shape[1] if layer else weights.shape[0]
        if weights.shape != (inputs, bias.size) or bias.size == 0:
            raise ValueError(
                f"layer {layer} has weights of shape {weights.shape} where "
                f"{inputs} inputs and {bias.size} biases are"
            )
    if n_classes < 2:
        raise ValueError(f"classes holds {n_classes} labels: a student needs two")
    outputs = Classes.units_of(n_classes)
    if intercepts[-1].size != outputs:
        raise ValueError(
            f"the last layer has {intercepts[-1].size} outputs where "
            f"{n_classes} classes need {outputs}"
        )
