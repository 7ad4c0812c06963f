from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skdistill.command.target import read_target
from skdistill.tables.file import FileTable


def read(cells, renamed=None, *, is_csv=True):
    """Read labels; return those of the rows that have one, these rows, and words."""
    if is_csv:
        cells = pd.Series(cells, dtype=str)
    table = FileTable(pd.DataFrame({"y": cells}), is_csv)
    target = read_target(table, "y", renamed)
    assert len(target.labels) == len(cells)
    found = target.labels[target.is_labelled].tolist()
    return found, np.flatnonzero(target.is_labelled).tolist(), target.missing_words


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["b", "a"], ["b", "a"]),
        (["0", "1", "-1"], [0, 1, -1]),
        (["0.5", "1"], [0.5, 1.0]),
        (["True", "false"], [True, False]),
        # Zeros that a number would lose, and a number beyond 64 bits.
        (["007", "7"], ["007", "7"]),
        (["1", str(2**70)], [1.0, 2.0**70]),
        (["1", "None"], ["1", "None"]),
    ],
)
def test_types_of_labels(cells, labels):
    found, rows, words = read(cells)
    assert found == labels
    assert list(map(type, found)) == list(map(type, labels))
    assert rows == list(range(len(cells)))
    assert words == []


@pytest.mark.parametrize("word", ["NA", "nan", "NULL", "n/a", " ", "#N/A"])
def test_words_for_a_missing_label(word):
    assert read(["1", word, "0"]) == ([1, 0], [0, 2], [word])
    found, rows, words = read(["1", word, "0"], {word: "none"})
    assert found == ["1", "none", "0"]
    assert rows == [0, 1, 2]
    assert words == []


def test_empty_cells_have_no_label():
    assert read(["a", np.nan, "b"]) == (["a", "b"], [0, 2], [])
    assert read([1, None, 2], is_csv=False) == ([1.0, 2.0], [0, 2], [])
    assert read(["a", None, "NA"], is_csv=False) == (["a", "NA"], [0, 2], [])


def test_decimals_are_numbers():
    cells = [Decimal("1.50"), None, Decimal("-3.25")]
    assert read(cells, is_csv=False) == ([1.5, -3.25], [0, 2], [])


def test_new_labels():
    assert read(["No", "Yes", "No"], {"No": "0", "Yes": "1"})[0] == [0, 1, 0]
    assert read(["a", "b", "c"], {"a": "b"})[0] == ["b", "b", "c"]
    assert read([0, 1], {"0": "no", "1": "yes"}, is_csv=False)[0] == ["no", "yes"]
    with pytest.raises(ValueError, match="'y' holds no label 'no' to rename"):
        read(["No", "Yes"], {"no": "0"})
