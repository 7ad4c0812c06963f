"""Rows of a corpus, columns, scores and sizes of files, which the parts share."""

import os
import tempfile
import textwrap
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline, make_union

from benchmarks.text import corpora
from skdistill import Student

# Number of texts, and the greatest of a class.
SIZES = {
    "summaries": (4000, 200),
    "tweets": (6444, None),
    "movies": (6000, None),
    "languages": (3500, 250),
    "docstrings": (4000, 800),
}
TINY = "core docstrings"
TEST_SHARE = 0.3
# Splits below this one served to choose.
FIRST_SPLIT = 5
# Environment variable of the number of splits.
N_SPLITS = "SKDISTILL_TEXT_SPLITS"


class Texts(NamedTuple):
    """Texts of a corpus, for training and for the test, with numbered classes."""

    train: list
    test: list
    y: np.ndarray
    y_test: np.ndarray
    classes: np.ndarray


def corpora_here(tiny):
    """Return the names of the corpora to measure."""
    return [TINY] if tiny else corpora.available(SIZES)[0]


def splits(only_one):
    """Return the seeds of the splits to measure.

    Parameters
    ----------
    only_one : bool

    Returns
    -------
    seeds : list of int
    """
    n_splits = 1 if only_one else int(os.environ.get(N_SPLITS, "2"))
    return [*range(FIRST_SPLIT, FIRST_SPLIT + n_splits)]


def split(corpus, seed):
    """Return texts for training and for the test.

    Parameters
    ----------
    corpus : str
        Name in `SIZES`, or `TINY`.
    seed : int
        Seed of the split.

    Returns
    -------
    texts : Texts
    """
    texts, labels = corpora.load(corpus, *SIZES.get(corpus, (300, 100)))
    classes, y = np.unique(labels, return_inverse=True)
    parts = train_test_split(
        texts, y, test_size=TEST_SHARE, random_state=seed, stratify=y
    )
    return Texts(*parts, classes)


def words():
    """Make a vectorizer of words and pairs of words."""
    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)


def words_and_characters():
    """Make vectorizers of words and of parts of words, side by side."""
    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True
    )
    return make_union(words(), characters)


def logits_of(model, rows):
    """Return logits of a classifier, a column for each class.

    Parameters
    ----------
    model : estimator
        With `decision_function` or `predict_log_proba`.
    rows : array-like
        Rows of the model.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    """
    if hasattr(model, "decision_function"):
        logits = np.asarray(model.decision_function(rows), dtype=np.float64)
    else:
        with np.errstate(divide="ignore"):
            logits = np.log(np.clip(model.predict_proba(rows), 1e-4, None))
    if logits.ndim == 1:
        logits = np.column_stack([np.zeros_like(logits), logits])
    return logits


def log_loss(logits, y):
    """Return the mean log-loss of logits.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    y : ndarray of shape (n_rows,), int

    Returns
    -------
    loss : float
    """
    return float(-log_softmax(logits, axis=1)[np.arange(len(y)), y].mean())


def calibrated_loss(logits, y):
    """Return the log-loss of logits at the temperature that makes it smallest.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    y : ndarray of shape (n_rows,), int

    Returns
    -------
    loss : float
    """
    found = minimize_scalar(
        lambda power: log_loss(logits * np.exp(power), y),
        bounds=(-5, 5),
        method="bounded",
        options={"xatol": 1e-4},
    )
    return float(found.fun)


def scores(logits, y, teacher=None):
    """Return accuracy and losses of logits, and their agreement with a teacher's.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    y : ndarray of shape (n_rows,), int
    teacher : ndarray of shape (n_rows, n_classes), default=None
        Logits of the teacher.

    Returns
    -------
    figures : dict of str to float
    """
    labels = logits.argmax(axis=1)
    figures = {
        "accuracy": float(np.mean(labels == y)),
        "loss": log_loss(logits, y),
        "calibrated": calibrated_loss(logits, y),
    }
    if teacher is not None:
        figures["agreement"] = float(np.mean(labels == teacher.argmax(axis=1)))
    return figures


def named(prefix, figures):
    """Return figures with a name before theirs."""
    return {f"{prefix} {name}": figure for name, figure in figures.items()}


@contextmanager
def timed(figures, name):
    """Note the seconds of CPU of a block, without warnings of convergence."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
    figures[name] = time.process_time() - start


def paragraph(text):
    """Return a text in lines of equal length."""
    return textwrap.fill(" ".join(text.split()), 80, break_on_hyphens=False)


def with_error(points):
    """Return the mean of differences with its standard error, as a cell of a table."""
    error = f"{points.sem():.1f}" if len(points) > 1 else "?"
    return f"{points.mean():+.1f} ± {error}"


def text_student(vectorizer, model):
    """Join a fitted vectorizer and a fitted estimator to a student that takes texts."""
    return Student.from_pipeline(make_pipeline(vectorizer, model))


def file_bytes(student):
    """Return the size of a student's file, its vocabulary included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.npz"
        student.save(path)
        return path.stat().st_size
