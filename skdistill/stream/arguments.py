"""Arguments of `fit_files` that name columns."""

from collections.abc import Iterable, Mapping
from typing import Any


def names_of(given: Any) -> list[str]:
    """Return an argument of `fit_files` that names columns as a list.

    Parameters
    ----------
    given : str, sequence of str, dict of columns, or None

    Returns
    -------
    names : list of str
    """
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [given]
    return list(given.values() if isinstance(given, Mapping) else given)


def columns_of_labels(targets: list[str], proba: Any) -> list[str]:
    """Return the column of probabilities of each label of sets, in their order.

    Parameters
    ----------
    targets : list of str
        Columns of the labels.
    proba : str, sequence of str or dict
        Argument of `fit_files`.

    Returns
    -------
    names : list of str

    Raises
    ------
    ValueError
        If the labels and the columns of probabilities are not as many, or if a dict has
        other labels.
    """
    is_dict = isinstance(proba, Mapping)
    labels = list(proba) if is_dict else targets
    if set(labels) != set(targets) or len(names_of(proba)) != len(targets):
        raise ValueError(
            f"proba={proba!r:.200} and target={targets!r:.200} differ: name a column "
            "of probabilities for each column of target, in the same order, or give a "
            "dict of them, {column of target: column of probabilities}"
        )
    return [proba[label] for label in targets] if is_dict else list(proba)
