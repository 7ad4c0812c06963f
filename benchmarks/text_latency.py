"""Time of predictions for 100,000 short texts, by a student and by scikit-learn."""

from benchmarks.environment import (
    describe,
    markdown_table,
    median_seconds,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import re
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline

from skdistill import Student
from skdistill.student.text.sklearn_steps import text_of

N_TEXTS = 100_000
FOREWORD = """\
Each text is a sentence from the documentation within NumPy, SciPy and scikit-learn, of
{words:.0f} words on average. The classes are SciPy against the others, or 20 folders of
these packages. Both models are linear, with the same columns and weights: a pipeline of
scikit-learn, and a student that reads texts with NumPy alone. `predict` gets all
{n_texts:,} texts at once. The time is the median of {rounds} turns, in which both take
their turn.
"""


def sentences():
    """Return sentences of installed packages, each with its folder."""
    texts, folders = [], []
    for package in ("sklearn", "scipy", "numpy"):
        root = Path(sklearn.__file__).parent.parent / package
        for path in sorted(root.rglob("*.py")):
            if "tests" in path.parts:
                continue
            content = path.read_text(encoding="utf-8", errors="ignore")
            for block in content.split('"""')[1::2]:
                for sentence in re.split(r"(?<=[.:])\s+|\n\n+", block):
                    text = " ".join(sentence.split())
                    if 3 <= text.count(" ") <= 40:
                        texts.append(text)
                        folders.append(
                            "/".join(path.relative_to(root.parent).parts[:2])
                        )
    return np.array(texts, dtype=object), np.array(folders)


def vectorizers(tiny):
    """Return the vectorizers by their names."""
    least = 1 if tiny else 5
    words = TfidfVectorizer(min_df=least, sublinear_tf=True)
    pairs = TfidfVectorizer(ngram_range=(1, 2), min_df=least, stop_words="english")
    parts = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=least, strip_accents="unicode"
    )
    few = TfidfVectorizer(max_features=500 if tiny else 3000)
    return {
        "words": words,
        "words and pairs of words": pairs,
        "3 to 5 characters of a word": parts,
        "words, and characters of a word": FeatureUnion([("a", words), ("b", parts)]),
        "3,000 words": few,
        "hashed words": HashingVectorizer(n_features=2**14),
    }


def race(vectorizer, texts, labels, rounds):
    """Return both times, the number of columns, and how many labels differ."""
    pipe = make_pipeline(
        vectorizer, SGDClassifier(random_state=0, max_iter=5, tol=None)
    )
    pipe.fit(texts[::10], labels[::10])
    model = pipe[-1]
    text = text_of([pipe[0]])
    student = Student(
        [model.coef_.T], [model.intercept_], "relu", model.classes_, text=text
    )
    differ = np.count_nonzero(student.predict(texts) != pipe.predict(texts))
    seconds = {"student": [], "pipeline": []}
    for _ in range(rounds):
        seconds["student"].append(median_seconds(lambda: student.predict(texts), 1))
        seconds["pipeline"].append(median_seconds(lambda: pipe.predict(texts), 1))
    times = [float(np.median(values)) for values in seconds.values()]
    return (*times, text.n_columns, differ)


def main():
    options = parse_arguments(__doc__)
    rounds, n_texts = (1, 2000) if options.tiny else (3, N_TEXTS)
    texts, folders = sentences()
    order = np.random.RandomState(0).permutation(len(texts))
    order = np.resize(order, n_texts)
    texts, folders = texts[order], folders[order]
    packages = np.array([folder.split("/")[0] for folder in folders])
    names, counts = np.unique(folders, return_counts=True)
    most = names[np.argsort(-counts, kind="stable")[:19]]
    kinds = {
        2: np.where(packages == "scipy", "scipy", "another"),
        20: np.where(np.isin(folders, most), folders, "another"),
    }
    lines = []
    for name, vectorizer in vectorizers(options.tiny).items():
        for n_classes, labels in kinds.items():
            student, pipeline, n_columns, differ = race(
                vectorizer, list(texts), labels, rounds
            )
            cells = (
                f"{student:.2f} s",
                f"{pipeline:.2f} s",
                f"{student / pipeline:.2f}",
            )
            lines.append((name, n_classes, f"{n_columns:,}", *cells, differ))
    heads = ("terms", "classes", "columns", "student", "scikit-learn", "ratio")
    foreword = FOREWORD.format(
        words=np.mean([text.count(" ") + 1 for text in texts]),
        n_texts=n_texts,
        rounds=rounds,
    )
    table = markdown_table([*heads, "labels that differ"], lines)
    text = "\n\n".join([foreword + "\n" + table, describe("scipy")])
    publish("text_latency", "Time of predictions for short texts", text, options)


if __name__ == "__main__":
    main()
