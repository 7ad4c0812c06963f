"""The labels of a student in its file."""

import numpy as np

# Bound of the characters of all labels. In memory each label of text takes as many
# characters as the longest one.
_MOST_CHARACTERS = 2**20

_LABEL_TYPES = (
    "str",
    "object",
    "bool",
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
)


def labels_to_json(classes):
    """Return labels as a list for JSON."""
    kinds = {"b": bool, "i": int, "u": int, "f": float, "U": str, "O": str}
    expected = kinds.get(classes.dtype.kind)
    labels = classes.tolist()
    if expected is None or not all(isinstance(label, expected) for label in labels):
        raise TypeError(
            f"labels of type {classes.dtype} cannot be saved: "
            f"{labels!r:.100}. Use strings, numbers or booleans"
        )
    return [expected(label) for label in labels]


def label_type(dtype):
    """Return the name of the type of labels. The length of text is left out."""
    return "str" if dtype.kind == "U" else dtype.name


def labels_from_json(description):
    """Return the labels that JSON describes, as an array."""
    labels, name = description["classes"], description["classes_dtype"]
    if not isinstance(labels, list) or not isinstance(name, str):
        raise ValueError(f"classes is {labels!r:.100} of type {name!r:.100}")
    if name not in _LABEL_TYPES:
        raise ValueError(f"labels of type {name!r:.100} are not known")
    if name == "str":
        _check_length(labels)
    with np.errstate(over="ignore"):
        classes = np.array(labels, dtype=name)
    if labels_to_json(classes) != labels:
        raise ValueError(f"classes is {labels!r:.100}, not of type {name}")
    return classes


def _check_length(labels):
    """Raise if labels of text would take too much memory: as the longest label each."""
    longest = max((len(str(label)) for label in labels), default=0)
    if len(labels) * longest > _MOST_CHARACTERS:
        raise ValueError(
            f"classes holds {len(labels)} labels of up to {longest} characters, over "
            f"{_MOST_CHARACTERS} together"
        )
