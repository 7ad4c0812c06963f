"""The minimum of a convex loss of a linear model on sparse rows, by L-BFGS.

The objective is ``sum(w_i * loss_i(x_i @ W + b)) / n + decay / 2 * |W|**2``, where n is
the number of rows. The biases are not penalised. L-BFGS is that of Nocedal (1980). It
needs one product with the rows and one with their transpose in each step: the logits
are kept, and a search along a line needs no others.

If there are fewer rows than columns, weights are never stored while it runs. All that
occurs is ``W = X.T @ A + c * W_0`` with the first weights W_0, because a gradient adds
``X.T @ R`` alone (the representer theorem). So vectors of L-BFGS hold A and c. Two
products show their inner products: beside each vector stands its image, ``X @ W`` and
the product of W_0 with W.

All sums are in double precision, and in one order: the result does not depend on the
number of threads.
"""

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Number of former steps of which L-BFGS makes its picture of the curvature.
_MEMORY = 10

# A step is long enough if the slope at its end is at most this share of the first one.
_SLOPE_LEFT = 0.3
_MOST_TRIALS = 30

# A flat valley takes thousands of steps, which change no answer. So the minimum counts
# as found, too, if so many values of the objective differ by less than this share of
# it, times the tolerance.
_STEPS_TO_COMPARE = 11
_LEAST_GAIN = 0.01

_TINY = np.finfo(np.float64).tiny


class Vector(NamedTuple):
    """A vector of the space of weights and biases, and its image.

    Attributes
    ----------
    values : ndarray of shape (n_values,)
    image : ndarray of shape (n_values,)
        The inner product of two vectors is that of the values of one and the image of
        the other.
    """

    values: NDArray[np.float64]
    image: NDArray[np.float64]

    def dot(self, other: "Vector") -> float:
        """Return the inner product with another vector."""
        return _dot(self.values, other.image)

    def plus(self, factor: float, other: "Vector") -> "Vector":
        """Return the sum of this vector and a multiple of another."""
        values = self.values + factor * other.values
        if self.image is self.values:
            return Vector(values, values)
        return Vector(values, self.image + factor * other.image)

    def times(self, factor: float) -> "Vector":
        """Return a multiple."""
        values = factor * self.values
        if self.image is self.values:
            return Vector(values, values)
        return Vector(values, factor * self.image)


def _dot(one, other):
    """Return the inner product. BLAS would share it among threads."""
    return float(np.einsum("i,i->", one, other))


class ColumnSpace:
    """Weights as they are: a vector holds ``W`` and ``b``.

    Parameters
    ----------
    X : CSR of shape (n_rows, n_columns), float64
    weights : ndarray of shape (n_columns, n_units)
        First weights.
    """

    def __init__(self, X: Any, weights: NDArray[np.float64]) -> None:
        self._X = X
        self._transposed = X.T
        self._shape = weights.shape
        self._first = weights

    def first(self, biases: NDArray[np.float64]) -> Vector:
        """Return the vector of the first weights and biases."""
        values = np.concatenate([self._first.ravel(), biases])
        return Vector(values, values)

    def logits(self, vector: Vector) -> NDArray[np.float64]:
        """Return ``X @ W + b``."""
        weights, biases = self.parts(vector)
        return self._X @ weights + biases

    def gradient(
        self, slopes: NDArray[np.float64], decay: float, vector: Vector
    ) -> Vector:
        """Return the gradient of the objective.

        Parameters
        ----------
        slopes : ndarray of shape (n_rows, n_units)
            Derivatives of the mean loss by the logits.
        decay : float
        vector : Vector
            Present weights.
        """
        weights, _ = self.parts(vector)
        of_weights = self._transposed @ slopes + decay * weights
        values = np.concatenate([of_weights.ravel(), slopes.sum(axis=0)])
        return Vector(values, values)

    def parts(self, vector: Vector) -> tuple[Any, Any]:
        """Return weights and biases."""
        size = self._shape[0] * self._shape[1]
        return vector.values[:size].reshape(self._shape), vector.values[size:]

    def penalty(self, one: Vector, other: Vector) -> float:
        """Return the inner product of the weights of two vectors."""
        size = self._shape[0] * self._shape[1]
        return _dot(one.values[:size], other.values[:size])


class RowSpace:
    """Weights as a sum over rows: a vector holds ``A``, ``c`` and ``b``.

    Parameters and methods are those of `ColumnSpace`.
    """

    def __init__(self, X: Any, weights: NDArray[np.float64]) -> None:
        self._X = X
        self._transposed = X.T
        self._first = weights
        self._logits_of_first = X @ weights
        self._squares_of_first = _dot(weights.ravel(), weights.ravel())
        self._shape = self._logits_of_first.shape

    def first(self, biases: NDArray[np.float64]) -> Vector:
        """Return the vector of the first weights and biases."""
        return self._vector(np.zeros(self._shape), 1.0, biases, np.zeros(self._shape))

    def logits(self, vector: Vector) -> NDArray[np.float64]:
        """Return ``X @ W + b``, which the image holds."""
        size = self._shape[0] * self._shape[1]
        return vector.image[:size].reshape(self._shape) + vector.image[size + 1 :]

    def gradient(
        self, slopes: NDArray[np.float64], decay: float, vector: Vector
    ) -> Vector:
        """Return the gradient of the objective: see `ColumnSpace.gradient`."""
        size = self._shape[0] * self._shape[1]
        by_rows = slopes + decay * vector.values[:size].reshape(self._shape)
        return self._vector(
            by_rows,
            decay * vector.values[size],
            slopes.sum(axis=0),
            self._X @ (self._transposed @ by_rows),
        )

    def parts(self, vector: Vector) -> tuple[Any, Any]:
        """Return weights and biases."""
        size = self._shape[0] * self._shape[1]
        by_rows = vector.values[:size].reshape(self._shape)
        weights = self._transposed @ by_rows + vector.values[size] * self._first
        return weights, vector.values[size + 1 :]

    def penalty(self, one: Vector, other: Vector) -> float:
        """Return the inner product of the weights of two vectors."""
        size = self._shape[0] * self._shape[1] + 1
        return _dot(one.values[:size], other.image[:size])

    def _vector(self, by_rows, share, biases, logits):
        """Return a vector, given the logits of the sum over rows."""
        of_first = _dot(by_rows.ravel(), self._logits_of_first.ravel())
        image = logits + share * self._logits_of_first
        return Vector(
            np.concatenate([by_rows.ravel(), [share], biases]),
            np.concatenate(
                [image.ravel(), [of_first + share * self._squares_of_first], biases]
            ),
        )


class ConvexSolver:
    """Minimises a convex loss of a linear model, step by step.

    Parameters
    ----------
    X : CSR of shape (n_rows, n_columns), float64
    loss : callable
        Function of the logits of all rows, an array of shape (n_rows, n_units). It
        returns the mean loss, and its derivatives by the logits.
    decay : float
        Factor of half the sum of the squares of the weights.
    weights : ndarray of shape (n_columns, n_units)
        First weights.
    biases : ndarray of shape (n_units,)
        First biases.
    tol : float, default=1e-5
        Share of the length of the gradient at zero weights at which the minimum counts
        as found. The gradient is that of rows whose squares add up to 1 in the mean. It
        counts as found, too, if ten steps lower the objective by less than a hundredth
        of this share.

    Attributes
    ----------
    loss : float
        Mean loss at the present weights, without the penalty.
    has_converged : bool
        Whether the minimum is found.
    """

    def __init__(
        self,
        X: Any,
        loss: Any,
        decay: float,
        weights: NDArray[np.float64],
        biases: NDArray[np.float64],
        tol: float = 1e-5,
    ) -> None:
        # Rows of the length of a bias's column: else the steps suit only one of both.
        length = (_dot(X.data, X.data) / X.shape[0]) ** 0.5
        self._length = length if length > 0.0 else 1.0
        X, weights = X * (1.0 / self._length), weights * self._length
        self._mean_loss, self._decay = loss, decay / self._length**2
        make_space = RowSpace if X.shape[0] < X.shape[1] else ColumnSpace
        self._space: Any = make_space(X, weights)
        self._now = self._space.first(biases)
        self._logits = self._space.logits(self._now)
        self.loss, slopes = loss(self._logits)
        self._gradient = self._space.gradient(slopes, self._decay, self._now)
        self._enough = tol * self._length_at_zero(X, loss)
        self._memory: deque = deque(maxlen=_MEMORY)
        self._losses: deque = deque([self._objective()], maxlen=_STEPS_TO_COMPARE)
        self._least_gain = _LEAST_GAIN * tol
        self.has_converged = self._is_flat()

    @property
    def parts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Present weights and biases."""
        weights, biases = self._space.parts(self._now)
        return weights / self._length, biases

    def step(self) -> None:
        """Make one step of L-BFGS."""
        direction = self._direction()
        slope = direction.dot(self._gradient)
        if not slope < 0.0:  # Rounding has spoilt the memory.
            self._memory.clear()
            direction = self._direction()
            slope = direction.dot(self._gradient)
            if not slope < 0.0:
                self.has_converged = True
                return
        change = self._space.logits(direction)
        factor, slopes = self._search(direction, change, slope)
        if factor == 0.0:
            self.has_converged = True
            return
        step = direction.times(factor)
        self._now = self._now.plus(1.0, step)
        self._logits = self._logits + factor * change
        before = self._gradient
        self._gradient = self._space.gradient(slopes, self._decay, self._now)
        curvature = self._gradient.plus(-1.0, before)
        product = step.dot(curvature)
        if product > 0.0:
            self._memory.append((step, curvature, product))
        self._losses.append(self._objective())
        self.has_converged = self._is_flat() or self._stands_still()

    def _objective(self):
        """Return the mean loss with the penalty."""
        squares = self._space.penalty(self._now, self._now)
        return self.loss + 0.5 * self._decay * squares

    def _stands_still(self):
        """Tell whether the last steps have changed the objective by next to nothing."""
        if len(self._losses) < _STEPS_TO_COMPARE:
            return False
        gained = self._losses[0] - self._losses[-1]
        return gained <= self._least_gain * abs(self._losses[-1])

    def _is_flat(self):
        return self._gradient.dot(self._gradient) <= self._enough**2

    def _length_at_zero(self, X, loss):
        """Return the length of the gradient at zero weights and the first biases."""
        _, biases = self._space.parts(self._now)
        _, slopes = loss(np.zeros(self._logits.shape) + biases)
        of_weights = (X.T @ slopes).ravel()
        of_biases = slopes.sum(axis=0)
        return (_dot(of_weights, of_weights) + _dot(of_biases, of_biases)) ** 0.5

    def _direction(self):
        """Return the direction of a step: the two loops of Nocedal."""
        direction = self._gradient.times(-1.0)
        if not self._memory:
            return direction
        factors = []
        for step, curvature, product in reversed(self._memory):
            factors.append(step.dot(direction) / product)
            direction = direction.plus(-factors[-1], curvature)
        _, curvature, product = self._memory[-1]
        direction = direction.times(product / curvature.dot(curvature))
        for step, curvature, product in self._memory:
            other = curvature.dot(direction) / product
            direction = direction.plus(factors.pop() - other, step)
        return direction

    def _search(self, direction, change, first_slope):
        """Return the length of the step, and the derivatives of the loss at its end.

        The slope along the line rises from its first value. So its root lies between
        two lengths with other signs, which the secant brings together.
        """
        penalty = self._decay * self._space.penalty(self._now, direction)
        curvature = self._decay * self._space.penalty(direction, direction)
        low, low_slope = 0.0, first_slope
        high, high_slope = np.inf, np.inf
        factor = 1.0
        if not self._memory:
            # No probability changes faster than by a quarter of its logit's change.
            squares = _dot(change.ravel(), change.ravel()) / len(change)
            factor = -first_slope / max(0.25 * squares + curvature, _TINY)
        for _ in range(_MOST_TRIALS):
            loss, slopes = self._mean_loss(self._logits + factor * change)
            slope = _dot(slopes.ravel(), change.ravel()) + penalty + factor * curvature
            if abs(slope) <= -_SLOPE_LEFT * first_slope:
                self.loss = loss
                return factor, slopes
            if slope < 0.0:
                low, low_slope = factor, slope
            else:  # A slope that is not finite lies beyond the root, too.
                high = factor
                high_slope = slope if np.isfinite(slope) else np.inf
            if not np.isfinite(high):
                # At most ten times as far as the secant through the first slope.
                more = 10.0
                if slope > first_slope:
                    more = min(max(first_slope / (first_slope - slope), 2.0), 10.0)
                factor *= more
                continue
            share = -low_slope / (high_slope - low_slope)
            factor = low + min(max(share, 0.1), 0.9) * (high - low)
        return 0.0, None
