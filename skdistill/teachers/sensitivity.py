"""Measure how much each feature of a table matters to a teacher."""

import numpy as np

from skdistill.tables.read import read_columns
from skdistill.tables.write import table_like

# Limits of the measurement: number of rows whose features are redrawn, and number of
# all queries together. A wide table gets fewer rows. Fewer than _FEWEST_ROWS rows would
# give no useful result: then nothing is measured.
_MOST_ROWS = 1000
_MOST_QUERIES = 16_000
_FEWEST_ROWS = 30


def rows_to_redraw(n_samples, n_columns):
    """Return the number of rows whose features are redrawn.

    Parameters
    ----------
    n_samples : int
        Number of rows of the table.
    n_columns : int
        Number of its columns that hold numbers. The teacher is asked about one copy of
        the rows more than there are such columns.

    Returns
    -------
    n_rows : int
    """
    n_rows = max(_FEWEST_ROWS, _MOST_QUERIES // (n_columns + 1))
    return min(n_rows, _MOST_ROWS, n_samples)


def feature_sensitivity(ask, X, changes, most_queries, random_state):
    """Measure how a teacher's answer changes when a feature is redrawn.

    The sensitivity of feature j is a mean over random rows. For each row x, a copy
    x' gets the value of feature j from another random row. The distance of the
    teacher's answers for x and for x' is averaged. For class probabilities p it is
    their total variation, ``sum(|p(x) - p(x')|) / 2``. This is permutation importance
    (Breiman 2001), with the change of the answers in place of the change of a score.

    Parameters
    ----------
    ask : callable
        Function that returns the teacher's answers for a table.
    X : array-like of shape (n_samples, n_features)
        Table in the form that the teacher takes.
    changes : callable
        Function of answers before and after: see `Task.changes`.
    most_queries : float
        Number of rows that the teacher may be asked about.
    random_state : RandomState
        Source of the random draws.

    Returns
    -------
    sensitivity : ndarray of shape (n_features,), or None
        Sensitivity of each feature. None if too few queries are allowed.
    """
    columns = read_columns(X)
    numeric = [j for j, column in enumerate(columns) if not column.is_category]
    categories = [j for j, column in enumerate(columns) if column.is_category]
    n_samples = columns[0].values.size
    n_rows = rows_to_redraw(n_samples, len(numeric))
    copies = len(columns) + 1
    if n_rows * copies > most_queries:
        n_rows = 2 ** int(np.log2(max(most_queries / copies, 1.0)))
        if n_rows < _FEWEST_ROWS:
            return None
    rows = random_state.choice(n_samples, n_rows, replace=False)
    sensitivity, before = np.zeros(len(columns)), None
    # Numbers come first, so categories change no draw of theirs.
    for features in (numeric, categories):
        rows = rows[: rows_to_redraw(n_samples, len(features))]
        if features:
            before, sensitivity[features] = _changes(
                ask, X, columns, features, rows, before, changes, random_state
            )
    return sensitivity


def _changes(ask, X, columns, features, rows, before, changes, random_state):
    """Return a teacher's answers before and the mean change by each redrawn feature.

    If the answers before are not known yet, the teacher is asked about them too.
    """
    unknown = before is None
    copies, n_rows = len(features) + unknown, rows.size
    values = [np.tile(column.values[rows], copies) for column in columns]
    for copy, j in enumerate(features, start=int(unknown)):
        drawn = random_state.randint(columns[j].values.size, size=n_rows)
        redrawn = slice(copy * n_rows, (copy + 1) * n_rows)
        values[j][redrawn] = columns[j].values[drawn]
    answers = ask(table_like(values, X)).reshape(copies, n_rows, -1)
    if unknown:
        before, answers = answers[0], answers[1:]
    return before, changes(before[:n_rows], answers).mean(axis=1)
