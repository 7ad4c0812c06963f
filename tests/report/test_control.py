import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier, Student
from skdistill.report.control import fit_labels_alone, labels_alone, saved_bytes


def test_labels_alone_differ_from_the_student_in_the_answers_alone(blobs):
    X, y = blobs
    teacher = HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(X, y)
    student = DistilledClassifier(teacher, random_state=0, max_iter=20).fit(X, y)
    control = labels_alone(student, len(X)).fit(X, y)
    assert control.encoder_.code_ == student.encoder_.code_
    assert control.weight_decay_ == student.weight_decay_
    assert control.student_.layer_units == student.student_.layer_units
    assert control.n_transfer_ == len(X) < student.n_transfer_


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_iter": 20, "synthetic_share": 0.5, "batch_size": 16},
        {"max_iter": 20, "batch_size": 7, "early_stopping": True},
        {"max_iter": "auto", "synthetic_share": 0.75, "batch_size": 1},
    ],
)
def test_the_control_makes_as_many_steps(blobs, parameters):
    X, y = blobs
    weights = np.ones(len(y))
    weights[::5] = 0.0
    teacher = LogisticRegression().fit(X, y)
    student = DistilledClassifier(
        teacher, hidden_layer_sizes=(4,), n_iter_no_change=10**6, **parameters
    )
    student.fit(X, y, sample_weight=weights)
    control = fit_labels_alone(student, X, y, weights)
    assert control.n_steps_ == pytest.approx(student.n_steps_, rel=0.05)
    assert control.n_iter_ > student.n_iter_


def test_what_watches_the_student_does_not_watch_the_control(blobs):
    """Stopped by its agreement with the teacher, it would learn from it."""
    X, y = blobs
    teacher = LogisticRegression().fit(X, y)
    student = DistilledClassifier(
        teacher, max_iter=5, early_stopping=True, scoring="agreement", random_state=0
    ).fit(X, y)
    student._skl_callbacks = [object()]
    control = fit_labels_alone(student, X, y)
    assert not control.early_stopping
    assert control.validation_scores_ is None
    assert not hasattr(control, "_skl_callbacks")


@pytest.mark.parametrize("given", ["fitted", "unfitted", "precomputed"])
def test_the_control_learns_nothing_from_what_a_teacher_says(blobs, given):
    """Whatever the teacher's answers are, the control is the same."""
    X, y = blobs
    controls = []
    params = {"encoder": None, "synthesizer": None, "weight_decay": 0.3}
    params |= {"calibrate_teacher": False, "random_state": 0, "max_iter": 20}
    for n_rounds in (5, 30):
        teacher = HistGradientBoostingClassifier(max_iter=n_rounds, random_state=0)
        if given != "unfitted":
            teacher.fit(X, y)
        asked = given != "precomputed"
        student = DistilledClassifier(teacher if asked else "precomputed", **params)
        student.fit(X, y, teacher_proba=None if asked else teacher.predict_proba(X))
        weights = np.linspace(0.5, 1.5, len(y))
        controls.append(fit_labels_alone(student, X, y, weights))
        assert controls[-1].teacher_ is student.teacher_
    first, second = (control.predict_proba(X) for control in controls)
    assert_array_equal(first, second)


def test_saved_bytes_are_those_of_the_file(tmp_path):
    student = Student([[[1.0]]], [[0.0]], "relu", [0, 1])
    student.save(tmp_path / "student.npz")
    assert saved_bytes(student) == (tmp_path / "student.npz").stat().st_size
