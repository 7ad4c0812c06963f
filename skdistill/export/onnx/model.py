"""The ONNX model of a student."""

import json
from importlib.metadata import version
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from skdistill.export.onnx.answers import add_answers
from skdistill.export.onnx.first_layer import add_first_layer
from skdistill.export.onnx.graph import Graph
from skdistill.export.onnx.inputs import (
    MATRIX_NAME,
    ColumnInput,
    column_inputs,
    output_names,
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
    outputs = output_names(student.output)
    columns = _name_columns(student.input_code, names, outputs)
    texts = text_inputs(student)
    graph = Graph({MATRIX_NAME, *outputs, *columns, *(one.name for one in texts)})
    units = _add_network(graph, student, columns, texts)
    answers = add_answers(graph, student, units)
    opsets = [helper.make_opsetid("", opset)]
    if columns or texts:
        opsets.append(helper.make_opsetid("ai.onnx.ml", _LEVELS_OPSET))
    foreign = [helper.make_opsetid("com.microsoft", 1)] if texts else []
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "student",
            _declare_inputs(student, columns, texts),
            answers.declared,
            graph.initializers,
            value_info=graph.declared,
        ),
        opset_imports=opsets + foreign,
        ir_version=helper.find_min_ir_version_for(opsets),
        producer_name="skdistill",
        producer_version=version("skdistill"),
    )
    metadata = {**answers.metadata}
    if names is not None:
        metadata["feature_names"] = json.dumps(list(map(str, names)))
    if texts:
        described = {one.name: one.description for one in texts}
        metadata["texts"] = json.dumps(described)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def _name_columns(code, names, outputs) -> dict[str, ColumnInput]:
    """Return the inputs of one column each, by name; none if no column has levels."""
    if code is None or not code.categorical.size:
        return {}
    columns = column_inputs(code)
    if names is not None:
        named = {str(names[column.feature]): column for column in columns}
        if len(named) == len(columns) and not {"", *outputs} & set(named):
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


def _add_network(graph, student, columns, texts):
    """Add all layers; return the name of the values of the output units."""
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
