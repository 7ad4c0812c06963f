"""Distil large classifiers into small, fast networks."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skdistill.classifier import DistilledClassifier
    from skdistill.encoding import TabularEncoder
    from skdistill.report import DistillationReport
    from skdistill.student import Student
    from skdistill.synthesis import Munge, NeighborInterpolation, SwapNoise

# A student runs where only NumPy is installed, so what needs more is imported
# at its first use.
_MODULES = {
    "DistillationReport": "skdistill.report",
    "DistilledClassifier": "skdistill.classifier",
    "Munge": "skdistill.synthesis",
    "NeighborInterpolation": "skdistill.synthesis",
    "Student": "skdistill.student",
    "SwapNoise": "skdistill.synthesis",
    "TabularEncoder": "skdistill.encoding",
}

__all__ = [
    "DistillationReport",
    "DistilledClassifier",
    "Munge",
    "NeighborInterpolation",
    "Student",
    "SwapNoise",
    "TabularEncoder",
]
__version__ = version("skdistill")


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'skdistill' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
