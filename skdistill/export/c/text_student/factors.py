"""The factors of columns, of which few differ."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.export.c.text_student.trees import unsigned


class Factors(NamedTuple):
    """Factors of columns, as places among the factors that differ.

    Attributes
    ----------
    values : ndarray of shape (n_values,), float32
    of_blocks : ndarray of shape (n_columns,), uint8, uint16 or uint32, or None
        Place of the factor within each block; None if no block has any.
    of_all : ndarray of shape (n_columns,), of the same type, or None
        Place of the factor over all blocks together.
    """

    values: NDArray[np.float32]
    of_blocks: NDArray[Any] | None
    of_all: NDArray[Any] | None

    @property
    def constants(self) -> dict[str, NDArray[Any]]:
        """Constants by name."""
        named = {"factors": self.values, "idf": self.of_blocks, "all_idf": self.of_all}
        return {k: v for k, v in named.items() if v is not None and v.size}


def factors_of(plan: Any) -> Factors:
    """Return the factors of the columns of a plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    factors : Factors
    """
    vectorizers, tfidf = plan.text.vectorizers, plan.text.tfidf
    given = {}
    if any(v.idf is not None for v in vectorizers):
        given["of_blocks"] = np.concatenate(
            [np.ones(v.n_columns) if v.idf is None else v.idf for v in vectorizers]
        )
    if tfidf is not None and tfidf.idf is not None:
        given["of_all"] = tfidf.idf
    if not given:
        return Factors(np.empty(0, np.float32), None, None)
    # A factor follows from the number of texts that hold a term: few factors differ.
    rounded = {k: v[plan.order].astype(np.float32) for k, v in given.items()}
    values, places = np.unique(np.concatenate([*rounded.values()]), return_inverse=True)
    parts = np.split(unsigned(places, 8), len(rounded))
    named = dict(zip(rounded, parts, strict=True))
    return Factors(values, named.get("of_blocks"), named.get("of_all"))
