"""Find the adapter of a model of another library, from the names of its classes.

No library is imported: its objects show whose they are.
"""

import copy
from pathlib import PurePath
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.adapter_checks import is_model_file, kinds_of
from skdistill.teachers.answers import Answers
from skdistill.teachers.boosters import BoosterTeacher
from skdistill.teachers.keras import KerasTeacher
from skdistill.teachers.onnx import OnnxTeacher
from skdistill.teachers.pytorch import TorchTeacher
from skdistill.teachers.teacher import Teacher

# Library and class of each model, with its adapter. The first that fits counts: a Keras
# model on PyTorch is a module of PyTorch too.
_ADAPTERS = {
    ("keras", "Model"): KerasTeacher,
    ("torch", "Module"): TorchTeacher,
    ("xgboost", "Booster"): BoosterTeacher,
    ("lightgbm", "Booster"): BoosterTeacher,
    ("catboost", "CatBoost"): BoosterTeacher,
}


def is_model(source: Any) -> bool:
    """Tell whether an object is a model of another library, or an adapter of one.

    Parameters
    ----------
    source : object

    Returns
    -------
    bool
    """
    return as_adapter(source) is not None


def as_adapter(source: Any) -> ModelAdapter | None:
    """Return the adapter of a model of another library.

    Parameters
    ----------
    source : object
        Object that a user gives as the teacher.

    Returns
    -------
    adapter : ModelAdapter or None
        The object itself if it is an adapter. None if it is no such model, and if it
        has a `predict_proba`: then it answers by itself.
    """
    if isinstance(source, FrozenEstimator) and isinstance(
        source.estimator, ModelAdapter
    ):
        return source.estimator
    if isinstance(source, ModelAdapter):
        return source
    if isinstance(source, PurePath):
        return None if is_model_file(source.name) else OnnxTeacher(source)
    if isinstance(source, type) or hasattr(source, "predict_proba"):
        return None
    kinds = kinds_of(source)
    for kind, adapter in _ADAPTERS.items():
        if kind in kinds and ("catboost", "CatBoostRegressor") not in kinds:
            return adapter(source)
    return None


def adapter_in(source: Any) -> ModelAdapter | None:
    """Return the adapter of a model, or the one in which a pipeline ends, if any.

    Parameters
    ----------
    source : object
        Object that a user gives as the teacher.
    """
    return source.steps[-1][1] if ends_in_adapter(source) else as_adapter(source)


def model_teacher(
    source: Any, given: Any, fit_params: Any, kind: str | None
) -> Teacher | None:
    """Return the teacher that asks a model of another library by its adapter.

    Parameters
    ----------
    source, given, fit_params, kind
        See `skdistill.teachers.resolve.as_teacher`.

    Returns
    -------
    teacher : Teacher or None
        None if the source is no such model, and no pipeline that ends in its adapter.

    Raises
    ------
    ValueError
        If the outputs of the model are of another kind.
    """
    adapter = adapter_in(source)
    if adapter is None:
        return None
    adapter = adapter if kind is None else adapter.of_kind(kind)
    if not ends_in_adapter(source):
        return ModelTeacher(adapter, given, fit_params)
    if adapter is not source.steps[-1][1]:
        source = _with_adapter(source, adapter)
    return PipelineTeacher(source, given, fit_params)


class ModelTeacher(Teacher):
    """A model of another library, by way of its adapter.

    The first question decides what the outputs mean. From then on `source` is a copy of
    the adapter that knows it, and the user's object stays as it was.
    """

    classes_may_be_codes = True

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.adapter.model_name

    @property
    def was_fitted(self) -> bool:
        """True: the model is used as it was given."""
        return True

    @property
    def adapter(self) -> ModelAdapter:
        """Adapter of the model."""
        return self.source

    def answer(self, X: Any) -> Any:
        """Return the outputs of the model as it gives them."""
        return self.adapter.raw_outputs(X)

    def interpret(self, answers: Answers, task: Any) -> Answers:
        """Decide what the outputs mean, if that is open, and make answers of them."""
        if task.kind == "label_sets":
            if "output_" not in vars(self.adapter):
                self._publish(self.adapter.decided_for_labels(answers.values))
            values = self.adapter.probabilities_of_labels(answers.values)
            return answers._replace(values=values)
        if "output_" not in vars(self.adapter):
            labels = getattr(task, "classes", None)
            self._publish(self.adapter.decided(answers.values, labels))
        adapter = self.adapter
        values = adapter.meaning_of(answers.values, adapter.output_)
        return answers._replace(values=values)

    def hidden(self, X: Any, layer: str | None = None) -> Any:
        """Return the outputs of a hidden layer."""
        return self.adapter.hidden(X, layer)

    def _publish(self, adapter):
        """Take an adapter that knows what the outputs mean as the source."""
        self.source = adapter


class PipelineTeacher(ModelTeacher):
    """A fitted pipeline of scikit-learn's that ends in an adapter of a model."""

    @property
    def adapter(self) -> ModelAdapter:
        """Adapter of the model: the last step."""
        return self.source.steps[-1][1]

    def answer(self, X: Any) -> Any:
        """Return the outputs of the model for transformed rows."""
        return super().answer(self._transformed(X))

    def hidden(self, X: Any, layer: str | None = None) -> Any:
        """Return the outputs of a hidden layer for transformed rows."""
        return super().hidden(self._transformed(X), layer)

    def _transformed(self, X):
        with self._explaining(X):
            for _, step in self.source.steps[:-1]:
                X = X if step in (None, "passthrough") else step.transform(X)
        return X

    def _publish(self, adapter):
        self.source = _with_adapter(self.source, adapter)


def _with_adapter(pipeline, adapter):
    """Return a copy of a pipeline that ends in another adapter."""
    made = copy.copy(pipeline)
    made.steps = [*pipeline.steps[:-1], (pipeline.steps[-1][0], adapter)]
    return made


def ends_in_adapter(source: Any) -> bool:
    """Tell whether an object is a pipeline whose last step is an adapter.

    Parameters
    ----------
    source : object

    Returns
    -------
    bool
    """
    return (
        isinstance(source, Pipeline)
        and len(source.steps) > 0
        and isinstance(source.steps[-1][1], ModelAdapter)
    )
