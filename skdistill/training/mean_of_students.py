"""Students of short trainings, and their predictions in the form of soft targets."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse


class MeanOfStudents(NamedTuple):
    """Students of one kind, each trained on other rows, that answer together.

    Attributes
    ----------
    students : list of Student
    task : Task
    factors : object
        Factors that the weights of the students' rows had by class.
    """

    students: list
    task: Any
    factors: Any

    def logits(self, X):
        """Return the mean of the students' predictions, as soft targets.

        The effect of the factors of the classes is taken back.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)

        Returns
        -------
        logits : ndarray of shape (n_rows, n_targets)
        """
        rows = rows_of(self.students[0], X)
        targets = [student_targets(student, rows) for student in self.students]
        return self.unweighted(np.mean(targets, axis=0))

    def logits_without(self, fold, X):
        """Return the predictions of the student that did not see a fold.

        The effect of the factors of the classes is taken back.

        Parameters
        ----------
        fold : int
        X : table of shape (n_rows, n_features)

        Returns
        -------
        logits : ndarray of shape (n_rows, n_targets)
        """
        student = self.students[fold]
        return self.unweighted(student_targets(student, rows_of(student, X)))

    def unweighted(self, targets):
        """Return predictions without the effect of the factors of the classes.

        A class with the factor 0 was not learned, so its predictions stay as they are.
        """
        inverse = 1.0 / np.where(self.factors > 0.0, self.factors, 1.0)
        return self.task.weigh_answers(targets, inverse)[0]


def rows_of(student, X):
    """Return raw rows as students with one input code take them.

    Parameters
    ----------
    student : Student
        One of the students.
    X : table of shape (n_rows, n_features)

    Returns
    -------
    rows : ndarray or CSR of shape (n_rows, n_features)
    """
    return X if issparse(X) else student.numbers(X)


def student_targets(student, rows):
    """Return a student's predictions in the form of soft targets.

    Parameters
    ----------
    student : Student
    rows : ndarray or CSR of shape (n_rows, n_features)
        Rows as `rows_of` returns them.

    Returns
    -------
    targets : ndarray of shape (n_rows, n_targets)
    """
    ask = student.units if issparse(rows) else student.logits_of_numbers
    return student.output.all_logits(ask(rows))
