"""The task of label sets."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.metrics import log_loss

from skdistill.tasks.classes import Classification
from skdistill.tasks.exact_loss import FoldedTargets
from skdistill.tasks.label_probabilities import (
    check_label_probabilities,
    warn_if_shares,
)
from skdistill.tasks.label_sets import LabelSetting
from skdistill.tasks.soft_targets import SMOOTHING
from skdistill.teachers.answers import Answers
from skdistill.teachers.calibration import Temperatures


@pytest.fixture
def task():
    return LabelSetting(3)


def random_sets(n_rows=50, n_labels=3, seed=0):
    rng = np.random.default_rng(seed)
    answers = rng.random((n_rows, n_labels))
    return answers, (rng.random(answers.shape) < answers).astype(float)


def mean_log_loss(probabilities, labels):
    """Return the loss of each row by scikit-learn."""
    return np.array(
        [
            np.mean(
                [
                    log_loss([label], [[1 - p, p]], labels=[0, 1])
                    for p, label in zip(row, of_row, strict=True)
                ]
            )
            for row, of_row in zip(probabilities, labels, strict=True)
        ]
    )


def test_labels_come_back(task):
    y = random_sets()[1].astype(int)
    labels = task.encode_labels(y, len(y))
    assert labels.dtype == np.float64
    assert_array_equal(task.decode_labels(labels), y)
    assert np.isnan(task.encode_labels(None, 4)).all()
    assert task.encode_labels(None, 4).shape == (4, 3)


def test_soft_targets_are_the_margins_of_two_classes(task):
    answers = np.vstack([random_sets()[0], [[0.0, 1.0, 0.5]]])
    of_classes = Classification(np.array([0, 1]))
    for label, column in enumerate(answers.T):
        two = of_classes.soft_targets(np.column_stack([1 - column, column]))
        margin = two[:, 1].astype(float) - two[:, 0]
        assert_allclose(task.soft_targets(answers)[:, label], margin, atol=2e-6)
    highest = logit(1 - SMOOTHING / 2)
    assert_allclose(task.soft_targets(answers)[-1], [-highest, highest, 0], rtol=1e-5)


@pytest.mark.parametrize("soft_share", [0.0, 0.3, 1.0])
def test_the_folded_loss_is_divergence_and_cross_entropy(task, soft_share):
    answers, labels = random_sets()
    rng = np.random.default_rng(1)
    weight = rng.random(50)
    soft, hard = soft_share * weight, (1 - soft_share) * weight
    if soft_share == 1.0:
        labels = task.encode_labels(None, 50)
    targets = task.soft_targets(answers)
    out = np.empty(targets.shape)
    constant = task.fold(targets, labels, soft, hard, "kl", 1.0, out)
    units = rng.normal(size=targets.shape)
    folded = FoldedTargets(out, soft, hard, constant)
    losses, _ = task.exact_losses["kl"](units, folded, 1.0)
    q, p = expit(targets.astype(float)), expit(units)
    divergence = (q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))).sum(axis=1)
    entropy = -(labels * np.log(p) + (1 - labels) * np.log(1 - p)).sum(axis=1)
    expected = soft * divergence + np.where(hard > 0, hard * entropy, 0.0)
    assert_allclose(losses, expected, rtol=1e-9, atol=1e-12)


def test_losses_of_answers_are_cross_entropies(task):
    predicted, answers = (logit(random_sets(seed=seed)[0]) for seed in (0, 1))
    p, q = expit(predicted), expit(answers)
    expected = -(q * np.log(p) + (1 - q) * np.log(1 - p)).mean(axis=1)
    assert_allclose(task.losses_of_answers(predicted, answers), expected)


def test_agreement_is_the_share_of_labels_decided_alike(task):
    one = np.array([[0.9, 0.1, 0.6], [0.2, 0.2, 0.2]])
    other = np.array([[0.6, 0.4, 0.4], [0.9, 0.1, 0.4]])
    assert task.agreement(one, other, np.ones(2)) == pytest.approx(4 / 6)
    assert task.agreement(one, other, np.array([1.0, 0.0])) == pytest.approx(2 / 3)
    assert task.agreement(one, one, np.ones(2)) == 1.0


def test_changes_are_mean_distances_of_probabilities(task):
    before, after = random_sets()[0], random_sets(seed=1)[0]
    assert_allclose(task.changes(before, after), np.abs(before - after).mean(axis=1))
    two = Classification(np.array([0, 1]))
    one_label = before[:, :1], after[:, :1]
    pairs = (np.hstack([1 - table, table]) for table in one_label)
    assert_allclose(LabelSetting(1).changes(*one_label), two.changes(*pairs))


def test_confidence_is_that_of_two_classes_if_there_is_one_label():
    answers = np.array([[0.0], [0.3], [0.5], [0.9], [1.0]])
    two = Classification(np.array([0, 1]))
    both = np.hstack([1 - answers, answers])
    for is_sparse in (False, True):
        assert_allclose(
            LabelSetting(1).confidence(answers, is_sparse),
            two.confidence(both, is_sparse),
        )


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (np.zeros((2, 2)), r"p has shape \(2, 2\), not \(2, 3\): y holds 3 labels"),
        (np.zeros((1, 3)), r"p has shape \(1, 3\), not \(2, 3\)"),
        (np.array([[0, 1, 0.5], [0, np.nan, 0]]), "p is not finite in row 1"),
        (np.array([[0, 1, 0.5], [0, 3.0, 0]]), "beyond 0 and 1 in row 1.*expit"),
        (np.array([[0, -0.1, 0.5], [0, 1, 0]]), "p is beyond 0 and 1 in row 0"),
    ],
)
def test_wrong_answers(answers, words):
    with pytest.raises(ValueError, match=words):
        check_label_probabilities(answers, 2, 3, "p")


def test_right_answers_lose_what_rounding_adds():
    answers = np.array([[0.0, 1.0 + 1e-7, 0.5]], dtype=np.float32)
    checked = check_label_probabilities(answers, 1, 3, "p")
    assert_array_equal(checked, [[0.0, 1.0, 0.5]])


def test_a_teacher_of_labels_in_another_order(task):
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 3)) < [0.1, 0.5, 0.8]).astype(float)
    answers = 0.8 * labels + 0.1
    task.warn_if_worse_than_constant(answers, labels, np.ones(200))
    with pytest.warns(UserWarning, match="as a constant answer.*in another order"):
        task.warn_if_worse_than_constant(answers[:, ::-1], labels, np.ones(200))


@pytest.mark.parametrize("n_classes", [3, 4])
def test_a_teacher_of_one_label_is_refused(task, n_classes):
    shares = np.random.default_rng(0).dirichlet(np.ones(n_classes), 20)
    answers = Answers(shares, classes=np.arange(n_classes))
    words = (
        r"the teacher (adds|has shape).*was fitted on one label, with the classes \["
    )
    with pytest.raises(ValueError, match=words):
        task.check_answers(answers, 20, "the teacher")
    others = Answers(random_sets(20)[0], classes=np.arange(3))
    assert_array_equal(task.check_answers(others, 20, "the teacher"), others.values)


def test_shares_of_one_get_a_warning_if_rows_have_several_labels(task):
    shares = np.eye(3)[np.arange(20) % 3] * 0.7 + 0.1
    words = "add up to 1 in each row, as those of one of several"
    with pytest.warns(UserWarning, match=words):
        warn_if_shares(shares, random_sets(20)[1])
    for answers, labels in ((shares, shares > 0.5), (random_sets(20)[0], shares > 0.5)):
        warn_if_shares(answers, labels)


def test_answers_that_say_no_more_than_labels(task):
    labels = random_sets(200)[1]
    task.warn_if_no_more_than_labels("T", 0.98 * labels + 0.01)
    with pytest.warns(UserWarning, match="teacher, T, are 0 from 0 or 1 on average"):
        task.warn_if_no_more_than_labels("T", labels)


@pytest.fixture
def predictions(task):
    answers, labels = random_sets(4000)
    # The first label is too sure, and the last not sure enough.
    logits = logit(answers) * [3.0, 1.0, 0.4]
    return task.predictions(logits, labels, np.ones(4000))


def test_losses_are_those_of_scikit_learn(predictions):
    some = predictions.take(np.arange(20))
    expected = mean_log_loss(expit(some.logits), some.labels)
    assert_allclose(some.losses(some.uncalibrated), expected)
    calibrated = mean_log_loss(expit(some.logits / [2.0, 1.0, 0.5]), some.labels)
    temperatures = Temperatures(np.array([2.0, 1.0, 0.5]))
    assert_allclose(some.losses(temperatures), calibrated)


def test_each_label_has_the_temperature_that_fits_it(predictions):
    found = predictions.calibration.temperature
    assert_allclose(found, [3.0, 1.0, 0.4], rtol=0.15)
    best = predictions.calibrated_loss
    assert best < predictions.losses(predictions.uncalibrated).mean()
    for label in range(3):
        for factor in (0.5, 2.0):
            other = found.copy()
            other[label] *= factor
            assert predictions.losses(Temperatures(other)).mean() > best


def test_few_rows_have_temperatures_near_that_of_all_labels(task):
    answers, labels = random_sets(8)
    logits = 3.0 * logit(answers)
    held_out = task.predictions(logits, labels, np.ones(8))
    ratios = held_out.calibration.temperature / held_out.temperature
    assert (ratios > 0.7).all()
    assert (ratios < 1.5).all()


def test_a_label_that_no_held_out_row_has_takes_the_temperature_of_all(task):
    answers, labels = random_sets(300)
    labels[:, 1] = 0.0
    answers[:, 1] = 0.01
    held_out = task.predictions(logit(answers), labels, np.ones(300))
    found = held_out.calibration.temperature
    assert found[1] == pytest.approx(held_out.temperature)


def test_rows_of_weight_zero_do_not_count(task):
    answers, labels = random_sets(400)
    weights = (np.arange(400) < 200).astype(float)
    some = task.predictions(logit(answers[:200]), labels[:200], np.ones(200))
    labels[200:] = 1 - labels[200:]
    weighed = task.predictions(logit(answers), labels, weights)
    assert weighed.calibrated_loss == pytest.approx(some.calibrated_loss, rel=0.01)
    assert weighed.share_explained == pytest.approx(some.share_explained)


def test_a_mix_lies_between_and_ends_at_both_models(task):
    answers, labels = random_sets(400)
    noise = np.random.default_rng(2).normal(size=answers.shape)
    one = task.predictions(logit(answers), labels, None)
    other = task.predictions(logit(answers) + 2 * noise, labels, None)
    assert one.loss_of_mix(other, 1.0) == pytest.approx(one.calibrated_loss)
    assert one.loss_of_mix(other, 0.0) == pytest.approx(other.calibrated_loss)


def test_a_clearly_worse_model(task):
    _, labels = random_sets(400)
    sharp = logit(0.9 * labels + 0.05)
    good = task.predictions(sharp, labels, None)
    bad = task.predictions(np.zeros_like(sharp), labels, None)
    assert bad.is_clearly_worse_than(good)
    assert not good.is_clearly_worse_than(bad)
    near = task.predictions(0.99 * sharp, labels, None)
    assert not near.is_clearly_worse_than(good)
    words = "The teacher decides .* % of these labels rightly, and the student"
    assert re.search(words, bad.compared_in_words(good))
    assert "Both decide" in good.compared_in_words(good)
    few = bad.take(np.arange(100))
    assert few.is_clearly_worse_than(good)


def test_the_loss_of_shares_is_that_of_the_best_constant(task):
    labels = (np.random.default_rng(0).random((100, 3)) < [0.05, 0.5, 1.0]) * 1.0
    shares = labels.mean(axis=0).clip(1e-12, 1 - 1e-12)
    constant = task.predictions(
        np.broadcast_to(logit(shares), labels.shape), labels, None
    )
    expected = constant.losses(constant.uncalibrated).mean()
    assert constant.loss_of_shares == pytest.approx(expected, abs=1e-9)


def test_one_half_decides_for_no_label(task):
    assert task.decisions(np.array([[0.5, 0.51, 0.0]])).tolist() == [[0, 1, 0]]
