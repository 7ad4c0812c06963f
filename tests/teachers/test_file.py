import gzip
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdistill import DistilledClassifier
from skdistill.teachers.file import load_teacher, model_behind


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


def test_a_path_stands_for_the_model_in_the_file(tmp_path):
    X, y = load_iris(return_X_y=True)
    forest = RandomForestClassifier(20, random_state=0).fit(X, y)
    joblib.dump(forest, tmp_path / "forest.joblib")
    paths = [tmp_path / "forest.joblib", tmp_path / "zipped.joblib"]
    joblib.dump(forest, paths[1], compress=3)
    fits = [
        DistilledClassifier(teacher, max_iter=3, n_jobs=2, random_state=0).fit(X, y)
        for teacher in [forest, *paths]
    ]
    for fitted in fits[1:]:
        assert isinstance(fitted.teacher_, RandomForestClassifier)
        assert_array_equal(fitted.student_.predict_proba(X), fits[0].predict_proba(X))


def test_a_file_is_read_once_until_it_changes(tmp_path, model):
    path = tmp_path / "model.joblib"
    joblib.dump(model, path)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(model_behind, [path] * 8))
    assert all(one is found[0] for one in found)
    assert not found[0].coef_.flags.writeable
    joblib.dump(clone(model).set_params(C=0.1).fit([[0], [1]], [0, 1]), path)
    assert model_behind(path).C == 0.1


def test_a_path_of_no_classifier(tmp_path):
    regression = LinearRegression().fit([[0], [1]], [0, 1])
    joblib.dump(regression, tmp_path / "model.joblib")
    with pytest.raises(ValueError, match="not a classifier but a regressor"):
        DistilledClassifier(tmp_path / "model.joblib").fit([[0.0], [1.0]], [0, 1])


def test_a_path_that_is_not_there():
    with pytest.raises(FileNotFoundError, match=r"none\.joblib"):
        DistilledClassifier(Path("none.joblib")).fit([[0.0], [1.0]], [0, 1])
