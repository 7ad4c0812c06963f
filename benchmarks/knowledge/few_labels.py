"""200 labels and 10,000 soft votes, of which 70 % are right.

The votes are made here: a voter is about as sure of a row as it is right, and it is
right more often for some classes than for others. If it is wrong, it names one of
the two classes whose mean rows are nearest, 70 % of the times the nearest one.
"""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from benchmarks.development_sets import load
from benchmarks.environment import markdown_table
from benchmarks.fidelity import standardized
from skdistill import DistilledClassifier

TITLE = "Few labels, many soft votes"

SETS = ("letter", "magic", "diamonds", "surveys", "flights")
SEEDS = (1, 2)  # Split 0 served to choose.
N_LABELS, N_VOTES = 200, 10_000
TEST_SHARE = 0.3

# Greatest difference between the shares of right votes of two classes.
BIAS = 0.3

WHAT = ("votes", "regression on votes", "regression on labels", "student", "no labels")


def cases(tiny):
    """Yield sets and seeds."""
    for name in ("digits",) if tiny else SETS:
        for seed in SEEDS[:1] if tiny else SEEDS:
            yield {"name": name, "seed": seed}


def measure(name, seed):
    """Return accuracies on rows that served neither for training nor for votes."""
    X, labels = load(name)
    y = np.unique(labels, return_inverse=True)[1]
    n_rows = min(N_LABELS + N_VOTES, int((1 - TEST_SHARE) * len(y)))
    X, X_test, y, y_test = train_test_split(
        X, y, train_size=n_rows, random_state=seed, stratify=y
    )
    random = np.random.default_rng(seed)
    votes = soft_votes(X, y, random)
    known = random.permutation(n_rows)[:N_LABELS]
    part = np.full(n_rows, None)
    names = np.array([f"class {c}" for c in range(votes.shape[1])])
    part[known] = names[y[known]]
    # The names of the columns tell classes of which no row has a label.
    named = pd.DataFrame(votes, columns=names, index=X.index)
    model = DistilledClassifier("precomputed", random_state=seed)
    regression = standardized(LogisticRegression(max_iter=1000))
    figures = {"votes": np.mean(votes.argmax(axis=1) == y)}
    regression.fit(X, votes.argmax(axis=1))
    figures["regression on votes"] = regression.score(X_test, y_test)
    regression.fit(X.iloc[known], y[known])
    figures["regression on labels"] = regression.score(X_test, y_test)
    model.fit(X, part, teacher_proba=named)
    figures["student"] = model.score(X_test, names[y_test])
    model.fit(X, teacher_proba=named)
    figures["no labels"] = model.score(X_test, names[y_test])
    return {what: float(figure) for what, figure in figures.items()}


def soft_votes(X, y, random):
    """Return probabilities of a voter, of which 70 % have their maximum at the label.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,), int
    random : Generator

    Returns
    -------
    votes : ndarray of shape (n_rows, n_classes)
    """
    rows, n_classes = np.arange(len(y)), y.max() + 1
    near = nearest_classes(X, y)
    sure = 0.5 + 0.5 * random.beta(1.0, 1.5, len(y))  # 0.7 on average
    skill = random.permutation(np.linspace(-BIAS / 2, BIAS / 2, n_classes))
    right = random.random(len(y)) < sure + (skill - skill[y].mean())[y]
    second = (random.random(len(y)) < 0.3) & (n_classes > 2)
    wrong = np.where(second, near[y, min(1, n_classes - 2)], near[y, 0])
    named = np.where(right, y, wrong)
    shape = np.ones((len(y), n_classes))
    shape[rows, near[named, 0]] += n_classes
    others = random.standard_gamma(shape)
    others[rows, named] = 0.0
    votes = others * ((1.0 - sure) / others.sum(axis=1))[:, np.newaxis]
    votes[rows, named] = sure
    return votes


def nearest_classes(X, y):
    """Return, for each class, the others by the distance of their mean rows."""
    encoded = standardized(None)[0].fit_transform(X)
    means = np.stack([encoded[y == c].mean(axis=0) for c in range(y.max() + 1)])
    distances = ((means[:, np.newaxis] - means) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.argsort(axis=1)


def section(results):
    """Return the text of the section."""
    table, lost = [], []
    for name, part in results.groupby("name", sort=False):
        means = 100 * part[list(WHAT)].mean()
        gain = means["student"] - means[list(WHAT[1:3])].max()
        table.append([name, *(f"{means[w]:.1f}" for w in WHAT), f"{gain:+.1f}"])
        if gain < 2.0:
            lost.append(f"{name}, {gain:+.1f} points")
    text = (
        "200 rows with a label and 10,000 with a soft vote, of which 70 % are right.\n"
        "Votes are biased by class, and mistakes go to a similar class. Accuracy on\n"
        "other rows in %. The first column is the share of right votes. Regression is\n"
        "logistic, on standardised columns: of the most probable class of each vote,\n"
        "or of the labels. The student learns from both; without labels it learns\n"
        "from the votes. Mean of "
        f"{results['seed'].nunique()} splits that did not serve to choose."
    )
    heads = ["set", *WHAT, "student - better regression"]
    lines = [text, markdown_table(heads, table)]
    where = "; ".join(lost) or "nowhere"
    lines.append(f"- Gains of less than two points: {where}.")
    return "\n\n".join(lines)
