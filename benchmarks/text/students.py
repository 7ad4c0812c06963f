"""Students of five kinds of teachers, of words and parts of words."""

from functools import partial

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, sentence_encoder, setting, teachers
from skdistill import DistilledClassifier

TITLE = "Students of several teachers"
SHARED = (corpora, sentence_encoder, setting, teachers)

SIZES = {"default": {}, "3,000 columns": {"max_terms": 3000}}


def cases(tiny):
    """Yield corpora, teachers and splits."""
    names = [*teachers.TEACHERS]
    if tiny or sentence_encoder.absent():
        names.remove("embeddings")
    for corpus in setting.corpora_here(tiny):
        for teacher in names[:1] if tiny else names:
            for seed in setting.splits(tiny):
                yield {"corpus": corpus, "teacher": teacher, "seed": seed}


def measure(corpus, teacher, seed):
    """Return the scores of a teacher and its students, and the students' bytes."""
    data = setting.split(corpus, seed)
    vectorizer = setting.words_and_characters()
    X = vectorizer.fit_transform(data.train)
    model, figures = teachers.TEACHERS[teacher](), {}
    embeddings = teacher == "embeddings"
    reads = sentence_encoder.embed if embeddings else vectorizer.transform
    with setting.timed(figures, "teacher seconds"):
        model.fit(reads(data.train), data.y)
    wanted = setting.logits_of(model, reads(data.test))
    figures |= setting.named("teacher", setting.scores(wanted, data.y_test))
    more = {"teacher_X": reads(data.train)} if embeddings else {}
    for name, parameters in SIZES.items():
        student = DistilledClassifier(model, random_state=seed, **parameters)
        with setting.timed(figures, f"{name} seconds"):
            student.fit(X, data.y, **more)
        joined = setting.text_student(vectorizer, student)
        answers = setting.logits_of(joined, data.test)
        scores = setting.scores(answers, data.y_test, wanted)
        scores["bytes"] = setting.file_bytes(joined)
        figures |= setting.named(name, scores)
    return figures


def section(results):
    """Return the text of the section."""
    lines, missed = [], []
    for (corpus, teacher), part in results.groupby(["corpus", "teacher"], sort=False):
        means = part.mean(numeric_only=True)
        cell = partial(_cells, means)
        lines.append([corpus, teacher, *cell("teacher")])
        for name in SIZES:
            lines.append([corpus, f"{teacher}: {name}", *cell(name)])
        lost = 100 * (means["teacher accuracy"] - means["3,000 columns accuracy"])
        if lost > 1.0:
            missed.append(f"{corpus} with {teacher}, {lost:.1f} points")
    text = setting.paragraph(
        f"""
        Each teacher, then its students: with the defaults, and with 3,000 columns at
        most. All read TF-IDF columns of words, pairs of words and parts of words, but
        for the teacher of embeddings. Accuracy and agreement in %. The loss is the
        log-loss at the temperature of the test texts that makes it smallest. KB of the
        file, its vocabulary included. Seconds of CPU are those of the fit; teachers
        were given fitted. Number of splits, none of which served to choose:
        {results["seed"].nunique()}.
        """
    )
    heads = ["corpus", "model", "accuracy", "loss", "agreement", "KB", "seconds"]
    where = "; ".join(missed) or "nowhere"
    end = f"- Losses of more than a point to the teacher with 3,000 columns: {where}."
    return "\n\n".join([text, markdown_table(heads, lines), end])


def _cells(means, name):
    """Return the cells of a model, from the means of its figures."""
    accuracy = f"{100 * means[f'{name} accuracy']:.1f}"
    loss = f"{means[f'{name} calibrated']:.3f}"
    agreement = size = ""
    if f"{name} agreement" in means:
        agreement = f"{100 * means[f'{name} agreement']:.1f}"
        size = f"{means[f'{name} bytes'] / 1024:.0f}"
    return accuracy, loss, agreement, size, f"{means[f'{name} seconds']:.1f}"
