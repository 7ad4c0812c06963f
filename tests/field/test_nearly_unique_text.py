"""Columns of ids and free text: left out by name, and none of their text is stored."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skdistill import DistilledClassifier, Student, TabularEncoder
from skdistill.export import to_c, to_js

N_ROWS = 300


def table(seed=0):
    """Return ids, remarks of which some are missing, and two useful columns."""
    rng = np.random.default_rng(seed)
    remarks = [f"remark {number}, in words" for number in rng.permutation(N_ROWS)]
    missing = rng.random(N_ROWS) < 0.2
    return pd.DataFrame(
        {
            "customer": [f"C{number:05d}" for number in rng.permutation(N_ROWS)],
            "amount": rng.normal(size=N_ROWS),
            "city": rng.choice(["Bern", "Graz", "Lyon"], N_ROWS),
            "remark": [
                None if lacks else r for lacks, r in zip(missing, remarks, strict=True)
            ],
        }
    )


def teacher(X):
    """Answer by amount and city alone."""
    likely = (X["amount"] > 0) ^ (X["city"] == "Graz")
    second = np.where(likely, 0.95, 0.05)
    return np.column_stack([1 - second, second])


@pytest.fixture(scope="module")
def fitted():
    X = table()
    with pytest.warns(UserWarning, match="'customer' .*, 'remark' ") as caught:
        model = DistilledClassifier(
            teacher, hidden_layer_sizes=(16,), synthesizer=None, random_state=0
        ).fit(X)
    assert [warning.filename for warning in caught] == [__file__]
    return model, X


def test_ids_and_free_text_are_left_out_by_name(fitted):
    model, X = fitted
    assert model.feature_names_in_[model.encoder_.left_out_].tolist() == [
        "customer",
        "remark",
    ]
    assert model.encoder_.get_feature_names_out().tolist() == ["amount", "city"]
    assert model.n_features_in_ == 4
    right = model.predict(X) == teacher(X).argmax(axis=1)
    assert right.mean() > 0.9


def test_no_text_of_them_is_in_a_file(fitted, tmp_path):
    model, X = fitted
    for write, name in ((Student.save, "student.npz"), (to_js, "m.mjs"), (to_c, "m.h")):
        write(model.student_, tmp_path / name)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert not any(value.encode() in content for value in X["customer"])
        assert b"in words" not in content
    assert b"Graz" in (tmp_path / "student.npz").read_bytes()


def test_their_values_have_no_effect(fitted, tmp_path):
    model, X = fitted
    expected = model.predict_proba(X)
    model.student_.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    for values in (["new"] * N_ROWS, np.arange(N_ROWS), [None] * N_ROWS):
        changed = X.assign(customer=values, remark=values)
        np.testing.assert_array_equal(model.predict_proba(changed), expected)
        np.testing.assert_array_equal(loaded.predict_proba(changed), expected)


@pytest.mark.parametrize(
    ("column", "is_left_out"),
    [
        ([f"id {i}" for i in range(300)], True),
        (pd.Categorical([f"id {i}" for i in range(300)]), True),
        # Numbers as text, with a thousand of which most differ.
        ([f"{i:,}" for i in range(9000, 9300)], True),
        # Every eighth row repeats the one before it.
        ([f"id {i - (i % 8 == 7)}" for i in range(300)], True),
        # Four of ten rows say nothing, and all others differ.
        ([f"text {i}" if i % 10 > 3 else "none" for i in range(300)], True),
        # Six of ten rows say nothing, which tells them from the others.
        ([f"text {i}" if i % 10 > 5 else "none" for i in range(300)], False),
        # Each level has two rows.
        ([f"id {i // 2}" for i in range(300)], False),
        # A level has four rows on average, and its number of rows varies.
        ([f"town {i}" for i in np.random.default_rng(0).integers(75, size=300)], False),
        # A table of few rows tells nothing about a column.
        ([f"id {i}" for i in range(20)], False),
        (list(range(300)), False),
    ],
)
def test_which_columns_are_nearly_unique(column, is_left_out):
    X = pd.DataFrame({"column": column})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        encoder = TabularEncoder().fit(X)
    assert encoder.left_out_.tolist() == ([0] if is_left_out else [])
    assert len(caught) == is_left_out


def judged_with_numbers(ids, numbers):
    """Tell whether ids are left out of a table, and whether its code holds any."""
    X = pd.DataFrame({"id": ids, "x": numbers, "town": numbers > 0})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        encoder = TabularEncoder().fit(X)
    is_left_out = encoder.left_out_.tolist() == [0]
    assert len(caught) == is_left_out == ("C000" not in repr(vars(encoder.code_)))
    return is_left_out


IDS = np.array([f"C{number:05d}" for number in range(1000)])
NUMBERS = np.random.default_rng(7).normal(size=3000)


@pytest.mark.parametrize("n_rows", [100, 1000])
@pytest.mark.parametrize("kind", ["bagging", "oversampling", "twice", "thrice"])
def test_copies_of_rows_do_not_hide_ids(kind, n_rows):
    rows = {
        "bagging": np.random.default_rng(8).integers(n_rows, size=n_rows),
        "oversampling": np.r_[: n_rows - 5, np.repeat(np.arange(5), n_rows // 5)],
        "twice": np.r_[:n_rows, :n_rows],
        "thrice": np.repeat(np.arange(n_rows), 3),
    }[kind]
    assert judged_with_numbers(IDS[rows], NUMBERS[rows])


@pytest.mark.parametrize("n_each", [2, 3])
def test_many_ids_of_a_few_different_rows_are_left_out(n_each):
    ids = np.repeat(IDS[:400], n_each)
    assert judged_with_numbers(ids, NUMBERS[: ids.size])
    # Names of which one is frequent are no ids.
    names = np.r_[ids, np.repeat(IDS[:1], ids.size)]
    assert not judged_with_numbers(names, NUMBERS[: names.size])
    # States of some years are few.
    states = np.repeat(IDS[:50], n_each)
    assert not judged_with_numbers(states, NUMBERS[: states.size])


def test_equal_rows_of_few_columns_are_no_copies():
    rng = np.random.default_rng(9)
    towns = IDS[rng.integers(40, size=600)]
    X = pd.DataFrame({"town": towns, "sex": rng.choice(["m", "f"], 600)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert TabularEncoder().fit(X).left_out_.size == 0


def test_rows_without_labels_do_not_hide_ids(fitted):
    X = fitted[1]
    with pytest.warns(UserWarning, match="'customer' .*, 'remark' "):
        model = DistilledClassifier(teacher, max_iter=2, random_state=0).fit(
            X, X_unlabeled=X
        )
    assert model.encoder_.left_out_.tolist() == [0, 3]
