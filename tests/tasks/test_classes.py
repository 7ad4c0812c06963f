"""The task of telling classes apart, beside its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.tree import DecisionTreeClassifier

from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import as_teacher


@given(st.integers(2, 6), st.integers(1, 9), st.integers(0, 999))
def test_classes_and_column_numbers_go_both_ways(n_classes, n_rows, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation([f"label {i}" for i in range(n_classes)])
    y = rng.choice(labels, n_rows)
    task = Classification(labels)
    columns = task.encode_labels(y, n_rows)
    assert_array_equal(labels[columns], y)
    assert_array_equal(task.decode_labels(columns), y)
    assert task.encode_labels(None, 3).tolist() == [-1, -1, -1]


def test_two_classes_are_one_unit_and_more_have_one_each():
    for n_classes, n_units in ((2, 1), (3, 3), (7, 7)):
        task = Classification(np.arange(n_classes))
        assert task.output.n_units == n_units
    logits = np.array([[-1.0], [2.0]])
    output = Classification(np.array(["no", "yes"])).output
    assert output.decide(logits).tolist() == ["no", "yes"]
    assert_allclose(output.probabilities(logits)[:, 1], 1 / (1 + np.exp([1.0, -2.0])))
    assert_array_equal(output.scores(logits), [-1.0, 2.0])


@pytest.mark.parametrize("loss", ["kl", "logit_mse"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_folded_targets_are_those_of_the_definition(loss, n_classes):
    """With soft weight s, hard weight h, temperature T: s T q + h o, or s v + h o."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(5, n_classes)).astype(np.float32)
    labels = np.array([0, 1, -1, 1, -1])
    soft, hard = rng.uniform(size=(2, 5))
    hard[labels < 0] = 0.0
    out = np.zeros((5, n_classes), np.float32)
    task = Classification(np.arange(n_classes))
    constant = task.fold(logits, labels, soft, hard, loss, 3.0, out)
    one_hot = np.eye(n_classes)[labels] * (labels >= 0)[:, np.newaxis]
    if loss == "kl":
        exponentials = np.exp(logits.astype(float) / 3)
        q = exponentials / exponentials.sum(axis=1, keepdims=True)
        wanted = 3 * soft[:, np.newaxis] * q + hard[:, np.newaxis] * one_hot
        # The divergence of q from equal probabilities, and their cross-entropy.
        divergence = (q * np.log(q * n_classes)).sum(axis=1)
        total = 9 * soft * divergence + hard * np.log(n_classes)
    else:
        shift = logits[:, :1] if n_classes == 2 else logits.mean(1, keepdims=True)
        v = logits - shift
        wanted = soft[:, np.newaxis] * v + hard[:, np.newaxis] * one_hot
        total = soft * (v**2).sum(axis=1) / 2
    assert_allclose(out, wanted, rtol=1e-5, atol=1e-7)
    assert_allclose(constant, total, rtol=1e-5)


def test_a_clone_that_saw_some_classes_answers_zero_for_the_others():
    X = np.arange(6.0)[:, np.newaxis]
    y = np.array(["a", "c", "a", "c", "a", "c"])
    clone = as_teacher(DecisionTreeClassifier().fit(X, y))
    task = Classification(np.array(["c", "b", "a"]))
    known = task.answered_by(clone, y)
    assert not known.covers(task)
    assert task.covers(known)
    answers = task.spread(clone.ask(X, known), known)
    assert_array_equal(answers, [[0, 0, 1], [1, 0, 0]] * 3)


def test_the_classes_are_known_once_the_teacher_has_answered():
    task = Classification.of(as_teacher(len), None)
    with pytest.raises(RuntimeError, match="classes are not known before"):
        task.output  # noqa: B018
    assert task.completed(np.ones((1, 3))).output.labels.tolist() == [0, 1, 2]
