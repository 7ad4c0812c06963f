"""What a teacher is: fitting it, asking it, and checking its answers."""

from contextlib import nullcontext

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.common.warn import warn

PRECOMPUTED = "precomputed"

# Targets that leave less than this to other classes are as good as labels. Of so few
# rows a sure answer tells nothing.
_NEARLY_NOTHING = 0.001
_FEWEST_ROWS = 100

# Rows asked for at once: bounds what a teacher allocates for its answer.
_QUERY_ROWS = 16384

# How far a row of probabilities may be from adding up to 1: float16 votes.
_SUM_TOLERANCE = 1e-2


def default_teacher():
    """Return the teacher that is trained where none is given."""
    return RandomForestClassifier(n_estimators=200)


def is_fitted(teacher):
    """Tell whether a teacher is used as it is.

    Parameters
    ----------
    teacher : estimator, callable, "precomputed" or None

    Returns
    -------
    bool
        True for a fitted estimator, for an object that cannot be fitted, and for
        a callable.
    """
    if teacher is None or isinstance(teacher, str):
        return False
    if not hasattr(teacher, "fit"):
        return True
    try:
        check_is_fitted(teacher)
    except NotFittedError:
        return False
    except (AttributeError, TypeError):
        # No estimator of scikit-learn's kind, which alone can be asked.
        return hasattr(teacher, "classes_")
    return True


def fit_teacher(teacher, X, y, fit_params, random_state, within=nullcontext):
    """Clone and fit a teacher.

    Parameters
    ----------
    teacher : estimator or None
        Not altered. None stands for `default_teacher`.
    X, y : array-like
        As the user gave them.
    fit_params : dict
        Passed to its `fit`.
    random_state : RandomState
        Seeds each random_state parameter of the teacher that is None.
    within : callable, default=nullcontext
        Takes the clone, and returns a context to fit it in.

    Returns
    -------
    teacher : estimator
        The fitted clone.

    Raises
    ------
    Exception
        What the teacher's own `fit` raises; a note says that it was the teacher.
    """
    teacher = default_teacher() if teacher is None else clone(teacher)
    seeds = {
        name: random_state.randint(np.iinfo(np.int32).max)
        for name, value in sorted(teacher.get_params().items())
        if value is None and name.split("__")[-1] == "random_state"
    }
    if seeds:
        teacher.set_params(**seeds)
    with within(teacher):
        try:
            return teacher.fit(X, y, **fit_params)
        except (TypeError, ValueError) as error:
            error.add_note(
                f"Raised by the fit of the teacher, {_name(teacher)}, which gets X as "
                "it is. Where it takes no text or no missing values, give it behind "
                "an encoder, make_pipeline(encoder, teacher); where it takes pandas "
                'categories, turn text into them, X[column].astype("category").'
            )
            raise


def check_kind(teacher):
    """Raise where a teacher cannot be a classifier, whether it is fitted or not.

    Parameters
    ----------
    teacher : estimator, callable, "precomputed" or None
    """
    if isinstance(teacher, type):
        raise ValueError(
            f"teacher is the class {teacher.__name__}: give an instance, "
            f"{teacher.__name__}()"
        )
    if (
        hasattr(teacher, "fit")
        and not _predicts(teacher)
        and not is_classifier(teacher)
    ):
        raise ValueError(
            f"the teacher, {_name(teacher)}, is no classifier: it has neither "
            "predict_proba nor decision_function"
        )


def check_teacher(teacher, n_features, feature_names=None):
    """Raise where a fitted teacher cannot answer for these rows.

    Parameters
    ----------
    teacher : estimator or callable
    n_features : int
        Number of features of the rows.
    feature_names : ndarray of str or None
        Their names.
    """
    expected = getattr(teacher, "n_features_in_", None)
    known = getattr(teacher, "feature_names_in_", None)
    if known is not None and feature_names is not None:
        missing = [name for name in known if name not in set(feature_names)]
        unknown = [name for name in feature_names if name not in set(known)]
        if missing or unknown:
            raise ValueError(
                f"the feature names of X are not those that the teacher, "
                f"{_name(teacher)}, was fitted on: it lacks {missing[:5]}, and the "
                f"teacher does not know {unknown[:5]}"
            )
        different = [
            f"{given!r} for {wanted!r}"
            for given, wanted in zip(feature_names, known, strict=True)
            if given != wanted
        ]
        if different:
            raise ValueError(
                f"the feature names of X are not those that the teacher, "
                f"{_name(teacher)}, was fitted on: {', '.join(different[:3])}. "
                "Columns need the same order"
            )
    if expected is not None and expected != n_features:
        raise ValueError(
            f"X has {n_features} features, but the teacher, {_name(teacher)}, was "
            f"fitted on {expected}. Give it the columns that the teacher knows"
        )


def teacher_classes(teacher, y):
    """Return the labels of a teacher's columns.

    Parameters
    ----------
    teacher : estimator, callable or "precomputed"
    y : ndarray of shape (n_samples,) or None

    Returns
    -------
    classes : ndarray of shape (n_classes,) or None
        The teacher's `classes_`, else the sorted labels of y. None where
        neither is known: then labels are numbers of columns.

    Raises
    ------
    ValueError
        Where y has labels that the teacher does not know, or there is one class.
    """
    classes = getattr(teacher, "classes_", None)
    if classes is None:
        classes = None if y is None else np.unique(y)
        source = "y"
    else:
        classes = _check_class_list(teacher, classes)
        source = f"the teacher, {_name(teacher)},"
        if y is not None:
            unknown = np.setdiff1d(y, classes)
            if unknown.size:
                raise ValueError(
                    f"y holds the label {unknown.tolist()[0]!r}, which {source} does "
                    f"not know. It knows {classes.tolist()!r:.200}. Leave the rows of "
                    "other labels out, or give a teacher that is fitted on them, or "
                    "an unfitted one"
                )
    if classes is not None and len(classes) < 2:
        raise ValueError(
            f"{source} holds one class, {classes.tolist()!r:.100}: a classifier "
            "needs two at least"
        )
    return classes


def ask_teacher(teacher, X, classes):
    """Return a teacher's class probabilities.

    Parameters
    ----------
    teacher : estimator or callable
        Asked by its `predict_proba`, else by its `decision_function`, whose
        values are taken as logits, else by calling it.
    X : array-like of shape (n_samples, n_features)
        As the user gave it.
    classes : ndarray of shape (n_classes,) or None

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Checked; each row adds up to 1.
    """
    n_samples = num_samples(X)
    answers = []
    for rows in gen_batches(n_samples, _QUERY_ROWS):
        block = X if n_samples <= _QUERY_ROWS else safe_indexing(X, rows)
        answers.append(_probabilities(teacher, block))
    name = f"the prediction of the teacher, {_name(teacher)},"
    widths = {np.shape(answer)[1:] for answer in answers}
    if len(widths) > 1:
        raise ValueError(f"{name} has rows of different lengths, {sorted(widths)}")
    answer = np.concatenate(answers) if len(answers) > 1 else answers[0]
    return check_probabilities(answer, n_samples, classes, name)


def check_probabilities(probabilities, n_samples, classes, name):
    """Check class probabilities.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, n_classes)
    n_samples : int
        Rows of X.
    classes : ndarray of shape (n_classes,) or None
    name : str
        What errors call them.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Float32 or float64. Each row adds up to 1.

    Raises
    ------
    ValueError
        Where the shape is another, a value is negative or not finite, or a row
        does not add up to 1 to within 0.01.
    """
    names = getattr(probabilities, "columns", None)
    if names is not None and classes is not None:
        names = list(names)
        if names != list(classes) and set(names) == set(classes):
            raise ValueError(
                f"{name} has its columns in the order {names!r:.200}, not in that of "
                f"the classes {list(classes)!r:.200}"
            )
    values = np.asarray(probabilities)
    if values.dtype not in (np.float32, np.float64):
        try:
            values = values.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} is not numeric: {error}") from error
    wanted = f"({n_samples}, {'n_classes' if classes is None else len(classes)})"
    if (
        values.ndim != 2
        or values.shape[0] != n_samples
        or (classes is not None and values.shape[1] != len(classes))
    ):
        of = "" if classes is None else f" for the classes {classes.tolist()!r:.100}"
        raise ValueError(f"{name} has shape {values.shape}, not {wanted}{of}")
    if values.shape[1] < 2:
        raise ValueError(f"{name} has one column: a classifier needs two at least")
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values).all(axis=1)))
        raise ValueError(
            f"{name} is not finite in row {row}: {values[row].tolist()!r:.100}. "
            "Probabilities lie between 0 and 1"
        )
    lowest = values.min(axis=1)
    if (lowest < 0).any():
        row = int(lowest.argmin())
        raise ValueError(
            f"{name} is negative in row {row}: {values[row].tolist()!r:.100}. "
            "Probabilities lie between 0 and 1"
        )
    sums = values.sum(axis=1)
    wrong = np.abs(sums - 1.0)
    if (wrong > _SUM_TOLERANCE).any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name} adds up to {sums[row]:.6g} in row {row}, not to 1: "
            f"{values[row].tolist()!r:.100}"
        )
    return values / sums[:, np.newaxis]


def warn_if_worse_than_constant(probabilities, labels, weights):
    """Warn where probabilities do clearly worse than the most frequent class.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
    labels : ndarray of shape (n_samples,), int
        Column numbers.
    weights : ndarray of shape (n_samples,)
    """
    right = np.average(probabilities.argmax(axis=1) == labels, weights=weights)
    constant = np.bincount(labels, weights=weights).max() / weights.sum()
    # A good teacher of rare classes may give somewhat fewer rows their label.
    if right < 0.9 * constant:
        warn(
            f"the teacher gives {100 * right:.1f} % of the rows their label, fewer "
            f"than the most frequent label has ({100 * constant:.1f} %). Was it "
            "fitted on columns that were scaled or encoded otherwise, or are its "
            "columns in another order?",
        )


def warn_if_nearly_one_hot(teacher, probabilities):
    """Warn where probabilities that are taken as they are say no more than labels.

    Parameters
    ----------
    teacher : estimator, callable or "precomputed"
    probabilities : ndarray of shape (n_samples, n_classes)
    """
    left = 1.0 - probabilities.max(axis=1).mean()
    if left < _NEARLY_NOTHING and len(probabilities) >= _FEWEST_ROWS:
        warn(
            f"the teacher, {_name(teacher)}, leaves {100 * left:.2g} % to all classes "
            "but the first of a row: its probabilities say hardly more than its "
            'labels. Calibrate it, by calibrate_teacher="auto" with labels of 100 '
            'rows or more, or "refit", or see more of them by temperature=2 to 5'
        )


def warn_worse_than_labels(teacher, answers, labels_alone, follows_teacher):
    """Warn that a teacher does clearly worse than training on labels alone.

    Parameters
    ----------
    teacher : estimator, callable or "precomputed"
    answers, labels_alone : Answers
    follows_teacher : bool
        Whether the student follows it all the same.
    """
    remedy = (
        "the student follows the teacher all the same, since a teacher_share is given"
        if follows_teacher
        else "the student is trained on the labels alone"
    )
    warn(
        f"the teacher, {_name(teacher)}, gets {100 * answers.accuracy:.1f} % of the "
        "labels of rows that it has not seen right, and a student of the labels alone "
        f"{100 * labels_alone.accuracy:.1f} %: {remedy}. Was the teacher overfitted, "
        "fitted on few rows, or on columns that were scaled or encoded otherwise?"
    )


def warn_weights_ignored(teacher):
    """Warn that a teacher is fitted without the sample weights."""
    warn(
        f"the teacher, {_name(teacher)}, does not accept sample_weight: it is "
        "fitted without, and the weights serve the student alone",
    )


def _predicts(teacher):
    return hasattr(teacher, "predict_proba") or hasattr(teacher, "decision_function")


def _name(teacher):
    if isinstance(teacher, str):
        return teacher
    return getattr(teacher, "__name__", type(teacher).__name__)


def _probabilities(teacher, X):
    """Ask for one block of rows."""
    if hasattr(teacher, "predict_proba"):
        answer = teacher.predict_proba(X)
        if isinstance(answer, list):
            raise ValueError(
                f"the teacher, {_name(teacher)}, predicts {len(answer)} outputs: only "
                "a single one can be distilled"
            )
        return np.asarray(answer)
    if hasattr(teacher, "decision_function"):
        scores = np.asarray(teacher.decision_function(X), dtype=np.float64)
        if scores.ndim == 1:
            second = expit(scores)
            return np.column_stack([1.0 - second, second])
        _check_one_score_a_class(teacher)
        return softmax(scores, axis=1)
    if not callable(teacher):
        raise ValueError(
            f"the teacher, {_name(teacher)}, has neither predict_proba nor "
            "decision_function, now that it is fitted. Some models have one on "
            'request: VotingClassifier with voting="soft", SGDClassifier with '
            'loss="log_loss"'
        )
    return np.asarray(teacher(X))


def _check_one_score_a_class(teacher):
    """Raise where the scores are those of pairs of classes, of three also three."""
    parameters = teacher.get_params() if hasattr(teacher, "get_params") else {}
    for name, value in parameters.items():
        if name.split("__")[-1] == "decision_function_shape" and value == "ovo":
            raise ValueError(
                f"the teacher, {_name(teacher)}, has a decision function for pairs of "
                f'classes. Set its {name}="ovr"'
            )


def _check_class_list(teacher, classes):
    """Return the classes as one array."""
    if isinstance(classes, list) and any(np.ndim(labels) for labels in classes):
        raise ValueError(
            f"the teacher, {_name(teacher)}, predicts {len(classes)} outputs: only a "
            "single one can be distilled"
        )
    return np.asarray(classes)
