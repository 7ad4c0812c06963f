"""Texts that mean something else: numbers, truth values, dates, missing values."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

# Words that pandas, R and spreadsheets write for a missing value.
MISSING_WORDS = frozenset(
    {
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    }
)
TRUTH_WORDS = {
    "True": True,
    "true": True,
    "TRUE": True,
    "False": False,
    "false": False,
    "FALSE": False,
}

# If a greater share of the texts of a column are dates, or numbers, the column is one
# of dates or of numbers.
_NEARLY_ALL = 0.95
_MOST = 0.5

# Texts with more words than this in the mean are free text.
_WORDS_OF_AN_ID = 2.5

_NUMBER = re.compile(
    r"\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)\s*",
    re.ASCII | re.IGNORECASE,
)
_LEADING_ZERO = re.compile(r"\s*[+-]?0\d", re.ASCII)

# A sign of a currency, or its code, before or after a number.
_UNIT = r"(?:[$€£¥₹₽₩₺%]|USD|EUR|GBP|CHF|JPY|CAD|AUD|Rs\.?|kr\.?)"
_WRITTEN = re.compile(
    rf"\(?([+-]?)\s*{_UNIT}?\s*([+-]?)\s*([\d.,\s'\u2019]*\d[.,]?)\s*{_UNIT}?\)?",
    re.ASCII,
)
_POINT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d+|\d+\.", re.ASCII)
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d*)?|\d*,?\d+|\d+,", re.ASCII)
_GROUPS = re.compile(r"(?<=\d)[\s'\u2019](?=\d{3}(?:\D|$))")

# Signs of typesetters: minus, and spaces that do not break a line.
_PLAIN = str.maketrans("\u2212\u00a0\u202f", "-  ")

_TIME = (
    r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?|z|utc|[+-]\d{2}:?\d{2})?"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"(?:(?:(?:1[5-9]|2[01])\d\d([-/.]){_DAY_OF_MONTH}\1{_DAY_OF_MONTH}"
    rf"|{_DAY_OF_MONTH}([-/.]){_DAY_OF_MONTH}\2(?:1[5-9]|2[01])\d\d"
    rf"|{_DAY_OF_MONTH}([-/]){_DAY_OF_MONTH}\3\d\d"
    rf"|{_DAY_OF_MONTH}[-. ]+{_MONTH}[-, ]+(?:\d\d)?\d\d"
    rf"|{_MONTH}[- ]{_DAY_OF_MONTH},?[- ](?:\d\d)?\d\d"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2]))"
    rf"(?:[t, ]+{_TIME})?|{_TIME})",
    re.ASCII | re.IGNORECASE,
)


class WrittenNumbers(NamedTuple):
    """Numbers that people wrote, with signs of currency and groups of thousands.

    Attributes
    ----------
    values : ndarray of shape (n_texts,), float64
        Value of each text. NaN if it is no number.
    plain : ndarray of shape (n_texts,), bool
        Whether the text is a number as programs write it.
    """

    values: np.ndarray
    plain: np.ndarray

    @property
    def are_most(self) -> bool:
        """Whether more than half of the texts are numbers."""
        return bool(np.mean(~np.isnan(self.values)) > _MOST)

    def first(self, chosen: np.ndarray) -> int:
        """Return the index of the first chosen text."""
        return int(np.flatnonzero(chosen)[0])


def are_of_several_words(texts: Iterable[str]) -> bool:
    """Tell whether texts have so many words in the mean that they are free text.

    Ids and names have fewer.
    """
    counts = [len(text.split()) for text in texts]
    return bool(counts) and sum(counts) > _WORDS_OF_AN_ID * len(counts)


def is_missing_word(text: str) -> bool:
    """Tell whether a text stands for a missing value."""
    return text in MISSING_WORDS or text.isspace()


def are_numbers(texts: Iterable[str]) -> bool:
    """Tell whether all texts are numbers as programs write them."""
    return all(map(_NUMBER.fullmatch, texts))


def first_with_leading_zero(texts: Iterable[str]) -> str | None:
    """Return the first text that loses zeros if it becomes a number, or None."""
    return next(filter(_LEADING_ZERO.match, texts), None)


def are_dates(texts: list[str]) -> bool:
    """Tell whether nearly all texts are dates or times."""
    found = sum(_DATE.fullmatch(text.strip()) is not None for text in texts)
    return bool(texts) and found >= _NEARLY_ALL * len(texts)


def read_written_numbers(
    texts: list[str], deciding: list[str] | None = None
) -> WrittenNumbers:
    """Read texts as numbers, with currencies, percent and thousands.

    A percent is the number before its sign. The texts decide together whether a comma
    or a point stands before the decimals. If they do not, it is the point.

    Parameters
    ----------
    texts : list of str
        Different texts of a column.
    deciding : list of str or None, default=None
        Texts that decide in place of these.

    Returns
    -------
    numbers : WrittenNumbers
    """
    plain = np.array([_NUMBER.fullmatch(t) is not None for t in texts], dtype=bool)
    parts, cores = _parts_and_cores(texts)
    comma = _have_comma(cores if deciding is None else _parts_and_cores(deciding)[1])
    thousands, decimal = (".", ",") if comma else (",", ".")
    form = _COMMA if comma else _POINT
    values = np.full(len(texts), np.nan)
    for index, text in enumerate(texts):
        part = parts[index]
        if part is not None and form.fullmatch(cores[index]):
            core = cores[index].replace(thousands, "").replace(decimal, ".")
            brackets = text.strip().startswith("(") and text.strip().endswith(")")
            sign = -1.0 if brackets or "-" in part[1] + part[2] else 1.0
            values[index] = sign * float(core)
        elif plain[index]:
            values[index] = float(text)
    return WrittenNumbers(values, plain & ~np.isinf(values))


def _parts_and_cores(texts):
    """Return the match of each text as a written number, and its digits with signs."""
    parts = [_WRITTEN.fullmatch(text.strip().translate(_PLAIN)) for text in texts]
    return parts, ["" if part is None else _GROUPS.sub("", part[3]) for part in parts]


def _have_comma(cores):
    """Tell whether a comma stands before the decimals in most numbers."""
    fitting = [
        sum(form.fullmatch(core) is not None for core in cores)
        for form in (_COMMA, _POINT)
    ]
    return fitting[0] > fitting[1]
