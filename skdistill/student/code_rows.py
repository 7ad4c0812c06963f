"""The rows of a first layer's weights that an input code stands for."""

from typing import NamedTuple

import numpy as np


class CodeRows(NamedTuple):
    """Rows of a first layer's weights that belong to the codes of an input.

    Attributes
    ----------
    codes, positions, shares : ndarray
        Arrays of `skdistill.kernels.layers.knot_table.KnotTable`.
    """

    codes: np.ndarray
    positions: np.ndarray
    shares: np.ndarray

    @classmethod
    def describe(cls, input_code, mean, scale, encoded):
        """Describe the rows of an input code, centred on encoded rows.

        Parameters
        ----------
        input_code : InputCode
        mean, scale : ndarray of shape (n_features,)
            Mean and scale of each feature. They standardise the knots.
        encoded : ndarray of shape (n_rows, n_linear + n_codes)
            Encoded rows. Their mean becomes the centre of the code.

        Returns
        -------
        code_rows : CodeRows
        """
        codes = cls.layout_of(input_code)
        positions = np.zeros(input_code.n_rows)
        shares = np.zeros(input_code.n_rows)
        places = encoded[:, input_code.n_linear :]
        for code, (start, n_bins, n_rows) in enumerate(codes):
            place = places[:, code]
            levels = place.astype(np.intp)
            counts = np.bincount(levels, minlength=n_rows + 1)[:n_rows]
            share = shares[start : start + n_rows]
            if n_bins == 0:
                share[:] = counts / place.size
                continue
            feature = input_code.knotted[code]
            knots = input_code.knots[code].astype(np.float64)
            position = (knots - mean[feature]) / scale[feature]
            present = place[levels <= n_bins]
            if _is_constant(present, knots, mean[feature], scale[feature]):
                position = np.zeros_like(position)  # One value has no slope.
            positions[start : start + n_bins + 1] = position
            share[0] = np.interp(present, np.arange(n_bins + 1), position).sum()
            # A value above a bin has 1 as the bin's component. A value in the bin has
            # the part of the bin below it.
            parts = np.bincount(
                levels[levels <= n_bins],
                weights=present - np.floor(present),
                minlength=n_bins + 1,
            )
            above = counts[: n_bins + 1][::-1].cumsum()[::-1]
            share[1 : n_bins + 1] = above[1:] + parts[:n_bins]
            share[n_bins + 1] = counts[n_bins + 1]
            share /= place.size
        return cls(codes, positions.astype(np.float32), shares.astype(np.float32))

    @property
    def seen(self):
        """Whether any row of data uses each row of weights; shape (n_rows,)."""
        seen = self.shares > 0
        for start, bins, _ in self.codes:
            if bins:
                seen[start : start + bins + 1] = True
        return seen

    @staticmethod
    def layout_of(input_code):
        """Return the array `codes` of an input code."""
        bins = np.zeros(input_code.n_codes, dtype=np.int64)
        bins[: len(input_code.knots)] = [knots.size - 1 for knots in input_code.knots]
        columns = [input_code.starts, bins, input_code.row_counts]
        return np.column_stack(columns).astype(np.int64)


# Rows of an input without codes.
NO_CODES = CodeRows(
    np.zeros((0, 3), dtype=np.int64),
    np.zeros(0, dtype=np.float32),
    np.zeros(0, dtype=np.float32),
)


def _is_constant(places, knots, mean, scale):
    """Tell whether a feature had one value in fit, which is then its middle knot."""
    in_the_middle = np.float32(mean) == np.float32(knots[1])
    return in_the_middle and scale == 1.0 and (places == 1.0).all()
