"""scikit-learn's common checks."""

import sklearn
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.fixes import parse_version

from skdistill import DistilledClassifier, DistilledRegressor
from skdistill.teachers.scikit_learn import is_fitted

EXPECTED_FAILURES = dict.fromkeys(
    [
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
    ],
    "training in random batches: a row of weight 2 and the row twice are drawn into "
    "different batches, as with MLPClassifier and with a bootstrap",
)


REFUSES_MISSING_ALONE = {
    "check_estimators_nan_inf": (
        "the teacher refuses missing values in fit, where it would be trained on "
        "them; the student of it takes them at the mean of the others"
    ),
}


REFUSES_PARTS = dict.fromkeys(
    [
        "check_fit_score_takes_y",
        "check_estimators_partial_fit_n_features",
        "check_n_features_in_after_fitting",
    ],
    "partial_fit refuses early_stopping, as it does in MLPClassifier",
)


SUBTRACTS_IN_PLACE = {
    "check_positive_only_tag_during_fit": (
        "it subtracts floats from integers in place, which NumPy refuses"
    ),
}


def expected_failures(estimator):
    """Return the checks that are meant to fail, with the reasons."""
    expected = dict(EXPECTED_FAILURES)
    old = parse_version(sklearn.__version__) < parse_version("1.7")
    if isinstance(estimator.teacher, SVC | Ridge):
        expected |= REFUSES_MISSING_ALONE
        expected |= SUBTRACTS_IN_PLACE if old else {}
    if estimator.early_stopping and hasattr(estimator, "partial_fit"):
        expected |= REFUSES_PARTS
    return expected


class _FromFitted:
    """Distils a teacher that is fitted on the data of the check.

    A fitted teacher knows only the columns and labels it was fitted on. Each
    check makes its own table. So `fit` first fits the teacher on that table.
    """

    distilled: type

    def fit(self, X, y=None, *, sample_weight=None):
        reference = self.distilled(**self.get_params(deep=False))
        if y is None or is_fitted(self.teacher):
            reference.fit(X, y, sample_weight=sample_weight)
        try:
            teacher = clone(self.teacher).fit(X, y)
        except (TypeError, ValueError):
            # The input is wrong then, and skdistill has to say how.
            teacher = self.teacher
        reference.set_params(teacher=teacher)
        reference.fit(X, y, sample_weight=sample_weight)
        assert reference.teacher_ is teacher or teacher is self.teacher
        state = {"_student_input", "_parts_so_far"}
        fitted = {name for name in vars(reference) if name.endswith("_")} | state
        vars(self).update({name: vars(reference)[name] for name in fitted})
        return self


class DistilledFromFitted(_FromFitted, DistilledClassifier):
    """The same for classes."""

    distilled = DistilledClassifier


class DistilledFromFittedRegressor(_FromFitted, DistilledRegressor):
    """The same for numbers."""

    distilled = DistilledRegressor


@parametrize_with_checks(
    [
        DistilledClassifier(),
        # The first one chooses decay and epochs. That takes time, and is the same here.
        DistilledClassifier(
            SVC(), loss="logit_mse", early_stopping=True, weight_decay=0.3, max_iter=100
        ),
        DistilledClassifier(
            LogisticRegression(max_iter=1000),
            encoder=None,
            synthesizer=None,
            weight_decay=0.3,
            max_iter=100,
        ),
        DistilledFromFitted(
            RandomForestClassifier(20, random_state=0), max_iter=200, weight_decay=0.3
        ),
        DistilledRegressor(),
        DistilledRegressor(
            Ridge(), loss="huber", early_stopping=True, weight_decay=0.3, max_iter=100
        ),
        DistilledRegressor(
            RandomForestRegressor(20, min_samples_leaf=5, criterion="absolute_error"),
            loss="quantile",
            encoder=None,
            synthesizer=None,
            weight_decay=0.3,
            max_iter=100,
        ),
        DistilledFromFittedRegressor(
            RandomForestRegressor(20, random_state=0), max_iter=200, weight_decay=0.3
        ),
    ],
    expected_failed_checks=expected_failures,
)
def test_common_checks(estimator, check, few_steps):
    check(estimator)
