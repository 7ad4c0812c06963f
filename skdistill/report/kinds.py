"""The kinds of reports: one for each form of the models' answers."""

from typing import Any

from skdistill.estimators.label_names import check_order_of_columns
from skdistill.estimators.transformed_target import UnitsOfY
from skdistill.report.classes import ReportOfClasses
from skdistill.report.kind import ReportKind
from skdistill.report.label_sets import ReportOfLabelSets
from skdistill.report.numbers import ReportOfNumbers
from skdistill.report.quantiles import ReportOfQuantiles

_KINDS: dict[str, type[ReportKind]] = {
    kind.name: kind
    for kind in (ReportOfClasses, ReportOfLabelSets, ReportOfNumbers, ReportOfQuantiles)
}


def kind_of(report: Any) -> type[ReportKind]:
    """Return the kind of a report.

    Parameters
    ----------
    report : DistillationReport

    Returns
    -------
    kind : type of ReportKind
    """
    return _KINDS[report.kind]


def kind_for(student: Any, y: Any, units: UnitsOfY) -> ReportKind:
    """Return the kind of a report on a fitted student.

    Parameters
    ----------
    student : Distillation
        Fitted estimator.
    y : array-like of n_samples rows
        Labels or numbers of the user, which may name the targets.
    units : UnitsOfY
        Way from the student's answers to y.

    Returns
    -------
    kind : ReportKind
    """
    check_order_of_columns(y, student.task_)
    kind, output = student.task_.kind, student.task_.output
    if kind == ReportOfClasses.name:
        return ReportOfClasses(student.classes_)
    if kind == ReportOfLabelSets.name:
        return ReportOfLabelSets.named_by(y, output.labels.tolist())
    if output.quantiles is not None:
        if units.transformer is not None:
            raise ValueError(
                "student is a TransformedTargetRegressor of quantiles, which a "
                "transform may turn round: give its regressor_, and y as that gets it"
            )
        return ReportOfQuantiles(output.quantiles)
    kind = ReportOfNumbers.named_by(y, output.n_columns)
    kind.units = units
    return kind


def fields_of(report: Any) -> list[str]:
    """Return the names of the fields that a report of its kind has.

    Parameters
    ----------
    report : DistillationReport

    Returns
    -------
    names : list of str
    """
    own = kind_of(report).own_parts
    absent = {name for kind in _KINDS.values() for name in kind.own_parts} - {*own}
    return [name for name in report.__dataclass_fields__ if name not in absent]
