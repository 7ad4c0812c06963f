"""How a student predicts: rows become output units, and these become answers."""

from functools import cached_property
from typing import Any, TypeGuard

import numpy as np
from numpy import empty, ndarray  # A look-up of np.empty takes time for one row.
from numpy.typing import ArrayLike, NDArray

from skdistill.student.additive import logistic_probabilities
from skdistill.student.bounds import greatest_value
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
        SCALED,
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
    # Kind of prediction for each kind of output. NumPy makes probabilities of labels.
    _LABELS = max(LOGITS, PROBABILITIES, SCALED) + 1
    _KINDS = {"classes": PROBABILITIES, "numbers": SCALED, "label_sets": _LABELS}

# NumPy has one object for this type, so `is` compares types.
_FLOAT32 = np.dtype(np.float32)


class Prediction(StudentParts):
    """Base class of `Student`, which predicts rows that it has read."""

    def __getstate__(self) -> dict[str, Any]:
        # The kernels' arrays depend on the machine and the release. All of these can be
        # computed from the attributes that are kept.
        derived = {"_packed", "_row_size", "_n_columns", "_names", "_kind", "_upper"}
        derived |= {"_is_flat", "_are_sorted", "_packed_row"}
        return {k: v for k, v in vars(self).items() if k not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "classes_" in state:  # The pickle of a former release.
            state["output"] = Classes(state.pop("classes_"))
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
        self._n_columns = self.output.n_columns
        if COMPILED:
            network = Network.for_prediction(
                self.coefs_, self.intercepts_, self.input_code, self.knot_table_
            )
            self._kind = _KINDS[self.output.kind]
            self._packed = pack_student(
                network,
                code,
                self.activation,
                self._n_columns,
                greatest_value(self),
                self.is_sum_of_curves,
                self.output.scales,
            )
            # The kernel takes it in this form for numbers: see `predict_rows`.
            self._packed_row = self._packed.view(np.float32).reshape(1, -1)

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
        return number_rows(self, X)

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
        self._answer(rows, out, LOGITS)
        return out

    def _answer(
        self, rows: NDArray[np.float32], out: NDArray[Any], kind: int | None = None
    ) -> None:
        """Fill `out` with the answers to rows that are numbers, or with logits."""
        if not COMPILED:
            self._write(out, ..., numpy_logits(self, rows))
            return
        kind = self._kind if kind is None else kind
        if kind < SCALED:
            found = prediction_kernel()(rows, self._packed, kind, out)
        elif kind == SCALED:
            flat = out if out.ndim == 1 else out.ravel()
            found = prediction_kernel()(rows, flat, kind, self._packed_row)
        else:
            self._write(out, ..., self._logits_of_rows(rows))
            return
        if found != ALL_FINITE:
            self._answer_beyond(rows, kind, out, found)

    def _answer_in_threads(
        self, rows: NDArray[np.float32], out: NDArray[Any], n_jobs: int
    ) -> None:
        """Fill `out` with the answers to rows, which threads share."""
        if COMPILED:
            run_in_threads(self._answer, rows, out, n_jobs)
        else:
            self._answer(rows, out)

    def _answer_beyond(
        self, rows: NDArray[np.float32], kind: int, out: NDArray[Any], found: int
    ) -> None:
        """Fill `out` with the answers to rows that the kernel did not take."""
        row, of_logits = divmod(found, 2)
        if of_logits:
            raise_not_finite(self, rows, -1, row)
        # A value is not finite, or so large that a sum may overflow: NumPy decides.
        beyond = rows_beyond(self, rows, greatest_value(self))
        if len(beyond) < len(rows):
            # As many rows as before keep the last digits of the others.
            within = rows.copy()
            within[beyond] = 0.0
            self._answer(within, out, kind)
        logits = logits_of_rows(self, rows, beyond)
        if kind == LOGITS:
            out[beyond] = logits
        else:
            self._write(out, beyond, logits)

    def _write(
        self, out: NDArray[Any], places: Any, logits: NDArray[np.float32]
    ) -> None:
        """Write the answers of logits that no kernel turned into answers."""
        if self.is_sum_of_curves and self.output.kind == "classes":
            out[places] = logistic_probabilities(logits)
        else:
            out[places] = self.output.answers(logits)

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
    def _upper(self) -> "Prediction | None":
        """Student that holds the layers after the first. None if there are none."""
        if len(self.coefs_) == 1:
            return None
        return _UpperLayers(
            self.coefs_[1:], self.intercepts_[1:], self.activation, output=self.output
        )


class _UpperLayers(Prediction):
    """Layers of a student after the first. Their inputs are units, and no columns."""

    is_sum_of_curves = False
