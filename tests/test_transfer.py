import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from skdistill.training import auto_epochs, schedule
from skdistill.transfer import SMOOTHING, make_transfer_set, soften, teacher_logits
from tests import oracle


@st.composite
def probabilities(draw):
    n_classes = draw(st.integers(2, 6))
    shape = (draw(st.integers(1, 5)), n_classes)
    values = draw(arrays(float, shape, elements=st.floats(0, 1)))
    values[:, draw(st.integers(0, n_classes - 1))] += 1e-3
    return values / values.sum(axis=1, keepdims=True)


@given(probabilities(), st.floats(0.05, 20))
def test_soften(p, temperature):
    softened = soften(p, temperature)
    n_classes = p.shape[1]
    logits = np.log((1 - SMOOTHING) * p + SMOOTHING / n_classes)
    assert_allclose(softened, oracle.softmax(logits / temperature), rtol=1e-9)
    assert_allclose(softened.sum(axis=1), 1)


@given(probabilities())
def test_teacher_logits_give_the_smoothed_probabilities_back(p):
    logits = teacher_logits(p)
    n_classes = p.shape[1]
    smoothed = (1 - SMOOTHING) * p + SMOOTHING / n_classes
    assert_allclose(oracle.softmax(logits), smoothed, rtol=1e-9)
    if n_classes == 2:
        assert (logits[:, 0] == 0).all()
    else:
        assert_allclose(logits.sum(axis=1), 0, atol=1e-9)


def test_weights_of_rows():
    X, proba = np.zeros((4, 1)), np.full((4, 2), 0.5)
    labels = np.array([0, 1, 1, 0])
    weight = np.array([1.0, 0.0, 2.0, 3.0])
    rows = make_transfer_set(X, proba, labels, weight, 0.25, np.array([2.0, 1.0]))
    # By class 2, 2 and 6, of which the mean is 10 / 3; the second row is out.
    expected = np.array([2.0, 2.0, 6.0]) * 3 / 10
    assert_allclose(rows.soft_weight, 0.25 * expected)
    assert_allclose(rows.hard_weight, 0.75 * expected)
    assert rows.labels.tolist() == [0, 1, 0]
    assert rows.n_rows == 3
    assert rows.n_classes == 2
    unlabelled = make_transfer_set(X, proba, None, weight, 0.25, np.ones(2))
    assert_allclose(unlabelled.soft_weight, [0.5, 1.0, 1.5])
    assert (unlabelled.hard_weight == 0).all()


@pytest.mark.parametrize("n_steps", [1, 2, 19, 20, 1500])
def test_schedule_rises_once_and_falls(n_steps):
    rates = schedule(0, n_steps, n_steps)
    half = n_steps // 2
    assert_allclose(schedule(half, n_steps - half, n_steps), rates[half:])
    assert rates.shape == (n_steps,)
    assert (rates > 0).all()
    assert rates.max() <= 1
    turns = np.sign(np.diff(rates))
    assert (np.diff(turns[turns != 0]) <= 0).all()
    if n_steps == 1500:
        assert_allclose(rates[:75] / rates[74], np.arange(1, 76) / 75, rtol=0.01)
        assert rates[-1] < 1e-5
        assert rates.max() > 0.99


@pytest.mark.parametrize(
    ("n_rows", "batch_size", "epochs"),
    [(90, 256, 1500), (1347, 256, 250), (14_000, 256, 28), (10**6, 256, 10)],
)
def test_auto_epochs(n_rows, batch_size, epochs):
    assert auto_epochs(n_rows, batch_size) == epochs
