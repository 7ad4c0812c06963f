"""Answers of an ensemble's members for the rows that they were not fitted on."""

from contextlib import closing
from functools import partial

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_random_state, get_tags

from skdistill.common.side_by_side import side_by_side
from skdistill.common.sklearn_compat import (
    fit_weights,
    num_samples,
    rows_of_fit,
)
from skdistill.tables.own_copy import own_copy
from skdistill.teachers.members import Member, Taught
from skdistill.teachers.members_of_classes import TaughtClasses
from skdistill.teachers.members_of_label_sets import TaughtLabelSets
from skdistill.teachers.members_of_numbers import TaughtNumbers

# Kinds of targets that members of an ensemble learn, by the kind of the task.
_TAUGHT: dict[str, type[Taught]] = {
    "classes": TaughtClasses,
    "label_sets": TaughtLabelSets,
    "numbers": TaughtNumbers,
}

# Number of standard deviations that chance exceeds 3 times in 100,000.
_BEYOND_CHANCE = 4.0


def out_of_bag_answers(
    teacher, X, y, task, *, max_rows=4000, random_state=None, n_jobs=1
):
    """Return the answers of an ensemble's members for the rows that each left out.

    The ensemble is a random forest or extremely randomised trees that drew bootstrap
    samples, or a bagged classifier or regressor. It may be the last step of a pipeline,
    and may be frozen.

    The result is None in each of these cases:

    - The teacher is not such an ensemble, or a kind of one that does not keep its
      members and their samples as scikit-learn does.
    - Each row is in the samples of all members.
    - The ensemble was fitted with weights.
    - A transformer before the ensemble may have seen the labels. All transformers that
      select features count as such.
    - It is not certain that the ensemble was trained on these rows in this order.

    The last point is checked. Trees must find in the rows the frequencies of the
    classes, or the means of the numbers, at their roots, and the numbers of rows in
    their leaves. Other members must score the rows of their own samples higher than
    chance allows. Trees that scikit-learn before 1.8 grew on rows with missing values
    do not pass the check.

    Parameters
    ----------
    teacher : estimator
        Fitted model.
    X : array-like of shape (n_samples, n_features)
        Rows as the user gave them.
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
        Labels of the rows.
    task : Task
        Task of the answers.
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
    answers : ndarray of shape (n_samples, n_columns), or None
        Means over the members. A row is NaN if the members were not asked for it, or if
        no member left it out.
    """
    transformers, ensemble = take_apart(teacher)
    kind = _TAUGHT.get(task.kind)
    if (
        kind is None
        or not isinstance(ensemble, kind.ensembles)
        or any(map(_may_use_labels, transformers))
    ):
        return None
    n_samples = num_samples(X)
    taught = kind.of(ensemble, y, task)
    members = None if taught is None else _members(ensemble, n_samples, taught)
    if members is None:
        return None
    for transformer in transformers:
        X = transformer.transform(own_copy(X))
    rows = _drawn_rows(n_samples, max_rows, random_state)
    if all(isinstance(member.model, kind.tree) for member in members):
        X = _as_array(X, np.float32)
        proven = _trees_know_rows(members, X, taught)
    else:
        X = _as_array(X, None)
        proven = _members_know_rows(members, X, taught, rows, n_jobs)
    if not proven:
        return None
    means = taught.stored(ensemble, members)
    if means is None:
        means = _means_of_left_out(members, X, rows, taught, n_jobs)
    return None if np.isnan(means[:, 0]).all() else taught.spread(means)


def take_apart(teacher):
    """Return a teacher's transformers, in order, and the model after them.

    Parameters
    ----------
    teacher : object
        Fitted teacher.

    Returns
    -------
    transformers : list of transformer
    model : object
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


def _members(ensemble, n_samples, taught):
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
    members = list(map(Member, models, samples, features))
    are_usable = all(
        taught.is_usable(member.model)
        and len(member.sample) > 0
        and member.sample.max() < n_samples
        for member in members
    )
    return members if are_usable else None


def _as_array(X, dtype):
    """Return rows as an array or a CSR matrix. Missing values may stay."""
    return check_array(X, accept_sparse="csr", dtype=dtype, ensure_all_finite=False)


def _drawn_rows(n_samples, max_rows, random_state):
    """Return the numbers of the rows to ask for, in ascending order."""
    if n_samples <= max_rows:
        return np.arange(n_samples)
    random_state = check_random_state(random_state)
    return np.sort(random_state.choice(n_samples, max_rows, replace=False))


def _trees_know_rows(members, X, taught):
    """Tell whether trees were grown on these rows."""
    n_members = len(members)
    some = sorted({0, n_members // 2, n_members - 1})
    return all(map(taught.root_matches, members)) and all(
        _leaves_match(members[number], X) for number in some
    )


def _leaves_match(member, X):
    """Tell whether each leaf gets as many rows of the sample as it got in `fit`."""
    tree = member.model.tree_
    rows, repetitions = np.unique(member.sample, return_counts=True)
    leaves = member.model.apply(X[rows][:, member.features], check_input=False)
    counts = np.bincount(leaves, weights=repetitions, minlength=tree.node_count)
    is_leaf = tree.children_left == -1
    return np.allclose(counts[is_leaf], tree.weighted_n_node_samples[is_leaf])


def _members_know_rows(members, X, taught, rows, n_jobs):
    """Tell whether members score the rows of their samples higher than others.

    A member's score of a row is the logarithm of the probability that it gives to the
    label, or of its squared error with the opposite sign. Assume that the members were
    trained on other rows, or on these rows in another order. Then their samples are
    random subsets, independent of the scores. The number of samples that hold a row is
    known. Given these numbers, the sum of the scores of the rows in the samples has a
    known mean and variance. The test rejects the assumption if the sum is far above the
    mean.
    """
    asked = X[rows]
    scores = np.empty((len(members), rows.size))
    drawn = np.empty((len(members), rows.size), dtype=bool)
    calls = [partial(taught.answers, member, asked) for member in members]
    with closing(side_by_side(calls, n_jobs)) as answers:
        for score, inside, member, answer in zip(
            scores, drawn, members, answers, strict=True
        ):
            score[:] = taught.score(answer, rows)
            inside[:] = np.isin(rows, member.sample)
    scores = taught.comparable(scores)
    share = drawn.mean(axis=0)
    excess = ((drawn - share) * scores).sum()
    spread = scores.var(axis=0, ddof=1) if len(members) > 1 else np.zeros(rows.size)
    variance = (len(members) * share * (1.0 - share) * spread).sum()
    return bool(excess > _BEYOND_CHANCE * np.sqrt(variance) > 0)


def _means_of_left_out(members, X, rows, taught, n_jobs):
    """Return the mean answers over the members that left a row out."""
    n_samples = X.shape[0]
    sums = np.zeros((n_samples, taught.n_columns))
    times = np.zeros(n_samples)
    calls = [
        partial(_answer_for_left_out, member, X, rows, taught) for member in members
    ]
    with closing(side_by_side(calls, n_jobs)) as answers:
        for left_out, answer in answers:
            if left_out.size:
                sums[left_out] += answer
                times[left_out] += 1
    times[times == 0] = np.nan
    return sums / times[:, np.newaxis]


def _answer_for_left_out(member, X, rows, taught):
    """Return the rows that a member left out, and its answers for them."""
    left_out = rows[member.rows_left_out(X.shape[0])[rows]]
    return left_out, taught.answers(member, X[left_out]) if left_out.size else None
