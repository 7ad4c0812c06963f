import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import StandardScaler

from skdistill.estimators.transformed_target import UnitsOfY


@pytest.mark.parametrize("shape", [(6,), (3, 2)])
def test_a_transformer_without_copies_does_not_alter_y_and_answers(shape):
    numbers = np.arange(6.0).reshape(shape)
    columns = numbers.reshape(len(numbers), -1)
    units = UnitsOfY(StandardScaler(copy=False).fit(columns.copy()))
    learned = units.learned(numbers)
    assert_allclose(learned, (numbers - columns.mean(0)) / columns.std(0))
    assert_array_equal(numbers, np.arange(6.0).reshape(shape))
    answers = learned.reshape(columns.shape)
    before = answers.copy()
    assert_allclose(units.of_answers(answers), columns, atol=1e-9)
    assert_array_equal(answers, before)
