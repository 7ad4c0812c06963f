import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import coo_array, csr_array
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skdistill import DistillationReport, DistilledClassifier
from skdistill.report.control import fit_labels_alone
from skdistill.student.shapes import shape_functions
from tests.report.problem import draw_models


@pytest.fixture(scope="module")
def table():
    """Text, numbers and a target of text; 400 rows to train on, 200 others."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(40, 10, 600), "size": rng.normal(size=600)})
    X["town"] = pd.Categorical(rng.choice(["Lima", "Oslo", "Rome"], 600))
    wants = (X["age"] > 40) ^ (X["town"] == "Rome") ^ (rng.random(600) < 0.1)
    y = np.where(wants, "yes", "no")
    return X[:400], X[400:], y[:400], y[400:]


@pytest.fixture(scope="module")
def student(table):
    X, _, y, _ = table
    teacher = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=30, random_state=0
    )
    model = DistilledClassifier(
        teacher, hidden_layer_sizes=(16,), max_iter=20, random_state=0
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
    models = {"teacher": student.teacher_, "student": student, "labels alone": control}
    assert list(report.figures) == list(models)
    for name, model in models.items():
        found = report.figures[name]
        assert found["accuracy"].estimate == accuracy_score(y, model.predict(X))
        loss = log_loss(y, model.predict_proba(X))
        assert_allclose(found["log_loss"].estimate, loss, rtol=1e-6)
        for row in report.per_group:
            rows = (X["town"] == row["group"]).to_numpy()
            assert row["n_samples"] == rows.sum()
            score = accuracy_score(y[rows], model.predict(X[rows]))
            assert_allclose(row["accuracy"][name], score)
    assert [row["group"] for row in report.per_group] == ["Lima", "Oslo", "Rome"]
    assert [row["class"] for row in report.per_class] == ["no", "yes"]
    difference = report.differences["student - teacher"]["log_loss"]
    wanted = (
        report.figures["student"]["log_loss"].estimate
        - report.figures["teacher"]["log_loss"].estimate
    )
    assert_allclose(difference.estimate, wanted)
    assert difference.low <= difference.estimate <= difference.high
    assert not any("trained on" in note for note in report.notes)


def test_costs(report, student, tmp_path):
    student.student_.save(tmp_path / "student.npz")
    costs = report.costs
    assert costs["student"].n_bytes == (tmp_path / "student.npz").stat().st_size
    assert costs["teacher"].n_bytes > costs["student"].n_bytes
    arrays = [*student.coefs_, *student.intercepts_, student.student_.knot_table_]
    assert costs["student"].n_parameters == sum(array.size for array in arrays)
    assert costs["student"].fit_seconds == student.fit_seconds_
    assert 0 < student.query_seconds_ < student.fit_seconds_
    assert costs["student"].query_seconds == student.query_seconds_
    assert costs["teacher"].fit_seconds is None
    for of_model in costs.values():
        assert of_model.row_microseconds > 0
        assert of_model.batch_microseconds > 0


def test_the_same_seed_gives_the_same_report(report, student, table):
    X_train, X, y_train, y = table
    control = fit_labels_alone(student, X_train, y_train)
    arguments = {"groups": X["town"], "baseline": control, "n_bootstraps": 200}
    again = DistillationReport.from_estimator(student, X, y, **arguments)
    assert again.differences == report.differences
    assert again.per_group == report.per_group
    other = DistillationReport.from_estimator(
        student, X, y, random_state=1, **arguments
    )
    assert other.differences != report.differences


def test_rows_that_the_student_was_trained_on_are_said(student, table):
    X_train, X, y_train, y = table
    mixed, labels = pd.concat([X_train[:50], X]), np.concatenate([y_train[:50], y])
    report = DistillationReport.from_estimator(student, mixed, labels, n_bootstraps=9)
    start = (
        "About 50 of these 250 rows are equal to rows that the student was trained on"
    )
    assert report.notes[0].startswith(start)
    assert "About 50 of these 250 rows" in str(report)
    assert start in report._repr_html_()
    assert report.verdict.startswith("The student ")
    report = DistillationReport.from_estimator(
        student, X_train, y_train, n_bootstraps=9
    )
    start = (
        "On rows equal to rows that the student was trained on, which say little about "
        "new rows: the "
    )
    assert report.verdict.startswith(start)


def test_a_teacher_that_saw_the_rows_is_not_compared_with_labels(
    report, student, table
):
    X_train, X, y_train, y = table
    other = DistillationReport.from_estimator(
        student, X, y, baseline=(X_train, y_train), teacher_saw_rows=True
    )
    start = (
        "On rows that the teacher may have been fitted on, which makes its figures too "
        "good: the student "
    )
    assert other.verdict.startswith(start)
    assert "labels alone" in other.verdict
    pair = "teacher - labels alone"
    assert "teacher is" in report.verdict or "teacher itself" in report.verdict
    assert "teacher is" not in other.verdict
    assert "teacher itself" not in other.verdict
    assert pair in report.differences
    assert pair not in other.differences
    assert pair not in str(other.to_dict())
    for name in ("accuracy", "log_loss"):
        one, two = report.figures["teacher"][name], other.figures["teacher"][name]
        assert one.estimate == two.estimate


@pytest.mark.filterwarnings("ignore:the teacher gives")
def test_a_student_that_did_not_follow_its_teacher_is_said(table):
    X_train, X, y_train, y = table

    def opposite(rows):
        wants = (rows["age"] > 40) ^ (rows["town"] == "Rome")
        return np.where(wants.to_numpy()[:, np.newaxis], [0.8, 0.2], [0.2, 0.8])

    model = DistilledClassifier(opposite, max_iter=20, random_state=0)
    with pytest.warns(UserWarning, match="trained on the labels alone"):
        model.fit(X_train, y_train)
    report = DistillationReport.from_estimator(
        model, X, y, baseline=(X_train, y_train), n_bootstraps=9
    )
    assert str(report).startswith("Nothing was distilled: in fit the teacher was")
    assert "distilling" not in report.verdict
    assert "the teacher itself is worse than labels alone" in report.verdict
    seen = DistillationReport.from_estimator(
        model, X_train, y_train, teacher_saw_rows=True, n_bootstraps=9
    )
    assert seen.verdict.startswith(
        "Nothing was distilled: in fit the teacher was clearly worse than labels "
        "alone, so the student learned labels alone. On rows equal to rows that the "
        "student was trained on"
    )
    assert report.notes[0].startswith("In fit the teacher was clearly worse")
    assert not any("logits divided" in note for note in report.notes)


def test_weights_are_as_repeated_rows():
    labels, probabilities = draw_models(80, 3)
    counts = np.random.default_rng(0).integers(1, 4, size=80)
    groups = np.arange(80) % 2
    weighted = DistillationReport.from_predictions(
        labels, *probabilities.values(), sample_weight=0.5 * counts, groups=groups
    )
    rows = np.repeat(np.arange(80), counts)
    repeated = DistillationReport.from_predictions(
        labels[rows], *(p[rows] for p in probabilities.values()), groups=groups[rows]
    )
    for model, figures in weighted.figures.items():
        for name, figure in figures.items():
            assert_allclose(figure.estimate, repeated.figures[model][name].estimate)
    for parts in zip(weighted.per_group, repeated.per_group, strict=True):
        for name in ("accuracy", "log_loss"):
            first, second = (list(part[name].values()) for part in parts)
            assert_allclose(first, second)


def test_the_order_of_the_classes_is_that_of_the_columns():
    labels, probabilities = draw_models(100, 3)
    names = np.array(["b", "c", "a"])
    report = DistillationReport.from_predictions(
        names[labels], *probabilities.values(), classes=names, n_bootstraps=50
    )
    numbered = DistillationReport.from_predictions(
        labels, *probabilities.values(), n_bootstraps=50
    )
    assert report.figures == numbered.figures
    assert [row["class"] for row in report.per_class] == ["b", "c", "a"]


def test_as_a_dict(report):
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["verdict"] == report.verdict
    low = report.differences["student - teacher"]["brier"].low
    assert values["differences"]["student - teacher"]["brier"]["low"] == low
    assert values["costs"]["teacher"]["n_parameters"] is None
    assert values["classes"] == ["no", "yes"]
    assert values["per_group"][0]["group"] == "Lima"


def test_a_class_without_rows_has_figures_of_none():
    labels, probabilities = draw_models(30, 3)
    labels[labels == 1] = 0
    report = DistillationReport.from_predictions(
        labels, *probabilities.values(), classes=[0, 1, 2], n_bootstraps=20
    )
    row = json.loads(json.dumps(report.to_dict(), allow_nan=False))["per_class"][1]
    assert row["recall"] == dict.fromkeys(probabilities)
    assert row["n_samples"] == 0
    assert "[-, -]" not in str(report)
    assert "[-, -]" not in report._repr_html_()
    assert "nan" not in str(report) + report._repr_html_()


def test_as_frames(report):
    frame = report.to_frame()
    figure = report.figures["labels alone"]["roc_auc"].estimate
    assert frame.loc["roc_auc", "labels alone"] == figure
    interval = report.differences["student - teacher"]["accuracy"]
    assert frame.loc["accuracy", "student - teacher low"] == interval.low
    fidelity = report.to_frame("fidelity")
    assert fidelity.loc["agreement", "student"] == (
        report.fidelity["student"]["agreement"].estimate
    )
    classes = report.to_frame("classes")
    assert (
        classes.loc["yes", "recall, teacher"]
        == (report.per_class[1]["recall"]["teacher"])
    )
    assert report.to_frame("groups").index.tolist() == ["Lima", "Oslo", "Rome"]
    sizes = report.to_frame("costs")["n_bytes"]
    assert sizes["student"] == report.costs["student"].n_bytes
    with pytest.raises(ValueError, match="part='all' is not among 'figures', 'fid"):
        report.to_frame("all")


def test_frames_need_pandas(report, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match=r"skdistill\[table\]. to_dict works without"):
        report.to_frame()


@pytest.mark.parametrize("units", [(128, 64), ()], ids=str)
def test_a_sparse_table(blobs, units):
    X, y = blobs
    X = csr_array(np.where(X > 1, X, 0))
    teacher = LogisticRegression().fit(X, y)
    model = DistilledClassifier(
        teacher,
        hidden_layer_sizes=units,
        max_iter=5 if units else "auto",
        random_state=0,
    ).fit(X, y)
    report = DistillationReport.from_estimator(model, coo_array(X), y)
    assert report.costs["teacher"].row_microseconds > 0
    report = DistillationReport.from_estimator(model, X, y, baseline=(X, y))
    assert report.notes[0].startswith("About 90 of these 90 rows")
    accuracy = report.figures["teacher"]["accuracy"].estimate
    assert accuracy == teacher.score(X, y)


def test_a_teacher_without_probabilities_or_that_cannot_be_pickled(blobs):
    X, y = blobs
    svc = SVC().fit(X, y)
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    for teacher in (svc, lambda rows: forest.predict_proba(rows)):
        model = DistilledClassifier(teacher, max_iter=2, random_state=0).fit(X, y)
        report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
        known = report.costs["teacher"].n_bytes is not None
        assert known == (teacher is svc)


def test_bad_input_is_named(student, table):
    X_train, X, _, y = table
    make = DistillationReport.from_estimator
    with pytest.raises(ValueError, match="is a LogisticRegression, not a Distilled"):
        make(LogisticRegression(), X, y)
    with pytest.raises(ValueError, match="student is a Pipeline: .*as its last step"):
        make(make_pipeline(student), X, y)
    with pytest.raises(NotFittedError):
        make(DistilledClassifier(), X, y)
    with pytest.raises(ValueError, match="y holds the label 0, which is not among"):
        make(student, X, np.where(y == "yes", 1, 0) * 0)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make(student, X, y[:-1])
    with pytest.raises(
        ValueError, match=r"baseline is a bool: give \(X_train, y_train"
    ):
        make(student, X, y, baseline=True)
    with pytest.raises(ValueError, match="baseline has 1 parts"):
        make(student, X, y, baseline=(X_train,))
    other = LogisticRegression().fit(X[["age"]], np.where(y == "yes", "ja", "nein"))
    with pytest.raises(ValueError, match="baseline has the classes .'ja', 'nein'"):
        make(student, X, y, baseline=other)
    with pytest.raises(ValueError, match="n_bootstraps=0 is not an integer from 1"):
        make(student, X, y, n_bootstraps=0)
    with pytest.raises(ValueError, match="zero"):
        make(student, X, y, sample_weight=np.zeros(len(y)))
    precomputed = DistilledClassifier("precomputed", max_iter=1, random_state=0)
    precomputed.fit(X, y, teacher_proba=student.predict_proba(X))
    with pytest.raises(ValueError, match="cannot be asked about X: give its prob"):
        make(precomputed, X, y)


def test_bad_predictions_are_named():
    make = DistillationReport.from_predictions
    proba = np.full((4, 2), 0.5)
    with pytest.raises(ValueError, match=r"student_proba has shape \(3, 2\), not"):
        make([0, 1, 0, 1], proba, proba[:3])
    with pytest.raises(ValueError, match="control_proba adds up to 2 in row 0"):
        make([0, 1, 0, 1], proba, proba, 2 * proba)
    with pytest.raises(ValueError, match=r"teacher_proba has shape \(4, 2\), not"):
        make([0, 1, 2, 1], proba, proba)
    with pytest.raises(ValueError, match=r"classes holds \[1\]: at least two labels"):
        make([1, 1, 1, 1], proba, proba)
    with pytest.raises(ValueError, match="the label 3, which is not among the classes"):
        make([3, 2, 2, 3], proba, proba, classes=[0, 1])
    with pytest.raises(ValueError, match="y is empty"):
        make([], proba[:0], proba[:0], classes=[0, 1])
    with pytest.raises(ValueError, match=r"classes=\[0, 1, 1\] holds a label twice"):
        make([0, 1], np.full((2, 3), 1 / 3), np.full((2, 3), 1 / 3), classes=[0, 1, 1])


def test_rows_without_a_weight_are_as_left_out():
    """Draws of them alone would have no figures."""
    labels, proba = draw_models(30, 3)
    weights = np.zeros(30)
    weights[:16] = np.arange(16)
    weights[[0, 3, 4, 7]] = 1
    classes, counted = np.arange(3), weights > 0
    reports = [
        DistillationReport.from_predictions(
            labels[rows],
            proba["teacher"][rows],
            proba["student"][rows],
            classes=classes,
            sample_weight=weights[rows],
        )
        for rows in (slice(None), counted)
    ]
    for one, two in zip(
        reports[0].figures.values(), reports[1].figures.values(), strict=True
    ):
        assert_allclose(list(one.values()), list(two.values()))
    assert reports[0].verdict == reports[1].verdict
    assert "as far as 16 rows can show" in reports[0].verdict
    assert reports[0].n_different == reports[1].n_different


def test_draws_leave_a_row_with_a_weight():
    labels, proba = draw_models(30, 3)
    report = DistillationReport.from_predictions(
        labels,
        proba["teacher"],
        proba["student"],
        sample_weight=np.arange(30) < 1,
    )
    assert report.n_different <= 1
    loss = report.figures["student"]["log_loss"]
    assert loss.low == pytest.approx(loss.estimate) == pytest.approx(loss.high)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_report_says_that_a_student_can_be_read(n_classes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 3))
    y = np.digitize(X[:, 0], [-0.5, 0.5][: n_classes - 1])
    teacher = RandomForestClassifier(10, random_state=0).fit(X, y)
    model = DistilledClassifier(teacher, max_iter=2, weight_decay=1.0, random_state=0)
    said = "a sum of one function of each column: it can be read, see AdditiveDisplay"
    for hidden in ((), (4,)):
        model.set_params(hidden_layer_sizes=hidden).fit(X, y)
        report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
        text = " ".join(str(report).split())
        for shown in (text, report._repr_html_(), report.to_dict()["notes"][-1]):
            assert (said in shown) == (hidden == ())
            # A scorecard has one sum, so it knows two classes.
            is_card = hidden == () and n_classes == 2
            assert ("to_scorecard" in shown) == is_card


@pytest.mark.parametrize("max_terms", [None, 5])
def test_the_report_sends_to_a_display_that_serves_sparse_rows(max_terms):
    rng = np.random.default_rng(0)
    X = csr_array(rng.random((120, 9)) * (rng.random((120, 9)) < 0.4))
    y = (X[:, [0]].toarray().ravel() > 0.1).astype(int)
    model = DistilledClassifier(
        LogisticRegression(), max_terms=max_terms, hidden_layer_sizes=()
    ).fit(X, y)
    report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
    said = "AdditiveDisplay" in str(report)
    assert said == (max_terms is None)
    if said:
        shape_functions(model.student_)
        return
    with pytest.raises(ValueError, match="some columns of sparse rows.*max_terms=None"):
        shape_functions(model.student_)
