import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from skdistill.common.side_by_side import side_by_side
from skdistill.tasks.classes import Classification
from skdistill.teachers import out_of_bag
from skdistill.teachers.out_of_bag import out_of_bag_answers
from skdistill.teachers.temperature import temperature_of
from skdistill.teachers.unseen import refit_answers

GRID = np.geomspace(0.2, 6, 301)


def out_of_bag_proba(teacher, X, y, classes, **options):
    return out_of_bag_answers(teacher, X, y, Classification(classes), **options)


def refit_proba(teacher, X, y, classes, fit_params, random_state):
    task = Classification(classes)
    unseen = refit_answers(teacher, X, y, task, fit_params, random_state)
    return None if unseen is None else (unseen.answers, unseen.rows)


def table(n_samples=400, n_classes=3, seed=0):
    """Rows and their labels, which are numbers. A fifth of the labels is random."""
    return make_classification(
        n_samples,
        n_features=8,
        n_informative=6,
        n_classes=n_classes,
        n_clusters_per_class=1,
        flip_y=0.2,
        random_state=seed,
    )


def objective(logits, labels, weights, prior, temperature):
    """Compute the objective directly from its definition."""
    rows = np.arange(len(labels))
    losses = -log_softmax(logits / temperature, axis=1)[rows, labels]
    mean = (weights * losses).sum() / weights.sum()
    return len(labels) * mean + prior * np.log(temperature) ** 2


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 26),
    st.floats(0.05, 20),
    st.booleans(),
    st.sampled_from([0.0, 10.0]),
)
def test_temperature_is_the_best_of_a_grid(seed, n_classes, scale, weighted, prior):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(60, n_classes))
    labels = np.array([rng.choice(n_classes, p=p) for p in softmax(logits, axis=1)])
    weights = rng.uniform(0, 3, size=60) if weighted else np.ones(60)
    found = temperature_of(
        scale * logits, labels, weights if weighted else None, prior=prior
    )
    assert isinstance(found, float)
    assert 0.2 <= found <= 6

    def loss(temperature):
        return objective(scale * logits, labels, weights, prior, temperature)

    assert loss(found) <= (1 + 1e-4) * min(map(loss, GRID)) + 1e-9


@pytest.mark.parametrize("truth", [0.3, 0.7, 1.0, 2.5, 5.0])
def test_temperature_that_labels_were_drawn_at_is_found(truth):
    rng = np.random.default_rng(0)
    logits = 3 * rng.normal(size=(20_000, 4))
    drawn = softmax(logits / truth, axis=1).cumsum(axis=1)
    labels = (drawn < rng.uniform(size=(20_000, 1))).sum(axis=1)
    assert_allclose(temperature_of(logits, labels), truth, rtol=0.05)


def test_temperature_ends_at_its_bounds():
    logits = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert_allclose(temperature_of(logits, np.array([0, 1])), 0.2, rtol=1e-4)
    assert_allclose(temperature_of(logits, np.array([1, 0])), 6.0, rtol=1e-4)


def test_temperature_is_one_where_it_changes_nothing():
    assert temperature_of(np.zeros((5, 3)), np.array([0, 1, 2, 0, 1])) == 1.0


def test_temperature_of_huge_logits_is_finite():
    logits = np.array([[1e6, 0.0, -1e6], [1e6, 0.0, -1e6]])
    assert_allclose(temperature_of(logits, np.array([1, 0])), 6.0, rtol=1e-4)


def test_weights_stand_for_repetitions():
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(50, 3)), rng.integers(0, 3, size=50)
    labels[::2] = logits[::2].argmax(axis=1)
    repetitions = rng.integers(0, 4, size=50)
    rows = np.repeat(np.arange(50), repetitions)
    assert_allclose(
        temperature_of(logits, labels, repetitions),
        temperature_of(logits[rows], labels[rows]),
        rtol=1e-4,
    )


def test_prior_draws_the_temperature_to_one():
    rng = np.random.default_rng(2)
    logits = 5 * rng.normal(size=(30, 3))
    labels = rng.integers(0, 3, size=30)
    found = [temperature_of(logits, labels, prior=prior) for prior in (0, 10, 1e6)]
    assert found[0] > found[1] > found[2]
    assert_allclose(found[2], 1, atol=1e-3)


def oracle_out_of_bag(ensemble, X, n_classes):
    """Compute the answers row by row, after asking each member about all rows."""
    n_samples = X.shape[0]
    features = getattr(
        ensemble, "estimators_features_", [slice(None)] * len(ensemble.estimators_)
    )
    answers = np.zeros((len(ensemble.estimators_), n_samples, n_classes))
    for answer, model, columns in zip(
        answers, ensemble.estimators_, features, strict=True
    ):
        numbers = model.classes_.astype(int)
        answer[:, numbers] = model.predict_proba(X[:, columns])
    samples = [set(sample.tolist()) for sample in ensemble.estimators_samples_]
    expected = np.full((n_samples, n_classes), np.nan)
    for row in range(n_samples):
        outside = [row not in sample for sample in samples]
        if any(outside):
            expected[row] = answers[outside, row].mean(axis=0)
    return expected


ENSEMBLES = {
    "forest": RandomForestClassifier(12, random_state=0),
    "extra trees": ExtraTreesClassifier(12, bootstrap=True, random_state=0),
    "samples": RandomForestClassifier(12, max_samples=0.3, random_state=0),
    "monotonic": RandomForestClassifier(
        12, monotonic_cst=[1, 0, 0, -1, 0, 0, 0, 0], random_state=0
    ),
    "bagged trees": BaggingClassifier(
        DecisionTreeClassifier(min_samples_leaf=2), 12, random_state=0
    ),
    "bagged random trees": BaggingClassifier(
        ExtraTreeClassifier(), 12, max_features=0.5, random_state=0
    ),
    "bagged neighbours": BaggingClassifier(
        KNeighborsClassifier(3), 12, max_features=0.7, random_state=0
    ),
    "bagged regressions": BaggingClassifier(LogisticRegression(), 12, random_state=0),
    "bagged pipelines": BaggingClassifier(
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
        12,
        bootstrap_features=True,
        random_state=0,
    ),
    "subsets": BaggingClassifier(
        KNeighborsClassifier(), 12, bootstrap=False, max_samples=0.6, random_state=0
    ),
}


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("name", ENSEMBLES)
def test_out_of_bag_means(name, n_classes):
    if name == "monotonic" and n_classes > 2:
        n_classes = 2
    X, y = table(n_classes=n_classes)
    X = X.astype(np.float32)
    ensemble = clone(ENSEMBLES[name]).fit(X, y)
    found = out_of_bag_proba(ensemble, X, y, ensemble.classes_)
    expected = oracle_out_of_bag(ensemble, X, n_classes)
    assert_allclose(found, expected, atol=1e-6)
    frozen = out_of_bag_proba(FrozenEstimator(ensemble), X, y, ensemble.classes_)
    assert_array_equal(frozen, found)


@pytest.mark.parametrize("name", ["forest", "extra trees", "bagged trees"])
@pytest.mark.parametrize("n_classes", [2, 26])
def test_out_of_bag_means_are_those_of_scikit_learn(name, n_classes):
    X, y = make_classification(
        1500,
        10,
        n_informative=8,
        n_classes=n_classes,
        n_clusters_per_class=1,
        random_state=0,
    )
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=40, oob_score=True)
    ensemble.fit(X, y)
    stored = ensemble.oob_decision_function_
    from_store = out_of_bag_proba(ensemble, X, y, ensemble.classes_)
    del ensemble.oob_decision_function_
    asked = out_of_bag_proba(ensemble, X, y, ensemble.classes_)
    assert_allclose(from_store, stored, atol=1e-12)
    assert_allclose(asked, stored, atol=1e-6)


@pytest.mark.parametrize("name", ["forest", "bagged trees", "bagged neighbours"])
@pytest.mark.filterwarnings("ignore:Some inputs:UserWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_rows_in_every_sample_are_not_a_number(name):
    X, y = table(200)
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=4, oob_score=True)
    ensemble.fit(X, y)
    drawn = [np.isin(np.arange(200), rows) for rows in ensemble.estimators_samples_]
    in_all = np.all(drawn, axis=0)
    assert in_all.any()
    from_store = out_of_bag_proba(ensemble, X, y, ensemble.classes_)
    del ensemble.oob_decision_function_
    asked = out_of_bag_proba(ensemble, X, y, ensemble.classes_)
    for found in (from_store, asked):
        assert_array_equal(np.isnan(found), np.tile(in_all[:, np.newaxis], 3))
        assert_allclose(found[~in_all].sum(axis=1), 1)


def test_columns_have_the_order_of_the_classes():
    X, y = table()
    labels = np.array(["low", "middle", "high"])[y]
    forest = RandomForestClassifier(20, random_state=0).fit(X, labels)
    sorted_columns = out_of_bag_proba(forest, X, labels, forest.classes_)
    classes = np.array(["low", "middle", "high", "none"], dtype=object)
    found = out_of_bag_proba(forest, X, list(labels), classes)
    assert_array_equal(found[:, :3], sorted_columns[:, [1, 2, 0]])
    assert_array_equal(found[:, 3], 0)


def test_rows_asked_for_are_limited_and_seeded():
    X, y = table(500)
    forest = RandomForestClassifier(30, random_state=0).fit(X, y)
    every = out_of_bag_proba(forest, X, y, forest.classes_)
    some = [
        out_of_bag_proba(forest, X, y, forest.classes_, max_rows=60, random_state=seed)
        for seed in (0, 0, 1)
    ]
    asked = ~np.isnan(some[0][:, 0])
    assert asked.sum() == 60
    assert_array_equal(some[0][asked], every[asked])
    assert_array_equal(some[0], some[1])
    assert not np.array_equal(some[0], some[2], equal_nan=True)


@pytest.mark.parametrize("n_checks", [0, 1])
def test_an_error_in_an_answer_ends_the_other_calls(monkeypatch, n_checks):
    """Its traceback holds the calls, so they would go on as long as it is kept."""
    ended = []

    class OneRowTooFew(GaussianNB):
        def predict_proba(self, rows):
            answer = super().predict_proba(rows)
            return answer[1:] if len(ended) == n_checks else answer

    def noting(calls, n_jobs):
        try:
            yield from side_by_side(calls, n_jobs)
        finally:
            ended.append(len(calls))

    monkeypatch.setattr(out_of_bag, "side_by_side", noting)
    X, y = table()
    bagging = BaggingClassifier(OneRowTooFew(), 10, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="shape") as raised:
        out_of_bag_proba(bagging, X, y, bagging.classes_, n_jobs=2)
    assert raised.traceback
    assert ended == [10] * (n_checks + 1)


def test_sparse_rows():
    X, y = table()
    zeros = np.where(np.abs(X) < 0.5, 0, X)
    forest = RandomForestClassifier(12, random_state=0).fit(csr_matrix(zeros), y)
    found = out_of_bag_proba(forest, csr_matrix(zeros), y, forest.classes_)
    assert_allclose(found, oracle_out_of_bag(forest, zeros.astype(np.float32), 3))


def test_missing_values():
    X, y = table()
    holes = np.random.default_rng(0).uniform(size=X.shape) < 0.2
    X = np.where(holes, np.nan, X).astype(np.float32)
    forest = RandomForestClassifier(12, random_state=0).fit(X, y)
    found = out_of_bag_proba(forest, X, y, forest.classes_)
    # Before version 1.8, scikit-learn sends a few rows to another leaf in fit than
    # afterwards. So trees of pure leaves are wrong on some rows of their samples.
    first, sample = forest.estimators_[0], forest.estimators_samples_[0]
    if first.score(X[sample], y[sample]) < 1:
        assert found is None
    else:
        assert_allclose(found, oracle_out_of_bag(forest, X, 3))


@pytest.mark.parametrize("last", ["forest", "bagged neighbours"])
def test_pipeline_with_a_frame(last):
    X, y = table()
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    frame["a"] = pd.cut(frame["a"], 4, labels=["p", "q", "r", "s"]).astype(object)
    encoder = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["a"]), remainder=StandardScaler()
    )
    pipeline = make_pipeline(encoder, "passthrough", clone(ENSEMBLES[last]))
    pipeline.fit(frame, y)
    found = out_of_bag_proba(pipeline, frame, y, pipeline.classes_)
    expected = oracle_out_of_bag(pipeline[-1], pipeline[:-1].transform(frame), 3)
    assert_allclose(found, expected, atol=1e-6)
    for same in (
        FrozenEstimator(pipeline),
        make_pipeline(*pipeline[:-1], FrozenEstimator(pipeline[-1])),
        make_pipeline(pipeline[0], make_pipeline("passthrough", pipeline[-1])),
        make_pipeline(pipeline),
    ):
        again = out_of_bag_proba(same, frame, y, pipeline.classes_)
        assert_array_equal(again, found)


@pytest.mark.parametrize("oob_score", [False, True])
@pytest.mark.parametrize("name", ENSEMBLES)
def test_other_rows_are_recognised(name, oob_score):
    X, y = table(600, n_classes=2)
    given = slice(0, 300)
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=30)
    ensemble.set_params(oob_score=oob_score and ensemble.bootstrap)
    ensemble.fit(X[given], y[given])
    order = np.random.default_rng(0).permutation(300)
    wrong = {
        "permuted": (X[order], y[order]),
        "reversed": (X[299::-1], y[299::-1]),
        "others": (X[300:], y[300:]),
        "subset": (X[:200], y[:200]),
        "more": (X, y),
        "other labels": (X[given], 1 - y[given]),
        "labels permuted": (X[given], y[order]),
        "columns of other rows": (X[order], y[given]),
    }
    assert out_of_bag_proba(ensemble, X[given], y[given], ensemble.classes_) is not None
    for rows, (X_wrong, y_wrong) in wrong.items():
        found = out_of_bag_proba(ensemble, X_wrong, y_wrong, ensemble.classes_)
        assert found is None, rows


@pytest.mark.parametrize(
    "name", ["forest", "bagged neighbours", "bagged regressions", "subsets"]
)
def test_permuted_rows_are_recognised_whatever_the_order(name):
    X, y = table(120)
    ensemble = clone(ENSEMBLES[name]).fit(X, y)
    for seed in range(25):
        order = np.random.default_rng(seed).permutation(120)
        found = out_of_bag_proba(ensemble, X[order], y[order], ensemble.classes_)
        assert found is None


def test_a_label_that_the_ensemble_does_not_know():
    X, y = table()
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    assert out_of_bag_proba(forest, X, y + 1, np.arange(4)) is None
    assert out_of_bag_proba(forest, X, y, np.arange(2)) is None


def test_labels_that_lack_a_class_of_the_ensemble():
    X, y = table()
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    assert out_of_bag_proba(forest, X, np.minimum(y, 1), np.arange(3)) is None


@pytest.mark.parametrize("name", ["forest", "extra trees", "bagged trees"])
def test_weights_are_recognised(name):
    X, y = table()
    weights = np.random.default_rng(0).uniform(0.5, 2, size=400)
    ensemble = clone(ENSEMBLES[name]).fit(X, y, sample_weight=weights)
    assert out_of_bag_proba(ensemble, X, y, ensemble.classes_) is None


@pytest.mark.parametrize("class_weight", ["balanced", "balanced_subsample", {0: 5}])
def test_class_weights_are_recognised(class_weight):
    X, y = table()
    forest = RandomForestClassifier(12, class_weight=class_weight, random_state=0)
    forest.fit(X, y)
    assert out_of_bag_proba(forest, X, y, forest.classes_) is None


def test_trees_grown_on_other_rows_before_a_warm_start():
    X, y = table(600)
    forest = RandomForestClassifier(5, warm_start=True, random_state=0)
    forest.fit(X[:300], y[:300])
    forest.set_params(n_estimators=20).fit(X[300:], y[300:])
    assert out_of_bag_proba(forest, X[300:], y[300:], forest.classes_) is None


@pytest.mark.parametrize(
    "teacher",
    [
        HistGradientBoostingClassifier(max_iter=3),
        LogisticRegression(),
        ExtraTreesClassifier(5),
        RandomForestClassifier(5, bootstrap=False),
        BaggingClassifier(GaussianNB(), 5, bootstrap=False),
        BaggingClassifier(LinearSVC(), 5),
        BaggingClassifier(DummyClassifier(strategy="uniform"), 5),
        CalibratedClassifierCV(RandomForestClassifier(5), cv=2),
        make_pipeline(StandardScaler(), GaussianNB()),
        make_pipeline(StandardScaler(), "passthrough", GaussianNB()),
    ],
    ids=lambda teacher: type(teacher).__name__,
)
def test_teachers_that_leave_no_rows_out(teacher):
    X, y = table()
    teacher = clone(teacher).fit(X, y)
    assert out_of_bag_proba(teacher, X, y, teacher.classes_) is None
    assert out_of_bag_proba(FrozenEstimator(teacher), X, y, teacher.classes_) is None


@pytest.mark.parametrize(
    "transformer",
    [
        SelectKBest(k=3),
        TargetEncoder(target_type="continuous"),
        make_column_transformer((SelectKBest(k=3), slice(0, 5))),
        FrozenEstimator(SelectKBest(k=3).fit(*table(n_classes=2))),
    ],
    ids=["direct", "cross-fitted", "nested", "frozen"],
)
def test_transformers_that_saw_the_labels(transformer):
    X, y = table(n_classes=2)
    X = X.round(1)
    pipeline = make_pipeline(transformer, RandomForestClassifier(12)).fit(X, y)
    assert out_of_bag_proba(pipeline, X, y, pipeline.classes_) is None


@pytest.mark.parametrize(
    "ensemble",
    [
        RandomForestClassifier(60, random_state=0),
        BaggingClassifier(DecisionTreeClassifier(), 40, random_state=0),
        BaggingClassifier(KNeighborsClassifier(1), 40, random_state=0),
    ],
    ids=["forest", "bagged trees", "bagged neighbours"],
)
def test_memorised_labels_do_not_leak(ensemble):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1000, 5)), rng.integers(0, 4, size=1000)
    ensemble = clone(ensemble).fit(X, y)
    assert ensemble.score(X, y) > 0.95
    found = out_of_bag_proba(ensemble, X, y, ensemble.classes_)
    assert not np.isnan(found).any()
    # A quarter is right by chance, with a standard error of 0.014.
    assert abs(np.mean(found.argmax(axis=1) == y) - 0.25) < 0.06


FITS = []


class Recorder(ClassifierMixin, BaseEstimator):
    """Records the arguments of each fit."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, sample_weight=None, groups=None, note=None):
        FITS.append((X, y, sample_weight, groups, note, self.random_state))
        self.classes_, counts = np.unique(y, return_counts=True)
        self.proba_ = counts / counts.sum()
        return self

    def predict_proba(self, X):
        return np.tile(self.proba_, (len(X), 1))


@pytest.fixture
def fits():
    FITS.clear()
    return FITS


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame, np.ndarray.tolist])
def test_rows_held_out_are_not_fitted(fits, container):
    n_samples = 200
    X = container(np.arange(n_samples).reshape(-1, 1))
    y = np.arange(n_samples) % 3
    weights = np.arange(n_samples) + 0.5
    fit_params = {"sample_weight": weights, "groups": list(range(200)), "note": "text"}
    found, rows = refit_proba(Recorder(), X, y, np.arange(3), fit_params, 0)
    ((X_fit, y_fit, weights_fit, groups_fit, note, seed),) = fits
    assert type(X_fit) is type(X)
    kept = np.asarray(X_fit).ravel()
    assert_array_equal(np.sort(np.concatenate([kept, rows])), np.arange(n_samples))
    assert rows.size == 40
    assert found.shape == (40, 3)
    assert_array_equal(y_fit, kept % 3)
    assert_array_equal(weights_fit, kept + 0.5)
    assert_array_equal(groups_fit, kept)
    assert note == "text"
    assert isinstance(seed, int | np.integer)


@pytest.mark.parametrize("reverse", [False, True])
def test_answers_are_those_of_a_clone(reverse):
    X, y = table(300)
    y = np.array(["c", "a", "b"])[y]
    classes = np.array(["c", "b", "a"]) if reverse else np.array(["a", "b", "c"])
    teacher = GaussianNB().fit(X[:10], y[:10])
    before = teacher.theta_.copy()
    found, rows = refit_proba(teacher, X, y, classes, {}, np.random.RandomState(3))
    kept = np.delete(np.arange(300), rows)
    expected = GaussianNB().fit(X[kept], y[kept]).predict_proba(X[rows])
    assert_allclose(found, expected[:, ::-1] if reverse else expected)
    assert_array_equal(teacher.theta_, before)


def test_seeds_make_it_reproducible():
    X, y = table(300)
    teacher = RandomForestClassifier(5)
    found = [
        refit_proba(teacher, X, y, np.arange(3), {}, seed)
        for seed in (7, np.random.RandomState(7), 8)
    ]
    assert_array_equal(found[0][0], found[1][0])
    assert_array_equal(found[0][1], found[1][1])
    assert_array_equal(found[0][1], found[2][1])
    assert not np.array_equal(found[0][0], found[2][0])
    assert teacher.random_state is None
    assert not hasattr(teacher, "estimators_")


def test_a_seed_of_the_teacher_is_kept(fits):
    X, y = table(300)
    refit_proba(Recorder(random_state=5), X, y, np.arange(3), {}, 0)
    assert fits[0][-1] == 5


def test_too_few_rows_or_a_class_without_rows():
    X, y = table(50)
    teacher = GaussianNB()
    assert refit_proba(teacher, X[:49], y[:49], np.arange(3), {}, 0) is None
    assert refit_proba(teacher, X, y, np.arange(3), {}, 0) is not None
    assert refit_proba(teacher, X, y, np.arange(4), {}, 0) is None


class DropsWeightless(Recorder):
    """Leaves out the rows of weight 0 when it is fitted."""

    def fit(self, X, y, sample_weight):
        return super().fit(X[sample_weight > 0], y[sample_weight > 0])


def test_a_clone_that_does_not_know_a_class():
    X, y = table()
    for weightless, known in ((2, False), (3, True)):
        fit_params = {"sample_weight": (y != weightless).astype(float)}
        found = refit_proba(DropsWeightless(), X, y, np.arange(3), fit_params, 0)
        assert (found is not None) == known


def test_a_frozen_classifier_is_fitted_again():
    X, y = table(300)
    neighbour = KNeighborsClassifier(1).fit(X, y)
    for teacher in (
        FrozenEstimator(neighbour),
        FrozenEstimator(FrozenEstimator(neighbour)),
        make_pipeline(StandardScaler(), FrozenEstimator(neighbour)),
        CalibratedClassifierCV(FrozenEstimator(neighbour), cv=3),
    ):
        found, rows = refit_proba(teacher, X, y, np.arange(3), {}, 0)
        # A teacher that still knew these rows would be right on all of them.
        assert np.mean(found.argmax(axis=1) == y[rows]) < 0.95


def test_a_frozen_transformer_stays_as_it_is():
    X, y = table(300)
    scaler = StandardScaler().fit(100 * X)
    teacher = make_pipeline(FrozenEstimator(scaler), KNeighborsClassifier(3))
    found, rows = refit_proba(teacher, X, y, np.arange(3), {}, 0)
    kept = np.delete(np.arange(300), rows)
    scaled = scaler.transform(X)
    expected = KNeighborsClassifier(3).fit(scaled[kept], y[kept])
    assert_array_equal(found, expected.predict_proba(scaled[rows]))


def test_no_teacher_is_the_default_forest():
    X, y = table(60, n_classes=2)
    found, rows = refit_proba(None, X, y, np.arange(2), {}, 0)
    assert found.shape == (rows.size, 2) == (12, 2)
    # 200 trees of pure leaves vote.
    assert_allclose(200 * found, np.round(200 * found), atol=1e-9)


class Unclonable:
    classes_ = np.arange(3)

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return np.full((len(X), 3), 1 / 3)


def answer(X):
    return np.full((len(X), 3), 1 / 3)


@pytest.mark.parametrize(
    ("teacher", "name"),
    [
        (answer, "the teacher, answer, cannot"),
        ("precomputed", "the teacher 'precomputed' cannot"),
        (Unclonable(), "the teacher, Unclonable, cannot"),
    ],
)
def test_teachers_that_cannot_be_fitted(teacher, name):
    X, y = table(100)
    with pytest.raises(ValueError, match=f"{name} be fitted. Set calibrate_teacher=.a"):
        refit_proba(teacher, X, y, np.arange(3), {}, 0)
