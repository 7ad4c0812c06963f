"""Teachers that repeat the labels of rows that they know."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification, make_moons
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistilledClassifier
from skdistill.common.split import deal_folds
from skdistill.report.notes import repeated_labels_note
from skdistill.tasks.classes import Classification
from skdistill.teachers.clones import FOLD_SEED, N_FOLDS, FoldClones
from skdistill.teachers.held_out_classes import HeldOutClasses
from skdistill.teachers.kept_rows import keeps_rows
from skdistill.teachers.leak import CvChoice, cloned_answers, compared
from skdistill.teachers.tree_ensembles import is_tree_ensemble

QUICK = {
    "hidden_layer_sizes": (16,),
    "max_iter": 30,
    "n_synthetic": 200,
    "random_state": 0,
}


def noisy_moons(n=400, seed=0):
    """Return rows of which many labels are wrong, so that memory is no knowledge."""
    X, y = make_moons(n, noise=0.2, random_state=seed)
    wrong = np.random.default_rng(seed).random(n) < 0.2
    return X, np.where(wrong, 1 - y, y)


def neighbors():
    return KNeighborsClassifier(30, weights="distance")


def distil(teacher, **parameters):
    return DistilledClassifier(teacher, **{**QUICK, **parameters})


def same_student(one, other):
    X = np.random.default_rng(1).normal(size=(200, one.n_features_in_))
    return np.array_equal(one.predict_proba(X), other.predict_proba(X))


# Decisions of fit


@pytest.mark.parametrize(
    "teacher",
    [
        neighbors(),
        make_pipeline(StandardScaler(), neighbors()),
        KNeighborsClassifier(1),
        DecisionTreeClassifier(random_state=0),
    ],
    ids=["neighbors", "pipeline", "nearest", "tree"],
)
def test_a_teacher_that_repeats_labels_is_noticed(teacher):
    X, y = noisy_moons()
    cv = distil(teacher).fit(X, y).cv_
    assert cv.repeats_labels
    assert cv.known_loss < cv.unseen_loss / 3
    better = cv.student_loss_out_of_fold < cv.student_loss
    assert cv.source == ("out-of-fold" if better else "teacher")
    assert "repeats labels" in repr(cv)


@pytest.mark.parametrize(
    "teacher",
    [LogisticRegression(), GaussianNB(), KNeighborsClassifier(30), MLPClassifier((5,))],
    ids=lambda teacher: type(teacher).__name__,
)
def test_other_teachers_keep_their_students(teacher):
    X, y = noisy_moons()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Networks that did not converge
        automatic, before = (distil(teacher, cv=cv).fit(X, y) for cv in ("auto", None))
    assert automatic.cv_.repeats_labels is False
    assert before.cv_ == CvChoice("teacher")
    assert same_student(automatic, before)


def test_answers_out_of_fold_teach_where_memory_hides_what_is_known():
    """Neighbours of noisy rows know the share of the labels, if they are asked so."""
    X, y = noisy_moons(600)
    models = {cv: distil(neighbors(), cv=cv).fit(X, y) for cv in ("auto", None, 5)}
    assert models["auto"].cv_.source == "out-of-fold"
    X_test, y_test = noisy_moons(4000, seed=1)
    loss = {
        cv: -np.log(model.predict_proba(X_test)[np.arange(4000), y_test]).mean()
        for cv, model in models.items()
    }
    assert loss["auto"] < loss[None]
    assert loss["auto"] < loss[5] + 0.01


def test_a_student_of_clones_is_that_of_the_same_folds_given():
    X, y = noisy_moons(600)
    automatic = distil(neighbors()).fit(X, y)
    assert automatic.cv_.source == "out-of-fold"
    folds = deal_folds(y, N_FOLDS, FOLD_SEED)
    split = [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in range(5)]
    given = distil(neighbors(), cv=split).fit(X, y)
    assert given.cv_ == CvChoice("out-of-fold")
    assert_allclose(automatic.teacher_temperature_, given.teacher_temperature_)
    assert same_student(automatic, given)


@pytest.mark.filterwarnings("ignore:.*clearly worse")
def test_answers_of_a_bad_teacher_are_not_taken_out_of_fold():
    """Without its memory this teacher knows nothing, and labels alone know all."""
    X, y = make_classification(300, 30, n_informative=2, n_redundant=0, random_state=0)
    model = distil(KNeighborsClassifier(1), teacher_share=1.0).fit(X, y)
    assert model.cv_.repeats_labels
    assert model.cv_.source == "teacher"
    assert model.cv_.student_loss < model.cv_.student_loss_out_of_fold


@pytest.mark.filterwarnings("ignore:.*hardly more than labels")
@pytest.mark.parametrize(
    "parameters", [{"calibrate_teacher": False}, {"distillation_weight": 0.0}]
)
def test_without_the_clone_or_soft_targets_nothing_is_looked_for(parameters):
    X, y = noisy_moons()
    automatic, before = (
        distil(neighbors(), cv=cv, **parameters).fit(X, y) for cv in ("auto", None)
    )
    assert automatic.cv_ == CvChoice("teacher")
    assert same_student(automatic, before)


def test_few_rows():
    X, y = noisy_moons(40)
    assert distil(neighbors()).fit(X, y).cv_ == CvChoice("teacher")


@pytest.mark.filterwarnings("ignore:.*does not accept sample_weight")
def test_rows_without_weight_are_in_no_fold():
    X, y = noisy_moons(300)
    weights = np.where(np.arange(300) % 5 == 4, 0.0, 1.0)
    wrong = np.where(weights > 0, y, 1 - y)
    one, other = (distil(neighbors()).fit(X, labels, weights) for labels in (y, wrong))
    assert one.cv_.repeats_labels
    assert one.cv_.student_loss is not None
    assert other.cv_.repeats_labels


@pytest.mark.filterwarnings("ignore:.*does not accept sample_weight")
def test_a_class_without_weight_has_no_clones():
    X, y = noisy_moons(300)
    y[0] = 2
    weights = np.ones(300)
    weights[0] = 0.0
    assert distil(neighbors()).fit(X, y, weights).cv_ == CvChoice("teacher")


@pytest.mark.parametrize("n_rows", [2, 3])
def test_a_class_of_few_rows(n_rows):
    X, y = noisy_moons(300)
    y[:n_rows] = 2
    cv = distil(neighbors()).fit(X, y).cv_
    assert cv.repeats_labels
    assert cv.source in ("teacher", "out-of-fold")


def test_the_only_row_of_a_class_is_in_no_fold():
    X, y = noisy_moons(300)
    y[0] = 2
    cv = distil(neighbors(), teacher_share=1.0).fit(X, y).cv_
    assert cv.repeats_labels


@pytest.mark.filterwarnings("ignore:.*hardly more than labels")
def test_without_labels_nothing_is_looked_for():
    X, y = noisy_moons()
    model = distil(neighbors().fit(X, y)).fit(X)
    assert model.cv_ == CvChoice("teacher")


def test_members_of_a_forest_are_named():
    X, y = noisy_moons(200)
    forest = RandomForestClassifier(20, random_state=0)
    assert distil(forest, cv="oob").fit(X, y).cv_ == CvChoice("out-of-bag")


def test_rows_without_labels_have_no_answers_of_clones():
    X, y = noisy_moons(300)
    unlabeled = X[:50] + 0.01
    model = distil(neighbors()).fit(X[50:], y[50:], X_unlabeled=unlabeled)
    assert model.cv_.repeats_labels


# Ensembles of trees


@pytest.mark.parametrize(
    "teacher",
    [
        RandomForestClassifier(10, bootstrap=False, random_state=0),
        HistGradientBoostingClassifier(max_iter=30, random_state=0),
        make_pipeline(StandardScaler(), ExtraTreesClassifier(10, random_state=0)),
    ],
    ids=["forest", "boosting", "pipeline"],
)
def test_ensembles_of_trees_keep_their_students(teacher):
    X, y = noisy_moons(300)
    automatic, before = (distil(teacher, cv=cv).fit(X, y) for cv in ("auto", None))
    assert automatic.cv_ == CvChoice("teacher")
    assert same_student(automatic, before)


def test_which_models_are_ensembles_of_trees():
    X, y = noisy_moons(60)
    trees = [
        RandomForestClassifier(3),
        ExtraTreesClassifier(3),
        GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingClassifier(max_iter=3),
        BaggingClassifier(n_estimators=3),
        AdaBoostClassifier(n_estimators=3),
        make_pipeline(StandardScaler(), RandomForestClassifier(3)),
        GridSearchCV(RandomForestClassifier(3), {"max_depth": [2]}, cv=2),
    ]
    for model in trees:
        assert is_tree_ensemble(model.fit(X, y)), model
    assert is_tree_ensemble(FrozenEstimator(trees[0]))
    others = [
        neighbors(),
        BaggingClassifier(neighbors(), n_estimators=3),
        GridSearchCV(neighbors(), {"p": [2]}, cv=2),
    ]
    for model in others:
        assert not is_tree_ensemble(model.fit(X, y)), model


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("xgboost", "XGBClassifier"),
        ("lightgbm", "LGBMClassifier"),
        ("catboost", "CatBoostClassifier"),
    ],
)
def test_models_of_boosting_libraries_are_ensembles_of_trees(package, name):
    library = pytest.importorskip(package, reason=package)
    assert is_tree_ensemble(getattr(library, name)())


# Teachers that are given fitted


@pytest.mark.parametrize(
    "teacher",
    [
        neighbors(),
        make_pipeline(StandardScaler(), neighbors()),
        FrozenEstimator(neighbors()),
        SVC(C=1e4, gamma=300.0),
    ],
    ids=["neighbors", "pipeline", "frozen", "SVC"],
)
def test_a_fitted_teacher_that_repeats_labels_is_named(teacher):
    X, y = noisy_moons()
    getattr(teacher, "estimator", teacher).fit(X, y)
    with pytest.warns(UserWarning, match=r"repeats their labels.*cv=5.*cv=None"):
        model = distil(teacher).fit(X, y)
    assert model.cv_.repeats_labels
    assert "that of students of the labels alone on" in repr(model.cv_)
    assert model.cv_.source == "teacher"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = distil(teacher, cv=None).fit(X, y)
        distil(teacher, cv=5).fit(X, y)
    assert same_student(model, before)


@pytest.mark.parametrize(
    "teacher",
    [
        neighbors(),
        SVC(C=100.0, gamma=30.0),
        RandomForestClassifier(30, random_state=0),
        MLPClassifier((50,), max_iter=1000, random_state=0),
    ],
    ids=lambda teacher: type(teacher).__name__,
)
def test_a_teacher_of_other_rows_is_not_blamed(teacher):
    """Its labels have no noise, so it answers better than any student of these rows."""
    X, y = make_moons(1000, noise=0.05, random_state=1)
    teacher.fit(X, y)
    X, y = make_moons(300, noise=0.05, random_state=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = distil(teacher).fit(X, y)
    assert not model.cv_.repeats_labels


@pytest.mark.parametrize(
    "teacher",
    [
        RandomForestClassifier(30, random_state=0),
        ExtraTreesClassifier(30, random_state=0),
        LogisticRegression(),
        KNeighborsClassifier(30),
    ],
    ids=lambda teacher: type(teacher).__name__,
)
def test_other_fitted_teachers_are_not_blamed(teacher):
    X, y = noisy_moons()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        distil(teacher.fit(X, y)).fit(X, y)


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_a_fitted_teacher_of_labels_without_noise_is_not_blamed(kernel):
    """It keeps its rows and is right on all, and it is as sure of other rows."""
    X = np.random.default_rng(0).uniform(-1.0, 1.0, size=(500, 4))
    y = (X[:, 0] + (X[:, 1] * X[:, 2] if kernel == "rbf" else X[:, 1]) > 0).astype(int)
    teacher = SVC(C=1000.0, kernel=kernel).fit(X, y)
    assert keeps_rows(teacher, X, y)
    assert teacher.score(X, y) == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = distil(teacher).fit(X, y)
    assert not model.cv_.repeats_labels


def test_a_fitted_bag_of_models_that_repeat_labels_is_named():
    X, y = noisy_moons()
    teacher = BaggingClassifier(neighbors(), random_state=0).fit(X, y)
    with pytest.warns(
        UserWarning, match=r"The log-loss of its members that left.*cv=5"
    ):
        model = distil(teacher).fit(X, y)
    assert model.cv_.repeats_labels


def test_a_fitted_teacher_is_compared_with_a_clone_if_one_is_fitted_anyway():
    X, y = noisy_moons(600)
    fitted = neighbors().fit(X, y)
    model = distil(fitted, calibrate_teacher="refit").fit(X, y)
    assert model.cv_.source == "out-of-fold"
    assert model.teacher_ is fitted


class InContext(ClassifierMixin, BaseEstimator):
    """Keeps an encoded form of the rows, and the labels as codes in a nested object."""

    def fit(self, X, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.parts_ = {"context": [np.sqrt(np.abs(X)), {"y": codes.astype(float)}]}
        return self


def test_which_models_keep_rows():
    X, y = noisy_moons(60)
    keep = [
        neighbors(),
        SVC(),
        GaussianProcessClassifier(),
        InContext(),
        make_pipeline(StandardScaler(), neighbors()),
        FrozenEstimator(neighbors().fit(X, y)),
        VotingClassifier([("a", make_pipeline(StandardScaler(), neighbors()))]),
        StackingClassifier([("a", make_pipeline(StandardScaler(), neighbors()))]),
        GridSearchCV(make_pipeline(StandardScaler(), neighbors()), {}, cv=2),
    ]
    for model in keep:
        fitted = model.fit(X, y)
        assert keeps_rows(fitted, X, np.array(["a", "b"])[y]), model
        assert not keeps_rows(fitted, X[::-1] + 1.0, np.roll(y, 3)), model
    for model in (LogisticRegression(), MLPClassifier((2,), max_iter=5), GaussianNB()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit(X, y)
        assert not keeps_rows(fitted, X, y), model


# The comparison itself


def test_answers_are_compared_at_one_temperature():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=200)
    right = np.eye(3)[labels]
    unseen = HeldOutClasses(2.0 * right + rng.normal(size=(200, 3)), labels)
    known = HeldOutClasses(9.0 * right, labels)
    found = compared(known, unseen)
    assert found.repeats_labels
    assert_allclose(found.unseen_loss, unseen.calibrated_loss)
    # Logits in another unit are the same answers. Temperatures are pulled to 1.
    other = compared(
        HeldOutClasses(1.5 * known.logits, labels),
        HeldOutClasses(1.5 * unseen.logits, labels),
    )
    assert_allclose(other.unseen_loss, found.unseen_loss, rtol=0.05)
    assert other.repeats_labels
    assert not compared(unseen, unseen).repeats_labels
    few = compared(
        HeldOutClasses(known.logits[:3], labels[:3]),
        HeldOutClasses(unseen.logits[:3], labels[:3]),
    )
    assert few.unseen_loss > few.known_loss


class NamesItsRows(ClassifierMixin, BaseEstimator):
    """Answers with the share of the rows of its fit that are among some row numbers."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.known_ = set(X[:, 0].tolist())
        return self

    def predict_proba(self, X):
        known = np.array([row in self.known_ for row in X[:, 0].tolist()])
        missing = np.array([0.25 if 0.0 in self.known_ else 0.5] * len(X))
        second = np.where(known, 1.0, missing)
        return np.column_stack([1.0 - second, second])


@pytest.mark.parametrize(("n", "n_held_out"), [(60, 5), (3000, 1)])
def test_clones_know_neither_the_row_nor_the_fold_held_out(n, n_held_out):
    X = np.column_stack([np.arange(float(n)), np.zeros(n)])
    y = np.arange(n) % 2
    clones = FoldClones(NamesItsRows(), X, y, Classification(np.array([0, 1])), {}, 0)
    assert_array_equal(clones.folds, deal_folds(y, N_FOLDS, FOLD_SEED))
    own = np.full((n, 2), 0.5)
    answers = cloned_answers(clones, own)
    assert len(answers.without_fold) == n_held_out
    assert (answers.out_of_fold[:, 1] < 1.0).all()
    for fold, (known, apart) in enumerate(answers.without_fold):
        inside = clones.folds == fold
        assert (known[inside, 1] < 1.0).all()
        assert (known[~inside, 1] == 1.0).all()
        assert (apart[:, 1] < 1.0).all()
        if inside[0]:  # No clone knows row 0, whichever row it answers for.
            assert (apart[:, 1] == 0.5).all()


def test_the_teacher_is_not_altered():
    X, y = noisy_moons()
    teacher = neighbors()
    distil(teacher).fit(X, y)
    assert not hasattr(teacher, "classes_")
    assert clone(teacher).get_params() == teacher.get_params()


# Report


def test_notes_of_a_report():
    assert repeated_labels_note(CvChoice("teacher")) == []
    assert repeated_labels_note(CvChoice("teacher", False, 0.3, 0.31)) == []
    (fitted,) = repeated_labels_note(CvChoice("teacher", True, 0.01, 0.4))
    assert "cv=5" in fitted
    assert "0.01, and that of a clone that has not seen them is 0.4." in fitted
    (taken,) = repeated_labels_note(CvChoice("out-of-fold", True, 0.01, 0.4, 0.3, 0.28))
    assert "0.28 against 0.3" in taken
    assert "better" in taken
    (kept,) = repeated_labels_note(CvChoice("teacher", True, 0.01, 0.4, 0.28, 0.3))
    assert "no better" in kept


def test_models_of_many_parts_are_looked_at_in_bounds():
    X, y = noisy_moons(60)
    model = LogisticRegression().fit(X, y)
    chain = ()
    for _ in range(100_000):
        chain = (chain, {})
    model.chain = [chain, model]
    assert not keeps_rows(model, X, y)
    del model.chain[0]
    while chain:  # Python itself would exhaust its stack.
        chain = chain[0]
