"""Teachers that decide otherwise than by the most probable class."""

import re
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import (
    DistillationReport,
    DistilledClassifier,
    TabularEncoder,
    compress_to,
)
from skdistill.model_selection import teacher_score

QUICK = {
    "random_state": 0,
    "max_iter": 10,
    "weight_decay": 0.3,
    "n_synthetic": 300,
    "hidden_layer_sizes": (16,),
}


@pytest.fixture(scope="module")
def data():
    X, y = make_classification(
        900, 6, n_informative=4, weights=[0.8], flip_y=0.1, random_state=0
    )
    return train_test_split(X, y, stratify=y, random_state=0)


class Rebalanced(ClassifierMixin, BaseEstimator):
    """A model of three classes that calls out a rare class by its prior."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / len(y)
        self.model_ = LogisticRegression().fit(X, y)
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def predict(self, X):
        return self.classes_[(self.predict_proba(X) / self.prior_).argmax(axis=1)]


def teachers():
    """Return unfitted teachers with a threshold, by name."""
    model = LogisticRegression()
    return {
        "fixed": FixedThresholdClassifier(model, threshold=0.1),
        "fixed, of the first class": FixedThresholdClassifier(
            model, threshold=0.9, pos_label="no"
        ),
        "tuned": TunedThresholdClassifierCV(
            model, scoring="recall_macro", thresholds=30, cv=2
        ),
        "in a pipeline": make_pipeline(
            StandardScaler(), FixedThresholdClassifier(model, threshold=0.1)
        ),
        "by a decision function": FixedThresholdClassifier(
            model, threshold=-2.0, response_method="decision_function"
        ),
        "rebalanced": Rebalanced(),
    }


@pytest.mark.parametrize("name", list(teachers()))
def test_the_report_and_the_scores_are_of_the_teacher_s_own_labels(data, name):
    X_train, X, y_train, y = data
    y_train, y = np.where(y_train == 1, "yes", "no"), np.where(y == 1, "yes", "no")
    teacher = teachers()[name].fit(X_train, y_train)
    own = teacher.predict(X)
    proba = teacher.predict_proba(X)
    assert np.any(own != teacher.classes_[proba.argmax(axis=1)])
    with pytest.warns(UserWarning, match="decides otherwise than by its most prob"):
        model = DistilledClassifier(teacher, **QUICK).fit(X_train, y_train)
    report = DistillationReport.from_estimator(
        model, X, y, groups=y, baseline=None, n_bootstraps=20
    )
    figures = {name: f.estimate for name, f in report.figures["teacher"].items()}
    assert figures["accuracy"] == pytest.approx(accuracy_score(y, own))
    balanced = balanced_accuracy_score(y, own)
    assert figures["balanced_accuracy"] == pytest.approx(balanced)
    assert figures["roc_auc"] == pytest.approx(roc_auc_score(y == "yes", proba[:, 1]))
    by_class = recall_score(y, own, average=None)
    assert [row["recall"]["teacher"] for row in report.per_class] == pytest.approx(
        by_class
    )
    assert [row["accuracy"]["teacher"] for row in report.per_group] == pytest.approx(
        by_class
    )
    predicted = model.predict(X)
    agreement = report.fidelity["student"]["agreement"].estimate
    assert agreement == pytest.approx(np.mean(own == predicted))
    assert report.figures["student"]["accuracy"].estimate == pytest.approx(
        accuracy_score(y, predicted)
    )
    assert report.n_different == np.sum((own == y) != (predicted == y))
    n_other = np.sum(own != teacher.classes_[proba.argmax(axis=1)])
    words = f"otherwise than by its most probable class for {n_other} of {len(y)} rows"
    assert any(words in note for note in report.notes)
    assert teacher_score(model, X, y) == accuracy_score(y, own)
    assert teacher_score(model, X, y, scoring="f1_macro") == pytest.approx(
        f1_score(y, own, average="macro")
    )


@pytest.mark.parametrize("scoring", [None, "f1"])
def test_compress_to_has_the_score_of_the_teacher_s_own_labels(data, scoring):
    X_train, X, y_train, y = data
    teacher = teachers()["fixed"].fit(X_train, y_train)
    few_sizes = QUICK | {
        "hidden_layer_sizes": (4,),
        "encoder": TabularEncoder(n_bins=8),
        "weight_dtype": "int8",
    }
    with pytest.warns(UserWarning, match="does not come along"):
        found = compress_to(
            DistilledClassifier(teacher, **few_sizes),
            X_train,
            y_train,
            max_points_lost=100,
            scoring=scoring,
            validation_data=(X, y),
            random_state=0,
        )
    metric = accuracy_score if scoring is None else f1_score
    assert found.teacher_score_ == pytest.approx(metric(y, teacher.predict(X)))
    for tried, student in zip(found.path_, found.students_, strict=True):
        assert tried.score == pytest.approx(metric(y, student.predict(X)))


def advised(text, start, end, model):
    """Return the wrapper of a student that a text advises."""
    names = {
        "FixedThresholdClassifier": FixedThresholdClassifier,
        "TunedThresholdClassifierCV": TunedThresholdClassifierCV,
        "FrozenEstimator": FrozenEstimator,
        "model": model,
    }
    code = text[text.index(f"{start}(FrozenEstimator(model)") :]
    return eval(code[: code.index(end)], names)


@pytest.mark.parametrize("name", ["fixed", "fixed, of the first class", "tuned"])
def test_the_advice_gives_the_student_a_threshold(data, name):
    X_train, X, y_train, y = data
    y_train, y = np.where(y_train == 1, "yes", "no"), np.where(y == 1, "yes", "no")
    teacher = teachers()[name].fit(X_train, y_train)
    parameters = QUICK | {"distillation_weight": 1, "max_iter": 100}
    with pytest.warns(UserWarning, match="does not come along") as caught:
        model = DistilledClassifier(teacher, **parameters).fit(X_train, y_train)
    report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
    own = teacher.predict(X)
    for text in (str(caught[0].message), report.notes[-1]):
        assert len(text) < 1000
        wrapped = advised(text, "FixedThresholdClassifier", ". ", model)
        same = np.mean(wrapped.predict(X) == own)
        assert same > 0.85
        assert same > np.mean(model.predict(X) == own) + 0.05
        wrapped = advised(text, "TunedThresholdClassifierCV", ".fit", model)
        wrapped.set_params(scoring="recall_macro", thresholds=30).fit(X, y)
        recall = balanced_accuracy_score(y, wrapped.predict(X))
        assert recall > balanced_accuracy_score(y, model.predict(X)) + 0.05


def test_more_than_two_classes_have_no_threshold():
    X, y = make_classification(
        400,
        6,
        n_informative=5,
        n_redundant=0,
        n_classes=3,
        weights=[0.7, 0.2],
        random_state=0,
    )
    teacher = Rebalanced().fit(X, y)
    with pytest.warns(UserWarning, match="matter more, weigh them by class_weight"):
        model = DistilledClassifier(teacher, **QUICK).fit(X, y)
    report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
    accuracy = report.figures["teacher"]["accuracy"].estimate
    assert accuracy == pytest.approx(teacher.score(X, y))


def test_the_threshold_of_a_decision_function_is_tuned_anew(data):
    X_train, _, y_train, _ = data
    teacher = teachers()["by a decision function"].fit(X_train, y_train)
    with pytest.warns(UserWarning, match=r'Classifier.* cv="prefit", refit=False'):
        DistilledClassifier(teacher, **QUICK).fit(X_train, y_train)


@pytest.mark.parametrize(
    "teacher",
    [
        RandomForestClassifier(10, random_state=0),
        FixedThresholdClassifier(LogisticRegression(), threshold=0.5),
        lambda rows: np.full((len(rows), 2), 0.5),
    ],
)
def test_other_teachers_and_ties_are_no_reason_to_warn(data, teacher):
    """Ten trees often tie; then `predict` takes one class of the two."""
    X_train, X, y_train, y = data
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = DistilledClassifier(teacher, **QUICK).fit(X_train, y_train)
    assert not any("decides otherwise" in str(w.message) for w in caught)
    report = DistillationReport.from_estimator(model, X, y, n_bootstraps=9)
    assert not any("decides otherwise" in note for note in report.notes)


def test_a_fit_on_labels_alone_asks_for_no_decision(data):
    """The control of a report has the same teacher, and does not follow it."""
    X_train, X, y_train, y = data
    teacher = teachers()["fixed"].fit(X_train, y_train)
    with pytest.warns(UserWarning, match="does not come along") as caught:
        model = DistilledClassifier(teacher, **QUICK).fit(X_train, y_train)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DistillationReport.from_estimator(
            model, X, y, baseline=(X_train, y_train), n_bootstraps=9
        )


class Calls:
    """A model of another library, whose `predict` has labels in a form of its own."""

    def __init__(self, model, classes, form):
        self.model, self.classes_, self.form = model, np.array(classes), form

    def predict_proba(self, X):
        proba = self.model.predict_proba(X)
        return proba[:, ::-1] if self.classes_[0] in ("yes", 9) else proba

    def predict(self, X):
        return self.form(self.model.predict(X))


def fitted(teacher, X, y):
    """Return a student of a teacher."""
    return DistilledClassifier(teacher, **QUICK).fit(X, y)


IN_ANOTHER_FORM = {
    "text of numbers": ([0, 1], lambda codes: codes.astype(str)),
    "a list of texts": ([0, 1], lambda codes: list(map(str, codes))),
    "truth values for numbers": ([0, 1], lambda codes: codes == 1),
    "codes": (["no", "yes"], lambda codes: codes),
    "codes that are floats": (["no", "yes"], lambda codes: codes.astype(float)),
    "codes that are objects": (["no", "yes"], lambda codes: codes.astype(object)),
    "codes of classes in another order": (["yes", "no"], lambda codes: 1 - codes),
    "truth values for text": (["no", "yes"], lambda codes: codes == 1),
    "truth values for other numbers": ([1, 9], lambda codes: codes == 1),
    "truth values in another order": ([9, 1], lambda codes: codes == 0),
    "numbers for their text": (["0", "1"], lambda codes: codes),
    "text of truth values": ([False, True], lambda codes: (codes == 1).astype(str)),
    "a column": ([0, 1], lambda codes: codes.astype(str)[:, np.newaxis]),
}


@pytest.mark.parametrize("name", list(IN_ANOTHER_FORM))
def test_decisions_in_another_form_of_labels(data, name):
    X_train, X, y_train, y = data
    model = teachers()["fixed"].fit(X_train, y_train)
    own = model.predict(X)
    classes, form = IN_ANOTHER_FORM[name]
    y_train, y = np.sort(classes)[y_train], np.sort(classes)[y]
    with pytest.warns(UserWarning, match="decides otherwise") as caught:
        student = fitted(Calls(model, classes, form), X_train, y_train)
    assert not any("not known" in str(warning.message) for warning in caught)
    report = DistillationReport.from_estimator(student, X, y, n_bootstraps=9)
    right = np.mean(np.sort(classes)[own] == y)
    assert report.figures["teacher"]["accuracy"].estimate == pytest.approx(right)
    assert teacher_score(student, X, y) == pytest.approx(right)


def fails(codes):
    raise RuntimeError("this model predicts nothing")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (fails, "raised RuntimeError: this model predicts nothing"),
        (lambda codes: codes + 0.25, r"returned [01]\.25, .*, and not its cl"),
        (lambda codes: np.where(codes, "good", "bad"), "returned '(good|bad)'"),
        (lambda codes: codes + 2, "returned [23], "),
    ],
)
def test_decisions_that_cannot_be_read_are_said_to_be_unknown(data, form, words):
    X_train, X, y_train, y = data
    model = teachers()["fixed"].fit(X_train, y_train)
    teacher = Calls(model, [0, 1], form)
    with pytest.warns(UserWarning, match=f"that are not known: its predict {words}"):
        student = DistilledClassifier(teacher, **QUICK).fit(X_train, y_train)
    report = DistillationReport.from_estimator(student, X, y, n_bootstraps=9)
    (note,) = (note for note in report.notes if "not known" in note)
    assert re.search(words, note)
    right = np.mean(model.predict_proba(X).argmax(axis=1) == y)
    assert report.figures["teacher"]["accuracy"].estimate == pytest.approx(right)
    with pytest.warns(UserWarning, match=words):
        assert teacher_score(student, X, y) == pytest.approx(right)


@pytest.mark.parametrize("coded", [False, True])
def test_a_method_of_a_model_decides_as_the_model(data, coded):
    X_train, X, y_train, y = data
    names = np.array(["no", "yes"])
    teacher = teachers()["fixed"].fit(X_train, y_train if coded else names[y_train])
    with pytest.warns(UserWarning, match=r"threshold of 0\.1 does not come along"):
        model = fitted(teacher.predict_proba, X_train, names[y_train])
    report = DistillationReport.from_estimator(model, X, names[y], n_bootstraps=9)
    right = teacher.score(X, y if coded else names[y])
    assert report.figures["teacher"]["accuracy"].estimate == pytest.approx(right)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: GridSearchCV(model, {"threshold": [0.1]}, cv=2),
        lambda model: GridSearchCV(
            make_pipeline(StandardScaler(), model),
            {"fixedthresholdclassifier__threshold": [0.1]},
            cv=2,
        ),
    ],
)
@pytest.mark.parametrize("frozen", [False, True])
def test_the_threshold_within_a_pipeline_or_a_search_is_named(data, wrap, frozen):
    X_train, _, y_train, _ = data
    model = FixedThresholdClassifier(LogisticRegression(), threshold=0.1, pos_label=1)
    teacher = wrap(model).fit(X_train, y_train)
    teacher = FrozenEstimator(teacher) if frozen else teacher
    words = r"threshold of 0\.1 does not come .*model\), threshold=0\.1, pos_label=1\)"
    with pytest.warns(UserWarning, match=words):
        DistilledClassifier(teacher, **QUICK).fit(X_train, y_train)
