"""Which teachers threads may ask together."""

from functools import partial, wraps
from types import MethodType

import numpy as np
import pytest
import scipy.special
import scipy.stats
from joblib import Memory
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from skdistill.teachers import RulesTeacher
from skdistill.teachers.table_forest import table_forest
from skdistill.teachers.thread_safety import is_thread_safe

LOGISTIC = LogisticRegression()


class Own(LogisticRegression):
    """A model of the user, with the methods of its base class."""

    def __call__(self, rows):
        return rows


class Safe(Own):
    thread_safe = True


def shift(rows):
    return rows + 1.0


@wraps(np.log1p)
def disguised(rows):
    return rows + 1.0


@wraps(rbf_kernel)
def like_a_kernel(left, right):
    return left @ right.T


def safe(rows):
    return np.full((len(rows), 2), 0.5)


safe.thread_safe = True


def after(function):
    """Return a pipeline of scikit-learn's models, with a function in it."""
    return make_pipeline(FunctionTransformer(function), LOGISTIC)


UNSAFE = {
    "subclass": Own(),
    "frozen": FrozenEstimator(Own()),
    "in a pipeline": CalibratedClassifierCV(make_pipeline(StandardScaler(), Own())),
    "a member": VotingClassifier([("a", LOGISTIC), ("b", Own())]),
    "rules": RulesTeacher(["x > 0"]),
    "function": shift,
    "function in a pipeline": after(shift),
    "metric": KNeighborsClassifier(metric=lambda a, b: abs(a - b).sum()),
    "kernel": SVC(kernel=like_a_kernel),
    "partial": after(partial(shift)),
    "method that its class inherits": Own().predict_log_proba,
    "method of a pipeline with a part of the user": after(shift).predict_log_proba,
    "method in a pipeline": after(Own().sparsify),
    "function bound to a safe model": MethodType(shift, LOGISTIC),
    "callable object": after(Own()),
    "vectorize": after(np.vectorize(shift)),
    "vectorize alone": np.vectorize(shift),
    "frompyfunc": after(np.frompyfunc(shift, 1, 1)),
    "argument of a partial": after(partial(np.apply_along_axis, shift, 1)),
    "keyword of a partial": partial(np.apply_along_axis, axis=1, func1d=shift),
    "argument of a safe function": partial(safe, Own()),
    "name and module of another": after(disguised),
    "method of a table": after({}.get),
    "remembered": after(Memory(None).cache(shift)),
    "selector of columns": make_column_transformer((StandardScaler(), lambda X: [0])),
    "keyword": FunctionTransformer(np.clip, kw_args={"out": Own()}),
}
SAFE = {
    "forest": RandomForestClassifier(),
    "frozen": make_pipeline(StandardScaler(), FrozenEstimator(LOGISTIC)),
    "members": VotingClassifier([("a", LOGISTIC), ("b", make_pipeline(LOGISTIC))]),
    "says it": Safe(),
    "a member says it": VotingClassifier([("a", LOGISTIC), ("b", Safe())]),
    "function says it": safe,
    "partial": partial(safe),
    "method of one that says it": after(Safe().decision_function),
    "table": table_forest(),
    "method": make_pipeline(StandardScaler(), LOGISTIC).predict_proba,
    "ufunc of NumPy": after(np.log1p),
    "ufunc of SciPy": after(scipy.special.cbrt),
    "function of NumPy": after(np.nan_to_num),
    "partial of NumPy": after(partial(np.clip, a_min=0.0, a_max=None)),
    "method of a safe model": after(StandardScaler().transform),
    "kernel": SVC(kernel=rbf_kernel),
    "kernel object": GaussianProcessClassifier(RBF(2.0)),
    "type": make_pipeline(OneHotEncoder(dtype=np.float32), LOGISTIC),
    "texts": make_pipeline(TfidfVectorizer(), LOGISTIC),
    "selector of columns": make_column_transformer(
        (StandardScaler(), make_column_selector("^x", dtype_include=[float, "int64"]))
    ),
    "search": RandomizedSearchCV(LOGISTIC, {"C": scipy.stats.loguniform(0.1, 1.0)}),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_one_thread_asks_if_a_part_is_not_known(case):
    assert not is_thread_safe(UNSAFE[case])


@pytest.mark.parametrize("case", SAFE)
def test_threads_ask_known_models_and_those_that_say_that_they_are_safe(case):
    assert is_thread_safe(SAFE[case])


def test_a_model_that_holds_itself_is_judged_by_its_other_parts():
    for inner, expected in ((LOGISTIC, True), (Own(), False)):
        model = VotingClassifier([("a", inner)])
        model.estimators.append(("b", model))
        assert is_thread_safe(model) == expected


def test_a_wrapped_function_may_say_that_it_is_safe():
    vectorized, bound = np.vectorize(shift), partial(shift)
    vectorized.thread_safe = bound.thread_safe = True
    assert is_thread_safe(after(vectorized))
    assert is_thread_safe(after(bound))
