"""Names of the columns of a file."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def check_different(names: Sequence[str], path: Path | str) -> None:
    """Raise an error if two columns of a file have one name.

    Parameters
    ----------
    names : sequence of str
    path : Path or str
        Name of the file in the error.

    Raises
    ------
    ValueError
        If a name occurs twice.
    """
    twice = [repr(name) for name, count in Counter(names).items() if count > 1]
    if twice:
        named = ", ".join(twice[:5])
        raise ValueError(
            f"{path} has more than one column of the name {named}: "
            "rename the columns, so that each has a name of its own"
        )
