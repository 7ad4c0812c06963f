"""The diagram of a distilled classifier, which notebooks show."""

from pickle import PicklingError

from skdistill.common.sklearn_compat import VisualBlock
from skdistill.metrics import pickled_bytes
from skdistill.teachers.scikit_learn import default_teacher


def visual_block(estimator):
    """Return teacher and student with their sizes, or an unfitted teacher alone.

    Parameters
    ----------
    estimator : DistilledClassifier

    Returns
    -------
    block : VisualBlock
        What scikit-learn draws inside the estimator.
    """
    student = vars(estimator).get("student_")
    if student is None:
        teacher = estimator.teacher
        teacher = default_teacher() if teacher is None else teacher
        return VisualBlock("parallel", [_block(teacher)], names=["teacher"])
    teacher = estimator.teacher_
    units = "-".join(map(str, student.layer_units))
    size = _pickled_size(teacher)
    blocks = [
        _block(teacher),
        VisualBlock(
            "single",
            student,
            names=f"Student {units} {student.activation}",
            name_details=repr(student),
        ),
    ]
    # Up to the colon a name is taken for a parameter's.
    names = [
        f"teacher: {size}" if size else "teacher",
        f"student: {_in_units(student.nbytes)}",
    ]
    return VisualBlock("parallel", blocks, names=names)


def _block(teacher):
    """Return what stands for a teacher: an estimator itself, else its name."""
    if hasattr(teacher, "get_params") or isinstance(teacher, str):
        return teacher
    name = getattr(teacher, "__name__", type(teacher).__name__)
    return VisualBlock("single", teacher, names=name, name_details=repr(teacher))


def _pickled_size(teacher):
    """Return the size of a teacher on disk; None of one that is not stored."""
    if not hasattr(teacher, "fit"):
        return None
    try:
        return _in_units(pickled_bytes(teacher))
    except (AttributeError, PicklingError, TypeError):
        return None


def _in_units(n_bytes):
    """Return a number of bytes in KiB or MiB."""
    kibibytes = n_bytes / 1024
    if kibibytes < 1024:
        return f"{kibibytes:.1f} KiB"
    return f"{kibibytes / 1024:.1f} MiB"
