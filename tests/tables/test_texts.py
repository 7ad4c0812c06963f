import numpy as np
import pytest

from skdistill.tables.texts import (
    MISSING_WORDS,
    are_dates,
    are_numbers,
    first_with_leading_zero,
    is_missing_word,
    read_written_numbers,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["$1,100.00", "$3.50", "-$2", "$-2", "N/K"], [1100.0, 3.5, -2.0, -2.0, NAN]),
        (["(1,234)", "5"], [-1234.0, 5.0]),
        (["12%", "3.5 %", "0.5 %"], [12.0, 3.5, 0.5]),
        (["1.234,56 €", "2,5 €", "7 €"], [1234.56, 2.5, 7.0]),
        (["12,5", "3,75", "100"], [12.5, 3.75, 100.0]),
        (["1 234", "5 678 901", "3"], [1234.0, 5678901.0, 3.0]),
        (["1\u00a0234,5", "2\u202f000,25"], [1234.5, 2000.25]),
        (["1'000.5", "2\u2019000.25"], [1000.5, 2000.25]),
        # Both readings are possible, so the comma is one of thousands.
        (["1,234", "2,500"], [1234.0, 2500.0]),
        (["\u221212.5", "+3"], [-12.5, 3.0]),
        (["USD 12", "EUR 3.5", "7 GBP"], [12.0, 3.5, 7.0]),
        (["12", "N/K", "3e5", "1e-3"], [12.0, NAN, 3e5, 1e-3]),
        (["007", " 12 "], [7.0, 12.0]),
        (["5 apples", "A12", "1-2", "1,2,3", "10.0.0.1", "$", ""], [NAN] * 7),
    ],
)
def test_written_numbers(texts, values):
    np.testing.assert_array_equal(read_written_numbers(texts).values, values)


def test_plain_numbers_are_told_from_written_ones():
    written = read_written_numbers(["1", "-2.5e3", "$4", "x"])
    assert written.plain.tolist() == [True, True, False, False]
    assert written.are_most
    assert not read_written_numbers(["1", "x"]).are_most


@pytest.mark.parametrize(
    "texts",
    [
        ["2023-01-01", "2023-12-31"],
        ["2023-01-01 10:00:00", "2023-01-01T10:00:00.5Z"],
        ["01/02/2023", "31/12/1999"],
        ["1/2/23"],
        ["31.12.2020"],
        ["3 Mar 2020", "12-Jan-98", "4. May 2021"],
        ["Mar 3, 2020", "December 24 2021"],
        ["2020-03", "2021-12"],
        ["12:30", "23:59:59", "11:05 pm"],
    ],
)
def test_dates(texts):
    assert are_dates(texts)
    assert are_dates(texts * 19 + ["soon"])
    assert not are_dates([*texts, "soon"])


@pytest.mark.parametrize(
    "text",
    ["1.2.34", "10-20", "555-1234", "1980-85", "May", "12", "3.5", "2023-13-45x", ""],
)
def test_no_dates(text):
    assert not are_dates([text])


def test_numbers_as_programs_write_them():
    assert are_numbers(["1", "-2.5", ".5", "5.", "1e-3", " 7", "inf", "-Infinity"])
    for text in ("", "1_000", "1,000", "0x1", "nan", "one", "١٢"):
        assert not are_numbers([text])
    assert first_with_leading_zero(["10", "0", "0.5", "-0.5", "00"]) == "00"
    assert first_with_leading_zero(["10", "0"]) is None
    assert first_with_leading_zero(["7", "-012"]) == "-012"


def test_the_words_for_a_missing_value_are_those_of_pandas():
    pandas = pytest.importorskip("pandas")
    import io

    words = sorted(MISSING_WORDS)
    table = "x,y\n" + "\n".join(f"{word},1" for word in [*words, "", "word"])
    read = pandas.read_csv(io.StringIO(table))["x"]
    assert read[:-1].isna().all()
    assert read.iloc[-1] == "word"
    assert all(map(is_missing_word, [*words, " ", "\t"]))
    assert not is_missing_word("word")
