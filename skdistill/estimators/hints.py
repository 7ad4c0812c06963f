"""Checks that a student can learn a hint from its teacher."""

from typing import Any

from skdistill.teachers.hidden import has_hidden_layer
from skdistill.teachers.resolve import is_used_as_given
from skdistill.teachers.teacher import name_of
from skdistill.training.plan import hidden_units
from skdistill.transfer.hints import no_hidden_layer


def check_hint(estimator: Any) -> None:
    """Raise if a hint is asked for, and teacher or student has no hidden layer.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with the parameters. A teacher that is used as it is given is not
        asked here: `ask_teacher` begins with that.

    Raises
    ------
    ValueError
        If one of them has none.
    """
    if estimator.hint_weight == 0:
        return
    if not hidden_units(estimator):
        raise ValueError(
            f"hint_weight={estimator.hint_weight!r}, and hidden_layer_sizes="
            f"{estimator.hidden_layer_sizes!r}: a student without hidden layers cannot "
            "learn a hint. Give it hidden layers, or set hint_weight=0"
        )
    teacher = estimator.teacher
    if is_used_as_given(teacher):
        return
    teacher = estimator.one_teacher
    if not has_hidden_layer(teacher):
        raise ValueError(no_hidden_layer(name_of(teacher), estimator.hint_weight))
