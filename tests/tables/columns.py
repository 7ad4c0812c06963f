"""Columns of every type, and the values that are read from them."""

from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa

NAN = float("nan")

# For each type: a Series, whether it holds levels, and the values that are read.
PANDAS = {
    "int64": (pd.Series([1, 2, 3]), False, [1, 2, 3]),
    "uint8": (pd.Series([1, 2, 255], dtype="uint8"), False, [1, 2, 255]),
    "float16": (pd.Series([1.5, NAN, 2], dtype="float16"), False, [1.5, NAN, 2]),
    "float32": (pd.Series([1.5, NAN, 2], dtype="float32"), False, [1.5, NAN, 2]),
    "float64": (pd.Series([1.5, NAN, 2]), False, [1.5, NAN, 2]),
    "Int64": (pd.Series([1, pd.NA, 2], dtype="Int64"), False, [1, NAN, 2]),
    "Int8, none missing": (pd.Series([1, 0, 2], dtype="Int8"), False, [1, 0, 2]),
    "Float32": (pd.Series([1.5, pd.NA, 2], dtype="Float32"), False, [1.5, NAN, 2]),
    "Float64": (pd.Series([1.5, pd.NA, 2], dtype="Float64"), False, [1.5, NAN, 2]),
    "int of Arrow": (
        pd.Series([1, None, 2], dtype="int16[pyarrow]"),
        False,
        [1, NAN, 2],
    ),
    "float of Arrow": (
        pd.Series([1.5, None, 2], dtype="float[pyarrow]"),
        False,
        [1.5, NAN, 2],
    ),
    "decimal of Arrow": (
        pd.Series([Decimal("1.25"), None, Decimal(2)]).astype(
            pd.ArrowDtype(pa.decimal128(6, 2))
        ),
        False,
        [1.25, NAN, 2],
    ),
    "sparse": (pd.Series([0, 0, 1.5], dtype="Sparse[float]"), False, [0, 0, 1.5]),
    "objects, numbers": (pd.Series([1, NAN, 2.5], dtype=object), False, [1, NAN, 2.5]),
    "objects, none": (pd.Series([None] * 3, dtype=object), False, [NAN] * 3),
    "bool": (pd.Series([True, False, True]), True, [True, False, True]),
    "boolean": (
        pd.Series([True, pd.NA, False], dtype="boolean"),
        True,
        [True, None, False],
    ),
    "bool of Arrow": (
        pd.Series([True, None, False], dtype="bool[pyarrow]"),
        True,
        [True, None, False],
    ),
    "text": (pd.Series(["a", None, "b"]), True, ["a", None, "b"]),
    "string": (pd.Series(["a", pd.NA, "b"], dtype="string"), True, ["a", None, "b"]),
    "string of Arrow": (
        pd.Series(["a", None, "b"], dtype=pd.ArrowDtype(pa.string())),
        True,
        ["a", None, "b"],
    ),
    "dictionary of Arrow": (
        pd.Series(["a", None, "b"]).astype(
            pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))
        ),
        True,
        ["a", None, "b"],
    ),
    "category of text": (
        pd.Series(
            pd.Categorical(["b", None, "a"], categories=["c", "b", "a"], ordered=True)
        ),
        True,
        ["b", None, "a"],
    ),
    "category of integers": (
        pd.Series([3, None, 1], dtype="category"),
        True,
        [3, None, 1],
    ),
    "category of floats": (
        pd.Series([2.5, None, 1.0], dtype="category"),
        True,
        [2.5, None, 1.0],
    ),
    "category of bool": (
        pd.Series([True, None, False], dtype="category"),
        True,
        [True, None, False],
    ),
    "objects, text": (
        pd.Series(["a", NAN, "b"], dtype=object),
        True,
        ["a", None, "b"],
    ),
    "objects, truths": (
        pd.Series([True, NAN, False], dtype=object),
        True,
        [True, None, False],
    ),
    "objects, mixed": (
        pd.Series([True, 1, "1"], dtype=object),
        True,
        [True, 1, "1"],
    ),
}

POLARS = {
    "Int8": (pl.Series([1, None, 2], dtype=pl.Int8), False, [1, NAN, 2]),
    "UInt64": (pl.Series([1, 0, 2], dtype=pl.UInt64), False, [1, 0, 2]),
    "Float32": (pl.Series([1.5, None, 2], dtype=pl.Float32), False, [1.5, NAN, 2]),
    "Float64": (pl.Series([1.5, NAN, 2]), False, [1.5, NAN, 2]),
    "Decimal": (
        pl.Series([Decimal("1.25"), None, Decimal("2.00")], dtype=pl.Decimal(6, 2)),
        False,
        [1.25, NAN, 2],
    ),
    "Null": (pl.Series([None] * 3), False, [NAN] * 3),
    "Boolean": (pl.Series([True, None, False]), True, [True, None, False]),
    "Boolean, none missing": (pl.Series([True, False] * 2)[:3], True, [1, 0, 1]),
    "String": (pl.Series(["a", None, "b"]), True, ["a", None, "b"]),
    "Categorical": (
        pl.Series(["b", None, "a"], dtype=pl.Categorical),
        True,
        ["b", None, "a"],
    ),
    "Enum": (
        pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b", "c"])),
        True,
        ["b", None, "a"],
    ),
    "Object": (pl.Series([1.5, "a", None], dtype=pl.Object), True, [1.5, "a", None]),
}
# The oldest supported version of polars lacks this type.
if hasattr(pl, "Int128"):
    POLARS["Int128"] = (
        pl.Series([1, None, 2], dtype=pl.Int128),
        False,
        [1, NAN, 2],
    )
