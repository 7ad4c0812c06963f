"""Arguments of `fit` beside X and y, which go to teacher, splitter and folds."""

import re

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier

X, Y = make_classification(120, 4, n_informative=3, n_redundant=0, random_state=0)
GROUPS = np.random.default_rng(0).integers(6, size=120)


def distilled(teacher, **parameters):
    quick = {
        "hidden_layer_sizes": (4,),
        "max_iter": 2,
        "n_synthetic": 20,
        "weight_decay": 0.3,
        "random_state": 0,
    }
    return DistilledClassifier(teacher, **{**quick, **parameters})


class Recorder(ClassifierMixin, BaseEstimator):
    """A regression that notes the rows that it sees, and its metadata, in a list."""

    def __init__(self, notes):
        self.notes = notes

    def __sklearn_clone__(self):
        return Recorder(self.notes)

    def fit(self, X, y, color=None, when="never"):
        self.notes.append(("fit", np.asarray(X), color, when))
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        self.notes.append(("ask", np.asarray(X), None, None))
        return self.model_.predict_proba(X)


def with_group_column():
    """Return rows whose first column is their group, so a teacher can tell it."""
    return np.column_stack([GROUPS, X])


@pytest.mark.parametrize(
    "cv", [GroupKFold(3), LeaveOneGroupOut(), StratifiedGroupKFold(3)]
)
@pytest.mark.parametrize("routing", [False, True])
def test_groups_go_to_the_splitter(cv, routing):
    notes = []
    with sklearn.config_context(enable_metadata_routing=routing):
        model = distilled(Recorder(notes), cv=cv, synthesizer=None, encoder=None)
        model.fit(with_group_column(), Y, groups=GROUPS)
    fits = [i for i, (what, *_) in enumerate(notes) if what == "fit"]
    assert len(fits) == 1 + cv.get_n_splits(X, Y, GROUPS)
    for i in fits[1:]:
        known, asked = notes[i][1][:, 0], notes[i + 1][1][:, 0]
        assert known.size + asked.size == 120
        assert not set(known) & set(asked)


@pytest.mark.parametrize(
    "cv", [3, "oob", KFold(3), StratifiedKFold(3), [([0, 1, 2, 3], [4, 5])]]
)
def test_groups_that_the_splitter_ignores_are_refused(cv):
    notes = []
    with pytest.raises(ValueError, match=r"groups was passed.*GroupKFold\(\)"):
        distilled(Recorder(notes), cv=cv).fit(X, Y, groups=GROUPS)
    assert notes == []


def test_groups_of_another_length_are_refused_before_any_work():
    notes = []
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
        distilled(Recorder(notes), cv=GroupKFold(3)).fit(X, Y, groups=GROUPS[1:])
    assert notes == []


@pytest.mark.parametrize("cv", [None, GroupKFold(2)])
def test_a_search_with_groups_is_a_teacher(cv):
    forest, grid = RandomForestClassifier(9, random_state=0), {"max_depth": [2, None]}
    teacher = GridSearchCV(forest, grid, cv=GroupKFold(3))
    model = distilled(teacher, cv=cv, calibrate_teacher=False).fit(X, Y, groups=GROUPS)
    expected = teacher.fit(X, Y, groups=GROUPS).cv_results_["mean_test_score"]
    assert_array_equal(model.teacher_.cv_results_["mean_test_score"], expected)


def test_the_router_keeps_what_it_promises():
    teacher = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=GroupKFold(3))
    with sklearn.config_context(enable_metadata_routing=True):
        model = distilled(teacher)
        assert model.get_metadata_routing().consumes("fit", ["groups"]) == {"groups"}
        model.fit(X, Y, groups=GROUPS)
        # Refused by the splitter of the folds, although the teacher takes groups.
        with pytest.raises(ValueError, match="groups was passed"):
            model.set_params(cv=3).fit(X, Y, groups=GROUPS)
        model.set_params(cv=None)
        scores = cross_validate(
            model,
            X,
            Y,
            params={"groups": GROUPS},
            cv=GroupKFold(3),
            error_score="raise",
        )
    assert np.isfinite(scores["test_score"]).all()


def test_parameters_go_to_the_teacher_and_rows_of_them_to_its_clones():
    notes = []
    colors = np.arange(120) * 10
    numbered = np.column_stack([np.arange(120), X])
    model = distilled(Recorder(notes), cv=3, encoder=None, synthesizer=None)
    model.fit(numbered, Y, color=colors, when="today")
    fits = [note for note in notes if note[0] == "fit"]
    assert [len(rows) for _, rows, *_ in fits] == [120, 80, 80, 80]
    for _, rows, color, when in fits:
        assert when == "today"
        assert_array_equal(color, rows[:, 0] * 10)


def test_a_pipeline_takes_the_parameters_of_its_steps():
    weights = np.random.default_rng(0).uniform(size=120)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    names = {"logisticregression__sample_weight": weights}
    model = distilled(pipeline, calibrate_teacher=False).fit(X, Y, **names)
    expected = pipeline.fit(X, Y, **names).predict_proba(X)
    assert_array_equal(model.teacher_.predict_proba(X), expected)


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("name", ["groups", "color"])
def test_a_fitted_teacher_takes_no_parameters(name, routing):
    fitted = RandomForestClassifier(5, random_state=0).fit(X, Y)
    with (
        sklearn.config_context(enable_metadata_routing=routing),
        pytest.raises(ValueError, match=rf"fit got {name}.*unfitted teacher"),
    ):
        distilled(fitted).fit(X, Y, **{name: GROUPS})
    with pytest.raises(ValueError, match=rf"fit got {name}"):
        distilled("precomputed").fit(
            X, Y, teacher_proba=fitted.predict_proba(X), **{name: GROUPS}
        )


def test_a_misspelt_parameter_is_refused():
    with pytest.raises(TypeError, match="sample_wieght"):
        distilled(RandomForestClassifier(5)).fit(X, Y, sample_wieght=np.ones(120))


def test_weights_by_position():
    fitted = RandomForestClassifier(5, random_state=0).fit(X, Y)
    weights = np.random.default_rng(0).uniform(size=120)
    one = distilled(fitted).fit(X, Y, weights)
    other = distilled(fitted).fit(X, Y, sample_weight=weights)
    assert_array_equal(one.predict_proba(X), other.predict_proba(X))


FORMS = {
    "array": lambda rows: rows,
    "frame": pd.DataFrame,
    "list": lambda rows: rows.tolist(),
    "sparse": csr_array,
}


@pytest.mark.parametrize("pack", [lambda rows: (rows,), lambda rows: [rows]])
@pytest.mark.parametrize("form", FORMS)
def test_one_table_in_a_tuple_is_that_table(form, pack):
    make = FORMS[form]
    known = csr_array(X) if form == "sparse" else X
    teacher = LogisticRegression().fit(known, Y)
    one = distilled(teacher).fit(known, Y, X_unlabeled=make(X[:30] + 1))
    other = distilled(teacher).fit(known, Y, X_unlabeled=pack(make(X[:30] + 1)))
    assert_array_equal(one.predict_proba(known), other.predict_proba(known))


def test_one_row_is_no_tuple_of_a_table():
    teacher = LogisticRegression().fit(X, Y)
    model = distilled(teacher, synthesizer=None)
    assert model.fit(X, Y, X_unlabeled=[X[0].tolist()]).n_transfer_ == 121
    assert model.fit(X, Y, X_unlabeled=(X[:1],)).n_transfer_ == 121


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("n_unlabeled", [119, 120, 121])
def test_rows_without_labels_go_into_each_fold_whole(routing, n_unlabeled):
    """Also if there are as many of them as rows with labels."""
    unlabeled = np.random.default_rng(0).normal(size=(n_unlabeled, 4))
    teacher = LogisticRegression().fit(X, Y)
    with sklearn.config_context(enable_metadata_routing=routing):
        model = distilled(teacher, synthesizer=None)
        if routing:
            model.set_fit_request(X_unlabeled=True)
        folds = cross_validate(
            model,
            X,
            Y,
            cv=3,
            params={"X_unlabeled": (unlabeled,)},
            return_estimator=True,
            error_score="raise",
        )["estimator"]
    assert [fold.n_transfer_ for fold in folds] == [80 + n_unlabeled] * 3


def test_a_search_and_a_pipeline_hand_the_tuple_on():
    unlabeled = X * 3 + 1
    seen = []

    def teacher(rows):
        seen.append(rows)
        p = 1 / (1 + np.exp(-rows[:, 0]))
        return np.column_stack([1 - p, p])

    with sklearn.config_context(enable_metadata_routing=True):
        model = distilled(teacher, synthesizer=None, encoder=None)
        pipeline = make_pipeline(
            StandardScaler(),
            model.set_fit_request(X_unlabeled=True),
            transform_input=["X_unlabeled"],
        )
        grid = {"distilledclassifier__max_iter": [1, 2]}
        search = GridSearchCV(pipeline, grid, cv=2, refit=False, error_score="raise")
        search.fit(X, Y, X_unlabeled=(unlabeled,))
    # The given rows of each fit, then those without labels, scaled by the fold.
    whole = [rows for rows in seen if len(rows) == 120]
    assert len(whole) == 4
    first = StandardScaler().fit(X[len(X) // 2 :])
    for rows in whole:
        assert rows.shape == first.transform(unlabeled).shape
        difference = np.diff(rows, axis=0) / np.diff(unlabeled, axis=0)
        np.testing.assert_allclose(difference, difference[:1].repeat(119, 0))


@pytest.mark.parametrize("cv", [None, 3, GroupKFold(3)])
def test_none_is_the_same_as_no_argument(cv):
    if isinstance(cv, GroupKFold):
        with pytest.raises(ValueError, match="groups"):
            distilled(LogisticRegression(), cv=cv).fit(X, Y, groups=None)
        return
    given = distilled(LogisticRegression(), cv=cv).fit(X, Y, groups=None)
    without = distilled(LogisticRegression(), cv=cv).fit(X, Y)
    assert_array_equal(given.predict_proba(X), without.predict_proba(X))
    fitted = LogisticRegression().fit(X, Y)
    distilled(fitted).fit(X, Y, groups=None)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("teacher_x", "teacher_X"),
        ("Teacher_Y", "teacher_y"),
        ("sample_wieght", "sample_weight"),
        ("sample_weights", "sample_weight"),
        ("X_unlabelled", "X_unlabeled"),
        ("teacher_probas", "teacher_proba"),
        ("teacher_X_unlabelled", "teacher_X_unlabeled"),
    ],
)
@pytest.mark.parametrize(
    "teacher",
    [None, make_pipeline(LogisticRegression()), LogisticRegression().fit(X, Y)],
)
def test_the_right_name_of_an_argument_is_proposed(name, own, teacher):
    model = distilled(teacher)
    words = f"fit does not know {name}: did you mean {own}.$"
    with pytest.raises(TypeError, match=words):
        model.fit(X, Y, **{name: np.ones(120)})
    assert not hasattr(model, "classes_")


def test_an_unknown_argument_is_named():
    with pytest.raises(TypeError) as caught:
        distilled(LogisticRegression()).fit(X, Y, importance=np.ones(120))
    words = "fit does not know importance either.*hands .* LogisticRegression.*misspelt"
    assert re.match(words, caught.value.__notes__[0])


def test_hidden_weights_are_refused():
    weights = np.ma.array(np.ones(120), mask=np.arange(120) == 5)
    with pytest.raises(ValueError, match="sample_weight hides 1 .* row 5"):
        distilled(LogisticRegression()).fit(X, Y, sample_weight=weights)
    weights.mask = False
    distilled(LogisticRegression()).fit(X, Y, sample_weight=weights)


@pytest.mark.parametrize("labels", [Y, np.array(["a", "b"])[Y], Y * 1.0])
def test_hidden_labels_are_refused(labels):
    hidden = np.ma.array(labels, mask=np.arange(120) > 99)
    with pytest.raises(ValueError, match=r"20 of 120 rows have no label.*row 100"):
        distilled(LogisticRegression()).fit(X, hidden)
    shown = np.ma.array(labels, mask=False)
    assert_array_equal(
        distilled(LogisticRegression()).fit(X, shown).predict_proba(X),
        distilled(LogisticRegression()).fit(X, labels).predict_proba(X),
    )


@pytest.mark.parametrize("factor", ["a", None, np.nan, -1, [2]])
def test_factors_of_classes_are_numbers(factor):
    model = distilled(LogisticRegression(), class_weight={0: factor})
    with pytest.raises(ValueError, match=r"class_weight has .* for 0: .*numbers"):
        model.fit(X, Y)
