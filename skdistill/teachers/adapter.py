"""Models of other libraries as estimators of scikit-learn: what all adapters share.

An adapter holds a trained model, which it never copies and never alters. A subclass
asks the model about a batch of rows. All else is here: batches, the meaning of the
outputs, classes, clones and pickles.
"""

import copy
from abc import abstractmethod
from inspect import signature
from pickle import PicklingError
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if

from skdistill.common.text import counted
from skdistill.tables.in_memory import in_memory
from skdistill.teachers.adapter_checks import (
    check_batch_size,
    check_model,
    check_prepare,
)
from skdistill.teachers.batches import (
    as_floats,
    ask_in_batches,
    form_of,
    is_pickled_by_value,
)
from skdistill.teachers.output_meaning import OutputMeaning, tells_classes
from skdistill.teachers.outputs import (
    NUMBERS,
    check_output,
    check_values,
    wrong_number,
)
from skdistill.teachers.quote import quoted


class ModelAdapter(OutputMeaning, ClassifierMixin, BaseEstimator):
    """Base class of adapters: a trained model as a fitted estimator.

    It is a classifier, or a regressor with ``output="numbers"``.
    """

    output: Any
    classes: Any
    prepare: Any
    batch_size: Any

    # Name of the parameter that holds the model, what it takes in words, and library
    # and name of the classes of such models. Without classes it takes anything.
    _model_parameter = "model"
    _needed = ""
    _kinds: ClassVar[set[tuple[str, str]]] = set()

    @property
    def model_name(self) -> str:
        """Name of the model in messages: that of its class."""
        return type(self._model).__name__

    @property
    def classes_(self) -> np.ndarray:
        """Labels of the outputs. Absent if they are not known."""
        classes = self._known_classes()
        if classes is None:
            raise AttributeError(
                f"{type(self).__name__} has no classes_: give classes, or let fit of "
                "a DistilledClassifier find them in y"
            )
        return np.asarray(classes)

    def fit(self, X: Any, y: Any = None) -> Self:
        """Decide what the outputs mean. The model is trained already, and stays.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows, as the model or `prepare` takes them.
        y : array-like of shape (n_samples,), default=None
            Labels. They name the outputs, in sorted order, if `classes` is None.

        Returns
        -------
        self : estimator
            The adapter, with `output_` and, if y is given, `classes_`.
        """
        labels = None if y is None else np.unique(np.asarray(y))
        fresh = self.__sklearn_clone__()
        decided = vars(fresh.decided(fresh.raw_outputs(X), labels))
        for name in ("output_", "_labels"):
            self.__dict__.pop(name, None)
        self.__dict__.update(decided)
        return self

    @available_if(tells_classes)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows, as the model or `prepare` takes them.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Probabilities. A model with one output has two classes.

        Raises
        ------
        ValueError
            If the model refuses the rows, or if its outputs are ambiguous. Without
            `output_`, they are judged by these rows alone.
        """
        values = self.raw_outputs(X)
        proba = self.meaning_of(values, self.kind_of(values))
        if proba.ndim == 1 or proba.shape[1] == 1:
            second = proba.reshape(-1)
            proba = np.column_stack([1 - second, second])
        known = self._known_classes()
        if known is not None and len(known) != proba.shape[1]:
            raise ValueError(self._wrong_number(proba.shape[1], known))
        return proba

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class, or the numbers of the model.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows, as the model or `prepare` takes them.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Labels. They are the numbers 0, 1, ... if the classes are not known. With
            ``output="numbers"`` the outputs as they are.
        """
        if self.output == NUMBERS:
            return self.meaning_of(self.raw_outputs(X), NUMBERS)
        decided = self.predict_proba(X).argmax(axis=1)
        known = self._known_classes()
        return decided if known is None else np.asarray(known)[decided]

    def raw_outputs(self, X: Any) -> np.ndarray:
        """Return the outputs of the model as it gives them, in batches.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows, as the model or `prepare` takes them.

        Returns
        -------
        values : ndarray of shape (n_samples, n_outputs) or (n_samples,)
        """
        return self._in_batches(X, self._checked_answer)

    def check_parameters(self) -> None:
        """Raise if a parameter is wrong, as far as that is known without a question.

        Raises
        ------
        ValueError
            The message names the parameter and its value.
        """
        name = type(self).__name__
        check_model(self._model, name, self._model_parameter, self._needed, self._kinds)
        check_output(self.output, name)
        check_prepare(self.prepare, name)
        check_batch_size(self.batch_size, name)

    def hidden(self, X: Any, layer: str | None = None) -> np.ndarray | None:
        """Return the outputs of a hidden layer.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows, as the model or `prepare` takes them.
        layer : str, default=None
            Name of the layer, one of `hidden_layers`. None is what goes into the last
            layer that has weights.

        Returns
        -------
        hidden : ndarray of shape (n_samples, n_units), float32, or None
            None if the model shows no hidden layers.

        Raises
        ------
        ValueError
            If the model has no layer of this name.
        """
        if layer is not None and layer not in self.hidden_layers:
            raise ValueError(
                f"layer={layer!r:.100} is not in the model, {self.model_name}: its "
                f"layers are {self.hidden_layers!r:.300}"
            )
        return self._hidden(X, layer)

    @property
    def hidden_layers(self) -> list[str]:
        """Names of the layers that `hidden` takes."""
        return []

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of the adapter. Those of the model are its own.

        Parameters
        ----------
        deep : bool, default=True
            Not used: the model is used as it is.

        Returns
        -------
        params : dict
            Names and values.
        """
        return super().get_params(deep=False)

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_clone__(self):
        return type(self)(**self.get_params())

    def __copy__(self):
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo):
        return copy.copy(self)

    def __reduce_ex__(self, protocol):
        reason = None if is_pickled_by_value() else self._why_not_pickled()
        if reason is not None:
            raise PicklingError(f"{type(self).__name__} cannot be pickled: {reason}")
        return super().__reduce_ex__(protocol)

    def __repr__(self, N_CHAR_MAX=700):
        said = [f"<{self.model_name}>"]
        for name, parameter in signature(type(self)).parameters.items():
            value = getattr(self, name)
            is_set = value is not parameter.default and value != "auto"
            if is_set and name != self._model_parameter:
                said.append(f"{name}={value!r:.60}")
        return f"{type(self).__name__}({', '.join(said)})"

    @property
    def _model(self):
        return getattr(self, self._model_parameter)

    @property
    def _called(self):
        """Words by which errors call the model."""
        return f"the teacher, {self.model_name},"

    @property
    def _call(self):
        """Call of the adapter up to the argument that an error names."""
        return f"{type(self).__name__}({self._model_parameter}, "

    def _known_classes(self):
        """Return the labels of the outputs, or None."""
        return vars(self).get("_labels") if self.classes is None else self.classes

    def _wrong_number(self, n_classes, known):
        """Return the message for outputs that are not as many as the classes."""
        known = np.asarray(known).tolist()
        named_by = None if self.classes is None else type(self).__name__
        return wrong_number(n_classes, known, named_by, self._called, self._call)

    def _in_batches(self, X, ask):
        """Return what a function of a batch of rows answers, for all rows."""
        X = in_memory(X)
        self.check_parameters()
        sizes = [n for n in (self.batch_size, self._own_batch_size()) if n is not None]
        size = min(sizes, default=None)
        return ask_in_batches(X, size, self._prepared, ask, self._called)

    def _checked_answer(self, inputs, n_rows):
        """Return the checked outputs for a batch of prepared rows."""
        try:
            values = self._ask(inputs)
        except ValueError as error:
            if str(error).startswith(("the teacher, ", type(self).__name__)):
                raise
            raise self._refused(error, inputs) from error
        except Exception as error:
            raise self._refused(error, inputs) from error
        return check_values(values, n_rows, self.output, self._called, self._call)

    def _refused(self, error, inputs):
        """Return the error for rows that the model does not take."""
        return ValueError(
            f"{self._called} raised {type(error).__name__} when it was given "
            f"{form_of(inputs)}: {quoted(error)}. {self._advice_on_form(inputs)}"
        )

    def _advice_on_form(self, inputs):
        """Return what to do if a batch has not the form that the model needs."""
        return (
            f"If it needs another form, give {self._call}prepare=f), where f(X) "
            "returns its input"
        )

    def _hidden(self, X, layer):
        """Return the outputs of a layer, or of the last hidden one, or None."""
        return None

    def _prepared(self, X, n_rows):
        """Return a batch of rows as the model takes them, and explain an error."""
        try:
            return self._inputs(X)
        except Exception as error:
            if self.prepare is not None:
                error.add_note(
                    f"The prepare of {type(self).__name__} raised this error for a "
                    f"batch of {counted(n_rows, 'row')}, which it got as they were "
                    "given."
                )
            raise

    def _inputs(self, X):
        """Return a batch of rows as the model takes them."""
        return as_floats(X, self._call) if self.prepare is None else self.prepare(X)

    def _own_batch_size(self):
        """Return the number of rows that the model takes at once, or None."""
        return None

    def _why_not_pickled(self):
        """Return why `pickle` refuses the adapter, and what it takes. Or None."""
        name = getattr(self.prepare, "__qualname__", "")
        if "<lambda>" in name or "<locals>" in name:
            return (
                f"its prepare, {name}, is a function that pickle does not find by its "
                "name. Give a function that is defined in a module"
            )
        return None

    @abstractmethod
    def _ask(self, inputs: Any) -> Any:
        """Return the outputs of the model for a batch of prepared rows."""
