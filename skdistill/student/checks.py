"""Checks of the parts of a student, and of the arrays that a caller passes to it."""

import numpy as np
from numpy import ndarray

from skdistill.student.kept_columns import KeptColumns
from skdistill.student.outputs import Classes, Output
from skdistill.student.quantization import quantize, restore
from skdistill.tables.read import GREATEST


def check_out(out, shape, rows, dtype=np.float32):
    """Raise unless an array can receive the prediction of rows."""
    if (
        type(out) is not ndarray
        or out.shape != shape
        or out.dtype != dtype
        or not out.flags.carray
    ):
        raise ValueError(
            f"out is {_kind_of(out)}: it must be a writable {np.dtype(dtype)} array of "
            f"shape {shape} in C order"
        )
    if type(rows) is not ndarray or (out.base is rows.base is None and out is not rows):
        return  # Two arrays that own their memory share none of it.
    if np.may_share_memory(out, rows):
        raise ValueError(
            "out shares memory with X: the prediction would overwrite rows of X"
        )


def _kind_of(value):
    """Describe an array, or an object that is no array."""
    if type(value) is not ndarray:
        return f"a {type(value).__name__}"
    order = "in C order" if value.flags.c_contiguous else "in another order"
    kind = "writable" if value.flags.writeable else "read-only"
    return f"a {kind} {value.dtype} array of shape {value.shape} {order}"


def finite_array(values, name, n_dimensions):
    """Return weights as a float32 array, or raise if they are wrong."""
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != n_dimensions:
        raise ValueError(
            f"an array of {name} has {array.ndim} dimensions, not {n_dimensions}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not finite")
    return array


def rounded_weights(values, name, dtype, axis=0, n_dimensions=2):
    """Return weights rounded to the values that are stored."""
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
        raise ValueError("give input_code and knot_table together, or give neither")
    if input_code is None:
        return
    wanted = (input_code.n_rows, coefs[0].shape[1])
    if knot_table.shape != wanted:
        raise ValueError(f"knot_table has shape {knot_table.shape}, not {wanted}")
    if coefs[0].shape[0] != input_code.n_linear:
        raise ValueError(
            f"the first layer has {coefs[0].shape[0]} inputs, but the input code has "
            f"{input_code.n_linear} linear features"
        )


def checked_offsets(offsets, n_features):
    """Return offsets as float64, or raise if they are wrong."""
    checked = np.array(offsets, dtype=np.float64)
    if checked.shape != (n_features,):
        raise ValueError(
            f"offsets has shape {checked.shape}: it needs one number for each of the "
            f"{n_features} columns, shape ({n_features},)"
        )
    if not (np.abs(checked) <= GREATEST).all():
        raise ValueError(f"offsets needs to be finite, at most {GREATEST:.4g}")
    return checked


def checked_kept(kept_columns, first_layer, input_code):
    """Return kept columns, or raise if the first layer has other inputs."""
    if kept_columns is None:
        return None
    checked = KeptColumns.checked(*kept_columns)
    if input_code is not None or len(checked.places) != len(first_layer):
        raise ValueError(
            f"kept_columns holds {len(checked.places)} places, and the first layer has "
            f"{len(first_layer)} inputs: it needs a place for each input, and no "
            "input_code"
        )
    return checked


def checked_output(classes, output):
    """Return the output of classes or the given output, or raise if it is wrong."""
    if (classes is None) == (output is None):
        raise ValueError(
            f"classes={classes!r:.50} and output={output!r:.50}: give one of them"
        )
    if output is not None and not isinstance(output, Output):
        raise TypeError(
            f"output is a {type(output).__name__}: give Classes, Numbers or LabelSets "
            "of skdistill.student.outputs"
        )
    if output is not None and not isinstance(output, Classes):
        return output
    labels = np.asarray(classes if output is None else output.labels)
    if labels.ndim != 1 or len(set(labels.tolist())) < labels.size:
        raise ValueError(
            f"classes holds a label twice, or is not one-dimensional: {classes!r:.100}"
        )
    if len(labels) < 2:
        raise ValueError(
            f"classes holds {len(labels)} labels: a student needs at least two"
        )
    return Classes(labels)


def check_shapes(coefs, intercepts, output):
    """Raise unless the arrays make one network, with the units of the output."""
    if not coefs or len(coefs) != len(intercepts):
        raise ValueError(
            f"coefs has {len(coefs)} layers and intercepts {len(intercepts)}: "
            "both need the same number of layers, and at least one"
        )
    for layer, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        inputs = coefs[layer - 1].shape[1] if layer else weights.shape[0]
        if weights.shape != (inputs, bias.size) or bias.size == 0:
            raise ValueError(
                f"layer {layer} has weights of shape {weights.shape}, but it has "
                f"{inputs} inputs and {bias.size} biases"
            )
    if intercepts[-1].size != output.n_units:
        raise ValueError(
            f"the last layer has {intercepts[-1].size} outputs, and needs "
            f"{output.n_units} for {output}"
        )
