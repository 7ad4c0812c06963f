import numpy as np
import pandas as pd
import polars as pl
import pytest

from skdistill.report.groups import number_groups


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        (["b", "a", "b", None], ["a", "b", "missing"]),
        (np.array([10, 9, 10, 9]), ["9", "10"]),
        (np.array([1.5, np.nan, 1.5, np.nan]), ["1.5", "missing"]),
        (pd.Series(["b", None, "a", "b"], dtype="category"), ["a", "b", "missing"]),
        (pd.Series([3, None, 3, 2], dtype="Int64"), ["2", "3", "missing"]),
        (pd.Series(["x", None, "y", "x"], dtype="string"), ["x", "y", "missing"]),
        (pl.Series(["b", None, "a", "b"]), ["a", "b", "missing"]),
        ([True, False, True, "z"], ["False", "True", "z"]),
    ],
)
def test_names_and_numbers(groups, names):
    numbers, found = number_groups(groups, 4)
    assert found == names
    for value, number in zip(list(groups), numbers, strict=True):
        missing = value is None or value is pd.NA or value != value
        assert found[number] == ("missing" if missing else str(value))


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_column_by_its_name(frame):
    X = frame({"age": [1, 2, 3], "town": ["Rome", "Oslo", "Rome"]})
    numbers, names = number_groups("town", 3, X)
    assert names == ["Oslo", "Rome"]
    assert numbers.tolist() == [1, 0, 1]
    with pytest.raises(
        ValueError, match=r"groups='city' is not .* X has \['age', 'town'\]"
    ):
        number_groups("city", 3, X)


def test_what_is_no_group_is_refused():
    with pytest.raises(ValueError, match="groups='a' .* X has no names: give the name"):
        number_groups("a", 3, np.zeros((3, 1)))
    with pytest.raises(
        ValueError, match=r"shape \(2,\): give one value for each of the 3"
    ):
        number_groups(["a", "b"], 3)
    with pytest.raises(ValueError, match="holds 51 different values, and at most 50"):
        number_groups(np.arange(51.0), 51)
