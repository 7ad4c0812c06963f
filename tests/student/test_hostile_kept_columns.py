"""Files with kept columns that somebody else wrote."""

import numpy as np
import pytest

from skdistill import Student
from tests.student.test_hostile_file import array_file, described, dropped, rewritten
from tests.student.test_kept_columns import make_pruned

PLACES = np.array([1, 5, 6, 11], dtype=np.int32)


@pytest.fixture(scope="module")
def pruned(tmp_path_factory):
    """The bytes of the file of a student of some columns of sparse rows."""
    path = tmp_path_factory.mktemp("pruned") / "student.npz"
    make_pruned().save(path)
    return path.read_bytes()


def kept(n_columns=12, unit_blocks=(), places=PLACES):
    """Change the section of kept columns, and its member."""
    section = {"n_columns": n_columns, "unit_blocks": unit_blocks}
    return {
        **described(kept_columns=section),
        "kept_columns.npy": lambda _: array_file(places),
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (described(kept_columns=None), "kept_columns is None: its fields are"),
        (described(kept_columns=[12, []]), "kept_columns is .*: its fields are"),
        (described(kept_columns={"n_columns": 12}), "its fields are n_columns, unit"),
        (kept(n_columns=12.0), "n_columns is a whole number up to 2147483647"),
        (kept(n_columns=True), "n_columns is a whole number"),
        (kept(n_columns=2**31), "n_columns is a whole number"),
        (kept(n_columns=10**19), "n_columns is a whole number"),
        (kept(n_columns=11), "places of the kept columns is .*11"),
        (kept(unit_blocks=None), "unit_blocks a list of pairs"),
        (kept(unit_blocks=[[0, 3, 6]]), "unit_blocks a list of pairs"),
        (kept(unit_blocks=[[0, [3]]]), "unit_blocks a list of pairs"),
        (kept(unit_blocks=[0, 3]), "unit_blocks a list of pairs"),
        (kept(unit_blocks=[[-1, 3]]), "unit_blocks a list of pairs"),
        (kept(unit_blocks=[[0, 4], [3, 6]]), "unit_blocks of the kept columns is"),
        (kept(unit_blocks=[[0, 13]]), "unit_blocks of the kept columns is"),
        (kept(places=PLACES[::-1]), "places of the kept columns is"),
        (kept(places=PLACES - 2), "places of the kept columns is"),
        (kept(places=PLACES[:3]), "kept_columns.npy does not hold int32 of shape"),
        (kept(places=PLACES.astype(np.int64)), "kept_columns.npy"),
        ({"kept_columns.npy": lambda _: None}, "kept_columns.npy"),
        (dropped("kept_columns"), "does not know 'kept_columns.npy'"),
        (described(version=4), "does not know|not known"),
    ],
)
def test_hostile_kept_columns(pruned, tmp_path, changes, words):
    path = tmp_path / "student.npz"
    path.write_bytes(rewritten(pruned, changes))
    with pytest.raises(ValueError, match=words):
        Student.load(path)
