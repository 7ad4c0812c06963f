"""Apply written rules to the rows of a table."""

from contextlib import contextmanager

import numpy as np

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.common.text import counted
from skdistill.tables.cells import is_missing, object_array, without_mask
from skdistill.tables.in_memory import in_memory
from skdistill.tables.own_copy import own_copy
from skdistill.tables.read import read_coded_columns
from skdistill.teachers.compare_cells import NamedColumns
from skdistill.teachers.conditions import Condition, normal_form
from skdistill.teachers.quote import quoted
from skdistill.teachers.read_votes import present_labels


def check_pairs(rules):
    """Raise unless there are rules, and each is a condition and a label.

    Parameters
    ----------
    rules : list or tuple

    Raises
    ------
    ValueError
        If a rule is something else. The message names the rule.
    """
    if not len(rules):
        raise ValueError("rules holds no rule: give a list of (condition, label)")
    for number, rule in enumerate(rules):
        if not isinstance(rule, tuple | list) or len(rule) != 2:
            raise ValueError(
                f"rules[{number}] is {rule!r:.100}: give a pair, (condition, label)"
            )
        condition, label = rule
        if not isinstance(condition, str) and not callable(condition):
            raise ValueError(
                f"rules[{number}] has the condition {condition!r:.100}: give a text, "
                "or a function of the rows"
            )
        if is_missing(label):
            raise ValueError(
                f"rules[{number}], {_name_of(condition)}, has no label: a rule "
                "abstains where its condition does not hold"
            )


def _name_of(condition):
    """Return the name of a condition in messages."""
    if isinstance(condition, str):
        return repr(condition)[:100]
    return getattr(condition, "__name__", type(condition).__name__)


def labels_of_rules(rules):
    """Return the label of each rule, as an array."""
    return present_labels(object_array([label for _, label in rules]), "rules")[1]


def fires_of_rules(rules, table, names=None, *, is_strict=False):
    """Tell which rules hold for which rows.

    Parameters
    ----------
    rules : list of (condition, label)
    table : DataFrame or ndarray of shape (n_rows, n_features)
    names : array-like of str or None, default=None
        Names of the columns. None stands for x0, x1, ....
    is_strict : bool, default=False
        Whether a comparison of text with a number raises.

    Returns
    -------
    fires : ndarray of shape (n_rows, n_rules), bool

    Raises
    ------
    ValueError
        If a condition is none, or does not suit the rows. The message names the rule.
    """
    n_rows = num_samples(table)
    conditions = []
    for number, (given, _) in enumerate(rules):
        with _naming(number, given):
            conditions.append(Condition(given) if isinstance(given, str) else given)
    rows = _named_columns(table, names, conditions)._replace(is_strict=is_strict)
    fires = np.empty((n_rows, len(conditions)), dtype=bool)
    for number, condition in enumerate(conditions):
        with _naming(number, rules[number][0]):
            if isinstance(condition, Condition):
                fires[:, number] = condition(rows)
            else:
                fires[:, number] = _truths(condition(own_copy(table)), n_rows)
    return fires


@contextmanager
def _naming(number, condition):
    """Return a context that names a rule in errors."""
    name = f"rules[{number}], {_name_of(condition)},"
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{name} is no rule for these rows: {error}") from error
    except Exception as error:
        kind = type(error).__name__
        raise ValueError(
            f"{name} raised {kind}: {quoted(error)}. A function gets the rows as a "
            "table, and returns a truth value for each of them"
        ) from error


def _named_columns(table, names, conditions):
    """Read the columns that conditions name."""
    if names is None:
        names = [f"x{number}" for number in range(table.shape[1])]
    names = list(names)
    wanted = {n for c in conditions if isinstance(c, Condition) for n in c.names}
    places = [n for n, name in enumerate(names) if normal_form(name) in wanted]
    read = []
    if places:
        read = read_coded_columns(safe_indexing(table, places, axis=1))
    found = {names[place]: column for place, column in zip(places, read, strict=True)}
    orders = _orders(table, names, places)
    return NamedColumns(found, names, num_samples(table), orders=orders)


def _orders(table, names, places):
    """Return the levels of each column whose categories have an order, in this order.

    They are categories of pandas that are ordered, and an Enum of polars.
    """
    if not hasattr(table, "dtypes"):
        return {}
    dtypes = list(table.dtypes)
    return {
        names[place]: list(dtypes[place].categories)
        for place in places
        if getattr(dtypes[place], "ordered", False)
        or type(dtypes[place]).__name__ == "Enum"
    }


def _truths(answers, n_rows):
    """Return the answers of a function as truth values. A missing one is False."""
    answers = without_mask(in_memory(answers))
    array = np.asarray(answers)
    if array.shape == (n_rows, 1):
        array = array.ravel()
    if array.shape != (n_rows,):
        raise ValueError(
            f"the function returned shape {array.shape} for {counted(n_rows, 'row')}: "
            "give one truth value for each row"
        )
    cells = array.tolist()
    present = [not is_missing(cell) for cell in cells]
    for cell, is_present in zip(cells, present, strict=True):
        if is_present and cell not in (False, True):
            raise ValueError(
                f"the function returned {cell!r:.50}: give one truth value for each row"
            )
    return np.array([p and bool(cell) for p, cell in zip(present, cells, strict=True)])
