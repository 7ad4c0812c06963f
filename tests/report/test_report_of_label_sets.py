import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csr_array
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier

from skdistill import DistillationReport, DistilledClassifier
from skdistill.report.control import fit_labels_alone
from tests.report.problem import draw_label_sets

NAMES = ["red", "round", "rare"]


@pytest.fixture(scope="module")
def rows():
    """Rows with three labels: 300 to train on, 200 others."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 4))
    y = X[:, :3] + 0.5 * rng.normal(size=(500, 3)) > [0.0, 0.3, 1.0]
    y = pd.DataFrame(y.astype(int), columns=NAMES)
    return X[:300], X[300:], y[:300], y[300:]


@pytest.fixture(scope="module")
def student(rows):
    X, _, y, _ = rows
    forest = RandomForestClassifier(20, random_state=0).fit(X, y.to_numpy())
    model = DistilledClassifier(
        forest, hidden_layer_sizes=(8,), max_iter=20, random_state=0
    )
    return model.fit(X, y)


@pytest.fixture(scope="module")
def report(student, rows):
    X_train, X, y_train, y = rows
    return DistillationReport.from_estimator(
        student,
        X,
        y,
        groups=np.where(X[:, 3] > 0, "high", "low"),
        baseline=(X_train, y_train),
        n_bootstraps=100,
    )


def of_forest(forest, X):
    """Return the probability of each label."""
    return np.column_stack([of_label[:, 1] for of_label in forest.predict_proba(X)])


def test_figures_are_those_of_the_models(report, student, rows):
    X_train, X, y_train, y = rows
    control = fit_labels_alone(student, X_train, y_train)
    assert control.distillation_weight == 0.0
    probabilities = {
        "teacher": of_forest(student.teacher_, X),
        "student": student.predict_proba(X),
        "labels alone": control.predict_proba(X),
    }
    assert list(report.figures) == list(probabilities)
    for name, proba in probabilities.items():
        labels, found = proba > 0.5, report.figures[name]
        assert_allclose(found["accuracy"].estimate, metrics.accuracy_score(y, labels))
        assert_allclose(
            found["f1_macro"].estimate, metrics.f1_score(y, labels, average="macro")
        )
        of_labels = metrics.f1_score(y, labels, average=None)
        assert_allclose([row["f1"][name] for row in report.per_label], of_labels)
        for row in report.per_group:
            of_group = (X[:, 3] > 0) == (row["group"] == "high")
            assert row["n_samples"] == of_group.sum()
            wanted = metrics.accuracy_score(y[of_group], labels[of_group])
            assert_allclose(row["accuracy"][name], wanted)
    alike = (probabilities["student"] > 0.5) == (probabilities["teacher"] > 0.5)
    assert_allclose(report.fidelity["student"]["agreement"].estimate, alike.mean())
    assert report.kind == "label_sets"
    assert [row["label"] for row in report.per_label] == NAMES
    assert [row["n_positive"] for row in report.per_label] == y.sum().tolist()
    right = [(p > 0.5).astype(int) == y.to_numpy() for p in probabilities.values()]
    teacher, own = (of_model.all(axis=1) for of_model in right[:2])
    assert report.n_different == (teacher != own).sum()
    assert report.classes is None


def test_the_names_of_the_fit_are_in_a_report_on_an_array(student, rows):
    _, X, _, y = rows
    report = DistillationReport.from_estimator(student, X, y.to_numpy(), n_bootstraps=9)
    assert [row["label"] for row in report.per_label] == NAMES


def test_forms_of_a_report(report, tmp_path):
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["per_label"][2]["label"] == "rare"
    assert "per_class" not in values
    assert "per_target" not in values
    assert report.to_frame("labels").index.tolist() == NAMES
    assert report.to_frame()["student"]["f1_micro"] > 0.5
    text = " ".join(str(report).split())
    assert "200 rows, 3 labels; intervals of 95 %" in text
    assert "Accuracy is the share of the rows of which all labels are right" in text
    assert "F1, student - teacher" in text
    assert "accuracy" in report.verdict
    assert "labels alone" in report.verdict
    report.save(tmp_path / "report.html")
    assert "Each label" in (tmp_path / "report.html").read_text("utf-8")
    with pytest.raises(ValueError, match="part='classes' is not among"):
        report.to_frame("classes")


def test_costs(report):
    assert report.costs["teacher"].n_bytes > report.costs["student"].n_bytes > 0
    assert all(of_model.row_microseconds > 0 for of_model in report.costs.values())


@pytest.mark.parametrize(
    "form", [csr_array, np.asarray, lambda y: y.to_numpy().tolist()]
)
def test_stored_probabilities_give_the_same_figures(report, student, rows, form):
    X_train, X, y_train, y = rows
    control = fit_labels_alone(student, X_train, y_train)
    stored = DistillationReport.from_predictions(
        form(y),
        student.teacher_.predict_proba(X),
        student.predict_proba(X),
        control.predict_proba(X),
        groups=np.where(X[:, 3] > 0, "high", "low"),
        n_bootstraps=100,
    )
    assert stored.figures == report.figures
    assert stored.differences == report.differences
    assert stored.fidelity == report.fidelity
    assert stored.per_group == report.per_group
    assert [row["label"] for row in stored.per_label] == [0, 1, 2]
    assert stored.costs == {}


def test_a_fitted_control_is_taken(student, rows):
    X_train, X, y_train, y = rows
    control = fit_labels_alone(student, X_train, y_train)
    report = DistillationReport.from_estimator(
        student, X, y, baseline=control, n_bootstraps=9
    )
    right = (control.predict(X) == y).all(axis=1).mean()
    assert report.figures["labels alone"]["accuracy"].estimate == right


def test_the_control_of_stored_answers(rows):
    X, _, y, _ = rows
    model = DistilledClassifier(
        "precomputed",
        hidden_layer_sizes=(4,),
        max_iter=3,
        weight_decay=0.1,
        encoder=None,
        random_state=0,
    )
    controls = []
    for shift in (0.2, 0.4):
        model.fit(X, y, teacher_proba=(1 - shift) * y + shift / 2)
        controls.append(fit_labels_alone(model, X, y).predict_proba(X))
    assert_allclose(*controls)


def test_notes(student, rows):
    X, _, y, _ = rows
    report = DistillationReport.from_estimator(
        student, X, y.assign(rare=0), n_bootstraps=9
    )
    text = "\n".join(report.notes)
    assert "rows are equal to rows" in report.notes[0]
    temperatures = student.teacher_temperature_
    ends = f"for each label, {temperatures.min():.2f} to {temperatures.max():.2f}, "
    assert ends in text
    assert "1 label is the same in all of these 300 rows (rare)." in text
    assert "nan" not in str(report)


def test_targets_that_are_nearly_labels_are_said():
    truth, probabilities = draw_label_sets(200)
    sure = (probabilities["teacher"] > 0.5).astype(float)
    report = DistillationReport.from_predictions(
        truth, sure, probabilities["student"], n_bootstraps=9
    )
    wrong = 100 * metrics.hamming_loss(truth, sure)
    start = "The soft targets are nearly 0 and 1: they are 0 from these in the mean"
    assert report.notes[0].startswith(start)
    assert f"The teacher is wrong about {wrong:.1f} % of the labels" in report.notes[0]


def test_bad_input_is_named(student, rows):
    _, X, _, y = rows
    make = DistillationReport.from_estimator
    with pytest.raises(ValueError, match=r"y has shape \(200, 2\), and \(n_samples, 3"):
        make(student, X, y[NAMES[:2]])
    with pytest.raises(ValueError, match=r"y has shape \(200,\), and \(n_samples, 3\)"):
        make(student, X, y["red"])
    with pytest.raises(ValueError, match=r"holds 2\. For label sets give 0 and 1"):
        make(student, X, 2 * y)
    with pytest.raises(
        ValueError, match="y has the columns in the order .'round', 're"
    ):
        make(student, X, y[["round", "red", "rare"]])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make(student, X, y[:-1])
    with pytest.raises(ValueError, match="of 200 rows lack labels.*Leave rows without"):
        make(student, X, y.where(y["red"] == 1))
    with pytest.raises(ValueError, match=r"as \[0\] and \[1, 2\].*MultiLabelBinarizer"):
        make(student, X, [[0], [1, 2]] * 100)
    classifier = RandomForestClassifier(2).fit(X, y["red"])
    with pytest.raises(ValueError, match="of one label for each row, and the student"):
        make(student, X, y, baseline=classifier)


def test_bad_predictions_are_named():
    make = DistillationReport.from_predictions
    truth, probabilities = draw_label_sets(30, models=2)
    proba = probabilities["student"]
    with pytest.raises(ValueError, match="and y holds label sets: a data frame as y"):
        make(truth, proba, proba, classes=["a", "b", "c", "d"])
    with pytest.raises(
        ValueError, match=r"student_proba has shape \(30, 3\), not \(30"
    ):
        make(truth, proba, proba[:, :3])
    frame = pd.DataFrame(truth, columns=list("abcd"))
    with pytest.raises(ValueError, match="student_proba has the columns in the order"):
        make(frame, proba, pd.DataFrame(proba, columns=list("abdc")))
    one_column = [np.ones((30, 1))] + 3 * [np.full((30, 2), 0.5)]
    with pytest.raises(ValueError, match="stored as teacher_proba, answers for output"):
        make(truth, one_column, proba)
    named = pd.DataFrame(proba, columns=list("abcd"))
    with pytest.raises(ValueError, match=r"teacher_proba has the columns in the order"):
        make(pd.DataFrame(truth, columns=list("abcd")), named[list("bacd")], proba)
