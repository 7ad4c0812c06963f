"""Linear teachers of numbers, whose weights a student of sparse rows copies."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csr_array
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    PoissonRegressor,
    Ridge,
    SGDRegressor,
)
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVR

from skdistill import DistilledRegressor
from skdistill.teachers.linear import linear_model
from skdistill.teachers.resolve import as_teacher
from tests.teachers.numbers import task_of

RNG = np.random.default_rng(0)
DENSE = np.where(RNG.uniform(size=(120, 15)) < 0.3, RNG.normal(size=(120, 15)), 0.0)
X = csr_array(DENSE)
Y = 500.0 + 20.0 * DENSE[:, 0] - 7.0 * DENSE[:, 1] + RNG.normal(size=120)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "model",
    [
        Ridge(),
        Ridge(fit_intercept=False),
        LinearRegression(),
        Lasso(alpha=0.1),
        ElasticNet(alpha=0.1),
        SGDRegressor(random_state=0),
        LinearSVR(random_state=0),
        GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_weights_are_in_deviations(model):
    model.fit(X, Y)
    task, teacher = task_of(Y), as_teacher(model, kind="numbers")
    answers = teacher.ask(X, task)
    found = linear_model(teacher, task.completed(answers), X, answers)
    units = DENSE @ found.weights + found.biases
    assert_allclose(units, task.output.to_units(answers), atol=1e-9)


def test_several_targets():
    y = np.column_stack([Y, -3.0 * Y + DENSE[:, 2]])
    teacher = as_teacher(Ridge().fit(X, y), kind="numbers")
    task = task_of(y)
    answers = teacher.ask(X, task)
    found = linear_model(teacher, task, X, answers)
    assert found.weights.shape == (15, 2)
    units = DENSE @ found.weights + found.biases
    assert_allclose(units, task.output.to_units(answers), atol=1e-9)


@pytest.mark.parametrize("model", [PoissonRegressor(), DummyRegressor()], ids=str)
def test_other_models_have_no_weights(model):
    teacher, task = as_teacher(model.fit(X, Y), kind="numbers"), task_of(Y)
    assert linear_model(teacher, task, X, teacher.ask(X, task)) is None


def test_a_student_copies_the_weights():
    teacher = Ridge().fit(X, Y)
    model = DistilledRegressor(teacher, weight_dtype="float32", random_state=0)
    model.fit(X, Y)
    slope, offset = model.teacher_slope_, model.teacher_offset_
    units = (teacher.predict(X) - Y.mean()) / Y.std() * slope + offset
    found = model.predict(X)
    inside = (found > Y.min()) & (found < Y.max())
    expected = Y.mean() + Y.std() * units
    assert_allclose(found[inside], expected[inside], rtol=1e-4)
