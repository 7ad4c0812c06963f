"""Tables of the benchmark of small tables."""

from functools import partial

import pandas as pd
from sklearn.datasets import make_classification

from benchmarks import development_sets

TRAINED = 0.65  # share of the rows

# Rows, columns, classes and seed.
CLUSTERS = {
    "clusters-600": (600, 20, 2, 3),
    "clusters-1200": (1200, 15, 2, 12),
    "clusters-1500": (1500, 10, 3, 1),
    "clusters-3000": (3000, 16, 4, 2),
    "clusters-4000": (4000, 10, 2, 5),
    "clusters-5000": (5000, 12, 5, 11),
    "clusters-6000": (6000, 20, 6, 4),
}
WHOLE = (
    "sonar",
    "heart",
    "bupa",
    "ionosphere",
    "saheart",
    "mass_pima",
    "crx",
    "wisconsin",
    "australian",
    "biopsy",
    "pima",
    "mammographic",
    "vowel",
    "german",
    "contraceptive",
    "titanic",
    "hmda",
    "defaults",
)
SAMPLED = ("magic", "phoneme", "spambase", "texture", "twonorm")
ROWS_OF_SAMPLES = 1000

# Tables that had no part in the choice of knots and decay.
KEPT_APART = frozenset(
    (
        "biopsy",
        "hmda",
        "titanic",
        "saheart",
        "mammographic",
        "sonar",
        "phoneme-1000",
        "spambase-1000",
        "texture-1000",
        "twonorm-1000",
        "clusters-1200",
        "clusters-5000",
    )
)


def clusters(n_rows, n_columns, n_classes, seed):
    """Return Gaussian clusters, two for each class."""
    X, y = make_classification(
        n_rows,
        n_columns,
        n_informative=max(4, int(0.6 * n_columns)),
        n_redundant=n_columns // 5,
        n_classes=n_classes,
        n_clusters_per_class=2,
        random_state=seed,
    )
    return pd.DataFrame(X).add_prefix("x"), y


TABLES = {
    **{name: partial(development_sets.load, name) for name in WHOLE},
    **{
        f"{name}-{ROWS_OF_SAMPLES}": partial(
            development_sets.load_sample, name, ROWS_OF_SAMPLES
        )
        for name in SAMPLED
    },
    **{name: partial(clusters, *shape) for name, shape in CLUSTERS.items()},
}
TINY_TABLES = {
    "breast_cancer-200": partial(development_sets.load_sample, "breast_cancer", 200),
    "clusters-300": partial(clusters, 300, 8, 3, 0),
}
