"""Votes and rules as teachers of a student."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skdistill import DistillationReport, DistilledClassifier, compress_to
from skdistill.teachers import RulesTeacher, VotesTeacher

FAST = {"max_iter": 2, "hidden_layer_sizes": (8,), "random_state": 0}
SMALL = {"max_bytes": 2000, "max_points_lost": 100}
NAMES = np.array(["bad", "good", "odd"])


@pytest.fixture(scope="module")
def annotated():
    """Rows, their labels, and names by five annotators; None for no vote."""
    X, labels = make_classification(
        300, 5, n_informative=4, n_redundant=0, n_classes=3, class_sep=2, random_state=0
    )
    rng = np.random.default_rng(0)
    right = rng.random((300, 5)) < [0.9, 0.8, 0.7, 0.6, 0.0]
    codes = np.where(right, labels[:, np.newaxis], rng.integers(3, size=(300, 5)))
    votes = NAMES.astype(object)[codes]
    votes[rng.random((300, 5)) < 0.4] = None
    votes[:20, 0] = NAMES[labels[:20]]  # Somebody votes on these rows.
    return X, NAMES[labels], votes


@pytest.fixture
def by_votes():
    teacher = VotesTeacher(GaussianNB(), random_state=0)
    return DistilledClassifier(teacher, weight_decay=0.1, **FAST)


def test_a_student_learns_from_votes_without_labels(annotated, by_votes):
    X, labels, votes = annotated
    by_votes.set_params(max_iter=20).fit(X, teacher_y=votes)
    assert by_votes.classes_.tolist() == NAMES.tolist()
    assert by_votes.score(X, labels) > 0.85
    assert not hasattr(by_votes.teacher, "classes_")
    alone = clone(by_votes.teacher).fit(X, votes)
    np.testing.assert_array_equal(by_votes.teacher_.proba_, alone.proba_)


def test_the_given_rows_have_the_consensus_as_targets(annotated, by_votes, monkeypatch):
    X, _, votes = annotated
    rows = data_of(by_votes, monkeypatch, X, teacher_y=votes).rows
    alone = clone(by_votes.teacher).fit(X, votes)
    voted = alone.voted_
    n_voted = voted.sum()
    assert n_voted < 300
    np.testing.assert_allclose(rows.answers[:n_voted], alone.proba_[voted], atol=1e-6)
    np.testing.assert_allclose(rows.answers[n_voted:], alone.proba_[~voted], atol=1e-6)
    labels = alone.proba_.argmax(axis=1)
    np.testing.assert_array_equal(rows.labels[:n_voted], labels[voted])
    assert (rows.labels[n_voted:] == -1).all()
    confidence = alone.proba_.max(axis=1)
    np.testing.assert_allclose(rows.weights[:n_voted], confidence[voted])


def data_of(model, monkeypatch, *arguments, **keywords):
    """Return the data that a student learns from."""
    from skdistill.estimators import distillation

    found = []

    def train(data, *rest, **others):
        found.append(data)
        raise InterruptedError

    monkeypatch.setattr(distillation, "train_student", train)
    with pytest.raises(InterruptedError):
        model.fit(*arguments, **keywords)
    return found[0]


def test_labels_beside_votes_stay_labels(annotated, by_votes, monkeypatch):
    X, labels, votes = annotated
    few = labels.astype(object)
    few[30:] = None
    rows = data_of(by_votes, monkeypatch, X, few, teacher_y=votes).rows
    expected = np.searchsorted(NAMES, labels[:30])
    np.testing.assert_array_equal(rows.labels[:30], expected)
    assert (rows.labels[30:] == -1).all()
    alone = clone(by_votes.teacher).fit(X, votes)
    np.testing.assert_allclose(rows.answers, alone.proba_, atol=1e-6)


def test_votes_of_a_fitted_teacher_are_no_answers_for_other_rows(annotated):
    X, _, votes = annotated
    teacher = VotesTeacher(GaussianNB(), random_state=0).fit(X, votes)
    model = DistilledClassifier(teacher, **FAST).fit(X[100:])
    assert model.classes_.tolist() == NAMES.tolist()


def test_all_tools_take_votes(annotated, by_votes):
    X, labels, votes = annotated
    by_votes.fit(X, teacher_y=votes)
    report = DistillationReport.from_estimator(by_votes, X, labels)
    assert report.n_samples == 300
    again = pickle.loads(pickle.dumps(by_votes))
    np.testing.assert_array_equal(again.predict(X), by_votes.predict(X))
    smaller = compress_to(by_votes, X, labels, teacher_y=votes, **SMALL)
    assert smaller.estimator_.student_.nbytes <= 2000


def test_a_search_slices_votes(annotated, by_votes):
    X, labels, votes = annotated
    frame = pd.DataFrame(votes)
    search = GridSearchCV(by_votes, {"hidden_layer_sizes": [(4,), (8,)]}, cv=2)
    search.fit(X, labels, teacher_y=frame)
    assert search.best_estimator_.teacher_.proba_.shape == (300, 3)
    with sklearn.config_context(enable_metadata_routing=True):
        by_votes.set_fit_request(teacher_y=True)
        search = GridSearchCV(by_votes, {"max_iter": [1, 2]}, cv=2)
        search.fit(X, labels, teacher_y=votes)
    assert search.best_estimator_.teacher_.proba_.shape == (300, 3)


def test_bad_votes_leave_the_student_as_it_was(annotated, by_votes):
    X, _, votes = annotated
    with pytest.raises(ValueError, match="teacher_y has 299 rows, and X has 300"):
        by_votes.fit(X, teacher_y=votes[:299])
    with pytest.raises(ValueError, match="votes are all missing"):
        by_votes.fit(X, teacher_y=np.full((300, 5), None))
    assert not hasattr(by_votes, "student_")


RULES = [("size > 1", "big"), ("size < 0.5", "small"), ("town == 'Oslo'", "big")]


@pytest.fixture(scope="module")
def towns():
    rng = np.random.default_rng(0)
    size = rng.uniform(0, 1.5, 300)
    town = rng.choice(["Oslo", "Rome", "Bonn"], 300, p=[0.2, 0.4, 0.4])
    town[(size < 0.75) & (town == "Oslo")] = "Rome"
    return pd.DataFrame({"size": size, "town": town}), np.where(
        size > 0.75, "big", "small"
    )


@pytest.fixture
def by_rules():
    return DistilledClassifier(RulesTeacher(RULES), weight_decay=0.1, **FAST)


def test_a_student_learns_from_rules_without_labels(towns, by_rules):
    X, labels = towns
    by_rules.set_params(max_iter=30).fit(X)
    assert by_rules.classes_.tolist() == ["big", "small"]
    assert by_rules.score(X, labels) > 0.85
    assert by_rules.predict(pd.DataFrame({"size": [1.4], "town": [None]})) == ["big"]


def test_rows_that_no_rule_speaks_of_drop_out(towns, by_rules, monkeypatch):
    X, _ = towns
    fires = RulesTeacher(RULES).fit(X).fires(X).any(axis=1)
    assert 0 < fires.sum() < 300
    data = data_of(by_rules, monkeypatch, X)
    assert len(data.rows.labels) == fires.sum()
    assert (data.rows.labels >= 0).all()
    assert RulesTeacher(RULES).fit(X).fires(data.synthetic.X).any(axis=1).all()


def test_labels_beside_rules_count_their_accuracies(towns, by_rules, monkeypatch):
    X, labels = towns
    few = labels.astype(object)
    few[50:] = None
    data = data_of(by_rules, monkeypatch, X, few)
    assert (data.rows.labels[:50] >= 0).all()
    assert (data.rows.labels[50:] == -1).all()
    fires = RulesTeacher(RULES).fit(X).fires(X).any(axis=1)
    assert len(data.rows.labels) == 50 + fires[50:].sum()
    np.testing.assert_array_equal(data.rows.confidence[:50], fires[:50])
    monkeypatch.undo()
    by_rules.fit(X, few)
    alone = RulesTeacher(RULES).fit(X, few)
    np.testing.assert_allclose(by_rules.teacher_.accuracies_, alone.accuracies_)
    np.testing.assert_allclose(by_rules.teacher_.prior_, alone.prior_)


# With so many labels, rules are worse than labels alone.
@pytest.mark.filterwarnings("ignore:the teacher, RulesTeacher, predicts labels")
def test_all_tools_take_rules(towns, by_rules):
    X, labels = towns
    by_rules.fit(X)
    report = DistillationReport.from_estimator(by_rules, X, labels)
    assert report.n_samples == 300
    again = pickle.loads(pickle.dumps(by_rules))
    np.testing.assert_array_equal(again.predict(X), by_rules.predict(X))
    search = GridSearchCV(by_rules, {"max_iter": [1, 2]}, cv=2).fit(X, labels)
    assert search.best_estimator_.teacher_.coverage_.shape == (3,)
    smaller = compress_to(by_rules, X, labels, **SMALL)
    assert smaller.estimator_.student_.nbytes <= 2000


def test_bad_rules_leave_the_student_as_it_was(towns):
    X, _ = towns
    model = DistilledClassifier(RulesTeacher([("weight > 1", 1), ("size > 1", 0)]))
    with pytest.raises(ValueError, match=r"rules\[0\], 'weight > 1', .*no column 'we"):
        model.fit(X)
    assert not hasattr(model, "student_")


def test_rows_of_which_no_rule_speaks_do_not_make_the_rules_look_bad(recwarn):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = (X[:, 0] > -1.0).astype(int)
    rules = RulesTeacher([("x0 < -1.5", 0), ("x0 > 1.5", 1), ("x0 < -1.4", 0)])
    quick = {"hidden_layer_sizes": (4,), "max_iter": 3, "n_synthetic": 20}
    DistilledClassifier(rules.fit(X), random_state=0, **quick).fit(X, y)
    assert not [w for w in recwarn if "most frequent label" in str(w.message)]


def test_rules_that_hold_for_no_row_teach_nothing_without_labels():
    X = np.arange(40.0).reshape(20, 2)
    rules = RulesTeacher([("x0 > 100", 1), ("x0 < -100", 0)])
    student = DistilledClassifier(rules, max_iter=3, random_state=0)
    words = "the teacher, RulesTeacher, abstains on each of the 20 rows .*no.* label"
    with pytest.raises(ValueError, match=words):
        student.fit(X)
    assert not hasattr(student, "classes_")
    student.fit(X, np.arange(20) % 2)


def test_errors_of_votes_and_rules_give_no_advice_on_other_models():
    X = np.arange(40.0).reshape(20, 2)
    for teacher, teacher_y in (
        (RulesTeacher([("nobody > 100", 1), ("x0 < -100", 0)]), None),
        (VotesTeacher(), np.full((20, 3), np.nan)),
    ):
        with pytest.raises(ValueError, match="raised: ") as caught:
            DistilledClassifier(teacher).fit(X, teacher_y=teacher_y)
        assert "encoder" not in str(caught.value)


def test_early_stopping_scores_the_labels_of_votes_and_rules():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    votes = np.where(rng.random((200, 3)) < 0.9, X[:, :1] > 0, X[:, :1] <= 0)
    quick = {"hidden_layer_sizes": (4,), "max_iter": 30, "n_synthetic": 20}
    stops = {"early_stopping": True, "scoring": "accuracy", "target_score": 0.7}
    for teacher, teacher_y in (
        (VotesTeacher(LogisticRegression()), votes),
        (RulesTeacher([("x0 > 0.2", 1), ("x0 < -0.2", 0)]), None),
    ):
        student = DistilledClassifier(teacher, random_state=0, **quick, **stops)
        student.fit(X, teacher_y=teacher_y)
        assert student.best_validation_score_ >= 0.7
    # A model that is fitted on labels of its own labels no rows of the student.
    student = DistilledClassifier(LogisticRegression(), **quick, **stops)
    with pytest.raises(ValueError, match="'accuracy' needs labels, and y is None"):
        student.fit(X, teacher_y=votes[:, 0])
    assert not hasattr(student, "teacher_")


def test_rules_and_votes_are_not_calibrated_on_labels_of_their_own(
    towns, annotated, by_votes
):
    X, _ = towns
    by_rules = DistilledClassifier(RulesTeacher(RULES), **FAST).fit(X)
    by_votes.fit(annotated[0], teacher_y=annotated[2])
    for model in (by_rules, by_votes):
        assert model.teacher_temperature_ == 1.0
        assert model.teacher_share_ == 1.0
        assert model.follows_teacher_
