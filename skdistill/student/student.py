"""The student: the network that is deployed. It runs on NumPy alone."""

from functools import cached_property, partial
from typing import Any, TypeGuard

import numpy as np
from numpy import empty, ndarray  # A look-up of np.empty takes time for one row.
from numpy.typing import ArrayLike, NDArray

from skdistill.student.additive import logistic_probabilities
from skdistill.student.bounds import greatest_value
from skdistill.student.checks import check_out
from skdistill.student.forward import NUMPY_ACTIVATIONS
from skdistill.student.logits import (
    check_logits,
    logits_of_rows,
    numpy_logits,
    raise_not_finite,
    rows_beyond,
    sparse_sums,
)
from skdistill.student.number_rows import check_width, number_rows
from skdistill.student.outputs import Classes
from skdistill.student.parts import StudentParts
from skdistill.student.threads import run_in_threads
from skdistill.tables.sparse import as_csr, is_sparse, summed

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


class Student(StudentParts):
    """A small network that answers as the teacher does, without the teacher.

    A student holds only arrays and scalars, and takes raw values. If Numba is
    installed, compiled kernels predict, otherwise NumPy does. A fitted
    `DistilledClassifier` has a student as `student_`, and `Student.load` reads one from
    a file.

    If the student holds names of columns, it puts the columns of a frame in order by
    name. A missing or unexpected column raises an error. Columns of an array count by
    place, and so do those of a frame if the student or the frame has no names. Rows may
    also be a dictionary or a list of dictionaries, whose keys are the names: one row
    such as ``{"age": 30, "town": "Rome"}``, or one list for each column.

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
    feature_names : sequence of str of length n_features, default=None
        Names of the columns, all different. None if they have no names.
    offsets : array-like of shape (n_features,), default=None
        Number that is subtracted from each column, in double precision, before the
        column becomes float32. Weights, knots and ranges belong to the differences.
        None subtracts nothing.
    kept_columns : KeptColumns or None, default=None
        Columns of X that a pruned student reads. Its first layer has a weight for each
        of them alone. None if it reads all.
    text : StudentText or None, default=None
        Part that turns texts into the columns of the network. Rows are then texts, or
        tables with text columns. None for a student of numbers.

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
    feature_names_in_ : ndarray of shape (n_features_in_,), object
        Names of the features. It is set if the student holds names.
    offsets_ : ndarray of shape (n_features_in_,), float64, or None
        Number that is subtracted from each column. None if all are zero.
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

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values. Columns of a frame are found by name, those of an array by
            place.

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
            Raw values. Columns of a frame are found by name, those of an array by
            place. If no column holds categories, a C-contiguous float32 array is used
            without a copy. Anything else is converted first. Only a student without
            an input code takes sparse rows.
        out : ndarray of shape (n_samples, n_classes), float32, default=None
            Array in C order that receives the probabilities. None allocates an
            array.
        n_jobs : int or None, default=None
            Number of threads that share the rows. None stands for one, and -1
            for one on each core. The answers do not depend on it. Without
            Numba, and for sparse rows, it has no effect.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Probabilities. Each row adds up to 1, and the columns are in the
            order of `classes_`. This is `out` if it is given. The last digits
            may depend on the number of rows in the call.

        Raises
        ------
        ValueError
            If X has a wrong shape or other columns, has a value that is not finite in
            single precision, or has values so large that the logits are not finite.
            If `out` has a wrong shape, type or order. After an error, `out`
            holds no prediction.
        """
        taken = self._takes(X)
        rows: Any = X if taken else self._rows(X)
        if out is None:
            out = empty((rows.shape[0], self._n_classes), _FLOAT32)
        else:
            check_out(out, (rows.shape[0], self._n_classes), rows)
        if not taken and type(rows) is not ndarray:
            out[...] = self._probabilities(self._sparse_logits(rows))
        elif not COMPILED:
            out[...] = self._probabilities(numpy_logits(self, rows))
        elif n_jobs is None:
            self._run(PROBABILITIES, rows, out)
        else:
            run_in_threads(partial(self._run, PROBABILITIES), rows, out, n_jobs)
        return out

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values. Columns of a frame are found by name, those of an array by
            place.

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
            Raw values. Columns of a frame are found by name, those of an array by
            place.

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_features), float32
            Array in C order. Numbers stay unchanged, and missing values are NaN. It has
            the kept columns alone if the student is pruned.
            A category becomes its position among the L levels of the student. It
            becomes L if it is rare or was never seen, and L + 1 if it is missing.

        Raises
        ------
        TypeError
            If X is sparse.
        ValueError
            If X has a wrong shape, or holds a value that cannot be converted.
        """
        return number_rows(self, X)

    def __getstate__(self) -> dict[str, Any]:
        # The kernels' arrays depend on the machine and the release. All of these can be
        # computed from the attributes that are kept.
        derived = ("output", "_packed", "_row_size", "_n_classes", "_names", "_upper")
        return {k: v for k, v in vars(self).items() if k not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lay_out()

    def _lay_out(self) -> None:
        """Lay out the weights for the kernels, and note what each call needs."""
        code = self.input_code
        reads_cells = code is not None and code.reads_cells
        # Categories have to become numbers, offsets are subtracted, columns left out,
        # and texts read. So no array is used without a copy: none has rows of size -1.
        changes = (self.offsets_, self.kept_columns, self.text)
        is_taken = not reads_cells and all(part is None for part in changes)
        self._row_size = self.n_features_in_ if is_taken else -1
        self._names = self.names
        self._n_classes = len(self.classes_)
        self.output = Classes(self.classes_)
        if COMPILED:
            network = Network.for_prediction(
                self.coefs_, self.intercepts_, self.input_code, self.knot_table_
            )
            self._packed = pack_student(
                network,
                code,
                self.activation,
                self._n_classes,
                greatest_value(self),
                self.is_sum_of_curves,
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
        """Return the `numbers` of X, sparse rows as CSR, or texts."""
        if self._takes(X):
            return X
        if self.text is not None:
            return self.text.read(X)
        if self.input_code is None and self.offsets_ is None and is_sparse(X):
            with np.errstate(over="ignore"):
                # A value beyond float32 becomes infinite. A later check reports it.
                rows = check_width(self, as_csr(X).astype(np.float32, copy=False))
            if self.kept_columns is not None:
                rows = self.kept_columns.select(summed(rows))
            return rows
        return self.numbers(X)

    def _logits(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return logits of shape (n_samples, n_outputs)."""
        return self._logits_of_rows(self._rows(X))

    def _logits_of_rows(self, rows: Any) -> NDArray[np.float32]:
        """Return the logits of rows as `_rows` returns them."""
        if type(rows) is not ndarray:
            return self._sparse_logits(rows)
        if not COMPILED:
            return numpy_logits(self, rows)
        out = empty((rows.shape[0], len(self.intercepts_[-1])), dtype=np.float32)
        self._run(LOGITS, rows, out)
        return out

    def _run(
        self, kind: int, rows: NDArray[np.float32], out: NDArray[np.float32]
    ) -> None:
        """Fill `out` with the predictions of the kernel."""
        found = prediction_kernel()(rows, self._packed, kind, out)
        if found == ALL_FINITE:
            return
        row, of_logits = divmod(found, 2)
        if of_logits:
            raise_not_finite(self, rows, -1, row)
        # A value is not finite, or so large that a sum may overflow: NumPy decides.
        beyond = rows_beyond(self, rows, greatest_value(self))
        if len(beyond) < len(rows):
            # As many rows as before keep the last digits of the others.
            within = rows.copy()
            within[beyond] = 0.0
            prediction_kernel()(within, self._packed, kind, out)
        logits, to_proba = logits_of_rows(self, rows, beyond), kind == PROBABILITIES
        out[beyond] = self._probabilities(logits) if to_proba else logits

    def _probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities of logits that no kernel computed."""
        if self.is_sum_of_curves:
            return logistic_probabilities(logits)
        return self.output.answers(logits)

    def _sparse_logits(self, rows: Any) -> NDArray[np.float32]:
        """Predict sparse rows. SciPy computes the first layer."""
        sums = sparse_sums(self, rows)
        if self._upper is not None:
            hidden = NUMPY_ACTIVATIONS[self.activation](sums)
            if np.isfinite(hidden).all():
                return self._upper._logits(np.ascontiguousarray(hidden))
            sums = hidden
        check_logits(sums)
        return sums

    @cached_property
    def _upper(self) -> "Student | None":
        """Student that holds the layers after the first. None if there are none."""
        if len(self.coefs_) == 1:
            return None
        return _UpperLayers(
            self.coefs_[1:], self.intercepts_[1:], self.activation, self.classes_
        )


class _UpperLayers(Student):
    """Layers of a student after the first. Their inputs are units, and no columns."""

    is_sum_of_curves = False
