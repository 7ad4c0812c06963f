"""The diagram of a distilled classifier that notebooks show."""

from skdistill.common.sklearn_compat import VisualBlock
from skdistill.common.text import in_binary_units
from skdistill.metrics import pickled_bytes


def visual_block(estimator):
    """Return the diagram of teacher and student with their sizes.

    Before `fit` it shows the teacher alone.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator, fitted or not.

    Returns
    -------
    block : VisualBlock
        Diagram that scikit-learn draws inside the estimator.
    """
    student = vars(estimator).get("student_")
    if student is None:
        teacher = _block(estimator.one_teacher)
        return VisualBlock("parallel", [teacher], names=["teacher"])
    teacher = estimator.teacher_
    size = _pickled_size(teacher)
    blocks = [
        _block(teacher),
        VisualBlock(
            "single",
            student,
            names=repr(student).strip("<>").partition(",")[0],
            name_details=repr(student),
        ),
    ]
    # scikit-learn reads a name up to its colon as the name of a parameter.
    names = [
        f"teacher: {size}" if size else "teacher",
        f"student: {in_binary_units(student.nbytes)}",
    ]
    return VisualBlock("parallel", blocks, names=names)


def _block(teacher):
    """Return an estimator or text as it is, and a block with the name of others."""
    if hasattr(teacher, "get_params") or isinstance(teacher, str):
        return teacher
    name = getattr(teacher, "__name__", type(teacher).__name__)
    return VisualBlock("single", teacher, names=name, name_details=repr(teacher))


def _pickled_size(teacher):
    """Return the size of a teacher on disk, or None if it cannot be stored."""
    if not hasattr(teacher, "fit"):
        return None
    try:
        return in_binary_units(pickled_bytes(teacher))
    except Exception:  # Models of other libraries raise errors of their own.
        return None
