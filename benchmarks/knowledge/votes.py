"""Votes of simulated annotators: their consensus, and students of it.

Twelve annotators, of whom two vote blindly, give three votes a row. The others are
right on 55 to 90 % of their rows, and mistake a class for one that is near it, each by
a taste of his own. CROWDLAB needs cleanlab, and is left out without it.
"""

from importlib.util import find_spec

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_predict, train_test_split

from benchmarks.development_sets import load
from skdistill import DistilledClassifier
from skdistill.teachers import VotesTeacher

TITLE = "Votes of annotators"

SETS = ("satimage", "letter", "magic")
N_ANNOTATORS = 12
N_VOTES = 3
N_ROWS = 6000
# The method was chosen on the rows and votes of seed 0.
SEEDS = (1, 2, 3, 4, 5)


def cases(tiny):
    if tiny:
        yield {"name": "digits", "seed": 0, "n_rows": 600}
        return
    for name in SETS:
        for seed in SEEDS:
            yield {"name": name, "seed": seed, "n_rows": N_ROWS}


def measure(name, seed, n_rows):
    random_state = np.random.RandomState(seed)
    X, y = load(name)
    classes, y = np.unique(y, return_inverse=True)
    rows = random_state.permutation(len(y))[:n_rows]
    X, X_test, y, y_test = train_test_split(
        X.to_numpy(dtype=np.float64)[rows],
        y[rows],
        test_size=1 / 3,
        random_state=seed,
        stratify=y[rows],
    )
    votes = simulated_votes(X, y, len(classes), random_state)
    majority = majority_of(votes, len(classes))
    by_votes = DistilledClassifier(VotesTeacher(missing=-1), random_state=seed)
    by_votes.fit(X, teacher_y=votes)
    teacher = by_votes.teacher_
    consensus = teacher.classes_[teacher.proba_.argmax(axis=1)]
    figures = {
        "majority": np.mean(majority == y),
        "CROWDLAB": (
            np.mean(crowdlab(X, votes, majority, seed) == y)
            if find_spec("cleanlab")
            else np.nan
        ),
        "consensus": np.mean(consensus == y),
        "student of votes": by_votes.score(X_test, y_test),
    }
    for what, labels in (("majority", majority), ("truth", y)):
        model = DistilledClassifier(forest(seed), random_state=seed).fit(X, labels)
        figures[f"student of {what}"] = model.score(X_test, y_test)
    return {what: float(figure) for what, figure in figures.items()}


def simulated_votes(X, y, n_classes, random_state):
    """Return votes as codes, -1 where an annotator did not vote."""
    scaled = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-9)
    centres = np.stack([scaled[y == c].mean(axis=0) for c in range(n_classes)])
    distances = ((centres[:, np.newaxis] - centres) ** 2).sum(axis=-1)
    np.fill_diagonal(distances, np.inf)
    near = np.exp(-3 * distances / np.median(distances[np.isfinite(distances)]))
    near /= near.sum(axis=1, keepdims=True)
    right = random_state.uniform(0.55, 0.9, N_ANNOTATORS)
    votes = np.full((len(y), N_ANNOTATORS), -1)
    voters = random_state.random((len(y), N_ANNOTATORS)).argsort(axis=1)[:, :N_VOTES]
    for row, label in enumerate(y):
        for annotator in voters[row]:
            if annotator < 2:
                blind = random_state.randint(n_classes) if annotator == 0 else 0
                votes[row, annotator] = blind
            elif random_state.random() < right[annotator]:
                votes[row, annotator] = label
            else:
                taste = near[label] ** (0.5 + 0.75 * (annotator % 3))
                votes[row, annotator] = random_state.choice(
                    n_classes, p=taste / taste.sum()
                )
    return votes


def majority_of(votes, n_classes):
    """Return the class with the most votes of each row, the first one at a tie."""
    counts = [(votes == c).sum(axis=1) for c in range(n_classes)]
    return np.argmax(counts, axis=0)


def forest(seed):
    return RandomForestClassifier(100, min_samples_leaf=2, random_state=seed)


def crowdlab(X, votes, majority, seed):
    """Return CROWDLAB's consensus, with a forest of the majority's labels."""
    from cleanlab.multiannotator import get_label_quality_multiannotator

    known, codes = np.unique(majority, return_inverse=True)
    answers = cross_val_predict(
        forest(seed), X, codes, cv=3, method="predict_proba", n_jobs=1
    )
    proba = np.full((len(X), votes.max() + 1), 1e-6)
    proba[:, known] += answers
    proba /= proba.sum(axis=1, keepdims=True)
    frame = pd.DataFrame(np.where(votes < 0, np.nan, votes))
    found = get_label_quality_multiannotator(
        frame,
        proba,
        verbose=False,
        return_detailed_quality=False,
        return_annotator_stats=False,
    )
    return found["label_quality"]["consensus_label"].to_numpy()


def section(results):
    """Return the text of the section."""
    what = ["majority", "CROWDLAB", "consensus"]
    what += ["student of majority", "student of votes", "student of truth"]
    table = 100 * results.groupby("name", sort=False)[what].mean()
    lines = [
        "Twelve simulated annotators, of whom two vote blindly, give three votes on",
        f"each of {results['n_rows'].max() * 2 // 3:,} rows. Accuracy in %: of the "
        "consensus on these rows, and of",
        f"students on other rows. Mean of {results['seed'].nunique()} seeds. CROWDLAB",
        "is that of cleanlab, with a forest of the majority's labels out of fold.",
        "",
        "| set | " + " | ".join(what) + " |",
        "| --- |" + " --- |" * len(what),
    ]
    for name, row in table.iterrows():
        lines.append(f"| {name} | " + " | ".join(f"{row[w]:.1f}" for w in what) + " |")
    gain = 100 * (results["consensus"] - results["majority"])
    behind = 100 * (results["consensus"] - results["CROWDLAB"])
    lost = 100 * (results["student of truth"] - results["student of votes"])
    lines += [
        "",
        f"- Consensus above the majority: {gain.mean():+.1f} points on average, "
        f"{gain.min():+.1f} at worst.",
        f"- Consensus above CROWDLAB: {behind.mean():+.1f} points on average, "
        f"{behind.min():+.1f} at worst.",
        "- Losses: a student of the votes is "
        f"{lost.mean():.1f} points behind one of the truth on average, "
        f"{lost.max():.1f} at worst.",
    ]
    return "\n".join(lines)
