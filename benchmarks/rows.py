"""The gain by more rows, labels, steps and units, on a problem of unlimited rows."""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import time

import numpy as np

from benchmarks.unlimited import draw_rows, teacher
from skdistill import DistilledClassifier, TabularEncoder
from skdistill.training.plan import epoch_size

# Decays to compare with the chosen one: those from a twelfth of it to four times it.
DECAYS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
LABELLED = (1_000, 10_000, 100_000, 300_000, 1_000_000)
FEW_LABELS, UNLABELLED = 1_000, (0, 10_000, 100_000, 300_000)
LABELS = (0, 100, 1_000, 10_000, 100_000)
EPOCHS = (3, 10, 30)
UNITS = ((), (32, 16), (64, 32), (128, 64), (256, 128))
USUAL_ROWS = 100_000
TEST_ROWS = 100_000

SCORES = ["accuracy", "log-loss", "agreement", "seconds"]


class Fits:
    """Fits on the first rows of one table, and their scores on other rows."""

    def __init__(self, n_rows, n_test):
        self.rows, self.test = draw_rows(n_rows, 1), draw_rows(n_test, 2)
        self.answers = teacher(self.test.X)

    def fit(self, n_labelled, n_unlabelled=0, **parameters):
        """Return a fitted estimator, and the seconds that the fit took."""
        model = DistilledClassifier(teacher, random_state=0, **parameters)
        X, y = self.rows.X[: n_labelled + n_unlabelled], self.rows.y[:n_labelled]
        start = time.perf_counter()
        if n_labelled == 0:
            model.fit(X)
        elif n_unlabelled == 0:
            model.fit(X, y)
        else:
            model.fit(X[:n_labelled], y, X_unlabeled=X[n_labelled:])
        return model, time.perf_counter() - start

    def scores(self, proba):
        """Return accuracy, log-loss and agreement with the teacher."""
        y, answers = self.test.y, self.answers
        return [
            100 * np.mean(proba.argmax(axis=1) == y),
            -np.log(proba[np.arange(y.size), y]).mean(),
            100 * np.mean(proba.argmax(axis=1) == answers.argmax(axis=1)),
        ]

    def figures(self, *numbers, **parameters):
        """Fit, and return the estimator and its scores as text."""
        model, seconds = self.fit(*numbers, **parameters)
        accuracy, loss, agreement = self.scores(model.predict_proba(self.test.X))
        texts = [f"{accuracy:.2f}", f"{loss:.4f}", f"{agreement:.2f}", f"{seconds:.1f}"]
        return model, texts


def decay_line(fits, *numbers):
    """Return a line that compares the chosen decay with fixed ones."""
    model, figures = fits.figures(*numbers)
    capacity, chosen = model.capacity_, model.weight_decay_
    encoder = "auto" if capacity.has_knots else TabularEncoder(n_bins=0)

    def accuracy(decay):
        _, figures = fits.figures(*numbers, weight_decay=decay, encoder=encoder)
        return float(figures[0])

    by_decay = {d: accuracy(d) for d in DECAYS if chosen / 12 < d < 4 * chosen}
    best = max(by_decay, key=by_decay.get)
    unscaled = accuracy(capacity.weight_decay)
    chosen_accuracy = float(figures[0])
    return [
        *(f"{n:,}" for n in numbers),
        f"{chosen:.3g}",
        *figures,
        f"{best:g}",
        f"{by_decay[best]:.2f}",
        f"{chosen_accuracy - by_decay[best]:+.2f}",
        f"{capacity.weight_decay:.3g}",
        f"{unscaled:.2f}",
        f"{chosen_accuracy - unscaled:+.2f}",
    ]


def decay_table(fits, numbers, heads):
    """Return the table of the chosen decay beside fixed ones."""
    heads = [
        *heads,
        "chosen decay",
        *SCORES,
        "best fixed decay",
        "its accuracy",
        "gain over it",
        "decay of the short trainings",
        "its accuracy",
        "gain over it",
    ]
    return markdown_table(heads, [decay_line(fits, *pair) for pair in numbers])


def labels_table(fits, n_rows):
    """Return the table of labels among a fixed number of rows."""
    lines = []
    for n_labelled in LABELS:
        if n_labelled <= n_rows:
            model, figures = fits.figures(n_labelled, n_rows - n_labelled)
            lines.append([f"{n_labelled:,}", f"{model.weight_decay_:.3g}", *figures])
    return markdown_table(["labels", "chosen decay", *SCORES], lines)


def steps_table(fits, n_rows):
    """Return the table of steps."""
    lines = []
    for epochs in EPOCHS:
        model, figures = fits.figures(n_rows, max_iter=epochs)
        n_epoch, batch = epoch_size(model, n_rows, model.synthetic_share_)
        steps = epochs * -(-n_epoch // batch)
        lines.append(
            [f"{epochs}", f"{steps:,}", f"{model.weight_decay_:.3g}", *figures]
        )
    return markdown_table(["max_iter", "steps", "chosen decay", *SCORES], lines)


def units_table(fits, n_rows):
    """Return the table of units."""
    lines = []
    for units in UNITS:
        model, figures = fits.figures(n_rows, hidden_layer_sizes=units)
        size = f"{model.student_.nbytes / 1024:.0f}"
        lines.append([units, f"{model.weight_decay_:.3g}", *figures, size])
    return markdown_table(["units", "chosen decay", *SCORES, "KiB"], lines)


def main():
    options = parse_arguments(__doc__)
    most, n_test, usual = max(LABELLED), TEST_ROWS, USUAL_ROWS
    if options.tiny:
        most, n_test, usual = 1_000, 2_000, 1_000
    fits = Fits(most + FEW_LABELS, n_test)
    truth, known = (fits.scores(proba) for proba in (fits.test.truth, fits.answers))
    labelled = [(n,) for n in LABELLED if n <= most]
    unlabelled = [(FEW_LABELS, n) for n in UNLABELLED if n <= most]
    parts = [
        "The rows have 14 numbers and 3 categories of 5, 30 and 300 levels, and one of "
        "3 classes. The\nlabels are drawn from known probabilities. The most probable "
        f"class is right for {truth[0]:.2f} % of\nthe rows, at a log-loss of "
        f"{truth[1]:.4f}. The teacher knows these probabilities with errors: it is\n"
        f"right for {known[0]:.2f} %, at a log-loss of {known[1]:.4f}. Accuracy and "
        f"agreement with the teacher are\nin percent of {n_test:,} other rows, and "
        "gains are in points of accuracy. Seconds are those of the\nwhole fit. Each "
        "line is one fit with one seed.",
        "## Labelled rows",
        "The chosen decay is that of the short trainings, times their rows, over the "
        "rows of an epoch. The\nbest fixed decay is the best on the test rows, of "
        "0.001, 0.003, 0.01, ... 30: all from a twelfth of\nthe chosen one to four "
        "times it. The last columns have the decay of the short trainings as it is.",
        decay_table(fits, labelled, ["labelled rows"]),
        f"## Rows without labels, beside {FEW_LABELS:,} labelled ones",
        decay_table(fits, unlabelled, ["labelled rows", "rows without labels"]),
        f"## Labels among {usual:,} rows",
        labels_table(fits, usual),
        f"## Steps, with {usual:,} labelled rows",
        steps_table(fits, usual),
        f"## Units, with {usual:,} labelled rows",
        units_table(fits, usual),
        describe("pandas"),
    ]
    publish("rows", "Rows, labels, steps and units", "\n\n".join(parts), options)


if __name__ == "__main__":
    main()
