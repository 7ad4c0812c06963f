"""Parameters that are chosen from the data."""

import re
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn import metrics
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import ExtraTreeClassifier

from skdistill import DistilledClassifier, Student, TabularEncoder
from skdistill.common.log_loss import log_loss
from skdistill.metrics import agreement
from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import soften
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.held_out import on_same_rows
from skdistill.teachers.held_out_classes import HeldOutClasses
from skdistill.training.capacity import Capacity, Choice
from skdistill.training.recipe import (
    Recipe,
    choose_recipe,
    synthetic_share,
)
from skdistill.training.short_trainings import (
    MeanOfStudents,
    ShortTraining,
    rows_of,
    student_targets,
)
from skdistill.training.source import DealtRows
from skdistill.training.teacher_share import is_worse, share_of_teacher
from skdistill.transfer.data import DistillationData, SyntheticRows
from skdistill.transfer.given import GivenRows
from skdistill.transfer.transfer_set import (
    TransferSet,
    make_transfer_set,
    with_synthetic,
)
from tests import oracle
from tests.estimators.test_classifier import same_bits

TASK = Classification(np.arange(2))

VIEW = SimpleNamespace(is_convex=False)


def data_of(given, drawn):
    """Given and synthetic rows. Only their tables are ever read."""
    rows = GivenRows(given, None, None, None)
    return DistillationData(TASK, "", rows, None, SyntheticRows(drawn, None), None)


def make_answers(n_rows=200, accuracy=0.8, sureness=2.0, model=None):
    """Answers that are right for a share of the rows, and equally sure for all."""
    labels = np.arange(n_rows) % 2
    right = np.arange(n_rows) < round(accuracy * n_rows)
    said = np.where(right, labels, 1 - labels)
    return HeldOutClasses(sureness * np.eye(2)[said], labels, model)


@given(st.integers(0, 999), st.integers(2, 9), st.floats(0.01, 300))
def test_log_loss_is_that_of_scikit_learn(seed, n_classes, scale):
    rng = oracle.RNG(seed)
    logits = scale * rng.normal(size=(40, n_classes))
    labels = rng.integers(n_classes, size=40)
    # scikit-learn clips probabilities near 0, which larger scales make.
    if scale < 3:
        proba = oracle.softmax(logits)
        expected = metrics.log_loss(labels, proba, labels=range(n_classes))
        assert_allclose(log_loss(logits, labels), expected, rtol=1e-9)
    assert_allclose(log_loss(logits + 700, labels), log_loss(logits, labels), rtol=1e-6)


def test_log_loss_of_answers_that_are_certain():
    logits = np.array([[1e4, 0.0], [0.0, 1e4]])
    assert log_loss(logits, np.array([0, 1])) == 0
    assert log_loss(logits, np.array([1, 0])) == 1e4


def test_all_logits_have_a_column_for_each_class():
    two = Student([np.ones((2, 1))], [np.zeros(1)], "relu", [0, 1])
    assert_allclose(student_targets(two, rows_of(two, [[1, 2.0]])), [[0, 3]])
    three = Student([np.eye(2, 3)], [np.zeros(3)], "relu", [0, 1, 2])
    assert_allclose(student_targets(three, rows_of(three, [[1, 2.0]])), [[1, 2, 0]])


accuracies = st.floats(0.5, 1.0)


@given(accuracies, accuracies, st.integers(100, 400))
def test_a_better_teacher_has_a_larger_share(one, other, n_rows):
    first, second = make_answers(n_rows, one), make_answers(n_rows, other)
    share = share_of_teacher(first, second)
    assert 0 < share < 1
    assert_allclose(share + share_of_teacher(second, first), 1)
    if first.accuracy > second.accuracy:
        assert share > 0.5


def test_share_of_the_teacher_by_hand():
    # The log-loss at the best temperature does not depend on how sure answers were.
    def loss(p):
        return -p * np.log(p) - (1 - p) * np.log(1 - p)

    expected = loss(0.7) / (loss(0.7) + loss(0.9))
    for sureness in (1.5, 3.0):
        teacher = make_answers(2000, 0.9, sureness)
        labels_alone = make_answers(2000, 0.7, 2.0)
        assert_allclose(share_of_teacher(teacher, labels_alone), expected, atol=0.01)
    assert (
        share_of_teacher(make_answers(accuracy=1.0), make_answers(accuracy=1.0)) == 0.5
    )


@pytest.mark.parametrize(
    ("n_rows", "teacher", "labels_alone", "worse"),
    [
        (1000, 0.90, 0.90, False),
        (1000, 0.95, 0.90, False),
        # The margin is 0.15 at least, though 3 standard errors are 0.015.
        (10_000, 0.76, 0.90, False),
        (10_000, 0.74, 0.90, True),
        # For 100 rows it is 3 * sqrt(0.21 / 100 + 0.09 / 100) = 0.164.
        (100, 0.75, 0.90, False),
        (100, 0.70, 0.90, True),
    ],
)
def test_a_teacher_is_worse_only_if_clearly_so(n_rows, teacher, labels_alone, worse):
    teacher, labels_alone = (
        make_answers(n_rows, accuracy) for accuracy in (teacher, labels_alone)
    )
    assert is_worse(teacher, labels_alone) == worse


def test_log_loss_of_shares_and_its_standard_error():
    rng = oracle.RNG(0)
    logits, labels = rng.normal(size=(60, 3)), rng.permutation(np.arange(60) % 3)
    answers = HeldOutClasses(logits, labels)
    assert_allclose(answers.loss_of_shares, np.log(3))
    losses = -np.log(oracle.softmax(logits / answers.temperature))
    losses = losses[np.arange(60), labels]
    parts = [losses[labels == label].var(ddof=1) / 20 / 9 for label in range(3)]
    assert_allclose(answers.standard_error, sum(parts) ** 0.5)
    # Rows of weight 2 move the mean as twins do.
    twins = HeldOutClasses(np.repeat(logits, 2, 0), np.repeat(labels, 2))
    doubled = HeldOutClasses(logits, labels, weights=np.full(60, 2.0))
    assert_allclose(twins.loss_of_shares, doubled.loss_of_shares)
    assert_allclose(doubled.standard_error, answers.standard_error)
    # One row of a class tells nothing about the spread of its loss.
    single = HeldOutClasses(np.zeros((2, 2)), np.array([0, 1]))
    assert_allclose(single.standard_error, np.log(2) / 2**0.5)


def test_models_are_compared_on_the_rows_that_both_have():
    rng = oracle.RNG(0)
    logits, labels = rng.normal(size=(200, 2)), rng.integers(0, 2, 200)
    rows = rng.permutation(500)[:200]
    # By chance the other model has rows of which most are right.
    some = rng.permutation(200)[:60]
    teacher = HeldOutClasses(logits, labels, rows=rows)
    alone = HeldOutClasses(logits[some] + 0.1, labels[some], rows=rows[some])
    for first, second in (
        on_same_rows(teacher, alone),
        on_same_rows(alone, teacher)[::-1],
    ):
        assert set(first.rows) == set(second.rows) == set(rows[some])
        assert_allclose(first.logits + 0.1, second.logits)
        assert first.temperature == teacher.temperature
        assert first.accuracy == second.accuracy == alone.accuracy
    # Rows that are not known, or hardly shared, are left as they are.
    unknown = HeldOutClasses(logits, labels)
    assert on_same_rows(unknown, alone) == (unknown, alone)
    far = HeldOutClasses(logits, labels, rows=np.arange(1000, 1200))
    assert on_same_rows(far, alone) == (far, alone)


@pytest.mark.parametrize("n_rare", [20, 200])
def test_a_teacher_of_rare_classes_is_compared_by_its_log_loss(n_rare):
    """With 1 of 50 rows in a class, accuracy hardly tells the teachers apart."""
    labels = np.repeat([0, 1], [49 * n_rare, n_rare])
    useless = HeldOutClasses(np.log([[0.98, 0.02]] * labels.size), labels)
    rng = oracle.RNG(0)
    margin = rng.normal(np.where(labels == 1, 0.0, -6.0), 2.0)
    good = HeldOutClasses(np.column_stack([np.zeros(labels.size), margin]), labels)
    assert abs(good.accuracy - useless.accuracy) < 0.02
    assert is_worse(useless, good)
    assert not is_worse(good, useless)


def transfer_set(n_rows=300, n_labelled=250, n_synthetic=40, seed=0):
    """Rows of three numbers: the index of the row, its label, and noise."""
    rng = oracle.RNG(seed)
    labels = np.where(np.arange(n_rows) < n_labelled, rng.integers(2, size=n_rows), -1)
    X = np.column_stack([np.arange(n_rows), labels, rng.normal(size=n_rows)])
    logits = rng.normal(size=(n_rows, 2)).astype(np.float32)
    weight = rng.uniform(0.5, 2, n_rows)
    rows = make_transfer_set(TASK, X, logits, labels, weight, 0.25)
    drawn = np.full((n_synthetic, 3), -1.0)
    return with_synthetic(rows, drawn, np.zeros((n_synthetic, 2)))


class _TeacherAlone:
    """Short trainings that know what students of the teacher alone predict."""

    has_groups = False

    def __init__(self, teacher=None):
        self._teacher = teacher

    def teacher_alone(self, view, decay):
        assert self._teacher is not None, "the teacher's own answers are known"
        assert (view, decay) == (VIEW, 2.0)
        return ShortTraining(self._teacher, None)


def choice_of(labels_alone):
    """The choice of a decay of 2 for 100 rows."""
    alone = labels_alone and ShortTraining(labels_alone, None)
    return Choice(Capacity(True, 2.0, 100, n_folds=1), VIEW, alone)


AUTO = {
    "start": Recipe(0.0, 0.25),
    "teacher_share": "auto",
    "calibrate": True,
    "uses_teacher": True,
}


def test_recipe_of_a_good_teacher():
    teacher, labels_alone = make_answers(1000, 0.9), make_answers(1000, 0.8)
    choice = choice_of(labels_alone)
    chosen = choose_recipe(_TeacherAlone(), choice, teacher, **AUTO)
    assert chosen.synthetic_share == 0.25
    assert chosen.teacher_share == share_of_teacher(teacher, labels_alone)
    assert chosen.calibration == teacher.calibration
    assert chosen.capacity is choice.capacity
    assert not chosen.teacher_is_worse
    as_told = choose_recipe(
        _TeacherAlone(),
        choice,
        teacher,
        Recipe(0.0, 0.125),
        teacher_share=0,
        calibrate=False,
        uses_teacher=True,
    )
    assert as_told[1:4] == (0.125, 0.0, Temperature())
    stand_in = choose_recipe(_TeacherAlone(teacher), choice, None, **AUTO)
    assert stand_in == chosen


def test_recipe_of_too_few_labels():
    choice = choice_of(None)
    expected = Recipe(0.0, 0.25, 1.0, capacity=choice.capacity)
    assert choose_recipe(_TeacherAlone(), choice, None, **AUTO) == expected
    unseen = make_answers(50, 0.8, 3.0)
    chosen = choose_recipe(_TeacherAlone(), choice, unseen, **AUTO)
    assert chosen == expected._replace(calibration=unseen.calibration)


@pytest.mark.parametrize(
    ("n_rows", "decay"), [(100, 2.0), (200, 1.0), (25, 8.0), (10, 10.0)]
)
def test_decay_falls_with_rows(n_rows, decay):
    recipe = Recipe(0.0, 0.25, capacity=Capacity(True, 2.0, 100, n_folds=1))
    assert recipe.with_decay("auto", n_rows, 10.0).weight_decay == decay
    assert recipe.with_decay(0.5, n_rows, 10.0).weight_decay == 0.5


def test_recipe_of_a_bad_teacher_is_labels_alone():
    teacher, labels_alone = make_answers(1000, 0.6), make_answers(1000, 0.9)
    chosen = choose_recipe(_TeacherAlone(), choice_of(labels_alone), teacher, **AUTO)
    assert chosen[1:4] == (0.0, 0.0, Temperature())
    rows = transfer_set()
    prepared = chosen.prepare(rows, data_of(None, None))
    assert prepared.n_rows == prepared.n_real == 250
    assert (prepared.soft_weight == 0).all()


def test_shares_of_synthetic_rows():
    assert synthetic_share("auto", object()) == 0.25
    assert synthetic_share(0.5, object()) == 0.5
    assert synthetic_share("auto", None) == synthetic_share(0.5, None) == 0.0


def test_prepared_rows_are_calibrated_and_those_without_labels_blended():
    rows = transfer_set()
    student = Student([np.ones((3, 1))], [np.zeros(1)], "relu", [0, 1])
    students = MeanOfStudents([student], TASK, np.ones(2))
    labels_alone = make_answers(1000, 0.8, model=students)
    given, drawn = (oracle.RNG(0).normal(size=(n, 3)) for n in (300, 40))
    chosen = Recipe(1.0, 0.25, 0.75, Temperature(2.0), None, labels_alone)
    prepared = chosen.prepare(rows, data_of(given, drawn))
    targets = soften(prepared.targets, 1.0)
    teacher = soften(rows.targets, 2.0)
    assert_allclose(targets[:250], teacher[:250], rtol=1e-5)
    table = np.concatenate([given[250:], drawn])
    p = oracle.logistic(table.sum(axis=1) / labels_alone.temperature)
    other = np.column_stack([1 - p, p])
    mean = teacher[250:] ** 0.75 * other**0.25
    expected = mean / mean.sum(axis=1, keepdims=True)
    assert_allclose(targets[250:], expected, rtol=1e-4)
    unblended = chosen._replace(teacher_share=1.0).prepare(rows, data_of(given, drawn))
    assert_allclose(
        unblended.targets, rows.calibrated(Temperature(2.0)).targets, rtol=1e-6
    )


# Synthetic rows in training


@given(
    st.integers(1, 30),
    st.integers(1, 40),
    st.sampled_from([0.1, 0.25, 0.5, 0.9]),
    st.integers(1, 9),
)
def test_each_synthetic_row_is_dealt_before_any_is_dealt_again(
    n_real, n_drawn, share, n_epochs
):
    rows = TransferSet(
        TASK,
        np.zeros((n_real + n_drawn, 1)),
        np.zeros((1, 2)),
        None,
        None,
        None,
        n_real,
    )
    dealer = DealtRows(rows, n_real, share, np.random.RandomState(0))
    counts = np.zeros(n_drawn, dtype=int)
    for _ in range(n_epochs):
        dealt = dealer.next()
        assert dealt.size == dealer.count
        # The synthetic rows are the given share of the epoch, to within a row.
        assert abs(dealt.size - share * (n_real + dealt.size)) <= 1
        counts += np.bincount(dealt - n_real, minlength=n_drawn)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(("n_drawn", "share"), [(0, 0.5), (10, 0.0)])
def test_no_synthetic_rows(n_drawn, share):
    rows = TransferSet(
        TASK, np.zeros((8 + n_drawn, 1)), np.zeros((1, 2)), None, None, None, 8
    )
    dealer = DealtRows(rows, 8, share, np.random.RandomState(0))
    assert dealer.next().size == 0


# Whole fits


@pytest.fixture(scope="module")
def easy():
    """Rows for training and testing, whose classes can be told apart without error."""
    X, y = make_classification(
        800, 8, n_informative=6, class_sep=3.0, flip_y=0, random_state=0
    )
    return X[:400], y[:400], X[400:], y[400:]


def quick(teacher, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (16,),
            "max_iter": 100,
            "random_state": 0,
            **parameters,
        },
    )


@pytest.mark.parametrize("given", ["fitted", "callable", "precomputed"])
def test_a_broken_teacher_is_warned_of_and_left_out(easy, given):
    X, y, X_test, y_test = easy
    shuffled = np.random.default_rng(0).permutation(y)
    fitted = RandomForestClassifier(30, max_depth=3, random_state=0).fit(X, shuffled)
    # The broken teacher is not worse than a constant.
    assert fitted.score(X, y) > 0.45
    teacher, name = {
        "fitted": (fitted, "RandomForestClassifier"),
        "callable": (fitted.predict_proba, "predict_proba"),
        "precomputed": ("precomputed", "precomputed"),
    }[given]
    metadata = {}
    if given == "precomputed":
        metadata = {"teacher_proba": fitted.predict_proba(X)}
    model = quick(teacher, weight_decay=0.3)
    words = (
        rf"the teacher, {name}, predicts labels .* clearly worse .* log-loss "
        r"is 0\.[67]\d+ and .* teacher gets [3-6]\d\.\d % .*number as teacher_share"
    )
    with pytest.warns(UserWarning, match=words) as caught:
        model.fit(X, y, **metadata)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert re.search("and the student (9|100)", str(caught[0].message))
    labels_alone = quick(
        "precomputed", weight_decay=0.3, distillation_weight=0.0, teacher_share=0
    )
    labels_alone.fit(X, y, teacher_proba=np.eye(2)[y])
    score = labels_alone.score(X_test, y_test)
    assert score > 0.93
    assert model.score(X_test, y_test) > score - 0.02
    assert (model.teacher_share_, model.synthetic_share_) == (0, 0)
    assert model.teacher_temperature_ == 1
    assert model.n_transfer_ == 400
    # A given share keeps the teacher.
    insisting = clone(model).set_params(
        distillation_weight=1.0, teacher_share=1.0, encoder=TabularEncoder()
    )
    with pytest.warns(UserWarning, match="follows the teacher anyway, since teacher_"):
        insisting.fit(X, y, **metadata)
    assert insisting.teacher_share_ == 1
    assert agreement(insisting.predict_proba(X), fitted.predict_proba(X)) > 0.9
    assert insisting.score(X_test, y_test) < 0.7


def test_answers_that_are_as_good_as_labels_are_warned_of(easy):
    X, y, _, _ = easy
    tree = ExtraTreeClassifier(random_state=0).fit(X, y)
    assert set(tree.predict_proba(X).ravel()) == {0.0, 1.0}
    model = quick(tree, calibrate_teacher=False, weight_decay=0.3, max_iter=2)
    words = "the teacher, ExtraTreeClassifier, leaves 0 % to all .*temperature=2 to 5$"
    with pytest.warns(UserWarning, match=words) as caught:
        model.fit(X, y)
    assert caught[0].filename == __file__
    # No warning follows from any remedy that the message names, or from a fit
    # without the teacher.
    for remedy in (
        {"calibrate_teacher": "auto"},
        {"calibrate_teacher": "refit"},
        {"temperature": 2.0},
        {"distillation_weight": 0.0, "synthesizer": None},
    ):
        clone(model).set_params(**remedy).fit(X, y)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("fitted", [True, False])
def test_a_good_teacher_is_not_warned_of(easy, fitted):
    X, y, X_test, y_test = easy
    teacher = HistGradientBoostingClassifier(max_iter=20)
    if fitted:
        teacher.fit(X, y)
    X, y = X[:200], y[:200]
    model = quick(teacher, weight_decay="auto" if fitted else 0.3).fit(X, y)
    assert 0 < model.teacher_share_ < 1
    assert model.synthetic_share_ == 0.25
    assert 0 < model.weight_decay_ < 50
    assert 0.2 <= model.teacher_temperature_ <= 6
    assert model.n_transfer_ == 2200
    assert model.score(X_test, y_test) > 0.93


def test_given_parameters_are_used(easy):
    X, y, *_ = easy
    teacher = LogisticRegression().fit(X, y)
    model = quick(
        teacher,
        weight_decay=0.5,
        synthetic_share=0.5,
        n_synthetic=70,
        calibrate_teacher=False,
        teacher_share=1,
    ).fit(X, y)
    assert model.weight_decay_ == 0.5
    assert model.synthetic_share_ == 0.5
    assert model.teacher_share_ == 1.0
    assert model.teacher_temperature_ == 1.0
    assert model.n_transfer_ == 470


def test_same_seed_same_bits_also_in_other_processes(easy):
    X, y, *_ = easy
    forest = RandomForestClassifier(10, random_state=0)

    def fit(seed):
        model = quick(forest, random_state=seed, max_iter=5)
        return model.fit(X[:120], y[:120])

    alone = [fit(0), fit(1)]
    together = joblib.Parallel(n_jobs=2)(joblib.delayed(fit)(i) for i in (0, 1))
    assert same_bits(alone[0], together[0])
    assert same_bits(alone[1], together[1])
    assert not same_bits(*alone)
    chosen = ("weight_decay_", "teacher_share_", "teacher_temperature_")
    assert all(getattr(alone[0], n) == getattr(together[0], n) for n in chosen)
