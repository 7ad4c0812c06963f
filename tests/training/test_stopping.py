"""Early stopping: the score that it watches and the weights that it keeps."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, get_scorer, make_scorer

from skdistill import DistilledClassifier
from skdistill.training import convex_training
from skdistill.training import loop as training
from skdistill.training.stopping import Stopper
from tests.kernels.problem import OPTIONS


@pytest.fixture(scope="module")
def rows():
    return make_classification(
        400, 6, n_informative=4, n_classes=3, flip_y=0.2, random_state=0
    )


def stopping(teacher=None, **parameters):
    return DistilledClassifier(
        LogisticRegression() if teacher is None else teacher,
        **{
            "hidden_layer_sizes": (8,),
            "max_iter": 40,
            "weight_decay": 0.1,
            "weight_dtype": "float32",
            "early_stopping": True,
            "validation_fraction": 0.25,
            "n_iter_no_change": 8,
            "random_state": 0,
            **parameters,
        },
    )


class Recorder:
    """A scorer that notes its arguments and returns the accuracy."""

    def __init__(self):
        self.calls = []

    def __call__(self, estimator, X, y):
        score = estimator.score(X, y)
        self.calls.append((estimator, X, y, score))
        return score


@pytest.mark.parametrize("encoder", ["auto", None])
def test_a_callable_scores_the_student_as_it_is(rows, encoder):
    X, y = rows
    recorder = Recorder()
    model = stopping(scoring=recorder, encoder=encoder, synthesizer=None).fit(X, y)
    students = [estimator.student_ for estimator, *_ in recorder.calls]
    scores = [score for *_, score in recorder.calls]
    assert len(set(map(id, students))) == len(students) == model.n_iter_
    assert model.validation_scores_ == scores
    assert model.best_validation_score_ == scores[model.best_iter_ - 1]
    for estimator, held_out, labels, score in recorder.calls:
        assert isinstance(estimator, DistilledClassifier)
        assert estimator is not model
        assert len(held_out) == len(labels) == 100
        # Each estimator keeps its weights, though training went on.
        assert estimator.score(held_out, labels) == score
        assert_array_equal(estimator.coefs_[0], estimator.student_.coefs_[0])
    best = recorder.calls[model.best_iter_ - 1][0]
    assert_array_equal(model.predict_proba(X), best.predict_proba(X))


@pytest.mark.parametrize("form", ["knots", "plain", "sparse", "linear sparse"])
@pytest.mark.parametrize("loss", ["kl", "logit_mse"])
def test_the_terms_of_the_loss_of_rows_held_out(rows, monkeypatch, form, loss):
    X, y = rows
    X = csr_array(X) if "sparse" in form else X
    weights = np.linspace(0.5, 1.5, 400)
    held_out = np.arange(300, 400, dtype=np.int32)

    def split(transfer_set, options, random_state):
        if not options.early_stopping:
            return np.arange(transfer_set.n_real, dtype=np.int32), None
        return np.arange(300, dtype=np.int32), held_out

    monkeypatch.setattr(training, "split_rows", split)
    monkeypatch.setattr(convex_training, "split_rows", split)
    model = stopping(
        LogisticRegression().fit(X, y),
        hidden_layer_sizes=() if "linear" in form else (8,),
        encoder=None if form == "plain" else "auto",
        distillation_weight=0.4,
        loss=loss,
        calibrate_teacher=False,
        n_iter_no_change=40,
        max_iter=8,
        tol=0,
    ).fit(X, y, sample_weight=weights)
    best = model.best_iter_ - 1
    assert len(model.validation_hard_losses_) == 8
    proba = model.predict_proba(X[held_out])[np.arange(100), y[held_out]]
    hard = np.mean(0.6 * weights[held_out] * -np.log(proba))
    assert_allclose(model.validation_hard_losses_[best], hard, rtol=1e-4)
    other = stopping(scoring="accuracy", max_iter=1).fit(X, y)
    assert other.validation_hard_losses_ is None


def test_rows_held_out_are_not_trained_on(rows, monkeypatch):
    """Other labels for these rows change the scores but no weight."""
    X, y = rows
    held_out = np.arange(len(y)) >= 300

    def split(transfer_set, options, random_state):
        parts = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        return tuple(part.astype(np.int32) for part in parts)

    monkeypatch.setattr(training, "split_rows", split)
    monkeypatch.setattr(convex_training, "split_rows", split)
    model = stopping(
        LogisticRegression().fit(X, y),
        scoring="accuracy",
        synthesizer=None,
        calibrate_teacher=False,
        teacher_share=1.0,
        n_iter_no_change=40,
    )
    # Short trainings would look at all labels, so none are made.
    monkeypatch.setattr("skdistill.training.short_trainings.FEWEST_ROWS", 1000)
    first = model.fit(X, y)
    second = clone(model).fit(X, np.where(held_out, (y + 1) % 3, y))
    assert first.loss_curve_ == second.loss_curve_
    assert max(first.validation_scores_) > 2 * max(second.validation_scores_)


@pytest.mark.parametrize("name", ["accuracy", "neg_log_loss", "f1_macro"])
def test_the_name_of_a_scorer_is_that_scorer(rows, name):
    X, y = rows
    by_name = stopping(scoring=name).fit(X, y)
    by_scorer = stopping(scoring=get_scorer(name)).fit(X, y)
    assert by_name.validation_scores_ == by_scorer.validation_scores_
    assert_array_equal(by_name.coefs_[0], by_scorer.coefs_[0])


def test_loss_is_the_default(rows):
    X, y = rows
    default = stopping().fit(X, y)
    named = stopping(scoring="loss").fit(X, y)
    assert default.validation_scores_ == named.validation_scores_
    kept = default.validation_scores_[default.best_iter_ - 1]
    assert default.best_validation_score_ == kept < 0


def test_agreement_needs_no_labels(rows):
    X, y = rows
    teacher = LogisticRegression().fit(X, y)
    seen = []

    def observed(table):
        seen.append(len(table))
        return teacher.predict_proba(table)

    model = stopping(observed, scoring="agreement", synthesizer=None).fit(X)
    alike = model.predict(X) == teacher.predict_proba(X).argmax(axis=1)
    held_out = 100
    # Each score stands for a whole number of held-out rows.
    counts = np.array(model.validation_scores_) * held_out
    assert_allclose(counts, np.round(counts), atol=1e-9)
    assert 0.5 < model.best_validation_score_ <= 1
    assert alike.mean() > 0.9
    assert not any(n == held_out for n in seen)  # The teacher is not asked again.


def test_agreement_is_with_the_teacher_not_the_labels(rows):
    X, _ = rows
    constant = np.tile([0.9, 0.05, 0.05], (len(X), 1))
    labels = np.arange(len(X)) % 3
    model = stopping(
        "precomputed",
        scoring="agreement",
        distillation_weight=1.0,
        weight_decay=0.1,
        calibrate_teacher=False,
        teacher_share=1.0,
    )
    model.fit(X, labels, teacher_proba=constant)
    assert model.best_validation_score_ > 0.95


def test_rows_count_by_their_weight(rows):
    X, y = rows
    weights = np.random.default_rng(0).uniform(0.1, 5, len(y))
    given = []

    def weighted(estimator, X, y, sample_weight=None):
        given.append((X, y, sample_weight))
        return accuracy_score(y, estimator.predict(X), sample_weight=sample_weight)

    by_function = stopping(scoring=weighted).fit(X, y, sample_weight=weights)
    by_name = stopping(scoring="accuracy").fit(X, y, sample_weight=weights)
    assert by_function.validation_scores_ == by_name.validation_scores_
    held_out, labels, of_rows = given[0]
    places = [np.flatnonzero((row == X).all(axis=1))[0] for row in held_out]
    assert_array_equal(of_rows, weights[places])
    assert_array_equal(labels, y[places])
    # No weights are passed if there are none, or if the function does not take them.
    given.clear()
    stopping(scoring=weighted).fit(X, y)
    assert {call[2] is None for call in given} == {True}
    recorder = Recorder()
    stopping(scoring=recorder).fit(X, y, sample_weight=weights)
    assert recorder.calls


def test_agreement_counts_rows_by_their_weight(rows):
    X, y = rows
    weights = np.where(np.arange(len(y)) % 2, 1e-6, 1.0)
    model = stopping(scoring="agreement").fit(X, y, sample_weight=weights)
    scores = np.array(model.validation_scores_)
    plain = stopping(scoring="agreement").fit(X, y)
    # Only about half of the 100 held-out rows count. So scores are not hundredths.
    assert np.abs(scores * 100 - np.round(scores * 100)).max() > 0.01
    assert model.validation_scores_ != plain.validation_scores_


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_scorers_see_frames_and_labels_as_given(rows, frame):
    X, y = rows
    names = [f"column {i}" for i in range(X.shape[1])]
    table = frame(dict(zip(names, X.T, strict=True)))
    labels = np.array(["low", "middle", "high"])[y]
    recorder = Recorder()
    stopping(scoring=recorder, max_iter=2).fit(table, labels)
    _, held_out, words, _ = recorder.calls[0]
    assert type(held_out) is type(table)
    assert list(held_out.columns) == names
    assert set(words) == {"low", "middle", "high"}


def test_only_labelled_rows_are_scored_by_labels(rows):
    X, y = rows
    recorder = Recorder()
    model = stopping(scoring=recorder, max_iter=3)
    model.fit(X[:200], y[:200], X_unlabeled=X[200:])
    labelled = {tuple(row): label for row, label in zip(X[:200], y[:200], strict=True)}
    _, held_out, labels, _ = recorder.calls[0]
    assert 20 < len(held_out) < 100
    assert [labelled[tuple(row)] for row in held_out] == list(labels)


@pytest.mark.parametrize("units", [(8,), ()], ids=str)
def test_sparse_rows(rows, units):
    X, y = rows
    sparse = csr_array(np.where(np.abs(X) > 1, X, 0))
    recorder = Recorder()
    model = stopping(scoring=recorder, hidden_layer_sizes=units).fit(sparse, y)
    # A temperature divides the logits of a linear student, and a scorer sees that.
    assert (model.student_temperature_ != 1.0) == (units == ())
    best = recorder.calls[model.best_iter_ - 1][0]
    assert_array_equal(model.predict_proba(sparse), best.predict_proba(sparse))
    assert recorder.calls[0][1].shape == (100, 6)


def test_two_classes(rows):
    X, y = rows
    for scoring in ("agreement", "accuracy", "roc_auc"):
        model = stopping(RandomForestClassifier(20), scoring=scoring).fit(X, y > 0)
        assert 0.6 < model.best_validation_score_ <= 1


def test_training_on_labels_alone_scores_the_labelled_rows(rows):
    """Rows without labels have then been left out of the transfer set."""
    X, y = rows
    recorder = Recorder()
    model = stopping(
        lambda table: np.tile([0.3, 0.4, 0.3], (len(table), 1)),
        scoring=recorder,
        max_iter=3,
    )
    with pytest.warns(UserWarning, match="trained on the labels alone"):
        model.fit(X[:300], y[:300], X_unlabeled=X[300:])
    _, held_out, labels, _ = recorder.calls[0]
    assert len(held_out) == 75
    places = [np.flatnonzero((X[:300] == row).all(axis=1))[0] for row in held_out]
    assert_array_equal(labels, y[places])


def test_it_cools_down_where_the_score_does_not_improve(rows):
    X, y = rows
    # The learning rate falls in 20 of 40 epochs, in which no score counts.
    first, then = [0.3] * 20, [0.5, 0.55, 0.51, 0.58, 0.2]
    scores = iter([*first, *then, 0.4, 0.57, 0.45, *[0.9] * 99])
    recorder = Recorder()

    def scoring(estimator, X, y):
        recorder(estimator, X, y)
        return next(scores)

    model = stopping(scoring=scoring, tol=0.1, n_iter_no_change=4).fit(X, y)
    # 0.5 is the last score that improves by 0.1. Three epochs of cool-down follow.
    assert model.validation_scores_[20:] == [*then, 0.4, 0.57, 0.45]
    assert (model.best_validation_score_, model.best_iter_) == (0.57, 27)
    kept = recorder.calls[26][0]
    assert_array_equal(model.predict_proba(X), kept.predict_proba(X))
    assert model.n_iter_ == 28
    whole = clone(model).set_params(early_stopping=False).fit(X, y)
    assert model.n_steps_ < whole.n_steps_


def run(plan, scores, n_steps=4):
    """Return the stopper, and the factors of the learning rate of each epoch."""
    parameters = np.zeros(1)
    stopper, factors = Stopper(plan._replace(usual_iter=20), parameters), []
    for epoch, score in enumerate(scores):
        factors.append(stopper.factors(epoch, n_steps))
        parameters[:] = epoch + 1
        if stopper.should_stop(score):
            break
    return stopper, np.array(factors)


PLAN = OPTIONS._replace(early_stopping=True, max_iter=20, n_iter_no_change=3)


def test_the_learning_rate_may_be_cut_at_any_time():
    _, factors = run(PLAN._replace(max_iter=40, n_iter_no_change=99), range(40))
    assert len(factors) == 40
    flat = factors.ravel()
    assert flat[0] == pytest.approx(0.25, rel=0.02)
    assert flat[3] == flat.max() == pytest.approx(1.0, rel=0.02)
    assert (np.diff(flat[3:]) <= 0).all()
    assert_allclose(flat[40 : 36 * 4], 0.1, atol=0.003)
    # The last cool-down ends with the last step.
    assert_allclose(flat[-16:], 0.1 * (1 - np.arange(16) / 16))
    _, factors = run(PLAN, [*[0.5] * 13, *[0.4] * 9])
    assert len(factors) == 15
    assert_allclose(factors[-2:].ravel(), 0.1 * (1 - np.arange(8) / 8), rtol=0.01)


def test_a_target_ends_the_training():
    plan = PLAN._replace(target_score=0.9, max_iter=40)
    early = [0.95] * 9
    # No score counts in the first ten epochs. Twelve epochs, then two of cool-down.
    stopper, factors = run(plan, [*early, 0.8, 0.8, 0.91, 0.92, 0.905, *[0.99] * 30])
    assert len(factors) == 14
    assert not stopper.misses_target
    # Later weights have settled more, so a greater score does not win.
    assert (stopper.best_score, stopper.best_iter) == (0.905, 14)
    # Weights that lose the target at the end of the cool-down are not kept.
    stopper, factors = run(plan, [*early, 0.8, 0.8, 0.91, 0.92, 0.89, *[0.99] * 30])
    assert (stopper.best_score, stopper.best_iter) == (0.92, 13)


def test_a_target_that_is_lost_in_the_cool_down():
    plan = PLAN._replace(target_score=0.9, max_iter=40)
    scores = [*[0.5] * 11, 0.91, 0.89, 0.88, 0.85, 0.93, 0.94, 0.95]
    stopper, factors = run(plan, scores)
    assert len(factors) == 18
    assert_allclose(factors[14:16].ravel(), 0.1, atol=0.002)
    assert (stopper.best_score, stopper.best_iter) == (0.95, 18)
    assert not stopper.has_lost_target
    # The same in the last epochs, and a lucky score before any counts.
    stopper, _ = run(plan, [*[0.5] * 11, 0.91, *[0.8] * 28])
    assert stopper.misses_target
    assert stopper.has_lost_target
    stopper, _ = run(plan, [0.99, *[0.5] * 39])
    assert stopper.misses_target
    assert not stopper.has_lost_target


@pytest.mark.parametrize("max_iter", [1, 2, 3, 7])
def test_a_target_in_few_epochs(max_iter):
    plan = PLAN._replace(max_iter=max_iter, target_score=0.9)
    stopper, factors = run(plan, [0.5] * max_iter)
    assert len(factors) == max_iter
    assert stopper.misses_target
    assert not stopper.has_lost_target
    assert (factors > 0).all()
    assert not stopper.news.startswith("Training nears")


@pytest.mark.parametrize(
    ("scoring", "target"),
    [("accuracy", 0.6), ("loss", -1.2), ("agreement", 0.6), ("neg_log_loss", -1.2)],
)
def test_each_score_may_have_a_target(rows, scoring, target):
    X, y = rows
    model = stopping(scoring=scoring, target_score=target).fit(X, y)
    assert model.best_validation_score_ >= target
    # It is reached at once, when half of the epochs are made and scores count.
    assert (model.n_iter_, model.best_iter_) == (22, 22)
    whole = clone(model).set_params(early_stopping=False, target_score=None)
    share = model.n_steps_ / whole.fit(X, y).n_steps_
    assert 0.35 < share <= 0.6


def beyond_reach(estimator, X, y):
    return estimator.score(X, y)


def test_a_target_beyond_reach_warns(rows, capsys):
    X, y = rows
    model = stopping(scoring=beyond_reach, target_score=1.01, max_iter=6, verbose=True)
    with pytest.warns(UserWarning, match="target_score=1.01 was not reached") as told:
        model.fit(X, y)
    score = f"the student scores {model.best_validation_score_:.6g} on the held-out"
    assert score in str(told[0].message)
    assert "Training nears its last epoch. Cooling down" in capsys.readouterr().out


def test_verbose_says_that_the_target_is_reached(rows, capsys):
    X, y = rows
    stopping(scoring="accuracy", target_score=0.5, verbose=True).fit(X, y)
    out = capsys.readouterr().out
    assert "Validation score reached target_score=0.5. Cooling down in 2 epochs." in out
    assert out.count("Cooled down. Stopping.") == 1


def test_a_warm_start_reaches_the_target_again(rows):
    X, y = rows
    model = stopping(scoring="accuracy", target_score=0.6, warm_start=True).fit(X, y)
    first = model.n_iter_
    assert model.fit(X, y).n_iter_ == first
    assert model.best_validation_score_ >= 0.6


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"early_stopping": False}, "target_score=0.9 needs early_stopping=True"),
        ({"target_score": "high"}, "The 'target_score' parameter of Distilled"),
        ({"target_score": np.inf}, "The 'target_score' parameter of Distilled"),
        ({"target_score": 97}, r"'accuracy' is at most 1\. Did you mean 0\.97\?"),
        ({"target_score": 1.5, "scoring": "f1"}, "'f1' is at most 1. Did you mean 0.0"),
        ({"target_score": 97, "scoring": "agreement"}, "'agreement' is at most 1. Did"),
        ({"target_score": 0.1, "scoring": "loss"}, "'loss' is at most 0. Did you"),
        ({"target_score": 0.1, "scoring": "neg_log_loss"}, r"0\. Did you mean -0\.1\?"),
        ({"target_score": 500}, "target_score=500 cannot be reached: greater is bett"),
    ],
)
def test_invalid_targets(rows, parameters, message):
    model = stopping(**{"scoring": "accuracy", "target_score": 0.9} | parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(*rows)


def test_without_early_stopping_nothing_is_scored(rows):
    X, y = rows
    model = stopping(early_stopping=False, scoring=lambda *_: 1 / 0, max_iter=2)
    model.fit(X, y)
    assert model.validation_scores_ is model.best_validation_score_ is None


@pytest.mark.parametrize(
    ("scoring", "words"),
    [
        ("acuracy", "scoring='acuracy' is neither 'loss' nor 'agreement', nor a sco"),
        (accuracy_score, "scoring=<function accuracy_score.* nor a scorer .*: scoring"),
        (3, "The 'scoring' parameter .* Got 3"),
    ],
)
def test_invalid_scorers(rows, scoring, words):
    class Unused(LogisticRegression):
        def fit(self, *_):
            raise AssertionError("was fitted")

    with pytest.raises(ValueError, match=words):
        stopping(Unused(), scoring=scoring).fit(*rows)


@pytest.mark.parametrize("scoring", ["accuracy", make_scorer(f1_score)])
def test_a_scorer_of_labels_needs_labels(rows, scoring):
    X, y = rows
    teacher = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="needs labels, and y is None. 'loss' and 'ag"):
        stopping(teacher, scoring=scoring).fit(X)
    with pytest.raises(ValueError, match="none of the held-out rows has one. Give a"):
        stopping(
            teacher, scoring=scoring, validation_fraction=0.002, calibrate_teacher=False
        ).fit(X[:1], y[:1], X_unlabeled=X[1:])


@pytest.mark.parametrize("score", [np.nan, -np.inf, None, "good", [0.1, 0.2], {}])
def test_a_score_is_a_finite_number(rows, score):
    X, y = rows
    scores = iter([0.5, score])
    with pytest.raises(ValueError, match="scoring gave .* in epoch 2: a score must"):
        stopping(scoring=lambda *_: next(scores)).fit(X, y)
