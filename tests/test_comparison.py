import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from skdistill import DistilledClassifier, Student
from skdistill.comparison import (
    format_table,
    labels_alone,
    measure,
    saved_bytes,
    summarize,
)


def test_summary_states_losses_as_losses():
    proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    worse = proba.copy()
    worse[0] = [0.4, 0.6]
    columns = np.array([0, 1, 0, 1])
    X = np.zeros((4, 1), dtype=np.float32)
    model = Student([[[1.0]]], [[0.0]], "relu", [0, 1])
    ask = model.predict_proba
    teacher = measure("teacher", ask, proba, proba, columns, X, 4000, None)
    student = measure("student", ask, worse, proba, columns, X, 1000, 0.5)
    assert teacher.accuracy == 1.0
    assert student.agreement == 0.75
    text = summarize(teacher, student, teacher)
    assert "75.0 %, 25.0 points below the teacher's, in 4 times fewer bytes" in text
    assert "changed accuracy by -25.0 points" in text
    lines = format_table([teacher, student]).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_labels_alone_differ_from_the_student_in_the_answers_alone(blobs):
    X, y = blobs
    teacher = HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(X, y)
    student = DistilledClassifier(teacher, random_state=0, max_iter=20).fit(X, y)
    control = labels_alone(student).fit(X, y)
    assert control.encoder_.code_ == student.encoder_.code_
    assert control.weight_decay_ == student.weight_decay_
    assert control.student_.layer_units == student.student_.layer_units
    assert control.n_transfer_ == len(X) < student.n_transfer_


def test_saved_bytes_are_those_of_the_file(tmp_path):
    student = Student([[[1.0]]], [[0.0]], "relu", [0, 1])
    student.save(tmp_path / "student.npz")
    assert saved_bytes(student) == (tmp_path / "student.npz").stat().st_size
