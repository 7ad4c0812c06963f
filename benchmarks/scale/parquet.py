"""A Parquet file of random rows of 15 numbers and 5 categories, and a student of it."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from skdistill import DistilledClassifier

N_NUMBERS = 15
LEVELS = {"c3": 3, "c12": 12, "c30": 30, "c100": 100, "c300": 300}

# Rows of a row group, as pyarrow writes by default, and those a student learns from.
GROUP = 2**20
TRAINING_ROWS = 4000


def draw(n_rows, random):
    """Return a table of pyarrow with random rows."""
    columns = {}
    for place in range(N_NUMBERS):
        values = random.standard_normal(n_rows)
        if place % 3 == 1:
            values = np.exp(values).round(2)  # heavy tails, few digits
        if place % 5 == 4:
            values[random.random(n_rows) < 0.1] = np.nan
        columns[f"n{place}"] = pa.array(values, from_pandas=True)
    for name, count in LEVELS.items():
        levels = pa.array([f"{name}_{level:03d}" for level in range(count)])
        codes = (random.random(n_rows) ** 2 * count).astype(np.int32)
        columns[name] = levels.take(pa.array(codes))
    return pa.table(columns)


def write(path, n_rows):
    """Write a Parquet file of random rows, in which no more than a group is in memory.

    Parameters
    ----------
    path : path-like
    n_rows : int
    """
    random = np.random.default_rng(0)
    first = draw(min(n_rows, GROUP), random)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for start in range(len(first), n_rows, GROUP):
            writer.write_table(draw(min(GROUP, n_rows - start), random))


def train(hidden, n_steps):
    """Return a student of such rows.

    Parameters
    ----------
    hidden : sequence of int
        Units of the hidden layers.
    n_steps : int
        Training steps.

    Returns
    -------
    student : Student
    """
    random = np.random.default_rng(1)
    X = draw(TRAINING_ROWS, random).to_pandas()
    score = X["n0"] + np.log(X["n1"]) + random.standard_normal(len(X))
    score += X["c12"].str[-3:].astype(int) / 5
    classes = np.digitize(score, np.quantile(score, [1 / 3, 2 / 3]))
    coded = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    encoder = make_column_transformer((coded, list(LEVELS)), remainder="passthrough")
    forest = RandomForestClassifier(30, min_samples_leaf=5, random_state=0)
    model = DistilledClassifier(
        make_pipeline(encoder, forest),
        hidden_layer_sizes=hidden,
        max_iter=n_steps,
        random_state=0,
    )
    return model.fit(X, np.array(["low", "middle", "top"])[classes]).student_
