"""The estimator that distils a regressor."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_friedman1
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.model_selection import GridSearchCV, cross_validate, train_test_split
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVR

from skdistill import DistilledClassifier, DistilledRegressor, Student

BOOSTING = HistGradientBoostingRegressor(max_iter=30, random_state=0)

QUICK = {
    "hidden_layer_sizes": (16,),
    "max_iter": 30,
    "weight_decay": 0.3,
    "n_synthetic": 200,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def friedman():
    X, y = make_friedman1(1200, n_features=8, noise=1.0, random_state=0)
    return train_test_split(X, y, random_state=0)


@pytest.fixture(scope="module")
def forest(friedman):
    X, _, y, _ = friedman
    return RandomForestRegressor(50, random_state=0).fit(X, y)


@pytest.fixture(scope="module")
def fitted(friedman, forest):
    X, _, y, _ = friedman
    return DistilledRegressor(forest, random_state=0).fit(X, y)


def two_targets(friedman):
    X, X_test, y, y_test = friedman
    both = np.column_stack([y, 100.0 - 3.0 * X[:, 0] - 5.0 * X[:, 3]])
    both_test = np.column_stack(
        [y_test, 100.0 - 3.0 * X_test[:, 0] - 5.0 * X_test[:, 3]]
    )
    return X, X_test, both, both_test


def test_the_student_is_better_than_its_teacher(friedman, forest, fitted):
    _, X_test, _, y_test = friedman
    assert fitted.score(X_test, y_test) > forest.score(X_test, y_test) + 0.02
    assert fitted.score(X_test, y_test) == r2_score(y_test, fitted.predict(X_test))


def test_predictions_are_those_of_the_student(friedman, fitted):
    _, X_test, _, _ = friedman
    predicted = fitted.predict(X_test)
    assert predicted.shape == (len(X_test),)
    assert predicted.dtype == np.float64
    assert_array_equal(predicted, fitted.student_.predict(X_test))
    assert fitted.out_activation_ == "identity"
    assert fitted.n_outputs_ == 1
    assert not hasattr(fitted, "classes_")
    assert not hasattr(fitted, "predict_proba")


def test_answers_stay_in_the_range_of_y_unless_it_is_open(friedman):
    X, _, _, _ = friedman
    far = 50.0 * X[:20] + 100.0
    straight = 2.0 * X[:, 0] + X[:, 1]
    linear = LinearRegression().fit(X, straight)
    closed = DistilledRegressor(linear, encoder=None, **QUICK).fit(X, straight)
    low, high = closed.task_.output.low[0], closed.task_.output.high[0]
    assert low <= straight.min() < straight.max() <= high
    predicted = closed.predict(far)
    assert low <= predicted.min()
    assert predicted.max() <= high
    opened = DistilledRegressor(linear, encoder=None, clip=False, **QUICK).fit(
        X, straight
    )
    assert opened.predict(far).max() > high


def test_a_pickle_and_a_file_answer_alike(tmp_path, friedman, fitted):
    _, X_test, _, _ = friedman
    expected = fitted.predict(X_test)
    assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X_test), expected)
    fitted.student_.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert_array_equal(loaded.predict(X_test), expected)


def test_the_same_seed_makes_the_same_student(friedman, forest):
    X, X_test, y, _ = friedman
    one, other = (DistilledRegressor(forest, **QUICK).fit(X, y) for _ in range(2))
    assert_array_equal(one.predict(X_test), other.predict(X_test))
    threads = DistilledRegressor(forest, **QUICK, n_jobs=2).fit(X, y)
    assert_array_equal(one.predict(X_test), threads.predict(X_test))


def test_the_unit_of_y_changes_nothing(friedman):
    X, X_test, y, _ = friedman
    plain = DistilledRegressor(BOOSTING, **QUICK).fit(X, y)
    for unit, origin in ((1e-12, 0.0), (1e9, -3e9), (1.0, 1.7e9)):
        moved = DistilledRegressor(BOOSTING, **QUICK).fit(X, unit * y + origin)
        back = (moved.predict(X_test) - origin) / unit
        assert r2_score(plain.predict(X_test), back) > 0.99


def test_several_targets_are_learned_by_one_student(friedman):
    X, X_test, y, y_test = two_targets(friedman)
    forest = RandomForestRegressor(50, random_state=0).fit(X, y)
    model = DistilledRegressor(forest, random_state=0).fit(X, y)
    assert model.predict(X_test).shape == y_test.shape
    assert model.n_outputs_ == 2
    assert model.teacher_slope_.shape == (2,)
    each = r2_score(y_test, model.predict(X_test), multioutput="raw_values")
    of_forest = r2_score(y_test, forest.predict(X_test), multioutput="raw_values")
    assert (each > of_forest).all()


def test_several_targets_take_three_times_the_steps(friedman, few_steps):
    X, _, Y, _ = two_targets(friedman)

    def n_steps(y, answers, **parameters):
        model = DistilledRegressor("precomputed", weight_decay=0.3, **parameters)
        return model.fit(X, y, teacher_prediction=answers).n_steps_

    y = Y[:, 0]
    levels = {"loss": "quantile", "quantile": [0.1, 0.9]}
    n_steps_of_one = n_steps(y, y)
    assert n_steps(Y, Y) == 3 * n_steps_of_one
    assert n_steps(y, np.column_stack([y, y]), **levels) == n_steps_of_one


def test_without_labels_the_teacher_alone_is_learned(friedman, forest):
    X, X_test, _, _ = friedman
    model = DistilledRegressor(forest, **QUICK).fit(X)
    assert r2_score(forest.predict(X_test), model.predict(X_test)) > 0.9
    assert_array_equal(model.teacher_slope_, [1.0])


def test_rows_without_a_number_count_as_unlabelled(friedman, forest):
    X, X_test, y, _ = friedman
    known = np.arange(len(y)) % 3 > 0
    gaps = np.where(known, y, np.nan)
    model = DistilledRegressor(forest, **QUICK).fit(X, gaps)
    other = DistilledRegressor(forest, **QUICK)
    other.fit(X[known], y[known], X_unlabeled=(X[~known],))
    assert_array_equal(model.predict(X_test), other.predict(X_test))


def test_stored_numbers_teach(friedman, forest):
    X, X_test, y, _ = friedman
    model = DistilledRegressor("precomputed", **QUICK)
    model.fit(X, y, teacher_prediction=forest.predict(X))
    assert r2_score(forest.predict(X_test), model.predict(X_test)) > 0.85
    with pytest.raises(ValueError, match="teacher_prediction has shape"):
        model.fit(X, y, teacher_prediction=forest.predict(X)[:-1])
    with pytest.raises(ValueError, match="needs the teacher's numbers: pass teacher_p"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="teacher_prediction was passed, and teacher"):
        DistilledRegressor(forest).fit(X, y, teacher_prediction=y)
    with pytest.raises(ValueError, match="Pass teacher_prediction_unlabeled"):
        model.fit(X, y, teacher_prediction=y, X_unlabeled=X)


@pytest.mark.parametrize("shape", [lambda y: y, lambda y: y[:, np.newaxis]])
def test_a_function_teaches(friedman, shape):
    X, _, _, _ = friedman

    def teacher(X):
        return shape(3.0 * X[:, 0] - X[:, 4])

    model = DistilledRegressor(teacher, **QUICK).fit(X)
    assert r2_score(3.0 * X[:, 0] - X[:, 4], model.predict(X)) > 0.95


def test_weights_of_zero_leave_rows_out(friedman):
    X, X_test, y, _ = friedman
    weights = np.r_[np.ones(600), np.zeros(len(y) - 600)]
    wrong = np.where(weights > 0, y, 1e6)
    model = DistilledRegressor(BOOSTING, **QUICK)
    model.fit(X, wrong, sample_weight=weights)
    assert np.abs(model.predict(X_test)).max() < 100


def test_early_stopping_watches_a_score(friedman, forest):
    X, _, y, _ = friedman
    for scoring in ("loss", "agreement", "r2", "neg_mean_absolute_error"):
        model = DistilledRegressor(
            forest, **QUICK | {"max_iter": 60}, early_stopping=True, scoring=scoring
        ).fit(X, y)
        assert len(model.validation_scores_) == model.n_iter_
    assert model.best_validation_score_ < 0.0


def test_searches_pipelines_and_wrappers(friedman, forest):
    X, X_test, y, y_test = friedman
    search = GridSearchCV(
        DistilledRegressor(forest, **QUICK), {"weight_decay": [0.1, 1.0]}, cv=2
    ).fit(X, y)
    assert search.best_estimator_.teacher_ is forest
    scores = cross_validate(DistilledRegressor(BOOSTING, **QUICK), X, y, cv=2)
    assert scores["test_score"].min() > 0.5
    around = TransformedTargetRegressor(
        DistilledRegressor(BOOSTING, **QUICK), func=np.log1p, inverse_func=np.expm1
    )
    positive = np.exp(y / 5.0)
    assert around.fit(X, positive).score(X_test, np.exp(y_test / 5.0)) > 0.5
    scaled = make_pipeline(StandardScaler(), DistilledRegressor(BOOSTING, **QUICK))
    assert scaled.fit(X, y).score(X_test, y_test) > 0.5
    _, _, both, both_test = two_targets(friedman)
    for wrapper in (MultiOutputRegressor, RegressorChain):
        several = wrapper(DistilledRegressor(BOOSTING, **QUICK)).fit(X, both)
        assert several.score(X_test, both_test) > 0.5


def test_tables_with_text_and_gaps(friedman):
    X, _, y, _ = friedman
    # Older pandas would write the gaps into X itself.
    frame = pd.DataFrame(X.copy(), columns=[f"x{i}" for i in range(8)])
    frame["town"] = np.where(X[:, 0] > 0.5, "Rome", "Oslo")
    frame.loc[::5, "x1"] = np.nan
    frame.loc[::7, "town"] = None
    frame["town"] = frame["town"].astype("category")
    teacher = HistGradientBoostingRegressor(
        max_iter=30, categorical_features="from_dtype"
    )
    model = DistilledRegressor(teacher, **QUICK).fit(frame, y)
    assert model.score(frame, y) > 0.5
    shuffled = frame[frame.columns[::-1]]
    assert_array_equal(model.student_.predict(shuffled), model.predict(frame))


def test_sparse_rows_get_a_linear_student(friedman):
    rng = np.random.default_rng(0)
    X = csr_array((rng.random((400, 50)) > 0.8).astype(float))
    y = X @ rng.normal(size=50) + rng.normal(0, 0.1, 400)
    model = DistilledRegressor(Ridge(0.1), random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    assert len(model.student_.coefs_) == 1


def test_a_monotone_student_only_rises(friedman, forest):
    X, _, y, _ = friedman
    model = DistilledRegressor(
        forest,
        **QUICK | {"hidden_layer_sizes": ()},
        monotonic_cst=[0, 0, 0, 1, 0, 0, 0, 0],
    ).fit(X, y)
    rows = np.repeat(X[:5], 50, axis=0)
    rows[:, 3] = np.tile(np.linspace(-1.0, 2.0, 50), 5)
    assert (np.diff(model.predict(rows).reshape(5, 50), axis=1) >= 0).all()
    _, _, both, _ = two_targets(friedman)
    with pytest.raises(ValueError, match="there are 2 numbers: .* Give one target"):
        model.set_params(teacher=None).fit(X, both)


def test_a_warm_start_goes_on(friedman, forest):
    X, _, y, _ = friedman
    model = DistilledRegressor(forest, **QUICK, warm_start=True).fit(X, y)
    before = model.loss_
    assert model.fit(X, y).loss_ < before


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_hint_of_a_network_is_learned(friedman):
    X, _, y, _ = friedman
    teacher = MLPRegressor(
        hidden_layer_sizes=(32,), solver="lbfgs", max_iter=2000, random_state=0
    ).fit(X, y)
    model = DistilledRegressor(teacher, **QUICK, hint_weight=0.5).fit(X, y)
    assert model.score(X, y) > 0.5


@pytest.mark.filterwarnings("ignore:y holds 3 in all")
def test_a_constant_y_is_answered_exactly(friedman):
    X, X_test, _, _ = friedman
    model = DistilledRegressor(RandomForestRegressor(5), **QUICK)
    assert_array_equal(model.fit(X, np.full(len(X), 3.0)).predict(X_test), 3.0)


def test_a_classifier_is_no_teacher_of_numbers(friedman, forest):
    X, _, y, _ = friedman
    labels = (y > y.mean()).astype(int)
    classifier = RandomForestClassifier(5).fit(X, labels)
    for teacher in (classifier, RandomForestClassifier(5)):
        with pytest.raises(ValueError, match="DistilledClassifier"):
            DistilledRegressor(teacher, **QUICK).fit(X, y)
    for teacher in (forest, RandomForestRegressor(5)):
        with pytest.raises(ValueError, match="DistilledRegressor"):
            DistilledClassifier(teacher, **QUICK).fit(X, labels)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (lambda y: y.astype(str), "y holds texts.*DistilledClassifier"),
        (lambda y: y + 1j, "Complex data not supported"),
        (lambda y: np.where(y > 15, np.inf, y), "infinity"),
        (lambda y: y[:, np.newaxis, np.newaxis], "shape"),
    ],
)
def test_bad_numbers_leave_nothing_half_fitted(friedman, y, words):
    X, _, numbers, _ = friedman
    model = DistilledRegressor(Ridge(), **QUICK)
    before = set(vars(model))
    with pytest.raises(ValueError, match=words):
        model.fit(X, y(numbers))
    assert set(vars(model)) == before


def test_a_teacher_of_other_targets_is_refused(friedman, forest):
    X, _, _, _ = friedman
    _, _, both, _ = two_targets(friedman)
    with pytest.raises(ValueError, match=r"has shape \(900,\), not \(900, 2\)"):
        DistilledRegressor(forest, **QUICK).fit(X, both)


def test_an_unfitted_teacher_of_one_target_says_what_to_give(friedman):
    X, _, y, _ = friedman
    words = r"1d array.*\. If it learns one target alone, give.*MultiOutputRegressor"
    with pytest.raises(ValueError, match=f"{words}.*RegressorChain"):
        DistilledRegressor(LinearSVR()).fit(X, np.column_stack([y, y]))


def test_a_clone_shares_a_fitted_teacher(forest):
    model = DistilledRegressor(forest)
    assert clone(model).teacher is forest


def test_a_worse_teacher_is_left_out(friedman, forest):
    X, X_test, y, y_test = friedman
    rng = np.random.default_rng(0)
    noise = RandomForestRegressor(5, random_state=0).fit(X, rng.permutation(y))
    model = DistilledRegressor(noise, **QUICK | {"weight_decay": "auto"})
    with (
        pytest.warns(UserWarning, match="times the variance of y"),
        pytest.warns(UserWarning, match="clearly worse than a student of the num"),
    ):
        model.fit(X, y)
    assert not model.follows_teacher_
    assert model.score(X_test, y_test) > 0.7


def skewed(friedman):
    """Numbers with a long tail: their mean, median and quantiles differ."""
    X, X_test, _, _ = friedman
    rng = np.random.default_rng(0)

    def draw(X):
        return 5.0 * X[:, 0] + (1.0 + 2.0 * X[:, 1]) * rng.exponential(size=len(X))

    return X, X_test, draw(X), draw(X_test)


def test_losses_learn_mean_median_and_quantile(friedman):
    X, X_test, y, y_test = skewed(friedman)
    quick = QUICK | {"max_iter": 100, "weight_decay": 1.0}
    teacher = RandomForestRegressor(30, min_samples_leaf=5, random_state=0)
    models = {
        loss: DistilledRegressor(teacher, **quick, loss=loss, distillation_weight=0.0)
        for loss in ("squared_error", "huber", "absolute_error")
    }
    models["quantile"] = DistilledRegressor(
        teacher, **quick, loss="quantile", quantile=0.9, distillation_weight=0.0
    )
    bias = {}
    for name, model in models.items():
        predicted = model.set_params(synthesizer=None).fit(X, y).predict(X_test)
        bias[name] = (y_test - predicted).mean()
        assert predicted.shape == y_test.shape
        if name == "absolute_error":
            assert 0.4 < (y_test <= predicted).mean() < 0.6
        if name == "quantile":
            assert 0.85 < (y_test <= predicted).mean() < 0.95
    assert bias["quantile"] < bias["squared_error"] < bias["huber"]
    assert bias["huber"] < bias["absolute_error"]
    assert models["huber"].task_.loss.threshold > 0.0


def test_several_quantiles_never_cross(friedman):
    X, X_test, y, y_test = skewed(friedman)
    levels = [0.05, 0.5, 0.95]
    model = DistilledRegressor(
        lambda X: np.repeat(5.0 * X[:, :1] + 2.0, 3, axis=1),
        **QUICK | {"max_iter": 100, "weight_decay": 1.0},
        loss="quantile",
        quantile=levels,
        distillation_weight=0.0,
        synthesizer=None,
    ).fit(X, y)
    predicted = model.predict(X_test)
    assert predicted.shape == (len(X_test), 3)
    assert (np.diff(predicted, axis=1) >= 0.0).all()
    inside = (predicted[:, 0] <= y_test) & (y_test <= predicted[:, 2])
    assert 0.83 < inside.mean() < 0.97
    expected = np.mean(
        [
            d2_pinball_score(y_test, answers, alpha=level)
            for answers, level in zip(predicted.T, levels, strict=True)
        ]
    )
    assert model.score(X_test, y_test) == pytest.approx(expected)


@pytest.mark.parametrize(
    "quantile", [[0.5, 0.1], [0.0, 0.5], [], [[0.1, 0.2]], ["a"], ["0.5"]]
)
def test_wrong_quantiles_are_refused(friedman, forest, quantile):
    X, _, y, _ = friedman
    model = DistilledRegressor(forest, loss="quantile", quantile=quantile)
    with pytest.raises(ValueError, match="give a number between 0 and 1, or several"):
        model.fit(X, y)


def test_quantiles_of_another_loss_are_refused(friedman, forest):
    X, _, y, _ = friedman
    model = DistilledRegressor(forest, quantile=[0.1, 0.9])
    with pytest.raises(ValueError, match=r'\[0.1, 0.9\] is for loss="quantile", and'):
        model.fit(X, y)


def test_a_score_of_one_number_is_refused_for_several_quantiles(friedman):
    X, _, y, _ = friedman
    model = DistilledRegressor(
        loss="quantile", quantile=[0.1, 0.9], early_stopping=True, scoring="r2"
    )
    with pytest.raises(ValueError, match="scoring='r2' .* answers with 2 quantiles"):
        model.fit(X, y)


def test_stored_numbers_in_another_order_of_targets_are_refused(friedman):
    X, _, y, _ = two_targets(friedman)
    y = pd.DataFrame(y, columns=["price", "size"])
    answers = y[["size", "price"]]
    model = DistilledRegressor("precomputed")
    with pytest.raises(ValueError, match="the order .'size', 'price'.*y.columns"):
        model.fit(X, y, teacher_prediction=answers)


def test_quantiles_of_several_targets_are_refused(friedman):
    X, _, both, _ = two_targets(friedman)
    model = DistilledRegressor(RandomForestRegressor(5), loss="quantile")
    with pytest.raises(ValueError, match="MultiOutputRegressor"):
        model.fit(X, both)


def test_weights_are_routed_to_student_and_teacher(friedman):
    X, _, y, _ = friedman
    weights = np.where(np.arange(len(y)) % 2, 1.0, 0.5)
    with config_context(enable_metadata_routing=True):
        teacher = clone(BOOSTING).set_fit_request(sample_weight=True)
        model = DistilledRegressor(teacher, **QUICK)
        model.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        scores = cross_validate(
            model, X, y, cv=2, params={"sample_weight": weights}, error_score="raise"
        )
    assert scores["test_score"].min() > 0.5


def test_folds_of_whole_numbers_are_no_strata(friedman):
    X, _, y, _ = friedman
    counts = np.r_[np.round(y[1:] / 5.0), 99.0]  # One number comes once.
    model = DistilledRegressor(BOOSTING, **QUICK, cv=3).fit(X, counts)
    assert model.cv_.source == "out-of-fold"


def test_a_row_alone_has_the_digits_that_it_has_among_others(friedman, fitted):
    _, X_test, _, _ = friedman
    alone = np.concatenate([fitted.predict(row[np.newaxis]) for row in X_test[:50]])
    assert_array_equal(alone, fitted.predict(X_test)[:50])
    frame = pd.DataFrame(X_test, columns=[f"x{i}" for i in range(8)])
    model = DistilledRegressor(BOOSTING, **QUICK).fit(frame, X_test[:, 0])
    one = model.predict(frame.iloc[[3]])
    assert one.shape == (1,)
    assert_array_equal(one, model.predict(frame)[[3]])


def test_a_classifier_of_numbers_names_the_regressor(friedman):
    X, _, y, _ = friedman
    with pytest.raises(ValueError, match="Unknown label type.*use DistilledRegressor"):
        DistilledClassifier(**QUICK).fit(X, y)
