"""Answers of an ensemble's members for the rows that they were not fitted on."""

from contextlib import closing
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_array, check_random_state, get_tags

from skdistill.common.labels import label_columns
from skdistill.common.side_by_side import side_by_side, without_inner_threads
from skdistill.common.sklearn_compat import (
    fit_weights,
    num_samples,
    rows_of_fit,
)
from skdistill.tables.own_copy import own_copy

# Number of standard deviations that chance exceeds 3 times in 100,000.
_BEYOND_CHANCE = 4.0

# Number added to a probability, so that its logarithm is finite.
_LEAST_PROBABILITY = 1e-3


def out_of_bag_proba(
    teacher, X, y, classes, *, max_rows=4000, random_state=None, n_jobs=1
):
    """Return the answers of an ensemble's members for the rows that each left out.

    The ensemble is a random forest or extremely randomised trees that drew bootstrap
    samples, or a bagged classifier. It may be the last step of a pipeline, and may be
    frozen.

    The result is None in each of these cases:

    - The teacher is not such an ensemble, or a kind of one that does not keep its
      members and their samples as scikit-learn does.
    - Each row is in the samples of all members.
    - The ensemble was fitted with weights.
    - A transformer before the ensemble may have seen the labels. All transformers that
      select features count as such.
    - It is not certain that the ensemble was trained on these rows in this order.

    The last point is checked. Trees must find in the rows the frequencies of the
    classes at their roots, and the numbers of rows in their leaves. Other members must
    score the rows of their own samples higher than chance allows. Trees that
    scikit-learn before 1.8 grew on rows with missing values do not pass the check.

    Parameters
    ----------
    teacher : estimator
        Fitted model.
    X : array-like of shape (n_samples, n_features)
        Rows as the user gave them.
    y : array-like of shape (n_samples,)
        Labels of the rows.
    classes : ndarray of shape (n_classes,)
        Labels of the columns of the result.
    max_rows : int, default=4000
        Number of rows to ask the members for at most. If there are more, so many are
        drawn at random. An ensemble that was fitted with ``oob_score=True`` holds the
        answers for all rows, and is not asked.
    random_state : int, RandomState instance or None, default=None
        Source of the draw of the rows.
    n_jobs : int or None, default=1
        Number of threads in which members answer. The result is the same for any.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), or None
        Means over the members. Each row adds up to 1. A row is NaN if the members were
        not asked for it, or if no member left it out.
    """
    transformers, ensemble = take_apart(teacher)
    if not isinstance(
        ensemble, RandomForestClassifier | ExtraTreesClassifier | BaggingClassifier
    ) or any(map(_may_use_labels, transformers)):
        return None
    n_samples = num_samples(X)
    labels = label_columns(y, ensemble.classes_)
    columns = label_columns(ensemble.classes_, classes)
    members = _members(ensemble, n_samples)
    if labels is None or columns is None or members is None:
        return None
    for transformer in transformers:
        X = transformer.transform(own_copy(X))
    rows = _drawn_rows(n_samples, max_rows, random_state)
    if all(isinstance(member.model, DecisionTreeClassifier) for member in members):
        X = _as_array(X, np.float32)
        proven = _trees_know_rows(members, X, labels)
    else:
        X = _as_array(X, None)
        proven = _members_know_rows(members, X, labels, rows, len(columns), n_jobs)
    if not proven:
        return None
    means = _stored_means(ensemble, n_samples)
    if means is None:
        means = _means_of_left_out(members, X, rows, len(columns), n_jobs)
    answered = ~np.isnan(means[:, 0])
    probabilities = np.full((n_samples, len(classes)), np.nan)
    probabilities[answered] = 0.0
    probabilities[:, columns] = means
    return probabilities if answered.any() else None


class _Member(NamedTuple):
    """One model of an ensemble.

    Attributes
    ----------
    model : estimator
        Fitted model. Its `classes_` are column numbers of the ensemble.
    sample : ndarray of int
        Numbers of the rows that the model was fitted on, with repetitions.
    features : ndarray of int or slice
        Numbers of the columns that the model was fitted on.
    """

    model: BaseEstimator
    sample: np.ndarray
    features: np.ndarray | slice

    def is_usable(self, n_samples, n_classes):
        """Tell whether the model answers, with column numbers as its `classes_`."""
        classes = np.asarray(getattr(self.model, "classes_", ""))
        return (
            hasattr(self.model, "predict_proba")
            and classes.dtype.kind in "iuf"
            and classes.max() < n_classes
            and len(self.sample) > 0
            and self.sample.max() < n_samples
        )

    def columns(self):
        """Return the ensemble's column of each class of the model."""
        return self.model.classes_.astype(np.intp)

    def predict_proba(self, X):
        """Return the model's probabilities for rows with all columns."""
        X = X[:, self.features]
        if isinstance(self.model, DecisionTreeClassifier) and X.dtype == np.float32:
            return self.model.predict_proba(X, check_input=False)
        with without_inner_threads():
            return self.model.predict_proba(own_copy(X))


def take_apart(teacher):
    """Return a teacher's transformers, in order, and the classifier after them.

    Parameters
    ----------
    teacher : object
        Fitted teacher.

    Returns
    -------
    transformers : list of transformer
    classifier : object
    """
    if isinstance(teacher, FrozenEstimator):
        return take_apart(teacher.estimator)
    if isinstance(teacher, Pipeline):
        transformers, last = take_apart(teacher.steps[-1][1])
        if len(teacher.steps) > 1:
            transformers = [teacher[:-1], *transformers]
        return transformers, last
    return [], teacher


def _may_use_labels(transformer):
    """Tell whether a transformer, or one inside it, may be fitted to the labels."""
    return any(
        isinstance(part, SelectorMixin)
        or (hasattr(part, "__sklearn_tags__") and get_tags(part).target_tags.required)
        for part in transformer.get_params().values()
        if not isinstance(part, type)
    )


def _members(ensemble, n_samples):
    """Return the members; None if they saw weights or another number of rows."""
    # No public attribute holds the weights by which the samples were drawn.
    if fit_weights(ensemble) is not None:
        return None
    if rows_of_fit(ensemble, n_samples) != n_samples:
        return None
    # Ensembles of other libraries lack attributes that the property below reads.
    models = getattr(ensemble, "estimators_", ())
    samples = getattr(ensemble, "estimators_samples_", ())
    features = getattr(ensemble, "estimators_features_", [slice(None)] * len(models))
    if not 0 < len(models) == len(samples) == len(features):
        return None
    members = list(map(_Member, models, samples, features))
    n_classes = len(ensemble.classes_)
    if not all(member.is_usable(n_samples, n_classes) for member in members):
        return None
    return members


def _as_array(X, dtype):
    """Return rows as an array or a CSR matrix. Missing values may stay."""
    return check_array(X, accept_sparse="csr", dtype=dtype, ensure_all_finite=False)


def _drawn_rows(n_samples, max_rows, random_state):
    """Return the numbers of the rows to ask for, in ascending order."""
    if n_samples <= max_rows:
        return np.arange(n_samples)
    random_state = check_random_state(random_state)
    return np.sort(random_state.choice(n_samples, max_rows, replace=False))


def _trees_know_rows(members, X, labels):
    """Tell whether trees were grown on these rows."""
    n_members = len(members)
    some = sorted({0, n_members // 2, n_members - 1})
    return all(_root_matches(member, labels) for member in members) and all(
        _leaves_match(members[number], X) for number in some
    )


def _root_matches(member, labels):
    """Tell whether a tree's root holds the class frequencies of its sample."""
    found = member.model.tree_.value[0, 0]
    counts = np.bincount(labels[member.sample], minlength=labels.max() + 1)
    columns = member.columns()
    if columns.max() >= counts.size:
        return False
    expected = counts[columns] / member.sample.size
    return np.allclose(found / found.sum(), expected, rtol=0.0, atol=1e-6)


def _leaves_match(member, X):
    """Tell whether each leaf gets as many rows of the sample as it got in `fit`."""
    tree = member.model.tree_
    rows, repetitions = np.unique(member.sample, return_counts=True)
    leaves = member.model.apply(X[rows][:, member.features], check_input=False)
    counts = np.bincount(leaves, weights=repetitions, minlength=tree.node_count)
    is_leaf = tree.children_left == -1
    return np.allclose(counts[is_leaf], tree.weighted_n_node_samples[is_leaf])


def _members_know_rows(members, X, labels, rows, n_classes, n_jobs):
    """Tell whether members score the rows of their samples higher than others.

    A member's score of a row is the logarithm of the probability that it gives to the
    label. Assume that the members were trained on other rows, or on these rows in
    another order. Then their samples are random subsets, independent of the scores.
    The number of samples that hold a row is known. Given these numbers, the sum of the
    scores of the rows in the samples has a known mean and variance. The test rejects
    the assumption if the sum is far above the mean.
    """
    asked = X[rows]
    scores = np.empty((len(members), rows.size))
    drawn = np.empty((len(members), rows.size), dtype=bool)
    calls = [partial(member.predict_proba, asked) for member in members]
    with closing(side_by_side(calls, n_jobs)) as answers:
        for score, inside, member, answer in zip(
            scores, drawn, members, answers, strict=True
        ):
            proba = np.zeros((rows.size, n_classes))
            proba[:, member.columns()] = answer
            right = proba[np.arange(rows.size), labels[rows]]
            score[:] = np.log(right + _LEAST_PROBABILITY)
            inside[:] = np.isin(rows, member.sample)
    share = drawn.mean(axis=0)
    excess = ((drawn - share) * scores).sum()
    spread = scores.var(axis=0, ddof=1) if len(members) > 1 else np.zeros(rows.size)
    variance = (len(members) * share * (1.0 - share) * spread).sum()
    return bool(excess > _BEYOND_CHANCE * np.sqrt(variance) > 0)


def _stored_means(ensemble, n_samples):
    """Return the means that an ensemble computed in `fit`; None if it did not."""
    means = getattr(ensemble, "oob_decision_function_", None)
    if means is None or means.shape != (n_samples, len(ensemble.classes_)):
        return None
    # If no member left a row out, forests store zeros, and bagging stores NaN.
    return np.where(means.sum(axis=1, keepdims=True) > 0, means, np.nan)


def _means_of_left_out(members, X, rows, n_classes, n_jobs):
    """Return the mean probabilities over the members that left a row out."""
    n_samples = X.shape[0]
    sums = np.zeros((n_samples, n_classes))
    times = np.zeros(n_samples)
    calls = [partial(_answer_for_left_out, member, X, rows) for member in members]
    with closing(side_by_side(calls, n_jobs)) as answers:
        for member, (left_out, answer) in zip(members, answers, strict=True):
            if left_out.size:
                sums[left_out[:, np.newaxis], member.columns()] += answer
                times[left_out] += 1
    times[times == 0] = np.nan
    return sums / times[:, np.newaxis]


def _answer_for_left_out(member, X, rows):
    """Return the rows that a member left out, and its answers for them."""
    outside = np.ones(X.shape[0], dtype=bool)
    outside[member.sample] = False
    left_out = rows[outside[rows]]
    return left_out, member.predict_proba(X[left_out]) if left_out.size else None
