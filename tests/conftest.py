import os

# Without this variable, scikit-learn skips its common check of array API input.
# SciPy reads it when it is imported.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
# Matplotlib draws without a screen.
os.environ["MPLBACKEND"] = "Agg"
# Keras runs on the one of its backends that the tests have.
os.environ["KERAS_BACKEND"] = "torch"
# The threads of a boosting model wait for each other busily. On a busy machine they
# take longer than one thread.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

# No test fails because it takes long.
settings.register_profile("timeless", deadline=None)
settings.load_profile("timeless")


@pytest.fixture(autouse=True, scope="session")
def short_timings():
    """Reports and searches time each prediction briefly. No test reads the figures."""
    from skdistill.model_selection import search
    from skdistill.report import costs

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "_SECONDS", 0.005)
        patch.setattr(search, "_TIMING_SECONDS", 0.002)
        yield


@pytest.fixture
def few_steps(monkeypatch):
    """Trainings of a tenth of the steps, in tests that read no figure of a student.

    A teacher of the package's own choice has a quarter of the trees.
    """
    from skdistill.teachers import default
    from skdistill.training import plan, short_plan

    monkeypatch.setattr(plan, "AUTO_STEPS", plan.AUTO_STEPS // 10)
    monkeypatch.setattr(plan, "_FEW_STEPS", plan._FEW_STEPS // 10)
    monkeypatch.setattr(short_plan, "_STEPS", short_plan._STEPS // 10)
    monkeypatch.setattr(default, "_N_TREES", default._N_TREES // 4)


@pytest.fixture(scope="session")
def digits():
    """Training and test rows and labels. Tests share them, so they are read-only."""
    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X, y, random_state=0, stratify=y)
    for part in parts:
        part.flags.writeable = False
    return parts


@pytest.fixture(scope="session")
def forest(digits):
    X_train, _, y_train, _ = digits
    return RandomForestClassifier(50, random_state=0).fit(X_train, y_train)


@pytest.fixture
def blobs():
    """Three classes of four features, 90 rows."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 30)
    return rng.normal(size=(90, 4)) + 2.0 * y[:, np.newaxis], y
