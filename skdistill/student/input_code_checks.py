"""Check the parts of an input code, which may come from a file of a stranger.

Only NumPy is imported, so that a student runs on NumPy alone.
"""

import numpy as np

from skdistill.tables.read import GREATEST

# Smallest difference of two knots, and smallest scale. The inverse of a smaller
# number is beyond single precision.
LEAST_GAP = np.float32(1e-37)

# Knots may be a little beyond the greatest number that is read. With this bound no
# difference overflows.
_BOUND = 2 * GREATEST

INDEX_ARRAYS = ("linear", "knotted", "categorical")
LINEAR_ARRAYS = ("low", "high", "mean", "scale")
STORED_ARRAYS = (*INDEX_ARRAYS, *LINEAR_ARRAYS, "knots", "knot_counts")

_LEVEL_TYPES = (str, int, float, bool)


def check_stored(description, arrays):
    """Raise an error if an input code cannot be made from what a file holds.

    Parameters
    ----------
    description : dict
        Description as `InputCode.to_dict` returns it.
    arrays : dict of ndarray
        Arrays as `InputCode.to_dict` returns them.

    Raises
    ------
    ValueError
        If an entry is missing or has another type, or if the counts of knots do
        not fit the knots.
    """
    _check_keys("description", description, ("n_features", "levels"))
    _check_keys("arrays", arrays, STORED_ARRAYS)
    for name in STORED_ARRAYS:
        _check_array(name, arrays[name])
    levels = description["levels"]
    if not isinstance(levels, list) or not all(isinstance(v, list) for v in levels):
        raise ValueError(f"levels is {levels!r:.100}: it needs to be a list of lists")
    counts = arrays["knot_counts"]
    if (counts < 0).any() or sum(counts.tolist()) != arrays["knots"].size:
        raise ValueError(
            f"knot_counts is {counts.tolist()!r:.100} for {arrays['knots'].size} "
            "knots: it needs to add up to their number"
        )


def check_input_code(code):
    """Raise an error if the attributes of an input code do not fit together.

    Parameters
    ----------
    code : InputCode
        Code whose attributes are set.

    Raises
    ------
    ValueError
        If an attribute is wrong or contradicts another one.
    """
    if type(code.n_features) is not int or code.n_features < 0:
        raise ValueError(
            f"n_features is {code.n_features!r:.100}: it needs to be an integer, 0 or "
            "more"
        )
    for name in INDEX_ARRAYS + LINEAR_ARRAYS:
        if getattr(code, name).ndim != 1:
            raise ValueError(f"{name} needs to have one dimension")
    _check_features(code)
    _check_linear(code)
    _check_knots(code)
    _check_levels(code)


def _check_features(code):
    """Check the numbers of the features that are used."""
    features = np.concatenate([code.linear, code.knotted, code.categorical])
    if features.size and not 0 <= features.min() <= features.max() < code.n_numbers:
        raise ValueError(
            "linear, knotted and categorical need to hold numbers from 0 to "
            f"n_features - 1 = {code.n_numbers - 1}: they hold {features.min()} to "
            f"{features.max()}"
        )
    of_texts = [text.feature for text in code.texts]
    if len({*of_texts}) < len(of_texts) or {*of_texts} & {*features.tolist()}:
        raise ValueError(f"the text columns {of_texts} are there twice")
    if not all(0 <= feature < code.n_features for feature in of_texts):
        raise ValueError(
            f"the text columns {of_texts} are not all below {code.n_features}"
        )
    if code.categorical.size and code.categorical.max() >= code.n_features:
        raise ValueError("the scores of a text are no levels")
    if np.unique(features).size != features.size:
        raise ValueError(
            "linear, knotted and categorical need to hold each feature at most once"
        )


def _check_linear(code):
    """Check the ranges, means and scales of linear features."""
    for name in LINEAR_ARRAYS:
        values = getattr(code, name)
        if values.size != code.linear.size:
            raise ValueError(
                f"{name} has {values.size} values for {code.linear.size} linear "
                "features"
            )
        if not (np.abs(values) <= _BOUND).all():
            raise ValueError(f"{name} needs to be finite, at most {_BOUND:.4g}")
    if not (code.scale >= LEAST_GAP).all():
        raise ValueError(f"scale needs to be {LEAST_GAP:.4g} or more")
    if not (code.low <= code.high).all():
        raise ValueError("low needs to be at most high")


def _check_knots(code):
    """Check the knots of knotted features."""
    if len(code.knots) != code.knotted.size:
        raise ValueError(
            f"knots has {len(code.knots)} arrays for {code.knotted.size} knotted "
            "features"
        )
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        if knots.ndim != 1 or knots.size < 3:
            raise ValueError(f"the knots of feature {feature} need to be 3 or more")
        if not (np.abs(knots) <= _BOUND).all():
            raise ValueError(
                f"the knots of feature {feature} need to be finite, at most "
                f"{_BOUND:.4g}"
            )
        if not (np.diff(knots) >= LEAST_GAP).all():
            raise ValueError(
                f"the knots of feature {feature} need to increase, by "
                f"{LEAST_GAP:.4g} or more"
            )


def _check_levels(code):
    """Check the levels of categorical features."""
    if len(code.levels) != code.categorical.size:
        raise ValueError(
            f"levels has {len(code.levels)} lists for {code.categorical.size} "
            "categorical features"
        )
    for feature, levels in zip(code.categorical, code.levels, strict=True):
        for level in levels:
            if type(level) not in _LEVEL_TYPES or level in (np.inf, -np.inf):
                raise ValueError(
                    f"the levels of feature {feature} hold {level!r:.100}: they "
                    "need to be text, truth values or finite numbers"
                )
        if len(set(levels)) != len(levels) or any(v != v for v in levels):
            raise ValueError(
                f"the levels of feature {feature} need to differ from each other"
            )


def _check_keys(name, entries, keys):
    """Raise an error if a dict lacks a key or has another one."""
    if not isinstance(entries, dict) or set(entries) != set(keys):
        raise ValueError(f"{name} needs to be a dict of {', '.join(keys)}")


def _check_array(name, array):
    """Raise an error if an array has another type or more than one dimension."""
    is_float = name in LINEAR_ARRAYS or name == "knots"
    wanted = np.float32 if is_float else np.integer
    if (
        not isinstance(array, np.ndarray)
        or array.ndim != 1
        or not np.issubdtype(array.dtype, wanted)
    ):
        raise ValueError(
            f"{name} needs to be an array of one dimension of {wanted.__name__}"
        )
