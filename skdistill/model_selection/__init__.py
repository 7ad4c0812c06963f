"""Search for the smallest student that is good enough."""

from skdistill.model_selection.compress import Compression, compress_to
from skdistill.model_selection.requirement import RequirementNotMetError, TriedStudent
from skdistill.model_selection.scorers import (
    make_teacher_scorer,
    student_bytes,
    teacher_score,
)
from skdistill.model_selection.smallest_within import smallest_within

__all__ = [
    "Compression",
    "RequirementNotMetError",
    "TriedStudent",
    "compress_to",
    "make_teacher_scorer",
    "smallest_within",
    "student_bytes",
    "teacher_score",
]
