"""Distil large classifiers into small, fast networks."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skdistill.estimators.classifier import DistilledClassifier
    from skdistill.inputs.encoder import TabularEncoder
    from skdistill.model_selection.compress import compress_to
    from skdistill.model_selection.smallest_within import smallest_within
    from skdistill.plotting import (
        AgreementDisplay,
        CompressionCurveDisplay,
        LossCurveDisplay,
        ReliabilityDisplay,
    )
    from skdistill.report import DistillationReport
    from skdistill.student.student import Student
    from skdistill.transfer.synthesis import Munge, NeighborInterpolation, SwapNoise

# A student runs where only NumPy is installed, so what needs more is imported
# at its first use.
_MODULES = {
    "AgreementDisplay": "skdistill.plotting",
    "CompressionCurveDisplay": "skdistill.plotting",
    "DistillationReport": "skdistill.report",
    "DistilledClassifier": "skdistill.estimators.classifier",
    "LossCurveDisplay": "skdistill.plotting",
    "Munge": "skdistill.transfer.synthesis",
    "NeighborInterpolation": "skdistill.transfer.synthesis",
    "ReliabilityDisplay": "skdistill.plotting",
    "Student": "skdistill.student.student",
    "SwapNoise": "skdistill.transfer.synthesis",
    "TabularEncoder": "skdistill.inputs.encoder",
    "compress_to": "skdistill.model_selection.compress",
    "smallest_within": "skdistill.model_selection.smallest_within",
}

__all__ = [
    "AgreementDisplay",
    "CompressionCurveDisplay",
    "DistillationReport",
    "DistilledClassifier",
    "LossCurveDisplay",
    "Munge",
    "NeighborInterpolation",
    "ReliabilityDisplay",
    "Student",
    "SwapNoise",
    "TabularEncoder",
    "compress_to",
    "smallest_within",
]
__version__ = version("skdistill")


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'skdistill' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
