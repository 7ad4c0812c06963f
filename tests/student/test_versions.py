"""Files of former versions can be read. Their students answer as they did then."""

import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from skdistill import Student

DATA = Path(__file__).parent.parent / "data"
FOLDER = DATA / "students_version_4"
ANSWERS = json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
FOLDER_5 = DATA / "students_version_5"
ANSWERS_5 = json.loads((FOLDER_5 / "answers.json").read_text(encoding="utf-8"))

FOLDER_OF_TEXTS = DATA / "students_of_texts"
PACKED_TEXTS = DATA / "students_of_texts_version_6"
ANSWERS_OF_TEXTS = json.loads(
    (FOLDER_OF_TEXTS / "answers.json").read_text(encoding="utf-8")
)


def members_of(content):
    """Return the members of a file, by name in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_file_has_answers():
    assert sorted(ANSWERS) == sorted(path.stem for path in FOLDER.glob("*.npz"))
    assert len(ANSWERS) == 8
    assert sorted(ANSWERS_5) == sorted(path.stem for path in FOLDER_5.glob("*.npz"))
    assert len(ANSWERS_5) == 3
    for folder in (FOLDER_OF_TEXTS, PACKED_TEXTS):
        assert sorted(path.stem for path in folder.glob("*.npz")) == sorted(
            ANSWERS_OF_TEXTS
        )


@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_of_version_4(name, tmp_path):
    student = Student.load(FOLDER / f"{name}.npz")
    rows = np.array(ANSWERS[name]["rows"], dtype=object)
    if not name.startswith("table"):
        rows = rows.astype(np.float32)
    given = csr_array(rows) if name.startswith("sparse") else rows
    assert_allclose(
        student.predict_proba(given), ANSWERS[name]["probabilities"], atol=2e-6
    )
    assert_array_equal(student.predict(given), ANSWERS[name]["labels"])
    student.save(tmp_path / "again.npz")
    again = (tmp_path / "again.npz").read_bytes()
    former = (FOLDER / f"{name}.npz").read_bytes()
    # The version alone differs: one digit, and the checksums of the text that holds it.
    assert len(again) == len(former)
    members, others = (members_of(content) for content in (former, again))
    text = members.pop("student.json").replace(b'"version": 4', b'"version": 5')
    assert others.pop("student.json") == text
    assert others == members


@pytest.mark.parametrize("name", ANSWERS_5)
def test_a_file_of_version_5(name, tmp_path):
    path = FOLDER_5 / f"{name}.npz"
    student, answers = Student.load(path), ANSWERS_5[name]
    rows = answers["rows"]
    assert_allclose(student.predict_proba(rows), answers["probabilities"], atol=2e-6)
    assert_array_equal(student.predict(rows), answers["labels"])
    assert (student.names is None) == (name == "plain_no_sections")
    assert (student.offsets_ is None) == (name == "plain_no_sections")
    if student.names is not None:
        records = [
            dict(zip(student.names[::-1], row[::-1], strict=True)) for row in rows
        ]
        assert_allclose(student.predict_proba(records), answers["probabilities"], 2e-6)
    student.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("folder", [FOLDER_OF_TEXTS, PACKED_TEXTS])
@pytest.mark.parametrize("name", ANSWERS_OF_TEXTS)
def test_a_file_of_texts(name, folder, tmp_path):
    path = folder / f"{name}.npz"
    student, answers = Student.load(path), ANSWERS_OF_TEXTS[name]
    proba = student.predict_proba(answers["rows"])
    assert_allclose(proba, answers["probabilities"], atol=2e-6)
    assert_array_equal(student.predict(answers["rows"]), answers["labels"])
    student.save(tmp_path / "again.npz")
    again = members_of((tmp_path / "again.npz").read_bytes())
    packed = members_of((PACKED_TEXTS / f"{name}.npz").read_bytes())
    assert [*again] == [*packed] == ["student.zlib"]
    # Another release of zlib may find other bytes for the same stream.
    assert zlib.decompress(again["student.zlib"]) == zlib.decompress(
        packed["student.zlib"]
    )
