"""Choice of the type of weights that takes the fewest bytes and loses nothing."""

from contextlib import suppress

from skdistill.student.quantization import WEIGHT_DTYPES


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
        Student with the type of the fewest bytes. Integers of 8 bits have a scale for
        each row of a knot table, so float16 takes fewer bytes if there are few units.
    """
    exact = make_student("float32")
    output = exact.output
    students = []
    for dtype in WEIGHT_DTYPES[:-1]:
        # A weight may be too large for the type.
        with suppress(ValueError):
            students.append(make_student(dtype))
    for student in sorted([*students, exact], key=lambda student: student.nbytes):
        if student is exact:
            break
        if output.mean_change(student, exact, X) <= output.faithful_change:
            return student
    return exact
