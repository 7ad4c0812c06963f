"""Time of a prediction: the student, and the same network elsewhere."""

from benchmarks.environment import (
    alternate,
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import numpy as np
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from skdistill import DistilledClassifier

# Features, classes, hidden layers.
SHAPES = [(16, 2, (128,)), (54, 7, (64,)), (54, 7, (128,)), (54, 7, (64, 64))]
CALLS = 1000  # of one row, timed as one


def onnx_session(student):
    """Return ONNX Runtime's session of a student's network, one thread."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, value = [], [], "X"
    layers = zip(student.coefs_, student.intercepts_, strict=True)
    for i, (coefs, bias) in enumerate(layers):
        weights.append(numpy_helper.from_array(coefs, f"W{i}"))
        weights.append(numpy_helper.from_array(bias, f"b{i}"))
        nodes.append(helper.make_node("Gemm", [value, f"W{i}", f"b{i}"], [f"z{i}"]))
        value = f"z{i}"
        if i + 1 < len(student.coefs_):
            nodes.append(helper.make_node("Relu", [value], [f"h{i}"]))
            value = f"h{i}"
    # The output of two classes is one logit; the work is that of the student's.
    last = "Sigmoid" if student.out_activation_ == "logistic" else "Softmax"
    nodes.append(helper.make_node(last, [value], ["probabilities"]))
    float_type = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "student",
        [
            helper.make_tensor_value_info(
                "X", float_type, [None, len(student.coefs_[0])]
            )
        ],
        [helper.make_tensor_value_info("probabilities", float_type, None)],
        weights,
    )
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )


def numpy_prediction(student):
    """Return a function that predicts with NumPy."""
    coefs, intercepts = student.coefs_, student.intercepts_

    def predict(X):
        for weights, bias in zip(coefs[:-1], intercepts[:-1], strict=True):
            X = np.maximum(X @ weights + bias, 0)
        logits = X @ coefs[-1] + intercepts[-1]
        if logits.shape[1] == 1:
            return 1 / (1 + np.exp(-logits))
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    return predict


def scikit_learn_network(model, X):
    """Return scikit-learn's network with the student's weights."""
    y = np.arange(len(X)) % len(model.classes_)
    network = MLPClassifier([b.size for b in model.intercepts_[:-1]])
    network.partial_fit(X, y, classes=np.arange(len(model.classes_)))
    network.coefs_, network.intercepts_ = model.coefs_, model.intercepts_
    return network


def predictions(shape, tiny):
    """Return the rows and the ways of predicting them."""
    n_features, n_classes, hidden = shape
    X, y = make_classification(
        2000,
        n_features,
        n_informative=n_features // 2,
        n_classes=n_classes,
        random_state=0,
    )
    X = np.ascontiguousarray(X, dtype=np.float32)
    trees = 5 if tiny else 200
    forest = RandomForestClassifier(trees, random_state=0).fit(X, y)
    encoded = DistilledClassifier(
        forest,
        synthesizer=None,
        hidden_layer_sizes=hidden,
        max_iter=5,
        weight_decay=0.3,
        random_state=0,
    ).fit(X, y)
    model = clone(encoded).set_params(encoder=None).fit(X, y)
    ways = {
        "student_.predict_proba": model.student_.predict_proba,
        "estimator": model.predict_proba,
        "NumPy": numpy_prediction(model.student_),
        "scikit-learn": scikit_learn_network(model, X).predict_proba,
    }
    try:
        session = onnx_session(model.student_)
        ways["ONNX Runtime"] = lambda rows: session.run(None, {"X": rows})[0]
    except ModuleNotFoundError:
        print("ONNX Runtime is not installed: left out")
    expected = model.predict_proba(X)[:, -1]
    for name, predict in ways.items():
        difference = np.abs(predict(X)[:, -1] - expected).max()
        if difference > 1e-5:
            raise AssertionError(f"{name} predicts otherwise, by {difference}")
    ways["student_, with knots"] = encoded.student_.predict_proba
    ways[f"its teacher, {trees} trees"] = forest.predict_proba
    return X, ways


def repeated(predict, rows, times):
    """Return a function that predicts several times."""

    def run():
        for _ in range(times):
            predict(rows)

    return run


def main():
    options = parse_arguments(__doc__)
    calls, rounds = (3, 1) if options.tiny else (CALLS, 11)
    many = 1000 if options.tiny else 100_000
    lines = []
    heads = ["features-hidden-classes"]
    for shape in SHAPES:
        X, ways = predictions(shape, options.tiny)
        row = X[:1]
        batch = np.ascontiguousarray(np.resize(X, (many, X.shape[1])))
        slow = [name for name in ways if "teacher" in name]
        fast = [name for name in ways if name not in slow]
        one = alternate({n: repeated(ways[n], row, calls) for n in fast}, rounds)
        one |= alternate({n: repeated(ways[n], row, 3) for n in slow}, rounds)
        full = alternate({n: repeated(ways[n], batch, 1) for n in fast}, rounds)
        units = "-".join(map(str, (shape[0], *shape[2], shape[1])))
        micro = [f"{1e6 * one[n] / calls:.1f}" for n in fast]
        micro += [f"{1e6 * one[n] / 3:,.0f}" for n in slow]
        lines.append([units, "one row, µs", *micro])
        milli = [f"{1e3 * full[n]:.1f}" for n in fast] + ["" for _ in slow]
        lines.append([units, f"{many:,} rows, ms", *milli])
        heads = ["features-hidden-classes", "", *fast, *slow]
    text = (
        "Time of `predict_proba` on float32 rows. `student_` is the deployable part; "
        "the estimator checks its\ninput as scikit-learn does. These two and the next "
        "run the same weights of a plain network (`encoder=None`);\n'with knots' is "
        "the default student of as many units. Medians of alternating rounds.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe('onnxruntime')}"
    )
    publish("latency", "Latency", text, options)


if __name__ == "__main__":
    main()
