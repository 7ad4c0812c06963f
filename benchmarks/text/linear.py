"""Students of linear teachers with all their columns: agreement and seconds."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, setting, teachers
from skdistill import DistilledClassifier

TITLE = "All columns of a linear teacher"
SHARED = (corpora, setting, teachers)

N_TEXTS, N_TEST = 4200, 1800
N_COLUMNS = {"word": 20_000, "char_wb": 40_000}
CORPORA = {"docstrings": 1200, "summaries": 300, "tweets": None}
TEACHERS = {"SVM": teachers.linear, "regression": teachers.regression}


def cases(tiny):
    """Yield corpora, teachers and seeds."""
    here = setting.corpora_here(tiny)
    for corpus in here if tiny else [name for name in CORPORA if name in here]:
        for teacher in TEACHERS:
            for seed in setting.splits(tiny):
                yield {"corpus": corpus, "teacher": teacher, "seed": seed}


def measure(corpus, teacher, seed):
    """Return agreement on other texts and seconds of CPU."""
    limit = 400 if corpus == setting.TINY else N_TEXTS + N_TEST
    texts, y = corpora.load(corpus, limit, CORPORA.get(corpus), seed=seed)
    n_train = int(len(texts) * N_TEXTS / (N_TEXTS + N_TEST))
    ngrams = {"word": (1, 2), "char_wb": (3, 6)}
    vectorizer = make_union(
        *(
            TfidfVectorizer(
                analyzer=kind,
                ngram_range=ngrams[kind],
                max_features=N_COLUMNS[kind],
                sublinear_tf=True,
            )
            for kind in ngrams
        )
    )
    X = vectorizer.fit_transform(texts[:n_train])
    X_test = vectorizer.transform(texts[n_train:])
    model, figures = TEACHERS[teacher](), {"columns": X.shape[1], "texts": n_train}
    with setting.timed(figures, "seconds of the teacher"):
        model.fit(X, y[:n_train])
    student = DistilledClassifier(model, max_terms=None, random_state=seed)
    with setting.timed(figures, "seconds"):
        student.fit(X, y[:n_train])
    same = student.predict(X_test) == model.predict(X_test)
    return figures | {"agreement": float(np.mean(same)), "classes": len(set(y))}


def section(results):
    """Return the text of the section."""
    lines = []
    for (corpus, teacher), part in results.groupby(["corpus", "teacher"], sort=False):
        means = part.mean(numeric_only=True)
        size = f"{means['texts']:,.0f}, {means['columns']:,.0f}"
        cells = [corpus, f"{means['classes']:.0f}", size, teacher]
        cells += [f"{100 * means['agreement']:.2f}"]
        cells += [
            f"{means[name]:.1f}" for name in ("seconds of the teacher", "seconds")
        ]
        lines.append(cells)
    text = setting.paragraph(
        f"""
        Linear teachers that are given fitted, and students with all their columns
        (`max_terms=None`). Agreement on other texts in %. Seconds of CPU of the fit of
        the teacher, and of that of the student. Number of samples:
        {results["seed"].nunique()}.
        """
    )
    heads = ["corpus", "classes", "texts, columns", "teacher", "agreement"]
    heads += ["seconds of the teacher", "of the student"]
    end = (
        f"- Least agreement {100 * results['agreement'].min():.2f} %, and most seconds "
        f"{results['seconds'].max():.1f}."
    )
    return "\n\n".join([text, markdown_table(heads, lines), end])
