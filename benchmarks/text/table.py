"""Tables with a column of text: both together, the table without it, the text alone."""

from importlib import import_module

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, setting, teachers
from skdistill import DistilledClassifier, TabularEncoder

TITLE = "A column of text in a table"
SHARED = (corpora, setting, teachers)

MOST_ROWS, TINY_ROWS = 4000, 300
WHAT = ("without text", "text alone", "with text")


def tweets():
    """Return tweets with their time and success; the label is the candidate."""
    rows = pd.DataFrame(corpora.rows_of_tweets())
    time = pd.to_datetime(rows["Time"])
    table = pd.DataFrame(
        {
            "hour": time.dt.hour,
            "weekday": time.dt.weekday,
            "month": time.dt.month,
            "retweets": rows["Retweet count"].astype(float),
            "likes": rows["Favorite count"].astype(float),
            "text": rows["Content"],
        }
    )
    return table, rows["Author"].to_numpy(dtype=str)


def packages():
    """Return packages with their month, version and rank; the label is the word."""
    rows = pd.DataFrame(corpora.rows_of_packages()).drop_duplicates("summary")
    # A table of classes of about the same size.
    rows = rows.sample(frac=1.0, random_state=0).groupby("word").head(200)
    month = rows["month"].str.split("-", expand=True).astype(float)
    version = rows["version"].str.extract(r"(\d+)\.(\d+)").astype(float)
    table = pd.DataFrame(
        {
            "month": 12 * month[0] + month[1],
            "major": version[0],
            "minor": version[1],
            "rank": pd.to_numeric(rows.filter(like="rank").iloc[:, 0]),
            "text": rows["summary"],
        }
    )
    return table, rows["word"].to_numpy(dtype=str)


def docstrings():
    """Return docstrings with their lengths; the label is the package."""
    texts, labels = corpora.load(setting.TINY, TINY_ROWS)
    table = {"letters": [len(t) for t in texts], "words": [t.count(" ") for t in texts]}
    return pd.DataFrame(table | {"text": texts}), labels


SETS = {"tweets": "tweets", "packages": "summaries"}


def cases(tiny):
    """Yield sets and seeds."""
    here = setting.corpora_here(tiny)
    names = ["docstrings"] if tiny else [s for s, name in SETS.items() if name in here]
    for name in names:
        for seed in setting.splits(tiny):
            yield {"name": name, "seed": seed}


def measure(name, seed):
    """Return accuracies with the text, without it, and of the text alone."""
    table, labels = getattr(import_module(__name__), name)()
    if len(table) > MOST_ROWS:
        table, _, labels, _ = train_test_split(
            table, labels, train_size=MOST_ROWS, random_state=seed, stratify=labels
        )
    train, test, y, y_test = train_test_split(
        table,
        labels,
        test_size=setting.TEST_SHARE,
        random_state=seed,
        stratify=labels,
    )
    numbers = [column for column in table if column != "text"]
    of_text = make_column_transformer((setting.words_and_characters(), "text"))
    of_numbers = make_column_transformer(("passthrough", numbers))
    forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=seed)
    members = [
        ("text", make_pipeline(of_text, teachers.linear())),
        ("numbers", make_pipeline(of_numbers, forest)),
    ]
    stack = StackingClassifier(members, LogisticRegression(max_iter=300), cv=3)
    figures = {}
    student = DistilledClassifier(
        stack,
        encoder=TabularEncoder(text=["text"], max_terms=10_000),
        random_state=seed,
    )
    figures["with text"] = student.fit(train, y).score(test, y_test)
    answers = student.teacher_.predict(test)
    figures["teacher"] = np.mean(answers == y_test)
    figures["bytes"] = setting.file_bytes(student.student_)
    student = DistilledClassifier(forest, random_state=seed).fit(train[numbers], y)
    figures["without text"] = student.score(test[numbers], y_test)
    vectorizer = setting.words_and_characters()
    student = DistilledClassifier(teachers.linear(), random_state=seed)
    student.fit(vectorizer.fit_transform(train["text"]), y)
    figures["text alone"] = student.score(vectorizer.transform(test["text"]), y_test)
    return {what: float(figure) for what, figure in figures.items()}


def section(results):
    """Return the text of the section."""
    lines, missed = [], []
    for name, part in results.groupby("name", sort=False):
        means = 100 * part[["teacher", *WHAT]].mean()
        gain = means["with text"] - max(means["without text"], means["text alone"])
        cells = [f"{mean:.1f}" for mean in means]
        cells += [f"{gain:+.1f}", f"{part['bytes'].mean() / 1024:.0f}"]
        lines.append([name, *cells])
        if gain <= 0.0:
            missed.append(f"{name}, {gain:+.1f} points")
    text = setting.paragraph(
        f"""
        Tables of numbers and one column of text. The teacher is a stack of a linear
        model of the text and a forest of the numbers. The student with text has
        `TabularEncoder(text=["text"], max_terms=10_000)`; the others are students of
        one member of the stack. Accuracy in %. Number of splits, none of which served
        to choose: {results["seed"].nunique()}.
        """
    )
    heads = ["set", "teacher", *WHAT, "with text - the better", "KB"]
    where = "; ".join(missed) or "nowhere"
    end = f"- Both together no better than each alone: {where}."
    return "\n\n".join([text, markdown_table(heads, lines), end])
