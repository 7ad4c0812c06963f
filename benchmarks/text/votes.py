"""200 labels and many soft votes, of which 70 % are right, as of a language model.

The votes are made here. A class has two others that the voter takes it for, and the
voter is a little surer of a text if it is right.
"""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, setting
from skdistill import DistilledClassifier

TITLE = "200 labels and noisy votes"
SHARED = (corpora, setting)

N_LABELS, RIGHT = 200, 0.7
SIZES = {
    "summaries": (4800, 300),
    "tweets": (4800, None),
    "movies": (4800, None),
    "languages": (3500, 250),
    "docstrings": (4800, 960),
}
TEST_SHARE = 0.35
WHAT = ("votes", "regression on votes", "with the labels", "student", "all labels")


def cases(tiny):
    """Yield corpora and seeds."""
    for corpus in setting.corpora_here(tiny):
        for seed in setting.splits(tiny):
            yield {"corpus": corpus, "seed": seed}


def measure(corpus, seed):
    """Return accuracies on texts that served neither for training nor for votes."""
    texts, labels = corpora.load(corpus, *SIZES.get(corpus, (600, 200)), seed=seed)
    names, y = np.unique(labels, return_inverse=True)
    texts, texts_test, y, y_test = train_test_split(
        texts, y, test_size=TEST_SHARE, random_state=seed, stratify=y
    )
    vectorizer = setting.words()
    X, X_test = vectorizer.fit_transform(texts), vectorizer.transform(texts_test)
    random = np.random.default_rng(seed)
    votes = soft_votes(y, len(names), random)
    known = random.permutation(len(y))[:N_LABELS]
    named = votes.argmax(axis=1)
    figures = {"votes": float(np.mean(named == y))}

    def note(what, model, targets):
        figures[what] = float(model.fit(X, targets).score(X_test, y_test))

    note("regression on votes", LogisticRegression(max_iter=1000), named)
    corrected = named.copy()
    corrected[known] = y[known]
    note("with the labels", LogisticRegression(max_iter=1000), corrected)
    note("all labels", LogisticRegression(max_iter=1000), y)
    part = np.full(len(y), None)
    part[known] = names[y[known]]
    student = DistilledClassifier("precomputed", random_state=seed)
    student.fit(X, part, teacher_proba=pd.DataFrame(votes, columns=names))
    figures["student"] = float(student.score(X_test, names[y_test]))
    return figures


def soft_votes(y, n_classes, random):
    """Return probabilities of a voter who is right on 70 % of the texts.

    Parameters
    ----------
    y : ndarray of shape (n_texts,), int
    n_classes : int
    random : Generator

    Returns
    -------
    votes : ndarray of shape (n_texts, n_classes)
    """
    rows = np.arange(len(y))
    right = random.random(len(y)) < RIGHT
    similar = np.array(
        [
            random.choice(np.delete(rows[:n_classes], c), 2, replace=n_classes == 2)
            for c in range(n_classes)
        ]
    )
    named = np.where(right, y, similar[y, random.integers(0, 2, len(y))])
    votes = random.dirichlet(np.full(n_classes, 0.3), len(y))
    sure = np.where(right, random.beta(6, 2, len(y)), random.beta(4, 3, len(y)))
    votes *= (1.0 - sure)[:, np.newaxis]
    votes[rows, named] += sure
    return votes


def section(results):
    """Return the text of the section."""
    lines, missed = [], []
    for corpus, part in results.groupby("corpus", sort=False):
        gains = 100 * (part["student"] - part["with the labels"])
        means = 100 * part[list(WHAT)].mean()
        gain = setting.with_error(gains)
        lines.append([corpus, *(f"{means[what]:.1f}" for what in WHAT), gain])
        if gains.mean() < 2.0:
            missed.append(f"{corpus}, {gains.mean():+.1f} points")
    text = setting.paragraph(
        f"""
        {N_LABELS} texts with a label and all others with a soft vote, of which 70 %
        are right. A class has two others that the voter takes it for. Accuracy on
        other texts in %. Regression is logistic, with scikit-learn's defaults: on the
        most probable class of each vote, with the labels in place of the votes of
        their texts, and on all labels. Number of splits, none of which served to
        choose: {results["seed"].nunique()}; the standard error is that of the gain.
        """
    )
    heads = ["corpus", *WHAT, "student - regression with the labels"]
    where = "; ".join(missed) or "nowhere"
    end = f"- Gains of less than two points: {where}."
    return "\n\n".join([text, markdown_table(heads, lines), end])
