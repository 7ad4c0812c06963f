import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import (
    d2_pinball_score,
    make_scorer,
    mean_absolute_error,
    mean_poisson_deviance,
    mean_squared_error,
    r2_score,
)
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier, DistilledRegressor, compress_to
from skdistill.estimators.find import ask_both
from skdistill.model_selection import (
    RequirementNotMetError,
    TriedStudent,
    make_teacher_scorer,
    smallest_within,
    student_bytes,
    teacher_score,
)
from skdistill.model_selection.known_answers import KnownNumbers
from skdistill.model_selection.requirement import Requirement
from skdistill.model_selection.validation_score import ValidationScorer


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(240, 2))
    y = 50 + 10 * X[:, 0] + 5 * np.sin(3 * X[:, 1]) + rng.normal(size=240)
    return X, y


def quick(teacher=None, **parameters):
    given = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
    teacher = LinearRegression() if teacher is None else teacher
    return DistilledRegressor(teacher, **given | parameters)


def test_the_smallest_student_meets_the_requirement(data):
    X, y = data
    found = compress_to(quick(max_iter=40), X, y, max_points_lost=20, random_state=0)
    best = min((t for t in found.path_ if t.meets), key=lambda t: t.bytes)
    assert found.chosen_.bytes == best.bytes
    assert found.estimator_.student_.nbytes == best.bytes
    assert {tried.weight_dtype for tried in found.path_} == {
        "int8",
        "float16",
        "float32",
    }
    assert "The teacher has a score of" in str(found)


def test_scores_are_those_of_the_students_on_the_validation_rows(data):
    X, y = data
    rows = slice(180, None)
    for scoring, measure in ((None, r2_score), ("neg_mean_absolute_error", None)):
        found = compress_to(
            quick(),
            X[:180],
            y[:180],
            min_score=-1e9,
            scoring=scoring,
            validation_data=(X[rows], y[rows]),
        )
        for student, tried in zip(found.students_, found.path_, strict=True):
            predicted = student.predict(X[rows])
            score = (
                -mean_absolute_error(y[rows], predicted)
                if measure is None
                else measure(y[rows], predicted)
            )
            assert_allclose(tried.score, score)
        teacher = LinearRegression().fit(X[:180], y[:180])
        if measure is not None:
            assert_allclose(found.teacher_score_, teacher.score(X[rows], y[rows]))


def test_requirements_of_numbers(data):
    X, y = data
    rows = slice(180, None)
    call = {"validation_data": (X[rows], y[rows])}
    found = compress_to(
        quick(max_iter=40), X[:180], y[:180], max_mse_ratio=3, min_share=0.5, **call
    )
    teacher = LinearRegression().fit(X[:180], y[:180])
    of_teacher = mean_squared_error(y[rows], teacher.predict(X[rows]))
    for student, tried in zip(found.students_, found.path_, strict=True):
        predicted = student.predict(X[rows])
        ratio = mean_squared_error(y[rows], predicted) / of_teacher
        share = r2_score(y[rows], predicted) / teacher.score(X[rows], y[rows])
        assert tried.meets == (ratio <= 3 and share >= 0.5)
    with pytest.raises(RequirementNotMetError, match=r"max_mse_ratio=[\d.]+ would all"):
        compress_to(quick(), X[:180], y[:180], max_mse_ratio=0.01, **call)
    with pytest.raises(RequirementNotMetError, match=r"min_share=-?[\d.]+ would allow"):
        compress_to(quick(), X[:180], y[:180], min_share=2, **call)


def tried(score, points_lost):
    return TriedStudent((4,), 8, "int8", 100, 1.0, score, points_lost, 0.0)


@pytest.mark.parametrize(
    ("requirement", "student", "short"),
    [
        (Requirement(min_share=0.9), tried(0.81, 9), 0),
        (Requirement(min_share=0.9), tried(0.8, 10), 1),
        # The teacher leaves 0.1 of the variance, the student 0.2.
        (Requirement(max_mse_ratio=2), tried(0.8, 10), 0),
        (Requirement(max_mse_ratio=1.5), tried(0.8, 10), 5),
        (Requirement(min_score=0.9, max_mse_ratio=1.5), tried(0.8, 10), 10),
    ],
)
def test_how_far_short_of_a_share(requirement, student, short):
    assert requirement.points_short(student) == pytest.approx(short)


@pytest.mark.parametrize(
    ("points", "requirement", "limit"),
    [
        (100.0, Requirement(), "at most 0.5 points lost"),
        (20.0, Requirement(), "at most 5 points lost, each 1 % of the teacher's error"),
        (20.0, Requirement(min_score=-9.0), "a score of at least -9"),
    ],
)
def test_the_points_that_may_be_lost_if_none_are_given(points, requirement, limit):
    assert str(requirement.of_points(points)) == limit


@pytest.mark.parametrize("unit", [1.0, 2.0**10])
def test_a_point_of_an_error_is_a_hundredth_of_the_teachers(data, unit, few_steps):
    X, y = data[0], unit * data[1]
    rows = slice(180, None)
    call = {"validation_data": (X[rows], y[rows])}
    found = compress_to(
        quick(),
        X[:180],
        y[:180],
        max_points_lost=1e4,
        scoring=lambda model, X, y: -mean_absolute_error(y, model.predict(X)),
        **call,
    )
    of_teacher = -found.teacher_score_
    for student, row in zip(found.students_, found.path_, strict=True):
        error = mean_absolute_error(y[rows], student.predict(X[rows]))
        assert_allclose(row.points_lost, 100 * (error / of_teacher - 1), rtol=1e-6)
    short = Requirement(min_score=-1.1 * of_teacher).of_points(100 / of_teacher)
    row = found.path_[-1]._replace(score=-1.3 * of_teacher, points_lost=30.0)
    assert short.points_short(row) == pytest.approx(20)


def test_a_share_of_an_error_is_refused(data):
    X, y = data
    call = {"scoring": "neg_root_mean_squared_error", "random_state": 0}
    with pytest.raises(ValueError, match="min_share=0.9 .* counts errors.*max_points"):
        compress_to(quick(), X, y, min_share=0.9, **call)


def test_several_targets_and_quantiles(data):
    X, y = data
    both = np.column_stack([y, -(y**2)])
    found = compress_to(quick(), X, both, min_score=-1e9, random_state=0)
    assert found.estimator_.predict(X).shape == (240, 2)

    def teacher(rows):
        return np.column_stack([50 + 10 * rows[:, 0] - 5, 50 + 10 * rows[:, 0] + 5])

    model = quick(teacher, loss="quantile", quantile=[0.1, 0.9])
    rows = slice(180, None)
    found = compress_to(
        model,
        X[:180],
        y[:180],
        min_score=-1e9,
        validation_data=(X[rows], y[rows]),
    )
    predicted = found.students_[0].predict(X[rows])
    wanted = [
        d2_pinball_score(y[rows], predicted[:, j], alpha=level)
        for j, level in enumerate((0.1, 0.9))
    ]
    assert_allclose(found.path_[0].score, np.mean(wanted))


def test_stored_numbers(data):
    X, y = data
    answers = LinearRegression().fit(X, y).predict(X)
    found = compress_to(
        quick("precomputed"),
        X,
        y,
        min_score=-1e9,
        teacher_prediction=answers,
        X_unlabeled=X[:20] + 0.1,
        teacher_prediction_unlabeled=answers[:20],
        random_state=0,
    )
    assert found.teacher_score_ == pytest.approx(r2_score(y, answers), abs=0.1)


def test_the_score_of_the_teacher(data):
    X, y = data
    model = quick(cv=None).fit(X, y)
    teacher = model.teacher_
    assert_allclose(teacher_score(model, X, y), teacher.score(X, y))
    scorer = make_teacher_scorer("neg_mean_absolute_error")
    assert_allclose(scorer(model, X, y), -mean_absolute_error(y, teacher.predict(X)))
    own = make_teacher_scorer(make_scorer(mean_squared_error))
    assert_allclose(own(model, X, y), mean_squared_error(y, teacher.predict(X)))
    both = np.column_stack([y, y])
    model = quick().fit(X, both)
    assert_allclose(teacher_score(model, X, both), model.teacher_.score(X, both))
    with pytest.raises(ValueError, match="numbers are missing.*need a whole y"):
        teacher_score(model, X, np.full(len(y), np.nan))


def test_a_transformed_target_is_scored_in_the_units_of_y(data, few_steps):
    X, y = data[0], np.exp(data[1] / 20)
    around = TransformedTargetRegressor(quick(), func=np.log, inverse_func=np.exp)
    for model in (around, make_pipeline(StandardScaler(), around)):
        model.fit(X, y)
        step = model if model is around else model[-1]
        rows = X if model is around else model[:-1].transform(X)
        teacher = np.exp(step.regressor_.teacher_.predict(rows))
        assert_allclose(teacher_score(model, X, y), r2_score(y, teacher))
        assert student_bytes(model) == step.regressor_.student_.nbytes
        expected = teacher[:, np.newaxis], model.predict(X)[:, np.newaxis]
        for found, numbers in zip(
            ask_both(model, X, kind="numbers")[:2], expected, strict=True
        ):
            assert_allclose(found, numbers)


def test_a_search_picks_the_smallest_student(data):
    X, y = data
    scoring = {"score": "r2", "bytes": student_bytes, "teacher": teacher_score}
    search = GridSearchCV(
        quick(RandomForestRegressor(5, random_state=0)),
        {"hidden_layer_sizes": [(16,), (2,)]},
        scoring=scoring,
        refit=smallest_within(5.0, of="teacher"),
        cv=2,
    ).fit(X, y)
    assert search.best_params_ == {"hidden_layer_sizes": (2,)}
    found = cross_validate(quick(), X, y, scoring=scoring, cv=2)
    assert (found["test_teacher"] > 0.8).all()


def test_bad_arguments_are_named(data):
    X, y = data
    with pytest.raises(
        ValueError, match="teacher_proba was passed, and this estimator"
    ):
        compress_to(quick(), X, y, teacher_proba=y)
    with pytest.raises(ValueError, match="takes teacher_proba_unlabeled"):
        compress_to(DistilledClassifier(), X, y > 50, teacher_prediction_unlabeled=y)
    with pytest.raises(ValueError, match="max_mse_ratio was passed: only a regressor"):
        compress_to(DistilledClassifier(), X, y > 50, max_mse_ratio=1)
    with pytest.raises(ValueError, match="max_mse_ratio was passed: only a regressor"):
        compress_to(quick(), X, y, max_mse_ratio=1, scoring="max_error")
    with pytest.raises(ValueError, match="min_share=-1 is neither None nor a finite"):
        compress_to(quick(), X, y, min_share=-1)
    with pytest.raises(ValueError, match="y holds texts"):
        compress_to(quick(), X, ["a"] * len(y))


def test_the_points_of_a_deviance_of_counts():
    y = np.array([0.0, 1.0, 3.0, 0.0])
    known = KnownNumbers(None, True)
    scorer = ValidationScorer(y, y, known, "neg_mean_poisson_deviance", None)
    teacher = scorer.measure(np.ones((4, 1)))
    points = scorer.points_in_a_unit(teacher, 1)
    assert points == pytest.approx(100 / mean_poisson_deviance(y, np.ones(4)))
