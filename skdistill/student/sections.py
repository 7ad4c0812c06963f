"""Optional sections of the description in a student file: names, offsets, texts.

A section is a field of the JSON text.
"""

import numpy as np

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

# Section that `skdistill.student.text.section` reads, with a member of its own.
_TEXT = "text"


def sections_to_json(feature_names, offsets):
    """Return the sections of a student, for its description.

    Parameters
    ----------
    feature_names : list of str or None
    offsets : ndarray of shape (n_features,), float64, or None

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
    unknown = sorted(description.keys() - {*_REQUIRED, *_SECTIONS, _TEXT})
    if unknown:
        raise ValueError(
            f"it holds the section {unknown[0]!r:.100}, which is not known, only "
            f"{', '.join(_SECTIONS)}, {_TEXT}: the file may come from a newer release"
        )
    sections = dict.fromkeys(_SECTIONS)
    if _TEXT in description:
        sections[_TEXT] = description[_TEXT]
    for name in description.keys() & _SECTIONS.keys():
        values, (words, kinds) = description[name], _SECTIONS[name]
        if not isinstance(values, list) or not all(type(v) in kinds for v in values):
            raise ValueError(f"{name} is {values!r:.100}: not a list of {words}")
        sections[name] = values
    if sections["offsets"] is not None:
        sections["offsets"] = np.array(sections["offsets"], dtype=np.float64)
    return sections
