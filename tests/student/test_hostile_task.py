"""Files of numbers and of label sets that somebody else wrote."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdistill import Student
from tests.student.tasks import OUTPUTS, answers_of, rows_of, student_of
from tests.student.test_hostile_file import (
    JSON_VALUES,
    described,
    dropped,
    load,
    rewritten,
    values_of,
)

NAMES = ["four numbers", "three quantiles", "one flat number", "fourteen labels"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The bytes of a file for each output."""
    path = tmp_path_factory.mktemp("task") / "student.npz"
    contents = {}
    for name in NAMES:
        student_of(OUTPUTS[name]).save(path)
        contents[name] = path.read_bytes()
    return contents


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def changed(**fields):
    """Change fields of the section of the task."""

    def change(text):
        description = json.loads(text)
        description["task"] |= fields
        return json.dumps(description)

    return {"student.json": change}


def infinite(name):
    """Write a number that is infinite in double precision, but valid in JSON."""

    def change(text):
        description = json.loads(text)
        description["task"][name][1] = 12345
        return json.dumps(description).replace("12345", "1e999")

    return {"student.json": change}


def without(name):
    """Leave a field of the section out."""

    def change(text):
        description = json.loads(text)
        del description["task"][name]
        return json.dumps(description)

    return {"student.json": change}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            described(task=None),
            "task is None: it needs the kind 'numbers' or 'label_se",
        ),
        (described(task=[]), r"task is \[\]: it needs the kind"),
        (changed(kind="classes"), "it needs the kind 'numbers' or 'label_sets'"),
        (changed(kind=["numbers"]), "it needs the kind 'numbers' or 'label_sets'"),
        (changed(kind="label_sets"), "and the fields of this kind"),
        (changed(more=1), "and the fields of this kind"),
        *[
            (without(name), "it needs the kind 'numbers' or 'label_sets'")
            for name in ("kind", "mean", "low", "is_flat", "quantiles")
        ],
        (described(classes=["a", "b"]), "the file holds labels, and its task is numb"),
        (described(classes_dtype="str"), "the file holds labels, and its task is num"),
        (changed(mean=0.0), "mean is 0.0: not a list of numbers"),
        (changed(mean=[0, None, 0, 0]), "mean is .*: not a list of numbers"),
        (changed(mean=[0, "1", 0, 0]), "mean is .*: not a list of numbers"),
        (changed(mean=[0, True, 0, 0]), "mean is .*: not a list of numbers"),
        (changed(mean=[0, [1], 0, 0]), "mean is .*: not a list of numbers"),
        (changed(mean=[0.0] * 3), "one value for each number, and have the shapes"),
        (
            changed(**{name: [] for name in ("mean", "scale", "low", "high")}),
            "one value for each",
        ),
        (infinite("mean"), "mean is .*: a number is too large"),
        (infinite("low"), "low is .*: a number is too large"),
        (changed(scale=[1, 0, 1, 1]), "scale holds 0.0: each value has to be above 0"),
        (changed(low=[1e9, None, 0, 0]), "low holds 1000000000.0: .* at most high"),
        (changed(is_flat=1), "is_flat is 1: true or false"),
        (changed(is_flat=None), "is_flat is None: true or false"),
        (changed(is_flat=True), "is_flat is True, and there are 4 numbers"),
        (changed(quantiles=0.5), "quantiles is 0.5: not a list of numbers"),
        (changed(quantiles=[0.5]), "it needs 4 levels between 0 and 1"),
        (
            changed(quantiles=[0.1, 0.2, 0.3, 0.4]),
            "mean is .*: quantiles of one target",
        ),
        (described(layer_units=[4, 9, 5, 3]), "is not a student file"),
        (dropped("task"), "'classes'"),
    ],
)
def test_hostile_tasks_of_numbers(files, folder, changes, words):
    path = folder / "student.npz"
    path.write_bytes(rewritten(files["four numbers"], changes))
    with pytest.raises(ValueError, match=words):
        Student.load(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (changed(mean=[0.0] * 14), "and the fields of this kind"),
        (changed(kind="numbers"), "and the fields of this kind"),
        (dropped("classes"), "classes"),
        (dropped("classes_dtype"), "classes_dtype"),
        (described(classes=["a"] * 14), "labels is empty, holds a label twice"),
        (described(classes=["a", "b"]), "has 14 outputs, and needs 2 for 2 labels"),
        (described(classes=[]), "labels is empty"),
    ],
)
def test_hostile_label_sets(files, folder, changes, words):
    path = folder / "student.npz"
    path.write_bytes(rewritten(files["fourteen labels"], changes))
    with pytest.raises(ValueError, match=words):
        Student.load(path)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", NAMES)
def test_any_value_of_the_task_is_changed(name, files, folder, data):
    """The file is refused, or its student answers in the range that it states."""

    def change(text):
        description = json.loads(text)
        section = description["task"]
        places = [(description, "task"), *values_of(section)]
        container, place = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            container[place] = data.draw(JSON_VALUES)
        else:
            del container[place]
        return json.dumps(description)

    student = load(rewritten(files[name], {"student.json": change}), folder)
    if student is None:
        return
    X, _ = rows_of(student, 6)
    answers = answers_of(student, X)
    output = student.output
    assert_allclose(answers, output.answers(student.units(X)), rtol=1e-5)
    if output.kind == "numbers":
        columns = answers.reshape(6, -1)
        assert (output.low <= columns).all()
        assert (columns <= output.high).all()
