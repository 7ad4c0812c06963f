"""Votes of annotators as a teacher."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skdistill.common.checks import all_or_nothing
from skdistill.common.labels import known_columns
from skdistill.common.sklearn_compat import (
    HasMethods,
    fit_context,
    num_samples,
    safe_indexing,
)
from skdistill.common.split import deal_folds
from skdistill.common.text import counted
from skdistill.common.warn import warn
from skdistill.teachers.dawid_skene import PlainVotes, tempered, vote_shares
from skdistill.teachers.read_votes import Votes, read_votes
from skdistill.teachers.scikit_learn import fit_teacher
from skdistill.teachers.soft_votes import SoftVotes
from skdistill.teachers.table_classifier import TableClassifier, check_table
from skdistill.teachers.table_forest import table_forest

# Number of times that a model is fitted on the consensus, and improves it.
_ROUNDS = 2
_N_FOLDS = 3
# Share of a model's probability that is spread evenly over all classes.
_SMOOTHING = 1e-3


class VotesTeacher(TableClassifier):
    """Teacher that learns from the votes of annotators, of whom all may be wrong.

    It finds the consensus of the votes, and how reliable each annotator is, and fits a
    model on the consensus.

    The probability of class c for row i is

    ``p(c | i) ~ prior(c | i) * product over annotators a of confusion[a, c, vote]``

    Expectation-maximisation finds p and the confusions in turn [1]_. The confusions of
    an annotator are drawn to those of all annotators together, so a few votes of each
    are enough. First the prior are the shares of the classes. Then it comes from
    a model of the features that is fitted on the consensus of other rows [2]_. The
    votes choose the temperature of the prior.

    A soft vote counts by its own probabilities, in place of a confusion. Three numbers
    of each annotator say how far to trust them: one who is too sure counts less.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier with `predict_proba`. Clones of it are fitted. None stands for a
        forest of 100 trees that takes raw tables: text, categories, missing values.
    missing : label, default=None
        Label in the votes that stands for no vote, such as -1 or "". None and NaN
        always stand for no vote.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns of soft votes, in the order of the columns. None stands
        for 0, 1, .... For votes that are labels these are all labels, and None stands
        for those that appear.
    random_state : int, RandomState instance or None, default=None
        Source of the folds, and of the seeds of the estimators that have none.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    proba_ : ndarray of shape (n_samples, n_classes)
        Consensus: probability of each class of each row given to `fit`. For a row
        without a vote it is the prior, which the model gives.
    voted_ : ndarray of shape (n_samples,), bool
        Whether anybody voted on each row given to `fit`.
    confusions_ : ndarray of shape (n_annotators, n_classes, n_classes)
        Probability that an annotator votes for a class (last axis), given the true
        class (middle axis). The class of a soft vote is its most probable one.
    estimator_ : estimator
        Model that is fitted on the rows that have votes, and on the most probable
        class of each. If that is the same class for all, and the estimator
        refuses a single class, a `DummyClassifier`.
    temperature_ : float
        Temperature of the probabilities of the model, which the votes chose. Below 1
        the model was not sure enough of itself.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X has names that are all text.

    See Also
    --------
    DistilledClassifier : Student of this teacher: ``fit(X, teacher_y=votes)``.

    References
    ----------
    .. [1] Dawid and Skene, "Maximum likelihood estimation of observer error-rates using
       the EM algorithm", Applied Statistics 28, 1979.
    .. [2] Raykar et al., "Learning from crowds", JMLR 11, 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.teachers.votes import VotesTeacher
    >>> X = np.array([[0.0], [0.1], [0.2], [0.8], [0.9], [1.0]])
    >>> votes = [
    ...     ["no", "no", None],
    ...     ["no", None, "yes"],
    ...     ["no", "no", "yes"],
    ...     ["yes", "yes", None],
    ...     [None, "yes", "yes"],
    ...     ["yes", "yes", "yes"],
    ... ]
    >>> teacher = VotesTeacher(random_state=0).fit(X, votes)
    >>> teacher.classes_[teacher.proba_.argmax(axis=1)].tolist()
    ['no', 'no', 'no', 'yes', 'yes', 'yes']
    >>> teacher.confusions_.shape
    (3, 2, 2)
    """

    classes_: NDArray
    proba_: NDArray[np.float64]
    voted_: NDArray[np.bool_]
    confusions_: NDArray[np.float64]
    estimator_: Any
    temperature_: float
    n_features_in_: int
    feature_names_in_: NDArray

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "missing": "no_validation",
        "classes": ["array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        missing: Any = None,
        classes: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.missing = missing
        self.classes = classes
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, votes: Any) -> Self:
        """Find the consensus of votes, and fit a model on it.

        If `fit` raises an error, the teacher stays as it was.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like, or sparse matrix or array, \
of shape (n_samples, n_features)
            Rows, as the estimator takes them.
        votes : array-like or DataFrame of shape (n_samples, n_annotators), or \
array-like of shape (n_samples, n_annotators, n_classes)
            Labels that annotators gave: text, whole numbers or truth values. None, NaN
            and the label `missing` stand for no vote. Or soft votes: the probability
            of each class, and NaN for all classes if there is no vote; in lists,
            None. An array of shape (n_samples,) holds the votes of one annotator.

        Returns
        -------
        self : VotesTeacher
            Fitted teacher.

        Raises
        ------
        ValueError
            If all votes are missing, if they have another length than X, if a soft
            vote does not sum to 1, or if the votes name one class alone.
        """
        with all_or_nothing(self) as draft:
            rows = check_table(draft, X)
            found = read_votes(votes, self.missing, self.classes)
            n_samples, n_votes = num_samples(rows), found.shares.shape[0]
            if n_samples != n_votes:
                raise ValueError(
                    f"votes has {counted(n_votes, 'row')}, and X has {n_samples}: give "
                    "the votes on each row of X"
                )
            random_state = check_random_state(self.random_state)
            n_classes = len(found.classes)
            kind = PlainVotes if found.are_plain else SoftVotes
            model = kind(found.shares, n_classes)
            consensus = model.consensus()
            for _ in range(_ROUNDS):
                chosen = consensus.proba.argmax(axis=1)
                prior = _prior_out_of_fold(draft, rows, found, chosen, random_state)
                draft.temperature_ = model.prior_temperature(prior, consensus)
                prior = tempered(prior, draft.temperature_)
                consensus = model.consensus(prior, consensus.proba)
            draft.classes_ = found.classes
            draft.proba_, draft.confusions_ = consensus
            draft.voted_ = found.voted
            _warn_if_one_class(found, draft.proba_)
            labels = found.classes[draft.proba_.argmax(axis=1)]
            voted = np.flatnonzero(draft.voted_)
            draft.estimator_ = _fit_model(draft, rows, labels, voted, random_state)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probabilities of the classes, from the model of the features.

        They are the model's at `temperature_`.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows. For the rows given to `fit`, `proba_` knows their votes too.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        rows = check_table(self, X, reset=False)
        proba = _smoothed(_answers(self.estimator_, rows, self.classes_))
        return tempered(proba, self.temperature_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = None
        if hasattr(self.estimator, "__sklearn_tags__"):
            inner = self.estimator.__sklearn_tags__().input_tags
        tags.input_tags.sparse = inner is None or inner.sparse
        tags.input_tags.allow_nan = inner is None or inner.allow_nan
        tags.input_tags.string = inner is None or inner.string
        tags.input_tags.categorical = inner is None or inner.categorical
        return tags


def _warn_if_one_class(votes, proba):
    """Warn if the consensus is one class, and the votes of the rows are not."""
    n_classes = len(votes.classes)
    if votes.shares.shape[1] == n_classes:
        return  # One annotator agrees with nobody.
    voted = votes.voted
    decided = np.unique(proba[voted].argmax(axis=1))
    by_votes = vote_shares(votes.shares, n_classes)[voted].argmax(axis=1)
    if len(decided) == 1 and len(np.unique(by_votes)) > 1:
        name = votes.classes.tolist()[decided[0]]
        warn(
            f"the consensus of all rows is {name!r}, though most annotators vote for "
            "another class in some rows: the votes hardly agree. "
            "Look at confusions_, and leave out annotators who vote blindly"
        )


def _fit_model(teacher, rows, labels, kept, random_state):
    """Return a clone of the estimator, fitted on some rows."""
    estimator = table_forest() if teacher.estimator is None else teacher.estimator
    try:
        return fit_teacher(estimator, rows, labels, {}, random_state, rows=kept)
    except ValueError:
        if len(np.unique(labels[kept])) > 1:
            raise
    # Many models refuse a single class.
    return fit_teacher(DummyClassifier(), rows, labels, {}, random_state, rows=kept)


def _answers(model, rows, classes):
    """Return the probabilities of a model, with a column for each class."""
    given = model.predict_proba(rows)
    proba = np.zeros((len(given), len(classes)))
    proba[:, known_columns(model.classes_, classes, "the estimator")] = given
    return proba


def _prior_out_of_fold(teacher, rows, votes: Votes, chosen, random_state):
    """Return probabilities of each row, from models that have not seen its votes.

    Rows without a vote get the mean of all models.
    """
    classes, voted = votes.classes, np.flatnonzero(votes.voted)
    blank = np.flatnonzero(~votes.voted)
    shares = np.bincount(chosen[voted], minlength=len(classes)) / len(voted)
    prior = np.tile(shares, (len(chosen), 1))
    of_blank = []
    folds = deal_folds(chosen[voted], _N_FOLDS, random_state)
    for fold in range(_N_FOLDS):
        held_out, kept = voted[folds == fold], voted[folds != fold]
        if not len(held_out) or len(np.unique(chosen[kept])) < 2:
            continue
        model = _fit_model(teacher, rows, classes[chosen], kept, random_state)
        prior[held_out] = _answers(model, safe_indexing(rows, held_out), classes)
        if len(blank):
            of_blank.append(_answers(model, safe_indexing(rows, blank), classes))
    if of_blank:
        prior[blank] = np.mean(of_blank, axis=0)
    return _smoothed(prior)


def _smoothed(proba):
    """Return probabilities of which none is 0."""
    return (1.0 - _SMOOTHING) * proba + _SMOOTHING / proba.shape[1]
