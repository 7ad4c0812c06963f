"""Activations over the whole range of float32, in every backend, against float64."""

import json
import re
import shutil
import subprocess
from importlib.resources import files

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student
from skdistill.export.c.activation import ACTIVATION_SOURCES, EXPONENTIAL_SOURCE
from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS, activate
from skdistill.student import prediction as prediction_module
from skdistill.student.bounds import NO_LIMIT, greatest_value
from skdistill.student.forward import NUMPY_ACTIVATIONS
from tests import oracle

# Units in the last place, and the least normal number of float32.
UNITS, LEAST = 4, 1.2e-38

ALL = ["relu", "tanh", "logistic", "silu"]


def sums(step=8191):
    """Numbers of every binary order of size, those near zero, and special ones."""
    bits = np.arange(0, 2**32, step, dtype=np.uint64).astype(np.uint32)
    greatest = np.finfo(np.float32).max
    special = [np.inf, -np.inf, np.nan, 0.0, -0.0, greatest, -greatest, 1e-45, -1e-45]
    near = np.linspace(-120, 120, 100_003)
    x = np.concatenate(
        [bits.view(np.float32), near.astype(np.float32), np.float32(special)]
    )
    x[np.isnan(x)] = np.nan  # NumPy warns of those that signal.
    return x


def exact(activation, x):
    """The activation in double precision."""
    wide = x.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        if activation == "relu":
            return np.where(wide < 0, 0.0, wide)
        if activation == "tanh":
            return np.tanh(wide)
        if activation == "logistic":
            return 1 / (1 + np.exp(-wide))
        return np.where(wide < -700, 0.0, wide / (1 + np.exp(-wide)))


def assert_close(found, activation, x):
    """Found values are within four units of the exact ones, and NaN where these are."""
    expected = exact(activation, x)
    assert found.shape == x.shape
    assert_array_equal(np.isnan(found), np.isnan(x))
    rounded = expected.astype(np.float32)
    found = found.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.abs(found - expected)
        unit = np.spacing(np.abs(rounded)).astype(np.float64)
    wrong = (error > UNITS * unit) & (error > LEAST) & (found != rounded)
    assert not wrong.any(), (x[wrong][:5], found[wrong][:5], expected[wrong][:5])
    if activation == "silu":
        assert not found[np.isneginf(x)].any()


@kernel
def run_kernel(activation, values, slopes):
    activate(activation, values, slopes, 1, values.size, values.size)


@pytest.mark.parametrize("activation", ALL[1:])
def test_kernels(activation):
    x = sums()
    values, slopes = x.copy(), np.zeros_like(x)
    run_kernel(ACTIVATION_NUMBERS[activation], values, slopes)
    assert_close(values, activation, x)
    inner = np.isfinite(x)
    wide = x[inner].astype(np.float64)
    y = exact("logistic", x[inner])
    expected = {
        "tanh": 1 - np.tanh(wide) ** 2,
        "logistic": y * (1 - y),
        "silu": y * (1 + np.clip(wide, -700, None) * (1 - y)),
    }[activation]
    assert_allclose(slopes[inner], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [1, 3, 16, 37])
@pytest.mark.parametrize("activation", ALL[1:])
def test_kernels_for_few_and_many_units(activation, size):
    """Vectors and the units after the last whole vector take the same way."""
    x = np.float32([np.nan, -np.inf, -90.0, -3e38, 0.5])
    for value in x:
        values, slopes = np.full(size, value), np.zeros(size, dtype=np.float32)
        run_kernel(ACTIVATION_NUMBERS[activation], values, slopes)
        assert_close(values, activation, np.full(size, value))


@pytest.mark.parametrize("activation", ALL)
def test_numpy(activation):
    x = sums()
    with np.errstate(over="ignore", invalid="ignore"):
        assert_close(NUMPY_ACTIVATIONS[activation](x), activation, x)


C_PROGRAM = """
#include <stdint.h>
#include <stdio.h>
%s
int main(void)
{
    float x;
    while (fread(&x, sizeof x, 1, stdin) == 1) {
        x = s_activate(x);
        fwrite(&x, sizeof x, 1, stdout);
    }
    return 0;
}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize("activation", ALL)
def test_c(activation, tmp_path):
    parts = [] if activation == "relu" else [EXPONENTIAL_SOURCE]
    source = "\n".join([*parts, ACTIVATION_SOURCES[activation]]).replace("@_", "s_")
    (tmp_path / "program.c").write_text(C_PROGRAM % source)
    for option in ("-O0", "-O2"):
        command = ["cc", option, "-o", tmp_path / "program", tmp_path / "program.c"]
        subprocess.run(command, check=True)
        x = sums()
        ended = subprocess.run(
            [tmp_path / "program"],
            input=x.tobytes(),
            stdout=subprocess.PIPE,
            check=True,
        )
        assert_close(np.frombuffer(ended.stdout, np.float32), activation, x)


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node")
@pytest.mark.parametrize("activation", ALL)
def test_javascript(activation, tmp_path):
    module = files("skdistill.export.javascript") / "student_template.mjs"
    (source,) = re.findall(
        r"^const activations = \{\n.*?^\};",
        module.read_text(),
        re.DOTALL | re.MULTILINE,
    )
    script, numbers = tmp_path / "script.mjs", tmp_path / "numbers"
    x = sums(step=2**17 - 1)
    numbers.write_bytes(x.tobytes())
    script.write_text(
        f"""import {{ readFileSync, writeFileSync }} from "node:fs";
{source}
const bytes = readFileSync({json.dumps(str(numbers))});
const x = new Float32Array(Uint8Array.from(bytes).buffer);
const y = x.map(activations[{json.dumps(activation)}]);
writeFileSync({json.dumps(str(numbers))}, new Uint8Array(y.buffer));
"""
    )
    subprocess.run(["node", script], check=True)
    assert_close(np.frombuffer(numbers.read_bytes(), np.float32), activation, x)


@pytest.mark.parametrize("activation", ALL)
def test_onnx(activation, tmp_path):
    """ONNX Runtime has functions of its own, which are less exact."""
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from skdistill.export import to_onnx

    student = Student([[[1.0]], [[1.0]]], [[0.0], [0.0]], activation, [0, 1])
    to_onnx(student, tmp_path / "student.onnx")
    model = onnx.load(tmp_path / "student.onnx")
    last = [node for node in model.graph.node if node.op_type == "Gemm"][-1]
    model.graph.output.append(
        onnx.helper.make_tensor_value_info(last.input[0], onnx.TensorProto.FLOAT, None)
    )
    session = runtime.InferenceSession(model.SerializeToString())
    name = session.get_inputs()[0].name
    x = sums()
    (found,) = session.run([last.input[0]], {name: x[:, np.newaxis]})
    found, expected = found[:, 0], exact(activation, x)
    assert_array_equal(np.isnan(found), np.isnan(x))
    inner = np.isfinite(x)
    assert_allclose(found[inner], expected[inner], rtol=1e-6, atol=1e-6)
    assert_allclose(found[np.isinf(x)], expected[np.isinf(x)], atol=1e-6)


@pytest.fixture(params=[True, False], ids=["compiled", "NumPy"])
def compiled(request, monkeypatch):
    monkeypatch.setattr(
        prediction_module, "COMPILED", request.param and prediction_module.COMPILED
    )
    return request.param


def one_unit(activation):
    return Student([[[3e38], [3e38]], [[1.0]]], [[0.0], [0.0]], activation, [0, 1])


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("n", [1, 16, 300])
@pytest.mark.parametrize("activation", ALL)
def test_sums_that_overflow_are_answered_alike_by_all(activation, n):
    """A sum of infinities of both signs is NaN, whatever the order of the sum is."""
    student = one_unit(activation)
    with pytest.raises(ValueError, match="logits of row 0 of X are beyond"):
        student.predict_proba(np.tile(np.float32([2.0, -2.0]), (n, 1)))
    low = student.decision_function(np.full((n, 2), -2.0, dtype=np.float32))
    assert_array_equal(low, np.full(n, -1.0 if activation == "tanh" else 0.0))
    high = np.full((n, 2), 2.0, dtype=np.float32)
    if activation in ("tanh", "logistic"):
        assert_array_equal(student.decision_function(high), np.ones(n))
        expected = np.exp([0.0, 1.0]) / (1 + np.e)
        assert_allclose(student.predict_proba(high)[0], expected, rtol=1e-6)
    else:
        with pytest.raises(ValueError, match="logits of row 0 of X are beyond"):
            student.decision_function(high)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("activation", ALL)
def test_a_few_large_rows_among_others(activation):
    student = one_unit(activation)
    X = np.zeros((300, 2), dtype=np.float32)
    X[200] = -2.0
    low = -1.0 if activation == "tanh" else 0.0
    assert student.decision_function(X)[200] == low
    X[250] = [2.0, -2.0]
    with pytest.raises(ValueError, match="logits of row 250"):
        student.predict_proba(X)
    X[100, 1] = np.nan
    with pytest.raises(ValueError, match="NaN in row 100, column 1"):
        student.predict_proba(X)


def test_a_sum_of_curves_in_double_precision_has_no_limit():
    coefs, intercepts = oracle.random_network((3, 1), dtype=np.float32)
    student = Student(coefs, intercepts, "relu", [0, 1])
    assert greatest_value(student) == np.finfo(np.float32).max
    X = 3.4e38 * np.array([[1.0, 1.0, 1.0], [-1.0, 1.0, -1.0]])
    logits = X.astype(np.float32).astype(float) @ coefs[0] + intercepts[0]
    small = 1e-30 * X
    expected = small.astype(np.float32).astype(float) @ coefs[0] + intercepts[0]
    found = student.decision_function(small)
    assert_allclose(found, expected[:, 0], rtol=1e-6)
    probability = student.predict_proba(np.sign(X) * 1e37)[:, 1]
    assert_allclose(probability, logits[:, 0] > 0, atol=2e-38)


@pytest.mark.parametrize("units", [(3, 3), (3, 5, 3), (4, 7, 6, 3)], ids=str)
@pytest.mark.parametrize("activation", ALL)
def test_no_sum_overflows_up_to_the_limit(units, activation):
    coefs, intercepts = oracle.random_network(units, dtype=np.float32)
    labels = list(range(max(2, units[-1])))
    limit = greatest_value(Student(coefs, intercepts, activation, labels))
    assert 1e30 < limit < 3.4e38
    rng = oracle.RNG(0)
    X = limit * rng.choice([-1.0, 1.0], size=(500, units[0]))
    values = X.astype(np.float32)
    for layer, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        # The sum of the sizes bounds all partial sums.
        sizes = np.abs(values.astype(np.float64)) @ np.abs(weights) + np.abs(bias)
        assert sizes.max() < np.finfo(np.float32).max
        values = np.float32(values @ weights + bias)
        if layer < len(coefs) - 1:
            values = NUMPY_ACTIVATIONS[activation](values)


def test_a_student_that_may_overflow_for_any_row_is_left_to_numpy():
    coefs = [np.full((1, 2), 1.0), np.full((2, 1), 3e38)]
    student = Student(coefs, [np.zeros(2), np.zeros(1)], "tanh", [0, 1])
    assert greatest_value(student) == NO_LIMIT
    code = oracle.random_code(2, (3,), ())
    for size, limited in ((1.0, True), (3e38, False)):
        table = np.full((code.n_rows, 3), size)
        arguments = ([np.ones((2, 3))], [np.zeros(3)], "relu", [0, 1, 2], code, table)
        assert (greatest_value(Student(*arguments)) > 1e38) == limited


@pytest.mark.parametrize("n_beyond", [1, 3, 700])
def test_rows_beyond_the_limit_leave_the_other_answers_alone(n_beyond):
    """As one row with an error in 2,000 does, in one thread or several."""
    coefs, intercepts = oracle.random_network((3, 16, 3), 0, np.float32)
    coefs[0] *= np.float32(30)
    student = Student(coefs, intercepts, "tanh", range(3))
    assert 0 < greatest_value(student) < 1e37
    X = oracle.RNG(0).normal(size=(2000, 3)).astype(np.float32)
    odd = oracle.RNG(2).choice(2000, n_beyond, replace=False)
    far = X.copy()
    far[odd, 0] = 1e37
    for method in ("predict_proba", "decision_function"):
        expected = getattr(student, method)(X)
        answer = getattr(student, method)(far)
        others = np.setdiff1d(np.arange(2000), odd)
        assert_array_equal(answer[others], expected[others])
        alone = np.concatenate([getattr(student, method)(far[[n]]) for n in odd[:20]])
        assert_array_equal(answer[odd[:20]], alone)
    expected = student.predict_proba(far)
    for n_jobs in (1, 2, 3):
        answer = student.predict_proba(far, n_jobs=n_jobs)
        assert_array_equal(answer, expected)


def test_errors_count_the_row_among_all_rows():
    coefs, intercepts = oracle.random_network((3, 16, 3), 0, np.float32)
    student = Student(coefs, intercepts, "relu", range(3))
    X = np.zeros((2000, 3), dtype=np.float32)
    X[700:705] = 1e34
    X[1500] = 3e38
    with pytest.raises(ValueError, match="logits of row 1500 of X"):
        student.predict_proba(X)
    X[1800, 1] = np.nan
    with pytest.raises(ValueError, match="NaN in row 1800, column 1"):
        student.predict_proba(X)
