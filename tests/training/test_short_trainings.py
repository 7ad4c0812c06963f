"""Short trainings: which rows they keep, hold out, and what they predict."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from skdistill import Student
from skdistill.common.log_loss import log_loss
from skdistill.inputs.dense import DenseInput
from skdistill.teachers.held_out_classes import HeldOutClasses
from skdistill.training import short_trainings as module
from skdistill.training.plan import auto_batch
from skdistill.training.short_trainings import MeanOfStudents, ShortTrainings
from skdistill.training.views import View
from tests import oracle
from tests.kernels.problem import OPTIONS
from tests.training.test_recipe import TASK, transfer_set


class _Network:
    def __init__(self, view, random_state, former):
        self.start = random_state.normal()


def make_short_trainings(rows, monkeypatch, factors=(1.0, 1.0), **options):
    """Return short trainings that note each training, and the notes."""
    trained = []

    def train(network, part, options, random_state, observer):
        trained.append((network, part, options))

    monkeypatch.setattr(module, "train", train)
    # The student reads the label from a row, so its answers are all right.
    student = Student([[[0.0], [2.0], [0.0]]], [[-1.0]], "relu", [0, 1])
    short_trainings = ShortTrainings(
        rows.X[: rows.n_real],
        rows,
        np.array(factors),
        _Network,
        lambda student_input, network: student,
        OPTIONS._replace(batch_size=256, **options),
    )
    return short_trainings, trained, View(DenseInput(None), rows.X[: rows.n_real], (4,))


def given_rows(*arguments, **options):
    rows = transfer_set(*arguments, n_synthetic=0, **options)
    return rows


@pytest.mark.parametrize("soft", [False, True])
def test_every_labelled_row_is_held_out_once(monkeypatch, soft):
    rows = given_rows()
    short, trained, view = make_short_trainings(
        rows, monkeypatch, temperature=3.0, verbose=True, early_stopping=True
    )
    ask = short.teacher_alone if soft else short.labels_alone
    answers = ask(view, 0.3).predictions
    assert ask(view, 0.3).predictions is answers
    assert len(trained) == short.n_folds == 5
    assert short.n_kept == 200
    assert_array_equal(np.sort(answers.rows), np.arange(250))
    assert_array_equal(answers.labels, rows.labels[answers.rows])
    assert answers.accuracy == 1
    weight = rows.soft_weight + rows.hard_weight
    assert_allclose(answers.weights, weight[answers.rows])
    missing = []
    for _, part, plan in trained:
        kept = part.X[:, 0].astype(int)
        missing.append(np.setdiff1d(np.arange(250), kept))
        assert_array_equal(part.labels, rows.labels[kept])
        assert_array_equal(part.targets, rows.targets[kept])
        learned, other = part.hard_weight, part.soft_weight
        if soft:
            learned, other = other, learned
        assert_allclose(learned, weight[kept])
        assert (other == 0).all()
        assert (plan.weight_decay, plan.synthetic_share) == (0.3, 0.0)
        assert (plan.temperature, plan.verbose) == (1.0, False)
        assert not plan.early_stopping
    assert_array_equal(np.concatenate(missing), answers.rows)


def test_trainings_differ_by_fold_and_not_by_decay(monkeypatch):
    short, trained, view = make_short_trainings(given_rows(), monkeypatch)
    short.labels_alone(view, 0.3)
    short.labels_alone(view, 3.0)
    starts = [network.start for network, *_ in trained]
    assert len(set(starts[:5])) == 5
    assert starts[:5] == starts[5:]


@pytest.mark.parametrize(("n_labelled", "possible"), [(49, False), (50, True)])
def test_fifty_labels_are_needed(monkeypatch, n_labelled, possible):
    short, *_ = make_short_trainings(given_rows(300, n_labelled), monkeypatch)
    assert short.are_possible == possible
    assert short.n_labelled == n_labelled
    assert short.n_folds == (5 if possible else 0)


@pytest.mark.parametrize(
    ("n_rows", "n_folds"), [(800, 5), (1200, 3), (2600, 2), (2800, 1), (60_000, 1)]
)
def test_many_rows_need_fewer_folds(monkeypatch, n_rows, n_folds):
    rows = given_rows(n_rows, n_rows)
    short, trained, view = make_short_trainings(rows, monkeypatch)
    assert short.n_folds == n_folds
    assert_allclose(short.n_kept, 0.8 * min(n_rows, 50_000), rtol=0.01)
    short.labels_alone(view, 1.0)
    for _, part, _ in trained:
        assert len(set(part.X[:, 0])) == part.n_rows


@pytest.mark.parametrize("n_rows", [60, 300, 3000, 9000])
def test_short_trainings_make_750_steps(monkeypatch, n_rows):
    rows = given_rows(n_rows, n_rows)
    short, trained, view = make_short_trainings(rows, monkeypatch)
    batch = auto_batch(n_rows)
    short._plan = short._plan._replace(batch_size=batch)
    short.labels_alone(view, 1.0)
    for _, part, plan in trained:
        rows_a_call = part.n_rows * plan.passes
        steps_a_call = -(-rows_a_call // plan.batch_size)
        # A call of the kernel is worth its price.
        assert steps_a_call >= 20 or plan.passes == 1
        # Each row is taken ten times, and there are about 750 steps.
        assert plan.max_iter * plan.passes >= 10
        least = max(750, 10 * part.n_rows // plan.batch_size)
        assert 0.9 * least <= plan.max_iter * steps_a_call <= 1.15 * least + 20


def test_groups_are_held_out_whole(monkeypatch):
    rows = given_rows()
    groups = np.arange(300) // 7
    short, trained, view = make_short_trainings(
        rows._replace(groups=groups), monkeypatch
    )
    assert short.has_groups
    short.labels_alone(view, 1.0)
    for _, part, _ in trained:
        kept = part.X[:, 0].astype(int)
        missing = np.setdiff1d(np.arange(250), kept)
        assert not set(groups[kept]) & set(groups[missing])
        assert 40 <= missing.size <= 60


@pytest.mark.parametrize("n_rows", [300, 3000])
def test_a_group_of_more_than_half_the_rows_is_never_held_out(monkeypatch, n_rows):
    rows = given_rows(n_rows, n_rows)
    groups = np.where(np.arange(n_rows) < 0.6 * n_rows, 0, np.arange(n_rows) // 7)
    short, _, view = make_short_trainings(rows._replace(groups=groups), monkeypatch)
    assert short.n_folds == (4 if n_rows == 300 else 1)
    assert short.n_kept >= 0.8 * n_rows
    answers = short.labels_alone(view, 1.0).predictions
    assert not np.isin(answers.rows, np.flatnonzero(groups == 0)).any()
    two = rows._replace(groups=np.arange(n_rows) % 2)
    short, *_ = make_short_trainings(two, monkeypatch)
    assert (short.n_folds, short.n_kept) == (2 if n_rows == 300 else 1, n_rows / 2)


def test_the_only_row_of_a_class_is_kept(monkeypatch):
    rows = given_rows()
    labels = np.where(rows.labels >= 0, 0, -1)
    labels[17] = 1
    short, trained, view = make_short_trainings(
        rows._replace(labels=labels), monkeypatch
    )
    answers = short.labels_alone(view, 1.0).predictions
    assert 17 not in answers.rows
    assert all(17 in part.X[:, 0] for _, part, _ in trained)


def test_class_weights_count_in_the_score_and_not_in_the_answers(monkeypatch):
    rows = given_rows()
    factors = np.array([0.5, 4.0])
    short, trained, view = make_short_trainings(rows, monkeypatch, factors)
    found = short.labels_alone(view, 1.0)
    plain, weighted = found.predictions, found.weighted
    # The student's own logits belong to rows of other weights.
    shift = plain.logits - weighted.logits
    assert_allclose(shift, np.tile(-np.log(factors), (250, 1)), rtol=1e-5)
    assert_allclose(weighted.weights, plain.weights * factors[plain.labels])
    table = oracle.RNG(0).normal(size=(7, 3))
    expected = np.column_stack([np.zeros(7), 2 * table[:, 1] - 1]) - np.log(factors)
    assert_allclose(plain.model.logits(table), expected, rtol=1e-5)
    for _, part, _ in trained:
        weight = (rows.soft_weight + rows.hard_weight)[part.X[:, 0].astype(int)]
        expected = weight * factors[part.labels]
        assert_allclose(part.hard_weight, expected / expected.mean(), rtol=1e-6)


def test_a_class_that_class_weight_leaves_out(monkeypatch):
    rows = given_rows()
    short, _, view = make_short_trainings(rows, monkeypatch, (0.0, 2.0))
    found = short.labels_alone(view, 1.0)
    plain, weighted = found.predictions, found.weighted
    # Nobody can tell what the answers for this class would be with a weight.
    assert_allclose(plain.logits[:, 0], weighted.logits[:, 0])
    assert_allclose(plain.logits[:, 1], weighted.logits[:, 1] - np.log(2.0))
    kept = weighted.labels == 1
    assert (weighted.weights[~kept] == 0).all()
    one_class = HeldOutClasses(
        weighted.logits[kept], weighted.labels[kept], None, weighted.weights[kept]
    )
    one_class.calibration = weighted.calibration
    assert_allclose(weighted.score, one_class.score)
    assert_allclose(weighted.standard_error, one_class.standard_error)
    assert weighted.standard_error > 0


def test_students_answer_with_the_mean_of_their_logits():
    def student(weight):
        return Student([np.full((2, 3), weight)], [np.zeros(3)], "relu", [0, 1, 2])

    mean = MeanOfStudents([student(1.0), student(4.0)], TASK, np.ones(3))
    table = [[1.0, 2.0], [0.0, -1.0]]
    assert_allclose(mean.logits(table), [[7.5] * 3, [-2.5] * 3])


def test_the_score_of_sparse_rows_is_calibrated(monkeypatch):
    scores = {}
    for form in (np.asarray, csr_array):
        rows = given_rows()
        short, _, view = make_short_trainings(
            rows._replace(X=form(rows.X)), monkeypatch
        )
        found = short.labels_alone(view, 1.0)
        scores[form] = found.score, found.weighted
    (score, dense), (calibrated, sparse) = scores.values()
    assert score == dense.score
    assert_allclose(sparse.logits, dense.logits)
    expected = log_loss(sparse.logits / sparse.temperature, sparse.labels)
    assert_allclose(calibrated, expected, rtol=1e-5)
    assert calibrated < score
