"""Answers of a student, in its file: their labels, and the section of the task.

A file of classes has no section of its task, so it is the file of former releases.
"""

from typing import Any

import numpy as np

from skdistill.student.labels import label_type, labels_from_json, labels_to_json
from skdistill.student.output import Output
from skdistill.student.outputs import Classes, LabelSets, Numbers

TASK = "task"
_LABELS, _LABEL_TYPE = "classes", "classes_dtype"

# Arrays of numbers. An infinite bound is null, because JSON has no infinity.
_FINITE, _BOUNDS = ("mean", "scale"), ("low", "high")
_FIELDS = {
    Numbers.kind: {"kind", *_FINITE, *_BOUNDS, "is_flat", "quantiles"},
    LabelSets.kind: {"kind"},
}


def labels_of_output(output: Output) -> dict[str, Any]:
    """Return the fields of the labels of an output, for the description of a student.

    Parameters
    ----------
    output : Output

    Returns
    -------
    fields : dict
        Entries that JSON can hold. There are none for numbers.

    Raises
    ------
    TypeError
        If a label is neither a string, a number nor a boolean.
    """
    if isinstance(output, Numbers):
        return {}
    return {
        _LABELS: labels_to_json(output.labels),
        _LABEL_TYPE: label_type(output.labels.dtype),
    }


def task_to_json(output: Output) -> dict[str, Any]:
    """Return the section of the task, for the description of a student.

    Parameters
    ----------
    output : Output

    Returns
    -------
    section : dict
        Entries that JSON can hold. There are none for classes.
    """
    if isinstance(output, Classes):
        return {}
    section: dict[str, Any] = {"kind": output.kind}
    if isinstance(output, Numbers):
        for name in (*_FINITE, *_BOUNDS):
            numbers = getattr(output, name).tolist()
            section[name] = [n if np.isfinite(n) else None for n in numbers]
        section["is_flat"] = output.is_flat
        levels = output.quantiles
        section["quantiles"] = None if levels is None else list(levels)
    return {TASK: section}


def output_from_json(description: dict[str, Any]) -> Output:
    """Return the output that a description states. Its classes check what they hold.

    Parameters
    ----------
    description : dict

    Returns
    -------
    output : Output

    Raises
    ------
    ValueError
        If the section of the task is damaged, or if the labels are.
    """
    if TASK not in description:
        return Classes(labels_from_json(description))
    section = description[TASK]
    kind = section.get("kind") if isinstance(section, dict) else None
    fields = _FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None or section.keys() != fields:
        raise ValueError(
            f"{TASK} is {section!r:.100}: it needs the kind "
            f"{' or '.join(map(repr, _FIELDS))}, and the fields of this kind"
        )
    if kind == LabelSets.kind:
        return LabelSets(labels_from_json(description))
    if description.keys() & {_LABELS, _LABEL_TYPE}:
        raise ValueError("the file holds labels, and its task is numbers")
    if type(section["is_flat"]) is not bool:
        raise ValueError(f"is_flat is {section['is_flat']!r:.100}: true or false")
    quantiles = section["quantiles"]
    if quantiles is not None:
        quantiles = _numbers("quantiles", quantiles)
    mean, scale = (_numbers(name, section[name]) for name in _FINITE)
    low, high = (
        _numbers(name, section[name], missing)
        for name, missing in zip(_BOUNDS, (-np.inf, np.inf), strict=True)
    )
    is_flat = section["is_flat"]
    return Numbers(mean, scale, low, high, is_flat=is_flat, quantiles=quantiles)


def _numbers(name: str, values: Any, missing: Any = None) -> list[float]:
    """Return a list of finite numbers, or raise if JSON holds another value.

    A null becomes `missing`, unless this is None.
    """
    kinds = (int, float) if missing is None else (int, float, type(None))
    if not isinstance(values, list) or not all(type(v) in kinds for v in values):
        raise ValueError(f"{name} is {values!r:.100}: not a list of numbers")
    # A number such as 1e999 is infinite in double precision.
    if not all(value is None or abs(float(value)) < np.inf for value in values):
        raise ValueError(f"{name} is {values!r:.100}: a number is too large")
    return [missing if value is None else float(value) for value in values]
