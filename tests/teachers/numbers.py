"""Tables of numbers, and their task, for the tests of regressors as teachers."""

import numpy as np
from sklearn.datasets import make_friedman1

from skdistill.teachers.answers import read_answers


class NumbersTask:
    """As much of a task of numbers as a teacher needs."""

    kind = "numbers"
    decides = False

    def __init__(self, n_columns):
        self.n_columns = n_columns

    def check_answers(self, answers, n_rows, name):
        values = np.asarray(read_answers(answers, name).values, dtype=np.float64)
        columns = values.reshape(n_rows, -1)
        assert columns.shape[1] == self.n_columns
        return columns

    def encode_labels(self, y, n_rows):
        return np.asarray(y, dtype=np.float64).reshape(n_rows, -1)

    def can_be_dealt(self, labels):
        return len(labels) > 1

    def strata(self, labels):
        return np.zeros(len(labels), dtype=np.intp)

    def answered_by(self, teacher, y):
        return self

    def covers(self, other):
        return True

    def spread(self, answers, other):
        return answers


def task_of(y):
    """Return the task of some numbers."""
    return NumbersTask(1 if np.ndim(y) == 1 else np.shape(y)[1])


def table(n_samples=400, n_targets=1, seed=0):
    """Rows and numbers. With one target, y has one dimension."""
    X, first = make_friedman1(n_samples, n_features=7, noise=1.0, random_state=seed)
    if n_targets == 1:
        return X, first
    others = [100.0 * X[:, k] + first for k in range(1, n_targets)]
    return X, np.column_stack([first, *others])
