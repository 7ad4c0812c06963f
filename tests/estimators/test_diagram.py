"""The diagram that notebooks show."""

import re

import joblib
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import estimator_html_repr

from skdistill import DistilledClassifier


def texts(estimator):
    """Return the labels of the diagram in order."""
    page = estimator_html_repr(estimator).split("</style>")[1]
    labels = re.findall(r"<label[^>]*>(.*?)</label>", page, re.S)
    plain = [re.sub(r"<[^>]*>", " ", label).split() for label in labels]
    return [" ".join(word for word in words if word not in "i?") for words in plain]


def quick(teacher=None):
    return DistilledClassifier(teacher, max_iter=1, weight_decay=0.1, random_state=0)


def starts(labels, *expected):
    """Tell whether labels that start so occur in this order."""
    found = iter(labels)
    return all(any(label.startswith(e) for label in found) for e in expected)


def test_an_unfitted_teacher_stands_alone():
    for model, name in (
        (quick(), "RandomForestClassifier"),
        (quick(SVC()), "SVC"),
    ):
        labels = texts(model)
        assert starts(labels, "DistilledClassifier", "teacher", name)
        assert not any("tudent" in label for label in labels)


def test_teacher_and_student_have_their_sizes(blobs, tmp_path):
    X, y = blobs
    model = quick(RandomForestClassifier(200, random_state=0)).fit(X, y)
    joblib.dump(model.teacher_, tmp_path / "teacher")
    mebibytes = (tmp_path / "teacher").stat().st_size / 1024
    unit = "KiB"
    if mebibytes >= 1024:
        mebibytes, unit = mebibytes / 1024, "MiB"
    assert starts(
        texts(model),
        "DistilledClassifier",
        f"teacher: {mebibytes:.1f} {unit}",
        "RandomForestClassifier",
        f"student: {model.student_.nbytes / 1024:.1f} KiB",
        "Student 4-128-64-3 relu",
    )


def test_a_fitted_diagram_shows_the_teacher_that_was_used(blobs):
    X, y = blobs
    model = quick(SVC()).fit(X, y).set_params(teacher=None)
    assert any(label.startswith("SVC") for label in texts(model))


def test_a_pipeline_as_teacher_shows_its_steps(blobs):
    X, y = blobs
    model = make_pipeline(
        StandardScaler(), quick(make_pipeline(StandardScaler(), SVC()))
    )
    labels = texts(model.fit(X, y))
    assert starts(
        labels, "Pipeline", "StandardScaler", "distilledclassifier: Distilled"
    )
    assert starts(labels, "teacher: ", "StandardScaler", "SVC", "student: ", "Student ")


class Unpicklable(SVC):
    def __getstate__(self):
        raise TypeError("cannot be pickled")


def test_a_teacher_that_cannot_be_stored_has_no_size(blobs):
    X, y = blobs
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)

    def votes(rows):
        return forest.predict_proba(rows)

    for teacher, name in ((votes, "votes"), (Unpicklable(), "Unpicklable")):
        assert starts(texts(quick(teacher).fit(X, y)), "teacher", name, "student: ")
        assert "teacher" in texts(quick(teacher).fit(X, y))
    model = quick("precomputed").fit(X, y, teacher_proba=votes(X))
    assert starts(texts(model), "teacher", "precomputed", "student: ", "Student ")


@pytest.mark.parametrize("sizes", [(5,), ()])
def test_the_student_shows_its_units(blobs, sizes):
    X, y = blobs
    model = quick().set_params(hidden_layer_sizes=sizes).fit(X, y)
    units = "-".join(map(str, (4, *sizes, 3)))
    activation = " relu" if sizes else ""
    assert any(label == f"Student {units}{activation}" for label in texts(model))
