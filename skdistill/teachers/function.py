"""Functions as teachers."""

from functools import partial
from typing import Any

from skdistill.teachers.teacher import Teacher

# Methods of a model that answer, and whose model has a `predict` too.
_ANSWERS = ("predict_proba", "decision_function")


class FunctionTeacher(Teacher):
    """A function that returns class probabilities of rows.

    Its attribute `classes_` names the columns. A method of a fitted model, such as
    `model.predict_proba`, has the `classes_` of the model. Without either, the columns
    are in sorted order of the labels in y, or are called 0, 1, ... if there is no y.
    """

    # The model behind a method may have been fitted on codes of the labels.
    classes_may_be_codes = True

    def answer(self, X: Any) -> Any:
        """Call the function."""
        with self._explaining(X):
            return self.source(X)

    @property
    def decider(self) -> Any:
        """The model of a method that answers, such as `model.predict_proba`."""
        function = self.source
        is_answer = getattr(function, "__name__", "") in _ANSWERS
        return getattr(function, "__self__", None) if is_answer else None

    def _find_classes(self):
        function = self.source
        while isinstance(function, partial) and not hasattr(function, "classes_"):
            function = function.func
        for owner in (function, getattr(function, "__self__", None)):
            classes = getattr(owner, "classes_", None)
            if classes is not None:
                return classes
        return None
