"""Scores of text columns: what they refuse, and damaged files of them."""

import json
import zipfile

import numpy as np
import pytest

from skdistill import Student
from skdistill.student.input_code import InputCode
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.text_scores import TextScores
from skdistill.student.text.vectorizer import TextVectorizer

TEXT = StudentText([TextVectorizer(terms=("bad", "good"), idf=[1.5, 2.0], norm="l2")])


def scores(feature=1, **parts):
    usual = {"weights": [[-1.0], [2.0]], "biases": [0.25]}
    return TextScores(feature, TEXT, **usual | parts)


def student(texts):
    """Return a student whose one input is the score of a text."""
    none = {"knotted": [], "knots": [], "categorical": [], "levels": []}
    ends = {"low": [-9.0], "high": [9.0], "mean": [0.0], "scale": [1.0]}
    code = InputCode(2, linear=[2], texts=texts, **ends, **none)
    names = ["age", "review"]
    return Student(
        [[[1.0]]],
        [[0.0]],
        "relu",
        ["no", "yes"],
        code,
        np.zeros((0, 1)),
        feature_names=names,
    )


def test_scores_by_hand():
    rows = [[1, "good, good"], [1, "bad film"], [1, ""], [1, None]]
    logits = student([scores()]).decision_function(rows)
    np.testing.assert_allclose(logits, [2.25, -0.75, 0.25, 0.25], atol=0.02)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"weights": [[1.0]]}, r"have shape \(1, 1\).* make 2 columns"),
        ({"weights": [[1.0], [np.nan]]}, "need to be finite"),
        ({"biases": [np.inf]}, "need to be finite"),
    ],
)
def test_parts_that_do_not_fit(parts, message):
    with pytest.raises(ValueError, match=message):
        scores(**parts)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([scores(), scores()], "are there twice"),
        ([scores(feature=2)], r"are there twice|not all below 2"),
        ([scores(feature=-1)], "not all below 2"),
        ([], "numbers from 0 to"),
    ],
)
def test_columns_that_do_not_fit(texts, message):
    with pytest.raises(ValueError, match=message):
        student(texts)


@pytest.fixture
def members(tmp_path):
    student([scores()]).save(tmp_path / "student.npz")
    with zipfile.ZipFile(tmp_path / "student.npz") as file:
        return {name: file.read(name) for name in file.namelist()}


def load(members, path):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content)
    return Student.load(path)


def test_a_file_that_is_written_again_is_read(members, tmp_path):
    again = load(members, tmp_path / "again.npz")
    assert again.input_code == student([scores()]).input_code
    assert set(members) >= {"text_0.zlib", "text_weights_0.npy", "text_scales_0.npy"}


@pytest.mark.parametrize(
    "change",
    [
        {"feature": 2},
        {"feature": True},
        {"feature": -1},
        {"n_units": 0},
        {"n_units": 2},
        {"n_units": 10**12},
        {"texts": None},
        {"texts": {}},
        {"more": 1},
    ],
)
def test_a_damaged_description(change, members, tmp_path):
    description = json.loads(members["student.json"])
    description["text_columns"][0] |= change
    members["student.json"] = json.dumps(description).encode()
    with pytest.raises(ValueError, match="is not a student file"):
        load(members, tmp_path / "damaged.npz")


@pytest.mark.parametrize("value", [None, {}, [], [None], 3, "x"])
def test_a_damaged_section(value, members, tmp_path):
    description = json.loads(members["student.json"])
    description["text_columns"] = value
    members["student.json"] = json.dumps(description).encode()
    with pytest.raises(ValueError, match="is not a student file"):
        load(members, tmp_path / "damaged.npz")


@pytest.mark.parametrize(
    "name", ["text_0.zlib", "text_weights_0.npy", "text_scales_0.npy"]
)
def test_a_damaged_member(name, members, tmp_path):
    whole = members[name]
    for content in (None, b"", whole[:-1], whole + b"0", b"0" * len(whole)):
        damaged = {key: value for key, value in members.items() if key != name}
        if content is not None:
            damaged[name] = content
        with pytest.raises(ValueError, match="is not a student file"):
            load(damaged, tmp_path / "damaged.npz")


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_damaged_scale(scale, members, tmp_path):
    content = bytearray(members["text_scales_0.npy"])
    content[-8:-4] = np.float32(scale).tobytes()
    members["text_scales_0.npy"] = bytes(content)
    with pytest.raises(ValueError, match="is not a student file"):
        load(members, tmp_path / "damaged.npz")
