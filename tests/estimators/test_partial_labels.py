"""Labels that are missing for some rows, beside a teacher that answers for them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, cross_validate

from skdistill import DistillationReport, DistilledClassifier, compress_to
from skdistill.report.control import fit_labels_alone

X, Y = make_classification(160, 4, n_informative=3, n_redundant=0, random_state=0)
PROBA = np.column_stack([1.0 - 0.8 * Y - 0.1, 0.8 * Y + 0.1])
HAS_LABEL = np.random.default_rng(0).permutation(160) < 60
KNOWN, OTHERS = np.flatnonzero(HAS_LABEL), np.flatnonzero(~HAS_LABEL)


def quick(teacher="precomputed", **parameters):
    few = {
        "hidden_layer_sizes": (4,),
        "max_iter": 3,
        "n_synthetic": 20,
        "weight_decay": 0.3,
        "random_state": 0,
    }
    return DistilledClassifier(teacher, **{**few, **parameters})


def gaps(labels, missing, dtype=object):
    found = np.array(labels, dtype=dtype)
    found[OTHERS] = missing
    return found


def logits(model):
    return model.decision_function(X)


TEXTS = np.array(["no", "yes"])[Y]
HIDDEN = np.ma.array(Y, mask=~HAS_LABEL)
FORMS = {
    "floats": (gaps(Y, np.nan, float), [0.0, 1.0]),
    "None": (gaps(Y, None), [0, 1]),
    "objects and NaN": (gaps(Y, np.nan), [0, 1]),
    "NA": (gaps(Y, pd.NA), [0, 1]),
    "list": (gaps(Y, None).tolist(), [0, 1]),
    "column": (gaps(Y, np.nan, float)[:, np.newaxis], [0.0, 1.0]),
    "Int64": (pd.Series(gaps(Y, pd.NA), dtype="Int64"), [0, 1]),
    "boolean": (pd.Series(gaps(Y > 0, pd.NA), dtype="boolean"), [False, True]),
    "string": (pd.Series(gaps(TEXTS, None), dtype="string"), ["no", "yes"]),
    "category": (pd.Series(gaps(TEXTS, None), dtype="category"), ["no", "yes"]),
    "category of int": (pd.Series(pd.Categorical(gaps(Y, None))), [0, 1]),
    "polars": (pl.Series(gaps(Y, None).tolist()), [0, 1]),
    "polars text": (pl.Series(gaps(TEXTS, None).tolist()), ["no", "yes"]),
    "mask": (HIDDEN, [0, 1]),
    "mask of text": (np.ma.array(TEXTS, mask=~HAS_LABEL), ["no", "yes"]),
    "text and NaN": (gaps(TEXTS, np.nan), ["no", "yes"]),
    "text and nan": (np.where(HAS_LABEL, TEXTS, None), ["no", "yes"]),
}


PROBA_OF_REGRESSION = LogisticRegression().fit(X, Y).predict_proba(X)[:, 1]


@pytest.fixture(scope="module")
def parted():
    return quick().fit(
        X[KNOWN],
        Y[KNOWN],
        teacher_proba=PROBA[KNOWN],
        X_unlabeled=X[OTHERS],
        teacher_proba_unlabeled=PROBA[OTHERS],
    )


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize("form", FORMS)
def test_rows_without_a_label_count_as_x_unlabeled(form, parted):
    y, classes = FORMS[form]
    model = quick().fit(X, y, teacher_proba=PROBA)
    assert model.classes_.tolist() == classes
    assert [type(label) for label in model.classes_.tolist()] == [
        type(label) for label in classes
    ]
    assert_array_equal(logits(model), logits(parted))


def test_rows_of_x_come_before_those_of_x_unlabeled():
    model = quick().fit(
        X[:150],
        gaps(Y, np.nan, float)[:150],
        teacher_proba=PROBA[:150],
        X_unlabeled=(X[150:],),
        teacher_proba_unlabeled=(PROBA[150:],),
    )
    known, others = KNOWN[KNOWN < 150], OTHERS[OTHERS < 150]
    expected = quick().fit(
        X[known],
        Y[known],
        teacher_proba=PROBA[known],
        X_unlabeled=np.concatenate([X[others], X[150:]]),
        teacher_proba_unlabeled=np.concatenate([PROBA[others], PROBA[150:]]),
    )
    assert_array_equal(logits(model), logits(expected))


def test_an_index_of_pandas_does_not_matter(parted):
    rows = np.random.default_rng(1).permutation(160)
    frame = pd.DataFrame(X, index=rows, columns=list("abcd"))
    y = pd.Series(gaps(Y, pd.NA), dtype="Int64", index=rows)
    answers = pd.DataFrame(PROBA, index=rows)
    model = quick().fit(frame, y, teacher_proba=answers)
    assert_array_equal(model.decision_function(frame), logits(parted))


def test_minus_one_is_a_label():
    signs = np.where(Y, 1, -1)
    model = quick().fit(X, signs, teacher_proba=PROBA)
    assert model.classes_.tolist() == [-1, 1]
    model = quick().fit(X, gaps(signs, None), teacher_proba=PROBA)
    assert model.classes_.tolist() == [-1, 1]
    assert model.n_transfer_ == 160


@pytest.mark.parametrize("missing", [np.nan, None])
def test_without_any_label_y_may_as_well_be_left_out(missing):
    y = np.full(160, missing)
    model = quick().fit(X, y, teacher_proba=PROBA)
    expected = quick().fit(X, teacher_proba=PROBA)
    assert_array_equal(logits(model), logits(expected))


def test_a_function_answers_for_rows_without_a_label():
    teacher = LogisticRegression().fit(X, Y).predict_proba
    model = quick(teacher).fit(X, gaps(Y, np.nan, float))
    parted = quick(teacher).fit(X[KNOWN], Y[KNOWN], X_unlabeled=X[OTHERS])
    assert_array_equal(logits(model), logits(parted))


def test_an_unfitted_teacher_needs_all_labels():
    for y, words in (
        (gaps(Y, np.nan, float), r"y contains NaN or None: 100 of.*X_unlabeled"),
        (np.full(160, np.nan), r"y contains NaN or None alone.*needs none: a fitted"),
    ):
        with pytest.raises(ValueError, match=words):
            quick(LogisticRegression()).fit(X, y)


def test_a_teacher_with_labels_of_its_own_is_fitted_on_all_rows():
    model = quick(LogisticRegression()).fit(X, gaps(Y, None), teacher_y=Y)
    expected = LogisticRegression().fit(X, Y)
    assert_array_equal(model.teacher_.coef_, expected.coef_)


def test_such_a_teacher_needs_no_two_classes_in_y():
    one = np.full(160, np.nan)
    one[PROBA_OF_REGRESSION.argsort()[-3:]] = 1.0
    model = quick(LogisticRegression()).fit(X, one, teacher_y=Y)
    assert model.classes_.tolist() == [0, 1]
    two = np.full(160, np.nan)
    right = (PROBA_OF_REGRESSION > 0.5) == Y
    one_of_each = [np.flatnonzero(right & (label == Y))[0] for label in (0, 1)]
    two[one_of_each] = 0.0, 1.0
    model = quick(LogisticRegression()).fit(X, two, teacher_y=Y)
    assert model.classes_.tolist() == [0, 1]


def test_weights_of_rows_without_a_label_are_honoured():
    weights = np.random.default_rng(2).uniform(0.5, 2.0, 160)
    y = gaps(Y, np.nan, float)
    weighted = quick().fit(X, y, weights, teacher_proba=PROBA)
    assert not np.allclose(
        logits(weighted), logits(quick().fit(X, y, teacher_proba=PROBA))
    )
    kept = np.where(HAS_LABEL | (np.arange(160) % 2 == 0), 1.0, 0.0)
    without = quick().fit(X, y, kept, teacher_proba=PROBA)
    rows = np.flatnonzero(kept)
    expected = quick().fit(X[rows], y[rows], teacher_proba=PROBA[rows])
    assert_array_equal(logits(without), logits(expected))


def test_labelled_rows_may_all_have_weight_zero():
    y = gaps(Y, np.nan, float)
    model = quick().fit(X, y, (~HAS_LABEL).astype(float), teacher_proba=PROBA)
    assert np.isfinite(logits(model)).all()


def test_an_infinite_label_raises():
    y = gaps(Y, np.nan, float)
    y[KNOWN[0]] = np.inf
    with pytest.raises(ValueError, match="y contains infinity"):
        quick().fit(X, y, teacher_proba=PROBA)


def test_a_column_without_labels_raises():
    table = np.column_stack([Y, np.full(160, np.nan)])
    with pytest.raises(ValueError, match="160 of 160 rows lack labels"):
        quick().fit(X, table, teacher_proba=PROBA)


def test_another_number_of_labels_raises():
    with pytest.raises(ValueError, match="y has 150 rows, and X has 160"):
        quick().fit(X, gaps(Y, None)[:150], teacher_proba=PROBA)


def test_what_needs_labels_says_so_if_all_are_missing():
    y = np.full(160, np.nan)
    with pytest.raises(ValueError, match=r"scoring='accuracy' needs labels"):
        quick(early_stopping=True, scoring="accuracy").fit(X, y, teacher_proba=PROBA)
    teacher = LogisticRegression().fit(X, Y)
    with pytest.raises(ValueError, match="cv=3 needs y"):
        quick(teacher, cv=3).fit(X, y)


@pytest.mark.parametrize("scoring", ["loss", "agreement", "accuracy"])
def test_early_stopping_holds_out_rows_of_both_kinds(scoring):
    model = quick(early_stopping=True, scoring=scoring, validation_fraction=0.3)
    model.fit(X, gaps(Y, None), teacher_proba=PROBA)
    assert np.isfinite(model.best_validation_score_)


def test_class_weight_counts_labelled_rows():
    y = gaps(Y, np.nan, float)
    balanced = quick(class_weight="balanced").fit(X, y, teacher_proba=PROBA)
    share = np.bincount(Y[KNOWN]) / KNOWN.size
    by_hand = dict(enumerate(0.5 / share))
    expected = quick(class_weight=by_hand).fit(X, y, teacher_proba=PROBA)
    np.testing.assert_allclose(logits(balanced), logits(expected), atol=1e-4)


class Noting(ClassifierMixin, BaseEstimator):
    """A regression whose clones note the rows that they are fitted on."""

    fitted_on: list = []  # noqa: RUF012

    def fit(self, X, y):
        self.fitted_on.append(np.asarray(X))
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


def folds_seen(cv, **params):
    teacher = Noting().fit(X, Y)
    Noting.fitted_on.clear()
    quick(teacher, cv=cv).fit(X, gaps(Y, None), **params)
    return [np.isin(X[:, 0], rows[:, 0]) for rows in Noting.fitted_on]


def test_groups_are_those_of_the_rows():
    groups = np.random.default_rng(3).integers(6, size=160)
    for fitted_on in folds_seen(GroupKFold(3), groups=groups):
        held_out = HAS_LABEL & ~fitted_on
        assert held_out.any()
        assert not fitted_on[~HAS_LABEL].any()
        assert not np.intersect1d(groups[fitted_on], groups[held_out]).size


def test_folds_of_the_user_are_numbers_of_rows_of_x():
    masks = [np.arange(160) % 2 == 0, np.arange(160) % 2 == 1]
    for folds in (
        [(np.flatnonzero(mask), np.flatnonzero(~mask)) for mask in masks],
        [(mask, ~mask) for mask in masks],
    ):
        first, second = folds_seen(folds)
        assert_array_equal(first, HAS_LABEL & masks[0])
        assert_array_equal(second, HAS_LABEL & masks[1])


def test_a_score_needs_all_labels():
    y = gaps(Y, np.nan, float)
    model = quick().fit(X, y, teacher_proba=PROBA)
    words = (
        "Input y contains NaN or None: 100 of 160 rows have no label.*"
        "cross-validation need a whole y.*X_unlabeled.*teacher_proba_unlabeled"
    )
    with pytest.raises(ValueError, match=words):
        model.score(X, y)
    with pytest.raises(ValueError, match=words):
        compress_to(quick(), X, y, teacher_proba=PROBA)
    assert model.score(X[KNOWN], Y[KNOWN]) == np.mean(
        model.predict(X[KNOWN]) == Y[KNOWN]
    )


def test_cross_validation_takes_x_unlabeled_with_its_answers():
    found = cross_validate(
        quick(),
        X[KNOWN],
        Y[KNOWN],
        cv=KFold(2),
        params={
            "teacher_proba": PROBA[KNOWN],
            "X_unlabeled": (X[OTHERS],),
            "teacher_proba_unlabeled": (PROBA[OTHERS],),
        },
        error_score="raise",
        return_estimator=True,
    )
    first = KNOWN[KNOWN.size // 2 :]
    expected = quick().fit(
        X[first],
        Y[first],
        teacher_proba=PROBA[first],
        X_unlabeled=X[OTHERS],
        teacher_proba_unlabeled=PROBA[OTHERS],
    )
    assert_array_equal(logits(found["estimator"][0]), logits(expected))


def test_compress_to_takes_stored_answers_for_rows_without_labels():
    found = compress_to(
        quick(max_iter=20),
        X[KNOWN],
        Y[KNOWN],
        teacher_proba=PROBA[KNOWN],
        X_unlabeled=X[OTHERS],
        teacher_proba_unlabeled=PROBA[OTHERS],
        max_points_lost=60,
        random_state=0,
    )
    assert found.estimator_.n_transfer_ == 145


def test_stored_answers_belong_to_rows():
    with pytest.raises(ValueError, match="teacher_proba_unlabeled was passed without"):
        quick().fit(X, Y, teacher_proba=PROBA, teacher_proba_unlabeled=PROBA)
    with pytest.raises(ValueError, match="Pass teacher_proba_unlabeled"):
        quick().fit(X, Y, teacher_proba=PROBA, X_unlabeled=X)
    with pytest.raises(ValueError, match="teacher_proba_unlabeled has 9 rows"):
        quick().fit(
            X,
            Y,
            teacher_proba=PROBA,
            X_unlabeled=X[:8],
            teacher_proba_unlabeled=PROBA[:9],
        )
    with pytest.raises(ValueError, match="teacher_proba_unlabeled was passed, and"):
        quick(LogisticRegression()).fit(
            X, Y, X_unlabeled=X[:8], teacher_proba_unlabeled=PROBA[:8]
        )


def test_the_control_of_a_report_needs_all_labels():
    y = gaps(Y, np.nan, float)
    teacher = LogisticRegression().fit(X, Y)
    model = quick(teacher).fit(X, y)
    words = "100 of 160 rows have no label.*Leave rows without labels out of baseline"
    with pytest.raises(ValueError, match=words):
        DistillationReport.from_estimator(model, X, Y, baseline=(X, y))
    assert fit_labels_alone(model, X[KNOWN], Y[KNOWN]).n_transfer_ == KNOWN.size


@pytest.mark.parametrize("name", ["sample_weight", "teacher_proba"])
@pytest.mark.parametrize("n_rows", [100, 200])
def test_arguments_of_another_length_raise_beside_a_y_with_gaps(name, n_rows):
    arguments = {"teacher_proba": PROBA, "sample_weight": np.ones(160)}
    arguments[name] = np.resize(arguments[name], (n_rows, 2)[: arguments[name].ndim])
    words = f"{name} has {n_rows} rows, and X has 160"
    with pytest.raises(ValueError, match=words):
        quick().fit(X, gaps(Y, None), **arguments)


def test_one_weight_for_all_rows_may_stand_beside_a_y_with_gaps():
    one, many = (
        quick().fit(X, gaps(Y, None), weight, teacher_proba=PROBA)
        for weight in (2.0, np.full(160, 2.0))
    )
    assert_array_equal(logits(one), logits(many))


@pytest.mark.parametrize(
    ("y", "names"),
    [
        (gaps(Y, np.nan, float), [2, 0, 1]),
        (gaps(Y, np.nan, float), ["2", "0", "1"]),
        (gaps(TEXTS, None), ["zero", "no", "yes"]),
        (np.where(HAS_LABEL & (Y == 0), 0.0, np.nan), ["2", "0", "1"]),
    ],
)
def test_names_of_stored_answers_tell_classes_that_no_label_has(y, names):
    rare = np.column_stack([np.full(160, 0.1), 0.9 * PROBA])
    model = quick().fit(X, y, teacher_proba=pd.DataFrame(rare, columns=names))
    assert [str(label).removesuffix(".0") for label in model.classes_] == sorted(
        map(str, names)
    )
    order = np.argsort(list(map(str, names)))
    every = quick().fit(
        X, y, teacher_proba=pd.DataFrame(rare[:, order], columns=np.array(names)[order])
    )
    assert_array_equal(logits(model), logits(every))


def test_an_array_with_a_column_for_a_class_that_no_label_has_needs_names():
    rare = np.column_stack([0.9 * PROBA, np.full(160, 0.1)])
    with pytest.raises(ValueError, match=r"If y lacks a class, give a frame whose"):
        quick().fit(X, gaps(Y, None), teacher_proba=rare)


def test_names_may_be_the_text_of_whole_numbers():
    y = gaps(Y, np.nan, float)
    named = pd.DataFrame(PROBA[:, ::-1], columns=["1", "0"])
    assert_array_equal(
        logits(quick().fit(X, y, teacher_proba=named)),
        logits(quick().fit(X, y, teacher_proba=PROBA)),
    )


def test_cross_validation_of_a_y_with_gaps_says_what_is_needed():
    y = np.where(np.arange(160) < 80, Y.astype(object), None)
    with pytest.raises(ValueError, match=r"cross-validation need a whole y"):
        cross_validate(
            quick(),
            X,
            y,
            cv=KFold(2),
            params={"teacher_proba": PROBA},
            error_score="raise",
        )


def test_labels_of_one_class_do_not_make_the_teacher_look_bad(recwarn):
    teacher = LogisticRegression().fit(X, Y)
    wrong = teacher.predict(X) != Y
    assert wrong[Y == 0].any()
    y = np.where(Y == 0, 0.0, np.nan)
    y[np.flatnonzero(~wrong & (Y == 0))] = np.nan
    quick(teacher).fit(X, y)
    assert not [w for w in recwarn if "most frequent label" in str(w.message)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([0.9, 0.9], "adds up to 1.8 in row {}, not to 1"),
        ([-0.1, 1.1], "is negative in row {}"),
        ([np.nan, 1.0], "is not finite in row {}"),
    ],
)
@pytest.mark.parametrize("row", [KNOWN[7], OTHERS[7]])
def test_errors_on_stored_answers_number_the_rows_of_the_user(wrong, words, row):
    proba = PROBA.copy()
    proba[row] = wrong
    with pytest.raises(ValueError, match="teacher_proba " + words.format(row)):
        quick().fit(X, gaps(Y, None), teacher_proba=proba)


def test_errors_on_the_second_class_number_the_rows_of_the_user():
    proba = PROBA[:, 1].copy()
    proba[OTHERS[7]] = np.inf
    with pytest.raises(ValueError, match=f"is not finite in row {OTHERS[7]}"):
        quick().fit(X, gaps(Y, None), teacher_proba=proba)
