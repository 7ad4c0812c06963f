"""The student: the network that is deployed. It runs on NumPy alone."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from os import PathLike
from typing import Any, Self, TypeGuard

import numpy as np
from numpy import empty, ndarray  # A look-up of np.empty takes time for one row.
from numpy.typing import ArrayLike, NDArray

from skdistill.student.checks import (
    check_code,
    check_out,
    check_shapes,
    finite_array,
    is_sparse,
    rounded_weights,
)
from skdistill.student.file import read_student, write_student
from skdistill.student.forward import NUMPY_ACTIVATIONS, compute_logits
from skdistill.student.input_code import InputCode
from skdistill.student.outputs import Classes
from skdistill.student.quantization import (
    BIAS_DTYPES,
    KNOT_TABLE_AXIS,
    WEIGHT_DTYPES,
)
from skdistill.student.stored import StoredWeights

try:
    from skdistill.kernels.predict import (
        ALL_FINITE,
        LOGITS,
        PROBABILITIES,
        prediction_kernel,
    )
    from skdistill.student.network import Network
    from skdistill.student.packing import pack_student
except ModuleNotFoundError as error:
    if error.name not in {"numba", "llvmlite"}:
        raise
    COMPILED = False
else:
    COMPILED = True

# NumPy has one object for this type, so `is` compares types.
_FLOAT32 = np.dtype(np.float32)

# Least number of rows for a thread. Fewer rows do not pay for its start.
_LEAST_ROWS = 512


class Student:
    """A small network that answers as the teacher does, without the teacher.

    A student holds only arrays and scalars, and takes raw values. If Numba is
    installed, compiled kernels predict, otherwise NumPy does. A fitted
    `DistilledClassifier` has a student as `student_`, and `Student.load` reads one from
    a file. Columns are identified by their position. The student ignores the column
    names of a frame.

    With an input code, the first layer looks up each coded feature in the knot table.
    For a number, it finds the two rows of the knots around the value and interpolates
    between them. For a category, it takes the row of the level. It adds the result to
    the sums of its units.

    Parameters
    ----------
    coefs : list of ndarray of shape (n_inputs, n_outputs)
        Weights, one array for each layer. Two classes have one output: the logit of
        the second class, if that of the first is zero. More classes have one output
        each. With an input code, the inputs are its linear features.
    intercepts : list of ndarray of shape (n_outputs,)
        Biases, one array for each layer.
    activation : {"relu", "tanh", "logistic", "silu"}
        Activation of the hidden layers.
    classes : array-like of shape (n_classes,)
        Labels, in the order of the columns of `predict_proba`.
    input_code : InputCode or None, default=None
        Code that encodes raw columns. None if the columns are numbers that need no
        code.
    knot_table : ndarray of shape (n_rows, n_outputs) or None, default=None
        Contribution of each knot and level to the first layer. None without an input
        code.
    weight_dtype : {"int8", "float16", "float32"}, default="float32"
        Type to which the weights and the knot table are rounded, and in which they are
        stored. Integers have one scale for each output, and in the knot table one for
        each row. With float16, the biases are rounded too, and contain the
        contributions of missing values. The table's rows for missing values are then
        zero, and are not stored.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    coefs_ : list of ndarray, float32
        Rounded weights.
    knot_table_ : ndarray of shape (n_rows, n_outputs), float32, or None
        Rounded knot table.
    intercepts_ : list of ndarray, float32
        Biases, rounded if the weights are stored in float16.
    n_features_in_ : int
        Number of features.
    n_layers_ : int
        Number of layers, including the input.
    out_activation_ : {"softmax", "logistic"}
        Activation of the output layer. It is logistic for two classes.

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
        input_code: InputCode | None = None,
        knot_table: ArrayLike | None = None,
        weight_dtype: str = "float32",
    ) -> None:
        if weight_dtype not in WEIGHT_DTYPES:
            raise ValueError(
                f"weight_dtype={weight_dtype!r} is not one of {list(WEIGHT_DTYPES)}"
            )
        self.weight_dtype = weight_dtype
        self.input_code = input_code
        self.coefs_ = [
            rounded_weights(values, "coefs", weight_dtype) for values in coefs
        ]
        self.knot_table_ = None
        if knot_table is not None:
            self.knot_table_ = finite_array(knot_table, "knot_table", 2)
        self.intercepts_ = [finite_array(bias, "intercepts", 1) for bias in intercepts]
        self.activation = activation
        self.classes_ = np.asarray(classes)
        if (
            self.classes_.ndim != 1
            or len(set(self.classes_.tolist())) < self.classes_.size
        ):
            raise ValueError(
                "classes holds a label twice, or is not one-dimensional: "
                f"{classes!r:.100}"
            )
        check_shapes(self.coefs_, self.intercepts_, len(self.classes_))
        check_code(input_code, self.coefs_, self.knot_table_)
        self._round_table_and_biases()
        if activation not in NUMPY_ACTIVATIONS:
            raise ValueError(
                f"activation={activation!r} is not one of {sorted(NUMPY_ACTIVATIONS)}"
            )
        self._lay_out()

    @property
    def n_features_in_(self) -> int:
        """Number of features."""
        if self.input_code is not None:
            return self.input_code.n_features
        return self.coefs_[0].shape[0]

    @property
    def n_layers_(self) -> int:
        """Number of layers, including the input."""
        return len(self.coefs_) + 1

    @property
    def out_activation_(self) -> str:
        """Activation of the output layer."""
        return self.output.activation

    @property
    def layer_units(self) -> list[int]:
        """Number of inputs, of the units of each hidden layer, and of outputs."""
        return [self.n_features_in_, *(bias.size for bias in self.intercepts_)]

    @property
    def nbytes(self) -> int:
        """Number of bytes of all weights, scales, biases and knots."""
        code = self.input_code
        knots = [] if code is None else code.knots
        return self.stored_weights.nbytes + sum(array.nbytes for array in knots)

    @property
    def stored_weights(self) -> StoredWeights:
        """Weights in the form in which the file and the exports store them."""
        return StoredWeights.of(
            self.coefs_,
            self.intercepts_,
            self.input_code,
            self.knot_table_,
            self.weight_dtype,
        )

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
            Raw values, with columns in the order of `fit`. Names are not read.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Most probable classes.

        Raises
        ------
        ValueError
            If `predict_proba` would raise it for X.
        """
        return self.output.decide(self._logits(X))

    def predict_proba(
        self,
        X: ArrayLike,
        *,
        out: NDArray[np.float32] | None = None,
        n_jobs: int | None = None,
    ) -> NDArray[np.float32]:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Raw values, with columns in the order of `fit`. Names are not read.
            If no column holds categories, a C-contiguous float32 array is used
            without a copy. Anything else is converted first. Only a student without
            an input code takes sparse rows.
        out : ndarray of shape (n_samples, n_classes), float32, default=None
            Array in C order that receives the probabilities. None allocates an
            array.
        n_jobs : int or None, default=None
            Number of threads that share the rows. None stands for one, and -1
            for one on each core. The answers do not depend on it. Without
            Numba it has no effect.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Probabilities. Each row adds up to 1, and the columns are in the
            order of `classes_`. This is `out` if it is given. The last digits
            may depend on the number of rows in the call.

        Raises
        ------
        ValueError
            If X has a wrong shape, has a value that is not finite in single
            precision, or has values so large that the logits are not finite.
            If `out` has a wrong shape, type or order. After an error, `out`
            holds no prediction.
        """
        taken = self._takes(X)
        rows: Any = X if taken else self._rows(X)
        if out is None:
            out = empty((rows.shape[0], self._n_classes), _FLOAT32)
        else:
            check_out(out, (rows.shape[0], self._n_classes), rows)
        if not taken and is_sparse(rows):
            out[...] = self.output.probabilities(self._sparse_logits(rows))
        elif not COMPILED:
            out[...] = self.output.probabilities(self._numpy_logits(rows))
        elif n_jobs is None:
            self._run(rows, PROBABILITIES, out)
        else:
            self._run_in_threads(rows, PROBABILITIES, out, n_jobs)
        return out

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values, with columns in the order of `fit`. Names are not read.

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes), float32
            Logit of the second class if there are two classes, otherwise one
            logit for each class. The softmax of the logits gives the
            probabilities. For two classes, the logistic function does.

        Raises
        ------
        ValueError
            If `predict_proba` would raise it for X.
        """
        return self.output.scores(self._logits(X))

    def numbers(self, X: Any) -> NDArray[np.float32]:
        """Turn raw values into the numbers that an exported student takes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values, with columns in the order of `fit`. Names are not read.

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_features), float32
            Array in C order. Numbers stay unchanged, and missing values are NaN.
            A category becomes its position among the L levels of the student. It
            becomes L if it is rare or was never seen, and L + 1 if it is missing.

        Raises
        ------
        TypeError
            If X is sparse.
        ValueError
            If X has a wrong shape, or holds a value that cannot be converted.
        """
        if is_sparse(X):
            raise TypeError("X is sparse: give a dense table, X.toarray()")
        code = self.input_code
        is_numeric = type(X) is ndarray and X.dtype.kind in "biuf"
        if code is not None and (code.has_categories or not is_numeric):
            return code.numbers(X)
        try:
            with np.errstate(over="ignore"):
                # A value beyond float32 becomes infinite. A later check reports it.
                rows = np.require(X, np.float32, ["C", "ALIGNED"])
        except (TypeError, ValueError) as error:
            raise ValueError(f"X is not a table of numbers: {error}") from error
        return self._check_shape(rows)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the student to one file.

        Parameters
        ----------
        path : str or path-like
            File to write. Its name usually ends in ``.npz``. An existing file is
            replaced.

        Raises
        ------
        TypeError
            If a label is not a string, a number or a boolean.
        ValueError
            If the student is beyond the limits of the file, or if a label is not
            finite or not valid text. An existing file then stays.
        """
        write_student(
            path,
            weights=self.stored_weights,
            activation=self.activation,
            classes=self.classes_,
            input_code=self.input_code,
        )

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a student from a file.

        No part of the file is executed, even if it was written to do harm.

        Parameters
        ----------
        path : str or path-like
            File that `save` wrote.

        Returns
        -------
        student : Student

        Raises
        ------
        ValueError
            If the file is damaged, was not written by `save`, or has a version
            that this release does not know.
        OSError
            If the file cannot be read.
        """
        return read_student(path, cls)

    def __getstate__(self) -> dict[str, Any]:
        # The kernels' arrays depend on the machine and the release. All of these can be
        # computed from the attributes that are kept.
        derived = ("output", "_packed", "_row_size", "_n_classes", "_upper")
        return {k: v for k, v in vars(self).items() if k not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lay_out()

    def _round_table_and_biases(self) -> None:
        """Round the knot table and the biases to the values that are stored."""
        dtype, code, table = self.weight_dtype, self.input_code, self.knot_table_
        if code is not None and table is not None:
            if dtype == "float16":
                # The shares of a code's rows add up to 1 in each row of data. So no sum
                # changes if a number moves from all rows of a code to the biases.
                missing = table[code.missing_rows]
                table = table - np.repeat(missing, code.row_counts, axis=0)
                self.intercepts_[0] = self.intercepts_[0] + missing.sum(axis=0)
            self.knot_table_ = rounded_weights(
                table, "knot_table", dtype, KNOT_TABLE_AXIS
            )
        dtype = BIAS_DTYPES[dtype]
        self.intercepts_ = [
            rounded_weights(bias, "intercepts", dtype, n_dimensions=1)
            for bias in self.intercepts_
        ]

    def _lay_out(self) -> None:
        """Lay out the weights for the kernels, and note what each call needs."""
        code = self.input_code
        has_categories = code is not None and code.has_categories
        # Categories have to become numbers, so no array is used without a copy: no
        # array has rows of size -1.
        self._row_size = -1 if has_categories else self.n_features_in_
        self._n_classes = len(self.classes_)
        self.output = Classes(self.classes_)
        if COMPILED:
            network = Network.for_prediction(
                self.coefs_, self.intercepts_, self.input_code, self.knot_table_
            )
            self._packed = pack_student(
                network, self.input_code, self.activation, len(self.classes_)
            )

    def _takes(self, X: Any) -> TypeGuard[NDArray[np.float32]]:
        """Tell in little time whether the kernels can use X without a copy."""
        return (
            type(X) is ndarray
            and X.dtype is _FLOAT32
            and X.ndim == 2
            and X.shape[1] == self._row_size
            and (flags := X.flags).c_contiguous
            and flags.aligned
        )

    def _rows(self, X: Any) -> Any:
        """Return the `numbers` of X, or sparse rows as CSR."""
        if self._takes(X):
            return X
        if is_sparse(X) and self.input_code is None:
            with np.errstate(over="ignore"):
                # A value beyond float32 becomes infinite. A later check reports it.
                return self._check_shape(X.tocsr().astype(np.float32, copy=False))
        return self.numbers(X)

    def _check_shape(self, rows: Any) -> Any:
        """Return rows, or raise if their number of columns is not the student's."""
        if rows.ndim != 2 or rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has shape {rows.shape}, but the student takes "
                f"(n_samples, {self.n_features_in_})"
            )
        return rows

    def _logits(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return logits of shape (n_samples, n_outputs)."""
        rows = self._rows(X)
        if is_sparse(rows):
            return self._sparse_logits(rows)
        if not COMPILED:
            return self._numpy_logits(rows)
        out = empty((rows.shape[0], len(self.intercepts_[-1])), dtype=np.float32)
        self._run(rows, LOGITS, out)
        return out

    def _run(
        self, rows: NDArray[np.float32], kind: int, out: NDArray[np.float32]
    ) -> None:
        """Fill `out` with the predictions of the kernel."""
        found = prediction_kernel()(rows, self._packed, kind, out)
        if found != ALL_FINITE:
            row, of_logits = divmod(found, 2)
            self._raise_not_finite(rows, *((-1, row) if of_logits else (row, -1)))

    def _run_in_threads(
        self,
        rows: NDArray[np.float32],
        kind: int,
        out: NDArray[np.float32],
        n_jobs: int,
    ) -> None:
        """Predict with the kernel in several threads."""
        if n_jobs == 0 or n_jobs < -1:
            raise ValueError(f"n_jobs={n_jobs} is not None, -1, or 1 or more")
        n_threads = os.cpu_count() or 1 if n_jobs == -1 else n_jobs
        size = max(_LEAST_ROWS, -(-len(rows) // n_threads))
        parts = [slice(start, start + size) for start in range(0, len(rows), size)]
        with ThreadPoolExecutor(n_threads) as threads:
            runs = [
                threads.submit(self._run, rows[part], kind, out[part]) for part in parts
            ]
        for part, run in zip(parts, runs, strict=True):
            if run.exception() is not None:
                # Predict again, so that the error counts the row among all rows.
                self._run(rows[: part.stop], kind, out[: part.stop])

    def _numpy_logits(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict without Numba."""
        code = self.input_code
        cells = np.isfinite(rows) if code is None else ~np.isinf(rows)
        accepted = np.all(cells, axis=1)
        if not accepted.all():
            self._raise_not_finite(rows, int(accepted.argmin()), -1)
        encoded = rows if code is None else code.codes(rows)
        logits = compute_logits(
            encoded,
            self.coefs_,
            self.intercepts_,
            self.activation,
            None if code is None else code.starts,
            self.knot_table_,
        )
        finite = np.isfinite(logits).all(axis=1)
        if not finite.all():
            self._raise_not_finite(rows, -1, int(finite.argmin()))
        return logits

    def _sparse_logits(self, rows: Any) -> NDArray[np.float32]:
        """Predict sparse rows. SciPy computes the first layer."""
        finite = np.isfinite(rows.data)
        if not finite.all():
            place = int(finite.argmin())
            row = int(np.searchsorted(rows.indptr, place, side="right")) - 1
            self._raise_not_finite(rows, row, -1)
        with np.errstate(over="ignore", invalid="ignore"):
            values = rows @ self.coefs_[0] + self.intercepts_[0]
        if self._upper is not None:
            hidden = NUMPY_ACTIVATIONS[self.activation](values)
            if np.isfinite(hidden).all():
                return self._upper._logits(np.ascontiguousarray(hidden))
            values = hidden
        finite = np.isfinite(values).all(axis=1)
        if not finite.all():
            self._raise_not_finite(rows, -1, int(finite.argmin()))
        return values

    @cached_property
    def _upper(self) -> "Student | None":
        """Student that holds the layers after the first. None if there are none."""
        if len(self.coefs_) == 1:
            return None
        return Student(
            self.coefs_[1:], self.intercepts_[1:], self.activation, self.classes_
        )

    def _raise_not_finite(self, rows: Any, input_row: int, output_row: int) -> None:
        """Raise, and name the value or the row that cannot be predicted."""
        if input_row >= 0:
            row = rows[input_row]
            row = row.toarray().ravel() if is_sparse(row) else row
            missing_allowed = self.input_code is not None
            accepted = ~np.isinf(row) if missing_allowed else np.isfinite(row)
            column = int(np.argmin(accepted))
            kind = "finite or missing" if missing_allowed else "finite"
            # The name that scikit-learn uses.
            value = "NaN" if np.isnan(row[column]) else row[column]
            raise ValueError(
                f"X holds {value} in row {input_row}, column {column}: the student "
                f"takes values that are {kind} in single precision"
            )
        raise ValueError(
            f"the logits of row {output_row} of X are beyond single precision: its "
            "values are far from those that the student was trained on"
        )
