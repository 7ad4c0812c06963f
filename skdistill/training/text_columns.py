"""Scores of columns of free text: a linear model of the answers for each.

The model reads words, pairs of words and parts of words, weighed by TF-IDF. It learns
the objective of the student, keeps the terms that it uses most, and is fitted again on
these. The network gets the model's scores beside the other columns. On the rows that
the model was fitted on, its own scores would be too good, and the network would trust
them too much. So scores of given texts come from models of the other folds. All rows
with one text are in one fold, unless the text is empty or common.

A recipe compares the teacher with students of the labels alone. So until a recipe is
chosen, the model learns the labels alone. Then it learns the teacher's answers too, at
the temperature of the recipe. If the teacher is rejected, it has no part in the scores.
"""

from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union

from skdistill.common.split import deal_folds
from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.text_columns import text_places
from skdistill.student.kept_columns import KeptColumns
from skdistill.student.text.from_pipeline import pruned_text, weights_of
from skdistill.student.text.sklearn_steps import text_of
from skdistill.student.text.text_scores import TextScores, texts_in
from skdistill.tables.read import read_coded_columns
from skdistill.tasks.exact_loss import MeanLoss
from skdistill.teachers.temperature import least_on_log_scale
from skdistill.training.choose import given_transfer_set
from skdistill.training.convex import ConvexSolver
from skdistill.training.plan import TrainingPlan
from skdistill.training.pruning import most_used
from skdistill.training.short_trainings import FEWEST_ROWS

_N_FOLDS = 5
_FOLD_SEED = 0

# A text of more rows joins none of them. Groups of rows that texts join are of use up
# to this share of all rows.
_COMMON_ROWS = 20
_MOST_JOINED = 0.5

# Decays to try, from the greatest down. A worse one by this share ends the search.
_DECAYS = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6)
_WORSE = 1.01

# Decay if no fold can be held out.
_USUAL_DECAY = 1e-4

_MOST_STEPS = 60
_TOLERANCE = 1e-3


def learn_texts(
    data: Any, parameters: Any, recipe: Any = None
) -> tuple[TextScores, ...]:
    """Learn the scores of the text columns of an estimator's encoder.

    Parameters
    ----------
    data : DistillationData
        Given rows with the teacher's answers. If it holds scores that were learned
        without a recipe, and the recipe asks for the same targets, they are returned.
    parameters : estimator
        Parameters of the fit. They are only read.
    recipe : Recipe or None, default=None
        Recipe of the training. None if it is not chosen yet.

    Returns
    -------
    texts : tuple of TextScores
        Scores of each text column. They know the given texts. Empty if the encoder
        takes no column as text.

    Raises
    ------
    ValueError
        If the encoder names a column that X does not have. If a column holds anything
        but texts, or no word.
    """
    encoder, X = parameters.encoder, data.rows.X
    if not isinstance(encoder, TabularEncoder) or encoder.text is None:
        return ()
    rows, numbers = _targets(data, parameters, recipe)
    if data.texts is not None and recipe is not None:
        before, _ = _targets(data, parameters, None)
        if _are_equal(rows, before):
            return data.texts
    places = text_places(encoder.text, X)
    columns = read_coded_columns(X) if places else []
    return tuple(
        _learn(place, columns[place], rows, numbers, parameters, encoder.max_terms)
        for place in places
    )


def _targets(data, parameters, recipe):
    """Return rows to learn from, as yet without columns, and their numbers."""
    nothing = csr_array((len(data.rows.labels), 0))
    labelled = np.flatnonzero(data.rows.is_labelled)
    if recipe is None:
        given = given_transfer_set(data, parameters, nothing)
        # Fewer labels judge no teacher.
        alone = labelled.size >= FEWEST_ROWS
        rows = given.without_teacher() if alone else given
    else:
        data = recipe.labelled(data)
        given = given_transfer_set(data, parameters, nothing)
        # Students of the labels alone know fewer words than a teacher that is followed.
        rows = recipe._replace(teacher_share=1.0).prepare(given, data)
    return rows, labelled if rows.n_rows < given.n_rows else np.arange(given.n_rows)


def _are_equal(rows, others):
    """Tell whether two sets of rows have the same targets and weights."""
    return rows.n_rows == others.n_rows and all(
        np.array_equal(getattr(rows, name), getattr(others, name))
        for name in ("targets", "soft_weight", "hard_weight")
    )


def _learn(place, column, rows, numbers, parameters, max_terms):
    """Return the scores of one text column, learned from some of its rows."""
    used, distinct = texts_in(column)
    which = np.zeros(len(column.values), dtype=np.intp)
    if used.size:
        which = np.searchsorted(used, column.values)
    texts = [distinct[index] for index in which.tolist()]
    vectorizer, X = _vectorized(texts)
    which, X = which[numbers], X[numbers]
    texts = [texts[number] for number in numbers.tolist()]
    rows = rows._replace(X=X)
    model = _LinearText(rows, parameters, max_terms, _unit_blocks(vectorizer))
    is_common = _are_common(which, distinct)
    folds = deal_folds(
        rows.task.strata(rows.labels),
        _N_FOLDS,
        _FOLD_SEED,
        _groups(which, is_common, rows.groups),
    )
    decay = model.best_decay(folds)
    known = {}
    for fold in range(_N_FOLDS):
        held_out = np.flatnonzero(folds == fold)
        if not held_out.size or held_out.size == len(texts):
            continue
        scores = model.fit(np.flatnonzero(folds != fold), decay).scores(X[held_out])
        # The model's own score of a common text is not too good.
        known |= {
            texts[row]: score
            for row, score in zip(held_out.tolist(), scores, strict=True)
            if not is_common[row]
        }
    fitted = model.fit(np.arange(len(texts)), decay)
    text, sources = pruned_text(text_of([vectorizer]), fitted.kept)
    weights = weights_of(sources, fitted.weights)
    return TextScores(place, text, weights, fitted.biases, known)


def _vectorized(texts):
    """Return fitted vectorizers, and the rows that they make of texts."""
    try:
        return _vectorized_from(texts, 2)
    except ValueError:  # No word is in two texts.
        return _vectorized_from(texts, 1)


def _vectorized_from(texts, least):
    """Return the same for terms that are in so many texts at least."""
    vectorizer = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), min_df=least, sublinear_tf=True
        ),
    )
    return vectorizer, vectorizer.fit_transform(texts).tocsr()


def _unit_blocks(vectorizer):
    """Return the columns of each vectorizer, in which rows have unit length."""
    ends = [len(one.vocabulary_) for _, one in vectorizer.transformer_list]
    ends = np.cumsum([0, *ends])
    return np.column_stack([ends[:-1], ends[1:]])


def _are_common(which, distinct):
    """Tell which rows have a text that shares nothing with other rows.

    An empty text tells a model nothing. A text of many rows tells little of each.
    """
    is_empty = np.array([not text for text in distinct])
    counts = np.bincount(which, minlength=len(distinct))
    return (is_empty | (counts > _COMMON_ROWS))[which]


def _groups(which, is_common, groups):
    """Return the rows that are held out together: those of a text, and of a group.

    If texts join most rows by their groups, rows of a text alone are held out together.
    """
    n_rows = len(which)
    numbers = which.max() + 1 + np.arange(n_rows)
    which = np.unique(np.where(is_common, numbers, which), return_inverse=True)[1]
    if groups is None:
        return which
    ends = which, which.max() + 1 + groups
    size = int(ends[1].max()) + 1
    edges = coo_array((np.ones(n_rows), ends), shape=(size, size))
    joined = connected_components(edges, directed=False)[1][which]
    return which if np.bincount(joined).max() > _MOST_JOINED * n_rows else joined


class _LinearText:
    """A linear model of some terms, which is fitted on some of the given rows."""

    def __init__(self, rows, parameters, max_terms, unit_blocks):
        self._rows, self._max_terms, self._blocks = rows, max_terms, unit_blocks
        self._plan = TrainingPlan.make(parameters, rows.n_rows, 0.0, 0.0)
        self._n_units = rows.task.output.n_units

    def best_decay(self, folds):
        """Return the decay that predicts a fold best, up to the size of its scores."""
        fitted = np.flatnonzero(folds != 0)
        held_out = np.flatnonzero(folds == 0)
        if not held_out.size or not fitted.size:
            return _USUAL_DECAY
        loss_of = self._loss(held_out)
        best = np.inf
        found = start = None
        for decay in _DECAYS:
            model = self.fit(fitted, decay, start)
            start = model.whole
            scores = model.scores(self._rows.X[held_out]).astype(np.float64)
            _, loss = least_on_log_scale(
                lambda power, scores=scores: loss_of(np.exp(power) * scores)[0],
                *(-3.0, 3.0, 0.01),
            )
            if loss > _WORSE * best:
                break
            if loss < best:
                best, found = loss, decay
        return _USUAL_DECAY if found is None else found

    def fit(self, numbers, decay, start=None):
        """Return a model of the terms that a model of all terms uses most."""
        X, loss = self._rows.X[numbers], self._loss(numbers)
        if start is None:
            start = np.zeros((X.shape[1], self._n_units)), np.zeros(self._n_units)
        whole = _minimum(X, loss, decay, *start)
        kept = most_used(whole[0], X, self._max_terms, self._blocks, of_output=True)
        weights, biases = _minimum(
            kept.select(X), loss, decay, whole[0][kept.places], whole[1]
        )
        return _FittedText(kept, weights, biases, whole)

    def _loss(self, numbers):
        return MeanLoss(self._rows, numbers, self._plan.loss, self._plan.temperature)


class _FittedText:
    """Weights of the kept terms, and those of all terms before they were pruned."""

    def __init__(self, kept, weights, biases, whole):
        self.kept: KeptColumns = kept
        self.weights, self.biases, self.whole = weights, biases, whole

    def scores(self, X):
        """Return the scores of rows of all terms."""
        scores = self.kept.select(X) @ self.weights + self.biases
        return scores.astype(np.float32)


def _minimum(X, loss, decay, weights, biases):
    """Return weights and biases at the minimum of a loss."""
    solver = ConvexSolver(X, loss, decay, weights, biases, _TOLERANCE)
    for _ in range(_MOST_STEPS):
        if solver.has_converged:
            break
        solver.step()
    return solver.parts
