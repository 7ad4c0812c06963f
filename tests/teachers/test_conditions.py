import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skdistill.tables.read import read_coded_columns
from skdistill.teachers.compare_cells import NamedColumns
from skdistill.teachers.conditions import Condition
from skdistill.teachers.rules import RulesTeacher

TABLE = pd.DataFrame(
    {
        "age": [10, 20, 30, 40, 0],
        "size": [-1.5, 0.0, 2.5, 30.0, 1.0],
        "town": ["Oslo", "Rome", "Bonn", "", "Oslo"],
        "home": ["Oslo", "Bonn", "Rome", "Rome", "x"],
        "old": [True, False, True, False, True],
    }
)


def rows_of(table, is_strict=False):
    names = [str(name) for name in table.columns]
    columns = dict(zip(names, read_coded_columns(table), strict=True))
    return NamedColumns(columns, names, len(table), is_strict)


def holds(text, table=TABLE, is_strict=False):
    found = Condition(text)(rows_of(table, is_strict))
    assert found.dtype == bool
    assert found.shape == (len(table),)
    return found.tolist()


def by_python(text):
    """Let Python compute the text, row by row."""
    return [bool(eval(text, {}, row)) for row in TABLE.to_dict("records")]


numbers = st.sampled_from(["0", "10", "20.0", "-1.5", "+2.5", "1e1", "30", "True"])
texts = st.sampled_from(["'Oslo'", '"Rome"', "''", "'Bonn'", "'o'"])
number_columns = st.sampled_from(["age", "size", "old"])
text_columns = st.sampled_from(["town", "home"])
orders = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
equalities = st.sampled_from(["==", "!="])


def lists_of(constants):
    joined = st.lists(constants, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        joined.map("[{}]".format),
        joined.map("({},)".format),
        joined.map("{{{}}}".format),
    )


def chains_of(columns, constants):
    operands = st.one_of(columns, constants)
    pair = st.builds("{} {} {}".format, operands, orders, operands)
    chain = st.builds(
        "{} {} {} {} {}".format, operands, orders, operands, orders, operands
    )
    membership = st.builds(
        "{} {} {}".format,
        columns,
        st.sampled_from(["in", "not in"]),
        lists_of(constants),
    )
    return st.one_of(pair, chain, membership)


substrings = st.builds(
    "{} {} {}".format, texts, st.sampled_from(["in", "not in"]), text_columns
)
mixed = st.one_of(
    st.builds("{} {} {}".format, number_columns, equalities, texts),
    st.builds("{} {} {}".format, text_columns, equalities, numbers),
)
comparisons = st.one_of(
    chains_of(number_columns, numbers),
    chains_of(text_columns, texts),
    substrings,
    mixed,
    st.sampled_from(["old", "age", "size", "True", "False"]),
    st.builds(
        "{} {}".format, text_columns, st.sampled_from(["is None", "is not None"])
    ),
    st.builds("{} {}".format, number_columns, st.sampled_from(["== None", "!= None"])),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        inner.map("not {}".format),
        inner.map("({})".format),
    ),
    max_leaves=6,
)


@settings(max_examples=400)
@given(conditions)
def test_a_condition_means_what_it_means_in_python(text):
    assert holds(text) == by_python(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n > 1", [False, True, False]),
        ("n <= 1", [True, False, False]),
        ("n != 1", [False, True, False]),
        ("not n > 1", [True, False, True]),
        ("n == n", [True, True, False]),
        ("n in [1, 3]", [True, False, False]),
        ("n not in [1, 3]", [False, True, False]),
        ("n in [1, None]", [True, False, True]),
        ("n is None", [False, False, True]),
        ("None is not n", [True, True, False]),
        ("t == 'a'", [True, False, False]),
        ("t != 'a'", [False, False, True]),
        ("t not in ['b']", [True, False, False]),
        ("t is None", [False, True, False]),
        ("'a' not in t", [False, False, True]),
        ("t < t", [False, False, False]),
        ("t != n", [True, False, False]),
        ("o", [True, False, False]),
        ("not o", [False, True, True]),
        ("o == False", [False, False, True]),
    ],
)
def test_comparisons_with_missing_values_do_not_hold(text, expected):
    table = pd.DataFrame(
        {"n": [1, 2, np.nan], "t": ["a", None, "b"], "o": [True, None, False]}
    )
    assert holds(text, table) == expected


def test_names_may_stand_in_backticks():
    table = pd.DataFrame({"a b": [1, 2], "class": ["x`y", "z"], "column0": [2, 1]})
    assert holds("`a b` > 1", table) == [False, True]
    assert holds("`class` == 'x`y'", table) == [True, False]
    assert holds("`a b` < column0", table) == [True, False]
    assert Condition("`a b` > column0 or `class` is None").names == set(table.columns)


def test_numbers_keep_their_precision():
    table = pd.DataFrame({"n": np.array([0.1, 0.2], dtype=np.float32)})
    assert holds("n == 0.1", table) == [True, False]
    assert holds("n < 1e300", table) == [True, True]
    assert holds("n > 9007199254740993", table) == [False, False]


def test_categories_are_compared_by_their_levels():
    levels = pd.Categorical(["b", "a", None], categories=["c", "b", "a"])
    table = pd.DataFrame({"t": levels, "k": pd.Categorical([1, 2, 1])})
    assert holds("t > 'a'", table) == [True, False, False]
    assert holds("k == 1", table) == [True, False, True]


HOSTILE = [
    "__import__('os').system('true')",
    "age.__class__",
    "age.real > 1",
    "age[0] > 1",
    "(lambda: 1)()",
    "[age for age in [1]]",
    "(x := 1) > 0",
    "age > open('/etc/passwd')",
    "f'{age}' == '1'",
    "age > abs(-1)",
    "@age > 1",
    "age > @threshold",
    "exec('1')",
    "age; town",
    "age = 1",
    "import os",
    "del age",
    "yield age",
    "await age",
    "age if old else town",
    "age > 1 if old else 0",
    "*age",
    "age > 1j",
    "town == b'Oslo'",
    "age > ...",
    "age + 1 > 2",
    "age > 1 & size > 2",
    "age ** 9 ** 9 ** 9 > 1",
    "~old",
    "-age > 1",
    "--1 < age",
    "not 5",
    "'Oslo'",
    "5 in age",
    "'a' in 'abc'",
    "age in town",
    "age in 5",
    "age in [[1]]",
    "age in [size]",
    "age in {1: 2}",
    "[1] == age",
    "age is 5",
    "age < None",
    "age > -'a'",
    "age > -True",
    "age > 1" + "0" * 400,
    "",
    "   ",
    "age >",
    "(age > 1",
    "`age > 1",
    "'Oslo",
    "age > 1\x00",
    "age > 1\ntown == 'Oslo'",
    "not " * 2000 + "old",
    "(" * 300 + "old" + ")" * 300,
    "-" * 5000 + "1 > age",
    "-" * 900 + "1 > age",
    "age" + ".a" * 800 + " > 1",
    "age" + "()" * 800,
    "age" + "[0]" * 2000 + " > 1",
    "old" + " and old" * 5000,
    "lambda: age",
    "print",
    "__builtins__",
    "age > __name__",
    "1 < 'a'",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_all_else_raises(text):
    with pytest.raises(ValueError, match=r"\w{2}"):
        holds(text, is_strict=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age > abs(1)", r"it holds a call, 'abs\(1\)'. A condition holds comparisons"),
        ("agee > 1", "X has no column 'agee'. .*Did you mean 'age'?"),
        ("age > 'old'", "it compares the column 'age', which is a number, with 'old'"),
        ("town > 1", "the column 'town', which is text, with 1, which is a number"),
        ("town in [1, 2]", "the column 'town', which is text, with 1"),
        ("'1' in age", "the column 'age', which is a number, with '1'"),
        ("town", "the column 'town' stands alone, and holds text"),
        ("age > 1 & size > 2", "it holds arithmetic, or & and | in place of and, or"),
        ("age == town", "the column 'age', which is a number, with 'Oslo'"),
        ("age is 5", "give == in place of is"),
        ("old and 'Oslo'", "'Oslo' stands alone, and a condition compares"),
        ("age >", r"it cannot be read \(.*\). A condition holds comparisons"),
    ],
)
def test_messages_say_what_would_be_right(text, message):
    with pytest.raises(ValueError, match=message):
        holds(text, is_strict=True)


SIZES = ["small", "large", "huge"]


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_ordered_categories_have_their_own_order(kind):
    cells = ["huge", "small", None, "large"]
    if kind == "pandas":
        size = pd.Categorical(cells, categories=SIZES, ordered=True)
        table = pd.DataFrame({"size": size, "other": cells[::-1]})
    else:
        table = pl.DataFrame({"size": cells, "other": cells[::-1]})
        table = table.with_columns(pl.col("size").cast(pl.Enum(SIZES)))
    rules = [
        ("size < 'large'", [0, 1, 0, 0]),
        ("size <= 'large'", [0, 1, 0, 1]),
        ("'small' < size <= 'huge'", [1, 0, 0, 1]),
        ("size > other", [1, 0, 0, 0]),
        ("other < size", [1, 0, 0, 0]),
        ("size != 'other'", [1, 1, 0, 1]),
    ]
    teacher = RulesTeacher([(text, "a") for text, _ in rules] + [("size is None", "b")])
    fires = teacher.fit(table).fires(table)
    assert fires[:, :-1].T.tolist() == [expected for _, expected in rules]
    with pytest.raises(ValueError, match="have an order, .*'tiny' is none of them"):
        RulesTeacher([("size < 'tiny'", 1), ("size > 'huge'", 0)]).fit(table)


def test_names_are_found_in_any_form_of_their_signs():
    micro, greek = "\u00b5g", "\u03bcg"
    for name in (micro, greek):
        table = pd.DataFrame({name: [1, 5], "x": [0, 0]})
        for written in (micro, greek):
            for text in (f"{written} > 3", f"`{written}` > 3"):
                rules = RulesTeacher([(text, 1), ("x > 0", 0)]).fit(table)
                assert rules.fires(table)[:, 0].tolist() == [False, True]


def test_types_are_no_matter_after_fit():
    """A block of rows may hold numbers where other rows hold text."""
    assert holds("town > 1") == [False] * 5
    assert holds("age != 'old'") == [True] * 5
    table = pd.DataFrame({"town": [np.nan, np.nan]})
    assert holds("town == 'Oslo'", table, is_strict=True) == [False, False]
    assert holds("'Oslo' in town", table, is_strict=True) == [False, False]
