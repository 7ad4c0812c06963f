import numpy as np
import pytest

from skdistill import DistilledClassifier


@pytest.fixture(scope="session")
def rows():
    """Labels, and probabilities of a teacher and a student, of three classes."""
    rng = np.random.default_rng(0)
    teacher = rng.dirichlet([0.6, 0.5, 0.4], 300)
    student = 0.7 * teacher + 0.3 * rng.dirichlet([1, 1, 1], 300)
    y = np.array([rng.choice(["a", "b", "c"], p=proba) for proba in teacher])
    return y, teacher, student


@pytest.fixture(scope="session")
def fitted(digits, forest):
    """A quick student of the forest on digits."""
    X_train, _, y_train, _ = digits
    model = DistilledClassifier(
        forest, hidden_layer_sizes=(8,), max_iter=5, random_state=0
    )
    return model.fit(X_train, y_train)
