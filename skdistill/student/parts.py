"""The parts of a student: weights, labels and input code, checked and rounded."""

from collections.abc import Sequence
from functools import cached_property
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.text import in_binary_units
from skdistill.student.checks import (
    check_code,
    check_shapes,
    checked_kept,
    checked_offsets,
    checked_output,
    finite_array,
    rounded_weights,
)
from skdistill.student.column_names import checked_names, in_order
from skdistill.student.file import read_student, write_student
from skdistill.student.forward import NUMPY_ACTIVATIONS
from skdistill.student.input_code import InputCode
from skdistill.student.kept_columns import KeptColumns
from skdistill.student.output import Output
from skdistill.student.quantization import (
    BIAS_DTYPES,
    KNOT_TABLE_AXIS,
    WEIGHT_DTYPES,
)
from skdistill.student.stored import StoredWeights
from skdistill.student.text.from_pipeline import parts_of
from skdistill.student.text.section import text_nbytes
from skdistill.student.text.student_text import StudentText, check_text


class StudentParts:
    """Base class of `Student`, which describes the parameters. It has the parts."""

    output: Output
    feature_names_in_: NDArray[Any]
    offsets_: NDArray[np.float64] | None = None
    kept_columns: KeptColumns | None = None
    text: StudentText | None = None

    def __init__(
        self,
        coefs: Sequence[ArrayLike],
        intercepts: Sequence[ArrayLike],
        activation: str,
        classes: ArrayLike | None = None,
        input_code: InputCode | None = None,
        knot_table: ArrayLike | None = None,
        weight_dtype: str = "float32",
        feature_names: Sequence[str] | None = None,
        offsets: ArrayLike | None = None,
        kept_columns: KeptColumns | None = None,
        text: StudentText | None = None,
        output: Output | None = None,
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
        self.output = checked_output(classes, output)
        check_shapes(self.coefs_, self.intercepts_, self.output)
        check_code(input_code, self.coefs_, self.knot_table_)
        self.kept_columns = checked_kept(kept_columns, self.coefs_[0], input_code)
        if feature_names is not None:
            self.feature_names_in_ = np.array(
                checked_names(feature_names, self.n_features_in_), dtype=object
            )
        if offsets is not None:
            checked = checked_offsets(offsets, self.n_features_in_)
            self.offsets_ = checked if checked.any() else None
        self.text = check_text(self, text)
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
        if self.kept_columns is not None:
            return self.kept_columns.n_columns
        return self.coefs_[0].shape[0]

    @property
    def classes_(self) -> NDArray[Any]:
        """Labels."""
        return self.output.labels

    @property
    def names(self) -> list[str] | None:
        """Names of the features; None if the student holds none."""
        names = vars(self).get("feature_names_in_")
        return None if names is None else names.tolist()

    @property
    def n_layers_(self) -> int:
        """Number of layers, including the input."""
        return len(self.coefs_) + 1

    @property
    def out_activation_(self) -> str:
        """Activation of the output layer."""
        return self.output.activation

    @property
    def is_sum_of_curves(self) -> bool:
        """Whether the logit is a sum of one curve a column.

        So it is with two classes and without hidden layers. All rows then add the
        curves in one order: see `skdistill.student.additive`.
        """
        return len(self.coefs_) == 1 and self.coefs_[0].shape[1] == 1

    @property
    def layer_units(self) -> list[int]:
        """Number of inputs, of the units of each hidden layer, and of outputs."""
        return [self.n_features_in_, *(bias.size for bias in self.intercepts_)]

    @property
    def nbytes(self) -> int:
        """Number of bytes of all that the file of the student holds as numbers.

        These are weights, scales, biases, knots, offsets, places of kept columns, and
        texts. Texts count as they are after they are deflated, and weights as they are
        before.
        """
        code, kept = self.input_code, self.kept_columns
        knots = [] if code is None else code.knots
        others = sum(array.nbytes for array in knots) + self._text_nbytes
        others += self.output.nbytes
        others += sum(text.nbytes for text in (() if code is None else code.texts))
        others += 0 if self.offsets_ is None else self.offsets_.nbytes
        others += 0 if kept is None else 4 * kept.places.size
        return self.stored_weights.nbytes + others

    @cached_property
    def _text_nbytes(self) -> int:
        """Number of bytes of terms and their factors. It takes time to deflate them."""
        return text_nbytes(self.text)

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
        layers = "-".join(map(str, self.layer_units))
        if self.text is not None:
            layers = f"text {layers}"
        if self.kept_columns is not None:
            layers = f"{len(self.kept_columns.places)} of {layers}"
        if len(self.coefs_) > 1:  # Without hidden layers nothing is activated.
            layers += f" {self.activation}"
        for text in () if self.input_code is None else self.input_code.texts:
            name = text.feature if self.names is None else self.names[text.feature]
            layers += f", text {name!r:.40} {text.text.n_columns:,} terms"
        size = in_binary_units(self.nbytes)
        return f"<Student {layers}, {self.output}, {size}>"

    @classmethod
    def from_pipeline(cls, pipeline: Any) -> Self:
        """Return a student that takes texts, from a fitted pipeline of scikit-learn.

        Parameters
        ----------
        pipeline : Pipeline
            Fitted vectorizers and a fitted estimator with `student_`.

        Returns
        -------
        student : Student
            Student with the pipeline's vectorizers as its `text`.

        Raises
        ------
        ValueError
            If a step or a parameter does not travel, such as a tokenizer in Python. The
            message says what to do.
        """
        return cls(**parts_of(pipeline))

    def in_order(self, X: Any) -> Any:
        """Return X with its columns in the order of `fit`.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)

        Returns
        -------
        table : table of shape (n_samples, n_features)
            A frame with its columns in order, if the student holds names.
            Dictionaries as a list of rows. Anything else unchanged.

        Raises
        ------
        ValueError
            If X lacks a column by name, or has an unexpected one.
        """
        return in_order(X, self.names)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the student to one file.

        Parameters
        ----------
        path : str or path-like
            File to write. Its name usually ends in ``.npz``. An existing file is
            replaced, and its mode is kept. If the path is a symbolic link, the file
            that it leads to is replaced.

        Raises
        ------
        TypeError
            If a label is not a string, a number or a boolean.
        ValueError
            If the student is beyond the limits of the file, or if a label is not
            finite or not valid text. An existing file then stays.
        OSError
            If the file cannot be written, or if the path is a device, a pipe, a
            socket or a folder.
        """
        write_student(
            path,
            weights=self.stored_weights,
            activation=self.activation,
            output=self.output,
            input_code=self.input_code,
            feature_names=self.names,
            offsets=self.offsets_,
            kept_columns=self.kept_columns,
            text=self.text,
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

    def logits_of_numbers(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits of rows that are numbers already.

        Students with one input code share the numbers, so raw values are read once.

        Parameters
        ----------
        numbers : ndarray of shape (n_samples, n_features), float32
            Rows in C order, as `Student.numbers` returns them.

        Returns
        -------
        logits : ndarray of shape (n_samples, n_outputs), float32
            Values of the output units.
        """
        return self._logits_of_rows(numbers)

    def _logits_of_rows(self, rows: Any) -> NDArray[np.float32]:
        """Return the logits of rows that are numbers already. `Student` says how."""
        raise NotImplementedError

    def _lay_out(self) -> None:
        """Note what each prediction needs. `Student` says how."""
