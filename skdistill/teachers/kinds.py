"""Objects that are no teachers, each with the line that makes it one.

A library is not imported to know its objects: the names of their classes tell.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.pipeline import Pipeline

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.adapter_checks import (
    advice_on_file,
    is_model_file,
    kinds_of,
    suffix_of,
)
from skdistill.teachers.file import model_behind
from skdistill.teachers.models import as_adapter, is_model
from skdistill.teachers.quote import with_article
from skdistill.teachers.resolve import PRECOMPUTED, is_precomputed
from skdistill.teachers.teacher import name_of

_PROBABILITIES = (
    f"If it holds the probabilities of a teacher, give teacher={PRECOMPUTED!r}, and "
    "pass them to fit: fit(X, y, teacher_proba=...)"
)
_WITH_APPLY = "def f(X): return jax.nn.softmax(module.apply(params, X))"
_ROWS = "It holds rows. Give the model that was trained on them"

# Advice on what to give in place of an object, by its library and class.
_ADVICE = {
    ("torch", "Tensor"): _PROBABILITIES,
    ("jax", "Array"): _PROBABILITIES,
    ("jaxlib", "ArrayImpl"): _PROBABILITIES,
    ("torch", "ExportedProgram"): (
        "Give the module in it: teacher=TorchTeacher(program.module())"
    ),
    ("torch", "Dataset"): _ROWS,
    ("torch", "DataLoader"): _ROWS,
    ("torch", "Optimizer"): "Give the module that it trained",
    ("xgboost", "DMatrix"): f"{_ROWS}: the booster that xgboost.train returns",
    ("lightgbm", "Dataset"): f"{_ROWS}: the booster that lightgbm.train returns",
    ("catboost", "Pool"): _ROWS,
    ("lightgbm", "CVBooster"): (
        "It holds a booster a fold. Give one of them, teacher.boosters[0], or a "
        "function f(X) that returns the mean of their probabilities"
    ),
    ("transformers", "Pipeline"): (
        "Give a function f(X) that returns an array of its scores with a column for "
        "each class in sorted order, or "
        "teacher=TorchTeacher(pipeline.model, prepare=f), where f(X) returns the "
        "tokens of the texts as a dict"
    ),
    ("transformers", "PreTrainedTokenizerBase"): (
        "Give the model: teacher=TorchTeacher(model, prepare=f), where f(X) returns "
        "the tokens of the texts as a dict"
    ),
    ("flax", "Module"): (
        f"It is asked with its parameters. Give a function, {_WITH_APPLY}"
    ),
    ("equinox", "Module"): (
        "It takes one row. Give a function, "
        "def f(X): return jax.nn.softmax(jax.vmap(module)(X))"
    ),
    ("tf_keras", "Model"): (
        "It is a model of Keras 2. Give a function of its probabilities, "
        "def f(X): return model.predict(X, verbose=0)"
    ),
    ("tensorflow", "Module"): (
        "Give a function that returns probabilities, def f(X): return model(X).numpy()"
    ),
    ("onnx", "ModelProto"): (
        "Give its bytes: teacher=OnnxTeacher(model.SerializeToString())"
    ),
    ("onnxruntime", "InferenceSession"): (
        "Give the file that it runs: teacher=pathlib.Path(path)"
    ),
}

# Methods of models that answer with tensors of their library.
_ON_TENSORS = ("forward", "call", "__call__")


def check_kind(teacher: Any) -> None:
    """Raise if an object cannot be a teacher of classes, fitted or unfitted.

    Parameters
    ----------
    teacher : object
        Parameter `teacher` of an estimator.

    Raises
    ------
    ValueError
        If the object is no teacher, or if a parameter of its adapter is wrong. The
        message says how to make a teacher of it.
    """
    if teacher is None or is_precomputed(teacher):
        return
    teacher = model_behind(teacher)
    advice = _advice(teacher)
    if advice:
        raise ValueError(advice)
    adapter = as_adapter(teacher)
    if adapter is not None:
        adapter.check_parameters()


def _advice(teacher):
    """Return the message for an object that is no teacher. Empty for a teacher."""
    if isinstance(teacher, (str, bytes, PurePath)):
        return _advice_on_path(teacher)
    if isinstance(teacher, (np.ndarray, list, tuple, Mapping)) or hasattr(
        teacher, "to_numpy"
    ):
        return _advice_on_data(teacher)
    if isinstance(teacher, type):
        return (
            f"teacher is the class {teacher.__name__}: give an instance, "
            f"{teacher.__name__}()"
        )
    answers = hasattr(teacher, "predict_proba") or hasattr(teacher, "decision_function")
    if answers:
        return ""
    kinds = kinds_of(teacher)
    for kind, advice in _ADVICE.items():
        if kind in kinds:
            library = kind[0].replace("jaxlib", "jax")
            name = with_article(type(teacher).__name__)
            return f"teacher is {name} of {library}. {advice}"
    if is_model(teacher):
        return _advice_on_model(teacher, kinds)
    return _advice_on_others(teacher)


def _advice_on_path(teacher):
    """Return the message for a text, for bytes and for the path of a file."""
    if isinstance(teacher, bytes):
        return (
            f"teacher is {len(teacher)} bytes. If they are an ONNX model, give "
            "teacher=OnnxTeacher(them)"
        )
    name = str(teacher)
    advice = "" if is_model_file(name) else advice_on_file(name, "teacher")
    if advice:
        return f"teacher={name!r:.100} is the name of a file: {advice}"
    if isinstance(teacher, PurePath):
        return ""
    if suffix_of(name) == ".onnx" or is_model_file(name):
        return (
            f"teacher={name!r:.100} is a text: give a path, "
            f"teacher=pathlib.Path({name!r:.100})"
        )
    return (
        f"teacher={name!r:.100} is a text, and {PRECOMPUTED!r} is the only one that is "
        "known. A path of an ONNX or joblib file is given as pathlib.Path"
    )


def _advice_on_data(teacher):
    """Return the message for arrays, weights, and several models in a list."""
    name = with_article(type(teacher).__name__)
    parts = list(teacher.values() if isinstance(teacher, Mapping) else ())
    if parts and all(("torch", "Tensor") in kinds_of(part) for part in parts):
        return (
            f"teacher is {name} of tensors, the weights of a module without the "
            "module. Load them, module.load_state_dict(teacher), and give the module"
        )
    if isinstance(teacher, (list, tuple)):
        parts = list(teacher)
        if parts and all(map(_is_rule, parts)):
            return (
                f"teacher is {name} of pairs. If they are written rules, (condition, "
                "label), give teacher=RulesTeacher(rules)"
            )
        parts = [
            part[-1] if isinstance(part, tuple) and part else part for part in parts
        ]
    if parts and all(hasattr(part, "predict") or is_model(part) for part in parts):
        return (
            f"teacher is {name} of {len(parts)} models. Give one teacher: "
            'VotingClassifier(models, voting="soft"), or a function f(X) that returns '
            "the mean of their probabilities"
        )
    return (
        f"teacher is {name}. {_PROBABILITIES}. If it holds the votes of annotators, "
        "give teacher=VotesTeacher(), and pass them to fit: fit(X, teacher_y=...)"
    )


def _is_rule(part):
    """Tell whether an object is a pair whose first part may be a condition."""
    if not isinstance(part, (list, tuple)) or len(part) != 2:
        return False
    condition, label = part
    if hasattr(label, "predict") or is_model(label):
        return False  # A name and a model.
    return isinstance(condition, str) or callable(condition)


def _advice_on_method(function):
    """Return the message for a method of a model that returns tensors."""
    owner = getattr(function, "__self__", None)
    if getattr(function, "__name__", "") not in _ON_TENSORS or not is_model(owner):
        return ""
    return (
        f"teacher is the method {function.__name__} of {with_article(name_of(owner))}, "
        "which takes and returns tensors: give the model itself, "
        "DistilledClassifier(model)"
    )


def _advice_on_model(teacher, kinds):
    """Return the message for a model of another library that is not trained."""
    if ("keras", "Model") in kinds and not getattr(teacher, "built", True):
        return (
            f"the teacher, {name_of(teacher)}, is not built, so it has no trained "
            "weights: train it first, or load its weights"
        )
    if ("catboost", "CatBoost") in kinds and not teacher.is_fitted():
        return (
            f"the teacher, {name_of(teacher)} of catboost, is not fitted: call its fit "
            "first, or give an unfitted CatBoostClassifier"
        )
    return ""


def _advice_on_others(teacher):
    """Return the message for an estimator or another object that cannot answer."""
    name = name_of(teacher)
    last = teacher.steps[-1][1] if isinstance(teacher, Pipeline) else None
    if is_model(last) and not isinstance(last, ModelAdapter):
        adapter = type(as_adapter(last)).__name__
        return (
            f"the last step of the teacher, {name}, is "
            f"{with_article(name_of(last))}: give its adapter as the last "
            f"step, {adapter}(model)"
        )
    if hasattr(teacher, "fit") and is_classifier(teacher):
        return ""
    if hasattr(teacher, "fit") and is_regressor(teacher):
        return (
            f"the teacher, {name}, is not a classifier but a regressor: it predicts "
            "numbers. Train a classifier on the labels, or give a function f(X) that "
            "makes probabilities of its numbers"
        )
    if hasattr(teacher, "fit"):
        return (
            f"the teacher, {name}, is not a classifier: it has neither predict_proba "
            "nor decision_function. If it gives probabilities in another way, give a "
            "function f(X) that returns them"
        )
    if callable(teacher):
        return _advice_on_method(teacher)
    return (
        f"teacher={teacher!r:.100} is {with_article(type(teacher).__name__)}, which "
        "cannot answer: give an estimator with predict_proba, a function f(X) that "
        "returns probabilities, or a model of PyTorch, Keras, XGBoost, LightGBM or "
        "CatBoost"
    )
