"""The labels of a student in C: the function that returns them, and their list."""

import numpy as np

from skdistill.export.c.text import comment_text, string_literal

_LABEL = """\
/* Returns the {what}, 0 to {last}. Any other index counts as 0. */
static inline {result}{prefix}_label(int {index})
{{
    static const {element}labels[{count}] = {{
{labels}
    }};
    return labels[{index} >= 0 && {index} < {count} ? {index} : 0];
}}
"""


def label_lines(labels):
    """Yield a line about each label."""
    for index, label in enumerate(labels.tolist()):
        yield f"    {index}  {comment_text(label)}"


def label_function(labels, prefix, *, what, index):
    """Return the function in C that returns labels.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)
    prefix : str
    what : str
        Name of what the function returns, for its comment.
    index : str
        Name of the parameter.

    Returns
    -------
    source : str

    Raises
    ------
    ValueError, TypeError
        If a label cannot be written in C.
    """
    dtype, labels = labels.dtype, labels.tolist()
    kind = dtype.kind
    if all(isinstance(label, str) for label in labels):
        result, element = "const char *", "char *const "
        literals = list(map(string_literal, labels))
    elif kind == "b" or (kind in "iu" and all(abs(v) < 2**31 for v in labels)):
        result = element = "int32_t "
        literals = [str(int(label)) for label in labels]
    elif kind in "iu":
        result = element = "uint64_t " if max(labels) >= 2**63 else "int64_t "
        ending = "UINT64_C" if max(labels) >= 2**63 else "INT64_C"
        literals = [
            "INT64_MIN" if label == -(2**63) else f"{ending}({label})"
            for label in labels
        ]
    elif kind == "f" and np.isfinite(labels).all():
        result = element = "double "
        literals = [repr(float(label)) for label in labels]
    else:
        raise TypeError(
            f"labels of type {dtype} cannot be written in C: {labels!r:.100}. "
            "Use strings, finite numbers or booleans"
        )
    return _LABEL.format(
        prefix=prefix,
        what=what,
        index=index,
        last=len(labels) - 1,
        result=result,
        element=element,
        count=len(labels),
        labels=",\n".join(f"        {literal}" for literal in literals),
    )
