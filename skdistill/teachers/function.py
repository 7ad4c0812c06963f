"""Functions as teachers."""

from functools import partial
from typing import Any

from skdistill.teachers.label_sets import (
    is_answer_of_outputs,
    probabilities_of_labels,
)
from skdistill.teachers.quote import quoted
from skdistill.teachers.teacher import Teacher

_GIVE_MODULE = (
    "Or give the module itself, DistilledClassifier(module), which is then asked in "
    "inference mode"
)

# Methods of a model that answer, and whose model has a `predict` too.
_ANSWERS = ("predict_proba", "decision_function")
_ANSWERS_OF_NUMBERS = ("predict",)


class FunctionTeacher(Teacher):
    """A function that returns class probabilities, or numbers, of rows.

    Its attribute `classes_` names the columns. A method of a fitted model, such as
    `model.predict_proba`, has the `classes_` of the model. Without either, the columns
    are in sorted order of the labels in y, or are called 0, 1, ... if there is no y.
    """

    # The model behind a method may have been fitted on codes of the labels.
    classes_may_be_codes = True

    def answer(self, X: Any) -> Any:
        """Call the function."""
        with self._explaining(X):
            try:
                answer = self.source(X)
            except TypeError as error:
                if "must be Tensor" not in str(error):
                    raise
                raise ValueError(
                    f"the teacher, {self.name}, gives a PyTorch module an array, and "
                    f"a tensor is needed: {quoted(error)}. {_GIVE_MODULE}"
                ) from error
        if getattr(answer, "requires_grad", False) is True:
            raise ValueError(
                f"the teacher, {self.name}, returned a tensor with gradients: return "
                f"an array, tensor.detach().numpy(). {_GIVE_MODULE}"
            )
        if self.kind != "numbers" and is_answer_of_outputs(answer):
            return probabilities_of_labels(answer, self._find_classes(), self.name)
        return answer

    @property
    def answering(self) -> Any:
        """The model of a method that answers, or the function."""
        model = self._model_of((*_ANSWERS, *_ANSWERS_OF_NUMBERS))
        return self.source if model is None else model

    @property
    def decider(self) -> Any:
        """The model of a method that answers, such as `model.predict_proba`."""
        return self._model_of(_ANSWERS)

    def _model_of(self, methods):
        """Return the model of a method that has one of these names, or None."""
        is_answer = getattr(self.source, "__name__", "") in methods
        return getattr(self.source, "__self__", None) if is_answer else None

    def _find_classes(self):
        function = self.source
        while isinstance(function, partial) and not hasattr(function, "classes_"):
            function = function.func
        for owner in (function, getattr(function, "__self__", None)):
            classes = getattr(owner, "classes_", None)
            if classes is not None:
                return classes
        return None
