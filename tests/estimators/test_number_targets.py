"""The form of y that a regressor takes."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LinearRegression

from skdistill import DistillationReport, DistilledRegressor, ResidualsDisplay
from skdistill.estimators.number_targets import (
    check_numbers_of_y,
    missing_numbers,
    numbers_of_y,
)
from skdistill.estimators.targets import NumberTargets
from skdistill.model_selection import teacher_score

MODEL = DummyRegressor()


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (["a", "b"], "y holds texts, such as 'a', .*use DistilledClassifier.*asarray"),
        ([1.0, "b"], "y holds texts, such as 'b'"),
        (np.array(["1.5", "2"]), "y holds texts, such as '1.5'.*asarray"),
        (pd.Series(["x", None]), "y holds texts"),
        ([1 + 2j, 3.0], "Complex data not supported"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "y holds dates or times"),
        ([1.0, np.nan, np.nan], "NaN or None: 2 of 3 numbers.*in row 1.*X_unlabeled"),
        ([[1.0, 2.0], [None, 3.0]], "NaN or None: 1 of 4 numbers.*in row 1"),
        (pd.array([1, None], dtype="Int64"), "NaN or None: 1 of 2 numbers"),
        (np.ma.masked_greater([1.0, 9.0], 5), "NaN or None: 1 of 2 numbers"),
        (np.zeros((2, 2, 2)), r"y has shape \(2, 2, 2\)"),
        ([date(2020, 1, 1)], r"y holds dates or times \(date\).*days since"),
        ([timedelta(1), 2.0], r"y holds dates or times \(timedelta\)"),
        (pd.Series(pd.date_range("2020", periods=2, tz="UTC")), "dates or times"),
        (pd.Series(pd.period_range("2020", periods=2, freq="D")), "dates or times"),
        (pl.Series([date(2020, 1, 1)]), "y holds dates or times"),
        (np.array([1j, 2.0], dtype=object), "Complex data not supported: y holds 1j"),
        ([{"a": 1}, {"a": 2}], r"cells of type dict, such as {'a': 1}.*one number"),
        (pd.Series([[1.0], [2.0]]), r"cells of type list, such as \[1.0\]"),
        ([[1.0], [1.0, 2.0]], r"different lengths, such as \[1.0\] and \[1.0, 2.0\]"),
        (
            [0.0, np.inf],
            "contains infinity: 1 of 2 numbers, the first of them in row 1",
        ),
        (np.array([-np.inf, 1.0], dtype=object), "contains infinity: 1 of 2 numbers"),
        ([1.0, Decimal("Infinity")], "contains infinity: 1 of 2 numbers"),
        ([10**400, 1], "y holds an integer that is too large for a float"),
        (sp.csr_array([[1.0]]), r"y is a csr_array of shape \(1, 1\).*y.toarray\(\)"),
        ("price", r"y is 'price', of type str: .*pass it: table\['price'\]"),
        (3.0, "y is 3.0, of type float: give an array"),
        ({"y": [1.0]}, r"y is {'y': \[1.0\]}, of type dict"),
    ],
    ids=lambda value: f"{value!r:.40}",
)
def test_a_y_without_numbers_is_refused(y, words):
    with pytest.raises(ValueError, match=words):
        check_numbers_of_y(y)


@pytest.mark.parametrize(
    "y",
    [
        [1, 2, 3],
        np.array([True, False, True]),
        pd.Series([1, 2, 3], dtype="Int64"),
        pl.Series([1.0, 2.0, 3.0]),
        np.arange(3, dtype=object),
        [Decimal("0.5"), Fraction(1, 4), True],
        pd.Series([1, 2, 3], dtype="int64[pyarrow]"),
        pd.Series([1, 2, 2]).astype("category"),
        np.arange(6.0).reshape(3, 2),
    ],
    ids=str,
)
def test_numbers_in_any_form_are_taken(y):
    check_numbers_of_y(y)
    numbers = numbers_of_y(y, MODEL)
    assert numbers.dtype == np.float64
    assert_array_equal(numbers, np.asarray(y).astype(float))


def test_one_column_is_a_row_of_numbers_with_a_warning():
    with pytest.warns(DataConversionWarning):
        assert numbers_of_y(np.arange(3.0)[:, np.newaxis], MODEL).shape == (3,)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([2.5, 2.5], "y holds 2.5 in all of its 2 rows"),
        ([[1.0, 7.0], [2.0, 7.0]], "column 1 of y holds 7 in all of its 2 rows"),
    ],
)
def test_a_constant_target_is_warned_of(y, words):
    targets, numbers = NumberTargets(), numbers_of_y(y, MODEL)
    with pytest.warns(UserWarning, match=f"{words}: it tells the student no more"):
        targets.warn_if_y_tells_little(numbers)
    with pytest.warns(UserWarning, match="in all rows of this call: .* unless other"):
        targets.warn_if_y_tells_little(numbers, "this call")


@pytest.mark.parametrize(
    ("y", "rows"),
    [
        ([1.0, np.nan, 3.0], [1]),
        ([None, 2.0], [0]),
        ([[np.nan, np.nan], [1.0, np.nan]], [0]),
        (pd.array([1, None], dtype="Int64"), [1]),
        (np.ma.masked_greater([1.0, 9.0], 5), [1]),
        ([1, 2], []),
        (np.zeros((2, 0)), []),
    ],
    ids=str,
)
def test_rows_without_any_number_are_found(y, rows):
    assert_array_equal(missing_numbers(y), rows)


def test_targets_keep_their_order(few_steps):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = pd.DataFrame(X, columns=["price", "size"])
    model = DistilledRegressor(LinearRegression(), hidden_layer_sizes=(4,), max_iter=2)
    model.fit(X, y)
    assert model.score(X, y) == model.score(X, y.to_numpy())
    words = r"y has the columns in the order \['size', 'price'\].*give y\[\['price', "
    swapped = y[["size", "price"]]
    for method in (model.score, model.partial_fit, partial(teacher_score, model)):
        with pytest.raises(ValueError, match=words):
            method(X, swapped)
    for show in (DistillationReport, ResidualsDisplay):
        with pytest.raises(ValueError, match=words):
            show.from_estimator(model, X, swapped)
    with pytest.raises(ValueError, match="several columns named 'size': give each an"):
        model.fit(X, y.set_axis(["size", "size"], axis=1))


def test_a_frame_of_a_teacher_with_other_targets_than_y_is_refused():
    X = np.arange(40.0).reshape(40, 1)
    y = pd.DataFrame({"price": X[:, 0], "size": X[:, 0] ** 2})
    model = DistilledRegressor(lambda X: y[["size", "price"]])
    words = r"the teacher, <lambda>, has the columns in the order \['size'.*the targets"
    with pytest.raises(ValueError, match=words):
        model.fit(X, y)
    model.set_params(teacher=lambda X: y.set_axis(["price", "area"], axis=1))
    with pytest.raises(
        ValueError, match=r"'area'\], and y has \['price', 'size'\]: giv"
    ):
        model.fit(X, y)
