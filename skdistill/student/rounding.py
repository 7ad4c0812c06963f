"""The fewest bits of weights that change no answer noticeably."""

from skdistill.metrics import total_variation
from skdistill.student.quantization import WEIGHT_DTYPES

# The greatest mean change of a row's probabilities, in total variation, that counts as
# no loss.
_FAITHFUL = 0.005


def smallest_faithful(make_student, X):
    """Return the student of the fewest bits that loses nothing.

    Parameters
    ----------
    make_student : callable
        Function that takes a type of weights and returns a student.
    X : table of shape (n_rows, n_features)
        Rows to compare on.

    Returns
    -------
    student : Student
    """
    exact = make_student("float32")
    expected = exact.predict_proba(X)
    for dtype in WEIGHT_DTYPES[:-1]:
        try:
            student = make_student(dtype)
        except ValueError:
            continue  # A weight is too large for the type.
        if total_variation(student.predict_proba(X), expected) <= _FAITHFUL:
            return student
    return exact
