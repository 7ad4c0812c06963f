"""400 labelled texts, and all others without a label, which the teacher labels."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, sentence_encoder, setting, teachers
from skdistill import DistilledClassifier

TITLE = "400 labels and unlabelled texts"
SHARED = (corpora, setting, teachers, sentence_encoder)

N_LABELS = 400
TEACHERS = ("words and characters", "embeddings")
WHAT = ("of the teacher", "labels alone", "all words", "student")


def cases(tiny):
    """Yield corpora, teachers and seeds."""
    without = tiny or sentence_encoder.absent()
    for corpus in setting.corpora_here(tiny):
        for teacher in TEACHERS[:1] if without else TEACHERS:
            for seed in setting.splits(tiny):
                yield {"corpus": corpus, "teacher": teacher, "seed": seed}


def measure(corpus, teacher, seed):
    """Return accuracies of the teacher, its student and labels alone."""
    data = setting.split(corpus, seed)
    n_labels = min(N_LABELS, len(data.y) // 2)
    known, others = train_test_split(
        np.arange(len(data.y)),
        train_size=n_labels,
        random_state=seed,
        stratify=data.y,
    )
    labelled = [data.train[i] for i in known]
    unlabelled = [data.train[i] for i in others]
    y = data.y[known]
    figures = {}
    # The better of two penalties, by the test rows: a rival as strong as it can be.
    few, all_words = setting.words().fit(labelled), setting.words().fit(data.train)
    for what, vectorizer in (("labels alone", few), ("all words", all_words)):
        X, X_test = vectorizer.transform(labelled), vectorizer.transform(data.test)
        figures[what] = max(
            LogisticRegression(C=C, max_iter=1000).fit(X, y).score(X_test, data.y_test)
            for C in (1.0, 10.0)
        )
    if teacher == "embeddings":
        model = teachers.of_embeddings()
        encode = sentence_encoder.embed
    else:
        model = make_pipeline(setting.words_and_characters(), teachers.linear())
        encode = list
    student = DistilledClassifier(model, random_state=seed)
    student.fit(
        all_words.transform(labelled),
        y,
        X_unlabeled=all_words.transform(unlabelled),
        teacher_X=encode(labelled),
        teacher_X_unlabeled=encode(unlabelled),
    )
    answers = student.teacher_.predict(encode(data.test))
    figures["of the teacher"] = float(np.mean(answers == data.y_test))
    figures["student"] = student.score(all_words.transform(data.test), data.y_test)
    return {what: float(figure) for what, figure in figures.items()}


def section(results):
    """Return the text of the section."""
    lines, missed = [], []
    for (corpus, teacher), part in results.groupby(["corpus", "teacher"], sort=False):
        gains = 100 * (part["student"] - part["labels alone"])
        means = 100 * part[list(WHAT)].mean()
        gain = setting.with_error(gains)
        lines.append([corpus, teacher, *(f"{means[what]:.1f}" for what in WHAT), gain])
        if gains.mean() < 2.5:
            missed.append(f"{corpus} with {teacher}, {gains.mean():+.1f} points")
    text = setting.paragraph(
        f"""
        {N_LABELS} texts with a label, for teacher and student, and all others of the
        training texts without one. The student reads words and pairs of words. Labels
        alone are the better of two logistic regressions, C=1 and C=10, by the test
        texts: on words of the labelled texts, and on words of all texts. Accuracy in
        %. Number of splits, none of which served to choose:
        {results["seed"].nunique()}; the standard error is that of the gain.
        """
    )
    heads = ["corpus", "teacher reads", *WHAT, "student - labels alone"]
    where = "; ".join(missed) or "nowhere"
    end = f"- Gains of less than two and a half points: {where}."
    return "\n\n".join([text, markdown_table(heads, lines), end])
