"""Time of a prediction by the student, and by the same network in other packages."""

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

import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from skdistill import DistilledClassifier

# Number of features, number of classes, hidden layers.
SHAPES = [(16, 2, (64,)), (16, 2, (128,)), (54, 7, (64,)), (54, 7, (128, 64))]
FORMS = """\
The others run in the fastest form that was found, on one thread. **ONNX Runtime** gets
arrays bound to its input and output, so that its answers lie in one array that it uses
again, and blocks of 1,000 rows. `session.run`, whole tables, other sizes of blocks, a
new binding a call, and sessions without a memory pattern or an arena were slower. The
level of optimization is the highest, as by default. **NumPy** computes in place, in
blocks of 4,000 rows. Buffers that it uses again gained nothing. **scikit-learn** runs
with `assume_finite` and `skip_parameter_validation`, in blocks of 4,000 rows."""
CALLS = 1000  # number of calls for one row that are timed together


def onnx_prediction(student):
    """Return ONNX Runtime's prediction for a student's export; see `bound`."""
    from skdistill.export import to_onnx

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "student.onnx")
        to_onnx(student, path)
        return bound(path.read_bytes())


def onnx_teacher(teacher, n_features):
    """Return ONNX Runtime's prediction for a teacher; see `bound`."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    model = to_onnx(
        teacher,
        initial_types=[("X", FloatTensorType([None, n_features]))],
        options={"zipmap": False},
    )
    return bound(model.SerializeToString())


def bound(model):
    """Return a prediction by ONNX Runtime with one thread, in blocks of rows.

    Rows are copied into an array that is bound to the input. The answers of a block
    are written to an array that is bound to the output, and that the next call of as
    many rows uses again. `session.run` takes longer, because it makes new arrays.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    (source,) = session.get_inputs()
    n_classes = session.run(
        ["probabilities"], {source.name: np.zeros((1, source.shape[1]), np.float32)}
    )[0].shape[1]
    bindings = {}

    def bind(n_rows):
        rows = np.empty((n_rows, source.shape[1]), dtype=np.float32)
        answers = np.empty((n_rows, n_classes), dtype=np.float32)
        binding = session.io_binding()
        for bind_one, name, array in (
            (binding.bind_input, source.name, rows),
            (binding.bind_output, "probabilities", answers),
        ):
            bind_one(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)
        bindings[n_rows] = binding, rows, answers

    def predict(X):
        if len(X) not in bindings:
            bind(len(X))
        binding, rows, answers = bindings[len(X)]
        rows[...] = X
        session.run_with_iobinding(binding)
        return answers

    return in_blocks(predict, 1000)


def in_blocks(predict, size):
    """Return a function that predicts in blocks of rows, which stay in the caches."""

    def run(X):
        if len(X) <= size:
            return predict(X)
        first = predict(X[:size])
        answers = np.empty((len(X), first.shape[1]), dtype=first.dtype)
        answers[:size] = first
        for start in range(size, len(X), size):
            answers[start : start + size] = predict(X[start : start + size])
        return answers

    return run


def numpy_prediction(student):
    """Return a function that predicts with NumPy, in place and in blocks of rows."""
    coefs = [np.array(part, dtype=np.float32) for part in student.coefs_]
    layers = list(zip(coefs, map(np.array, student.intercepts_), strict=True))
    last, last_bias = layers.pop()

    def predict(X):
        for weights, bias in layers:
            X = X.dot(weights)
            X += bias
            np.maximum(X, 0, out=X)
        logits = X.dot(last)
        logits += last_bias
        if logits.shape[1] == 1:
            return 1 / (1 + np.exp(-logits))
        logits -= np.maximum.reduce(logits, 1, keepdims=True)
        np.exp(logits, logits)
        logits /= np.add.reduce(logits, 1, keepdims=True)
        return logits

    return in_blocks(predict, 4000)


def scikit_learn_prediction(model):
    """Return a prediction by a model of scikit-learn, with as few checks as it has."""

    def predict(X):
        with config_context(assume_finite=True, skip_parameter_validation=True):
            return model.predict_proba(X)

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
    student, knots = model.student_, encoded.student_
    ways = {
        "student_.predict_proba": student.predict_proba,
        "estimator": model.predict_proba,
        "NumPy": numpy_prediction(student),
        "scikit-learn": in_blocks(
            scikit_learn_prediction(scikit_learn_network(model, X)), 4000
        ),
    }
    with_knots = {"with knots: student_": knots.predict_proba}
    if find_spec("onnxruntime") and find_spec("onnx"):
        ways["ONNX Runtime"] = onnx_prediction(student)
        with_knots["with knots: ONNX Runtime"] = onnx_prediction(knots)
    else:
        print("ONNX Runtime is not installed: left out")
    for these in (ways, with_knots):
        expected = next(iter(these.values()))(X)[:, -1]
        for name, predict in these.items():
            difference = np.abs(predict(X)[:, -1] - expected).max()
            if difference > 1e-5:
                raise AssertionError(f"{name} differs by {difference}")
    ways |= with_knots
    ways[f"its teacher, {trees} trees"] = scikit_learn_prediction(forest)
    if find_spec("skl2onnx") and find_spec("onnxruntime"):
        ways["the teacher in ONNX Runtime"] = onnx_teacher(forest, n_features)
    else:
        print("skl2onnx is not installed: the teacher there is left out")
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
        "Time of `predict_proba` on float32 rows, with one thread. `student_` is the "
        "deployable part. The\nestimator has the interface of scikit-learn. The first "
        "columns run the same weights of a plain\nnetwork (`encoder=None`). The "
        "columns 'with knots' run the weights of the default student with as\nmany "
        "units. ONNX Runtime runs the exports of both. Medians of alternating turns. "
        "In each turn, the\nsame row or rows are predicted again and again.\n\n"
        f"{FORMS}\n\n"
        f"{markdown_table(heads, lines)}\n\n"
        f"{describe('onnxruntime', 'skl2onnx')}"
    )
    publish("latency", "Latency", text, options)


if __name__ == "__main__":
    main()
