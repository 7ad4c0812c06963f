"""Hints: the lower layers also learn the hidden layer of the teacher."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier
from skdistill.inputs.dense import DenseInput
from skdistill.model_selection import compress_to
from skdistill.report.control import labels_alone
from skdistill.tasks.classes import Classification
from skdistill.tasks.hints import HintTask
from skdistill.training.hints import make_hint_training
from skdistill.training.loop import train
from skdistill.training.plan import TrainingPlan, middle_layer
from skdistill.transfer.hints import Hints
from skdistill.transfer.transfer_set import make_transfer_set

X, Y = make_classification(
    240, 6, n_informative=4, n_classes=3, flip_y=0.1, random_state=0
)
SMALL = MLPClassifier((12,), alpha=0.1, tol=1e-3, max_iter=2000, random_state=0)
TEACHER = make_pipeline(
    StandardScaler(), MLPClassifier((12, 9), max_iter=1000, random_state=0)
).fit(X, Y)


def hinted(teacher=TEACHER, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hint_weight": 0.5,
            "hidden_layer_sizes": (8, 8),
            "max_iter": 8,
            "weight_decay": 0.1,
            "n_synthetic": 200,
            "weight_dtype": "float32",
            "random_state": 0,
            **parameters,
        },
    )


def a_training(hint_weight=0.5, units=(8, 6, 4, 3), **parameters):
    """Return a network, its rows, its plan, and the training by hints beside it."""
    rng = np.random.RandomState(0)
    student_input, encoded = DenseInput.learn(X)
    task = Classification(np.arange(3))
    logits = rng.normal(size=(len(X), 3)).astype(np.float32)
    rows = make_transfer_set(task, encoded, logits, Y, np.ones(len(X)), 0.3)
    plan = TrainingPlan.make(hinted(**{"max_iter": 60, **parameters}), len(X), 0.0, 0.0)
    network = student_input.start(list(units), rng)
    hidden = np.tanh(X @ rng.normal(size=(6, 10))).astype(np.float32)
    hint = make_hint_training(
        Hints(hidden, None, hint_weight), student_input, list(units), rows, plan, rng
    )
    return network, rows, plan, hint


def error_of_the_best_line(network, hint):
    """Return the part of the hint that no linear layer tells from the guided layer.

    The layer is computed here in NumPy, and the line is that of least squares.
    """
    values = hint.transfer_set.X
    for weights, bias in list(zip(network.weights, network.biases, strict=True))[:2]:
        values = np.maximum(values @ weights + bias, 0)
    values = np.column_stack([values, np.ones(len(values))])
    targets = hint.transfer_set.targets
    line = np.linalg.lstsq(values, targets, rcond=None)[0]
    return np.square(values @ line - targets).mean()


def test_the_middle_layer_learns_to_tell_the_hidden_layer():
    network, rows, plan, _ = a_training()
    train(network, rows, plan, np.random.RandomState(0))
    guided, rows, plan, hint = a_training()
    train(guided, rows, plan, np.random.RandomState(0), hint=hint)
    assert hint.n_shared == 2
    without, with_hint = (error_of_the_best_line(n, hint) for n in (network, guided))
    assert with_hint < 0.7 * without


def test_the_loss_of_a_hint_is_the_squared_error():
    """The kernel's loss, with the constant that is folded in, against NumPy."""
    *_, hint = a_training()
    weights = np.linspace(0.5, 1.5, len(X))
    rows = hint.transfer_set._replace(soft_weight=weights)
    network = hint.network
    values = rows.X
    for layer in range(3):
        values = values @ network.weights[layer] + network.biases[layer]
        values = np.maximum(values, 0) if layer < 2 else values
    expected = (weights * np.square(values - rows.targets).sum(axis=1) / 2).mean()
    plan = hint.plan._replace(max_iter=1, batch_size=len(X), learning_rate_init=1e-9)
    history = train(network, rows, plan, np.random.RandomState(0))
    assert_allclose(history.loss_curve, [expected], rtol=1e-4)


def test_targets_are_folded_with_their_weights():
    targets = np.array([[1.0, -2.0], [3.0, 0.0]], dtype=np.float32)
    out = np.empty_like(targets)
    weights = np.array([0.5, 2.0])
    nothing = np.zeros(2)
    constant = HintTask().fold(
        targets, np.full(2, -1), weights, nothing, "squared_error", 1.0, out
    )
    assert out.tolist() == [[0.5, -1.0], [6.0, 0.0]]
    assert constant.tolist() == [0.5 * 0.5 * 5, 0.5 * 2 * 9]


@pytest.mark.parametrize(("share", "epochs"), [(0.5, 60), (0.8, 240), (0.1, 7)])
def test_the_hint_has_its_share_of_the_steps(share, epochs):
    *_, hint = a_training(hint_weight=share)
    assert hint.plan.max_iter == epochs


def test_layers_above_the_middle_one_learn_no_hint():
    """With a tiny rate, the student's own training changes nothing that is seen."""
    network, rows, plan, hint = a_training()
    before = [weights.copy() for weights in network.weights]
    train(
        network,
        rows,
        plan._replace(learning_rate_init=1e-12),
        np.random.RandomState(0),
        hint=hint,
    )
    changes = [
        np.abs(new - old).max()
        for new, old in zip(network.weights, before, strict=True)
    ]
    assert min(changes[:2]) > 0.05
    assert max(changes[2:]) < 1e-6


@pytest.mark.parametrize(("n_layers", "middle"), list(enumerate([0, 1, 1, 2, 2, 3])))
def test_the_middle_layer_is_the_lower_of_two(n_layers, middle):
    assert middle_layer(n_layers) == middle


def test_hints_are_standardised_and_dead_units_left_out():
    rng = np.random.default_rng(0)
    values = rng.normal(3, [1, 10, 0, 1e-9], (50, 4)).astype(np.float32)
    targets = Hints(values[:30], values[30:], 0.5).targets()
    assert targets.shape == (50, 2)
    assert_allclose(targets.mean(axis=0), 0, atol=1e-6)
    assert_allclose(targets.std(axis=0), 1, rtol=1e-6)
    assert Hints(values[:, 2:3], None, 0.5).targets().shape == (50, 0)


def test_wide_hints_keep_the_distances_of_rows():
    """Of 300 units that are combinations of 20, no distance between rows is lost."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 20)) @ rng.normal(size=(20, 300))
    targets = Hints(values.astype(np.float32), None, 0.5).targets()
    assert targets.shape == (60, 256)
    standard = StandardScaler().fit_transform(values)
    gram = standard @ standard.T
    assert_allclose(targets @ targets.T, gram, atol=1e-3 * np.abs(gram).max())


def test_a_hint_changes_the_student_and_none_leaves_its_bits():
    plain = hinted(hint_weight=0.0).fit(X, Y).student_
    with_hint = hinted().fit(X, Y).student_
    again = hinted().fit(X, Y).student_
    assert (plain.coefs_[0] != with_hint.coefs_[0]).any()
    for one, other in zip(with_hint.coefs_, again.coefs_, strict=True):
        assert_array_equal(one, other)
    assert with_hint.layer_units == plain.layer_units


@pytest.mark.parametrize(
    "parameters",
    [
        {"encoder": None},
        {"hidden_layer_sizes": (8,)},
        {"early_stopping": True},
        {"synthesizer": None},
        {"activation": "tanh", "loss": "logit_mse", "temperature": 2.0},
        {"teacher": make_pipeline(StandardScaler(), clone(SMALL))},
    ],
)
def test_a_hint_goes_with_other_parameters(parameters):
    model = hinted(**parameters).fit(X, Y)
    assert model.score(X, Y) > 0.5
    other = hinted(**parameters, hint_weight=0).fit(X, Y)
    assert (model.coefs_[0] != other.coefs_[0]).any()


def test_all_kinds_of_rows_get_a_hint():
    """Rows without labels, rows whose label is missing, and a row without weight."""
    y = Y.astype(float)
    y[:40] = np.nan
    weights = np.ones(200)
    weights[100] = 0.0
    model = hinted().fit(X[:200], y[:200], weights, X_unlabeled=X[200:])
    assert model.n_transfer_ == 239 + 200


def test_sparse_rows_get_a_hint():
    sparse = csr_array(np.where(X > 0.5, X, 0.0))
    with_hint, plain = (
        hinted(clone(SMALL), hint_weight=weight).fit(sparse, Y) for weight in (0.5, 0.0)
    )
    assert np.isfinite(with_hint.predict_proba(sparse)).all()
    assert (with_hint.coefs_[0] != plain.coefs_[0]).any()


def test_a_warm_start_goes_on_with_the_hint():
    model = hinted(warm_start=True).fit(X, Y)
    first = model.coefs_[0]
    model.fit(X, Y)
    plain = hinted(warm_start=True).fit(X, Y).set_params(hint_weight=0.0).fit(X, Y)
    assert (model.coefs_[0] != first).any()
    assert (model.coefs_[0] != plain.coefs_[0]).any()


def test_rows_held_out_have_no_part_in_the_hint():
    network, rows, plan, hint = a_training(early_stopping=True)
    wrong = hint.transfer_set.targets.copy()
    held_out = np.setdiff1d(np.arange(len(X)), _rows_of(plan, rows))
    wrong[held_out] = 1e6
    other = a_training(early_stopping=True)
    changed = other[3]._replace(
        transfer_set=other[3].transfer_set._replace(targets=wrong)
    )
    train(network, rows, plan, np.random.RandomState(3), hint=hint)
    train(*other[:3], np.random.RandomState(3), hint=changed)
    assert held_out.size == 24
    assert_array_equal(network.parameters, other[0].parameters)


def _rows_of(plan, rows):
    """Return the rows that a training with the seed 3 does not hold out."""
    from skdistill.training.splits import split_rows

    return split_rows(rows, plan, np.random.RandomState(3))[0]


def test_the_control_gets_no_hint():
    assert labels_alone(hinted().fit(X, Y), len(X)).hint_weight == 0.0


def test_students_of_a_search_get_the_hint_too():
    first = [
        compress_to(
            hinted(hint_weight=weight), X, Y, max_points_lost=90, random_state=0
        ).students_[0]
        for weight in (0.5, 0.0)
    ]
    assert (first[0].coefs_[0] != first[1].coefs_[0]).any()


class Dead:
    """A model whose hidden layer is the same for all rows."""

    classes_ = np.arange(3)

    def predict_proba(self, rows):
        return TEACHER.predict_proba(rows)

    def hidden(self, rows):
        return np.ones((len(rows), 4))


def test_a_hidden_layer_that_never_varies_is_no_hint():
    one = hinted(Dead()).fit(X, Y).student_
    other = hinted(Dead(), hint_weight=0.0).fit(X, Y).student_
    assert_array_equal(one.coefs_[0], other.coefs_[0])


class Broken(Dead):
    """A model whose hidden layer holds NaN."""

    def hidden(self, rows):
        return np.full((len(rows), 4), np.nan)


def never(rows):
    """Answer as a function that must not be asked."""
    raise AssertionError("the teacher was asked")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"teacher": RandomForestClassifier()}, "RandomForestClassifier, shows no hid"),
        (
            {"teacher": None},
            "RandomForestClassifier, shows no hidden layer: give a net",
        ),
        ({"teacher": MLPClassifier(())}, "MLPClassifier, shows no hidden layer"),
        ({"teacher": never}, "the teacher, never, shows no hidden layer"),
        ({"teacher": RandomForestClassifier(2).fit(X, Y)}, "shows no hidden layer"),
        (
            {"hidden_layer_sizes": ()},
            r"hint_weight=0.5, and hidden_layer_sizes=\(\): a student without hidden",
        ),
        ({"hint_weight": 1.0}, "The 'hint_weight' parameter .* must be a float"),
        ({"hint_weight": -0.1}, "The 'hint_weight' parameter .* must be a float"),
        ({"teacher": Broken()}, "Broken, has a value in row 0 that is NaN, infinite"),
    ],
)
def test_a_hint_that_cannot_be_had_raises_before_any_work(parameters, message):
    model = hinted(**parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)
    assert not hasattr(model, "classes_")


def test_stored_answers_show_no_hidden_layer():
    model = hinted("precomputed")
    with pytest.raises(ValueError, match="precomputed, shows no hidden layer"):
        model.fit(X, Y, teacher_proba=TEACHER.predict_proba(X))
