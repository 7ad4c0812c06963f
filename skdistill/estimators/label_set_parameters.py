"""Parameters and teachers of a classifier that suit label sets."""

from typing import Any

from sklearn.utils import get_tags

from skdistill.estimators.refused import refuse_parameters
from skdistill.tasks.label_sets import LabelSetting
from skdistill.teachers.default import default_teacher
from skdistill.teachers.label_sets import n_labels_of
from skdistill.teachers.resolve import is_used_as_given


def check_parameters_of_sets(estimator: Any) -> None:
    """Raise if a parameter means nothing for label sets.

    Parameters
    ----------
    estimator : DistilledClassifier

    Raises
    ------
    ValueError
        The message names the parameter and its value.
    """
    refuse_parameters(
        estimator,
        _parameters_of_classes(estimator),
        "{} does not suit label sets, a y of several columns",
    )


def may_learn_sets(estimator: Any) -> bool:
    """Tell whether the parameters of a classifier, and its teacher, suit label sets.

    Parameters
    ----------
    estimator : DistilledClassifier

    Returns
    -------
    bool
    """
    refused = _parameters_of_classes(estimator).values()
    if any(is_refused for is_refused, _ in refused):
        return False
    if is_used_as_given(estimator.teacher):
        return n_labels_of(estimator.teacher) is not None
    teacher = default_teacher() if estimator.teacher is None else estimator.teacher
    tags = get_tags(teacher) if hasattr(teacher, "__sklearn_tags__") else None
    return getattr(getattr(tags, "classifier_tags", None), "multi_label", False)


def _parameters_of_classes(estimator):
    """Return the parameters that suit classes alone, whether they are used, and why."""
    return {
        "class_weight": (
            estimator.class_weight is not None,
            "the labels of a row would ask for different weights. Give "
            "class_weight=None, and weights of rows as sample_weight",
        ),
        "loss": (
            estimator.loss not in LabelSetting.losses,
            'each label counts by its divergence. Give loss="kl"',
        ),
        "temperature": (
            estimator.temperature != 1,
            "each label has two outcomes, and hides no others that softer "
            "probabilities would show. Give temperature=1",
        ),
    }
