"""Written rules as a teacher."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.special import softmax
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted

from skdistill.common.checks import all_or_nothing
from skdistill.common.labels import holds_text, known_columns
from skdistill.common.sklearn_compat import fit_context
from skdistill.common.warn import warn
from skdistill.tables.cells import is_missing, object_array, without_mask
from skdistill.tables.in_memory import in_memory
from skdistill.teachers.apply_rules import (
    check_pairs,
    fires_of_rules,
    labels_of_rules,
)
from skdistill.teachers.read_votes import present_labels
from skdistill.teachers.table_classifier import TableClassifier, check_table

# Accuracy of a rule of which nothing is known, and number of labelled rows that this
# guess is worth when accuracies are counted. With a guess of less worth, chance favours
# rules for which there are no labels yet.
_GUESS = 0.75
_WORTH = 40.0
# Power of the prior for a row in which a rule holds. It is not the whole prior, since
# the silence of the other rules tells something too.
_POWER = 0.5
# No rule is always right.
_GREATEST_ACCURACY = 0.98


class RulesTeacher(TableClassifier):
    """Teacher that knows written rules: if a condition holds, a row has a label.

    The rules that hold for a row are combined as independent witnesses. The
    probability of class c is

    ``p(c) ~ prior(c) ** 0.5 * product over the rules that hold of w(rule, c)``

    with ``w = accuracy`` for the label of the rule, and
    ``w = (1 - accuracy) / (n_classes - 1)`` for each other class. The prior counts by
    its root, because rules that are silent speak against their labels, too. It stays
    fixed: where rules may abstain, a prior that is learned from their answers
    collapses.

    Parameters
    ----------
    rules : list of (condition, label)
        Rules. A condition is a text such as ``"age > 60 and town in ['Oslo']"``,
        or a function that returns a truth value for each row of a table.

        A text compares columns and constants by ``<``, ``<=``, ``>``, ``>=``, ``==``,
        ``!=``, also in a chain, by ``in`` and ``not in`` a list, by ``"part" in name``
        for texts, and by ``is None``. It joins comparisons by ``and``, ``or``, ``not``
        and parentheses. A column of truth values may stand alone. A comparison with a
        missing value does not hold, so ``not`` before it holds. Ordered categories have
        their own order, and other texts have that of the alphabet. The columns of an
        array without names are ``x0``, ``x1``, .... A name that is no word of Python
        stands in backticks. Nothing of the text is run.
    accuracies : array-like of shape (n_rules,), default=None
        Share of the rows a rule holds for that have its label, for each rule, between
        0 and 1. None, also for one rule, stands for the share among the labelled rows,
        with a guess of 0.75 that is worth 40 rows. Without labels it is 0.75 for all.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels of the rules and of y, sorted.
    accuracies_ : ndarray of shape (n_rules,)
        Accuracy of each rule.
    prior_ : ndarray of shape (n_classes,)
        Probability of each class where no rule holds: shares among the labelled rows,
        of which each class gets one more. Without labels they are equal.
    coverage_ : ndarray of shape (n_rules,)
        Share of the rows given to `fit` for which each rule holds.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X has names that are all text.

    See Also
    --------
    VotesTeacher : Teacher that learns from votes of annotators.

    References
    ----------
    .. [1] Ratner et al., "Snorkel: rapid training data creation with weak
       supervision", VLDB 2017, on rules as sources of labels.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdistill.teachers.rules import RulesTeacher
    >>> X = pd.DataFrame({"age": [70, 30, 5], "town": ["Oslo", "Rome", None]})
    >>> teacher = RulesTeacher([("age > 60", "old"), ("town == 'Rome'", "young")])
    >>> teacher.fit(X).predict_proba(X)
    array([[0.75, 0.25],
           [0.25, 0.75],
           [0.5 , 0.5 ]])
    >>> teacher.fires(X).any(axis=1)
    array([ True,  True, False])
    """

    classes_: NDArray
    accuracies_: NDArray[np.float64]
    prior_: NDArray[np.float64]
    coverage_: NDArray[np.float64]
    n_features_in_: int
    feature_names_in_: NDArray

    _parameter_constraints: ClassVar[dict] = {
        "rules": [list, tuple],
        "accuracies": ["array-like", None],
    }

    def __init__(self, rules: Any, accuracies: Any = None) -> None:
        self.rules = rules
        self.accuracies = accuracies

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the rules, and count how often they are right.

        If `fit` raises an error, the teacher stays as it was.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like, of shape \
(n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,), default=None
            Labels, None or NaN for a row without a label.

        Returns
        -------
        self : RulesTeacher
            Fitted teacher.

        Raises
        ------
        ValueError
            If a condition holds anything but comparisons, or names a column that X
            lacks, if a function returns no truth value for each row, or if there is
            one label alone. The message names the rule.
        """
        with all_or_nothing(self) as draft:
            check_pairs(self.rules)
            table = _check_table(draft, X)
            fires = fires_of_rules(self.rules, table, _names_of(draft), is_strict=True)
            labels = labels_of_rules(self.rules)
            known, of_rows = _known_labels(y, len(fires))
            draft.classes_ = classes = _find_classes(labels, of_rows)
            codes = np.searchsorted(classes, of_rows) if len(of_rows) else []
            codes = np.asarray(codes, dtype=np.intp)
            counts = np.bincount(codes, minlength=len(classes)) + 1.0
            draft.prior_ = counts / counts.sum()
            right = known_columns(labels, classes, "rules") == codes[:, np.newaxis]
            draft.accuracies_ = _accuracies(
                self.accuracies, fires[known], right, 1.0 / len(classes)
            )
            draft.coverage_ = fires.mean(axis=0)
        return self

    def fires(self, X: Any) -> NDArray[np.bool_]:
        """Tell which rules hold for which rows.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        fires : ndarray of shape (n_samples, n_rules), bool
            A row of which all are False is one that no rule speaks of.
        """
        check_is_fitted(self)
        return fires_of_rules(
            self.rules, _check_table(self, X, reset=False), _names_of(self)
        )

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Probabilities. They are `prior_` in a row that no rule speaks of.
        """
        fires = self.fires(X)
        columns = known_columns(labels_of_rules(self.rules), self.classes_, "rules")
        n_classes = len(self.classes_)
        right = columns[:, np.newaxis] == np.arange(n_classes)
        accuracy = self.accuracies_[:, np.newaxis]
        witness = np.where(right, accuracy, (1.0 - accuracy) / (n_classes - 1))
        power = np.where(fires.any(axis=1), _POWER, 1.0)[:, np.newaxis]
        return softmax(fires @ np.log(witness) + power * np.log(self.prior_), axis=1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        # Rules know what they know, whatever the labels are.
        tags.classifier_tags.poor_score = True
        return tags


def _check_table(teacher, X, *, reset=True):
    """Return rows as a frame or an array, and check or set their features."""
    X = in_memory(X)
    if issparse(X):
        raise TypeError(
            "X is sparse, and rules read the columns of a table: give X.toarray(), or "
            "a frame"
        )
    return check_table(teacher, X, reset=reset)


def _known_labels(y, n_rows):
    """Tell which rows have labels, and return these."""
    if y is None:
        return np.zeros(n_rows, dtype=bool), np.empty(0)
    y = without_mask(in_memory(y))
    cells = object_array(y) if isinstance(y, list | tuple) else np.asarray(y)
    if cells.shape == (n_rows, 1):
        cells = column_or_1d(cells, warn=True)
    if cells.shape != (n_rows,):
        raise ValueError(
            f"y has shape {cells.shape}, and X has {n_rows} rows: give one label for "
            "each row, None or NaN where there is none"
        )
    return present_labels(cells, "y")


def _find_classes(labels, of_rows):
    """Return the labels of rules and of rows, sorted."""
    if of_rows.size and holds_text(labels) != holds_text(of_rows):
        raise ValueError(
            f"a rule has the label {labels.tolist()[0]!r}, and y holds the label "
            f"{of_rows.tolist()[0]!r}: give both as text, or both as numbers"
        )
    classes = np.unique([*labels.tolist(), *of_rows.tolist()])
    unseen = np.setdiff1d(labels, of_rows).tolist()
    unnamed = np.setdiff1d(of_rows, labels).tolist()
    if unseen and unnamed and holds_text(labels):
        warn(
            f"no row has the label {unseen[0]!r} of a rule, and no rule has the label "
            f"{unnamed[0]!r} of a row: they count as {len(classes)} classes, "
            f"{classes.tolist()!r:.100}. Is one label written in two ways?"
        )
    if len(classes) < 2:
        raise ValueError(
            f"all rules have one label, {classes.tolist()[0]!r}, and y names no other: "
            "a classifier needs two classes. Add a rule for another label, or y"
        )
    return classes


def _accuracies(given, fires, right, chance):
    """Return the accuracy of each rule, as given or as counted.

    A counted accuracy is at least that of chance, so that no rule speaks against its
    own label.
    """
    n_rules = fires.shape[1]
    counted = ((fires & right).sum(axis=0) + _WORTH * _GUESS) / (
        fires.sum(axis=0) + _WORTH
    )
    counted = np.clip(counted, chance, _GREATEST_ACCURACY)
    if given is None:
        return counted
    try:
        given = [np.nan if is_missing(number) else number for number in given]
        given = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"accuracies holds {list(given)!r:.100}: give one number for each rule, "
            "None where it is to be counted"
        ) from error
    if given.shape != (n_rules,):
        raise ValueError(
            f"accuracies has shape {given.shape}, and there are {n_rules} rules: give "
            "one number for each rule, None where it is to be counted"
        )
    odd = given[~np.isnan(given) & ~((given > 0) & (given < 1))]
    if odd.size:
        raise ValueError(
            f"accuracies holds {odd[0]}: give numbers between 0 and 1, such as 0.9. A "
            "rule that is never wrong leaves no room for others"
        )
    return np.where(np.isnan(given), counted, given)


def _names_of(teacher):
    """Return the names of the features, or None."""
    return getattr(teacher, "feature_names_in_", None)
