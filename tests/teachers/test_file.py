import gzip
import pickle

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdistill.teachers.file import load_teacher


@pytest.fixture
def model():
    X = np.arange(20.0).reshape(-1, 1)
    return LogisticRegression().fit(X, X[:, 0] > 9)


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "lzma", "xz"])
@pytest.mark.parametrize("level", [1, 6, 9])
def test_files_of_joblib(model, tmp_path, compress, level):
    method = (compress, level) if compress else 0
    joblib.dump(model, tmp_path / "model", compress=method)
    assert load_teacher(tmp_path / "model").coef_ == model.coef_


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_files_of_pickle(model, tmp_path, protocol):
    content = pickle.dumps(model, protocol)
    (tmp_path / "model.pkl").write_bytes(content)
    (tmp_path / "model.pkl.gz").write_bytes(gzip.compress(content))
    for path in tmp_path.iterdir():
        assert load_teacher(path).coef_ == model.coef_


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "neither joblib.dump nor pickle.dump"),
        (b"cos\nsystem\n(S'touch /tmp/never'\ntR.", "neither joblib.dump nor"),
        (b"x,y\n1,2\n", "neither joblib.dump nor pickle.dump"),
        (b"\x80\x04\x95cut", "cannot be loaded as a teacher"),
        (b"\x1f\x8bcut", "cannot be loaded as a teacher"),
        (b"\x80\x02cno_such_module\nmodel\n.", "it needs the module no_such_module"),
        (pickle.dumps(LogisticRegression()), "not a fitted classifier"),
        (pickle.dumps({"model": 1}), "not a fitted classifier"),
        (
            pickle.dumps(LinearRegression().fit([[0], [1]], [0, 1])),
            "no classifier|not a",
        ),
    ],
)
def test_other_files(content, words, tmp_path):
    path = tmp_path / "model"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        load_teacher(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_teacher(tmp_path / "none")
