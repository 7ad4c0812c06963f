"""Models of quantiles as one teacher."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import QuantileRegressor, RANSACRegressor, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledRegressor
from skdistill.teachers.clones import check_refittable
from skdistill.teachers.default import default_teacher
from skdistill.teachers.fingerprint import fingerprint
from skdistill.teachers.quantile_levels import warn_of_other_levels
from skdistill.teachers.quantiles import QuantileModels, check_levels
from skdistill.teachers.resolve import as_teacher, is_used_as_given
from skdistill.teachers.thread_safety import is_thread_safe
from skdistill.teachers.unseen import out_of_fold, refit_answers
from tests.teachers.numbers import table, task_of

LEVELS = (0.1, 0.5, 0.9)
X = table(300)[0]
Y = 10.0 * X[:, 0] + np.random.default_rng(0).gumbel(size=300)


def linear(level):
    return QuantileRegressor(quantile=level, alpha=0.0)


def models():
    """Unfitted models, not in the order of their levels."""
    return {level: linear(level) for level in (0.9, 0.1, 0.5)}


def fitted():
    return {level: linear(level).fit(X, Y) for level in (0.9, 0.1, 0.5)}


def expected(rows=slice(None)):
    return np.column_stack(
        [linear(level).fit(X[rows], Y[rows]).predict(X) for level in LEVELS]
    )


def test_a_dict_of_fitted_models_is_one_teacher():
    teacher = as_teacher(fitted(), kind="numbers")
    assert teacher.source.levels == LEVELS
    assert_allclose(teacher.ask(X, task_of(Y, LEVELS)), expected())
    assert is_used_as_given(fitted())
    assert not is_used_as_given(models())


def test_functions_may_be_models_of_quantiles():
    given = {0.9: lambda X: X[:, :1], 0.1: lambda X: -X[:, 0]}
    teacher = as_teacher(given, kind="numbers")
    found = teacher.ask(X, task_of(Y, (0.1, 0.9)))
    assert_array_equal(found, np.column_stack([-X[:, 0], X[:, 0]]))
    with pytest.raises(ValueError, match="teacher, dict, cannot be fitted"):
        check_refittable(given, "cv=3", 'cv="auto"')
    check_refittable(models(), "cv=3", 'cv="auto"')


def test_a_model_with_two_columns():
    two = as_teacher({0.5: lambda X: X[:, :2]}, kind="numbers")
    with pytest.raises(ValueError, match=r"quantile 0.5 answers with shape \(300, 2\)"):
        two.ask(X, task_of(Y, (0.5,)))


def test_another_teacher_has_no_column_for_each_quantile():
    forest = RandomForestRegressor(5, random_state=0).fit(X, Y)
    words = r"a column for each of the quantiles.*give a dict with a model for each"
    with pytest.raises(ValueError, match=words):
        as_teacher(forest, kind="numbers").ask(X, task_of(Y, LEVELS))


def test_each_model_is_cloned_fitted_and_seeded():
    given = {
        level: GradientBoostingRegressor(loss="quantile", alpha=level, subsample=0.5)
        for level in LEVELS
    }
    one = QuantileModels.of(given)
    names = [f"{level}__random_state" for level in LEVELS]
    one.set_params(**dict.fromkeys(names, 3))
    assert [one.get_params()[name] for name in names] == [3, 3, 3]
    found = clone(one).set_params(**{names[0]: 4})
    assert found.get_params()[names[0]] == 4
    assert one.get_params()[names[0]] == 3
    assert not hasattr(given[0.1], "estimators_")
    weights = np.random.default_rng(0).uniform(size=300)
    predicted = one.fit(X, Y, sample_weight=weights).predict(X)
    by_hand = clone(given[0.5]).set_params(random_state=3)
    by_hand.fit(X, Y, sample_weight=weights)
    assert_array_equal(predicted[:, 1], by_hand.predict(X))


def test_answers_out_of_fold_and_of_a_clone():
    one = QuantileModels.of(models())
    task = task_of(Y, LEVELS)
    folds = [(np.arange(150), np.arange(150, 300)), (np.arange(150, 300), range(150))]
    folds = [(kept, np.array(held)) for kept, held in folds]
    teacher = as_teacher(clone(one).fit(X, Y), given=one, kind="numbers")
    unseen = out_of_fold(teacher, X, Y, task, folds, np.random.RandomState(0))
    for kept, held_out in folds:
        assert_allclose(unseen.answers[held_out], expected(kept)[held_out])
    unseen = refit_answers(one, X, Y, task, {}, 0)
    kept = np.setdiff1d(np.arange(300), unseen.rows)
    assert_allclose(unseen.answers, expected(kept)[unseen.rows])


def test_fingerprint_and_threads():
    first, again = (QuantileModels.of(fitted()) for _ in range(2))
    assert fingerprint(first) == fingerprint(again)
    other = fitted() | {0.1: linear(0.2).fit(X, Y)}
    assert fingerprint(QuantileModels.of(other)) != fingerprint(first)
    assert is_thread_safe(first)
    assert not is_thread_safe(QuantileModels.of({0.5: lambda X: X[:, 0]}))


def test_the_default_teacher_of_quantiles():
    teacher = default_teacher("numbers", (0.1, 0.9))
    assert teacher.levels == (0.1, 0.9)
    for level, model in teacher.models.items():
        assert isinstance(model, HistGradientBoostingRegressor)
        assert (model.loss, model.quantile) == ("quantile", level)


def test_levels_that_are_not_those_to_learn():
    check_levels(models(), (0.1, 0.5, 0.9))
    check_levels(linear(0.5), None)
    with pytest.raises(ValueError, match=r'give loss="quantile", quantile=\[0.1, 0.5'):
        check_levels(models(), None)
    with pytest.raises(ValueError, match="or give a model for each level"):
        check_levels(models(), (0.1, 0.9))


@pytest.mark.parametrize("make", [models, fitted], ids=["unfitted", "fitted"])
def test_a_student_of_quantiles(make):
    given = make()
    model = DistilledRegressor(
        given, loss="quantile", quantile=LEVELS, max_iter=3, random_state=0
    )
    model = clone(model).fit(X, Y)
    assert_allclose(model.teacher_.predict(X), expected())
    assert model.predict(X).shape == (300, 3)
    assert list(model.get_params()["teacher"]) == list(given)
    assert "QuantileModels" in DistilledRegressor(given)._repr_html_()


def test_the_dict_has_to_hold_the_quantiles_of_the_student():
    model = DistilledRegressor(models(), max_iter=3)
    with pytest.raises(ValueError, match="and other numbers are learned"):
        model.fit(X, Y)
    model.set_params(loss="quantile", quantile=[0.1, 0.9])
    with pytest.raises(
        ValueError, match="quantile is .0.1, 0.9.: set quantile=.0.1, 0.5"
    ):
        model.fit(X, Y)


def test_sample_weights_reach_models_that_all_take_them():
    weights = np.random.default_rng(0).uniform(size=300)
    parameters = {"loss": "quantile", "quantile": [0.5], "max_iter": 2}
    model = DistilledRegressor({0.5: linear(0.5)}, random_state=0, **parameters)
    model.fit(X, Y, sample_weight=weights)
    by_hand = linear(0.5).fit(X, Y, sample_weight=weights)
    assert_allclose(model.teacher_.predict(X)[:, 0], by_hand.predict(X))


def test_rows_that_the_default_teacher_does_not_take_get_advice_that_works():
    rows = csr_array(np.maximum(X, 0.5) - 0.5)
    quick = {"max_iter": 2, "weight_decay": 0.3, "random_state": 0}
    model = DistilledRegressor(loss="quantile", quantile=[0.1, 0.9], **quick)
    with pytest.raises(TypeError, match="Sparse data was passed") as caught:
        model.fit(rows, Y)
    [note] = caught.value.__notes__
    assert "default is boosted trees for each quantile" in note
    assert '{0.1: GradientBoostingRegressor(loss="quantile", alpha=0.1), ...}' in note
    models = {
        level: GradientBoostingRegressor(loss="quantile", alpha=level, n_estimators=5)
        for level in (0.1, 0.9)
    }
    fitted = clone(model).set_params(teacher=models, n_synthetic=10).fit(rows, Y)
    assert fitted.predict(rows).shape == (300, 2)


class OfLightGBM(BaseEstimator):
    """A regressor with the parameters of LightGBM's."""

    __module__ = "lightgbm.sklearn"

    def __init__(self, objective=None, alpha=None):
        self.objective, self.alpha = objective, alpha


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (RandomForestRegressor(), r"answers the mean \(criterion='squared_error'\)"),
        (HistGradientBoostingRegressor(), r"answers the mean \(loss='squared_error'\)"),
        (Ridge(), "answers the mean"),
        (FrozenEstimator(Ridge().fit(X, Y)), "answers the mean"),
        (OfLightGBM(), r"answers the mean \(objective='regression'\)"),
        (
            make_pipeline(StandardScaler(), linear(0.1)),
            r"answers the quantile 0.1 \(quantile=0.1\)",
        ),
        (
            GradientBoostingRegressor(loss="quantile", alpha=0.95),
            r"answers the quantile 0.95 \(alpha=0.95\)",
        ),
        (
            HistGradientBoostingRegressor(loss="absolute_error"),
            r"answers the quantile 0.5 \(loss='absolute_error'\)",
        ),
        (
            OfLightGBM("quantile", 0.1),
            r"answers the quantile 0.1 \(alpha=0.1\)",
        ),
    ],
)
def test_a_teacher_of_the_mean_or_of_another_level_deserves_a_warning(model, said):
    with pytest.warns(UserWarning, match=f"^teacher, .*{said}.* the quantile 0.9 from"):
        warn_of_other_levels(model, (0.9,))
    several = QuantileModels({0.5: linear(0.5), 0.9: model})
    several.models_ = several.models
    with pytest.warns(UserWarning, match=rf"^teacher\[0.9\], .*{said}.*quantile=0.9"):
        warn_of_other_levels(several, (0.5, 0.9))


@pytest.mark.parametrize(
    "model",
    [
        linear(0.9),
        GradientBoostingRegressor(loss="quantile", alpha=0.9),
        HistGradientBoostingRegressor(loss="quantile", quantile=0.9),
        OfLightGBM("quantile", 0.9),
        GradientBoostingRegressor(loss="huber"),
        RANSACRegressor(),
        TransformedTargetRegressor(linear(0.1), func=np.negative),
        lambda X: X[:, 0],
        "precomputed",
        None,
    ],
)
def test_a_teacher_that_may_answer_the_quantile_gets_no_warning(model):
    warn_of_other_levels(model, (0.9,))


def test_students_of_something_else_need_no_quantile_of_the_teacher():
    warn_of_other_levels(Ridge(), ())
    warn_of_other_levels(Ridge(), (0.1, 0.9))


def test_fit_warns_of_a_teacher_of_another_level(few_steps):
    model = DistilledRegressor(
        linear(0.5).fit(X, Y), loss="quantile", quantile=0.6, n_synthetic=10, max_iter=1
    )
    with pytest.warns(
        UserWarning, match="^teacher, Quantile.* answers the quantile 0.5"
    ):
        model.fit(X, Y)


def test_a_dict_of_models_without_quantile_says_what_to_set():
    model = DistilledRegressor(models(), loss="quantile")
    with pytest.raises(ValueError, match=r"is \[0.5\]: set quantile=\[0.1, 0.5, 0.9\]"):
        model.fit(X, Y)


def test_answers_with_the_quantiles_in_another_order_are_refused():
    falling = np.column_stack([Y + 5.0, Y, Y - 5.0])
    model = DistilledRegressor("precomputed", loss="quantile", quantile=list(LEVELS))
    words = r"teacher_prediction has the quantile 0.1 above .* of quantile, \[0.1, 0.5"
    with pytest.raises(ValueError, match=words):
        model.fit(X, Y, teacher_prediction=falling)
