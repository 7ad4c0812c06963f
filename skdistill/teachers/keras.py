"""Keras 3 models as teachers. Keras is imported when a model is asked."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, ClassVar

import numpy as np

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.output_meaning import sign_of
from skdistill.teachers.pytorch import to_array, undisturbed


class KerasTeacher(ModelAdapter):
    """A trained Keras 3 model as a classifier or a regressor, whatever its backend.

    The model is called with ``training=False``. Its weights, the mode of its layers and
    the random numbers stay as they were. The model is never copied, and a clone of the
    adapter shares it.

    Parameters
    ----------
    model : keras.Model
        Trained model with one output of shape (n_rows, n_classes), or one column for
        two classes. For numbers it has a column for each target.
    output : {"auto", "logits", "log_proba", "proba", "numbers"}, default="auto"
        Meaning of the outputs: see `TorchTeacher`.
    classes : array-like of shape (n_classes,), default=None
        Label of each output. None stands for the labels of y in sorted order, or for
        0, 1, ... without y.
    prepare : callable, default=None
        Function that makes the model's input of a batch of rows, which it gets as they
        were given: an array, or a list or dict of several inputs. None makes an array
        of float32.
    batch_size : int, default=None
        Number of rows that the model gets at once. None takes as many as have 16 MiB of
        input and output.

    Attributes
    ----------
    output_ : {"logits", "log_proba", "proba", "numbers"}
        Meaning of the outputs, once it is decided.
    classes_ : ndarray of shape (n_classes,)
        Labels of the outputs. It is absent if they are not known.

    See Also
    --------
    TorchTeacher : A PyTorch module.

    Examples
    --------
    >>> import keras, numpy as np  # doctest: +SKIP
    >>> from skdistill.teachers import KerasTeacher
    >>> model = keras.Sequential(  # doctest: +SKIP
    ...     [keras.Input((2,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> KerasTeacher(model).predict_proba(np.zeros((4, 2))).shape  # doctest: +SKIP
    (4, 3)
    """

    _needed = "a trained model of Keras 3"
    _kinds: ClassVar = {("keras", "Model")}

    def __init__(
        self,
        model: Any,
        output: str = "auto",
        classes: Any = None,
        prepare: Callable | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.model = model
        self.output = output
        self.classes = classes
        self.prepare = prepare
        self.batch_size = batch_size

    @property
    def hidden_layers(self) -> list[str]:
        """Names of the layers that show an output."""
        layers = self.model.layers
        return [part.name for part in layers if _tensor(part, "output") is not None]

    def _sign_of_classes(self):
        layers = getattr(self.model, "layers", None) or [None]
        activation = getattr(layers[-1], "activation", None) or layers[-1]
        return super()._sign_of_classes() or sign_of(activation)

    def _hidden(self, X, layer):
        import keras

        if layer is not None:
            tensor = self.model.get_layer(layer).output
        else:
            weighted = [part for part in self.model.layers if part.weights]
            if len(weighted) < 2 or _tensor(weighted[-1], "input") is None:
                return None
            tensor = weighted[-1].input
        inputs = self.model.inputs
        to_hidden = keras.Model(inputs[0] if len(inputs) == 1 else inputs, tensor)

        def ask(inputs, n_rows):
            found = self._call_model(to_hidden, inputs)
            return found.reshape(n_rows, -1).astype(np.float32)

        return self._in_batches(X, ask)

    def _ask(self, inputs):
        if not self.model.built:
            raise ValueError(
                f"{self._called} is not built, so it has no trained weights: train it "
                "first"
            )
        return self._call_model(self.model, inputs)

    def _call_model(self, model, inputs):
        """Return the answer of a model, as an array."""
        import keras

        on_torch = keras.config.backend() == "torch"
        with undisturbed(model) if on_torch else nullcontext():
            made = model(inputs, training=False)
            if isinstance(made, (list, tuple, dict)):
                raise ValueError(
                    f"{self._called} returned a {type(made).__name__} of "
                    f"{len(made)} outputs, and one is needed: give a keras.Model with "
                    "the output for the classes or the numbers alone"
                )
            if on_torch:
                return to_array(made)
            made = made if _is_wide(made) else keras.ops.cast(made, "float32")
            return keras.ops.convert_to_numpy(made)


def _tensor(layer, name):
    """Return the input or the output of a layer, or None if it is not alone."""
    try:
        return getattr(layer, name)
    except (AttributeError, ValueError):
        return None


def _is_wide(made):
    """Tell whether an answer has a type of numbers that NumPy knows."""
    return "float16" not in str(made.dtype)
