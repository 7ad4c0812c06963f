"""The scales of scorecards: how log-odds or numbers become a score, and back."""

import math
import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SCALE = re.compile(
    r"points_to_double_odds=(\S+); base_score=(\S+); base_odds=(\S+)(;|$)"
)

_POINT_VALUE = re.compile(r"point_value=(\S+)$")


class OddsScale(NamedTuple):
    """The scale of a scorecard of two classes: how log-odds become a score.

    Attributes
    ----------
    points_to_double_odds : float
        Points that double the odds.
    base_score : float
        Score at which the odds are `base_odds` to 1.
    base_odds : float
        Odds, at `base_score`, of the label that a higher score makes more probable.
    """

    points_to_double_odds: float
    base_score: float
    base_odds: float

    @property
    def factor(self) -> float:
        """Points of one unit of log-odds."""
        return float(self.points_to_double_odds) / math.log(2)

    @property
    def grain(self) -> tuple[str, str]:
        """Argument that decides how fine points are, and the word for coarser ones."""
        return f"points_to_double_odds={self.points_to_double_odds!r}", "smaller"

    def score(self, log_odds: float) -> float:
        """Return the exact score of log-odds."""
        distance = log_odds - math.log(self.base_odds)
        return float(self.base_score) + self.factor * distance

    def log_odds(self, scores: NDArray[Any]) -> NDArray[np.float64]:
        """Return the log-odds of scores."""
        distance = (scores - float(self.base_score)) / self.factor
        return math.log(self.base_odds) + distance

    def __str__(self) -> str:
        return "; ".join(
            f"{name}={_plain(value)!r}" for name, value in self._asdict().items()
        )


class NumberScale(NamedTuple):
    """The scale of a scorecard of one number: how deviations become a score.

    Attributes
    ----------
    point_value : float
        Value of a point, in the units of the number.
    mean, deviation : float
        Mean of the number, and its deviation. A card does not state them.
    """

    point_value: float
    mean: float = 0.0
    deviation: float = 1.0

    @property
    def factor(self) -> float:
        """Points of one deviation."""
        return float(self.deviation) / float(self.point_value)

    @property
    def grain(self) -> tuple[str, str]:
        """Argument that decides how fine points are, and the word for coarser ones."""
        return f"point_value={self.point_value!r}", "greater"

    def score(self, deviations: float) -> float:
        """Return the exact score of a number."""
        return float(self.mean) / float(self.point_value) + self.factor * deviations

    def numbers(self, scores: NDArray[Any]) -> NDArray[np.float64]:
        """Return the numbers of scores."""
        return scores * float(self.point_value)

    def __str__(self) -> str:
        return f"point_value={_plain(self.point_value)!r}"


def default_point_value(deviation: float) -> float:
    """Return a round number near a hundredth of a deviation, and not above it.

    Parameters
    ----------
    deviation : float

    Returns
    -------
    point_value : float
        1, 2 or 5 times a power of ten.
    """
    power = math.floor(math.log10(deviation / 100.0))
    digits = deviation / 100.0 / 10.0**power
    first = max((digit for digit in (1, 2, 5) if digit <= digits), default=1)
    # The text of a number is exact, and its product with a power may not be.
    return float(f"{first}e{power}")


def read_scale(text: str) -> "OddsScale | NumberScale | None":
    """Return the scale that a text describes, or None.

    Parameters
    ----------
    text : str
        Level of the first row of a scorecard.

    Returns
    -------
    scale : OddsScale, NumberScale or None

    Raises
    ------
    ValueError
        If the scale has a number that cannot be used.
    """
    of_numbers = _POINT_VALUE.match(text)
    if of_numbers is not None:
        return _number_scale(text, of_numbers[1])
    found = _SCALE.match(text)
    if found is None:
        return None
    try:
        scale = OddsScale(*map(float, found.groups()[:3]))
    except ValueError:
        scale = OddsScale(math.nan, math.nan, math.nan)
    is_finite = all(map(math.isfinite, scale))
    if not is_finite or scale.points_to_double_odds <= 0 or scale.base_odds <= 0:
        raise ValueError(
            f"card has the scale {text!r:.100}: it needs finite numbers, and "
            "points_to_double_odds and base_odds above 0"
        )
    return scale


def _number_scale(text, value):
    """Return the scale of a text that states the value of a point."""
    try:
        scale = NumberScale(float(value))
    except ValueError:
        scale = NumberScale(math.nan)
    if not math.isfinite(scale.point_value) or scale.point_value <= 0:
        raise ValueError(
            f"card has the scale {text!r:.100}: it needs a finite point_value above 0"
        )
    return scale


def _plain(value):
    """Return a number as one of Python, whose text names no type."""
    return value.item() if isinstance(value, np.generic) else value
