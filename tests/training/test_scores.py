"""Scores that suit a kind of task, and the errors for all others."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdistill import DistilledClassifier, DistilledRegressor
from skdistill.training.scores import check_score_suits

X = np.arange(24.0).reshape(12, 2)


@pytest.mark.parametrize(
    ("scoring", "kind"),
    [
        ("r2", "numbers"),
        ("neg_mean_poisson_deviance", "numbers"),
        ("neg_mean_absolute_percentage_error", "numbers"),
        ("d2_absolute_error_score", "numbers"),
        ("accuracy", "classes"),
        ("neg_log_loss", "classes"),
        ("f1_macro", "label_sets"),
        (None, "numbers"),
        (len, "label_sets"),
        ("no score", "numbers"),  # Another check knows all names.
    ],
)
def test_scores_that_suit(scoring, kind):
    check_score_suits(scoring, kind)


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "f1_macro", "neg_log_loss"])
def test_a_regressor_is_not_scored_by_classes_before_any_fit(scoring):
    class Unused(LinearRegression):
        def fit(self, X, y):
            raise AssertionError("was fitted")

    model = DistilledRegressor(Unused(), early_stopping=True, scoring=scoring)
    words = f"scoring='{scoring}' scores no numbers: .*'r2' or 'neg_mean_absolute"
    with pytest.raises(ValueError, match=words):
        model.fit(X, X[:, 0])


def test_label_sets_are_not_scored_as_classes():
    y = (X % 3 == 0).astype(int)
    model = DistilledClassifier(early_stopping=True, scoring="neg_log_loss")
    with pytest.raises(
        ValueError, match="'neg_log_loss' takes the labels of a row for"
    ):
        model.fit(X, y)


def test_a_teacher_without_y_is_told_what_it_learns():
    with pytest.raises(
        ValueError, match="This DistilledRegressor .*teacher_y, numbers"
    ):
        DistilledRegressor(LinearRegression()).fit(X)
    with pytest.raises(ValueError, match="teacher_y, labels or votes for the teacher"):
        DistilledClassifier(LogisticRegression()).fit(X)
