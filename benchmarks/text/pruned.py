"""Students of a linear teacher with few columns: accuracy, and bytes of files."""

import gzip
import tempfile
from pathlib import Path

from benchmarks.environment import markdown_table
from benchmarks.text import corpora, setting, teachers
from skdistill import DistilledClassifier
from skdistill.export import to_js

TITLE = "Few columns"
SHARED = (corpora, setting, teachers)

SIZES = (None, 3000, 1000)


def cases(tiny):
    """Yield corpora and splits."""
    for corpus in setting.corpora_here(tiny):
        for seed in setting.splits(tiny):
            yield {
                "corpus": corpus,
                "seed": seed,
                "sizes": [None, 100] if tiny else SIZES,
            }


def measure(corpus, seed, sizes):
    """Return the scores of a linear teacher and its students, and their bytes."""
    data = setting.split(corpus, seed)
    vectorizer = setting.words_and_characters()
    X = vectorizer.fit_transform(data.train)
    X_test = vectorizer.transform(data.test)
    figures = {"classes": len(data.classes), "columns": X.shape[1]}
    for size in sizes:
        model = DistilledClassifier(
            teachers.linear(), max_terms=size, weight_dtype="int8", random_state=seed
        )
        with setting.timed(figures, f"{size} seconds"):
            model.fit(X, data.y)
        wanted = setting.logits_of(model.teacher_, X_test)
        figures |= setting.named("teacher", setting.scores(wanted, data.y_test))
        student = setting.text_student(vectorizer, model)
        answers = setting.logits_of(student, data.test)
        figures |= setting.named(
            str(size), setting.scores(answers, data.y_test, wanted)
        )
        figures[f"{size} bytes"] = setting.file_bytes(student)
        figures[f"{size} module"] = gzipped_module(student)
    return figures


def gzipped_module(student):
    """Return the size of a student's JavaScript, compressed as servers send it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.mjs"
        to_js(student, path)
        return len(gzip.compress(path.read_bytes(), 9))


def section(results):
    """Return the text of the section."""
    sizes = [c.removesuffix(" bytes") for c in results.columns if c.endswith(" bytes")]
    lines, bars = [], []
    for corpus, part in results.groupby("corpus", sort=False):
        means = part.mean(numeric_only=True)
        teacher = 100 * means["teacher accuracy"]
        loss = f"{means['teacher calibrated']:.3f}"
        columns = f"teacher, {means['columns']:,.0f} columns"
        lines.append([corpus, columns, f"{teacher:.1f}", "", loss, "", "", "", ""])
        for size in sizes:
            lost = 100 * (part[f"{size} accuracy"] - part["teacher accuracy"])
            name = "all columns" if size == "None" else f"{int(size):,} columns"
            mean = {
                what: means[f"{size} {what}"]
                for what in ("accuracy", "calibrated", "agreement", "bytes", "module")
            }
            lines.append(
                [
                    corpus,
                    name,
                    f"{100 * mean['accuracy']:.1f}",
                    setting.with_error(lost),
                    f"{mean['calibrated']:.3f}",
                    f"{100 * mean['agreement']:.1f}",
                    f"{mean['bytes'] / 1024:.1f}",
                    f"{mean['module'] / 1024:.1f}",
                    f"{means[f'{size} seconds']:.1f}",
                ]
            )
            if lost.mean() < -1.0:
                bars.append(f"{corpus} with {name}, {lost.mean():+.1f} points")
    text = setting.paragraph(
        f"""
        A linear teacher of words, pairs of words and parts of words, and its students
        with as many columns as said (`max_terms`) and weights in int8. Accuracy and
        agreement in %; points against the teacher with their standard error; the
        log-loss at the temperature of the test texts that makes it smallest. KB of the
        file with its vocabulary, and of the JavaScript module, compressed by gzip.
        Seconds of CPU contain the fit of the teacher. Number of splits, none of which
        served to choose: {results["seed"].nunique()}.
        """
    )
    heads = ["corpus", "model", "accuracy", "points", "loss", "agreement", "KB"]
    heads += ["KB of .mjs", "seconds"]
    end = f"- More than a point behind the teacher: {'; '.join(bars) or 'nowhere'}."
    return "\n\n".join([text, markdown_table(heads, lines), end])
