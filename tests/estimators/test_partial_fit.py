"""`partial_fit`: scikit-learn's interface, the state between calls, and errors."""

import copy
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import (
    check_dict_unchanged,
    check_estimators_partial_fit_n_features,
    check_fit_score_takes_y,
    check_n_features_in_after_fitting,
    check_param_validation,
)

from skdistill import DistilledClassifier, TabularEncoder, compress_to
from skdistill.training import sample

X, Y = make_classification(600, 6, n_informative=4, n_classes=3, random_state=0)
TEACHER = LogisticRegression().fit(X, Y)
PARTS = np.array_split(np.arange(400), 4)
TEST = slice(400, None)


def model(teacher=TEACHER, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (8,),
            "weight_decay": 0.1,
            "max_iter": 10,
            "n_synthetic": 100,
            "encoder": None,
            "random_state": 0,
            **parameters,
        },
    )


def learn(estimator, parts=PARTS, rows=X, y=Y, **arguments):
    for part in parts:
        estimator.partial_fit(rows[part], y[part], **arguments)
    return estimator


def answers(estimator, rows=X):
    return estimator.predict_proba(rows[TEST])


def numbers(estimator):
    """Return the fitted attributes that say what was done, and the student's bits."""
    names = ("n_iter_", "n_steps_", "n_transfer_", "n_synthetic_", "loss_curve_")
    return [getattr(estimator, name) for name in names], answers(estimator).tobytes()


@pytest.mark.parametrize(
    "check",
    [
        check_estimators_partial_fit_n_features,
        check_fit_score_takes_y,
        check_n_features_in_after_fitting,
        check_param_validation,
        check_dict_unchanged,
    ],
)
def test_common_checks(check):
    check("DistilledClassifier", model(LogisticRegression()))


@pytest.mark.parametrize("encoder", ["auto", None])
def test_same_calls_give_the_same_bits(encoder):
    one, other = (learn(model(encoder=encoder)) for _ in range(2))
    assert numbers(one) == numbers(other)
    assert not np.array_equal(answers(one), answers(learn(model(), PARTS[:3])))


def test_a_pickle_between_calls_gives_the_same_bits():
    whole = learn(model(encoder="auto"))
    cut = learn(model(encoder="auto"), PARTS[:2])
    assert numbers(learn(pickle.loads(pickle.dumps(cut)), PARTS[2:])) == numbers(whole)
    assert numbers(learn(copy.deepcopy(cut), PARTS[2:])) == numbers(whole)


def test_a_clone_starts_anew():
    started = learn(model(), PARTS[:2])
    assert numbers(learn(clone(started))) == numbers(learn(model()))


def test_numbers_are_those_of_all_calls():
    student = learn(model(), PARTS)
    assert student.n_iter_ == len(student.loss_curve_) == 40
    assert student.n_transfer_ == 400 + student.n_synthetic_
    assert student.classes_.tolist() == [0, 1, 2]
    assert student.seen_rows_.share_of(X[:400].astype(np.float32)) == 1.0
    assert student.seen_rows_.share_of(X[400:].astype(np.float32)) == 0.0


def test_the_list_of_losses_grows_and_is_not_copied():
    student = learn(model(), PARTS[:1])
    losses = student.loss_curve_
    first = losses.copy()
    learn(student, PARTS[1:])
    assert student.loss_curve_ is losses
    assert losses[: len(first)] == first
    with pytest.raises(ValueError, match="label"):
        student.partial_fit(X[:5], np.full(5, 9))
    assert len(losses) == student.n_iter_ == 40
    assert student.loss_ == losses[-1]


def test_rounding_does_not_touch_the_state():
    coarse, fine = (learn(model(weight_dtype=dtype)) for dtype in ("int8", "float32"))
    assert coarse.student_.weight_dtype == "int8"
    assert not np.array_equal(answers(coarse), answers(fine))
    both = [learn(each.set_params(weight_dtype="float32")) for each in (coarse, fine)]
    assert numbers(both[0]) == numbers(both[1])


def test_students_learn_from_each_part():
    student = model(max_iter="auto", hidden_layer_sizes=(32,))
    scores = [
        student.partial_fit(X[part], Y[part]).score(X[TEST], Y[TEST]) for part in PARTS
    ]
    whole = clone(student).fit(X[:400], Y[:400])
    assert scores[-1] > whole.score(X[TEST], Y[TEST]) - 0.03


def test_goes_on_from_fit_and_fit_starts_anew():
    fitted = model(encoder="auto").fit(X[:400], Y[:400])
    before = answers(fitted)
    fitted.partial_fit(X[:50], Y[:50])
    moved = np.abs(answers(fitted) - before).mean()
    assert 0 < moved < 0.05
    assert fitted.n_iter_ == 20
    again = learn(model(encoder="auto")).fit(X[:400], Y[:400])
    assert_array_equal(answers(again), before)
    assert again.n_iter_ == 10


def test_the_first_call_fits_an_unfitted_teacher():
    student = model(LogisticRegression())
    student.partial_fit(X[:100], Y[:100], classes=[2, 0, 1])
    teacher = student.teacher_
    assert_array_equal(teacher.coef_, LogisticRegression().fit(X[:100], Y[:100]).coef_)
    student.partial_fit(X[100:200], Y[100:200])
    assert student.teacher_ is teacher
    assert not hasattr(student.teacher, "coef_")


def test_a_part_may_lack_classes_and_labels():
    student = learn(model(), PARTS[:1])
    rows = np.flatnonzero(Y == 1)[:30]
    student.partial_fit(X[rows], Y[rows])
    student.partial_fit(X[:1], Y[:1])
    student.partial_fit(X[:20])
    student.partial_fit(X[:20], [None, *Y[1:20].tolist()])
    assert answers(student).shape == (200, 3)


def test_stored_answers():
    proba = TEACHER.predict_proba(X)
    student = model("precomputed", learning_rate_init=0.4)
    for part in PARTS:
        student.partial_fit(
            X[part], Y[part], classes=[0, 1, 2], teacher_proba=proba[part]
        )
    assert student.score(X[TEST], TEACHER.predict(X[TEST])) > 0.75
    with pytest.raises(ValueError, match="pass teacher_proba"):
        student.partial_fit(X[:10], Y[:10])


def test_sparse_rows_with_hidden_layers():
    rows = csr_array(np.where(X > 0.3, X, 0.0))
    teacher = LogisticRegression().fit(rows, Y)
    one, other = (
        learn(model(teacher, encoder="auto", learning_rate_init=0.4), rows=rows)
        for _ in range(2)
    )
    assert_array_equal(answers(one, rows), answers(other, rows))
    assert one.score(rows[TEST], teacher.predict(rows[TEST])) > 0.7


def test_frames_keep_their_columns():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    frame["g"] = np.where(X[:, 0] > 0, "high", "low")
    student = model(lambda rows: TEACHER.predict_proba(rows.iloc[:, :6].to_numpy()))
    student.set_params(encoder="auto")
    student.partial_fit(frame[:100], Y[:100], classes=[0, 1, 2])
    student.partial_fit(frame[100:200], Y[100:200])
    assert student.feature_names_in_.tolist() == list("abcdefg")
    with pytest.raises(ValueError, match="feature names should match"):
        student.partial_fit(frame[list("bacdefg")][:50], Y[:50])


def test_a_frozen_encoder_is_taken_as_it_is():
    encoder = TabularEncoder(n_bins=12).fit(X)
    for fitted in (
        learn(model(encoder=FrozenEstimator(encoder)), PARTS[:2]),
        model(encoder=FrozenEstimator(encoder)).fit(X[:100], Y[:100]),
    ):
        assert fitted.encoder_ is encoder
        assert fitted.student_.input_code == encoder.code_


@pytest.mark.parametrize(
    ("held", "words"),
    [(TabularEncoder(), "not fitted"), (LogisticRegression(), "a LogisticRegression")],
)
def test_a_frozen_encoder_must_be_fitted(held, words):
    with pytest.raises(ValueError, match=f"FrozenEstimator of .*{words}"):
        model(encoder=FrozenEstimator(held)).fit(X, Y)


def test_students_of_several_sizes_refuse_a_frozen_encoder():
    frozen = model(encoder=FrozenEstimator(TabularEncoder().fit(X)))
    with pytest.raises(ValueError, match='is frozen.*give encoder="auto"'):
        compress_to(frozen, X, Y, max_bytes=10_000)


def test_metadata_is_requested_and_routed():
    with config_context(enable_metadata_routing=True):
        teacher = LogisticRegression().set_fit_request(sample_weight=True)
        student = model(teacher).set_partial_fit_request(
            classes=True, sample_weight=True, teacher_proba=False
        )
        assert student.get_metadata_routing().consumes("partial_fit", ["classes"])
        weights = np.where(Y[:100] == 0, 3.0, 1.0)
        student.partial_fit(X[:100], Y[:100], [0, 1, 2], sample_weight=weights)
    expected = LogisticRegression().fit(X[:100], Y[:100], sample_weight=weights)
    assert_array_equal(student.teacher_.coef_, expected.coef_)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"early_stopping": True}, "does not support early_stopping=True: "),
        ({"hint_weight": 0.5}, "does not support hint_weight=0.5: "),
        ({"max_terms": 5}, "does not support max_terms=5: "),
        ({"class_weight": "balanced"}, "does not support class_weight='balanced': "),
        ({"cv": 3}, "does not support cv=3: "),
        ({"teacher_share": 0.5}, "does not support teacher_share=0.5: "),
        ({"checkpoint": "folder"}, "does not support checkpoint='folder': "),
    ],
)
def test_refused_parameters(parameters, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        model(**parameters).partial_fit(X, Y)


@pytest.mark.parametrize("hidden", ["auto", ()])
def test_a_linear_student_of_sparse_rows_is_refused(hidden):
    student = model(hidden_layer_sizes=hidden, encoder="auto")
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(128, 64\), or call"):
        student.partial_fit(csr_array(X), Y)


@pytest.mark.parametrize(
    ("teacher", "arguments", "words"),
    [
        (LogisticRegression(), {"y": Y}, "classes must be passed on the first call"),
        ("precomputed", {"y": Y}, "classes must be passed on the first call"),
        (LogisticRegression(), {"y": Y, "classes": [0, 1]}, "y holds the label 2"),
        (LogisticRegression(), {"y": Y, "classes": range(5)}, "has no row of .3, 4."),
        (TEACHER, {"y": Y, "classes": range(5)}, "which the teacher"),
    ],
)
def test_wrong_classes_in_the_first_call(teacher, arguments, words):
    student = model(teacher)
    with pytest.raises(ValueError, match=words):
        student.partial_fit(X, **arguments)
    assert vars(student) == vars(model(teacher)) | {"teacher": student.teacher}


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({}, {"y": np.full(20, 7)}, "y holds the label 7, and classes are"),
        ({}, {"y": Y[:20], "classes": [0, 1]}, "not those of the former call"),
        ({"activation": "tanh"}, {"y": Y[:20]}, "needs the hidden_layer_sizes"),
        ({"hidden_layer_sizes": (9,)}, {"y": Y[:20]}, "needs the hidden_layer_sizes"),
        (
            {"learning_rate_init": 1e30, "weight_decay": 0.0},
            {"y": Y[:20]},
            "diverged",
        ),
        ({"weight_decay": 1e9}, {"y": Y[:20]}, "greater than 1"),
    ],
)
def test_a_call_that_fails_leaves_the_estimator_as_it_was(change, arguments, words):
    student = learn(model(), PARTS[:2]).set_params(**change)
    with pytest.raises(ValueError, match=words):
        student.partial_fit(X[:20], **arguments)
    student.set_params(**{name: getattr(model(), name) for name in change})
    assert numbers(learn(student, PARTS[2:])) == numbers(learn(model()))


def test_an_interrupt_leaves_the_estimator_as_it_was(monkeypatch):
    from skdistill.training.loop import Training

    def interrupted(self):
        raise KeyboardInterrupt

    student = learn(model(), PARTS[:2])
    with monkeypatch.context() as patch:
        patch.setattr(Training, "run_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            student.partial_fit(X[:50], Y[:50])
    assert numbers(learn(student, PARTS[2:])) == numbers(learn(model()))


def test_many_steps_change_no_bit_of_the_moments_correction():
    """Steps of former calls count up to a number, beyond which they mean nothing."""
    from skdistill.kernels.instructions.adamw import BETA_1, BETA_2
    from skdistill.training.loop import _FORGOTTEN

    assert 1.0 - BETA_1**_FORGOTTEN == 1.0 - BETA_2**_FORGOTTEN == 1.0


def test_a_teacher_of_other_rows_is_refused():
    fitted = model().fit(X[:100], Y[:100], teacher_X=X[:100])
    with pytest.raises(ValueError, match="reads teacher_X"):
        fitted.partial_fit(X[:50], Y[:50])


def test_former_rows_are_not_forgotten():
    """The parts hold one class each, and the student still tells all apart."""
    order = np.argsort(Y[:400], kind="stable")
    student = model(learning_rate_init=0.2)
    learn(student, np.array_split(order, 8))
    assert (np.unique(student.predict(X[TEST]), return_counts=True)[1] > 20).all()
    assert student.score(X[TEST], Y[TEST]) > 0.55


def test_the_sample_is_bounded_and_holds_rows_of_all_parts(monkeypatch):
    monkeypatch.setattr(sample, "_MOST_KEPT", 60)
    kept = learn(model())._parts_so_far.sample
    assert kept.rows.n_real == kept.rows.X.shape[0] == kept.keys.size == 60
    encoded = learn(model(), PARTS[:1])._student_input.encode(X)
    parts = [
        np.flatnonzero((encoded == row).all(axis=1))[0] // 100 for row in kept.rows.X
    ]
    assert (np.bincount(parts, minlength=4)[:4] > 6).all()
    assert set(parts) == {0, 1, 2, 3}
