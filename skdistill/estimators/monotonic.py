"""Checks that a student can keep the constraints of `monotonic_cst`."""

from typing import Any

import numpy as np

from skdistill.inputs.monotonic import is_constrained, signs_of
from skdistill.tables.read import read_coded_columns
from skdistill.training.plan import hidden_units


def check_no_hidden_layers(estimator: Any) -> None:
    """Raise if columns are constrained and the student has hidden layers.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameters.

    Raises
    ------
    ValueError
        If it has constraints and hidden layers.
    """
    if is_constrained(estimator.monotonic_cst) and hidden_units(estimator):
        raise ValueError(
            f"monotonic_cst is given, and hidden_layer_sizes="
            f"{estimator.hidden_layer_sizes!r}: a student with hidden layers cannot "
            "promise that its answers only rise. Give hidden_layer_sizes=(), which "
            "adds up one curve a column"
        )


def check_constrained_columns(estimator: Any, table: Any) -> None:
    """Raise if the constraints do not fit the columns of a table.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator that knows the number and the names of its features.
    table : DataFrame or ndarray of shape (n_rows, n_features)
        Given rows as the student takes them.

    Raises
    ------
    ValueError
        If `column_signs` raises it, or if a constrained column holds categories.
    """
    signs = signs_of(estimator)
    if signs is None or estimator.encoder is None:
        return
    columns = read_coded_columns(table)
    for feature in np.flatnonzero(signs):
        if columns[feature].labels is not None:
            raise ValueError(
                f"monotonic_cst constrains column {columns[feature].name} of X, which "
                "holds categories, and these have no order: give numbers there, or 0 "
                "in monotonic_cst"
            )


_ONE_UNIT = {
    "classes": (
        "with more than two, no probability needs to rise if a score does. Give two "
        "classes"
    ),
    "numbers": "a constraint is kept for one number a row alone. Give one target",
    "label_sets": "a constraint is kept for one label alone. Give one label",
}


def check_one_unit(estimator: Any, task: Any) -> None:
    """Raise if columns are constrained and the student has several output units.

    Parameters
    ----------
    estimator : Distillation
        Estimator with the parameters.
    task : Task
        Task, whose output may not be known yet.

    Raises
    ------
    ValueError
        If there are constraints, and more than two classes or one number.
    """
    output = task.known_output
    if output is None or output.is_one_unit:
        return
    if is_constrained(estimator.monotonic_cst):
        raise ValueError(
            f"monotonic_cst is given, and there are {output}: {_ONE_UNIT[output.kind]}"
        )
