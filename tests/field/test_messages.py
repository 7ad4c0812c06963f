"""The messages for rows of the wrong form say what to give."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier, Student
from skdistill.report import DistillationReport

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(120, 2)), columns=["age", "size"])
Y = (FRAME["age"] > 0).astype(int).to_numpy()
TEACHER = LogisticRegression().fit(FRAME, Y)


def distil(teacher=TEACHER, **parameters):
    parameters = {"max_iter": 2, "weight_decay": 0.3, "random_state": 0} | parameters
    return DistilledClassifier(teacher, **parameters)


@pytest.fixture(scope="module")
def model():
    return distil().fit(FRAME, Y)


WRONG = [
    ([{"age": 1.0, "size": 2.0}], "list of dictionaries: .*pandas.DataFrame.*student_"),
    (FRAME.to_dict("list"), "X is a dictionary: .*pandas.DataFrame.*student_"),
    (None, "X=None"),
    ("table.csv", "'table.csv', a text or a path.*read_csv"),
    (FRAME.iloc[0], "a Series.*to_frame\\(\\).T"),
    ([], "an empty list: give a frame without rows"),
]


@pytest.mark.parametrize("encoder", ["auto", None])
@pytest.mark.parametrize(("X", "words"), WRONG)
def test_fit_says_what_to_give_in_place_of_what_is_no_table(X, words, encoder):
    with pytest.raises(ValueError, match=words):
        distil(encoder=encoder).fit(X, Y)


@pytest.mark.parametrize(("X", "words"), WRONG[1:-1])
def test_the_estimator_says_so_too(X, words, model):
    with pytest.raises(ValueError, match=words):
        model.predict_proba(X)


def test_a_student_names_the_form_of_a_dictionary_of_dictionaries(model):
    student = model.student_
    with pytest.raises(ValueError, match='frame.to_dict\\("records"\\)'):
        student.predict_proba(FRAME.to_dict())
    np.testing.assert_array_equal(
        student.predict_proba(FRAME.to_dict("records")), student.predict_proba(FRAME)
    )


def test_no_rows_give_no_answers_in_every_form_that_a_student_takes(model):
    for rows in ([], (), FRAME.iloc[:0], np.empty((0, 2)), {"age": [], "size": []}):
        assert model.student_.predict_proba(rows).shape == (0, 2)
        assert model.student_.predict(rows).shape == (0,)


def test_the_fit_of_a_teacher_is_explained_in_the_message():
    X = FRAME.assign(town="C100524")
    with pytest.raises(ValueError, match="'C100524'") as error:
        distil(LogisticRegression()).fit(X, Y)
    assert type(error.value) is ValueError
    said = str(error.value)
    assert said.startswith("the fit of the teacher, LogisticRegression, raised: could")
    assert "make_pipeline(encoder, teacher)" in said
    assert not getattr(error.value, "__notes__", [])


def test_rows_without_labels_are_named():
    by_name = make_pipeline(
        make_column_transformer((StandardScaler(), ["age", "size"])),
        LogisticRegression(),
    ).fit(FRAME, Y)
    with pytest.raises(ValueError, match="X_unlabeled is a ndarray.*as a frame with"):
        distil(by_name).fit(FRAME, Y, X_unlabeled=FRAME.to_numpy())
    with pytest.raises(ValueError, match="X_unlabeled lacks .'size'."):
        distil().fit(FRAME, Y, X_unlabeled=FRAME[["age"]])


def test_missing_values_without_an_encoder_name_the_encoder():
    X = FRAME.mask(FRAME > 2)
    with pytest.raises(ValueError, match='X contains NaN.*encoder="auto"'):
        distil(LogisticRegression(), encoder=None).fit(X, Y)


def test_a_report_asks_for_the_estimator_alone(model):
    with pytest.raises(ValueError, match="a Student, not a Dist") as error:
        DistillationReport.from_estimator(model.student_, FRAME, Y)
    assert "pipeline" not in str(error.value)


@pytest.mark.parametrize("kind", ["datetime64[ns]", "timedelta64[s]"])
def test_labels_that_no_file_of_a_student_holds_are_refused_at_once(kind):
    y = Y.astype(kind)
    with pytest.raises(ValueError, match="y holds dates or times .*64.*y.astype"):
        distil(LogisticRegression()).fit(FRAME, y)
    with pytest.raises(ValueError, match="y holds dates or times"):
        distil(LogisticRegression()).fit(FRAME, pd.Series(y))


@pytest.mark.parametrize("kind", [str, int, bool, float])
def test_labels_of_the_common_types_are_saved(kind, tmp_path):
    y = Y.astype(kind)
    student = distil(LogisticRegression()).fit(FRAME, y).student_
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert loaded.classes_.tolist() == np.unique(y).tolist()


def test_answers_in_another_order_than_the_rows_are_refused():
    answers = pd.DataFrame(TEACHER.predict_proba(FRAME))
    shuffled = answers.sample(frac=1, random_state=0)
    student = distil("precomputed")
    with pytest.raises(ValueError, match="teacher_proba has the rows of X in another"):
        student.fit(FRAME, Y, teacher_proba=shuffled)
    given = student.fit(FRAME, Y, teacher_proba=shuffled.loc[FRAME.index])
    expected = given.predict_proba(FRAME)
    # An index of other rows says nothing of the order.
    other = answers.set_axis(np.arange(500, 620))
    for same in (answers.to_numpy(), other):
        student.fit(FRAME, Y, teacher_proba=same)
        np.testing.assert_array_equal(student.predict_proba(FRAME), expected)
