"""A teacher that reads other rows than the student names `teacher_X` without them."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier

Y = np.arange(60) % 2
COLUMNS = np.random.default_rng(0).normal(size=(60, 3)) + Y[:, np.newaxis]
TEXTS = [["black screen", "refund order"][label] for label in Y]


def reader():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def test_columns_for_a_teacher_of_texts_name_teacher_X():
    words = "the teacher, Pipeline, raised Attr.*Does it read other rows.*as teacher_X"
    for teacher in (reader(), reader().fit(TEXTS, Y)):
        model = DistilledClassifier(teacher, max_iter=1, random_state=0)
        with pytest.raises(ValueError, match=words):
            model.fit(COLUMNS, Y)
        assert not hasattr(model, "classes_")
        model.fit(COLUMNS, Y, teacher_X=TEXTS)


def test_a_missing_text_is_asked_for():
    model = DistilledClassifier(reader(), max_iter=1, random_state=0)
    with pytest.raises(ValueError, match="raised AttributeError.*Is a text missing?"):
        model.fit(COLUMNS, Y, teacher_X=[None, *TEXTS[1:]])
