import copy
import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, QuantileRegressor
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.pipeline import make_pipeline

from skdistill import (
    DistillationReport,
    DistilledRegressor,
)
from skdistill.report.control import fit_labels_alone, saved_bytes
from tests.report.problem import draw_numbers, draw_quantiles


@pytest.fixture(scope="module")
def table():
    """Numbers, categories and a target of numbers: 300 rows to train on, 200 others."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"size": rng.normal(40, 10, 500), "age": rng.normal(size=500)})
    X["town"] = pd.Categorical(rng.choice(["Lima", "Oslo", "Rome"], 500))
    y = 100 + 3 * X["size"] + 20 * np.sin(2 * X["age"]) + 10 * (X["town"] == "Rome")
    y = y.to_numpy() + rng.normal(0, 10, 500)
    return X[:300], X[300:], y[:300], y[300:]


def make_teacher(X, y):
    forest = RandomForestRegressor(20, random_state=0)
    columns = ["size", "age"]
    forest.fit(X[columns].to_numpy(), y)
    return Teacher(forest)


class Teacher:
    """A function of two columns of a table."""

    def __init__(self, forest):
        self.forest = forest

    def __call__(self, X):
        return self.forest.predict(X[["size", "age"]].to_numpy())


@pytest.fixture(scope="module")
def student(table):
    X, _, y, _ = table
    model = DistilledRegressor(
        make_teacher(X, y), hidden_layer_sizes=(16,), max_iter=20, random_state=0
    )
    return model.fit(X, y)


@pytest.fixture(scope="module")
def report(student, table):
    X_train, X, y_train, y = table
    return DistillationReport.from_estimator(
        student, X, y, groups="town", baseline=(X_train, y_train), n_bootstraps=200
    )


def test_figures_are_those_of_the_models(report, student, table):
    X_train, X, y_train, y = table
    control = fit_labels_alone(student, X_train, y_train)
    answers = {
        "teacher": student.teacher_(X),
        "student": student.predict(X),
        "labels alone": control.predict(X),
    }
    assert list(report.figures) == list(answers)
    for name, numbers in answers.items():
        found = report.figures[name]
        assert_allclose(found["r2"].estimate, r2_score(y, numbers))
        error = mean_squared_error(y, numbers)
        assert_allclose(found["rmse"].estimate, np.sqrt(error))
        assert_allclose(found["log_mse"].estimate, np.log(error / y.var()))
        for row in report.per_group:
            rows = (X["town"] == row["group"]).to_numpy()
            assert row["n_samples"] == rows.sum()
            assert_allclose(row["mae"][name], np.abs(y - numbers)[rows].mean())
    change = report.differences["student - teacher"]["log_mse"]
    errors = [mean_squared_error(y, answers[name]) for name in ("student", "teacher")]
    assert_allclose(change.estimate, np.log(errors[0] / errors[1]))
    assert change.low < change.estimate < change.high
    assert_allclose(
        report.fidelity["student"]["r2_to_teacher"].estimate,
        r2_score(answers["teacher"], answers["student"]),
    )
    assert report.kind == "numbers"
    assert report.per_target is None
    assert report.classes is None


def test_the_control_learns_nothing_from_the_teacher(student, table):
    X, _, y, _ = table
    control = fit_labels_alone(student, X, y)
    assert control.distillation_weight == 0.0
    assert control.n_transfer_ == len(X) < student.n_transfer_
    assert control.n_steps_ == pytest.approx(student.n_steps_, rel=0.05)
    other = DistilledRegressor(
        "precomputed",
        hidden_layer_sizes=(4,),
        max_iter=3,
        weight_decay=0.1,
        encoder=None,
        random_state=0,
    )
    rows = X[["size", "age"]].to_numpy()
    controls = []
    for answers in (y, y + 0.1 * y.std()):
        other.fit(rows, y, teacher_prediction=answers)
        controls.append(fit_labels_alone(other, rows, y).predict(rows))
    assert_allclose(*controls)


def test_costs(report, student, tmp_path):
    student.student_.save(tmp_path / "student.npz")
    costs = report.costs
    assert costs["student"].n_bytes == (tmp_path / "student.npz").stat().st_size
    assert costs["teacher"].n_bytes > costs["student"].n_bytes
    assert all(of_model.row_microseconds > 0 for of_model in costs.values())


def test_stored_numbers_give_the_same_figures(report, student, table):
    X_train, X, y_train, y = table
    control = fit_labels_alone(student, X_train, y_train)
    stored = DistillationReport.from_predictions(
        y,
        teacher_prediction=student.teacher_(X),
        student_prediction=student.predict(X),
        control_prediction=control.predict(X)[:, np.newaxis],
        groups=X["town"],
        n_bootstraps=200,
    )
    assert stored.figures == report.figures
    assert stored.differences == report.differences
    assert stored.per_group == report.per_group
    assert stored.costs == {}


def test_forms_of_a_report(report, tmp_path):
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["kind"] == "numbers"
    assert values["verdict"] == report.verdict
    assert "per_class" not in values
    assert "n_different" not in values
    frame = report.to_frame()
    assert frame.index.tolist() == ["r2", "log_mse", "rmse", "mae"]
    interval = report.differences["student - teacher"]["r2"]
    assert frame.loc["r2", "student - teacher low"] == interval.low
    assert report.to_frame("groups").index.tolist() == ["Lima", "Oslo", "Rome"]
    with pytest.raises(ValueError, match="part='classes' is not among 'figures', 'fid"):
        report.to_frame("classes")
    text = str(report)
    for words in ("R² to the teacher", "log(MSE student / MSE teacher)", "1 target;"):
        assert words in text
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "RMSE" in page
    assert "1 target" in page
    assert "nan" not in page


def test_several_targets():
    y, answers = draw_numbers(100, 2)
    frame = pd.DataFrame(y, columns=["price", "days"])
    report = DistillationReport.from_predictions(
        frame,
        teacher_prediction=answers["teacher"],
        student_prediction=answers["student"],
        n_bootstraps=50,
    )
    assert [row["target"] for row in report.per_target] == ["price", "days"]
    for j, row in enumerate(report.per_target):
        wanted = r2_score(y[:, j], answers["student"][:, j])
        assert_allclose(row["r2"]["student"], wanted)
        assert row["r2_difference"].low < row["r2_difference"].high
    assert report.to_frame("targets").index.tolist() == ["price", "days"]
    assert "2 targets" in str(report)
    assert "Each target" in str(report)


def test_a_student_of_several_targets(table):
    X, X_test, y, y_test = table
    rows, rows_test = (of[["size", "age"]].to_numpy() for of in (X, X_test))
    both, both_test = (np.column_stack([of, -(of**2)]) for of in (y, y_test))
    teacher = RandomForestRegressor(5, random_state=0).fit(rows, both)
    model = DistilledRegressor(
        teacher, hidden_layer_sizes=(8,), max_iter=5, random_state=0
    ).fit(rows, both)
    report = DistillationReport.from_estimator(
        model, rows_test, both_test, baseline=(rows, both), n_bootstraps=20
    )
    assert [row["target"] for row in report.per_target] == ["0", "1"]
    score = model.score(rows_test, both_test)
    assert_allclose(report.figures["student"]["r2"].estimate, score)


def test_quantiles():
    levels = (0.1, 0.5, 0.9)
    y, answers = draw_quantiles(300, levels)
    report = DistillationReport.from_predictions(
        y,
        teacher_prediction=answers["teacher"],
        student_prediction=answers["student"],
        quantiles=levels,
        groups=np.arange(300) % 2,
        n_bootstraps=50,
    )
    assert report.kind == "quantiles"
    assert [row["quantile"] for row in report.per_quantile] == list(levels)
    student = answers["student"]
    inside = (y >= student[:, 0]) & (y <= student[:, 2])
    assert report.figures["student"]["coverage"].estimate == inside.mean()
    shares = [row["share_below"]["student"] for row in report.per_quantile]
    assert_allclose(shares, [(y <= student[:, j]).mean() for j in range(3)])
    assert report.to_dict()["quantiles"] == list(levels)
    assert report.to_frame("quantiles").index.tolist() == list(levels)
    text = " ".join(str(report).split())
    assert "3 quantiles" in text
    assert "0.8 of all if they are right" in text
    assert "coverage" in report._repr_html_()


def test_a_student_of_quantiles(table):
    X, X_test, y, y_test = table
    rows, rows_test = (of[["size", "age"]].to_numpy() for of in (X, X_test))

    def teacher(given):
        middle = 100 + 3 * given[:, 0]
        return np.column_stack([middle - 25, middle + 25])

    model = DistilledRegressor(
        teacher,
        loss="quantile",
        quantile=[0.1, 0.9],
        hidden_layer_sizes=(8,),
        max_iter=20,
        random_state=0,
    ).fit(rows, y)
    report = DistillationReport.from_estimator(
        model, rows_test, y_test, baseline=(rows, y), n_bootstraps=20
    )
    low, high = model.predict(rows_test).T
    covered = ((y_test >= low) & (y_test <= high)).mean()
    assert report.figures["student"]["coverage"].estimate == covered
    assert report.quantiles == [0.1, 0.9]
    assert "D² of the pinball loss" in report.verdict


def test_a_coverage_that_is_off_is_said():
    y, answers = draw_quantiles(300, (0.1, 0.9))
    middle = answers["student"].mean(axis=1)
    narrow = np.column_stack([middle - 0.1, middle + 0.1])
    report = DistillationReport.from_predictions(
        y,
        teacher_prediction=answers["teacher"],
        student_prediction=narrow,
        quantiles=[0.1, 0.9],
        n_bootstraps=50,
    )
    assert report.notes[-1].startswith(
        "Clearly fewer rows than wanted have their y between the student's lowest and "
        "highest quantile: "
    )
    assert "and 80 % are wanted. The teacher has" in report.notes[-1]


def test_weights_are_as_repeated_rows():
    y, answers = draw_numbers(80, 2)
    counts = np.random.default_rng(0).integers(1, 4, size=80)
    rows = np.repeat(np.arange(80), counts)
    weighted, repeated = (
        DistillationReport.from_predictions(
            y[of],
            teacher_prediction=answers["teacher"][of],
            student_prediction=answers["student"][of],
            sample_weight=weights,
            n_bootstraps=10,
        )
        for of, weights in ((slice(None), 0.5 * counts), (rows, None))
    )
    for model, figures in weighted.figures.items():
        for name, figure in figures.items():
            assert_allclose(figure.estimate, repeated.figures[model][name].estimate)


def test_notes(table, student):
    X_train, _, y_train, y = table
    report = DistillationReport.from_estimator(
        student, X_train, 0 * y_train + 3.0, n_bootstraps=9
    )
    assert "rows are equal to rows" in report.notes[0]
    assert any("y holds one number in all of these rows, 3." in n for n in report.notes)
    assert any("have a y beyond the range" in note for note in report.notes)
    assert "nan" not in str(report)
    backwards = DistillationReport.from_predictions(
        y, teacher_prediction=400 - y, student_prediction=y, n_bootstraps=9
    )
    assert backwards.notes[0].startswith("The teacher explains nothing of y on these")


def test_a_group_whose_error_grows_is_said():
    y, answers = draw_numbers(400)
    groups = np.where(np.arange(400) % 4, "many", "few")
    student = np.where(
        (groups == "few")[:, np.newaxis],
        y + 4 * (answers["teacher"] - y),
        answers["teacher"],
    )
    report = DistillationReport.from_predictions(
        y,
        teacher_prediction=answers["teacher"],
        student_prediction=student,
        groups=groups,
        n_bootstraps=100,
    )
    assert len(report.notes) == 1
    start = (
        "In the group few the squared error of the student, by that of the teacher, is "
        "greater than on the other rows by +1500.0 %"
    )
    assert report.notes[0].startswith(start)


def test_bad_input_is_named(student, table):
    _, X, _, y = table
    make = DistillationReport.from_estimator
    with pytest.raises(ValueError, match=r"y has shape \(200, 2\), and \(n_samples,\)"):
        make(student, X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y holds texts, such as 'a'"):
        make(student, X, ["a"] * len(X))
    with pytest.raises(ValueError, match="missing.*Leave rows without numbers out of"):
        make(student, X, np.where(y > y.mean(), np.nan, y))
    with pytest.raises(ValueError, match="y contains infinity"):
        make(student, X, np.where(y > y.mean(), np.inf, y))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make(student, X, y[:-1])
    rows = X[["size", "age"]].to_numpy()
    classifier = RandomForestClassifier(2).fit(rows, y > y.mean())
    with pytest.raises(ValueError, match="is a RandomForestClassifier: .*fitted regre"):
        make(student, X, y, baseline=classifier)
    with pytest.raises(ValueError, match="is a LinearRegression, not a Distilled"):
        make(LinearRegression().fit(rows, y), X, y)
    with pytest.raises(ValueError, match="is a Pipeline: give the DistilledRegressor"):
        make(make_pipeline(student), X, y)
    precomputed = DistilledRegressor("precomputed", max_iter=1, random_state=0)
    precomputed.fit(rows, y, teacher_prediction=y)
    with pytest.raises(ValueError, match="cannot be asked about X: give its numbers"):
        make(precomputed, rows, y)


@pytest.fixture(scope="module")
def around():
    """A regressor of logarithms, its rows, and y, which is above 0."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.exp(2.0 + X[:, 0] + 0.1 * rng.normal(size=200))
    student = DistilledRegressor(
        LinearRegression(), hidden_layer_sizes=(4,), max_iter=20, random_state=0
    )
    model = TransformedTargetRegressor(student, func=np.log, inverse_func=np.exp)
    return model.fit(X[:120], y[:120]), X, y


def test_a_transformed_target_is_reported_in_the_units_of_y(around):
    model, X, y = around
    teacher = np.exp(model.regressor_.teacher_.predict(X[120:]))
    alone = fit_labels_alone(model.regressor_, X[:120], np.log(y[:120]))
    expected = DistillationReport.from_predictions(
        y[120:],
        teacher_prediction=teacher,
        student_prediction=model.predict(X[120:]),
        control_prediction=np.exp(alone.predict(X[120:])),
        n_bootstraps=10,
    )
    found = DistillationReport.from_estimator(
        model, X[120:], y[120:], baseline=(X[:120], y[:120]), n_bootstraps=10
    )
    for of_model, figures in expected.figures.items():
        for name, figure in figures.items():
            assert_allclose(found.figures[of_model][name], figure)
    assert "answer in a transformed target" in " ".join(found.notes)
    assert found.costs["student"].n_bytes == saved_bytes(model.regressor_.student_)
    given = DistillationReport.from_estimator(
        model, X[120:], y[120:], baseline=model, n_bootstraps=10
    )
    assert given.figures["labels alone"]["mae"] == given.figures["student"]["mae"]


def test_a_y_beyond_the_range_of_a_transformed_target_is_counted_in_it(around):
    model, X, y = around
    notes = DistillationReport.from_estimator(
        model, X[:50], np.where(y[:50] > y[0], y[:50], 1e6 * y[:50]), n_bootstraps=5
    ).notes
    n_outside = np.count_nonzero(y[:50] <= y[0])
    assert any(f"{n_outside} of these 50 rows have a y beyond" in n for n in notes)


def test_quantiles_of_a_transformed_target_are_refused(around):
    model, X, y = around
    of_quantiles = copy.copy(model)
    of_quantiles.regressor_ = DistilledRegressor(
        {0.5: QuantileRegressor(alpha=0.0)}, loss="quantile", quantile=0.5, max_iter=1
    ).fit(X, np.log(y))
    with pytest.raises(ValueError, match="of quantiles, which .*give its regressor_"):
        DistillationReport.from_estimator(of_quantiles, X, y)


def test_bad_predictions_are_named():
    make = DistillationReport.from_predictions
    y = np.arange(4.0)
    with pytest.raises(ValueError, match="the answers of teacher and student are need"):
        make(y, teacher_prediction=y)
    with pytest.raises(ValueError, match="teacher_proba, student_proba and teacher_p"):
        make(y, y, y, teacher_prediction=y)
    with pytest.raises(ValueError, match=r"student_prediction has shape \(3,\), not"):
        make(y, teacher_prediction=y, student_prediction=y[:3])
    with pytest.raises(ValueError, match="y holds texts, .*give teacher_proba and st"):
        make(list("abab"), teacher_prediction=y, student_prediction=y)
    with pytest.raises(ValueError, match="was passed with numbers, which have no cla"):
        make(y, teacher_prediction=y, student_prediction=y, classes=[0, 1])
    proba = np.full((4, 2), 0.5)
    with pytest.raises(ValueError, match="only numbers can be quantiles"):
        make([0, 1, 0, 1], proba, proba, quantiles=[0.5])
    two = np.column_stack([y, y])
    with pytest.raises(ValueError, match="levels between 0 and 1, each above the one"):
        make(y, teacher_prediction=two, student_prediction=two, quantiles=[0.9, 0.1])
    with pytest.raises(ValueError, match="a column for each of the quantiles"):
        make(y, teacher_prediction=y, student_prediction=two, quantiles=[0.1, 0.9])


@pytest.mark.parametrize(
    ("y", "answers"),
    [
        ([0.5, 7.5, 3.0], [0.4, 7.0, 3.5]),
        ([1, 2, 3], [[1.5], [2.0], [2.5]]),
        ([0.1, 0.2, 0.4], [0.2, 0.3, 0.5]),
        ([[0.5, 2.0], [1.5, 0.0]], [[0.4, 2.1], [1.4, 0.1]]),
    ],
)
def test_numbers_in_place_of_probabilities_are_told_where_they_belong(y, answers):
    words = (
        "y holds numbers, such as .* teacher_proba goes from .*teacher_prediction and"
    )
    with pytest.raises(ValueError, match=words):
        DistillationReport.from_predictions(y, answers, answers)
