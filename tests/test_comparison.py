import numpy as np

from skdistill import Student
from skdistill.comparison import format_table, measure, summarize


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
