"""Distil large models into small, fast networks."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

# The public names, each with its module. The module is imported when the name is
# first used, because a student also runs where NumPy is installed alone. Type
# checkers read the same names in __init__.pyi.
_MODULES = {
    "AdditiveDisplay": "skdistill.plotting",
    "AgreementDisplay": "skdistill.plotting",
    "CapacityDisplay": "skdistill.plotting",
    "CompressionCurveDisplay": "skdistill.plotting",
    "DistillationReport": "skdistill.report",
    "DistilledClassifier": "skdistill.estimators.classifier",
    "DistilledRegressor": "skdistill.estimators.regressor",
    "LossCurveDisplay": "skdistill.plotting",
    "Munge": "skdistill.transfer.synthesis",
    "NeighborInterpolation": "skdistill.transfer.synthesis",
    "ReliabilityDisplay": "skdistill.plotting",
    "ResidualsDisplay": "skdistill.plotting",
    "Student": "skdistill.student.student",
    "SwapNoise": "skdistill.transfer.synthesis",
    "TabularEncoder": "skdistill.inputs.encoder",
    "compress_to": "skdistill.model_selection.compress",
    "smallest_within": "skdistill.model_selection.smallest_within",
}

# The public modules, which are imported in the same way.
_SUBMODULES = ("export", "metrics", "model_selection", "teachers")

__all__ = sorted(_MODULES)
__version__ = version("skdistill")


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f"skdistill.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module 'skdistill' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*_MODULES, *_SUBMODULES, "__version__"])
