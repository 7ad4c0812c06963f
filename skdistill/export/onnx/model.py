"""The ONNX model of a student."""

import json
from importlib.metadata import version
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from skdistill.export.onnx.first_layer import add_first_layer
from skdistill.export.onnx.graph import Graph
from skdistill.export.onnx.inputs import (
    MATRIX_NAME,
    OUTPUT_NAMES,
    ColumnInput,
    column_inputs,
)
from skdistill.export.onnx.text_columns import add_text_columns, check_terms
from skdistill.export.onnx.text_inputs import text_inputs
from skdistill.student.student import Student

# First opset in which all operators have the form that is used here.
_LEAST_OPSET = 13

# First opset of ai.onnx.ml with a LabelEncoder for double precision and NaN.
_LEVELS_OPSET = 4

# Sum below which SiLU is zero. Its exponential is a number of single precision.
_LEAST_SUM = -88.0

_INPUT_TYPES = {
    str: TensorProto.STRING,
    np.float32: TensorProto.FLOAT,
    np.float64: TensorProto.DOUBLE,
}


def student_model(student: Student, names: Any, opset: int) -> bytes:
    """Return the student as a serialised ONNX model that onnx has checked.

    Parameters
    ----------
    student : Student
    names : array-like of shape (n_features,) of str, or None
        Names of the columns.
    opset : int

    Returns
    -------
    model : bytes

    Raises
    ------
    ValueError
        In the same cases as `to_onnx`.
    """
    latest = onnx.defs.onnx_opset_version()
    if not isinstance(opset, int) or not _LEAST_OPSET <= opset <= latest:
        raise ValueError(
            f"opset={opset!r} is not an integer from {_LEAST_OPSET} to {latest}, the "
            f"latest that onnx {onnx.__version__} knows"
        )
    columns = _name_columns(student.input_code, names)
    texts = text_inputs(student)
    graph = Graph({MATRIX_NAME, *OUTPUT_NAMES, *columns, *(one.name for one in texts)})
    logits = _add_network(graph, student, columns, texts)
    labels = _label_values(student.classes_)
    _add_answers(graph, student, labels, logits)
    opsets = [helper.make_opsetid("", opset)]
    if columns or texts:
        opsets.append(helper.make_opsetid("ai.onnx.ml", _LEVELS_OPSET))
    foreign = [helper.make_opsetid("com.microsoft", 1)] if texts else []
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "student",
            _declare_inputs(student, columns, texts),
            _declare_outputs(labels),
            graph.initializers,
            value_info=graph.declared,
        ),
        opset_imports=opsets + foreign,
        ir_version=helper.find_min_ir_version_for(opsets),
        producer_name="skdistill",
        producer_version=version("skdistill"),
    )
    metadata = {"classes": json.dumps(labels.tolist())}
    if names is not None:
        metadata["feature_names"] = json.dumps(list(map(str, names)))
    if texts:
        described = {one.name: one.description for one in texts}
        metadata["texts"] = json.dumps(described)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def _name_columns(code, names) -> dict[str, ColumnInput]:
    """Return the inputs of one column each, by name; none if no column has levels."""
    if code is None or not code.categorical.size:
        return {}
    columns = column_inputs(code)
    if names is not None:
        named = {str(names[column.feature]): column for column in columns}
        if len(named) == len(columns) and not {"", *OUTPUT_NAMES} & set(named):
            return named
    return {f"x{column.feature}": column for column in columns}


def _declare_inputs(student, columns, texts):
    """Return the descriptions of the inputs."""
    make = helper.make_tensor_value_info
    if texts:
        return [
            make(one.name, TensorProto.STRING, one.shape, one.advice) for one in texts
        ]
    if not columns:
        shape = [None, student.n_features_in_]
        return [make(MATRIX_NAME, TensorProto.FLOAT, shape)]
    return [
        make(name, _INPUT_TYPES[column.dtype], [None, 1])
        for name, column in columns.items()
    ]


def _declare_outputs(labels):
    """Return the descriptions of the outputs."""
    make = helper.make_tensor_value_info
    label, probabilities = OUTPUT_NAMES
    return [
        make(label, helper.np_dtype_to_tensor_dtype(labels.dtype), [None]),
        make(probabilities, TensorProto.FLOAT, [None, labels.size]),
    ]


def _add_network(graph, student, columns, texts):
    """Add all layers; return the name of the logits."""
    if student.text is not None:
        check_terms(student.text)
        terms = add_text_columns(graph, student.text, texts)
        sums = _add_layer(graph, student, 0, terms)
        ends = (graph.constant([n], np.int64) for n in (1, np.iinfo(np.int32).max))
        sums = graph.node("Slice", sums, *ends)
    elif student.input_code is None:
        sums = _add_layer(graph, student, 0, MATRIX_NAME)
    else:
        select = _selection(graph, student, columns)
        sums = add_first_layer(graph, student, select, columns)
    for layer in range(1, len(student.coefs_)):
        values = _activate(graph, student.activation, sums)
        sums = _add_layer(graph, student, layer, values)
    return sums


def _selection(graph, student, columns):
    """Return the function that selects numeric columns."""
    name_of = {column.feature: name for name, column in columns.items()}

    def select(features):
        if name_of:
            return graph.beside([name_of[feature] for feature in features])
        if np.array_equal(features, np.arange(student.n_features_in_)):
            return MATRIX_NAME
        indices = graph.constant(features, np.int32)
        return graph.node("Gather", MATRIX_NAME, indices, axis=1)

    return select


def _add_layer(graph, student, layer, values):
    """Add the product with the weights of a layer."""
    weights = graph.weights(student.stored_weights.layers[layer])
    bias = graph.constant(student.intercepts_[layer])
    return graph.product(values, weights, bias, student.is_sum_of_curves)


def _activate(graph, activation, sums):
    """Add an activation."""
    if activation == "silu":
        # ONNX Runtime's Sigmoid is off by 1e-7, which the sum would multiply. Below the
        # limit, SiLU is zero, and minus infinity would give NaN.
        limited = graph.node("Max", sums, graph.constant([_LEAST_SUM], np.float32))
        power = graph.node("Exp", graph.node("Neg", limited))
        return graph.node(
            "Div", limited, graph.node("Add", power, graph.constant([1.0], np.float32))
        )
    operators = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}
    return graph.node(operators[activation], sums)


def _add_answers(graph, student, labels, logits):
    """Add both outputs."""
    label, probabilities = OUTPUT_NAMES
    if student.is_sum_of_curves:
        _add_logistic(graph, logits, probabilities)
    if student.output.is_one_unit:
        # A single logit is that of the second class. The logit of the first is zero.
        logits = graph.node("Pad", logits, graph.constant([0, 1, 0, 0], np.int64))
    if not student.is_sum_of_curves:
        graph.node("Softmax", logits, axis=1, output=probabilities)
    index = graph.node("ArgMax", logits, axis=1, keepdims=0)
    graph.node("Gather", graph.constant(labels), index, output=label)


def _add_logistic(graph, logits, output):
    """Add the probabilities of two classes, which rise and fall with the logit.

    ONNX Runtime's Softmax and Sigmoid may step back in the last digits. Double
    precision has digits to spare.
    """
    wide = graph.node("Cast", logits, to=TensorProto.DOUBLE)
    exponents = graph.beside([wide, graph.node("Neg", wide)])
    # Beyond this exponent the probability is no normal number of single precision.
    limits = [graph.constant(np.float64(limit)) for limit in (-87.0, 87.0)]
    power = graph.node("Exp", graph.node("Clip", exponents, *limits))
    one = graph.constant(np.float64(1.0))
    exact = graph.node("Div", one, graph.node("Add", one, power))
    graph.node("Cast", exact, to=TensorProto.FLOAT, output=output)


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
