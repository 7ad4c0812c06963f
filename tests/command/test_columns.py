from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skdistill.command.columns import Kind, Remedy, take_columns
from skdistill.command.columns_text import columns_text
from skdistill.tables.file import FileTable, read_table_file

N_ROWS = 120
RNG = np.random.default_rng(0)
WORDS = RNG.permutation(N_ROWS)


def written(cells):
    """Return a column as it is read from a CSV file."""
    return pd.Series(
        [np.nan if cell is None else str(cell) for cell in cells], dtype=str
    )


def take(cells, name="column", *, numbers=()):
    """Take a column of a CSV file."""
    table = FileTable(pd.DataFrame({name: written(cells)}), True)
    return take_columns(table, numbers)[0]


def take_typed(values, name="column", *, numbers=()):
    """Take a column of a Parquet file."""
    frame = pd.DataFrame({name: values})
    return take_columns(FileTable(frame, False), numbers)[0]


CASES = {
    # name: (cells, kind, left out, part of the remark, remedy)
    "floats": (RNG.normal(size=N_ROWS), Kind.NUMBERS, False, "", None),
    "ages": (RNG.integers(0, 90, N_ROWS), Kind.NUMBERS, False, "", None),
    "index": (range(N_ROWS), Kind.NUMBERS, False, "index", Remedy.DROP),
    "shuffled": (WORDS + 7, Kind.NUMBERS, False, "index", Remedy.DROP),
    "customer_id": (WORDS * 13 + 1, Kind.NUMBERS, False, "ids", Remedy.DROP),
    "salary": (WORDS * 13 + 1, Kind.NUMBERS, False, "", None),
    "member": (["True", "False"] * 60, Kind.TRUTH, False, "", None),
    "city": (["Lima", "Oslo", "Rome"] * 40, Kind.LEVELS, False, "", None),
    "zip": (
        [f"{i % 9:05d}" for i in range(N_ROWS)],
        *(Kind.LEVELS, False, "'00000'", Remedy.NUMBER),
    ),
    "price": (
        [f"${word:,}.50" for word in WORDS * 77],
        *(Kind.LEVELS, True, "numbers as text ('$", Remedy.NUMBER),
    ),
    "share": (
        [f"{i % 13}%" for i in range(N_ROWS)],
        *(Kind.LEVELS, False, "numbers as text ('0%')", Remedy.NUMBER),
    ),
    "stray": (
        ["N/K" if i % 40 == 0 else i % 30 for i in range(N_ROWS)],
        *(Kind.LEVELS, False, "'N/K' is none, in 3 rows", Remedy.NUMBER),
    ),
    "user": (
        [f"C{word:05d}" for word in WORDS],
        *(Kind.LEVELS, True, "like ids", Remedy.DROP),
    ),
    "remarks": (
        [f"they came {word} times in all" for word in WORDS],
        *(Kind.LEVELS, True, "free text", Remedy.TEXT),
    ),
    "day": (
        pd.date_range("2023-01-01", periods=N_ROWS).strftime("%Y-%m-%d"),
        *(Kind.DATES, True, "dates as text ('2023-01-01')", Remedy.DROP),
    ),
    "months": (
        ["2023-01-01", "2023-02-01"] * 60,
        *(Kind.DATES, True, "dates as text", Remedy.DROP),
    ),
    "empty": ([None] * N_ROWS, Kind.NOTHING, True, "no row has a value", None),
    "words": (["NA", "n/a", " "] * 40, Kind.NOTHING, True, "no row", None),
    "some": (["Lima", "NA", "Oslo"] * 40, Kind.LEVELS, False, "'NA' is missing", None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_column_of_a_csv_file(name):
    cells, kind, left_out, remark, remedy = CASES[name]
    taken = take(cells, name)
    assert taken.kind is kind
    assert taken.left_out == left_out
    assert remark in taken.remark
    assert bool(remark) == bool(taken.remark)
    assert taken.remedy is remedy


def test_values_are_those_of_the_file():
    cells = [1, 2, None, 3] * 30
    np.testing.assert_array_equal(take(cells).values, [1, 2, np.nan, 3] * 30)
    assert take([1, 2, 3] * 40).values.dtype == np.int64
    assert take([1, "2.5", 3] * 40).values.dtype == np.float64
    big = 2**62 + 1
    assert take([big, big + 1] * 60).values.dtype == np.float64
    np.testing.assert_array_equal(
        take([" ", "4", "NA", "1e3"] * 30).values, [np.nan, 4, np.nan, 1000] * 30
    )
    levels = take(["b", "a", None, "N/A"] * 30).values
    assert levels.categories.tolist() == ["a", "b"]
    assert levels.codes.tolist() == [1, 0, -1, -1] * 30
    truth = take(["TRUE", "false", None] * 40).values
    assert truth.categories.tolist() == [False, True]
    assert truth.codes.tolist() == [1, 0, -1] * 40
    assert take(["TRUE", "false"] * 60).values.tolist() == [True, False] * 60


@pytest.mark.parametrize(
    ("cells", "values", "remark"),
    [
        (["$1,100.00", "$5"] * 60, [1100, 5] * 60, "'$1,100.00' is 1100"),
        (["12", "N/K", "7"] * 40, [12, np.nan, 7] * 40, "'N/K' is missing, in 40 rows"),
        (["007", "012"] * 60, [7, 12] * 60, ""),
        (["5%", "?", "6%", "7%", "-"] * 24, [5, np.nan, 6, 7, np.nan] * 24, "1 other"),
    ],
)
def test_texts_that_the_user_calls_numbers(cells, values, remark):
    taken = take(cells, numbers=["column"])
    assert taken.kind is Kind.NUMBERS
    assert not taken.left_out
    np.testing.assert_array_equal(taken.values, values)
    assert remark in taken.remark
    assert bool(remark) == bool(taken.remark)


def test_texts_that_cannot_be_numbers():
    with pytest.raises(ValueError, match="'column' cannot be .* 120 of 120 .* 'Lima'"):
        take(["Lima", "Oslo"] * 60, numbers=["column"])


def test_columns_of_a_parquet_file_keep_their_types():
    days = pd.date_range("2023-01-01", periods=3)
    for values, kind in (
        (pd.Series([1, None, 3], dtype="Int64"), Kind.NUMBERS),
        (np.array([1.5, np.nan, 2.5]), Kind.NUMBERS),
        ([Decimal("1.5"), None, Decimal(2)], Kind.NUMBERS),
        ([True, False, True], Kind.TRUTH),
        (pd.Series([True, None, False], dtype=object), Kind.TRUTH),
        (pd.Categorical(["a", "b", "a"]), Kind.LEVELS),
        # Texts stay texts.
        (["1", "2", "NA"], Kind.LEVELS),
        (days, Kind.DATES),
        ([date(2023, 1, 1), None, date(2023, 1, 2)], Kind.DATES),
        ([None, None, None], Kind.NOTHING),
    ):
        assert take_typed(values).kind is kind
    assert take_typed(days).remedy is Remedy.DROP
    assert not take_typed(days).left_out
    taken = take_typed(["$1", "$2", "NA"], numbers=["column"])
    np.testing.assert_array_equal(taken.values, [1, 2, np.nan])
    numbers = take_typed([Decimal("1.5"), None, Decimal(2)]).values
    np.testing.assert_array_equal(numbers, [1.5, np.nan, 2.0])


def test_the_table_fits_and_names_the_option():
    frame = pd.DataFrame({name: written(cells) for name, (cells, *_) in CASES.items()})
    frame["a name with spaces, a comma and a 'quote'"] = frame["index"]
    text = columns_text(take_columns(FileTable(frame, True)))
    assert max(map(len, text.splitlines())) <= 80
    in_one_line = " ".join(text.split())
    for words in (
        "(--drop customer_id)",
        "(--number price)",
        "(--drop 'a name with spaces, a comma and a '\"'\"'quote'\"'\"'')",
        "city 3 levels",
        "member truth values",
        "The student takes no value of price, user, remarks, day, months, empty and "
        "words.",
    ):
        assert words in in_one_line


def test_of_many_columns_only_some_are_listed():
    frame = pd.DataFrame({f"x{i}": written(RNG.normal(size=30)) for i in range(500)})
    frame["late"] = written(range(30))
    text = columns_text(take_columns(FileTable(frame, True)))
    assert len(text.splitlines()) < 30
    assert "and 480 more: 480 of numbers" in text
    assert "--drop late" in text


def test_a_name_cannot_steer_the_terminal():
    frame = pd.DataFrame({"\x1b[31mred\n": written(range(30))})
    text = columns_text(take_columns(FileTable(frame, True)))
    shown = text.splitlines()[2]
    assert "\x1b" not in text
    assert shown.startswith(r"  \x1b[31mred")


def test_a_file_is_read_as_texts(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('code,"a, b",empty\n007,None,\n,NA,\n"x\ny",3,\n')
    frame = read_table_file(path).frame
    assert list(frame) == ["code", "a, b", "empty"]
    assert frame["code"].fillna("").tolist() == ["007", "", "x\ny"]
    assert frame["a, b"].tolist() == ["None", "NA", "3"]
    assert frame["empty"].isna().all()
