"""The tests that scikit-learn has for its own meta-estimators, run on ours.

They come from the installed scikit-learn. All of its tests of metadata routing run that
take a meta-estimator: a new version brings its new ones. Two other tests do not hold:

- A meta-estimator leaves the check of X to the estimator inside, so a list of texts is
  allowed if that takes it. Not here: the student takes tables, whatever the teacher
  takes. For this reason scikit-learn excepts some of its own, as `ClassifierChain`.
- A meta-estimator has `predict_proba` or `transform` only if the estimator inside has
  it: `test_metaestimator_delegation`. Not here: the student answers, not the teacher.
"""

import inspect

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier

REASON = "the installed scikit-learn ships no tests"
routing = pytest.importorskip(
    "sklearn.tests.test_metaestimators_metadata_routing", reason=REASON
)
validation = pytest.importorskip("sklearn.tests.test_metaestimators", reason=REASON)

QUICK = {
    "hidden_layer_sizes": (4,),
    "max_iter": 1,
    "n_synthetic": 20,
    "weight_decay": 0.3,
    "random_state": 0,
}

# As scikit-learn describes its own meta-estimators.
DISTILLED = {
    "metaestimator": DistilledClassifier,
    "estimator_name": "teacher",
    "estimator": "classifier",
    "init_args": QUICK,
    "X": routing.X,
    # The classifiers of version 1.6 answer for two classes, whatever y holds.
    "y": (routing.y >= 1).astype(int),
    "estimator_routing_methods": ["fit"],
    "preserves_metadata": "subset",
    "cv_name": "cv",
    "cv_routing_methods": ["fit"],
}


def functions_with(module, argument):
    """Return the tests of a module that take one argument of this name."""
    return [
        value
        for name, value in vars(module).items()
        if name.startswith("test_")
        and list(inspect.signature(value).parameters) == [argument]
    ]


def with_students(estimator):
    """Return a meta-estimator of scikit-learn with students for its regressions."""
    estimator = clone(estimator)
    names = [
        name
        for name, value in estimator.get_params().items()
        if isinstance(value, LogisticRegression)
    ]
    for name in names:
        estimator.set_params(
            **{name: DistilledClassifier(LogisticRegression(), **QUICK)}
        )
    for name in {"param_grid", "param_distributions"} & estimator.get_params().keys():
        values = {"logisticregression__temperature": [1.0, 2.0]}
        estimator.set_params(**{name: values})
    return estimator if names else None


@pytest.mark.parametrize("test", functions_with(routing, "metaestimator"))
# The teacher of these tests answers at random.
@pytest.mark.filterwarnings("ignore:the teacher:UserWarning")
def test_metadata_routing(test):
    np.random.seed(0)  # noqa: NPY002
    test({**DISTILLED, "init_args": QUICK.copy()})


def test_all_tests_of_metadata_routing_are_there():
    assert len(functions_with(routing, "metaestimator")) >= 7


@pytest.mark.parametrize(
    "estimator",
    [e for e in validation.DATA_VALIDATION_META_ESTIMATORS if is_classifier(e)],
    ids=lambda estimator: type(estimator).__name__,
)
# The labels of this test are drawn at random.
@pytest.mark.filterwarnings("ignore:the teacher:UserWarning")
def test_data_validation_is_left_to_a_pipeline_that_ends_in_a_student(estimator):
    estimator = with_students(estimator)
    if estimator is None:
        pytest.skip("it has no classifier inside that could be a student")
    validation.test_meta_estimators_delegate_data_validation(estimator)


def test_a_list_of_texts_is_refused_although_the_teacher_takes_it():
    teacher = make_pipeline(TfidfVectorizer(), LogisticRegression())
    with pytest.raises(ValueError, match="vectorizer"):
        DistilledClassifier(teacher, **QUICK).fit(["aa", "bb"] * 15, [0, 1] * 15)
