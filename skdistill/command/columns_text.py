"""Words on the columns of a table, and how each is taken."""

from collections import Counter

from skdistill.command.columns import Remedy, TakenColumn
from skdistill.command.console import fill, listed, rows_of_text

# Greatest number of columns without a remark that are listed.
_MOST_COLUMNS = 20


def columns_text(columns: list[TakenColumn]) -> str:
    """Return a table of columns, with the option that mends what looks wrong.

    Parameters
    ----------
    columns : list of TakenColumn

    Returns
    -------
    text : str
        Lines that fit on a console.
    """
    plain = [column for column in columns if not column.remark]
    hidden = plain[_MOST_COLUMNS:]
    hidden_names = {column.name for column in hidden}
    lines = [
        (str(column.name), column.taken_as, column.advice)
        for column in columns
        if column.name not in hidden_names
    ]
    text = f"Each column is taken as:\n\n{rows_of_text(lines)}\n"
    if hidden:
        counts = Counter(column.kind.value for column in hidden)
        kinds = ", ".join(f"{count:,} of {kind}" for kind, count in counts.items())
        text += fill(f"and {len(hidden):,} more: {kinds}", "  ") + "\n"
    left_out = [str(column.name) for column in columns if column.left_out]
    if left_out:
        text += f"\n{fill(f'The student takes no value of {listed(left_out)}.')}\n"
    return text


def nothing_left(columns: list[TakenColumn]) -> str:
    """Return words on what to do if all columns are left out.

    Parameters
    ----------
    columns : list of TakenColumn

    Returns
    -------
    text : str
    """
    names = listed([str(column.name) for column in columns])
    options = [c.option for c in columns if c.remedy is Remedy.NUMBER]
    if options:
        return f"{names} are left out. Give {options[0]}"
    return f"{names} are left out"
