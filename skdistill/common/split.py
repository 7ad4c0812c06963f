"""Split rows into rows to keep and rows to hold out, by class if it is possible."""

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state


def hold_out(rows, labels, fraction, random_state, groups=None):
    """Split rows at random into rows to train on and rows to hold out.

    Both parts have the same shares of the classes. The split ignores classes if a class
    has only one row, or if a part is too small to hold all classes.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        Row numbers.
    labels : ndarray of shape (n_rows,)
        Labels of these rows.
    fraction : float
        Share of the rows to hold out, between 0 and 1.
    random_state : int or RandomState
        Source of the draw.
    groups : ndarray of shape (n_rows,), int, or None, default=None
        Number of the group of each row. If given, whole groups are held out, and the
        shares of the classes may differ. One group alone is split like rows without
        groups.

    Returns
    -------
    kept, held_out : ndarray of int
        Row numbers.

    Raises
    ------
    ValueError
        If one of the parts would be empty.
    """
    counts = np.unique(labels, return_counts=True)[1]
    n_held_out = int(np.ceil(fraction * rows.size))
    if groups is not None and np.unique(groups).size > 1:
        is_held_out = _whole_groups(
            groups, n_held_out, check_random_state(random_state)
        )
        return rows[~is_held_out], rows[is_held_out]
    smaller = min(n_held_out, rows.size - n_held_out)
    has_few = counts.min() < 2 or smaller < counts.size
    return train_test_split(
        rows,
        test_size=fraction,
        random_state=random_state,
        stratify=None if has_few else labels,
    )


def _whole_groups(groups, n_rows, random_state):
    """Tell which rows are in the groups to hold out: about n_rows, never all."""
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = random_state.permutation(names.size)
    before = np.cumsum(sizes[order]) - sizes[order]
    count = np.clip(np.count_nonzero(before < n_rows), 1, names.size - 1)
    return np.isin(codes, order[:count])


def hold_out_test_rows(labels, test_size, random_state):
    """Split rows into rows to train on, with each class among them, and rows to test.

    The only row of a class is trained on. Of the other classes both parts have the
    same shares if it is possible. Otherwise one row of each class is trained on, and
    the rows to test are drawn from all others.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Labels of the rows.
    test_size : float or int
        Share of the rows to test, between 0 and 1, or their number.
    random_state : int
        Seed of the draw.

    Returns
    -------
    train, test : ndarray of int
        Row numbers.

    Raises
    ------
    ValueError
        If no row is to be tested, or too few are left to train on.
    """
    rows = np.arange(len(labels))
    is_share = isinstance(test_size, float)
    n_test = int(np.ceil(test_size * len(rows))) if is_share else test_size
    _, first, codes, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    if not 0 < n_test <= len(rows) - len(counts):
        raise ValueError(
            f"{n_test} of {len(rows)} labelled rows cannot be held out to measure on: "
            f"at least one is needed, and each of the {len(counts)} classes needs one "
            "to train on"
        )
    once = counts[codes] == 1
    n_train = len(rows) - once.sum() - n_test
    if min(n_test, n_train) >= (counts > 1).sum():
        train, test = train_test_split(
            rows[~once],
            test_size=n_test,
            random_state=random_state,
            stratify=labels[~once],
        )
        return np.concatenate([train, rows[once]]), test
    others = np.random.RandomState(random_state).permutation(np.setdiff1d(rows, first))
    return np.concatenate([first, others[n_test:]]), others[:n_test]


def deal_folds(labels, n_folds, random_state, groups=None):
    """Deal rows to folds, each with about the same share of each class.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Labels of the rows.
    n_folds : int
        Number of folds.
    random_state : int or RandomState
        Source of the draw.
    groups : ndarray of shape (n_rows,), int, or None, default=None
        Number of the group of each row. If given, all rows of a group are in one fold,
        and the shares of the classes may differ. The folds nearest to the mean size
        come first. One group alone is dealt like rows without groups.

    Returns
    -------
    folds : ndarray of shape (n_rows,), int
        Number of the fold of each row. It is -1 for the only row of a class, which is
        in no fold.
    """
    random_state = check_random_state(random_state)
    if groups is not None and np.unique(groups).size > 1:
        _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        fold_of, filled = np.empty(sizes.size, dtype=np.intp), np.zeros(n_folds)
        # The largest groups come first. Groups of one size come in random order.
        shuffled = random_state.permutation(sizes.size)
        for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
            fold_of[group] = filled.argmin()
            filled[fold_of[group]] += sizes[group]
        # A fold with a very large group would leave few rows, so it comes last.
        distance = np.where(filled > 0, np.abs(filled - labels.size / n_folds), np.inf)
        return np.argsort(np.argsort(distance, kind="stable"))[fold_of[codes]]
    # Rows of a class are dealt in turn. The next class goes on where it ended.
    folds = np.empty(labels.size, dtype=np.intp)
    order = random_state.permutation(labels.size)
    order = order[np.argsort(labels[order], kind="stable")]
    folds[order] = np.arange(labels.size) % n_folds
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    folds[counts[codes] == 1] = -1
    return folds
