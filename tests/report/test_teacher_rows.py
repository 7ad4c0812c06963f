"""Reports, displays, scorers and searches of a teacher that reads rows of its own."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import (
    AgreementDisplay,
    DistillationReport,
    DistilledClassifier,
    ReliabilityDisplay,
    compress_to,
    smallest_within,
)
from skdistill.model_selection import (
    make_teacher_scorer,
    student_bytes,
    teacher_score,
)
from skdistill.report.control import fit_labels_alone

N = 120
RANDOM = np.random.RandomState(0)
Y = np.arange(N) % 2
X = RANDOM.normal(size=(N, 3)) + 1.5 * Y[:, np.newaxis]
WORDS = [["bad", "poor"], ["good", "fine"]]
TEXTS = [f"{WORDS[label][i % 2]} {i % 7}{i % 5}" for i, label in enumerate(Y)]
# The teacher errs on these rows.
for wrong in (4, 9, 33):
    TEXTS[wrong] = TEXTS[wrong + 1]
TRAIN, TEST = slice(0, 80), slice(80, N)
QUICK = {"random_state": 0, "max_iter": 5, "hidden_layer_sizes": (4,)}
QUICK |= {"weight_decay": 0.1}


def on_texts():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


@pytest.fixture(scope="module")
def model():
    model = DistilledClassifier(on_texts(), **QUICK)
    return model.fit(X[TRAIN], Y[TRAIN], teacher_X=TEXTS[TRAIN])


@pytest.fixture(scope="module")
def plain():
    """Student whose teacher reads X."""
    return DistilledClassifier(LogisticRegression(), **QUICK).fit(X, Y)


def proba_of(model):
    return model.teacher_.predict_proba(TEXTS[TEST])


def test_a_report_asks_the_teacher_about_its_own_rows(model):
    report = DistillationReport.from_estimator(
        model, X[TEST], Y[TEST], teacher_X=TEXTS[TEST], n_bootstraps=5
    )
    by_hand = DistillationReport.from_predictions(
        Y[TEST], proba_of(model), model.predict_proba(X[TEST]), n_bootstraps=5
    )
    assert report.figures["teacher"] == by_hand.figures["teacher"]
    agreement = [of.fidelity["student"]["agreement"] for of in (report, by_hand)]
    assert agreement[0] == agreement[1]
    teacher, student = report.costs["teacher"], report.costs["student"]
    assert teacher.row_form == "a list"
    assert teacher.row_microseconds > 0
    text = " ".join(str(report).split())
    assert "X of this report holds each row as a float64 array" in text
    assert student.given_row_form == "a float64 array"
    assert any("asked it about no synthetic rows" in note for note in report.notes)


def test_a_report_says_nothing_of_other_rows_if_there_are_none(plain):
    report = DistillationReport.from_estimator(plain, X, Y, n_bootstraps=2)
    assert not any("rows of its own" in note for note in report.notes)


def test_the_control_needs_no_rows_of_the_teacher(model):
    """It is the control of a student of stored answers."""
    stored = DistilledClassifier("precomputed", synthesizer=None, **QUICK)
    answers = model.teacher_.predict_proba(TEXTS[TRAIN])
    stored.fit(X[TRAIN], Y[TRAIN], teacher_proba=answers)
    controls = [
        fit_labels_alone(of, X[TRAIN], Y[TRAIN]).predict_proba(X[TEST])
        for of in (model, stored)
    ]
    assert_array_equal(*controls)
    report = DistillationReport.from_estimator(
        model,
        X[TEST],
        Y[TEST],
        teacher_X=TEXTS[TEST],
        baseline=(X[TRAIN], Y[TRAIN]),
        n_bootstraps=2,
    )
    expected = accuracy_score(Y[TEST], controls[0].argmax(axis=1))
    assert report.figures["labels alone"]["accuracy"].estimate == expected


def test_displays_draw_the_answers_for_the_teachers_rows(model):
    shown = AgreementDisplay.from_estimator(model, X[TEST], teacher_X=TEXTS[TEST])
    assert_allclose(shown.teacher_proba.ravel()[-1:], proba_of(model).ravel()[-1:])
    same = proba_of(model).argmax(1) == model.predict_proba(X[TEST]).argmax(1)
    assert shown.agreement == same.mean()
    shown = ReliabilityDisplay.from_estimator(
        model, X[TEST], Y[TEST], teacher_X=TEXTS[TEST]
    )
    by_hand = ReliabilityDisplay.from_predictions(
        Y[TEST], proba_of(model), model.predict_proba(X[TEST])
    )
    assert_array_equal(shown.teacher.shares, by_hand.teacher.shares)


def test_the_steps_of_a_pipeline_do_not_touch_the_teachers_rows():
    pipeline = make_pipeline(StandardScaler(), DistilledClassifier(on_texts(), **QUICK))
    pipeline.fit(X, Y, distilledclassifier__teacher_X=TEXTS)
    shown = AgreementDisplay.from_estimator(pipeline, X, teacher_X=TEXTS)
    teacher = pipeline[-1].teacher_.predict_proba(TEXTS)
    same = teacher.argmax(axis=1) == pipeline.predict_proba(X).argmax(axis=1)
    assert shown.agreement == same.mean()
    right = accuracy_score(Y, teacher.argmax(axis=1))
    assert teacher_score(pipeline, X, Y, teacher_X=TEXTS) == right


ASKED = {
    "report": DistillationReport.from_estimator,
    "reliability": ReliabilityDisplay.from_estimator,
    "score": teacher_score,
    "scorer": make_teacher_scorer("neg_log_loss"),
    "agreement": lambda model, X, y, **rows: AgreementDisplay.from_estimator(
        model, X, **rows
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_all_who_ask_say_by_name_what_is_wrong(name, model, plain):
    ask = ASKED[name]
    with pytest.raises(ValueError, match="teacher_X is missing: .* a row for each"):
        ask(model, X[TEST], Y[TEST])
    with pytest.raises(ValueError, match="teacher_X has 39 rows, and X has 40"):
        ask(model, X[TEST], Y[TEST], teacher_X=TEXTS[81:])
    with pytest.raises(ValueError, match="teacher_X is a dictionary"):
        ask(model, X[TEST], Y[TEST], teacher_X={"text": TEXTS[TEST]})
    with pytest.raises(ValueError, match="teacher_X was passed, .* reads X"):
        ask(plain, X[TEST], Y[TEST], teacher_X=TEXTS[TEST])


# Scores in a search


def test_a_search_hands_the_teachers_rows_to_its_scorers():
    estimator = DistilledClassifier(on_texts(), **QUICK)
    scoring = {
        "score": "accuracy",
        "bytes": student_bytes,
        "teacher": teacher_score,
        "loss": make_teacher_scorer("neg_log_loss"),
    }
    with sklearn.config_context(enable_metadata_routing=True):
        estimator.set_fit_request(teacher_X=True)
        found = cross_validate(
            estimator,
            X,
            Y,
            cv=3,
            scoring=scoring,
            params={"teacher_X": TEXTS},
            return_estimator=True,
            return_indices=True,
            error_score="raise",
        )
        search = GridSearchCV(
            make_pipeline(StandardScaler(), estimator),
            {"distilledclassifier__hidden_layer_sizes": [(4,), (2,)]},
            cv=3,
            scoring=scoring,
            refit=smallest_within(1.0, of="teacher"),
        ).fit(X, Y, teacher_X=TEXTS)
    for fold, rows in enumerate(found["indices"]["test"]):
        texts = [TEXTS[row] for row in rows]
        proba = found["estimator"][fold].teacher_.predict_proba(texts)
        right = accuracy_score(Y[rows], proba.argmax(axis=1))
        assert found["test_teacher"][fold] == right
        assert found["test_loss"][fold] == pytest.approx(-log_loss(Y[rows], proba))
    assert np.isfinite(search.cv_results_["mean_test_teacher"]).all()
    assert search.best_params_["distilledclassifier__hidden_layer_sizes"] == (2,)


def test_a_single_scorer_gets_the_teachers_rows():
    estimator = DistilledClassifier(on_texts(), **QUICK)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator.set_fit_request(teacher_X=True)
        for scoring in (teacher_score, make_teacher_scorer("accuracy")):
            found = cross_validate(
                estimator,
                X,
                Y,
                cv=2,
                scoring=scoring,
                params={"teacher_X": TEXTS},
                error_score="raise",
            )
            assert found["test_score"].min() > 0.8


def test_without_routing_the_error_names_it():
    estimator = DistilledClassifier(on_texts(), **QUICK)
    params = {"teacher_X": TEXTS}
    with pytest.raises(ValueError, match=r"set_config\(enable_metadata_routing=True"):
        cross_validate(
            *(estimator, X, Y),
            scoring=teacher_score,
            params=params,
            error_score="raise",
        )


# The smallest student


def test_compress_to_asks_the_teacher_about_its_own_rows():
    held_out = (X[TEST], Y[TEST], TEXTS[TEST])
    estimator = DistilledClassifier(on_texts(), **QUICK)
    found = compress_to(
        estimator,
        X[TRAIN],
        Y[TRAIN],
        max_points_lost=50,
        teacher_X=TEXTS[TRAIN],
        validation_data=held_out,
        random_state=0,
    )
    alone = on_texts().fit(TEXTS[TRAIN], Y[TRAIN])
    assert found.teacher_score_ == alone.score(TEXTS[TEST], Y[TEST])
    assert found.estimator_.teacher_reads_ == "teacher_X"
    again = sklearn.clone(found.estimator_).fit(X, Y, teacher_X=TEXTS)
    assert again.student_.layer_units == found.estimator_.student_.layer_units


@pytest.mark.parametrize("cv", [None, 3])
def test_compress_to_cuts_the_rows_and_labels_of_the_teacher(cv):
    forest = RandomForestClassifier(10, random_state=0)
    estimator = DistilledClassifier(forest, cv=cv, **QUICK)
    embedded = np.c_[X, RANDOM.normal(size=(N, 2))]
    other = np.where(embedded[:, 3] > 1.2, 1 - Y, Y)
    found = compress_to(
        *(estimator, X, Y),
        max_points_lost=50,
        teacher_X=embedded,
        teacher_y=other,
        X_unlabeled=X,
        teacher_X_unlabeled=(embedded,),
        random_state=0,
    )
    assert found.estimator_.teacher_.n_features_in_ == 5
    assert found.estimator_.n_transfer_ == 90 + N


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"teacher_X": TEXTS, "validation_data": (X, Y)},
            r"validation_data has 2 parts. Here, with teacher_X, it has 3",
        ),
        ({"validation_data": (X, Y, TEXTS)}, "3 parts. Here, without teacher_X"),
        ({"teacher_X": TEXTS[1:]}, "teacher_X has 119 rows, and X has 120"),
        (
            {"teacher_X": TEXTS, "validation_data": (X, Y, TEXTS[1:])},
            "teacher_X has 119 rows, and X has 120",
        ),
        ({"teacher_y": Y[1:]}, "teacher_y has 119 rows, and X has 120"),
    ],
)
def test_wrong_arguments_of_compress_to_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        compress_to(DistilledClassifier(on_texts(), **QUICK), X, Y, **arguments)
