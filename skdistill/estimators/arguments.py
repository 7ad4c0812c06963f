"""Checks that the arguments of a distillation fit one another."""

from scipy.sparse import issparse
from sklearn.frozen import FrozenEstimator

from skdistill.estimators.hints import check_hint
from skdistill.estimators.monotonic import check_no_hidden_layers
from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.monotonic import is_constrained
from skdistill.teachers.clones import check_refittable
from skdistill.teachers.kinds import check_kind
from skdistill.teachers.memory import folder_of
from skdistill.teachers.quantiles import check_levels
from skdistill.teachers.resolve import (
    PRECOMPUTED,
    fits_clones,
    is_automatic,
    is_precomputed,
    is_used_as_given,
    needs_no_labels,
)
from skdistill.teachers.teacher import name_of
from skdistill.training.checkpoint import check_checkpoint
from skdistill.training.plan import decay_suits_steps, hidden_units
from skdistill.training.scores import check_stopping
from skdistill.training.views import is_auto


def check_arguments(estimator, arguments):
    """Raise if arguments of `fit` and parameters do not fit one another.

    These errors come before any work. Without this check, some of them would come only
    after the teacher is fitted.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameters.
    arguments : FitArguments
        Arguments of `fit`.

    Raises
    ------
    ValueError
        If an argument or a parameter does not fit the others.
    """
    check_kind(estimator.teacher, estimator.task_kind)
    check_levels(estimator.teacher, estimator.levels_of_teacher)
    folder_of(estimator.memory)
    check_checkpoint(estimator.checkpoint, estimator.random_state)
    precomputed = is_precomputed(estimator.teacher)
    used_as_given = is_used_as_given(estimator.teacher)
    y, teacher_proba = arguments.y, arguments.teacher_proba
    kind = estimator.targets.answers
    if precomputed and teacher_proba is None:
        raise ValueError(
            f"teacher={PRECOMPUTED!r} needs the teacher's {kind}: pass "
            f"{arguments.answers_name} to fit"
        )
    for field in ("teacher_proba", "teacher_proba_unlabeled"):
        if getattr(arguments, field) is not None and not precomputed:
            name = arguments.name_of(field)
            raise ValueError(
                f"{name} was passed, and teacher is {name_of(estimator.teacher)}. "
                f"Pass {name} only with teacher={PRECOMPUTED!r}"
            )
    _check_teachers_rows(arguments, precomputed, used_as_given)
    may_label = needs_no_labels(estimator.teacher, arguments.teacher_y)
    if y is not None or used_as_given or not may_label:
        check_stopping(estimator, y)
    if y is None and not (used_as_given or may_label):
        raise ValueError(
            f"This {type(estimator).__name__} requires y to be passed, but the target "
            f"y is None. Pass y, or teacher_y, {estimator.targets.labels} for the "
            "teacher. A fitted teacher, stored answers and rules need neither"
        )
    if (
        precomputed
        and arguments.X_unlabeled is not None
        and arguments.teacher_proba_unlabeled is None
    ):
        raise ValueError(
            f"X_unlabeled was passed, and teacher is {PRECOMPUTED!r}, which cannot "
            f"answer for these rows. Pass {arguments.answers_name}_unlabeled, its "
            f"{kind} for them"
        )
    _check_cv(estimator, y, arguments.answers_name)
    hidden_units(estimator)
    _check_decay(estimator, arguments.X)
    check_no_hidden_layers(estimator)
    check_hint(estimator)
    _check_max_terms(getattr(estimator, "max_terms", None))
    _check_frozen(estimator.encoder)


def _check_frozen(encoder):
    """Raise if a frozen encoder cannot encode."""
    if not isinstance(encoder, FrozenEstimator):
        return
    held = encoder.estimator
    if isinstance(held, TabularEncoder) and hasattr(held, "code_"):
        return
    held = "a TabularEncoder that is not fitted"
    if not isinstance(encoder.estimator, TabularEncoder):
        held = f"a {type(encoder.estimator).__name__}"
    raise ValueError(
        f"encoder is a FrozenEstimator of {held}: give a fitted TabularEncoder, "
        "FrozenEstimator(TabularEncoder().fit(X))"
    )


def _check_decay(estimator, X):
    """Raise if a student is trained by steps that its decay does not suit."""
    if decay_suits_steps(estimator):
        return
    hidden = hidden_units(estimator)
    if is_auto(estimator.hidden_layer_sizes) and estimator.hint_weight == 0:
        # A warm start goes on with the layers of the former student.
        former = vars(estimator).get("student_") if estimator.warm_start else None
        hidden = [] if former is None else former.layer_units[1:-1]
    if hidden or not issparse(X):
        raise ValueError(
            f"weight_decay={estimator.weight_decay} times learning_rate_init="
            f"{estimator.learning_rate_init} is greater than 1: a step would turn the "
            "signs of the weights. Give smaller values"
        )


def _check_max_terms(max_terms):
    """Raise if the number of columns to keep is a truth value."""
    if isinstance(max_terms, bool):
        raise ValueError(
            f'max_terms={max_terms!r} is no number of columns: give "auto", which '
            "chooses one, a number from 1, or None, which keeps all columns"
        )


def _check_cv(estimator, y, answers_name):
    """Raise if other answers for the labelled rows are asked for and cannot be had."""
    cv = estimator.cv
    if cv is None or is_automatic(cv):
        return
    if y is None:
        raise ValueError(
            f"cv={cv!r:.50} needs y: the models that answer for a row were fitted on "
            'the labels of other rows. Pass y, or set cv="auto"'
        )
    if is_precomputed(estimator.teacher):
        raise ValueError(
            f"cv={cv!r:.50} needs a teacher that can be asked, and teacher is "
            f"{PRECOMPUTED!r}. Pass answers out of fold as {answers_name}, and set "
            'cv="auto"'
        )
    if fits_clones(cv):
        check_refittable(estimator.teacher, f"cv={cv!r:.50}", 'cv="auto"')


def _check_teachers_rows(arguments, precomputed, used_as_given):
    """Raise if rows or labels of the teacher's own have no use."""
    if precomputed and arguments.teacher_X is not None:
        raise ValueError(
            f"teacher_X was passed, and teacher is {PRECOMPUTED!r}, which reads no "
            "rows. Leave teacher_X out"
        )
    if used_as_given and arguments.teacher_y is not None:
        raise ValueError(
            "teacher_y was passed, and the teacher needs no fit. Pass teacher_y only "
            "with an unfitted teacher, which is fitted on it"
        )


def check_dense_arguments(estimator):
    """Raise if a parameter of an estimator needs sparse rows.

    Parameters
    ----------
    estimator : DistilledClassifier

    Raises
    ------
    ValueError
        If `max_terms` is a number.
    """
    max_terms = getattr(estimator, "max_terms", None)
    if max_terms in (None, "auto"):
        return
    text = getattr(estimator.encoder, "text", None)
    if text is not None:
        raise ValueError(
            f"max_terms={max_terms!r} counts columns of sparse rows, and X is dense. "
            f"For the terms of its text columns give TabularEncoder(text={text!r:.100}"
            f", max_terms={max_terms!r}), and leave the estimator's max_terms out"
        )
    raise ValueError(
        f"max_terms={max_terms!r}, and X is dense: max_terms counts columns of sparse "
        "rows, as a vectorizer of texts makes them. Give scipy.sparse.csr_array(X), "
        "or max_terms=None"
    )


def check_sparse_arguments(estimator):
    """Raise if the parameters of an estimator do not fit sparse rows.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameters.

    Raises
    ------
    ValueError
        If there is an encoder, a synthesizer or a constraint.
    """
    reason = "X is sparse, and its columns are taken as they are"
    if is_constrained(estimator.monotonic_cst):
        raise ValueError(
            "monotonic_cst is given, and X is sparse: only a student of dense rows "
            "keeps to it. Give dense rows, X.toarray()"
        )
    if estimator.encoder not in ("auto", None):
        raise ValueError(f'encoder={estimator.encoder!r:.100}: {reason}. Give "auto"')
    if estimator.synthesizer not in ("auto", None):
        raise ValueError(
            f"synthesizer={estimator.synthesizer!r:.100}: {reason}, so no synthetic "
            'rows are drawn. Give "auto", and rows without labels as X_unlabeled'
        )
