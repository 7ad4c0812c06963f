"""Linear students of sparse rows: copies of linear teachers, and fewer columns."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import (
    CountVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from skdistill import DistilledClassifier, Student
from skdistill.training import convex_training, train_student
from skdistill.training.pruning import use_of_columns
from skdistill.training.splits import split_rows
from tests.estimators.test_sparse import make_texts


def texts(n_classes, unit=True):
    X, y = make_texts(240, 300, n_classes)
    names = np.array(["pear", "apple", "fig", "date"])[y]
    return (csr_array(normalize(X)) if unit else X), names


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize(
    "teacher",
    [LogisticRegression(C=10), SGDClassifier("log_loss", random_state=0), LinearSVC()],
    ids=["logistic", "SGD", "SVC"],
)
def test_a_linear_teacher_gives_its_weights(teacher, n_classes):
    X, y = texts(n_classes)
    model = DistilledClassifier(teacher, random_state=0, weight_dtype="float32")
    model.fit(X, y)
    fitted, temperature = model.teacher_, model.teacher_temperature_
    is_softmax = n_classes == 2 or not isinstance(teacher, SGDClassifier)
    assert (model.n_steps_ == 0) == is_softmax
    if is_softmax:
        assert model.student_temperature_ == 1.0
        assert_allclose(model.coefs_[0], fitted.coef_.T / temperature, rtol=1e-5)
        assert_array_equal(model.predict(X), fitted.predict(X))


def test_one_against_the_rest_is_fitted_to_its_answers():
    X, y = texts(4)
    teacher = OneVsRestClassifier(LogisticRegression(C=10))
    model = DistilledClassifier(teacher, random_state=0).fit(X, y)
    assert model.n_steps_ > 0
    assert np.mean(model.predict(X) == model.teacher_.predict(X)) > 0.95


@pytest.mark.parametrize("unit", [True, False])
def test_max_terms_keeps_so_many_columns(unit, tmp_path):
    X, y = texts(4, unit)
    model = DistilledClassifier(LogisticRegression(C=10), max_terms=40, random_state=0)
    model.fit(X, y)
    kept = model.student_.kept_columns
    assert len(kept.places) == model.pruning_.n_terms == 40
    assert model.n_features_in_ == 300
    # Rows are scaled to unit length again only if they had it.
    assert len(kept.unit_blocks) == unit
    other = X.toarray()
    other[:, np.setdiff1d(np.arange(300), kept.places)] = 0.0
    assert_allclose(model.predict_proba(csr_array(other)), model.predict_proba(X))
    model.student_.save(tmp_path / "student.npz")
    again = Student.load(tmp_path / "student.npz")
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_a_given_decay_stays_and_an_uncalibrated_student_is_not_divided():
    X, y = texts(4)
    model = DistilledClassifier(
        LogisticRegression(C=10),
        max_terms=40,
        weight_decay=0.003,
        calibrate_teacher=False,
        random_state=0,
    ).fit(X, y)
    assert model.weight_decay_ == model.pruning_.weight_decay == 0.003
    assert model.pruning_.temperature == 1.0


def test_a_truth_value_is_no_number_of_columns():
    X, y = texts(2)
    model = DistilledClassifier(LogisticRegression(), max_terms=True)
    with pytest.raises(ValueError, match="max_terms=True is no number of columns"):
        model.fit(X, y)


def test_a_number_of_columns_of_dense_rows_is_refused():
    X, y = texts(2)
    model = DistilledClassifier(LogisticRegression(), max_terms=40)
    with pytest.raises(ValueError, match="max_terms=40, and X is dense"):
        model.fit(X.toarray(), y)


def pruned(teacher, **parameters):
    parameters = {"max_terms": 40, "random_state": 0} | parameters
    return DistilledClassifier(teacher, **parameters)


def test_a_warm_start_of_a_pruned_student():
    X, y = texts(4)
    model = pruned(MultinomialNB(), warm_start=True, weight_dtype="float32").fit(X, y)
    places, first = model.student_.kept_columns.places, model.predict_proba(X)
    assert model.student_temperature_ == model.pruning_.temperature != 1.0
    model.fit(X, y)
    assert_array_equal(model.student_.kept_columns.places, places)
    assert_allclose(model.predict_proba(X), first, atol=0.01)
    model.set_params(max_terms=None).fit(X, y)
    assert model.student_.kept_columns is None
    assert model.coefs_[0].shape == (300, 4)
    assert np.count_nonzero(model.coefs_[0].any(axis=1)) > 40


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("hidden", [(), (8,)])
@pytest.mark.filterwarnings("ignore:the teacher")  # It guesses.
def test_unlabelled_rows_of_a_teacher_that_is_not_followed(hidden, n_classes):
    X, y = texts(n_classes)
    rng = np.random.default_rng(0)

    def guess(rows):
        return rng.dirichlet(np.ones(n_classes), rows.shape[0])

    guess.classes_ = np.unique(y)
    model = pruned(guess, hidden_layer_sizes=hidden)
    model.fit(X[:160], y[:160], X_unlabeled=X[160:])
    assert not model.follows_teacher_
    assert model.n_transfer_ == 160
    assert len(model.student_.kept_columns.places) == 40
    assert model.score(X[160:], y[160:]) > 0.8


def test_a_warm_start_chooses_the_columns_of_two_classes_anew():
    X, y = texts(2)
    teacher = LogisticRegression(C=10).fit(X, y)
    warm = pruned(teacher, warm_start=True).fit(X[:80], y[:80])
    before = warm.student_.kept_columns.places
    warm.fit(X, y)
    cold = pruned(teacher).fit(X, y)
    assert not np.array_equal(before, warm.student_.kept_columns.places)
    assert_array_equal(
        warm.student_.kept_columns.places, cold.student_.kept_columns.places
    )
    assert_array_equal(warm.predict_proba(X), cold.predict_proba(X))
    with pytest.raises(ValueError, match="warm_start needs the same units"):
        warm.set_params(hidden_layer_sizes=(8,)).fit(X, y)


@pytest.mark.parametrize(
    "parameters", [{"class_weight": "balanced"}, {"early_stopping": True}], ids=str
)
def test_a_loss_that_a_copy_does_not_minimise_is_trained(parameters):
    X, y = texts(4)
    model = pruned(LogisticRegression(C=10), **parameters).fit(X, y)
    assert model.n_steps_ > 0
    assert len(model.student_.kept_columns.places) == 40
    assert np.mean(model.predict(X) == model.teacher_.predict(X)) > 0.9
    scores = model.validation_scores_
    assert (scores is None) == ("early_stopping" not in parameters)
    assert scores is None or model.best_validation_score_ == max(scores)


def test_few_labels_none_and_stored_answers():
    X, y = texts(4)
    teacher = LogisticRegression(C=10).fit(X, y)
    answers = teacher.predict_proba(X)
    models = [
        pruned(teacher).fit(X[:30], y[:30], X_unlabeled=X[30:]),
        pruned(teacher).fit(X),
        pruned("precomputed").fit(X, y, teacher_proba=answers),
    ]
    for model in models:
        assert len(model.student_.kept_columns.places) == 40
        assert np.mean(model.predict(X) == teacher.predict(X)) > 0.95
    # Nothing tells how many columns a student without labels may leave out.
    assert pruned(teacher, max_terms="auto").fit(X).pruning_ is None
    few = pruned(MultinomialNB(), max_terms="auto").fit(X[:20], y[:20])
    assert few.pruning_ is None
    assert_allclose(few.weight_decay_, 0.3 / 20)


def test_one_column_and_rows_without_a_value():
    X, y = texts(4)
    one = pruned(MultinomialNB(), max_terms=1).fit(X, y)
    assert one.coefs_[0].shape == (1, 4)
    column = X[:, one.student_.kept_columns.places]
    assert pruned(MultinomialNB(), max_terms=1).fit(column, y).pruning_ is None
    wide = csr_array((X.data, X.indices, np.append(X.indptr, [X.nnz] * 20)))
    model = pruned(MultinomialNB()).fit(wide, np.append(y, y[:20]))
    assert len(model.student_.kept_columns.unit_blocks) == 1
    empty = model.predict_proba(csr_array((2, wide.shape[1])))
    assert_allclose(empty.sum(axis=1), 1.0, rtol=1e-6)
    assert_allclose(empty, model.predict_proba(wide[-2:]))
    nothing = pruned(MultinomialNB()).fit(csr_array(X.shape), y)
    shares = np.unique(y, return_counts=True)[1] / len(y)
    assert_allclose(nothing.predict_proba(X)[0], shares, atol=0.02)


def sentences():
    """Return texts and their labels. Most words of a text are its label's own."""
    rng = np.random.default_rng(0)
    words = np.array(["pear", "apple", "fig", "date", "plum", "lime", "kiwi", "melon"])
    labels = rng.integers(3, size=120)
    own = 3 * labels[:, np.newaxis] + rng.integers(2, size=(len(labels), 6))
    drawn = np.where(rng.random(own.shape) < 0.8, own, rng.integers(8, size=own.shape))
    numbers = rng.integers(10, size=own.shape)
    rows = [
        " ".join(f"{word}{number}" for word, number in zip(*row, strict=True))
        for row in zip(words[drawn], numbers, strict=True)
    ]
    return rows, labels


@pytest.mark.parametrize(
    "steps",
    [
        [TfidfVectorizer()],
        [
            FeatureUnion(
                [
                    ("words", TfidfVectorizer()),
                    ("parts", TfidfVectorizer(analyzer="char", ngram_range=(2, 3))),
                ]
            )
        ],
        [CountVectorizer(), TfidfTransformer()],
    ],
    ids=["weighed", "two blocks", "counted, then weighed"],
)
def test_a_pipeline_with_a_pruned_student_travels(steps):
    rows, labels = sentences()
    model = pruned(LogisticRegression(C=10), max_terms=30)
    pipe = make_pipeline(*steps, model).fit(rows, labels)
    student = Student.from_pipeline(pipe)
    assert student.n_features_in_ == 30
    for some in (rows, ["pear1 APPLE2 cherry", "", "fig3 fig3 fig4 melon"]):
        assert_allclose(
            student.predict_proba(some), pipe.predict_proba(some), atol=1e-5
        )


def test_a_grid_of_numbers_of_columns_in_a_pipeline():
    rows, labels = sentences()
    pipe = make_pipeline(TfidfVectorizer(), pruned(LogisticRegression(C=10)))
    grid = {"distilledclassifier__max_terms": [3, 30, None]}
    search = GridSearchCV(pipe, grid, cv=2).fit(rows, labels)
    few, _, most = search.cv_results_["mean_test_score"]
    assert few < most - 0.1
    assert search.best_params_ != {"distilledclassifier__max_terms": 3}
    student = Student.from_pipeline(search.best_estimator_)
    assert_array_equal(student.predict(rows), search.predict(rows))


def test_a_linear_teacher_that_is_not_followed_leaves_a_decay_to_choose():
    X, y = texts(2)
    wrong = np.where(y == y[0], y[y != y[0]][0], y[0])
    teacher = LogisticRegression(C=10).fit(X, wrong)
    model = DistilledClassifier(teacher, random_state=0)
    with (
        pytest.warns(UserWarning, match="clearly worse"),
        pytest.warns(UserWarning, match=r"gives 0.0 % of the rows their label"),
    ):
        model.fit(X, y)
    assert not model.follows_teacher_
    assert len(model.capacity_.candidates) > 1
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_same_rows_are_held_out_before_and_after_pruning(monkeypatch, n_classes):
    X, y = texts(n_classes)
    held_out = []

    def split(transfer_set, plan, random_state):
        rows, others = split_rows(transfer_set, plan, random_state)
        if plan.early_stopping:
            held_out.append(others)
        return rows, others

    for module in (convex_training, train_student):
        monkeypatch.setattr(module, "split_rows", split)
    model = DistilledClassifier(
        MultinomialNB(), max_terms=40, early_stopping=True, random_state=0
    )
    model.fit(X, y)
    first, second = held_out
    assert_array_equal(first, second)


def test_no_decay_and_few_columns():
    X, y = texts(2)
    model = DistilledClassifier(
        MultinomialNB(), max_terms=40, weight_decay=0, random_state=0
    )
    assert model.fit(X, y).pruning_.n_terms == 40


def test_a_column_that_drives_all_hidden_units_alike_is_used():
    X = csr_array(np.eye(3))
    weights = np.array([[1.0, 1.0], [0.2, -0.2], [0.0, 0.0]])
    of_hidden = use_of_columns(weights, X, of_output=False)
    assert of_hidden.argmax() == 0
    # As outputs, both units would only rise together.
    of_output = use_of_columns(weights, X, of_output=True)
    assert_allclose(of_output, [0.0, of_hidden[1], 0.0])


def test_an_interrupt_while_columns_are_chosen_is_raised(monkeypatch):
    """The student of all columns is none of those that the user asks for."""
    X, y = texts(3)
    model = DistilledClassifier(MultinomialNB().fit(X, y), max_terms=20, random_state=0)
    original, steps = convex_training.ConvexTraining.run_epoch, []

    def interrupted(self):
        steps.append(self)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return original(self)

    monkeypatch.setattr(convex_training.ConvexTraining, "run_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X)
    assert steps[0] is steps[2]
    assert not [name for name in vars(model) if name.endswith("_")]


@pytest.mark.parametrize("max_terms", [20, 10_000])
def test_each_stage_is_reported_whether_columns_are_pruned_or_not(max_terms, capsys):
    X, y = texts(2)
    teacher = MultinomialNB().fit(X, y)
    DistilledClassifier(teacher, max_terms=max_terms, verbose=True).fit(X)
    assert capsys.readouterr().out.count("prune columns") == 1


def test_shares_of_the_teacher_do_not_change_its_copy():
    X, y = texts(2)
    teacher = LogisticRegression(C=10).fit(X, y)
    first, *others = (
        DistilledClassifier(teacher, random_state=0, **shares).fit(X[:180], y[:180])
        for shares in ({}, {"distillation_weight": 0.9}, {"teacher_share": 0.2})
    )
    assert first.n_steps_ == 0
    for other in others:
        assert_array_equal(other.coefs_[0], first.coefs_[0])
