import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier
from skdistill.report import DistillationReport
from skdistill.report.bootstrap import Interval
from skdistill.report.verdict import percent, verdict, worse_than_labels

NONE = Interval(0.0, -0.01, 0.01)
UP, DOWN = Interval(0.02, 0.01, 0.03), Interval(-0.02, -0.03, -0.01)


def differences(
    kept=NONE, student=(NONE, NONE), teacher=(NONE, NONE), kept_log_loss=NONE
):
    """Differences of accuracy, and of accuracy and log-loss."""
    return {
        "student - teacher": {"accuracy": kept, "log_loss": kept_log_loss},
        "student - labels alone": dict(
            zip(("accuracy", "log_loss"), student, strict=True)
        ),
        "teacher - labels alone": dict(
            zip(("accuracy", "log_loss"), teacher, strict=True)
        ),
    }


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (
            NONE,
            "The student keeps the teacher's accuracy as far as 1,000 rows can show: "
            "+0.0 points (-1.0 to +1.0);",
        ),
        (
            DOWN,
            "The student loses 2.0 points (1.0 to 3.0) of the teacher's accuracy;",
        ),
        (
            UP,
            "The student is 2.0 points (1.0 to 3.0) more accurate than its teacher;",
        ),
    ],
)
def test_what_was_kept(kept, words):
    assert verdict(differences(kept), 1000).startswith(words)


@pytest.mark.parametrize(
    ("kept", "link"), [(NONE, ", but "), (UP, ", but "), (DOWN, ", and ")]
)
def test_a_clear_loss_of_log_loss_is_said(kept, link):
    words = "its probabilities are clearly worse: log-loss "
    said = verdict(differences(kept, kept_log_loss=UP), 1000)
    assert f"{link}{words}+0.020 (+0.010 to +0.030);" in said
    for log_loss in (NONE, DOWN):
        assert words not in verdict(differences(kept, kept_log_loss=log_loss), 1000)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        (
            (UP, DOWN),
            "; distilling beat labels alone: accuracy +2.0 points (+1.0 to +3.0) and "
            "log-loss -0.020 (-0.030 to -0.010);",
        ),
        ((NONE, DOWN), "; distilling beat labels alone: log-loss -0.020 "),
        ((UP, NONE), "; distilling beat labels alone: accuracy +2.0 points "),
        (
            (UP, UP),
            "; distilling beat labels alone: accuracy +2.0 points (+1.0 to +3.0), but "
            "log-loss +0.020 (+0.010 to +0.030);",
        ),
        (
            (NONE, NONE),
            "; distilling did not clearly beat labels alone: accuracy +0.0 points "
            "(-1.0 to +1.0) and log-loss +0.000 ",
        ),
    ],
)
def test_whether_distilling_beat_labels_alone(student, words):
    found = differences(student=student)
    assert words in verdict(found, 1000)
    assert not worse_than_labels(found)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ((DOWN, NONE), "accuracy -2.0 points (-3.0 to -1.0); the student keeps"),
        ((DOWN, DOWN), "accuracy -2.0 points (-3.0 to -1.0); the student keeps"),
        ((NONE, UP), "log-loss +0.020 (+0.010 to +0.030); the student keeps"),
        ((DOWN, UP), "accuracy -2.0 points (-3.0 to -1.0) and log-loss +0.020 "),
    ],
)
def test_a_student_worse_than_its_control_says_so_first(student, words):
    found = differences(student=student)
    start = "The student is worse than the same network trained on labels alone: "
    assert verdict(found, 1000).startswith(start + words)
    assert worse_than_labels(found)


@pytest.mark.parametrize(
    ("teacher", "words"),
    [
        ((UP, UP), "the teacher is better than labels alone, by its accuracy."),
        ((NONE, DOWN), "the teacher is better than labels alone, by its log-loss."),
        ((NONE, NONE), "the teacher itself did not clearly beat labels alone."),
        ((NONE, UP), "the teacher itself is no better than labels alone."),
        (
            (DOWN, DOWN),
            "the teacher itself is worse than labels alone, by 2.0 points (1.0 to 3.0) "
            "of accuracy.",
        ),
    ],
)
def test_whether_the_teacher_is_worth_copying(teacher, words):
    assert verdict(differences(teacher=teacher), 1000).endswith("; " + words)


def test_without_a_control_nothing_is_said_of_it():
    found = {"student - teacher": differences()["student - teacher"]}
    said = verdict(found, 10)
    assert said.endswith(
        "; whether distilling beat labels alone was not measured (give a baseline)."
    )
    assert "than labels alone" not in said


def answers(labels, share_right, confidence, seed=0):
    """Probabilities of two classes that are right as often as said."""
    right = np.random.default_rng(seed).random(len(labels)) < share_right
    predicted = np.where(right, labels, 1 - labels)
    return np.where(np.eye(2)[predicted] == 1, confidence, 1 - confidence)


def test_a_report_of_a_student_worse_than_its_control_says_so_in_its_first_line():
    labels = np.arange(1000) % 2
    report = DistillationReport.from_predictions(
        labels,
        answers(labels, 0.8, 0.8),
        answers(labels, 0.8, 0.8, seed=1),
        answers(labels, 0.95, 0.9, seed=2),
    )
    first = (
        "The student is worse than the same network trained on labels alone: accuracy"
    )
    assert str(report).splitlines()[0].startswith(first)
    assert 'class="verdict worse"' in report._repr_html_()


@pytest.mark.parametrize(
    ("share_right", "confidence", "words"),
    [
        (0.7, 0.999, "The teacher is wrong on 32.2 % of the rows"),
        (1.0, 0.999, "A temperature of 2 to 5 shows more"),
        (0.9, 0.95, None),
    ],
)
def test_targets_that_are_nearly_one_hot(share_right, confidence, words):
    labels = np.arange(1000) % 2
    proba = answers(labels, share_right, confidence)
    report = DistillationReport.from_predictions(labels, proba, proba, n_bootstraps=9)
    said = [note for note in report.notes if "one-hot" in note]
    assert len(said) == (words is not None)
    if words is not None:
        assert "they give only 0.10 % to all classes but the" in said[0]
        assert words in said[0]


def test_few_rows_on_which_models_differ_are_said():
    labels = np.arange(200) % 2
    teacher = answers(labels, 0.9, 0.9)
    student = teacher.copy()
    for n_different, said in ((9, True), (10, False)):
        student[:n_different] = teacher[:n_different, ::-1]
        report = DistillationReport.from_predictions(
            labels, teacher, student, n_bootstraps=9
        )
        assert report.n_different == n_different
        start = "On only 9 of 200 rows either teacher or student is right, and not"
        assert any(note.startswith(start) for note in report.notes) == said


def test_a_group_that_loses_more_is_named():
    labels = np.arange(3000) % 2
    groups = np.repeat(["a", "b", "c"], 1000)
    teacher = answers(labels, 0.9, 0.9)
    student = teacher.copy()
    worse = groups == "b"
    student[worse] = answers(labels[worse], 0.8, 0.9, seed=1)
    report = DistillationReport.from_predictions(
        labels, teacher, student, groups=groups
    )
    said = [note for note in report.notes if note.startswith("In the group ")]
    assert len(said) == 1
    assert said[0].startswith("In the group b the student loses ")
    lost = report.per_group[1]["accuracy_difference"]
    assert lost.high < 0
    assert report.per_group[0]["accuracy_difference"] == (0, 0, 0)


def test_a_group_of_few_rows_is_not_accused():
    """All draws of its one row lose it, which is no evidence."""
    labels = np.arange(400) % 2
    teacher = answers(labels, 0.9, 0.9)
    student = teacher.copy()
    for n_rows, n_wrong, named in ((1, 1, False), (9, 9, False), (20, 15, True)):
        groups = np.where(np.arange(400) < n_rows, "few", "others")
        teacher[:n_rows] = answers(labels[:n_rows], 1.0, 0.9)
        student[:n_rows] = teacher[:n_rows]
        student[:n_wrong] = teacher[:n_wrong, ::-1]
        report = DistillationReport.from_predictions(
            labels, teacher, student, groups=groups
        )
        few = report.per_group[0]
        assert few["n_different"] == n_wrong
        assert few["beyond_others"].high < 0
        said = any(note.startswith("In the group few") for note in report.notes)
        assert said == named


def test_a_temperature_that_is_set_is_not_advised_again(blobs):
    X, y = blobs
    teacher = LogisticRegression(C=1e6, max_iter=10_000).fit(X, y)
    for temperature, said in ((1.0, True), (100.0, False)):
        model = DistilledClassifier(
            teacher, temperature=temperature, calibrate_teacher=False, max_iter=2
        ).fit(X, y)
        # Rows far from the borders.
        rows = 3 * X[np.r_[:10, -10:0]]
        report = DistillationReport.from_estimator(
            model, rows, teacher.predict(rows), n_bootstraps=9
        )
        assert any("one-hot" in note for note in report.notes) == said


def test_huge_ratios_of_errors_are_short():
    """A teacher without any error but rounding has them."""
    found = percent(Interval(0.25, -0.5, 66.0))
    assert found == "+28.4 % (-39.3 to +4.61e+30)"
    assert percent(Interval(2000.0, 800.0, 9e9)).startswith("+4.6e+301 %")
    assert percent(Interval(np.nan, np.nan, np.nan)) == "+nan % (+nan to +nan)"
