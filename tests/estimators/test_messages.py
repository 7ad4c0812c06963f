"""Messages on labels, answers and targets that a user meant otherwise."""

import re

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier

X, Y = make_classification(160, 4, n_informative=3, n_redundant=0, random_state=0)
PROBA = np.column_stack([1.0 - 0.8 * Y - 0.1, 0.8 * Y + 0.1])
FEW = Y.astype(object)
FEW[:100] = None


def quick(teacher="precomputed", **parameters):
    few = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    return DistilledClassifier(teacher, **{"weight_decay": 0.3} | few | parameters)


@pytest.mark.parametrize("row", [10, 150])
@pytest.mark.parametrize(
    ("value", "fault"),
    [(np.nan, "is not finite"), (-0.5, "is negative"), (0.7, "adds up to")],
)
def test_an_error_on_a_stored_answer_counts_rows_as_the_user_does(row, value, fault):
    wrong = PROBA.copy()
    wrong[row, 0] = value + (wrong[row, 0] if value > 0 else 0)
    with pytest.raises(ValueError, match=rf"teacher_proba {fault}.* in row {row}\b"):
        quick().fit(X, FEW, teacher_proba=wrong)
    if value != value:
        with pytest.raises(ValueError, match=rf"not finite in row {row}: nan"):
            quick().fit(X, FEW, teacher_proba=1.0 - wrong[:, 0])


def test_an_error_on_the_shape_of_stored_answers_counts_all_rows():
    rare = np.column_stack([0.9 * PROBA, np.full(160, 0.1)])
    words = re.escape(
        "teacher_proba has shape (160, 3), not (160, 2) for the classes [0, 1]. If y "
        "lacks a class, give a frame whose columns are named as the classes: "
        "pandas.DataFrame(probabilities, columns=[0, 1, 2])"
    )
    with pytest.raises(ValueError, match=words):
        quick().fit(X, FEW, teacher_proba=rare)
    texts = np.array(["no", "yes"])[Y]
    with pytest.raises(ValueError, match=r"columns=\['no', 'yes', \.\.\.\]\)"):
        quick().fit(X, texts, teacher_proba=rare)


@pytest.mark.parametrize("label", [-1, -999, "none"])
def test_a_label_that_stands_for_no_label_is_suspected(label):
    y = Y.astype(object) if isinstance(label, int) else np.array(["a", "b"], object)[Y]
    y[:100] = label
    y = np.array(y.tolist())
    words = "If one of these labels says that a row has none, give None or NaN"
    with pytest.raises(ValueError, match=rf"not \(160, 3\) for .*{words}"):
        quick().fit(X, y, teacher_proba=PROBA)


@pytest.mark.parametrize(
    "teacher",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {}),
    ],
)
def test_a_teacher_to_fit_needs_labels(teacher):
    words = r"requires y to be passed.*Pass y, or teacher_y, labels or votes"
    with pytest.raises(ValueError, match=words):
        quick(teacher).fit(X, teacher_X=X)
    for missing in (np.nan, None):
        y = np.full(160, missing)
        with pytest.raises(
            ValueError, match=r"none of its 160 rows has a label\. Give"
        ):
            quick(teacher).fit(X, y)


class UpsideDown(LogisticRegression):
    """A model whose probabilities contradict its decisions, as an SVC's may."""

    def predict_proba(self, X):
        return super().predict_proba(X)[:, ::-1]


@pytest.mark.filterwarnings("ignore:.*clearly worse")
def test_probabilities_that_contradict_decisions_are_warned_of_once():
    teacher = UpsideDown().fit(X, Y)
    with pytest.warns(
        UserWarning, match=r"No threshold does this to more than"
    ) as told:
        quick(teacher).fit(X, Y)
    messages = [str(warning.message) for warning in told]
    assert not any("gives" in message for message in messages)
    assert not any("Tuned" in message for message in messages)
