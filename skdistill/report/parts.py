"""Parts of a report as flat rows, and as plain values."""

import numpy as np


def flat(row):
    """Return a row with a column for each value of an interval or a dict.

    Parameters
    ----------
    row : dict of str to object

    Returns
    -------
    flat : dict of str to object
    """
    flat = {}
    for name, value in row.items():
        if hasattr(value, "_asdict"):
            flat |= {name: value.estimate, f"{name} low": value.low}
            flat[f"{name} high"] = value.high
        elif isinstance(value, dict):
            flat |= {f"{name}, {model}": figure for model, figure in value.items()}
        else:
            flat[name] = value
    return flat


def plain(value):
    """Return a value as a plain Python value that JSON can hold.

    Parameters
    ----------
    value : object
        Number, text, array, list, dict or named tuple.

    Returns
    -------
    plain : object
        Value without arrays and named tuples. A float that is not finite is None.
    """
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
