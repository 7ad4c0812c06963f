"""Teachers that read TF-IDF columns or embeddings, and the peers of their students."""

from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC


def linear():
    """Make a support vector machine."""
    return LinearSVC(C=0.3)


def forest():
    """Make a forest."""
    return RandomForestClassifier(100, min_samples_leaf=2, random_state=0)


def boosting():
    """Make boosted trees of 100 dense columns."""
    columns = TruncatedSVD(100, random_state=0)
    return make_pipeline(columns, HistGradientBoostingClassifier(random_state=0))


def stack():
    """Make a regression on the answers of three classifiers out of fold."""
    members = [
        ("linear", linear()),
        ("forest", forest()),
        ("bayes", ComplementNB()),
    ]
    last = LogisticRegression(max_iter=300)
    return StackingClassifier(members, last, cv=3)


def of_embeddings():
    """Make a regression of embeddings."""
    return LogisticRegression(C=10.0, max_iter=300)


TEACHERS = {
    "linear": linear,
    "forest": forest,
    "boosting": boosting,
    "stack": stack,
    "embeddings": of_embeddings,
}


def regression():
    """Make a logistic regression."""
    return LogisticRegression(max_iter=1000)


def regression_of_small_penalty():
    """Make a logistic regression that is free to weigh rare words."""
    return LogisticRegression(C=10.0, max_iter=1000)
