"""`partial_fit` of a regressor."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_friedman1
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LassoCV
from sklearn.metrics import r2_score

from skdistill import DistilledRegressor


@pytest.fixture(scope="module")
def rows():
    return make_friedman1(2000, n_features=6, noise=0.5, random_state=0)


@pytest.fixture(scope="module")
def forest(rows):
    X, y = rows
    return RandomForestRegressor(40, random_state=0).fit(X[:1600], y[:1600])


def in_parts(model, X, y, n_parts=4, **arguments):
    for part in np.array_split(np.arange(len(X)), n_parts):
        given = {name: value[part] for name, value in arguments.items()}
        model.partial_fit(X[part], None if y is None else y[part], **given)
    return model


def test_parts_make_nearly_the_student_of_all_rows(rows, forest):
    X, y = rows
    parts = in_parts(DistilledRegressor(forest, random_state=0), X[:1600], y[:1600])
    whole = DistilledRegressor(forest, random_state=0).fit(X[:1600], y[:1600])
    assert parts.score(X[1600:], y[1600:]) > whole.score(X[1600:], y[1600:]) - 0.02
    assert parts.score(X[1600:], y[1600:]) > forest.score(X[1600:], y[1600:])


def test_the_range_of_answers_grows_with_the_rows(rows, forest):
    X, y = rows
    order = np.argsort(y[:1600])
    model = DistilledRegressor(forest, random_state=0)
    model.partial_fit(X[order[:800]], y[order[:800]])
    highest = model.task_.output.high[0]
    assert model.predict(X[:1600]).max() <= highest
    model.partial_fit(X[order[800:]], y[order[800:]])
    assert model.task_.output.high[0] >= y[:1600].max() > highest
    assert model.student_.output.high[0] == model.task_.output.high[0]


def test_it_goes_on_from_fit(rows, forest):
    X, y = rows
    model = DistilledRegressor(forest, random_state=0).fit(X[:800], y[:800])
    before = model.n_steps_
    model.partial_fit(X[800:1600], y[800:1600])
    assert model.n_steps_ > before
    assert model.score(X[1600:], y[1600:]) > 0.8


def test_stored_numbers_in_parts(rows, forest):
    X, _ = rows
    model = DistilledRegressor("precomputed", random_state=0)
    answers = forest.predict(X)
    in_parts(model, X, None, teacher_prediction=answers)
    assert r2_score(answers, model.predict(X)) > 0.85


def test_other_targets_are_refused_and_nothing_is_lost(rows, forest):
    X, y = rows
    model = DistilledRegressor(forest, random_state=0).partial_fit(X[:500], y[:500])
    before = model.predict(X[:20])
    with pytest.raises(ValueError, match="y has 2 targets, and that of the first call"):
        model.partial_fit(X[:50], np.column_stack([y[:50], y[:50]]))
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
        model.set_params(early_stopping=True).partial_fit(X[:50], y[:50])
    assert_array_equal(model.predict(X[:20]), before)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"loss": "absolute_error"}, "needs the loss .* was 'squared_error'"),
        ({"clip": False}, "needs the clip of the former call, which was True"),
    ],
)
def test_another_loss_or_range_is_refused(rows, forest, changed, words):
    X, y = rows
    model = DistilledRegressor(forest, max_iter=2, weight_decay=0.3, random_state=0)
    model.fit(X[:300], y[:300])
    with pytest.raises(ValueError, match=words):
        model.set_params(**changed).partial_fit(X[:50], y[:50])


@pytest.mark.filterwarnings("ignore:the teacher, <lambda>, predicts numbers")
def test_other_quantiles_are_refused_and_do_not_change_the_score(rows):
    X, y = rows
    model = DistilledRegressor(
        lambda X: X[:, 0], loss="quantile", quantile=0.1, max_iter=2, weight_decay=0.3
    )
    model.fit(X[:300], y[:300])
    score = model.score(X, y)
    model.set_params(quantile=[0.1, 0.9])
    with pytest.raises(ValueError, match=r"needs the quantile .*was \(0.1,\)"):
        model.partial_fit(X[:50], y[:50])
    assert model.score(X, y) == score


def test_quantiles_in_parts(rows):
    X, y = rows
    model = DistilledRegressor(
        lambda X: np.zeros((len(X), 2)),
        loss="quantile",
        quantile=[0.1, 0.9],
        distillation_weight=0.0,
        synthesizer=None,
        random_state=0,
    )
    in_parts(model, X[:1600], y[:1600])
    predicted = model.predict(X[1600:])
    inside = (predicted[:, 0] <= y[1600:]) & (y[1600:] <= predicted[:, 1])
    assert 0.6 < inside.mean() < 0.95


def test_a_weight_that_is_given_counts_in_each_call(rows, forest, few_steps):
    X, y = rows
    quick = {"n_synthetic": 200, "random_state": 0}
    chosen = DistilledRegressor(forest, **quick).fit(X[:300], y[:300])
    assert 0.0 < chosen.distillation_weight_ < 0.9
    given = chosen.set_params(distillation_weight=0.9).fit(X[:300], y[:300])
    fresh = DistilledRegressor(forest, distillation_weight=0.9, **quick)
    fresh.fit(X[:300], y[:300])
    for model in (given, fresh):
        assert model.distillation_weight_ == 0.9
        model.partial_fit(X[300:600], y[300:600])
    assert_array_equal(given.predict(X), fresh.predict(X))
    fresh.set_params(distillation_weight=0.1).partial_fit(X[:300], y[:300])
    assert fresh.distillation_weight_ == 0.1


def test_a_teacher_that_needs_more_rows_than_the_first_call_has(rows):
    X, y = rows
    words = "It got 1 row. Give more rows, in the first call"
    with pytest.raises(ValueError, match=words):
        DistilledRegressor(LassoCV()).partial_fit(X[:1], y[:1])
