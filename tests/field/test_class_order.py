"""Teachers whose columns are not in sorted order of the labels."""

from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import RocCurveDisplay, get_scorer, roc_auc_score
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistillationReport, DistilledClassifier, Student, compress_to

LABELS = np.array(["ham", "spam"])


def distil(teacher, **parameters):
    parameters = {
        "max_iter": 10,
        "hidden_layer_sizes": (16,),
        "n_synthetic": 200,
        "weight_decay": 0.3,
        "random_state": 0,
        **parameters,
    }
    return DistilledClassifier(teacher, **parameters)


@pytest.fixture(scope="module")
def mail():
    X, numbers = make_classification(300, 6, n_informative=4, random_state=0)
    y = LABELS[numbers]
    forest = RandomForestClassifier(20, max_depth=3, random_state=0)
    return X, y, forest.fit(X, y)


class Reversed(ClassifierMixin, BaseEstimator):
    """A model of another library, with its classes in the order that it was told."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)[::-1]
        self.model_ = LogisticRegression().fit(X, y)
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)[:, ::-1]

    def predict(self, X):
        return self.model_.predict(X)


def turned(forest):
    """Return a function with the columns of a forest in reverse, and their labels."""

    def answer(rows):
        return forest.predict_proba(rows)[:, ::-1]

    answer.classes_ = list(forest.classes_[::-1])
    return answer


def same_student(one, other, X):
    assert_array_equal(one.classes_, other.classes_)
    assert_array_equal(one.predict_proba(X), other.predict_proba(X))


@pytest.mark.parametrize("given", ["y", "no y"])
def test_the_order_of_a_function_does_not_matter(mail, given):
    X, y, forest = mail
    labels = y if given == "y" else None
    expected = distil(forest, calibrate_teacher=False).fit(X, labels)
    model = distil(turned(forest), calibrate_teacher=False).fit(X, labels)
    same_student(model, expected, X)
    assert model.classes_.tolist() == ["ham", "spam"]
    # Scorers, calibration and thresholds take the columns in sorted order.
    assert roc_auc_score(y == "spam", model.predict_proba(X)[:, 1]) > 0.95
    assert get_scorer("roc_auc")(model, X, y) > 0.95
    assert RocCurveDisplay.from_estimator(model, X, y, pos_label="spam").roc_auc > 0.95
    calibrated = CalibratedClassifierCV(FrozenEstimator(model)).fit(X, y)
    assert calibrated.score(X, y) > 0.9
    strict = FixedThresholdClassifier(
        FrozenEstimator(model), threshold=0.9, pos_label="spam"
    ).fit(X, y)
    assert (y[strict.predict(X) == "spam"] == "spam").mean() > 0.97


def test_early_stopping_watches_the_columns_of_the_classes(mail):
    X, y, forest = mail
    parameters = {"early_stopping": True, "scoring": "roc_auc"}
    model = distil(turned(forest), **parameters).fit(X, y)
    assert model.best_validation_score_ > 0.9


def test_files_and_exports_have_the_sorted_classes(mail, tmp_path):
    X, y, forest = mail
    model = distil(turned(forest)).fit(X, y)
    model.student_.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert loaded.classes_.tolist() == ["ham", "spam"]
    assert (loaded.predict(X) == y).mean() > 0.9
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def linear_mail():
    """Return rows and labels that a linear model tells apart best."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    return X, LABELS[(X @ [1, -1, 2, 0] + rng.normal(size=200) > 0).astype(int)]


def test_a_model_with_another_order_fitted_or_not():
    X, y = linear_mail()
    expected = distil(LogisticRegression().fit(X, y)).fit(X, y)
    same_student(distil(Reversed().fit(X, y)).fit(X, y), expected, X)
    for calibration in ("auto", "refit"):
        one = distil(Reversed(), calibrate_teacher=calibration).fit(X, y)
        two = distil(LogisticRegression(), calibrate_teacher=calibration).fit(X, y)
        same_student(one, two, X)
    one, two = (distil(t, cv=3).fit(X, y) for t in (Reversed(), LogisticRegression()))
    same_student(one, two, X)


def test_the_report_reads_each_models_own_order():
    X, y = linear_mail()
    teacher = Reversed().fit(X, y)
    model = distil(teacher).fit(X, y)
    report = DistillationReport.from_estimator(model, X, y, baseline=teacher)
    expected = teacher.score(X, y)
    for name in ("teacher", "labels alone"):
        assert_allclose(report.figures[name]["accuracy"].estimate, expected)
    proba = teacher.predict_proba(X)
    frame = pd.DataFrame(proba, columns=teacher.classes_)
    other = DistillationReport.from_predictions(y, frame, model.predict_proba(X))
    assert_allclose(other.figures["teacher"]["accuracy"].estimate, expected)


def test_compress_to_scores_the_teacher_by_its_own_order(mail):
    X, y, forest = mail
    small = distil(turned(forest), max_iter=5)
    found = compress_to(small, X, y, max_points_lost=50, random_state=0)
    assert found.teacher_score_ > 0.9
    assert found.estimator_.classes_.tolist() == ["ham", "spam"]


@pytest.mark.parametrize("columns", [["ham", "spam"], ["spam", "ham"]])
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("given", ["y", "no y"])
def test_names_of_a_returned_frame_are_read(mail, columns, make, given):
    X, y, forest = mail

    def answer(rows):
        proba = dict(zip(LABELS, forest.predict_proba(rows).T, strict=True))
        return make({name: proba[name] for name in columns})

    labels = y if given == "y" else None
    parameters = {"calibrate_teacher": False}
    expected = distil(forest, **parameters).fit(X, labels)
    same_student(distil(answer, **parameters).fit(X, labels), expected, X)
    expected = distil("precomputed", **parameters).fit(
        X, labels, teacher_proba=forest.predict_proba(X)
    )
    model = distil("precomputed", **parameters).fit(X, labels, teacher_proba=answer(X))
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    assert model.classes_.tolist() == ["ham", "spam"]


def test_names_that_are_no_classes_are_refused(mail):
    X, y, forest = mail

    def answer(rows):
        return pd.DataFrame(forest.predict_proba(rows), columns=["no", "yes"])

    words = r"answer are named \['no', 'yes'\], and the classes are \['ham', 'spam'\]"
    with pytest.raises(ValueError, match=words):
        distil(answer).fit(X, y)
    # A frame without names of its own goes by place, as an array does.
    for make in (pd.DataFrame, partial(pl.DataFrame, orient="row")):
        distil(lambda rows, make=make: make(forest.predict_proba(rows))).fit(X, y)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([0, 1], ["1", "0"]),
        ([False, True], ["True", "False"]),
        ([False, True], [True, False]),
        ([2, 10], [10, 2]),
        ([2, 10], ["10", "2"]),
    ],
)
def test_names_may_be_the_text_of_labels(mail, labels, names):
    X, y, forest = mail
    y = np.array(labels)[(y == "spam").astype(int)]

    def answer(rows):
        return pd.DataFrame(forest.predict_proba(rows)[:, ::-1], columns=names)

    model = distil(answer).fit(X, y)
    assert model.classes_.tolist() == labels
    assert model.classes_.dtype == y.dtype
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        # CatBoost returns text for truth values.
        ([False, True], ["False", "True"]),
        ([9, 10], ["10", "9"]),
        (["10", "9"], [9, 10]),
    ],
)
def test_a_teacher_that_knows_the_labels_as_another_type(mail, labels, known):
    """The student's labels are those of y, in the order of y's type."""
    X, y, forest = mail
    labels = np.array(labels)
    y = labels[(y == "spam").astype(int)]

    def answer(rows):
        proba = forest.predict_proba(rows)
        column = {str(label): proba[:, i] for i, label in enumerate(labels.tolist())}
        return np.column_stack([column[str(label)] for label in known])

    answer.classes_ = known
    model = distil(answer).fit(X, y)
    assert model.classes_.tolist() == labels.tolist()
    assert model.score(X, y) > 0.9


def test_text_and_numbers_are_different_labels(mail):
    X, y, forest = mail
    codes = (y == "spam").astype(int)
    teacher = RandomForestClassifier(5, random_state=0).fit(X, codes)
    with pytest.raises(ValueError, match=r"the label 'ham', .*It knows \[0, 1\]"):
        distil(teacher).fit(X, y)
    with pytest.raises(ValueError, match=r"y holds \[0, 1\].* knows \['ham', 'spam'\]"):
        distil(forest).fit(X, codes)


def test_a_method_of_a_model_has_the_classes_of_the_model(mail):
    X, y, _ = mail
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    expected = distil(pipeline).fit(X)
    assert expected.classes_.tolist() == ["ham", "spam"]
    for teacher in (pipeline.predict_proba, partial(pipeline.predict_proba)):
        same_student(distil(teacher).fit(X), expected, X)
    reverse = Reversed().fit(X, y)
    same_student(distil(reverse.predict_proba).fit(X), distil(reverse).fit(X), X)
    assert distil(lambda rows: pipeline.predict_proba(rows)).fit(
        X
    ).classes_.tolist() == [0, 1]


def test_a_method_of_a_model_of_codes_goes_by_sorted_labels(mail):
    """Boosters take 0, 1, ... as labels, and their methods serve labels of text."""
    X, y, _ = mail
    coded = RandomForestClassifier(20, max_depth=3, random_state=0)
    coded.fit(X, (y == "spam").astype(int))
    model = distil(coded.predict_proba).fit(X, y)
    assert model.classes_.tolist() == ["ham", "spam"]
    assert model.score(X, y) > 0.9


def test_a_class_named_twice_is_refused(mail):
    X, y, forest = mail

    def answer(rows):
        return forest.predict_proba(rows)

    answer.classes_ = ["ham", "ham"]
    with pytest.raises(
        ValueError, match=r"answer, holds a label twice: \['ham', 'ham'"
    ):
        distil(answer).fit(X, y)


def test_classes_that_change_while_the_teacher_answers_are_refused(mail):
    X, y, forest = mail

    class Unstable:
        def __init__(self):
            self.classes_, self.calls = np.array(["ham", "spam"]), 0

        def predict_proba(self, rows):
            self.calls += 1
            if self.calls > 1:
                self.classes_ = self.classes_[::-1]
            return forest.predict_proba(rows)

    with pytest.raises(ValueError, match="Unstable, changed its classes_ while"):
        distil(Unstable()).fit(X, y)
