"""The classifier with a y of several labels a row."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, csr_matrix
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import make_multilabel_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import GridSearchCV, cross_validate, train_test_split
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils import get_tags

from skdistill import DistilledClassifier, Student

NETWORK = MLPClassifier(
    (16,), learning_rate_init=0.02, tol=1e-3, max_iter=500, random_state=0
)

QUICK = {
    "hidden_layer_sizes": (16,),
    "max_iter": 30,
    "weight_decay": 0.3,
    "n_synthetic": 200,
    "random_state": 0,
}


def quick(teacher, **parameters):
    return DistilledClassifier(teacher, **(QUICK | parameters))


def make_rows(n_rows=900, seed=0):
    """Return rows of which any number may have each of four labels."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 6))
    scores = np.column_stack(
        [X[:, 0] + X[:, 1], X[:, 2] ** 2 - 1.0, X[:, 0] * X[:, 3], X[:, 4] - 1.0]
    )
    return X, (rng.random(scores.shape) < expit(3.0 * scores)).astype(int)


@pytest.fixture(scope="module")
def rows():
    return train_test_split(*make_rows(), random_state=0)


@pytest.fixture(scope="module")
def forest(rows):
    X, _, y, _ = rows
    return RandomForestClassifier(50, random_state=0).fit(X, y)


@pytest.fixture(scope="module")
def fitted(rows, forest):
    X, _, y, _ = rows
    return DistilledClassifier(forest, random_state=0).fit(X, y)


def mean_loss(probabilities, y):
    return np.mean([log_loss(*pair) for pair in zip(y.T, probabilities.T, strict=True)])


def of_forest(forest, X):
    return np.column_stack([table[:, 1] for table in forest.predict_proba(X)])


def test_the_student_learns_as_much_as_its_forest(rows, forest, fitted):
    _, X, _, y = rows
    shares = np.broadcast_to(y.mean(axis=0), y.shape)
    loss = mean_loss(fitted.predict_proba(X), y)
    assert loss < mean_loss(of_forest(forest, X), y)
    assert loss < 0.8 * mean_loss(shares, y)
    assert f1_score(y, fitted.predict(X), average="micro") > 0.7


def test_it_speaks_as_scikit_learns_network(rows, fitted):
    X, X_test, y, y_test = rows
    network = clone(NETWORK).fit(X, y)
    assert_array_equal(fitted.classes_, network.classes_)
    assert fitted.n_outputs_ == network.n_outputs_ == 4
    assert fitted.out_activation_ == network.out_activation_ == "logistic"
    for method in ("predict", "predict_proba", "predict_log_proba"):
        one, other = (getattr(m, method)(X_test) for m in (fitted, network))
        assert one.shape == other.shape
    proba, scores = fitted.predict_proba(X_test), fitted.decision_function(X_test)
    assert proba.dtype == np.float32
    assert_allclose(proba, expit(scores), rtol=1e-5)
    assert_allclose(fitted.predict_log_proba(X_test), np.log(proba), atol=1e-5)
    assert_array_equal(fitted.predict(X_test), proba > 0.5)
    alike = (fitted.predict(X_test) == y_test).all(axis=1)
    assert fitted.score(X_test, y_test) == pytest.approx(alike.mean())
    assert fitted.score(X_test, csr_matrix(y_test)) == pytest.approx(alike.mean())
    assert get_tags(fitted).classifier_tags.multi_label


def test_the_student_answers_alone(tmp_path, rows, fitted):
    _, X, _, _ = rows
    fitted.student_.save(tmp_path / "labels.npz")
    loaded = Student.load(tmp_path / "labels.npz")
    assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert_array_equal(loaded.predict(X), fitted.predict(X))
    again = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


def test_the_same_seed_gives_the_same_student(rows, forest):
    X, X_test, y, _ = rows
    one, other = (quick(forest).fit(X, y) for _ in range(2))
    assert_array_equal(one.predict_proba(X_test), other.predict_proba(X_test))


@pytest.mark.parametrize(
    "form",
    [
        csr_matrix,
        csr_array,
        np.ndarray.tolist,
        pd.DataFrame,
        lambda y: y.astype(bool),
        lambda y: y.astype(float),
    ],
)
def test_forms_of_y(rows, forest, form):
    X, X_test, y, _ = rows
    expected = quick(forest).fit(X, y).predict_proba(X_test)
    assert_array_equal(quick(forest).fit(X, form(y)).predict_proba(X_test), expected)


def test_labels_alone_train_the_function_of_scikit_learns_network(rows):
    X, X_test, y, y_test = rows
    alone = DistilledClassifier(
        RandomForestClassifier(5, random_state=0),
        distillation_weight=0.0,
        synthesizer=None,
        hidden_layer_sizes=(16,),
        encoder=None,
        random_state=0,
    ).fit(X, y)
    network = make_pipeline(
        StandardScaler(), MLPClassifier((16,), tol=1e-3, max_iter=500, random_state=0)
    ).fit(X, y)
    one, other = (mean_loss(m.predict_proba(X_test), y_test) for m in (alone, network))
    assert one < other + 0.02


TEACHERS = [
    RandomForestClassifier(20, random_state=0),
    ExtraTreesClassifier(20, random_state=0),
    KNeighborsClassifier(15),
    NETWORK,
    OneVsRestClassifier(LogisticRegression()),
    OneVsRestClassifier(LinearSVC(random_state=0)),
    MultiOutputClassifier(LogisticRegression()),
    ClassifierChain(LogisticRegression()),
    RidgeClassifier(),
    make_pipeline(StandardScaler(), KNeighborsClassifier(15)),
]


@pytest.mark.parametrize("teacher", TEACHERS, ids=str)
def test_teachers_fitted_and_unfitted(rows, teacher):
    X, X_test, y, y_test = rows
    given = clone(teacher).fit(X, y)
    shares = np.broadcast_to(y.mean(axis=0), y_test.shape)
    for one in (given, teacher):
        student = quick(one).fit(X, y)
        proba = student.predict_proba(X_test)
        assert proba.shape == y_test.shape
        assert mean_loss(proba, y_test) < mean_loss(shares, y_test)


@pytest.mark.parametrize(
    "make",
    [
        lambda forest: forest.predict_proba,
        lambda forest: lambda X: of_forest(forest, X),
        lambda forest: lambda X: pd.DataFrame(of_forest(forest, X)),
        lambda forest: lambda X: [t[:, 1:] for t in forest.predict_proba(X)],
    ],
    ids=["method", "array", "frame", "list"],
)
def test_functions_answer_as_their_model(rows, forest, make):
    X, X_test, y, _ = rows
    given = {"calibrate_teacher": False}
    expected = quick(forest, **given).fit(X, y).predict_proba(X_test)
    found = quick(make(forest), **given).fit(X, y).predict_proba(X_test)
    assert_array_equal(found, expected)


def test_stored_answers(rows, forest):
    X, X_test, y, _ = rows
    stored = of_forest(forest, X)
    given = {"calibrate_teacher": False, "synthesizer": None}
    expected = quick(forest, **given).fit(X, y).predict_proba(X_test)
    found = quick("precomputed", **given).fit(X, y, teacher_proba=stored)
    assert mean_loss(found.predict_proba(X_test), (expected > 0.5) * 1) < 0.5
    named = pd.DataFrame(stored, columns=list("abcd"))
    again = quick("precomputed", **given).fit(X, y, teacher_proba=named)
    assert_array_equal(again.predict_proba(X_test), found.predict_proba(X_test))


def test_a_stored_list_of_arrays_is_an_array_with_a_column_for_each_label(
    rows, forest, few_steps
):
    X, X_test, y, _ = rows
    given = {"synthesizer": None, "max_iter": 1}
    students = [
        quick("precomputed", **given).fit(
            X[:50],
            y[:50],
            teacher_proba=of(X[:50]),
            X_unlabeled=X[50:90],
            teacher_proba_unlabeled=of(X[50:90]),
        )
        for of in (forest.predict_proba, lambda X: of_forest(forest, X))
    ]
    assert_array_equal(*(student.predict_proba(X_test) for student in students))
    stored = forest.predict_proba(X)
    stored[2] = stored[2][:, :1]
    with pytest.raises(ValueError, match="stored as teacher_proba.*output 2 with one"):
        quick("precomputed").fit(X, y, teacher_proba=stored)


def test_the_teacher_alone_tells_the_labels(rows, forest, tmp_path):
    X, X_test, y, _ = rows
    network = clone(NETWORK).fit(X, y)
    for teacher in (forest, network, make_pipeline(StandardScaler(), network)):
        if teacher is not forest and teacher is not network:
            teacher = teacher.fit(X, y)
        student = quick(teacher).fit(X)
        assert_array_equal(student.classes_, np.arange(4))
        assert student.predict_proba(X_test).shape == (len(X_test), 4)
    joblib.dump(forest, tmp_path / "forest.joblib")
    of_file = quick(tmp_path / "forest.joblib", max_iter=2).fit(X)
    assert_array_equal(of_file.classes_, np.arange(4))


def test_rows_without_labels_count_as_unlabelled(rows, forest):
    X, X_test, y, _ = rows
    gaps = y.astype(float)
    gaps[400:] = np.nan
    one = quick(forest).fit(X, gaps)
    other = quick(forest).fit(X[:400], y[:400], X_unlabeled=X[400:])
    assert_array_equal(one.predict_proba(X_test), other.predict_proba(X_test))
    none = quick(forest).fit(X, np.full(y.shape, np.nan))
    expected = quick(forest).fit(X)
    assert_array_equal(none.predict_proba(X_test), expected.predict_proba(X_test))


def test_one_hot_rows_are_sets_with_a_warning(rows):
    X, _, y, _ = rows
    one_hot = np.eye(3, dtype=int)[y.sum(axis=1) % 3]
    with pytest.warns(UserWarning, match=r"a single 1.*give y.argmax\(axis=1\)"):
        student = quick(KNeighborsClassifier()).fit(X, one_hot)
    assert student.student_.output.kind == "label_sets"


def test_labels_of_no_row_and_of_all_rows(rows):
    X, X_test, y, _ = rows
    y = y.copy()
    y[:, 1], y[:, 2] = 0, 1
    forest = RandomForestClassifier(50, random_state=0)
    for teacher in (forest, ExtraTreesClassifier(50, random_state=0)):
        with (
            pytest.warns(UserWarning, match="no row has the label of column 1 of y"),
            pytest.warns(UserWarning, match="all rows have the label of column 2"),
        ):
            student = quick(teacher).fit(X, y)
        proba = student.predict_proba(X_test)
        assert proba[:, 1].max() < 0.05
        assert proba[:, 2].min() > 0.95


def gap_in_row_5(y):
    y = y.astype(float)
    y[5, 2] = np.nan
    return y


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda y: y + 1,
            "holds 2.*For label sets give 0 and 1.*MultiOutputClassifier",
        ),
        (lambda y: 2 * y - 1, "holds -1"),
        (lambda y: np.where(y, "yes", "no"), "which holds '(yes|no)', '(yes|no)'"),
        (lambda y: 0.9 * y, "and holds 0.9: labels are 0 or 1.*teacher_proba"),
        (gap_in_row_5, "1 of 675 rows lacks labels, the first of them row 5"),
    ],
)
def test_other_tables_are_refused(rows, change, words):
    X, _, y, _ = rows
    with pytest.raises(ValueError, match=words):
        quick(RandomForestClassifier(3)).fit(X, change(y))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"class_weight": "balanced"}, "class_weight='balanced' does not suit label"),
        ({"temperature": 2.0}, "temperature=2.0 does not suit label sets"),
        ({"loss": "logit_mse"}, "loss='logit_mse' does not suit label sets"),
    ],
)
def test_parameters_of_classes_are_refused(rows, forest, parameters, words):
    X, _, y, _ = rows
    for teacher in (forest, RandomForestClassifier(3)):
        with pytest.raises(ValueError, match=words):
            quick(teacher, **parameters).fit(X, y)


def test_without_y_a_model_alone_teaches_label_sets(rows, forest):
    X, _, y, _ = rows
    stored = of_forest(forest, X)
    words = "apart from the others, give the labels of some rows: y of shape"
    with pytest.raises(ValueError, match=f"teacher_proba adds up to .*{words}"):
        quick("precomputed").fit(X, teacher_proba=stored)
    with pytest.raises(ValueError, match=words):
        quick(lambda X: of_forest(forest, X)).fit(X)
    with pytest.raises(ValueError, match="a fitted model of label sets, and not its m"):
        quick(forest.predict_proba).fit(X)
    some = np.full(y.shape, np.nan)
    some[:50] = y[:50]
    student = quick("precomputed", max_iter=2).fit(X, some, teacher_proba=stored)
    assert student.predict_proba(X).shape == y.shape


def test_stored_answers_of_other_rows_are_refused(rows, forest):
    X, _, y, _ = rows
    words = r"shape \(675, 4\), not \(50, 4\): each row of X needs a row.*column_stack"
    with pytest.raises(ValueError, match=words):
        quick("precomputed").fit(X[:50], y[:50], teacher_proba=forest.predict_proba(X))


def test_a_teacher_without_scores_of_labels_says_what_to_give(rows):
    X, _, y, _ = rows
    words = (
        r"MultiOutputClassifier, is fitted and has neither .*OneVsRestClassifier\(mod"
    )
    with pytest.raises(ValueError, match=words):
        quick(MultiOutputClassifier(LinearSVC())).fit(X, y)


def test_a_teacher_that_needs_both_values_of_each_label_is_told_apart(rows):
    X, _, y, _ = rows
    words = (
        r"All rows have the label of column 2 .*OneVsRestClassifier\(model\) take[^:]*$"
    )
    with (
        pytest.warns(UserWarning, match="no row has the label of column 2"),
        pytest.raises(ValueError, match=words),
    ):
        quick(MultiOutputClassifier(LogisticRegression())).fit(X, y * [1, 1, 0, 1])


def test_a_teacher_of_another_number_of_labels(rows, forest):
    X, _, y, _ = rows
    for teacher in (forest, lambda X: of_forest(forest, X)):
        with pytest.raises(ValueError, match=r"\(675, 4\), not \(675, 3\): y holds 3"):
            quick(teacher).fit(X, y[:, :3])
    with pytest.raises(ValueError, match="predicts 4 outputs, and one label for each"):
        quick(forest).fit(X, y[:, 0])
    other = RandomForestClassifier(3).fit(X, y[:, 0])
    with pytest.raises(ValueError, match=r"has shape \(675, 2\), not \(675, 4\)"):
        quick(other).fit(X, y)
    several = RandomForestClassifier(3).fit(X, y + 1)
    with pytest.raises(ValueError, match=r"output 0 with the classes \[1, 2\]"):
        quick(several).fit(X, y)


def test_a_fold_may_lack_a_label():
    X, y = make_rows(200)
    y[:, 3] = 0
    y[:2, 3] = 1
    student = quick(RandomForestClassifier(5, random_state=0), cv=5).fit(X, y)
    assert student.cv_.source == "out-of-fold"
    assert student.predict_proba(X).shape == y.shape


@pytest.mark.parametrize("scoring", ["f1_micro", "loss", "agreement", "roc_auc"])
def test_early_stopping(rows, forest, scoring):
    X, _, y, _ = rows
    student = quick(forest, early_stopping=True, scoring=scoring).fit(X, y)
    assert student.best_validation_score_ is not None
    if scoring == "agreement":
        assert student.best_validation_score_ > 0.8


def test_sparse_rows(rows):
    X, X_test, y, _ = rows
    X, X_test = (csr_array(np.maximum(rows, 0)) for rows in (X, X_test))
    teacher = OneVsRestClassifier(LogisticRegression())
    student = DistilledClassifier(teacher, random_state=0).fit(X, y)
    expected = clone(teacher).fit(X, y).predict_proba(X_test)
    assert np.abs(student.predict_proba(X_test) - expected).mean() < 0.1


def test_unlabelled_rows_and_weights(rows, forest):
    X, X_test, y, _ = rows
    weights = (np.arange(len(X)) < 300).astype(float)
    one = quick(forest).fit(X, y, weights, X_unlabeled=X_test)
    assert one.n_transfer_ == 300 + len(X_test) + 200


def test_warm_start_goes_on(rows, forest):
    X, _, y, _ = rows
    student = quick(forest, warm_start=True, max_iter=5).fit(X, y)
    first = student.loss_
    assert student.fit(X, y).loss_ < first


def test_memory_keeps_answers(tmp_path, rows):
    X, X_test, y, _ = rows
    asked = []

    class Counting(RandomForestClassifier):
        def predict_proba(self, X):
            asked.append(len(X))
            return super().predict_proba(X)

    Counting.__module__, Counting.__qualname__ = __name__, "Counting"
    globals()["Counting"] = Counting
    teacher = Counting(50, random_state=0)
    one = quick(teacher, memory=tmp_path).fit(X, y)
    before = len(asked)
    other = quick(teacher, memory=tmp_path).fit(X, y)
    assert len(asked) == before > 0
    assert_array_equal(one.predict_proba(X_test), other.predict_proba(X_test))


def test_meta_estimators_take_it(rows):
    X, X_test, y, y_test = rows
    student = quick(RandomForestClassifier(50, random_state=0))
    search = GridSearchCV(student, {"hidden_layer_sizes": [(4,), (8,)]}, cv=2)
    assert search.fit(X, y).predict_proba(X_test).shape == y_test.shape
    scores = cross_validate(student, X, y, cv=2, scoring=["f1_micro", "roc_auc"])
    assert (scores["test_roc_auc"] > 0.7).all()
    chain = ClassifierChain(student).fit(X, y)
    assert chain.predict(X_test).shape == y_test.shape
    each = MultiOutputClassifier(student).fit(X, y)
    assert len(each.predict_proba(X_test)) == 4


def test_each_label_of_a_forest_has_a_temperature(fitted):
    assert fitted.teacher_temperature_.shape == (4,)
    assert (fitted.teacher_temperature_ != 1.0).any()


def test_scoring_needs_whole_labels(rows, fitted):
    _, X, _, y = rows
    gaps = y.astype(float)
    gaps[3] = np.nan
    with pytest.raises(ValueError, match="1 of 225 rows lacks labels"):
        fitted.score(X, gaps)


def test_rows_of_scikit_learns_generator():
    X, y = make_multilabel_classification(300, n_classes=3, random_state=0)
    student = quick(None).fit(X, y)
    assert isinstance(student.teacher_, RandomForestClassifier)
    assert student.predict(X).shape == y.shape


def test_stored_probabilities_in_another_order_are_refused(rows, forest):
    X, _, y, _ = rows
    sets = pd.DataFrame(y, columns=["red", "green", "blue", "grey"])
    proba = pd.DataFrame(of_forest(forest, X), columns=sets.columns)
    quick("precomputed", max_iter=1).fit(X, sets, teacher_proba=proba)
    words = r"teacher_proba has the columns in the order \['grey'.*\[y.columns\]"
    with pytest.raises(ValueError, match=words):
        quick("precomputed").fit(X, sets, teacher_proba=proba[sets.columns[::-1]])


def test_a_stored_class_that_is_not_known_is_refused(rows):
    X, _, y, _ = rows
    ones = np.ones((len(X), 1))
    for one in ([ones] * 4, [1.0 - 0.1 * ones] * 3 + [ones]):
        with pytest.raises(ValueError, match="with one column, which is 1 in all rows"):
            quick("precomputed").fit(X, y, teacher_proba=one)


def test_the_tag_tells_whether_teacher_and_parameters_suit_label_sets(forest):
    def tag(*arguments, **parameters):
        model = DistilledClassifier(*arguments, **parameters)
        return get_tags(model).classifier_tags.multi_label

    assert tag()
    assert tag(forest)
    assert tag(RandomForestClassifier())
    assert not tag(LogisticRegression())
    assert not tag(loss="logit_mse")
    assert not tag(temperature=2.0)


def test_a_fitted_teacher_of_one_label_is_refused(rows):
    X, _, y, _ = rows
    teacher = LogisticRegression().fit(X, y.argmax(axis=1))
    words = (
        r"adds up to 1 in each row: the teacher was fitted on one label.*\[0, 1, 2, 3"
    )
    for given in (teacher, teacher.predict_proba):
        with pytest.raises(ValueError, match=words):
            quick(given).fit(X, y)


def test_an_unfitted_teacher_of_one_label_says_what_to_give(rows):
    X, _, y, _ = rows
    words = r"1d array.*\. If it learns one label alone, give.*MultiOutputClassifier"
    with pytest.raises(ValueError, match=f"{words}.*ClassifierChain"):
        quick(LogisticRegression()).fit(X, y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([["a"], ["a", "b"]], r"such as \['a'\] and \['a', 'b'\]: label sets are"),
        ([{"a"}, {"b"}], "such as {'a'} and {'b'}: label sets are given as 0 and 1"),
        (pd.Series([["a"], []]), r"such as \['a'\] and \[\]: label sets are given"),
        ([["a", "b"], ["b", "c"]], "which holds 'a', 'b', 'c'. For label sets give 0"),
    ],
)
@pytest.mark.parametrize("teacher", [None, DummyClassifier().fit([[0.0]], [0])])
def test_lists_of_labels_become_an_indicator_matrix(y, words, teacher):
    with pytest.raises(ValueError, match=f"{words}.*preprocessing.MultiLabelBinarizer"):
        quick(teacher).fit(np.zeros((2, 1)), y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (csr_array([[1], [0]]), r"y is a csr_array of shape \(2, 1\).*ravel\(\)"),
        (np.array([[1j, 0], [0, 1]]), "which holds 0j, 1j, .*For label sets"),
        ("species", "y is 'species', of type str: give an array"),
    ],
)
def test_other_forms_of_y_are_refused(y, words):
    with pytest.raises(ValueError, match=words):
        quick(None).fit(np.zeros((2, 1)), y)
