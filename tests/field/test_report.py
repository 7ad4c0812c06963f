"""The report: rows that were seen, labels that are not known, lines that fit."""

import unicodedata
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    balanced_accuracy_score,
    log_loss,
    roc_auc_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from skdistill import DistillationReport, DistilledClassifier, compress_to
from skdistill.model_selection import teacher_score
from skdistill.model_selection.requirement import (
    Requirement,
    RequirementNotMetError,
    TriedStudent,
)
from tests.report.problem import draw_models

QUICK = {
    "random_state": 0,
    "max_iter": 5,
    "weight_decay": 0.3,
    "n_synthetic": 100,
    "hidden_layer_sizes": (8,),
}


def encoded(model):
    """Return a model of text that takes unknown text."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(encoder, model)


def seen_note(report):
    """Return the note on rows that the student was trained on, or None."""
    words = "rows that the student was trained on"
    return next((note for note in report.notes if words in note), None)


def fit(X, y, **parameters):
    teacher = encoded(RandomForestClassifier(10, random_state=0))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(left out|labels alone)")
        return DistilledClassifier(teacher, **QUICK | parameters).fit(X, y)


def two_columns(n_rows=400):
    """Return rows of two columns of text, in which each shop has its own street."""
    rng = np.random.default_rng(0)
    number = np.arange(n_rows) // 4
    frame = pd.DataFrame(
        {
            "shop": [f"shop {value}" for value in number],
            "street": [f"street {value % 7}" for value in number],
        }
    )
    return frame, np.where(rng.random(n_rows) < 0.5, "yes", "no")


def test_rows_of_unknown_levels_were_not_trained_on():
    X, y = two_columns()
    model = fit(X[:300], y[:300])
    assert not X[300:].shop.isin(X[:300].shop).any()
    report = DistillationReport.from_estimator(model, X[300:], y[300:], n_bootstraps=9)
    assert seen_note(report) is None
    assert "trained on" not in report.verdict
    report = DistillationReport.from_estimator(
        model, X[290:340], y[290:340], n_bootstraps=9
    )
    assert seen_note(report).startswith("About 10 of these 50 rows")


def test_ids_that_are_each_there_once_were_not_trained_on():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "ticket": [f"T{number:05d}" for number in range(400)],
            "floor": rng.choice(["1", "2"], 400),
        }
    )
    y = np.where(rng.random(400) < 0.5, "yes", "no")
    model = fit(X[:300], y[:300])
    for rows, n_seen in ((slice(300, 400), 0), (slice(250, 350), 50)):
        report = DistillationReport.from_estimator(
            model, X[rows], y[rows], n_bootstraps=9
        )
        note = seen_note(report)
        assert (note is not None) == (n_seen > 0)
        if n_seen:
            assert note.startswith(f"About {n_seen} of these 100 rows")


def test_levels_that_are_too_rare_for_the_student_are_told_apart():
    """Beyond `max_categories`, levels of fit share an index with unknown ones."""
    from skdistill import TabularEncoder

    X, y = two_columns()
    model = fit(X[:300], y[:300], encoder=TabularEncoder(max_categories=3))
    assert max(map(len, model.student_.input_code.levels)) == 3
    for rows, said in ((slice(0, 300), True), (slice(300, 400), False)):
        report = DistillationReport.from_estimator(
            model, X[rows], y[rows], n_bootstraps=9
        )
        assert (seen_note(report) is not None) == said


@pytest.mark.parametrize(
    "form", [pd.DataFrame.to_numpy, lambda X: X.astype("category")]
)
def test_the_same_rows_in_another_form_were_trained_on(form):
    X, y = two_columns()
    X["size"] = np.arange(len(X)) / 8
    model = fit(X[:300], y[:300])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        report = DistillationReport.from_estimator(
            model, form(X[200:400]), y[200:400], n_bootstraps=9
        )
    assert seen_note(report).startswith("About 100 of these 200 rows")


@pytest.fixture(scope="module")
def of_three():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 3))
    y = np.array(["a", "b", "c"])[
        (X @ rng.normal(size=(3, 3)) + 0.3 * rng.normal(size=(500, 3))).argmax(axis=1)
    ]
    teacher = LogisticRegression().fit(X[:300], y[:300])
    return DistilledClassifier(teacher, **QUICK).fit(X[:300], y[:300]), X[300:], y[300:]


@pytest.mark.parametrize("unknown", ["d", "d and e"])
def test_a_label_that_is_no_class_counts_as_wrong(of_three, unknown):
    model, X, y = of_three
    given = y.astype(object)
    rows = np.array([3, 50, 51])
    given[rows] = {"d": "d", "d and e": ["d", "e", "e"]}[unknown]
    known = ~np.isin(np.arange(len(y)), rows)
    groups = np.where(np.arange(len(y)) < 60, "first", "rest")
    report = DistillationReport.from_estimator(model, X, given, groups=groups)
    assert report.notes[0].startswith("3 of these 200 rows have a label that is no cl")
    names = {"d": "('d')", "d and e": "('d', 'e')"}
    assert names[unknown] in report.notes[0]
    assert "log-loss" in report.notes[0]
    assert report.notes[0][:40] in " ".join(str(report).split())
    for name, asked in (("teacher", model.teacher_), ("student", model)):
        figures = {key: f.estimate for key, f in report.figures[name].items()}
        right = asked.predict(X) == given
        assert figures["accuracy"] == pytest.approx(right.mean())
        proba = asked.predict_proba(X)[known].astype(np.float64)
        proba /= proba.sum(axis=1, keepdims=True)
        loss = log_loss(y[known], proba, labels=model.classes_)
        assert figures["log_loss"] == pytest.approx(loss, rel=1e-5)
        auc = roc_auc_score(y[known], proba, multi_class="ovr")
        assert figures["roc_auc"] == pytest.approx(auc, abs=1e-6)
        balanced = balanced_accuracy_score(y[known], asked.predict(X)[known])
        assert figures["balanced_accuracy"] == pytest.approx(balanced)
        first, rest = (row["accuracy"][name] for row in report.per_group)
        assert first == pytest.approx(right[:60].mean())
        assert rest == pytest.approx(right[60:].mean())
        first = report.per_group[0]["log_loss"][name]
        some = known[:60]
        expected = log_loss(y[:60][some], proba[: some.sum()], labels=model.classes_)
        assert first == pytest.approx(expected, rel=1e-5)
    assert sum(row["n_samples"] for row in report.per_class) == known.sum()
    alone = DistillationReport.from_estimator(model, X[known], y[known])
    for key in ("log_loss", "brier", "calibration_error", "roc_auc"):
        assert report.figures["student"][key].estimate == pytest.approx(
            alone.figures["student"][key].estimate
        )


def test_given_probabilities_may_go_with_a_label_that_is_no_class():
    labels, proba = draw_models(80, 2)
    given = labels.copy()
    given[:5] = 7
    report = DistillationReport.from_predictions(
        given, *proba.values(), classes=[0, 1], n_bootstraps=50
    )
    assert report.notes[0].startswith("5 of these 80 rows have a label that is no cl")
    accuracy = report.figures["teacher"]["accuracy"].estimate
    right = proba["teacher"].argmax(axis=1) == given
    assert accuracy == pytest.approx(right.mean())
    assert "nan" not in str(report)


def test_labels_without_weight_are_no_reason_for_a_note(of_three):
    model, X, y = of_three
    given = y.astype(object)
    given[:5] = "d"
    for weight, note in (([0] * 5, None), ([1, 0, 2, 0, 0], "2 of these 197 rows")):
        weights = np.array([*weight, *[1.0] * (len(y) - 5)])
        report = DistillationReport.from_estimator(
            model, X, given, sample_weight=weights, n_bootstraps=9
        )
        found = [text for text in report.notes if "no class of the student" in text]
        assert len(found) == (note is not None)
        assert not found or found[0].startswith(note)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, "hidden"])
def test_missing_labels_are_refused_as_in_fit(of_three, missing):
    model, X, y = of_three
    given = y.astype(object)
    given[[3, 50]] = y[0] if isinstance(missing, str) else missing
    if isinstance(missing, str):
        given = np.ma.array(y, mask=np.isin(np.arange(len(y)), [3, 50]))
    words = "contains NaN or None: 2 of 200 rows have no label, the first .* row 3. .*"
    words += "Leave .*without labels"
    proba = model.predict_proba(X)
    search = {"max_points_lost": 100, "random_state": 0}
    calls = [
        lambda: DistillationReport.from_estimator(model, X, given),
        lambda: DistillationReport.from_predictions(given, proba, proba),
        lambda: DistillationReport.from_predictions(given.tolist(), proba, proba),
        lambda: teacher_score(model, X, given),
        lambda: compress_to(model, X, given, **search),
        lambda: compress_to(model, X, y, validation_data=(X, given), **search),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=words):
            call()


def test_missing_labels_that_are_numbers_are_refused():
    labels, proba = draw_models(80, 2)
    given = np.where(np.arange(80) < 2, np.nan, labels)
    for y in (given, given.tolist(), np.ma.masked_invalid(given), pd.Series(given)):
        with pytest.raises(ValueError, match="2 of 80 rows have no label"):
            DistillationReport.from_predictions(y, *proba.values(), classes=[0, 1])


def width(line):
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line)


@pytest.mark.parametrize("n_classes", [2, 12])
@pytest.mark.parametrize(
    "name",
    [
        "{}",
        "class number {} of a long series of classes",
        "{}" + "x" * 120,
        "漢字" * 20 + "{}",
    ],
)
def test_no_line_is_wider_than_79_columns(n_classes, name):
    labels, proba = draw_models(1200, n_classes)
    names = np.array([name.format(number) for number in range(n_classes)])
    report = DistillationReport.from_predictions(
        names[labels], *proba.values(), classes=names, groups=names[labels]
    )
    text = str(report)
    assert max(map(width, text.splitlines())) <= 79
    whole = "".join(text.split())
    for interval in report.differences["student - labels alone"].values():
        assert "{:+.4f}[{:+.4f},{:+.4f}]".format(*interval) in whole
    for row in report.per_class:
        assert f"{row['roc_auc']['labels alone']:.4f}" in whole


def test_no_line_of_a_report_with_costs_and_notes_is_wider(of_three):
    model, X, y = of_three
    frame = pd.DataFrame(X, columns=["x", "y", "z"])
    teacher = LogisticRegression().fit(frame, y)
    model = DistilledClassifier(teacher, **QUICK).fit(frame, y)
    report = DistillationReport.from_estimator(model, frame, y, baseline=(frame, y))
    assert len(report.notes) >= 1
    assert max(map(width, str(report).splitlines())) <= 79


def test_one_row_says_in_which_form_it_was_given(of_three):
    model, X, y = of_three
    report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
    costs = report.costs
    assert costs["student"].row_form == "a float32 array"
    assert costs["teacher"].row_form == "a float64 array"
    text = " ".join(str(report).split())
    said = "One row was given to teacher as a float64 array; student as a float32 array"
    assert said in text
    assert said in report._repr_html_()
    frame = pd.DataFrame(X, columns=["x", "y", "z"])
    model = DistilledClassifier(LogisticRegression().fit(frame, y), **QUICK)
    model.fit(frame, y)
    report = DistillationReport.from_estimator(model, frame, y, n_bootstraps=9)
    costs = report.costs
    assert costs["teacher"].row_form == "a data frame"
    assert costs["teacher"].row_microseconds == costs["teacher"].given_row_microseconds
    assert costs["student"].row_form == "a float32 array"
    student = costs["student"]
    assert student.given_row_microseconds > 3 * student.row_microseconds
    given = report.to_frame("costs").loc["student", "given_row_microseconds"]
    assert given == student.given_row_microseconds
    X, y = two_columns()
    report = DistillationReport.from_estimator(fit(X, y), X, y, n_bootstraps=9)
    assert {of.row_form for of in report.costs.values()} == {"a data frame"}


def test_a_loss_that_few_rows_show_is_not_called_kept():
    labels = np.array([0, 1] * 4)
    teacher = np.where(np.eye(2)[labels] == 1, 0.8, 0.2)
    student = teacher.copy()
    student[0] = student[0, ::-1]
    report = DistillationReport.from_predictions(labels, teacher, student)
    start = "The student may lose some of the teacher's accuracy, as far as 8 rows can"
    assert report.verdict.startswith(start)
    assert ": -12.5 points (" in report.verdict
    same = DistillationReport.from_predictions(labels, teacher, teacher)
    assert same.verdict.startswith("The student keeps the teacher's accuracy")
    assert "Teacher and student are right on the same rows" in same.notes[-1]


def test_columns_of_one_measure_stay_together():
    labels, proba = draw_models(200, 3)
    report = DistillationReport.from_predictions(labels, *proba.values())
    (part,) = (p for p in str(report).split("\n\n") if p.startswith("Each class"))
    assert "AUC" not in part
    (part,) = (p for p in str(report).split("\n\n") if "Continued: Each class" in p)
    head = part.split("\n0 ")[0]
    assert head.count("AUC") == 3
    assert "recall" not in head


def tried(lost, behind, error=0.5):
    return TriedStudent((8,), 4, "int8", 900, 1.0, 0.9, lost, error, behind, error)


@pytest.mark.parametrize(
    ("student", "enough"),
    [(tried(3.0, 0.0), 3.0), (tried(0.2, 2.0), 2.0), (tried(1.234, 4.0, 0.1), 3.6)],
)
def test_the_error_of_a_search_says_which_limit_would_do(student, enough):
    with pytest.raises(RequirementNotMetError) as caught:
        Requirement(max_points_lost=0.5).check([student])
    assert f" max_points_lost={enough:g} would allow it." in str(caught.value)
    assert not Requirement(max_points_lost=enough).points_short(student)
    assert Requirement(max_points_lost=enough - 0.02).points_short(student)


def test_the_table_of_a_search_has_no_line_twice(blobs):
    """Without columns to code, sizes that differ in bins alone are the same student."""
    X, y = blobs
    X = np.sign(X)
    teacher = LogisticRegression()
    found = compress_to(
        DistilledClassifier(teacher, **QUICK | {"hidden_layer_sizes": (64, 32)}),
        X,
        y,
        max_points_lost=100,
        random_state=0,
    )
    lines = str(found).splitlines()
    assert max(map(len, lines)) <= 79
    assert len(set(lines[3:])) == len(lines[3:])
    assert sum(line.endswith("chosen") for line in lines) == 1
