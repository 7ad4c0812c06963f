"""The student: the network that is deployed. It runs on NumPy alone."""

from typing import Any

import numpy as np
from numpy import empty, ndarray  # A look-up of np.empty takes time for one row.
from numpy.typing import ArrayLike, NDArray

from skdistill.student.checks import check_out
from skdistill.student.number_rows import number_rows
from skdistill.student.outputs import Numbers
from skdistill.student.prediction import Prediction

_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


class Student(Prediction):
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
    classes : array-like of shape (n_classes,), default=None
        Labels, in the order of the columns of `predict_proba`. None if `output` is
        given.
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
        tables with text columns. None if rows are numbers.
    output : Output, default=None
        Meaning of the outputs: `Numbers` or `LabelSets` of `skdistill.student.outputs`
        for a student that does not tell classes apart. None if `classes` is given.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels. A student of numbers has none.
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
    output : Output
        Meaning of the outputs.
    out_activation_ : {"softmax", "logistic", "identity"}
        Activation of the output layer. It is logistic for two classes and for sets of
        labels, and the identity for numbers.

    Notes
    -----
    A student of numbers has neither `predict_proba` nor `decision_function` nor
    `classes_`. Its method ``predict(X, *, out=None, n_jobs=None)`` takes the arguments
    of `predict_proba`. `out` is then an array of float64.

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
        """Predict classes, sets of labels, or numbers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values. Columns of a frame are found by name, those of an array by
            place.

        Returns
        -------
        predictions : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Most probable classes. For sets of labels, 1 for each label that a row has
            and 0 for the others. For numbers, the numbers in double precision.

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
        """Predict the probabilities of classes or labels.

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
            Probabilities. Each row adds up to 1 if they are those of classes. The
            columns are in the order of `classes_`. This is `out` if it is given. The
            last digits may depend on the number of rows in the call.

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
            out = empty((rows.shape[0], self._n_columns), _FLOAT32)
        else:
            check_out(out, (rows.shape[0], self._n_columns), rows)
        if not taken and type(rows) is not ndarray:
            self._write(out, ..., self._sparse_logits(rows))
        elif n_jobs is None:
            self._answer(rows, out)
        else:
            self._answer_in_threads(rows, out, n_jobs)
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

    def units(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the values of the output units.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Raw values. Columns of a frame are found by name, those of an array by
            place.

        Returns
        -------
        units : ndarray of shape (n_samples, n_units), float32
            Logits of classes or labels, or deviations of numbers from their means.

        Raises
        ------
        ValueError
            If `predict` would raise it for X.
        """
        return self._logits(X)

    def _lay_out(self) -> None:
        if type(self) is Student and self.output.kind == "numbers":
            # `hasattr` has to find no method for probabilities. A check in each call
            # of such a method would slow the prediction of one row.
            self.__class__ = StudentOfNumbers
            self._lay_out()
            return
        super()._lay_out()


def _absent(name: str) -> Any:
    """Return a property that no student of numbers has."""

    def refuse(student: Student) -> None:
        raise AttributeError(
            f"a student of numbers has no {name}, only a student of classes or of "
            "labels has: use predict"
        )

    return property(refuse)


class StudentOfNumbers(Student):
    """A student of numbers: see `Student`, which makes it."""

    output: Numbers
    predict_proba = _absent("predict_proba")
    decision_function = _absent("decision_function")
    classes_ = _absent("classes_")

    def predict(
        self,
        X: ArrayLike,
        *,
        out: NDArray[np.float64] | None = None,
        n_jobs: int | None = None,
    ) -> NDArray[np.float64]:
        """Predict numbers.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Raw values, as `Student.predict_proba` takes them.
        out : ndarray of float64, default=None
            Array in C order that receives the numbers, in their shape. None allocates
            an array.
        n_jobs : int or None, default=None
            Number of threads that share the rows. None stands for one, and -1
            for one on each core. The answers do not depend on it. Without
            Numba, and for sparse rows, it has no effect.

        Returns
        -------
        numbers : ndarray of shape (n_samples,) or (n_samples, n_numbers), float64
            Numbers, of shape (n_samples,) if the targets had that shape. This is `out`
            if it is given.

        Raises
        ------
        ValueError
            If X has a wrong shape or other columns, has a value that is not finite in
            single precision, or has values so large that the units are not finite.
            If `out` has a wrong shape, type or order.
        """
        taken = self._takes(X)
        rows: Any = X if taken else self._rows(X)
        n_rows = rows.shape[0]
        shape = n_rows if self._is_flat else (n_rows, self._n_columns)
        if out is None:
            out = empty(shape, _FLOAT64)
        else:
            check_out(out, (n_rows,) if self._is_flat else shape, rows, _FLOAT64)
        if not taken and type(rows) is not ndarray:
            self._write(out, ..., self._sparse_logits(rows))
        elif n_jobs is None:
            self._answer(rows, out)
        else:
            self._answer_in_threads(rows, out, n_jobs)
        if self._are_sorted:
            out.sort(axis=1)
        return out

    def _lay_out(self) -> None:
        super()._lay_out()
        # To ask the output in each call would slow the prediction of one row.
        self._is_flat, self._are_sorted = self.output.is_flat, self.output.are_sorted
