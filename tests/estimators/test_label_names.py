"""Names of labels: the columns of a data frame as y."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from skdistill import DistilledClassifier, DistilledRegressor, Student
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.export import to_c, to_js
from skdistill.model_selection import teacher_score

NAMES = ["red", "round", "rare"]


class Teacher:
    """Probabilities of three labels, which follow from three columns."""

    def __call__(self, X):
        return 1.0 / (1.0 + np.exp(-3.0 * np.asarray(X)))


@pytest.fixture(scope="module")
def rows():
    X = np.random.default_rng(0).normal(size=(120, 3))
    return X, pd.DataFrame((X > 0.3).astype(int), columns=NAMES)


def fitted(X, y):
    model = DistilledClassifier(
        Teacher(), hidden_layer_sizes=(4,), max_iter=2, random_state=0
    )
    return model.fit(X, y)


def test_names_are_in_the_student_its_file_and_its_exports(rows, few_steps, tmp_path):
    X, y = rows
    model = fitted(X, y)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert model.student_.classes_.tolist() == NAMES
    path = tmp_path / "student.npz"
    model.student_.save(path)
    assert Student.load(path).classes_.tolist() == NAMES
    to_c(model, tmp_path / "s.h", verify_on=None)
    to_js(model, tmp_path / "s.mjs", verify_on=None)
    for name in NAMES:
        assert name in (tmp_path / "s.h").read_text()
        assert f'"{name}"' in (tmp_path / "s.mjs").read_text()
    plain = fitted(X, y.to_numpy())
    assert plain.student_.classes_.tolist() == [0, 1, 2]
    assert_array_equal(plain.predict_proba(X), model.predict_proba(X))
    assert fitted(X, pl.DataFrame(y)).student_.classes_.tolist() == NAMES


def test_labels_in_another_order_are_refused(rows, few_steps):
    X, y = rows
    model, swapped = fitted(X, y), y[["round", "red", "rare"]]
    assert model.score(X, y) == model.score(X, y.to_numpy())
    words = (
        r"y has the columns in the order \['round', 'red', 'rare'\], and the student"
    )
    with pytest.raises(ValueError, match=words):
        model.score(X, swapped)
    with pytest.raises(ValueError, match=words):
        teacher_score(model, X, swapped)
    other = y.rename(columns={"rare": "large"})
    with pytest.raises(ValueError, match=r"'large'\], and the student answers for \["):
        model.score(X, other)
    assert model.score(X, y.set_axis(list("abc"), axis=1)) == model.score(X, y)
    stored = DistilledClassifier("precomputed", max_iter=2, random_state=0)
    with pytest.raises(ValueError, match="teacher_proba has the columns in the order"):
        stored.fit(X, y, teacher_proba=pd.DataFrame(Teacher()(X), columns=NAMES[::-1]))


def test_parts_with_labels_in_another_order_are_refused(rows, few_steps):
    X, y = rows
    model = DistilledClassifier(
        Teacher(), hidden_layer_sizes=(4,), max_iter=2, random_state=0
    )
    model.partial_fit(X[:60], y[:60])
    assert model.student_.classes_.tolist() == NAMES
    with pytest.raises(ValueError, match="y has the columns in the order"):
        model.partial_fit(X[60:], y.loc[60:, NAMES[::-1]])
    model.partial_fit(X[60:], y[60:])
    assert model.student_.classes_.tolist() == NAMES


def test_a_name_that_comes_twice_is_refused(rows):
    X, y = rows
    with pytest.raises(ValueError, match="y has several columns named 'red'"):
        fitted(X, y.set_axis(["red", "red", "rare"], axis=1))


@pytest.mark.parametrize("has_names", [True, False])
def test_answers_for_unlabelled_rows_in_another_order_are_refused(rows, has_names):
    _, y = rows
    arguments = FitArguments(
        None,
        y if has_names else y.to_numpy(),
        teacher_proba=y,
        teacher_proba_unlabeled=y[NAMES[::-1]],
        answers_name="teacher_prediction",
    )
    of = "y" if has_names else "teacher_prediction"
    words = f"prediction_unlabeled has the columns in the order .* and {of} has"
    with pytest.raises(ValueError, match=words):
        arguments.check_columns(DistilledRegressor())
    arguments._replace(y=y["red"]).check_columns(DistilledClassifier())
    arguments._replace(teacher_proba_unlabeled=y).check_columns(DistilledRegressor())


def test_a_frame_of_answers_in_another_order_is_refused(rows, few_steps):
    X, y = rows
    model = DistilledClassifier("precomputed", max_iter=2, random_state=0)
    answers = pd.DataFrame(Teacher()(X), columns=NAMES)
    model.partial_fit(X[:60], y[:60], teacher_proba=answers[:60])
    words = r"order \['rare', 'round', 'red'\], and the labels are in the order \['red'"
    with pytest.raises(ValueError, match=f"teacher_proba has .*{words}"):
        model.partial_fit(X[60:], teacher_proba=answers.loc[60:, NAMES[::-1]])
    model.set_params(teacher=lambda X: answers[NAMES[::-1]])
    with pytest.raises(ValueError, match=f"the teacher, <lambda>, has .*{words}"):
        model.fit(X, y)


def test_answers_with_other_names_than_y_are_refused(rows, few_steps):
    X, y = rows
    names = ["red", "round", "large"]
    words = r"\['red', 'round', 'large'\], and y has \['red', 'round', 'rare'\]"
    answers = pd.DataFrame(Teacher()(X), columns=names)
    model = DistilledClassifier("precomputed", max_iter=2, random_state=0)
    places = answers.set_axis(["0", "1", "2"], axis=1)
    assert model.fit(X, y, teacher_proba=places).student_.classes_.tolist() == NAMES
    with pytest.raises(ValueError, match=f"teacher_proba has the columns {words}"):
        model.fit(X, y, teacher_proba=answers)
    model.set_params(teacher=lambda X: pd.DataFrame(Teacher()(X), columns=names))
    with pytest.raises(ValueError, match=f"the teacher, <lambda>, has .*{words}"):
        model.fit(X, y)


def test_names_of_the_labels_of_a_function_count(rows, few_steps):
    X, y = rows
    teacher = Teacher()
    model = DistilledClassifier(teacher, max_iter=2, random_state=0)
    for classes in (NAMES, [0, 1, 2]):
        teacher.classes_ = np.array(classes)
        assert model.fit(X, y).student_.classes_.tolist() == NAMES
    teacher.classes_ = np.array(NAMES[::-1])
    with pytest.raises(
        ValueError, match=r"in the order \['rare', 'round', 'red'\], an"
    ):
        model.fit(X, y)
    teacher.classes_ = np.array(["red", "round", "large"])
    with pytest.raises(ValueError, match=r"'large'\], and y has \['red', "):
        model.fit(X, y)
