"""The student: the part that is deployed, which runs on NumPy alone."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.student_file import read_student, write_student

try:
    from skdistill.kernels.predict import LOGITS, PROBABILITIES, prediction_kernel
    from skdistill.network import ACTIVATIONS, Network
except ModuleNotFoundError as error:
    if error.name not in {"numba", "llvmlite"}:
        raise
    COMPILED = False
else:
    COMPILED = True


class Student:
    """A small network that answers as the teacher does, without the teacher.

    It holds arrays and scalars only, takes raw values, and predicts with
    compiled kernels where Numba is installed and with NumPy elsewhere. It is
    the `student_` of a fitted `DistilledClassifier`, or what `Student.load`
    reads from a file. Columns count by their place: names of a frame are not
    looked at.

    Parameters
    ----------
    coefs : list of ndarray of shape (n_inputs, n_outputs)
        Weights, one array a layer. Two classes have one output, the logit of
        the second class where the first has zero; more have an output each.
    intercepts : list of ndarray of shape (n_outputs,)
        Biases, one array a layer.
    activation : {"relu", "tanh", "logistic", "silu"}
        Activation of the hidden layers.
    classes : array-like of shape (n_classes,)
        Labels, in the order of the columns of `predict_proba`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    coefs_ : list of ndarray, float32
        The weights.
    intercepts_ : list of ndarray, float32
        The biases.
    n_features_in_ : int
        Number of features.
    n_layers_ : int
        Number of layers, the input among them.
    out_activation_ : {"softmax", "logistic"}
        Activation of the output: logistic for two classes.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import Student
    >>> student = Student(
    ...     [np.array([[2.0]])], [np.array([0.0])], "relu", np.array(["no", "yes"])
    ... )
    >>> student.predict([[-1.0], [3.0]])
    array(['no', 'yes'], dtype='<U3')
    >>> student.predict_proba([[0.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(
        self,
        coefs: Sequence[ArrayLike],
        intercepts: Sequence[ArrayLike],
        activation: str,
        classes: ArrayLike,
    ) -> None:
        self.coefs_ = [_finite_array(weights, "coefs", 2) for weights in coefs]
        self.intercepts_ = [_finite_array(bias, "intercepts", 1) for bias in intercepts]
        self.activation = activation
        self.classes_ = np.asarray(classes)
        if (
            self.classes_.ndim != 1
            or len(set(self.classes_.tolist())) < self.classes_.size
        ):
            raise ValueError(f"classes holds a label twice: {classes!r:.100}")
        _check_shapes(self.coefs_, self.intercepts_, len(self.classes_))
        if activation not in _NUMPY_ACTIVATIONS:
            raise ValueError(
                f"activation={activation!r} is not one of {sorted(_NUMPY_ACTIVATIONS)}"
            )
        self._lay_out()

    @property
    def n_features_in_(self) -> int:
        """Number of features."""
        return self.coefs_[0].shape[0]

    @property
    def n_layers_(self) -> int:
        """Number of layers, the input among them."""
        return len(self.coefs_) + 1

    @property
    def out_activation_(self) -> str:
        """Activation of the output layer."""
        return "logistic" if len(self.classes_) == 2 else "softmax"

    @property
    def layer_units(self) -> list[int]:
        """Inputs, units of each hidden layer, outputs."""
        return [self.n_features_in_, *(bias.size for bias in self.intercepts_)]

    @property
    def nbytes(self) -> int:
        """Bytes of all weights and biases."""
        return sum(array.nbytes for array in (*self.coefs_, *self.intercepts_))

    def __repr__(self) -> str:
        return (
            f"<Student {'-'.join(map(str, self.layer_units))} {self.activation}, "
            f"{len(self.classes_)} classes, {self.nbytes / 1024:.1f} KiB>"
        )

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The most probable classes.

        Raises
        ------
        ValueError
            As `predict_proba` does.
        """
        logits = self._logits(X)
        if len(self.classes_) == 2:
            return self.classes_[(logits[:, 0] > 0).astype(np.intp)]
        return self.classes_[logits.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values. A C-contiguous float32 array is taken as it is;
            anything else is converted first.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Rows add up to 1, columns stand as in `classes_`.

        Raises
        ------
        ValueError
            Where X has another shape, a value that is not finite in single
            precision, or values so large that the logits are not finite.
        """
        rows = self._check_rows(X)
        if not COMPILED:
            return _softmax(self._numpy_logits(rows))
        out = np.empty((rows.shape[0], len(self.classes_)), dtype=np.float32)
        return self._run(rows, PROBABILITIES, out)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values.

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes), float32
            With two classes the logit of the second, else one for each. Softmax
            of the logits (logistic function of the one) gives the probabilities.

        Raises
        ------
        ValueError
            As `predict_proba` does.
        """
        logits = self._logits(X)
        return logits[:, 0] if len(self.classes_) == 2 else logits

    def save(self, path: str | PathLike[str]) -> None:
        """Write the student to one file.

        Parameters
        ----------
        path : str or path-like
            The file, by custom with the ending ``.npz``; replaced if it exists.

        Raises
        ------
        TypeError
            Where labels are neither strings, numbers nor booleans.
        """
        write_student(
            path, self.coefs_, self.intercepts_, self.activation, self.classes_
        )

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a student from a file.

        Nothing of the file is executed, whoever wrote it.

        Parameters
        ----------
        path : str or path-like
            A file that `save` wrote.

        Returns
        -------
        student : Student

        Raises
        ------
        ValueError
            Where the file is damaged, was not written by `save`, or has a
            version that this release does not know.
        OSError
            Where the file cannot be read.
        """
        return read_student(path, cls)

    def __getstate__(self) -> dict[str, Any]:
        # The kernels' arrays depend on the machine and the release.
        derived = ("_parameters", "_layout")
        return {k: v for k, v in vars(self).items() if k not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lay_out()

    def _lay_out(self) -> None:
        """Lay out the weights as the kernels take them."""
        if COMPILED:
            network = Network.from_arrays(self.coefs_, self.intercepts_)
            self._parameters = network.parameters
            self._layout = network.layout

    def _check_rows(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return X as the kernels take it."""
        if (
            type(X) is np.ndarray
            and X.dtype == np.float32
            and X.ndim == 2
            and X.flags.c_contiguous
        ):
            rows = X
        else:
            try:
                with np.errstate(over="ignore"):
                    # A value beyond float32 becomes infinite, which is reported.
                    rows = np.ascontiguousarray(X, dtype=np.float32)
            except (TypeError, ValueError) as error:
                raise ValueError(f"X is not a table of numbers: {error}") from error
        if rows.ndim != 2 or rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has shape {np.shape(X)}, but the student takes "
                f"(n_samples, {self.n_features_in_})"
            )
        return rows

    def _logits(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return logits of shape (n_samples, n_outputs)."""
        rows = self._check_rows(X)
        if not COMPILED:
            return self._numpy_logits(rows)
        out = np.empty((rows.shape[0], len(self.intercepts_[-1])), dtype=np.float32)
        return self._run(rows, LOGITS, out)

    def _run(
        self, rows: NDArray[np.float32], kind: int, out: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Predict with the kernel, which fills `out`."""
        input_row, output_row = prediction_kernel()(
            rows,
            self._parameters,
            self._layout,
            ACTIVATIONS[self.activation],
            kind,
            len(self.classes_),
            out,
        )
        if input_row >= 0 or output_row >= 0:
            _raise_not_finite(rows, input_row, output_row)
        return out

    def _numpy_logits(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict without Numba."""
        finite = np.isfinite(rows).all(axis=1)
        if not finite.all():
            _raise_not_finite(rows, int(finite.argmin()), -1)
        activate = _NUMPY_ACTIVATIONS[self.activation]
        values = rows
        with np.errstate(over="ignore", invalid="ignore"):
            layers = zip(self.coefs_, self.intercepts_, strict=True)
            for layer, (weights, bias) in enumerate(layers):
                values = (activate(values) if layer else values) @ weights + bias
        finite = np.isfinite(values).all(axis=1)
        if not finite.all():
            _raise_not_finite(rows, -1, int(finite.argmin()))
        return values


def _relu(x):
    return np.maximum(x, np.float32(0.0))


def _logistic(x):
    with np.errstate(over="ignore"):
        return np.float32(1.0) / (np.float32(1.0) + np.exp(-x))


def _silu(x):
    return x * _logistic(x)


_NUMPY_ACTIVATIONS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "relu": _relu,
    "tanh": np.tanh,
    "logistic": _logistic,
    "silu": _silu,
}


def _softmax(logits):
    """Return probabilities; a single logit is that of the second class."""
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _finite_array(values, name, n_dimensions):
    """Return weights as a float32 array, or say what is wrong with them."""
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != n_dimensions:
        raise ValueError(
            f"an array of {name} has {array.ndim} dimensions, not {n_dimensions}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not finite")
    return array


def _check_shapes(coefs, intercepts, n_classes):
    """Raise unless the arrays make one network with an output a class."""
    if not coefs or len(coefs) != len(intercepts):
        raise ValueError(
            f"coefs has {len(coefs)} layers and intercepts {len(intercepts)}: "
            "both need the same number, at least one"
        )
    for layer, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        inputs = coefs[layer - 1].shape[1] if layer else weights.shape[0]
        if weights.shape != (inputs, bias.size) or weights.size == 0:
            raise ValueError(
                f"layer {layer} has weights of shape {weights.shape} where "
                f"{inputs} inputs and {bias.size} biases are"
            )
    if n_classes < 2:
        raise ValueError(f"classes holds {n_classes} labels: a student needs two")
    outputs = 1 if n_classes == 2 else n_classes
    if intercepts[-1].size != outputs:
        raise ValueError(
            f"the last layer has {intercepts[-1].size} outputs where "
            f"{n_classes} classes need {outputs}"
        )


def _raise_not_finite(rows, input_row, output_row):
    """Name what cannot be predicted."""
    if input_row >= 0:
        column = int(np.argmin(np.isfinite(rows[input_row])))
        raise ValueError(
            f"X holds {rows[input_row, column]} in row {input_row}, column {column}: "
            "the student takes values that are finite in single precision"
        )
    raise ValueError(
        f"the logits of row {output_row} of X are beyond single precision: its "
        "values are far from those that the student was trained on"
    )
