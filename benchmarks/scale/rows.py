"""The gain by more rows, labels, steps and units, on problems of unlimited rows."""

import time
from functools import cache

import numpy as np

from benchmarks.scale import rows_tables, trees, waves
from skdistill import DistilledClassifier, TabularEncoder
from skdistill.training.plan import epoch_size

TITLE = "Rows, labels, steps and units"
SHARED = (trees, waves)

PROBLEMS = {"trees": trees, "waves": waves}

# Fixed decays to compare with the chosen one, in multiples of it.
TIMES = (0.1, 0.3, 3.0)

# Points of accuracy that the chosen decay may lose to the best fixed one.
MOST_LOSS = 0.3

USUAL, MOST = 100_000, 1_000_000
LABELLED = (1_000, 10_000, USUAL, 300_000, MOST)
COMPARED = (1_000, 10_000, USUAL, MOST)
FEW_LABELS, UNLABELLED = 1_000, (0, 10_000, USUAL, 300_000)
LABELS = (0, 100, 1_000, 10_000, USUAL)
EPOCHS = (3, 10, 30)
UNITS = ((), (32, 16), (64, 32), (128, 64), (256, 128))
USUAL_UNITS = (128, 64)
TEST_ROWS = 100_000
TINY_ROWS, TINY_TEST_ROWS = 500, 2_000


def case(
    problem, labelled, unlabelled=0, compares=False, max_iter="auto", units=USUAL_UNITS
):
    """Return the settings of a fit."""
    return {
        "problem": problem,
        "labelled": labelled,
        "unlabelled": unlabelled,
        "compares": compares,
        "max_iter": max_iter,
        "units": list(units),
    }


def cases(tiny):
    """Yield fits: numbers of rows, whether fixed decays are tried too, steps, units."""
    if tiny:
        yield case("waves", TINY_ROWS, compares=True)
        return
    for labelled in LABELLED:
        yield case("trees", labelled, compares=labelled in COMPARED)
    yield case("waves", MOST, compares=True)
    for unlabelled in UNLABELLED[1:]:
        yield case("trees", FEW_LABELS, unlabelled, compares=unlabelled == USUAL)
    for labels in LABELS[:-1]:
        if labels != FEW_LABELS:
            yield case("trees", labels, USUAL - labels)
    for labelled in (USUAL, MOST):
        for epochs in EPOCHS:
            if epochs != 10:  # They are those of the default.
                yield case("trees", labelled, max_iter=epochs)
        for units in UNITS if labelled == USUAL else UNITS[-3:]:
            if units != USUAL_UNITS:
                yield case("trees", labelled, units=units)


@cache
def drawn(problem, n_rows, seed):
    """Return rows that are drawn once in a process."""
    return PROBLEMS[problem].draw_rows(n_rows, seed)


def measure(problem, labelled, unlabelled, compares, max_iter, units):
    """Return decay, scores and seconds of a fit, and accuracies of fixed decays."""
    n_rows = labelled + unlabelled
    is_tiny = n_rows <= TINY_ROWS
    rows = drawn(problem, TINY_ROWS if is_tiny else MOST, 1)
    test = drawn(problem, TINY_TEST_ROWS if is_tiny else TEST_ROWS, 2)
    answers = PROBLEMS[problem].teacher(test.X)

    def fit(**parameters):
        model = DistilledClassifier(
            PROBLEMS[problem].teacher,
            hidden_layer_sizes=tuple(units),
            max_iter=max_iter,
            random_state=0,
            **parameters,
        )
        start = time.process_time()
        given(model, rows, labelled, n_rows)
        seconds = time.process_time() - start
        return model, seconds, scores(model.predict_proba(test.X), answers, test.y)

    model, seconds, reached = fit()
    n_epoch, batch = epoch_size(model, n_rows, model.synthetic_share_)
    figures = {
        "n_test": test.y.size,
        "decay": model.weight_decay_,
        "steps": model.n_iter_ * -(-n_epoch // batch),
        "seconds": seconds,
        "bytes": model.student_.nbytes,
        "truth": scores(test.truth, answers, test.y),
        "teacher": scores(answers, answers, test.y),
    }
    if compares:
        short_decay = model.capacity_.weight_decay
        encoder = "auto" if model.capacity_.has_knots else TabularEncoder(n_bins=0)
        decays = [*(times * model.weight_decay_ for times in TIMES), short_decay]
        figures["short_decay"] = short_decay
        figures["fixed"] = {
            f"{decay:.3g}": fit(weight_decay=decay, encoder=encoder)[2]["accuracy"]
            for decay in decays
        }
    return figures | reached


def given(model, rows, labelled, n_rows):
    """Fit a model to rows of which the first ones have labels."""
    X = rows.X[:n_rows]
    if labelled == 0:
        model.fit(X)
    elif labelled == n_rows:
        model.fit(X, rows.y[:labelled])
    else:
        model.fit(X[:labelled], rows.y[:labelled], X_unlabeled=X[labelled:])


def scores(proba, answers, y):
    """Return accuracy, log-loss and agreement with the teacher."""
    agrees = proba.argmax(axis=1) == answers.argmax(axis=1)
    return {
        "accuracy": 100 * float(np.mean(proba.argmax(axis=1) == y)),
        "log_loss": -float(np.log(proba[np.arange(y.size), y]).mean()),
        "agreement": 100 * float(np.mean(agrees)),
    }


def section(results):
    """Return the text of the section."""
    return rows_tables.section(results, USUAL, MOST, FEW_LABELS, USUAL_UNITS, MOST_LOSS)
