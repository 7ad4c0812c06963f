import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier, TabularEncoder, smallest_within
from skdistill.model_selection import student_bytes, teacher_score

WIDTHS = [(32, 16), (4,), (1,)]
SCORING = {"score": "accuracy", "teacher": teacher_score, "bytes": student_bytes}


@pytest.fixture(scope="module")
def data():
    return make_classification(
        300,
        6,
        n_informative=4,
        n_redundant=0,
        n_clusters_per_class=1,
        class_sep=1.5,
        random_state=0,
    )


def quick(teacher=None, **parameters):
    teacher = LogisticRegression() if teacher is None else teacher
    # With knots in all students the narrowest one is the smallest.
    fixed = {"encoder": TabularEncoder(), "max_iter": 5, "weight_decay": 0.3}
    return DistilledClassifier(teacher, **fixed | {"random_state": 0} | parameters)


def results(scores, sizes=None, **columns):
    """Return what a search would: widths from 1, unless there are sizes."""
    params = [{"hidden_layer_sizes": (units + 1,)} for units in range(len(scores))]
    found = {"mean_test_score": np.array(scores, float), "params": params}
    if sizes is not None:
        found["mean_test_bytes"] = np.array(sizes, float)
    return found | {name: np.array(values) for name, values in columns.items()}


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(1, 50)), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_it_is_the_smallest_within_the_tolerance(candidates, tolerance):
    scores, sizes = map(np.array, zip(*candidates, strict=True))
    index = smallest_within(tolerance)(results(scores, sizes))
    enough = scores >= scores.max() - tolerance - 1e-12
    assert enough[index]
    assert sizes[index] == sizes[enough].min()
    # Of equals the better one.
    assert scores[index] == scores[enough & (sizes == sizes[index])].max()


@pytest.mark.parametrize(
    ("scores", "sizes", "tolerance", "index"),
    [
        ([0.9, 0.89, 0.8], [30, 20, 10], 0.01, 1),
        ([0.9, 0.89, 0.8], [30, 20, 10], 0, 0),
        ([0.9, 0.9, 0.9], [10, 10, 10], 0, 0),
        ([0.9, np.nan, 0.9], [30, 1, 20], 0.5, 2),
        ([-0.3, -0.31, -0.5], [30, 20, 10], 0.02, 1),
    ],
)
def test_known_results(scores, sizes, tolerance, index):
    assert smallest_within(tolerance)(results(scores, sizes)) == index


def test_one_standard_error_is_that_of_the_best_over_the_splits():
    splits = np.array([[0.9, 0.95, 1.0, 0.85], [0.91, 0.9, 0.92, 0.89], [0.8] * 4])
    found = results(splits.mean(axis=1), [30, 20, 10], std_test_score=splits.std(1))
    found |= {f"split{i}_test_score": splits[:, i] for i in range(4)}
    # The error is std / 2, 0.028, and the second is 0.02 behind.
    assert smallest_within("one_standard_error")(found) == 1
    found["std_test_score"] = found["std_test_score"] / 2
    assert smallest_within("one_standard_error")(found) == 0


def test_of_the_teacher_each_candidate_is_compared_with_its_own():
    choose = smallest_within(0.01, of="teacher")
    found = results([0.95, 0.9, 0.8], [30, 20, 10], mean_test_teacher=[0.9, 0.9, 0.9])
    assert choose(found) == 1
    assert smallest_within(0.01)(found) == 0
    found["mean_test_teacher"] = np.array([0.9, 0.95, 0.8])
    assert choose(found) == 2


def test_where_none_comes_near_the_teacher_the_best_is_taken_and_said_so():
    found = results([0.8, 0.85], [10, 20], mean_test_teacher=[0.9, 0.99])
    words = "within 0.01 of its teacher's score: the nearest, number 0, loses 0.1"
    with pytest.warns(UserWarning, match=words):
        assert smallest_within(0.01, of="teacher")(found) == 1


def test_of_successive_halving_the_last_iteration_counts():
    found = results([0.99, 0.5, 0.9, 0.89], [1, 2, 20, 10], iter=[0, 0, 1, 1])
    assert smallest_within(0.01)(found) == 3


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ({"hidden_layer_sizes": (8,)}, {"hidden_layer_sizes": (16,)}),
        ({"hidden_layer_sizes": ()}, {"hidden_layer_sizes": 1}),
        ({"hidden_layer_sizes": (16, 8)}, {"hidden_layer_sizes": (16, 16)}),
        ({"encoder": TabularEncoder(n_bins=8)}, {"encoder": "auto"}),
        ({"encoder": None}, {"encoder": TabularEncoder(n_bins=8)}),
        ({"encoder__n_bins": 8}, {"encoder__n_bins": 16}),
        ({"weight_dtype": "int8"}, {"weight_dtype": "float16"}),
        ({"weight_dtype": "float16"}, {"weight_dtype": "float32"}),
        ({"pipe__hidden_layer_sizes": 3}, {"pipe__hidden_layer_sizes": 4}),
    ],
)
def test_sizes_are_estimated_where_they_were_not_measured(smaller, larger):
    for params in ([larger, smaller], [smaller, larger]):
        found = results([0.9, 0.9]) | {"params": params}
        assert params[smallest_within(0)(found)] is smaller


def test_the_size_of_a_teacher_is_not_that_of_a_student():
    large, small = (
        {"teacher__hidden_layer_sizes": teacher, "hidden_layer_sizes": student}
        for teacher, student in (((2,), (64,)), ((999,), (4,)))
    )
    for order in (dict, lambda params: dict(reversed(params.items()))):
        found = results([0.9, 0.9]) | {"params": [order(large), order(small)]}
        assert smallest_within(0)(found) == 1
    found = results([0.9, 0.9])
    found["params"] = [{"model__teacher__hidden_layer_sizes": size} for size in (8, 4)]
    with pytest.raises(ValueError, match="differ in nothing that sets a student's"):
        smallest_within(0)(found)


def test_the_estimate_orders_students_as_their_bytes(data):
    X, y = data
    grid = {
        "hidden_layer_sizes": [(32, 16), (8,)],
        "encoder": [TabularEncoder(n_bins=8), TabularEncoder(n_bins=64)],
        "weight_dtype": ["int8", "float32"],
    }
    search = GridSearchCV(quick(), grid, scoring=SCORING, refit=False, cv=2).fit(X, y)
    measured = search.cv_results_["mean_test_bytes"]
    for rows in ([0, 2], [0, 1], [4, 0], [6, 2], [5, 1], [4, 5]):
        params = [search.cv_results_["params"][i] for i in rows]
        estimated = smallest_within(1)(results([0.5, 0.5]) | {"params": params})
        assert estimated == np.argmin(measured[rows])


@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
@pytest.mark.parametrize("of", ["best", "teacher"])
def test_as_refit_of_a_search_of_several_metrics(data, search, of):
    X, y = data
    options = {"n_iter": 3, "random_state": 0} if search is RandomizedSearchCV else {}
    found = search(
        quick(),
        {"hidden_layer_sizes": WIDTHS},
        scoring=SCORING,
        refit=smallest_within(1.0, of=of),
        cv=2,
        n_jobs=2,
        **options,
    ).fit(X, y)
    # With this tolerance any will do.
    assert found.best_params_ == {"hidden_layer_sizes": (1,)}
    assert found.best_estimator_.student_.layer_units == [6, 1, 1]
    assert found.best_index_ == np.argmin(found.cv_results_["mean_test_bytes"])


def test_as_refit_of_a_search_of_one_metric_in_a_pipeline(data):
    X, y = data
    pipeline = make_pipeline(StandardScaler(), quick())
    name = "distilledclassifier__hidden_layer_sizes"
    found = GridSearchCV(
        pipeline, {name: WIDTHS}, refit=smallest_within(1.0), cv=2
    ).fit(X, y)
    assert found.best_params_[name] == (1,)


def test_halving_does_not_call_its_refit_and_its_results_are_chosen_from(data):
    X, y = data
    choose = smallest_within(1.0)
    found = HalvingGridSearchCV(
        quick(),
        {"hidden_layer_sizes": WIDTHS},
        refit=choose,
        cv=2,
        factor=1.5,
        min_resources=100,
        random_state=0,
    ).fit(X, y)
    index = choose(found.cv_results_)
    last = found.cv_results_["iter"] == found.cv_results_["iter"].max()
    assert last[index]
    units = [p["hidden_layer_sizes"] for p in found.cv_results_["params"]]
    left = [u for u, is_last in zip(units, last, strict=True) if is_last]
    assert sum(units[index]) == min(map(sum, left))


def test_refit_is_picklable():
    choose = pickle.loads(pickle.dumps(smallest_within(0.1)))
    assert choose(results([0.9, 0.85], [2, 1])) == 1


def test_scorers(data):
    X, y = data
    forest = RandomForestClassifier(50, random_state=0).fit(X[:150], y[:150])
    model = quick(forest).fit(X[:150], y[:150])
    assert student_bytes(model) == student_bytes(model, X, y) == model.student_.nbytes
    assert teacher_score(model, X, y) == accuracy_score(y, forest.predict(X))
    for scoring, expected in {
        "roc_auc": roc_auc_score(y, forest.predict_proba(X)[:, 1]),
        "neg_log_loss": -log_loss(y, forest.predict_proba(X)),
    }.items():
        score = partial(teacher_score, scoring=scoring)(model, X, y)
        assert score == pytest.approx(expected)
    model = quick(lambda X: forest.predict_proba(X)).fit(X, y)
    assert teacher_score(model, X, y) == forest.score(X, y)


def test_scorers_look_into_pipelines_and_searches(data):
    X, y = data
    search = GridSearchCV(make_pipeline(StandardScaler(), quick()), {}, cv=2).fit(X, y)
    pipeline = search.best_estimator_
    assert student_bytes(search) == student_bytes(pipeline)
    assert teacher_score(search, X, y) == teacher_score(pipeline, X, y)
    inner = pipeline[-1]
    assert student_bytes(pipeline) == inner.student_.nbytes
    scaled = pipeline[0].transform(X)
    assert teacher_score(pipeline, X, y) == inner.teacher_.score(scaled, y)


@pytest.mark.parametrize("scorer", [student_bytes, teacher_score])
def test_scorers_say_what_they_take(data, scorer):
    X, y = data
    with pytest.raises(TypeError, match="a LogisticRegression, not a DistilledClas"):
        scorer(LogisticRegression().fit(X, y), X, y)
    with pytest.raises(NotFittedError):
        scorer(quick(), X, y)


def test_a_precomputed_teacher_has_no_score(data):
    X, y = data
    proba = 0.1 + 0.8 * np.eye(2)[y]
    model = DistilledClassifier("precomputed", max_iter=1, weight_decay=0.1)
    model.fit(X, y, teacher_proba=proba)
    with pytest.raises(ValueError, match="'precomputed' and cannot be asked"):
        teacher_score(model, X, y)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-0.1,), "tolerance=-0.1 is neither 'one_standard_error' nor a number from 0"),
        ((np.inf,), "tolerance=inf is neither"),
        (("1se",), "tolerance='1se' is neither"),
        ((0.1, "score", "students"), "of='students' is neither 'best' nor 'teacher'"),
    ],
)
def test_arguments_are_checked(arguments, words):
    with pytest.raises(ValueError, match=words):
        smallest_within(*arguments)


def test_missing_columns_are_named():
    found = results([0.9], [1])
    with pytest.raises(ValueError, match=r"mean_test_auc .* scores named \['score'"):
        smallest_within(0.1, "auc")(found)
    with pytest.raises(ValueError, match=r"mean_test_teacher .* teacher_score\}"):
        smallest_within(0.1, of="teacher")(found)
    found = results([0.9, 0.9]) | {"params": [{"temperature": 1}, {"temperature": 2}]}
    with pytest.raises(ValueError, match="differ in nothing that sets .* student_byte"):
        smallest_within(0.1)(found)
    with pytest.raises(ValueError, match="all candidates have a mean_test_score that"):
        smallest_within(0.1)(results([np.nan, np.nan], [1, 2]))


def test_a_search_shows_what_it_takes():
    refit = smallest_within(0.01, of="teacher")
    assert repr(refit) == "smallest_within(0.01, 'score', of='teacher')"
    assert clone(GridSearchCV(DistilledClassifier(), {}, refit=refit)).refit == refit
