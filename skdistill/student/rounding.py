"""Choice of the smallest type of weights that leaves the answers nearly unchanged."""

from skdistill.metrics import total_variation
from skdistill.student.quantization import WEIGHT_DTYPES

# Greatest mean change of a row's probabilities that counts as unchanged, in total
# variation.
_FAITHFUL = 0.005


def smallest_faithful(make_student, X):
    """Return the smallest student whose answers nearly equal the exact ones.

    Parameters
    ----------
    make_student : callable
        Function that takes a type of weights and returns a student.
    X : table of shape (n_rows, n_features)
        Rows for which the answers are compared.

    Returns
    -------
    student : Student
        Student with the type of the fewest bits. It has float32 weights if no smaller
        type will do.
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
