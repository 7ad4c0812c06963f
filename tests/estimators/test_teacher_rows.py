"""A teacher that reads other rows than the student, or is fitted on other labels."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skdistill import DistilledClassifier
from skdistill.teachers import teacher as teacher_module

N = 90
RANDOM = np.random.RandomState(0)
EMBEDDED = RANDOM.normal(size=(N, 6))
Y = (EMBEDDED[:, 0] + EMBEDDED[:, 1] > 0).astype(int)
X = EMBEDDED[:, :3] + 0.3 * RANDOM.normal(size=(N, 3))
NAMES = list("abcdef")
FRAME = pd.DataFrame(EMBEDDED, columns=NAMES, index=np.arange(N) + 500)
TEXTS = [
    f"{'good' if label else 'bad'} {'old' if i % 3 else 'new'}"
    for i, label in enumerate(Y)
]
IMAGES = EMBEDDED.reshape(N, 1, 2, 3)
LOGISTIC = LogisticRegression()
FITTED = LogisticRegression().fit(EMBEDDED, Y)
QUICK = {
    "random_state": 0,
    "max_iter": 3,
    "hidden_layer_sizes": (4,),
    "weight_decay": 0.1,
}


def flat(images):
    return np.asarray(images).reshape(len(images), -1)


def unchanged(tokens):
    return tokens


ON_IMAGES = make_pipeline(FunctionTransformer(flat), LOGISTIC)
ON_TEXTS = make_pipeline(TfidfVectorizer(), LOGISTIC)
ON_TOKENS = make_pipeline(TfidfVectorizer(analyzer=unchanged), LOGISTIC)
TOKENS = [text.split() + ["seldom"] * (i % 2) for i, text in enumerate(TEXTS)]

KINDS = {
    "array": (EMBEDDED, LOGISTIC),
    "list of rows": (EMBEDDED.tolist(), LOGISTIC),
    "frame": (FRAME, LOGISTIC),
    "CSR": (sparse.csr_matrix(EMBEDDED), LOGISTIC),
    "COO": (sparse.coo_array(EMBEDDED), LOGISTIC),
    "images": (IMAGES, ON_IMAGES),
    "masked images": (np.ma.masked_array(IMAGES), ON_IMAGES),
    "texts": (TEXTS, ON_TEXTS),
    "array of texts": (np.array(TEXTS, dtype=object), ON_TEXTS),
    "series of texts": (pd.Series(TEXTS, index=FRAME.index), ON_TEXTS),
    "tokens": (TOKENS, ON_TOKENS),
}


def distilled(teacher=LOGISTIC, **parameters):
    return DistilledClassifier(teacher, **(QUICK | parameters))


def answers_of(model):
    return model.predict_proba(X)


@pytest.mark.parametrize("automatic", [False, True])
def test_it_learns_from_the_answers_for_the_teachers_rows(automatic):
    """As a student of stored answers, bit for bit."""
    parameters = {"weight_decay": "auto" if automatic else 0.1}
    parameters |= {"calibrate_teacher": "auto" if automatic else False}
    asked = distilled(FITTED, **parameters).fit(X, Y, teacher_X=EMBEDDED)
    stored = distilled("precomputed", synthesizer=None, **parameters)
    stored.fit(X, Y, teacher_proba=FITTED.predict_proba(EMBEDDED))
    assert_array_equal(answers_of(asked), answers_of(stored))
    assert asked.teacher_reads_ == "teacher_X"
    assert asked.n_synthetic_ == 0
    assert asked.sensitivity_ is None
    assert stored.teacher_reads_ == "X"


@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_rows_gives_the_teacher_it_would_get_alone(kind, cv):
    rows, teacher = KINDS[kind]
    model = distilled(teacher, cv=cv).fit(X, Y, teacher_X=rows)
    alone = sklearn.clone(teacher).fit(rows, Y).predict_proba(rows)
    assert_array_equal(model.teacher_.predict_proba(rows), alone)
    assert model.n_transfer_ == N


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_of_each_kind_are_cut(kind, monkeypatch):
    rows, teacher = KINDS[kind]
    whole = distilled(teacher).fit(X, Y, teacher_X=rows)
    monkeypatch.setattr(teacher_module, "ROWS_AT_ONCE", 40)
    in_blocks = distilled(teacher).fit(X, Y, teacher_X=rows)
    np.testing.assert_allclose(answers_of(in_blocks), answers_of(whole), atol=1e-6)


def test_a_tensor_counts_as_an_array():
    torch = pytest.importorskip("torch", reason="torch")
    tensor = distilled(ON_IMAGES).fit(X, Y, teacher_X=torch.tensor(IMAGES))
    array = distilled(ON_IMAGES).fit(X, Y, teacher_X=IMAGES)
    assert_array_equal(answers_of(tensor), answers_of(array))


def test_the_teachers_rows_stay_as_they_were():
    def careless(images):
        answers = FITTED.predict_proba(flat(images))
        images[:] = 0.0
        return answers

    careless.classes_ = [0, 1]
    rows = IMAGES.copy()
    distilled(careless).fit(X, Y, teacher_X=rows)
    assert_array_equal(rows, IMAGES)


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "tuple"])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_without_labels_have_rows_of_the_teacher_too(kind, wrapped):
    rows, teacher = KINDS[kind]
    given = ((X,), (rows,)) if wrapped else (X, rows)
    model = distilled(teacher)
    model.fit(X, Y, teacher_X=rows, X_unlabeled=given[0], teacher_X_unlabeled=given[1])
    assert model.n_transfer_ == 2 * N


@pytest.mark.parametrize("kind", ["array", "frame", "CSR", "images", "texts", "tokens"])
@pytest.mark.parametrize("routed", [False, True])
def test_cross_validation_cuts_the_teachers_rows(kind, routed):
    """Each fold is that of a fit on cut rows. Rows in a tuple are never cut."""
    rows, teacher = KINDS[kind]
    folds = KFold(3)
    unlabeled = {"X_unlabeled": (X[:N],), "teacher_X_unlabeled": (rows,)}
    expected = []
    for kept, left_out in folds.split(X):
        part = [rows[i] for i in kept] if isinstance(rows, list) else None
        if part is None:
            part = rows.iloc[kept] if kind == "frame" else rows[kept]
        model = distilled(teacher).fit(X[kept], Y[kept], teacher_X=part, **unlabeled)
        expected.append(model.score(X[left_out], Y[left_out]))
    model = distilled(teacher)
    with sklearn.config_context(enable_metadata_routing=routed):
        if routed:
            model.set_fit_request(
                teacher_X=True, X_unlabeled=True, teacher_X_unlabeled=True
            )
        params = {"teacher_X": rows, **unlabeled}
        found = cross_val_score(model, X, Y, cv=folds, params=params)
    assert_array_equal(found, expected)


@pytest.mark.parametrize("routed", [False, True])
def test_a_search_and_a_pipeline_hand_the_teachers_rows_on(routed):
    model = distilled(ON_TEXTS)
    pipeline = make_pipeline(StandardScaler(), model)
    with sklearn.config_context(enable_metadata_routing=routed):
        if routed:
            model.set_fit_request(teacher_X=True)
        name = "teacher_X" if routed else "distilledclassifier__teacher_X"
        pipeline.fit(X, Y, **{name: TEXTS})
        grid = {"distilledclassifier__temperature": [1.0, 2.0]}
        search = GridSearchCV(pipeline, grid, cv=3, error_score="raise")
        search.fit(X, Y, **{name: TEXTS})
        calibrated = CalibratedClassifierCV(model, cv=3).fit(X, Y, teacher_X=TEXTS)
    scaled = StandardScaler().fit_transform(X)
    alone = distilled(ON_TEXTS).fit(scaled, Y, teacher_X=TEXTS)
    assert_array_equal(pipeline.predict_proba(X), alone.predict_proba(scaled))
    assert search.best_estimator_[-1].teacher_reads_ == "teacher_X"
    assert calibrated.predict_proba(X).shape == (N, 2)


def test_metadata_that_was_not_requested_raises_scikit_learns_error():
    with (
        sklearn.config_context(enable_metadata_routing=True),
        pytest.raises(ValueError, match="teacher_X.* not explicitly set as requested"),
    ):
        cross_val_score(distilled(), X, Y, params={"teacher_X": EMBEDDED})


def test_clones_for_folds_read_the_teachers_rows():
    model = distilled(cv=StratifiedKFold(3)).fit(X, Y, teacher_X=EMBEDDED)
    proba = np.empty((N, 2))
    for kept, left_out in StratifiedKFold(3).split(X, Y):
        clone = sklearn.clone(LOGISTIC).fit(EMBEDDED[kept], Y[kept])
        proba[left_out] = clone.predict_proba(EMBEDDED[left_out])
    stored = distilled("precomputed", synthesizer=None, teacher_share=1.0)
    stored.fit(X, Y, teacher_proba=proba)
    temperature = model.teacher_temperature_
    assert temperature != 1.0
    fixed = {"calibrate_teacher": False, "teacher_share": 1.0}
    model.set_params(**fixed).fit(X, Y, teacher_X=EMBEDDED)
    stored.set_params(**fixed).fit(X, Y, teacher_proba=proba)
    assert_array_equal(answers_of(model), answers_of(stored))


def test_early_stopping_by_agreement_counts_answers_for_the_teachers_rows():
    stopping = {"early_stopping": True, "scoring": "agreement", "max_iter": 20}
    asked = distilled(FITTED, calibrate_teacher=False, **stopping)
    asked.fit(X, Y, teacher_X=EMBEDDED)
    stored = distilled("precomputed", synthesizer=None, calibrate_teacher=False)
    stored.set_params(**stopping)
    stored.fit(X, Y, teacher_proba=FITTED.predict_proba(EMBEDDED))
    assert asked.validation_scores_ == stored.validation_scores_


def test_two_thousand_labels_need_no_synthetic_rows():
    random = np.random.RandomState(0)
    rows = random.normal(size=(2100, 4))
    y = (rows[:, 0] * rows[:, 1] > 0).astype(int)
    teacher = RandomForestClassifier(10, random_state=0)
    model = DistilledClassifier(teacher, random_state=0, max_iter=2)
    model.fit(rows[:, :2], y, teacher_X=rows)
    assert model.n_synthetic_ == 0
    assert model.n_transfer_ == 2100


def test_sparse_rows_of_the_student_beside_dense_ones_of_the_teacher():
    model = distilled(FITTED).fit(sparse.csr_matrix(X), Y, teacher_X=EMBEDDED)
    assert model.teacher_reads_ == "teacher_X"


def test_a_pickled_estimator_knows_what_its_teacher_reads():
    model = distilled(FITTED).fit(X, Y, teacher_X=EMBEDDED)
    assert pickle.loads(pickle.dumps(model)).teacher_reads_ == "teacher_X"


# Labels of the teacher's own


@pytest.mark.parametrize("cv", [None, 3])
def test_a_teacher_is_fitted_on_its_own_labels(cv):
    other = np.where(EMBEDDED[:, 3] > 1, 1 - Y, Y)
    model = distilled(cv=cv).fit(X, Y, teacher_X=EMBEDDED, teacher_y=other)
    alone = LogisticRegression().fit(EMBEDDED, other)
    assert_array_equal(model.teacher_.coef_, alone.coef_)


def test_the_student_learns_the_labels_of_the_teacher_without_y():
    kinds = np.array(["cat", "dog"])[Y]
    model = distilled().fit(X, teacher_X=EMBEDDED, teacher_y=kinds)
    assert_array_equal(model.classes_, ["cat", "dog"])


def test_the_teacher_may_know_more_labels_than_y():
    finer = np.where(EMBEDDED[:, 2] > 1, 2, Y)
    model = distilled().fit(X, Y, teacher_X=EMBEDDED, teacher_y=finer)
    assert_array_equal(model.classes_, [0, 1, 2])


def test_y_may_hold_one_of_the_teachers_labels_alone():
    y = np.where(np.arange(N) < 5, 1, Y)
    ones = y == 1
    model = distilled()
    model.fit(X[ones], y[ones], teacher_X=EMBEDDED[ones], teacher_y=Y[ones])
    assert_array_equal(model.classes_, [0, 1])


@pytest.mark.parametrize(
    ("y", "teacher_y"),
    [
        (np.where(X[:, 0] > 1, 2, Y), Y),
        (Y, np.array(["cat", "dog"])[Y]),
        (np.array(["animal", "plant"])[Y], np.array(["cat", "tree"])[Y]),
    ],
    ids=["fewer", "another type", "finer"],
)
def test_labels_that_the_teacher_does_not_know_raise(y, teacher_y):
    model = distilled()
    with pytest.raises(ValueError, match=r"fitted on teacher_y, knows .* leave y out"):
        model.fit(X, y, teacher_X=EMBEDDED, teacher_y=teacher_y)
    assert not hasattr(model, "student_")


def test_members_that_left_rows_out_know_the_teachers_own_labels():
    forest = RandomForestClassifier(30, random_state=0, oob_score=True)
    other = np.where(EMBEDDED[:, 3] > 1, 1 - Y, Y)
    model = distilled(forest, cv="oob", calibrate_teacher=False, teacher_share=1.0)
    model.fit(X, Y, teacher_X=EMBEDDED, teacher_y=other)
    proba = model.teacher_.oob_decision_function_
    stored = distilled("precomputed", synthesizer=None, calibrate_teacher=False)
    stored.set_params(teacher_share=1.0).fit(X, Y, teacher_proba=proba)
    assert_array_equal(answers_of(model), answers_of(stored))


def test_rows_without_a_label_are_cut_with_the_rows_of_the_teacher():
    partial = Y.astype(float)
    partial[::2] = np.nan
    some = ~np.isnan(partial)
    model = distilled(FITTED).fit(X, partial, teacher_X=EMBEDDED)
    apart = distilled(FITTED).fit(
        X[some],
        Y[some],
        teacher_X=EMBEDDED[some],
        X_unlabeled=X[~some],
        teacher_X_unlabeled=EMBEDDED[~some],
    )
    assert_array_equal(answers_of(model), answers_of(apart))
    model = distilled().fit(X, partial, teacher_X=EMBEDDED, teacher_y=Y)
    assert_array_equal(model.teacher_.coef_, FITTED.coef_)


# Errors

MISSING = Y.astype(float)
MISSING[4] = np.nan


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"teacher_X": EMBEDDED[1:]}, "teacher_X has 89 rows, and X has 90"),
        ({"teacher_X": TEXTS[1:]}, "teacher_X has 89 rows, and X has 90"),
        ({"teacher_y": Y[1:]}, "teacher_y has 89 rows, and X has 90"),
        ({"teacher_y": MISSING}, "teacher_y contains NaN or None: 1 of 90 rows .* 4"),
        ({"teacher_X": {"a": EMBEDDED}}, "teacher_X is a dictionary"),
        ({"teacher_X": "good"}, "teacher_X is an object of type str, .* no rows"),
        ({"teacher_X": iter(TEXTS)}, "teacher_X is an object of type .* no rows"),
        ({"X_unlabeled": X, "teacher_X": EMBEDDED}, "without teacher_X_unlabeled"),
        ({"teacher_X_unlabeled": EMBEDDED}, "passed without X_unlabeled"),
        (
            {"X_unlabeled": X, "teacher_X_unlabeled": EMBEDDED},
            "passed without teacher_X",
        ),
        (
            {
                "X_unlabeled": X,
                "teacher_X": EMBEDDED,
                "teacher_X_unlabeled": (EMBEDDED[1:],),
            },
            "teacher_X_unlabeled has 89 rows, and X_unlabeled has 90",
        ),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    model = distilled()
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y, **arguments)
    assert not hasattr(model, "student_")


def test_arguments_without_a_use_raise():
    with pytest.raises(ValueError, match="teacher_y was passed, .* needs no fit"):
        distilled(FITTED).fit(X, Y, teacher_X=EMBEDDED, teacher_y=Y)
    stored = distilled("precomputed")
    with pytest.raises(ValueError, match="teacher_X was passed, .* reads no rows"):
        stored.fit(X, Y, teacher_proba=np.eye(2)[Y], teacher_X=EMBEDDED)


def test_a_fold_that_gets_rows_of_another_length_says_so():
    """Cross-validation does not cut what has not as many rows as X."""
    params = {"teacher_X": EMBEDDED[:-1]}
    with pytest.raises(ValueError, match="teacher_X has 89 rows, and X has 60"):
        cross_val_score(distilled(), X, Y, cv=3, params=params, error_score="raise")


ON_FRAME = LogisticRegression().fit(FRAME, Y)


@pytest.mark.parametrize(
    ("teacher", "rows", "message"),
    [
        (FITTED, EMBEDDED[:, 1:], "teacher_X has 5 features, but .* fitted on 6"),
        (FITTED, sparse.csr_matrix(EMBEDDED)[:, 1:], "teacher_X has 5 features"),
        (ON_FRAME, FRAME[NAMES[::-1]], "names of teacher_X in another order"),
        (ON_FRAME, FRAME.rename(columns={"a": "z"}), r"teacher_X lacks \['a'\]"),
    ],
)
def test_a_fitted_teacher_knows_its_columns(teacher, rows, message):
    with pytest.raises(ValueError, match=message):
        distilled(teacher).fit(X, Y, teacher_X=rows)
    unlabeled = {"X_unlabeled": X, "teacher_X_unlabeled": rows}
    whole = FRAME if teacher is ON_FRAME else EMBEDDED
    with pytest.raises(ValueError, match=message.replace("_X", "_X_unlabeled")):
        distilled(teacher).fit(X, Y, teacher_X=whole, **unlabeled)


def test_an_error_of_the_teacher_says_which_rows_it_gets():
    with pytest.raises(ValueError, match="gets X, or teacher_X, as you gave it"):
        distilled(LOGISTIC).fit(X, Y, teacher_X=TEXTS)


def test_the_teachers_rows_need_no_columns_of_the_student():
    """Names of a frame that the student gets say nothing of the teacher's columns."""
    student_rows = pd.DataFrame(X, columns=["u", "v", "w"])
    model = distilled(ON_FRAME).fit(student_rows, Y, teacher_X=FRAME)
    assert_array_equal(model.feature_names_in_, ["u", "v", "w"])
