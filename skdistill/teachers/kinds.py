"""Objects that are no teachers, each with the line that makes it one.

A library is not imported to know its objects: the names of their classes tell.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.adapter_checks import (
    advice_on_file,
    is_model_file,
    kinds_of,
    suffix_of,
)
from skdistill.teachers.advice import WORDS_OF_KIND
from skdistill.teachers.file import model_behind
from skdistill.teachers.models import (
    adapter_in,
    as_adapter,
    ends_in_adapter,
    is_model,
)
from skdistill.teachers.quantiles import are_quantiles
from skdistill.teachers.quote import with_article
from skdistill.teachers.resolve import PRECOMPUTED, is_precomputed
from skdistill.teachers.scikit_learn import is_fitted
from skdistill.teachers.teacher import name_of

# Methods of models that answer with tensors of their library.
_ON_TENSORS = ("forward", "call", "__call__")


def check_kind(teacher: Any, kind: str = "classes") -> None:
    """Raise if an object cannot be a teacher of a task, fitted or unfitted.

    Parameters
    ----------
    teacher : object
        Parameter `teacher` of an estimator.
    kind : str, default="classes"
        Kind of the task.

    Raises
    ------
    ValueError
        If the object is no teacher, or if a parameter of its adapter is wrong. The
        message says how to make a teacher of it.
    """
    if teacher is None or is_precomputed(teacher):
        return
    teacher = model_behind(teacher)
    if kind == "numbers" and are_quantiles(teacher):
        _check_quantiles(teacher)
        return
    advice = _advice(teacher, WORDS_OF_KIND.get(kind, WORDS_OF_KIND["classes"]))
    if advice:
        raise ValueError(advice)
    adapter = as_adapter(teacher)
    if adapter is not None:
        adapter.check_parameters()
    inner = adapter_in(teacher)
    if inner is not None:
        inner.of_kind(kind)


def _check_quantiles(teacher):
    """Raise if a dict of models by numbers is no teacher of quantiles."""
    for level, model in teacher.items():
        if not 0.0 < level < 1.0:
            raise ValueError(
                "teacher is a dict of models by the levels of quantiles, and holds the "
                f"level {level!r}: a level is greater than 0 and less than 1"
            )
        if model is None or isinstance(model, (str, Mapping)):
            raise ValueError(
                f"teacher holds {model!r:.100} for the quantile {level}: give a "
                "regressor, or a function f(X) that returns numbers"
            )
        check_kind(model, "numbers")
    n_fitted = sum(map(is_fitted, teacher.values()))
    if n_fitted not in (0, len(teacher)):
        raise ValueError(
            f"teacher is a dict of {len(teacher)} models of quantiles, and {n_fitted} "
            "of them are fitted: give models that are all fitted, or all unfitted"
        )


def _advice(teacher, words):
    """Return the message for an object that is no teacher. Empty for a teacher."""
    if isinstance(teacher, (str, bytes, PurePath)):
        return _advice_on_path(teacher)
    if isinstance(teacher, (np.ndarray, list, tuple, Mapping)) or hasattr(
        teacher, "to_numpy"
    ):
        return _advice_on_data(teacher, words)
    if isinstance(teacher, type):
        return (
            f"teacher is the class {teacher.__name__}: give an instance, "
            f"{teacher.__name__}()"
        )
    of_numbers = words is WORDS_OF_KIND["numbers"]
    answers = hasattr(teacher, "predict_proba") or hasattr(teacher, "decision_function")
    if answers and not of_numbers:
        return ""
    kinds = kinds_of(teacher)
    for kind, advice in words.advice.items():
        if kind in kinds:
            library = kind[0].replace("jaxlib", "jax")
            name = with_article(type(teacher).__name__)
            return f"teacher is {name} of {library}. {advice}"
    if is_model(teacher):
        return _advice_on_model(teacher, kinds)
    advice = _advice_on_last_step(teacher)
    if advice:
        return advice
    if not of_numbers and hasattr(teacher, "fit"):
        return _advice_on_estimator(teacher)
    if of_numbers and ends_in_adapter(teacher):
        return ""
    if of_numbers and not _is_function(teacher):
        return _advice_on_estimator_of_numbers(teacher)
    if callable(teacher):
        return _advice_on_method(teacher, words)
    return _advice_on_others(teacher, words)


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


def _advice_on_data(teacher, words):
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
            f"{words.several}"
        )
    return f"teacher is {name}. {words.stored}. {words.other_data}"


def _is_rule(part):
    """Tell whether an object is a pair whose first part may be a condition."""
    if not isinstance(part, (list, tuple)) or len(part) != 2:
        return False
    condition, label = part
    if hasattr(label, "predict") or is_model(label):
        return False  # A name and a model.
    return isinstance(condition, str) or callable(condition)


def _is_function(teacher):
    """Tell whether an object is called, and has no `predict`."""
    return callable(teacher) and not hasattr(teacher, "predict")


def _advice_on_method(function, words):
    """Return the message for a method of a model that is no teacher."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if name in _ON_TENSORS and is_model(owner):
        return (
            f"teacher is the method {name} of {with_article(name_of(owner))}, which "
            "takes and returns tensors: give the model itself, "
            f"{words.estimator}(model)"
        )
    if (
        words is WORDS_OF_KIND["numbers"]
        and owner is not None
        and _tells_classes(owner)
    ):
        return _of_classes(f"teacher is a method of {name_of(owner)}, which")
    return ""


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


def _advice_on_last_step(teacher):
    """Return the message for a pipeline whose last step is not in its adapter."""
    last = teacher.steps[-1][1] if isinstance(teacher, Pipeline) else None
    if not is_model(last) or isinstance(last, ModelAdapter):
        return ""
    adapter = type(as_adapter(last)).__name__
    return (
        f"the last step of the teacher, {name_of(teacher)}, is "
        f"{with_article(name_of(last))}: give its adapter as the last step, "
        f"{adapter}(model)"
    )


def _advice_on_estimator(teacher):
    """Return the message for an estimator without probabilities."""
    name = name_of(teacher)
    if is_classifier(teacher):
        return ""
    if is_regressor(teacher):
        return (
            f"the teacher, {name}, is not a classifier but a regressor: it predicts "
            "numbers. Give it to DistilledRegressor, train a classifier on the labels, "
            "or give a function f(X) that makes probabilities of its numbers"
        )
    return (
        f"the teacher, {name}, is not a classifier: it has neither predict_proba "
        "nor decision_function. If it gives probabilities in another way, give a "
        "function f(X) that returns them"
    )


def _advice_on_estimator_of_numbers(teacher):
    """Return the message for an estimator or another object without numbers."""
    if kind_by_tags(teacher) == "regressor":
        return ""
    if _tells_classes(teacher):
        return _of_classes(f"the teacher, {name_of(teacher)},")
    if kind_by_tags(teacher) is None and hasattr(teacher, "predict"):
        return ""
    if not hasattr(teacher, "fit"):
        return _advice_on_others(teacher, WORDS_OF_KIND["numbers"])
    return (
        f"the teacher, {name_of(teacher)}, is not a regressor. If it gives numbers, "
        "give a function f(X) that returns them"
    )


def kind_by_tags(teacher: Any) -> str | None:
    """Return the kind of an estimator as its tags tell it.

    Parameters
    ----------
    teacher : object

    Returns
    -------
    kind : str or None
        "classifier", "regressor" or another kind of scikit-learn. None without tags.
    """
    if not hasattr(teacher, "__sklearn_tags__"):
        return None
    return get_tags(teacher).estimator_type


def _tells_classes(model):
    """Tell whether a model is a classifier, by its tags, attributes or methods."""
    if kind_by_tags(model) in ("classifier", "regressor"):
        return kind_by_tags(model) == "classifier"
    return hasattr(model, "classes_") or hasattr(model, "predict_proba")


def _of_classes(model):
    """Return the message for a model that answers with classes."""
    return (
        f"{model} is not a regressor but a classifier: it answers with classes. Give "
        "it to DistilledClassifier, or give a regressor, which predicts numbers"
    )


def _advice_on_others(teacher, words):
    """Return the message for an object that cannot answer."""
    method = "predict" if words is WORDS_OF_KIND["numbers"] else "predict_proba"
    return (
        f"teacher={teacher!r:.100} is {with_article(type(teacher).__name__)}, which "
        f"cannot answer: give an estimator with {method}, a function f(X) that "
        f"returns {words.answers}, or a model of PyTorch, Keras, XGBoost, LightGBM or "
        "CatBoost"
    )
