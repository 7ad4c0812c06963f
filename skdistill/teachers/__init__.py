"""Teachers that a user hands over where an estimator or a function will not do.

The interface of all teachers, and their files, are beside this one.
"""

from importlib import import_module
from typing import Any

# The public names, each with its module, imported as in skdistill/__init__.py. Type
# checkers read the same names in __init__.pyi.
_MODULES: dict[str, str] = {
    "BoosterTeacher": "skdistill.teachers.boosters",
    "KerasTeacher": "skdistill.teachers.keras",
    "OnnxTeacher": "skdistill.teachers.onnx",
    "RulesTeacher": "skdistill.teachers.rules",
    "TorchTeacher": "skdistill.teachers.pytorch",
    "VotesTeacher": "skdistill.teachers.votes",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'skdistill.teachers' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(_MODULES)
