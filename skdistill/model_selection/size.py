"""The size of a student that a search tries."""

from typing import NamedTuple

# Names of the parts of a size. Each can be halved.
HIDDEN_UNITS, ENCODER_BINS, SPARSE_COLUMNS = "hidden", "bins", "terms"

# Sequence of parts to halve. It makes a ladder of sizes, and all of them are tried.
HALVING_LADDER = (
    HIDDEN_UNITS,
    ENCODER_BINS,
    HIDDEN_UNITS,
    HIDDEN_UNITS,
    ENCODER_BINS,
    HIDDEN_UNITS,
    ENCODER_BINS,
)

# Fewest units of a layer after the first. A narrower layer is left out.
_NARROWEST = 8

_FEWEST_BINS = 2

_FEWEST_TERMS = 10


class Size(NamedTuple):
    """The size of a student, without the type of its weights.

    Attributes
    ----------
    hidden : tuple of int or None
        Number of units of each hidden layer. None if `fit` chooses.
    n_bins : int or None
        Number of bins of the encoder. None if there are no knots, or if `fit` has not
        chosen yet. Then the encoder of the estimator stays as it is.
    n_terms : int or None, default=None
        Number of columns of sparse rows that a linear student reads. None for another
        student.
    """

    hidden: tuple[int, ...] | None
    n_bins: int | None
    n_terms: int | None = None

    def half(self, part: str) -> "Size":
        """Return the size with half the hidden units, or half the bins."""
        if part == ENCODER_BINS:
            if self.n_bins is None:
                return self
            return self._replace(n_bins=max(self.n_bins // 2, _FEWEST_BINS))
        if part == SPARSE_COLUMNS:
            if self.n_terms is None or self.n_terms <= _FEWEST_TERMS:
                return self
            return self._replace(n_terms=max(self.n_terms // 2, _FEWEST_TERMS))
        halves = [max(units // 2, 1) for units in self.hidden or ()]
        kept = [units for units in halves[1:] if units >= _NARROWEST]
        return self._replace(hidden=(*halves[:1], *kept))
