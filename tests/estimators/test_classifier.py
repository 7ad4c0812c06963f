import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from skdistill import DistilledClassifier, TabularEncoder
from tests import oracle


def quick(teacher=None, **parameters):
    """An estimator that trains for 30 epochs."""
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (16,),
            "max_iter": 30,
            "random_state": 0,
            **parameters,
        },
    )


def plain(teacher=None, **parameters):
    """A quick network on unencoded columns, trained on the given rows alone."""
    return quick(
        teacher,
        **{
            "encoder": None,
            "synthesizer": None,
            "calibrate_teacher": False,
            "weight_decay": 0.1,
            "weight_dtype": "float32",
            **parameters,
        },
    )


def same_bits(first, second):
    """Tell whether two fitted estimators hold the same student."""
    one, other = first.student_, second.student_
    parts = [*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_]
    return (
        one.input_code == other.input_code
        and np.array_equal(one.knot_table_, other.knot_table_)
        and all(map(np.array_equal, *parts))
    )


# Teachers


def test_student_keeps_the_accuracy_of_the_forest(digits, forest):
    X_train, X_test, y_train, y_test = digits
    model = DistilledClassifier(forest, random_state=0).fit(X_train, y_train)
    assert model.score(X_test, y_test) >= 0.985 * forest.score(X_test, y_test)
    agreement = np.mean(model.predict(X_test) == forest.predict(X_test))
    assert agreement > 0.95


@pytest.mark.parametrize(
    "teacher",
    [
        RandomForestClassifier(20, random_state=0),
        HistGradientBoostingClassifier(max_iter=10),
        make_pipeline(StandardScaler(), LogisticRegression()),
        SVC(),
        LinearSVC(),
        OneVsRestClassifier(LogisticRegression()),
        StackingClassifier([("tree", DecisionTreeClassifier(random_state=0))]),
        GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [2, 4]}),
    ],
    ids=lambda teacher: type(teacher).__name__,
)
@pytest.mark.parametrize("fitted", [False, True])
def test_kinds_of_teachers(blobs, teacher, fitted):
    X, y = blobs
    if fitted:
        teacher = clone(teacher).fit(X, y)
    model = quick(teacher).fit(X, y)
    assert (model.teacher_ is teacher) == fitted
    assert_array_equal(model.classes_, [0, 1, 2])
    assert model.score(X, y) > 0.8
    assert_allclose(model.predict_proba(X).sum(axis=1), 1, atol=1e-6)


def test_student_of_soft_targets_alone_learns_the_teachers_probabilities(blobs):
    X, y = blobs
    teacher = LogisticRegression().fit(X, y)
    model = quick(teacher, distillation_weight=1.0, weight_decay=0.0, max_iter=500).fit(
        X
    )
    difference = np.abs(model.predict_proba(X) - teacher.predict_proba(X))
    assert difference.mean() < 0.01


def test_decision_function_becomes_softmax(blobs):
    X, y = blobs
    teacher = SVC().fit(X, y)
    asked = []

    def callable_teacher(rows):
        asked.append(len(rows))
        return oracle.softmax(teacher.decision_function(rows))

    by_callable = quick(callable_teacher).fit(X, y)
    # First the 90 rows are asked about, then 2000 drawn rows. The last 450 are the
    # 90 rows as they are, and again with each of the four columns redrawn.
    assert asked == [90, 2000, 450]
    assert same_bits(quick(teacher).fit(X, y), by_callable)
    asked.clear()
    assert same_bits(plain(teacher).fit(X, y), plain(callable_teacher).fit(X, y))
    assert asked == [90]


def test_decision_function_of_two_classes_becomes_logistic(blobs):
    X, y = blobs
    y = np.where(y > 0, "yes", "no")
    teacher = LinearSVC().fit(X, y)

    def callable_teacher(rows):
        p = oracle.logistic(teacher.decision_function(rows))
        return np.column_stack([1 - p, p])

    callable_teacher.classes_ = teacher.classes_
    ours, other = quick(teacher).fit(X, y), quick(callable_teacher).fit(X, y)
    assert_array_equal(ours.classes_, ["no", "yes"])
    for one, two in zip(ours.coefs_, other.coefs_, strict=True):
        assert_allclose(one, two, rtol=1e-3, atol=1e-4)


class ForeignModel:
    """A model that follows scikit-learn's protocol but uses none of its classes."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.model = LogisticRegression().fit(X, y)
        return self

    def predict_proba(self, X):
        return self.model.predict_proba(X)


def test_a_fitted_model_that_is_no_estimator(blobs):
    X, y = blobs
    teacher = ForeignModel().fit(X, y)
    model = clone(quick(teacher)).fit(X, y)
    assert model.teacher_ is teacher
    assert same_bits(model, quick(teacher.model).fit(X, y))


def test_frozen_estimator(blobs):
    X, y = blobs
    frozen = FrozenEstimator(RandomForestClassifier(5, random_state=0).fit(X, y))
    model = quick(frozen).fit(X, y)
    assert model.teacher_ is frozen
    assert same_bits(model, quick(frozen.estimator).fit(X, y))


def test_precomputed_probabilities(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    proba = teacher.predict_proba(X)
    model = plain("precomputed").fit(X, y, teacher_proba=proba)
    assert same_bits(model, plain(teacher).fit(X, y))
    unlabelled = plain("precomputed").fit(X, teacher_proba=proba)
    assert_array_equal(unlabelled.classes_, [0, 1, 2])
    # Without labels, stored answers count by their confidence.
    confidence = unlabelled.task_.confidence(proba, False)
    weighted = plain(teacher).fit(X, sample_weight=confidence)
    assert_allclose(
        unlabelled.predict_proba(X), weighted.predict_proba(X), rtol=0, atol=1e-5
    )
    # No teacher can answer for drawn rows, so none are drawn.
    assert quick("precomputed").fit(X, y, teacher_proba=proba).n_transfer_ == 90


def test_unlabelled_rows_use_the_soft_term_at_full_weight(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    # Labels choose nothing but the rows of the soft term.
    fixed = {"weight_decay": 0.3, "encoder": TabularEncoder(), "teacher_share": 1.0}
    assert same_bits(
        quick(teacher, distillation_weight=0.1, **fixed).fit(X),
        quick(teacher, distillation_weight=1.0, calibrate_teacher=False, **fixed).fit(
            X, y
        ),
    )


def test_columns_follow_the_teacher(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(10, random_state=0).fit(X, y)
    few = y < 2
    model = quick(teacher).fit(X[few], y[few])
    assert_array_equal(model.classes_, [0, 1, 2])
    assert model.predict_proba(X).shape == (90, 3)


def test_unsorted_classes_of_a_callable(blobs):
    X, y = blobs
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)

    def teacher(rows):
        return forest.predict_proba(rows)[:, [2, 0, 1]]

    teacher.classes_ = [2, 0, 1]
    model = quick(teacher).fit(X, y)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert same_bits(model, quick(forest.predict_proba).fit(X, y))


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "b", "c"],
        [-1, 5, 3],
        np.array(["x", "yy", "zzz"], dtype=object),
        [1.0, 2.0, 4.0],
    ],
    ids=["str", "int", "object", "float"],
)
def test_labels_keep_their_type(blobs, labels):
    X, y = blobs
    y = np.asarray(labels)[y]
    model = quick(RandomForestClassifier(10, random_state=0)).fit(X, y)
    assert model.predict(X).dtype == y.dtype
    assert model.score(X, y) > 0.8
    assert_array_equal(model.student_.predict(X), model.predict(X))


def test_boolean_labels(blobs):
    X, y = blobs
    model = quick(RandomForestClassifier(10, random_state=0)).fit(X, y == 1)
    assert model.predict(X).dtype == bool
    assert_array_equal(model.student_.predict(X), model.predict(X))
    assert model.decision_function(X).shape == (90,)
    assert model.out_activation_ == "logistic"
    assert model.coefs_[-1].shape == (16, 1)


def test_many_classes():
    rng = np.random.default_rng(0)
    y = np.arange(600) % 60
    X = rng.normal(size=(600, 3)) * 0.1 + np.column_stack([y % 4, y // 4 % 4, y // 16])
    model = quick(LogisticRegression(C=100.0, max_iter=1000), max_iter=300).fit(X, y)
    assert model.predict_proba(X).shape == (600, 60)
    assert model.score(X, y) > 0.9


# Teachers are shared, never altered, and fitted within folds


def test_fitted_teacher_is_shared_by_clones_and_not_altered(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(10, random_state=0).fit(X, y)
    before = pickle.dumps(teacher)
    model = quick(teacher)
    assert clone(model).teacher is teacher
    assert clone(clone(model).fit(X, y)).teacher is teacher
    assert not hasattr(clone(model.fit(X, y)), "student_")
    assert pickle.dumps(teacher) == before


def test_callable_of_a_fitted_model_is_shared_by_clones(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(10, random_state=0).fit(X, y)
    cloned = clone(quick(teacher.predict_proba))
    assert cloned.teacher.__self__ is teacher


def test_unfitted_teacher_is_cloned(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(10, random_state=0)
    model = quick(teacher).fit(X, y)
    assert clone(model).teacher is not teacher
    assert model.teacher_ is not teacher
    assert not hasattr(teacher, "estimators_")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_grid_search_over_students_of_a_fitted_teacher(digits, forest, n_jobs):
    X_train, _, y_train, _ = digits
    before = pickle.dumps(forest)
    search = GridSearchCV(
        quick(forest, weight_decay=0.3),
        {"temperature": [1, 3], "hidden_layer_sizes": [(16,), (32,)]},
        cv=2,
        n_jobs=n_jobs,
    ).fit(X_train, y_train)
    assert search.best_score_ > 0.95
    assert pickle.dumps(forest) == before


def test_grid_search_reaches_into_an_unfitted_teacher(blobs):
    X, y = blobs
    search = GridSearchCV(
        quick(DecisionTreeClassifier(random_state=0)), {"teacher__max_depth": [2, 3]}
    ).fit(X, y)
    assert (
        search.best_estimator_.teacher_.max_depth
        == search.best_params_["teacher__max_depth"]
    )


def test_unfitted_teacher_sees_the_rows_of_its_fold_alone(blobs):
    X, y = blobs
    result = cross_validate(
        quick(RandomForestClassifier(3, random_state=0)),
        X,
        y,
        cv=3,
        return_estimator=True,
        return_indices=True,
    )
    for model, rows in zip(
        result["estimator"], result["indices"]["train"], strict=True
    ):
        alone = RandomForestClassifier(3, random_state=0).fit(X[rows], y[rows])
        assert_array_equal(model.teacher_.predict_proba(X), alone.predict_proba(X))


def test_parameters_of_a_fitted_teacher_cannot_be_set(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(3).fit(X, y)
    with pytest.raises(ValueError, match="teacher__max_depth cannot be set: the teach"):
        quick(teacher).set_params(teacher__max_depth=2)
    assert teacher.max_depth is None
    model = quick(teacher)
    model.set_params(teacher=clone(teacher), teacher__max_depth=2)
    assert model.teacher.max_depth == 2


def test_ensembles_of_students_of_a_fitted_teacher(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(3, random_state=0).fit(X, y)
    model = quick(teacher)
    assert model.set_params(**model.get_params()) is model
    assert "teacher__max_depth" not in model.get_params()
    assert "teacher__max_depth" in quick(clone(teacher)).get_params()
    bagging = BaggingClassifier(model, n_estimators=3, random_state=0).fit(X, y)
    assert all(student.teacher_ is teacher for student in bagging.estimators_)
    assert bagging.score(X, y) > 0.8
    assert teacher.random_state == 0


def test_teacher_is_seeded_only_where_it_has_no_seed(blobs):
    X, y = blobs
    model = quick(RandomForestClassifier(3)).fit(X, y)
    assert isinstance(model.teacher_.random_state, int)
    assert model.teacher.random_state is None
    assert (
        quick(RandomForestClassifier(3, random_state=7)).fit(X, y).teacher_.random_state
        == 7
    )


# Metadata


@pytest.mark.parametrize("routing", [False, True])
def test_probabilities_and_weights_are_sliced_with_the_rows(blobs, routing):
    X, y = blobs
    proba = RandomForestClassifier(5, random_state=0).fit(X, y).predict_proba(X)
    weight = np.linspace(0.5, 2.0, 90)
    metadata = {"teacher_proba": proba, "sample_weight": weight}
    with config_context(enable_metadata_routing=routing):
        model = quick("precomputed")
        if routing:
            model.set_fit_request(teacher_proba=True, sample_weight=True)
            model.set_score_request(sample_weight=False)
        result = cross_validate(
            model,
            X,
            y,
            cv=3,
            params=metadata,
            return_estimator=True,
            return_indices=True,
        )
        search = GridSearchCV(model, {"temperature": [1.0, 2.0]}, cv=3)
        search.fit(X, y, **metadata)
    rows = result["indices"]["train"][0]
    direct = quick("precomputed").fit(
        X[rows], y[rows], teacher_proba=proba[rows], sample_weight=weight[rows]
    )
    assert same_bits(result["estimator"][0], direct)
    assert search.best_score_ > 0.8


def test_weights_are_routed_to_a_teacher_that_requests_them(blobs):
    X, y = blobs
    weight = np.where(y == 0, 5.0, 1.0)
    teacher = LogisticRegression()
    plain = quick(clone(teacher)).fit(X, y, sample_weight=weight)
    weighted = clone(teacher).fit(X, y, sample_weight=weight)
    assert_array_equal(plain.teacher_.coef_, weighted.coef_)
    with config_context(enable_metadata_routing=True):
        asking = quick(clone(teacher).set_fit_request(sample_weight=True))
        asking.fit(X, y, sample_weight=weight)
        assert_array_equal(asking.teacher_.coef_, weighted.coef_)
        refusing = quick(clone(teacher).set_fit_request(sample_weight=False))
        refusing.fit(X, y, sample_weight=weight)
        assert_array_equal(refusing.teacher_.coef_, clone(teacher).fit(X, y).coef_)
        # The estimator itself takes part in routing, as it consumes for the teacher.
        router = asking.get_metadata_routing()
        assert router.consumes("fit", ["sample_weight"]) == {"sample_weight"}


def test_a_teacher_without_weights_is_warned_of(blobs):
    X, y = blobs
    teacher = make_pipeline(StandardScaler(), LogisticRegression())
    with pytest.warns(
        UserWarning, match="Pipeline, does not accept sample_weight"
    ) as w:
        quick(teacher).fit(X, y, sample_weight=np.where(y == 0, 5.0, 1.0))
    assert w[0].filename == __file__


def test_a_warning_in_a_search_names_the_line_of_the_search(blobs):
    X, y = blobs
    teacher = make_pipeline(StandardScaler(), LogisticRegression())
    search = GridSearchCV(quick(teacher), {"temperature": [1.0]}, cv=2)
    with pytest.warns(UserWarning, match="does not accept sample_weight") as w:
        search.fit(X, y, sample_weight=np.where(y == 0, 5.0, 1.0))
    assert {warning.filename for warning in w} == {__file__}


def test_rows_of_weight_zero_are_as_if_absent(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    weight = np.ones(90)
    weight[::3] = 0
    kept = weight > 0
    model = plain(teacher).fit(X, y, sample_weight=weight)
    assert model.n_transfer_ == 60
    assert same_bits(model, plain(teacher).fit(X[kept], y[kept]))
    # A forest recognises the rows of its fit only if all of them are there. So
    # calibration is off here.
    model = quick(teacher, calibrate_teacher=False)
    model.fit(X, y, sample_weight=weight)
    assert model.n_transfer_ == 2060
    assert same_bits(model, clone(model).fit(X[kept], y[kept]))


def test_scale_of_weights_is_of_no_effect(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    assert same_bits(
        quick(teacher).fit(X, y, sample_weight=np.full(90, 4.0)),
        quick(teacher).fit(X, y),
    )


def test_great_weights_do_not_overflow(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    weights = np.linspace(1, 2, 90)
    for one, other in zip(
        quick(teacher).fit(X, y, sample_weight=weights * 2.0**1000).coefs_,
        quick(teacher).fit(X, y, sample_weight=weights).coefs_,
        strict=True,
    ):
        assert_array_equal(one, other)


def test_balanced_looks_at_the_weights_of_rows(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    weight = np.ones(90)
    weight[:20] = 0
    kept = weight > 0
    model = quick(teacher, class_weight="balanced", calibrate_teacher=False)
    model.fit(X, y, sample_weight=weight)
    assert same_bits(model, clone(model).fit(X[kept], y[kept]))


def test_class_weight_of_a_class_that_the_rows_lack(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    few = y < 2
    assert same_bits(
        plain(teacher, class_weight={0: 5.0, 2: 3.0}).fit(X[few], y[few]),
        plain(teacher, class_weight={0: 5.0}).fit(X[few], y[few]),
    )


def test_class_weight_is_a_weight_of_rows(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    weighted = plain(teacher, class_weight={0: 8.0}).fit(X, y)
    by_rows = plain(teacher).fit(X, y, sample_weight=np.where(y == 0, 8.0, 1.0))
    assert same_bits(weighted, by_rows)
    half = np.r_[0:30, 30:40, 60:70]
    balanced = quick(teacher, class_weight="balanced").fit(X[half], y[half])
    explicit = quick(teacher, class_weight={0: 1.0, 1: 3.0, 2: 3.0}).fit(
        X[half], y[half]
    )
    for one, other in zip(balanced.coefs_, explicit.coefs_, strict=True):
        assert_allclose(one, other, rtol=1e-3, atol=1e-4)


# Kinds of input


def test_frames_reach_the_teacher_as_they_are(blobs):
    X, y = blobs
    seen = []

    class Recorder(RandomForestClassifier):
        def fit(self, X, y):
            seen.append(X)
            return super().fit(X, y)

        def predict_proba(self, X):
            seen.append(X)
            return super().predict_proba(X)

    names = ["a", "b", "c", "d"]
    for frame in (pd.DataFrame(X, columns=names), pl.DataFrame(X, schema=names)):
        seen.clear()
        model = quick(Recorder(5, random_state=0)).fit(frame, y)
        # The teacher is fitted on a copy of the frame and asked about another one. Then
        # it is asked about drawn rows, and about the rows with redrawn columns.
        assert [rows.equals(frame) for rows in seen] == [True, True, False, False]
        assert not any(rows is frame for rows in seen)
        assert all(type(rows) is type(frame) for rows in seen)
        assert all(list(rows.columns) == names for rows in seen)
        assert all(list(rows.dtypes) == list(frame.dtypes) for rows in seen)
        assert_array_equal(model.feature_names_in_, names)
        assert_array_equal(model.predict(frame), model.student_.predict(X))
        with pytest.warns(UserWarning, match="X does not have valid feature names"):
            model.predict(X)
        with pytest.raises(ValueError, match="feature names should match"):
            model.predict(frame[["b", "a", "c", "d"]])


@pytest.mark.parametrize(
    "convert",
    [
        np.asfortranarray,
        lambda X: X.astype(np.float64)[:, ::-1][:, ::-1],
        lambda X: X.tolist(),
        pd.DataFrame,
    ],
    ids=["Fortran", "strided", "list", "frame"],
)
def test_layout_of_the_input_is_of_no_effect(blobs, convert):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    expected = quick(teacher).fit(X, y)
    model = quick(teacher).fit(convert(X), y)
    assert same_bits(expected, model)
    assert_array_equal(expected.predict_proba(X), model.predict_proba(convert(X)))


@pytest.mark.parametrize(
    "dtype", [np.float16, np.float32, np.float64, np.int8, np.int64, np.uint8, bool]
)
def test_types_of_the_input(blobs, dtype):
    X, y = blobs
    X = np.abs(np.round(X)).astype(dtype)
    teacher = RandomForestClassifier(30, random_state=0).fit(X, y)
    expected = quick(teacher).fit(X.astype(np.float64), y)
    model = quick(teacher).fit(X, y)
    assert_allclose(
        model.predict_proba(X), expected.predict_proba(X.astype(float)), atol=2e-3
    )
    assert model.predict_proba(X).dtype == np.float32


def test_memory_mapped_read_only_input(blobs, tmp_path):
    X, y = blobs
    joblib.dump((X.astype(np.float32), y), tmp_path / "rows")
    mapped, labels = joblib.load(tmp_path / "rows", mmap_mode="r")
    assert not mapped.flags.writeable
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    model = quick(teacher).fit(mapped, labels)
    assert same_bits(model, quick(teacher).fit(X.astype(np.float32), y))
    joblib.dump(model, tmp_path / "model")
    loaded = joblib.load(tmp_path / "model", mmap_mode="r")
    assert_array_equal(loaded.predict_proba(mapped), model.predict_proba(X))


def test_student_takes_raw_values_of_any_scale(blobs):
    X, y = blobs
    shift, scale = np.array([0.0, 1e3, -50.0, 0.0]), np.array([1.0, 1e4, 1e-1, 1e-9])
    teacher = LogisticRegression().fit(X, y)

    def scaled_teacher(rows):
        return teacher.predict_proba((rows - shift) / scale)

    for make in (plain, quick):
        unscaled = make(teacher).fit(X, y)
        scaled = make(scaled_teacher).fit(X * scale + shift, y)
        proba = scaled.predict_proba(X * scale + shift)
        assert_allclose(proba, unscaled.predict_proba(X), atol=0.02)
        assert_array_equal(proba, scaled.student_.predict_proba(X * scale + shift))


def test_constant_columns_have_no_weight(blobs):
    X, y = blobs
    X = np.column_stack([X, np.full(90, 0.1), np.full(90, 7.0)])
    changed = X.copy()
    changed[:, 4:] = 1000.0
    model = plain(RandomForestClassifier(5, random_state=0)).fit(X, y)
    assert (model.coefs_[0][4:] == 0).all()
    assert_array_equal(model.predict_proba(changed), model.predict_proba(X))
    model = quick(RandomForestClassifier(5, random_state=0)).fit(X, y)
    assert_array_equal(model.predict_proba(changed), model.predict_proba(X))


# Training


def test_same_seed_same_bits(blobs):
    X, y = blobs
    first = quick(early_stopping=True).fit(X, y)
    assert same_bits(first, quick(early_stopping=True).fit(X, y))
    assert not same_bits(first, quick(early_stopping=True, random_state=1).fit(X, y))


def test_same_bits_for_any_number_of_jobs(blobs):
    X, y = blobs
    results = [
        cross_validate(quick(), X, y, cv=4, n_jobs=n_jobs, return_estimator=True)
        for n_jobs in (1, 2)
    ]
    for one, other in zip(*(result["estimator"] for result in results), strict=True):
        assert same_bits(one, other)


def test_same_bits_from_eight_threads_at_once(digits, forest):
    X_train, X_test, y_train, _ = digits
    alone = quick(forest).fit(X_train, y_train)
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(lambda: quick(forest).fit(X_train, y_train)) for _ in range(8)
        ]
        models = [job.result() for job in jobs]
        predictions = list(pool.map(lambda _: alone.predict_proba(X_test), range(16)))
    assert all(same_bits(alone, model) for model in models)
    expected = alone.predict_proba(X_test)
    assert all(np.array_equal(expected, prediction) for prediction in predictions)


@pytest.mark.parametrize("sizes", [(), 8, [8, 4], np.array([5]), (17, 16, 3, 40)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "silu"])
def test_shapes_of_networks(blobs, sizes, activation):
    X, y = blobs
    model = plain(
        LogisticRegression(),
        hidden_layer_sizes=sizes,
        activation=activation,
        max_iter=300,
        weight_decay=0.0,
    ).fit(X, y)
    assert model.score(X, y) > 0.85
    assert model.n_layers_ == np.size(sizes) + 2
    units = [4, *np.atleast_1d(np.asarray(sizes, dtype=int)), 3]
    assert [w.shape for w in model.coefs_] == list(pairwise(units))
    logits = oracle.forward(X, model.coefs_, model.intercepts_, activation)[-1]
    assert_allclose(model.decision_function(X), logits, rtol=1e-4, atol=1e-4)
    assert_allclose(model.predict_proba(X), oracle.softmax(logits), atol=1e-5)


def test_fitted_weights_are_those_of_an_mlpclassifier(blobs):
    """The attributes have the form of scikit-learn's: its network predicts the same."""
    X, y = blobs
    for labels in (y, y > 0):
        model = plain().fit(X, labels)
        mlp = MLPClassifier((16,), max_iter=1, solver="sgd")
        with pytest.warns(UserWarning, match="Maximum iterations"):
            mlp.fit(X, labels)
        assert [w.shape for w in mlp.coefs_] == [w.shape for w in model.coefs_]
        assert mlp.out_activation_ == model.out_activation_
        assert mlp.n_layers_ == model.n_layers_
        assert mlp.n_outputs_ == model.n_outputs_
        mlp.coefs_, mlp.intercepts_ = model.coefs_, model.intercepts_
        assert_allclose(mlp.predict_proba(X), model.predict_proba(X), atol=1e-5)


def test_loss_curve_is_the_objective(blobs):
    """A learning rate of almost zero leaves the loss as it is at the start."""
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    for loss, temperature in (("kl", 2.0), ("logit_mse", 1.0)):
        model = plain(
            teacher,
            loss=loss,
            temperature=temperature,
            learning_rate_init=1e-12,
            max_iter=1,
        ).fit(X, y)
        smooth = 0.999 * teacher.predict_proba(X) + 0.001 / 3
        logits = np.log(smooth)
        q = oracle.softmax(logits / temperature)
        if loss == "logit_mse":
            q = logits - logits.mean(axis=1, keepdims=True)
        ones = np.ones(90)
        losses = oracle.row_losses(
            model.decision_function(X).astype(float),
            q,
            y,
            0.3 * ones,
            0.7 * ones,
            temperature,
            loss,
        )
        assert_allclose(model.loss_, losses.mean(), rtol=1e-4)
        assert model.loss_curve_ == [model.loss_]


def test_early_stopping_keeps_the_best_weights(blobs):
    X, y = blobs
    seen = []

    def log_score(estimator, X, y):
        seen.append((X, y, estimator.student_.predict_proba(X)))
        return -log_loss(y, seen[-1][2])

    model = plain(
        LogisticRegression().fit(X, y),
        early_stopping=True,
        scoring=log_score,
        validation_fraction=0.3,
        n_iter_no_change=5,
        max_iter=1000,
        batch_size=len(X),
        learning_rate_init=0.05,
        weight_decay=0.0,
    ).fit(X, y)
    scores = model.validation_scores_
    assert len(scores) == model.n_iter_ < 1000
    # The best epoch of the cool-down, which is a tenth of the epochs before it.
    cool_down = range(round(len(scores) / 1.1), len(scores))
    best = max(cool_down, key=lambda epoch: (scores[epoch], epoch))
    assert model.best_iter_ == best + 1
    assert model.best_validation_score_ == scores[best]
    X_held_out, _, proba = seen[best]
    assert_array_equal(model.predict_proba(X_held_out), proba)


def test_loss_at_high_temperature_is_more_than_rounding(blobs):
    """The loss is compared with the same loss in double precision."""
    X, y = blobs
    teacher = LogisticRegression().fit(X, y)
    model = plain(teacher, temperature=50.0, learning_rate_init=1e-12, max_iter=1).fit(
        X
    )
    smooth = 0.999 * teacher.predict_proba(X) + 0.001 / 3
    losses = oracle.row_losses(
        model.decision_function(X).astype(float),
        oracle.softmax(np.log(smooth) / 50.0),
        y,
        np.ones(90),
        np.zeros(90),
        50.0,
        "kl",
    )
    assert_allclose(model.loss_, losses.mean(), atol=1e-4)


def test_auto_epochs_make_1500_steps_or_3000(blobs):
    X, y = blobs
    # 90 rows in 3 batches of 32.
    assert plain(max_iter="auto").fit(X, y).n_iter_ == 500
    assert plain(max_iter="auto", batch_size=16).fit(X, y).n_iter_ == 250
    # Each epoch adds 30 drawn rows to the 90: 120 rows in 8 batches.
    model = quick(max_iter="auto", batch_size=16, synthetic_share=0.25).fit(X, y)
    assert model.n_iter_ == 188
    # 2,070 rows in 17 batches of 128.
    teacher = LogisticRegression()
    many = plain(teacher, max_iter="auto").fit(np.tile(X, (23, 1)), np.tile(y, 23))
    assert many.n_iter_ == 177


def test_warm_start_goes_on_from_the_former_weights(blobs):
    X, y = blobs
    teacher = LogisticRegression().fit(X, y)
    model = plain(teacher, max_iter=200, warm_start=True).fit(X, y)
    first = model.predict_proba(X)
    model.set_params(learning_rate_init=1e-12, max_iter=1).fit(X * [1, 1, 1, 1], y)
    assert_allclose(model.predict_proba(X), first, atol=1e-5)
    # `fit` standardises anew on other rows. The network stays the same function.
    model.fit(X[:50], y[:50])
    assert_allclose(model.predict_proba(X), first, atol=1e-5)
    cold = plain(teacher, learning_rate_init=1e-12, max_iter=1).fit(X, y)
    assert np.abs(cold.predict_proba(X) - first).max() > 0.1


def test_warm_start_keeps_the_encoder(blobs):
    X, y = blobs
    color = np.where(X[:, 0] > 2, "red", np.where(X[:, 1] > 1, "green", "blue"))
    frame = pd.DataFrame(X, columns=list("abcd")).assign(e=color)
    frame.loc[::7, "b"] = np.nan
    teacher = HistGradientBoostingClassifier(
        max_iter=5, categorical_features="from_dtype"
    )
    frame["e"] = frame["e"].astype("category")
    teacher.fit(frame, y)
    model = quick(teacher, max_iter=100, warm_start=True, weight_dtype="float32")
    first = model.fit(frame, y).predict_proba(frame)
    encoder = model.encoder_
    model.set_params(learning_rate_init=1e-12, max_iter=1).fit(frame, y)
    assert_allclose(model.predict_proba(frame), first, atol=1e-5)
    # `fit` centres the code anew. These rows lack two colours, one of them the most
    # frequent.
    few = frame["e"] == encoder.code_.levels[0][-1]
    model.fit(frame[few], y[few])
    assert_allclose(model.predict_proba(frame[few]), first[few], atol=1e-5)
    assert model.encoder_ is encoder
    with pytest.raises(ValueError, match="feature names should match"):
        model.set_params(teacher=lambda rows: np.full((len(rows), 3), 1 / 3)).fit(
            frame[["a", "b"]], y
        )


def test_log_probabilities_stay_finite(blobs):
    X, y = blobs
    for labels in (y, y > 0):
        model = plain(max_iter=200, weight_decay=0.0).fit(X, labels)
        far = X * 1e4
        log_proba = model.predict_log_proba(far)
        assert np.isfinite(log_proba).all()
        assert log_proba.min() < np.log(np.finfo(np.float32).tiny)
        near = model.predict_proba(X)
        assert_allclose(np.exp(model.predict_log_proba(X)), near, atol=1e-6)


def test_second_fit_of_another_shape_compiles_nothing(blobs):
    from skdistill.kernels.dense import summed_loss, train_epoch
    from skdistill.kernels.predict import predict_rows

    X, y = blobs
    quick(early_stopping=True).fit(X, y).predict(X)
    kernels = (train_epoch, summed_loss, predict_rows)
    before = [list(kernel.signatures) for kernel in kernels]
    quick(
        hidden_layer_sizes=(7, 33, 5),
        activation="silu",
        loss="logit_mse",
        temperature=2.0,
        early_stopping=True,
        weight_decay=0,
        learning_rate_init=np.float32(0.01),
    ).fit(X[:, :2].astype(np.float32), y == 0).predict_proba(X[:, :2])
    assert [list(kernel.signatures) for kernel in kernels] == before
    assert [len(signatures) for signatures in before] == [1, 1, 1]


@pytest.mark.parametrize(
    ("teacher", "required"),
    [
        (None, True),
        (LogisticRegression(), True),
        (LogisticRegression().fit([[0], [1]], [0, 1]), False),
        ("precomputed", False),
        (len, False),  # Any function stands for one that answers.
    ],
    ids=str,
)
def test_labels_are_required_unless_the_teacher_is_used_as_given(teacher, required):
    assert get_tags(DistilledClassifier(teacher)).target_tags.required == required


def test_logarithms_of_probabilities_next_to_one_are_exact():
    X = np.linspace(-1, 1, 40)[:, np.newaxis]
    y = (X[:, 0] > 0).astype(int)
    model = quick(LogisticRegression(C=1e6), encoder=None, max_iter=60).fit(X, y)
    logits = model.decision_function(40 * X).astype(np.float64)
    assert logits.max() > 20
    wanted = np.column_stack([-np.logaddexp(0, logits), -np.logaddexp(0, -logits)])
    assert_allclose(model.predict_log_proba(40 * X), wanted, rtol=1e-5, atol=1e-40)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"n_features_in_": 5}, "X has 4 features, but the teacher, .* on 5"),
        ({"feature_names_in_": np.array(list("badc"))}, "in another order"),
    ],
)
def test_a_function_that_names_its_columns_gets_no_others(blobs, attributes, words):
    X, y = blobs

    def teacher(rows):
        return np.full((len(rows), 3), 1 / 3)

    vars(teacher).update(attributes)
    with pytest.raises(ValueError, match=words):
        quick(teacher).fit(pd.DataFrame(X, columns=list("abcd")), y)


def test_later_short_calls_do_not_add_to_the_cost_of_a_row(blobs, monkeypatch):
    """A fixed cost a call is no cost a row, however many calls there are."""
    X, y = blobs
    now = [0.0]
    monkeypatch.setattr("skdistill.teachers.blocks.perf_counter", lambda: now[0])

    def teacher(rows):
        now[0] += 0.15
        return np.full((len(rows), 3), 1 / 3)

    model = quick(teacher, synthesizer="auto", n_synthetic="auto").fit(
        X[::2], y[::2], X_unlabeled=X[1::2]
    )
    assert model.n_transfer_ == 90 + 2000
    assert model.query_seconds_ == pytest.approx(now[0])
