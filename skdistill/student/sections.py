"""Optional sections of the description in a student file.

They hold names, offsets, kept columns and texts. The section of the task is in
`skdistill.student.task_section`.

A section is a field of the JSON text.
"""

import numpy as np

from skdistill.student.task_section import TASK

_REQUIRED = (
    "format",
    "version",
    "activation",
    "layer_units",
    "classes",
    "classes_dtype",
    "weight_dtype",
    "input_code",
)

# Sections with the types of their values.
_SECTIONS = {"feature_names": ("texts", (str,)), "offsets": ("numbers", (int, float))}

# Sections with members of their own, which `skdistill.student.text` reads.
_TEXT, _TEXT_COLUMNS = "text", "text_columns"

# Section of the kept columns. Their places are a member of its own.
_KEPT = "kept_columns"
_KEPT_FIELDS = ("n_columns", "unit_blocks")
KEPT_DTYPE = "int32"
_MOST_COLUMNS = 2**31 - 1


def sections_to_json(feature_names, offsets, kept_columns=None):
    """Return the sections of a student, for its description.

    Parameters
    ----------
    feature_names : list of str or None
    offsets : ndarray of shape (n_features,), float64, or None
    kept_columns : KeptColumns or None, default=None

    Returns
    -------
    sections : dict
        Entries that JSON can hold. A section that is not needed is left out.
    """
    sections = {}
    if feature_names is not None:
        sections["feature_names"] = list(feature_names)
    if offsets is not None:
        # JSON holds the shortest text of a number, which gives the same number again.
        sections["offsets"] = offsets.tolist()
    if kept_columns is not None:
        sections[_KEPT] = {
            "n_columns": kept_columns.n_columns,
            "unit_blocks": kept_columns.unit_blocks.tolist(),
        }
    return sections


def sections_from_json(description):
    """Return the sections of a description. `Student` checks what they hold.

    Parameters
    ----------
    description : dict
        Description of a version that has sections.

    Returns
    -------
    sections : dict
        Parameters of `Student`.

    Raises
    ------
    ValueError
        If the description has a section that is not known, or one of the wrong type.
    """
    known = {*_REQUIRED, *_SECTIONS, _KEPT, _TEXT, _TEXT_COLUMNS, TASK}
    unknown = sorted(description.keys() - known)
    if unknown:
        names = ", ".join((*_SECTIONS, _KEPT, TASK, _TEXT, _TEXT_COLUMNS))
        raise ValueError(
            f"it holds the section {unknown[0]!r:.100}, which is not known, only "
            f"{names}: the file may come from a newer release"
        )
    sections = dict.fromkeys(_SECTIONS)
    sections |= {name: description[name] for name in {_KEPT, _TEXT} & {*description}}
    for name in description.keys() & _SECTIONS.keys():
        values, (words, kinds) = description[name], _SECTIONS[name]
        if not isinstance(values, list) or not all(type(v) in kinds for v in values):
            raise ValueError(f"{name} is {values!r:.100}: not a list of {words}")
        sections[name] = values
    if sections["offsets"] is not None:
        sections["offsets"] = np.array(sections["offsets"], dtype=np.float64)
    return sections


def kept_from_file(section, places):
    """Return the kept columns of a file. `KeptColumns` checks that they are in order.

    Parameters
    ----------
    section : object
        Section of the description.
    places : ndarray of shape (n_kept,), int
        Places of the columns.

    Returns
    -------
    kept_columns : tuple
        Parameters of `KeptColumns`.

    Raises
    ------
    ValueError
        If the section is damaged.
    """
    if not isinstance(section, dict) or section.keys() != {*_KEPT_FIELDS}:
        raise ValueError(
            f"{_KEPT} is {section!r:.100}: its fields are {', '.join(_KEPT_FIELDS)}"
        )
    n_columns, blocks = (section[name] for name in _KEPT_FIELDS)
    pairs = blocks if isinstance(blocks, list) else [None]
    numbers = [n_columns]
    for pair in pairs:
        numbers += pair if isinstance(pair, list) and len(pair) == 2 else [None]
    if not all(type(n) is int and 0 <= n <= _MOST_COLUMNS for n in numbers):
        raise ValueError(
            f"{_KEPT} is {section!r:.100}: n_columns is a whole number up to "
            f"{_MOST_COLUMNS}, and unit_blocks a list of pairs of such numbers"
        )
    return places, n_columns, blocks


def check_n_columns(n_columns, most):
    """Raise if the first layer of a student has more columns than a file holds.

    Parameters
    ----------
    n_columns, most : int

    Raises
    ------
    ValueError
    """
    if n_columns > most:
        raise ValueError(
            f"the student cannot be saved: it has {n_columns:,} columns, and a file "
            f"holds {most:,} at most (2**{most.bit_length() - 1}): fit with fewer, for "
            "texts by HashingVectorizer(n_features=2**17) or less, or by max_terms of "
            "the estimator"
        )
