"""Searches for the smallest linear student of sparse rows, in columns."""

import warnings

import pytest
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier, compress_to, smallest_within
from tests.estimators.test_sparse import make_texts


def test_a_linear_student_of_sparse_rows_is_tried_with_fewer_columns():
    X, y = make_texts(200, 400, 3)
    teacher = LogisticRegression(C=10)
    model = DistilledClassifier(teacher, max_iter=15, weight_decay=0.01, random_state=0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the training has not converged")
        found = compress_to(model, X, y, max_points_lost=60, random_state=0)
    terms = {row.n_terms for row in found.path_ if not row.hidden_layer_sizes}
    assert {None, 100, 30} < terms
    assert min(terms - {None}) < 30
    for row, student in zip(found.path_, found.students_, strict=True):
        kept = student.kept_columns
        assert row.n_terms == (None if kept is None else len(kept.places))
    chosen = found.chosen_
    assert chosen.n_terms < 100
    assert f"{chosen.n_terms} columns" in str(chosen)
    heads, *rows = str(found).splitlines()[3:]
    assert "columns" in heads
    assert any("  all  " in row for row in rows)
    # A clone is of the same size.
    assert found.estimator_.max_terms == chosen.n_terms
    assert found.estimator_.hidden_layer_sizes == ()
    assert found.estimator_.pruning_.n_terms == chosen.n_terms


def test_sparse_rows_with_another_number_of_units_have_their_own_decay():
    """The decay of a network is no penalty for a linear student."""
    X, y = make_texts(200, 40, 2)
    model = DistilledClassifier(
        LogisticRegression(C=10),
        hidden_layer_sizes=(6,),
        max_iter=20,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the training has not converged")
        found = compress_to(model, X, y, max_points_lost=90, random_state=0)
    linear = [row for row in found.path_ if not row.hidden_layer_sizes]
    assert {row.n_terms for row in linear} >= {None, 30}
    linear = [row for row in linear if row.n_terms is None]
    network = [row for row in found.path_ if row.hidden_layer_sizes == (6,)]
    assert linear[0].score >= network[0].score - 0.05


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ({"max_terms": 100}, {"max_terms": 1000}),
        ({"max_terms": 1000}, {"max_terms": "auto"}),
        ({"max_terms": "auto"}, {"max_terms": None}),
        (
            {"max_terms": 100, "hidden_layer_sizes": "auto"},
            {"max_terms": 100, "hidden_layer_sizes": (8,)},
        ),
        ({"hidden_layer_sizes": (8,)}, {"hidden_layer_sizes": "auto"}),
    ],
)
def test_sizes_are_estimated_by_the_columns(smaller, larger):
    for params in ([smaller, larger], [larger, smaller]):
        results = {"mean_test_score": [0.9, 0.9], "params": params}
        assert params[smallest_within(0.01)(results)] == smaller
