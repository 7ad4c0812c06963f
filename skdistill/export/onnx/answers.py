"""The outputs of an ONNX model: what the output units mean, as nodes of a graph."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from onnx import TensorProto, helper

from skdistill.export.onnx.graph import Graph
from skdistill.export.onnx.inputs import output_names
from skdistill.export.precision import suits_single
from skdistill.student.student import Student

# Beyond this exponent a probability is no normal number of single precision.
_GREATEST_EXPONENT = 87.0

# ONNX Runtime takes an addend below this for zero, and leaves the addition out.
_LEAST_ADDEND = float(np.finfo(np.float32).tiny)


class ModelOutputs(NamedTuple):
    """The outputs of a model.

    Attributes
    ----------
    declared : list of ValueInfoProto
        Name, type and shape of each output.
    metadata : dict of str to str
        Entries of the model's metadata, in JSON.
    """

    declared: list[Any]
    metadata: dict[str, str]


def add_answers(graph: Graph, student: Student, units: str) -> ModelOutputs:
    """Add the outputs of a model.

    Parameters
    ----------
    graph : Graph
    student : Student
    units : str
        Name of the values of the output units.

    Returns
    -------
    outputs : ModelOutputs

    Raises
    ------
    ValueError
        If ONNX has no type for the labels.
    """
    return _ADDED[student.output.kind](graph, student, units)


def _add_classes(graph, student, units):
    """Add the label and the probabilities of the classes."""
    label, probabilities = output_names(student.output)
    labels = _label_values(student.classes_)
    if student.is_sum_of_curves:
        wide = _wide(graph, units)
        exponents = graph.beside([wide, graph.node("Neg", wide)])
        _add_logistic(graph, exponents, probabilities)
    if student.output.is_one_unit:
        # A single logit is that of the second class. The logit of the first is zero.
        units = graph.node("Pad", units, graph.constant([0, 1, 0, 0], np.int64))
    if not student.is_sum_of_curves:
        graph.node("Softmax", units, axis=1, output=probabilities)
    index = graph.node("ArgMax", units, axis=1, keepdims=0)
    graph.node("Gather", graph.constant(labels), index, output=label)
    declared = [
        _declared(label, helper.np_dtype_to_tensor_dtype(labels.dtype)),
        _declared(probabilities, TensorProto.FLOAT, labels.size),
    ]
    return ModelOutputs(declared, {"classes": json.dumps(labels.tolist())})


def _add_numbers(graph, student, units):
    """Add numbers. They are computed in double precision, as the student's are."""
    output, (name,) = student.output, output_names(student.output)
    is_single = suits_single(output, n_roundings=1)
    numbers = _finite(graph, units)
    for operator, constants in _steps(output):
        numbers = graph.node(operator, numbers, graph.constant(constants))
    for operator, bound in (("Max", output.low), ("Min", output.high)):
        if np.isfinite(bound).any():
            numbers = graph.node(operator, numbers, graph.constant(bound))
    if output.are_sorted:
        numbers = graph.sorted_rows(numbers, output.n_units)
    kind = TensorProto.FLOAT if is_single else TensorProto.DOUBLE
    graph.node("Cast", numbers, to=kind, output=name)
    metadata = {}
    if output.quantiles is not None:
        metadata["quantiles"] = json.dumps(output.quantiles)
    return ModelOutputs([_declared(name, kind, output.n_units)], metadata)


def _steps(output):
    """Return the operators that make numbers of deviations, with their constants."""
    if (np.abs(output.mean) < _LEAST_ADDEND).any():
        return ("Add", output.mean / output.scale), ("Mul", output.scale)
    return ("Mul", output.scale), ("Add", output.mean)


def _add_label_sets(graph, student, units):
    """Add which labels a row has, and the probability of each."""
    label, probabilities = output_names(student.output)
    zero = graph.constant(np.float32(0.0))
    has = graph.node("Greater", units, zero)
    graph.node("Cast", has, to=TensorProto.INT64, output=label)
    _add_logistic(graph, graph.node("Neg", _finite(graph, units)), probabilities)
    n_labels = student.output.n_units
    declared = [
        _declared(label, TensorProto.INT64, n_labels),
        _declared(probabilities, TensorProto.FLOAT, n_labels),
    ]
    labels = student.output.labels.tolist()
    return ModelOutputs(declared, {"classes": json.dumps(labels)})


_ADDED: dict[str, Callable[[Graph, Student, str], ModelOutputs]] = {
    "classes": _add_classes,
    "numbers": _add_numbers,
    "label_sets": _add_label_sets,
}


def _wide(graph, units):
    """Return numbers in double precision."""
    return graph.node("Cast", units, to=TensorProto.DOUBLE)


def _finite(graph, units):
    """Return units in double precision, and NaN in place of infinite ones.

    Such a unit has no answer. A bound of numbers, or a probability of 1, would be one.
    """
    nothing = graph.node("Sub", units, units)
    return graph.node("Add", _wide(graph, units), _wide(graph, nothing))


def _add_logistic(graph, exponents, output):
    """Add probabilities of negative logits. They never step back as a logit rises.

    ONNX Runtime's Softmax and Sigmoid may step back in the last digits. Double
    precision has digits to spare.
    """
    ends = (-_GREATEST_EXPONENT, _GREATEST_EXPONENT)
    limits = [graph.constant(np.float64(limit)) for limit in ends]
    power = graph.node("Exp", graph.node("Clip", exponents, *limits))
    one = graph.constant(np.float64(1.0))
    exact = graph.node("Div", one, graph.node("Add", one, power))
    graph.node("Cast", exact, to=TensorProto.FLOAT, output=output)


def _declared(name, kind, *n_columns):
    """Return the description of an output."""
    return helper.make_tensor_value_info(name, kind, [None, *n_columns])


def _label_values(classes):
    """Return the labels as an array whose type ONNX has."""
    labels = classes.tolist()
    for kind, dtype in ((str, object), (bool, bool), (int, np.int64), (float, float)):
        accepted = (int, float) if kind is float else kind
        if all(isinstance(label, accepted) for label in labels):
            try:
                return np.array(labels, dtype=dtype)
            except OverflowError:
                break
    raise ValueError(
        f"labels of type {classes.dtype} do not exist in ONNX: {labels!r:.100}. Use "
        "strings, booleans, or numbers of 64 bits"
    )
