"""Frames and arrays of Dask as rows: lazy answers and predictions, and arguments."""

import gc
import pickle
import time
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skdistill import DistillationReport, DistilledClassifier

pytest.importorskip("distributed")

import cloudpickle
import dask
import dask.array as da
import dask.dataframe as dd
from distributed import Client

from skdistill.dask import DaskDistilledClassifier, label, on_cluster
from skdistill.dask.parts import Parts

# Older versions of Dask warn of the scheduler that most tests here take.
pytestmark = pytest.mark.filterwarnings("ignore:Running on a single-machine scheduler")

X, Y = load_iris(return_X_y=True, as_frame=True)
X.columns = ["a", "b", "c", "d"]
X, Y = X.sample(frac=1.0, random_state=0), Y.sample(frac=1.0, random_state=0)
NAMES = pd.Series(np.array(["s", "ve", "vi"])[Y], index=X.index)
FOREST = RandomForestClassifier(10, random_state=0).fit(X, NAMES)
OF_ARRAYS = LogisticRegression(max_iter=500).fit(X.to_numpy(), Y.to_numpy())


@pytest.fixture(autouse=True)
def in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture(scope="module")
def client():
    how = {"processes": False, "n_workers": 1, "dashboard_address": "127.0.0.1:0"}
    # Workers in this process leave their scheduler as the default.
    with dask.config.set(scheduler=None), Client(**how) as client:
        yield client


def model(teacher=FOREST, **parameters):
    given = {"hidden_layer_sizes": 4, "max_iter": 3, "random_state": 0, **parameters}
    return DaskDistilledClassifier(teacher, **given)


def frame(table, n_parts=4):
    return dd.from_pandas(table, npartitions=n_parts, sort=False)


def array(table, chunks=40):
    return da.from_array(table.to_numpy(), chunks=chunks)


@pytest.fixture(scope="module")
def of_frames(client):
    return model().fit(frame(X), frame(NAMES))


@pytest.fixture(scope="module")
def of_arrays(client):
    return model(OF_ARRAYS).fit(array(X, (40, 3)), array(Y, 50))


def test_predictions_of_a_frame_are_those_in_memory(of_frames):
    local, rows = of_frames.to_local(), frame(X)
    assert type(local) is DistilledClassifier
    for method in ("predict_proba", "predict_log_proba", "decision_function"):
        lazy = getattr(of_frames, method)(rows)
        assert isinstance(lazy, dd.DataFrame)
        made = lazy.compute()
        assert made.columns.tolist() == lazy.columns.tolist() == ["s", "ve", "vi"]
        assert made.index.equals(X.index)
        assert_array_equal(made.to_numpy(), getattr(local, method)(X))
        assert (lazy.dtypes == made.dtypes).all()
    labels = of_frames.predict(rows)
    assert isinstance(labels, dd.Series)
    assert_array_equal(labels.compute(), local.predict(X))
    assert labels.compute().index.equals(X.index)
    assert of_frames.score(rows, frame(NAMES)) == local.score(X, NAMES)


def test_predictions_of_an_array_are_those_in_memory(of_arrays):
    local, rows = of_arrays.to_local(), array(X, (40, 3))
    proba = of_arrays.predict_proba(rows)
    assert (proba.shape, proba.dtype) == ((150, 3), np.float32)
    assert_array_equal(proba.compute(), local.predict_proba(X.to_numpy()))
    labels = of_arrays.predict(rows)
    assert (labels.shape, labels.dtype) == ((150,), Y.dtype)
    assert_array_equal(labels.compute(), local.predict(X.to_numpy()))
    assert not hasattr(of_arrays, "feature_names_in_")
    of_unknown_size = rows[rows[:, 0] > 5.0]
    few = X.to_numpy()[X["a"] > 5.0]
    assert_array_equal(of_arrays.predict(of_unknown_size), local.predict(few))


def test_two_classes_have_one_logit(client):
    two = X[Y < 2]
    teacher = LogisticRegression().fit(two, Y[Y < 2])
    fitted = model(teacher).fit(frame(two), frame(Y[Y < 2]))
    logits = fitted.decision_function(frame(two))
    assert isinstance(logits, dd.Series)
    assert_array_equal(logits.compute(), fitted.to_local().decision_function(two))


def test_parts_without_rows(of_frames):
    rows = frame(X)[frame(X)["a"] > 100.0]
    assert of_frames.predict_proba(rows).compute().shape == (0, 3)
    assert of_frames.predict(rows).compute().shape == (0,)
    some = frame(X.sort_values("a"))
    some = some[some["a"] > X["a"].quantile(0.6)]
    kept = X.sort_values("a")[X["a"].sort_values() > X["a"].quantile(0.6)]
    assert_array_equal(of_frames.predict(some), of_frames.to_local().predict(kept))


def test_columns_in_another_order_are_refused(of_frames):
    with pytest.raises(ValueError, match="feature names should match"):
        of_frames.predict(frame(X[["b", "a", "c", "d"]])).compute()


def test_what_stays_with_an_estimator(of_frames):
    again = pickle.loads(pickle.dumps(of_frames))
    assert again.client is None
    assert_array_equal(again.to_local().predict(X), of_frames.to_local().predict(X))
    assert of_frames.teacher_ is FOREST
    assert type(clone(of_frames)) is DaskDistilledClassifier
    assert not hasattr(of_frames, "partial_fit")
    report = DistillationReport.from_estimator(of_frames.to_local(), X, NAMES)
    assert "equal to rows that the student was trained on" in " ".join(
        str(report).split()
    )


def test_all_rows_are_learned_with_their_weights(client):
    """A weight of 0 leaves a row out, and a missing label makes it unlabelled."""
    weights = pd.Series(np.where(np.arange(150) < 90, 1.0, 0.0), index=X.index)
    labels = NAMES.where(np.arange(150) % 3 > 0)
    weighted = model().fit(frame(X), frame(labels), frame(weights))
    few = model().fit(frame(X[:90]), frame(labels[:90]))
    assert weighted.n_transfer_ == few.n_transfer_
    assert weighted.n_synthetic_ == few.n_synthetic_
    alone = model().fit(frame(X))
    assert alone.classes_.tolist() == ["s", "ve", "vi"]


# Answers


def test_answers_are_those_of_the_teacher():
    answers = label(FOREST, frame(X))
    assert answers.columns.tolist() == ["s", "ve", "vi"]
    expected = FOREST.predict_proba(X).astype(np.float32)
    assert_array_equal(answers.compute(), expected)
    assert answers.compute().index.equals(X.index)
    of_array = label(OF_ARRAYS, array(X)).compute()
    assert of_array.dtype == np.float32
    for start in range(0, 150, 40):
        rows = slice(start, start + 40)
        one = OF_ARRAYS.predict_proba(X.to_numpy()[rows]).astype(np.float32)
        assert_array_equal(of_array[rows], one)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Of Dask, with pandas 3.1.
def test_saved_answers_teach(client, tmp_path):
    rows = frame(X.assign(name=NAMES))
    dd.concat([rows, label(FOREST, rows[list(X)])], axis=1).to_parquet(tmp_path)
    table = dd.read_parquet(tmp_path)
    answers = table[["ve", "vi", "s"]]
    given = (table[list(X)], table["name"])
    fitted = model("precomputed").fit(*given, teacher_proba=answers)
    assert fitted.teacher_ == "precomputed"
    lengths = tuple(map(len, dask.compute(*table.to_delayed(optimize_graph=False))))
    in_order = answers.compute()[["s", "ve", "vi"]].to_numpy()
    in_order = da.from_array(in_order, chunks=(lengths, 3))
    of_array = model("precomputed").fit(*given, teacher_proba=in_order)
    kept = model("precomputed").to_local()
    kept.fit(X, NAMES, teacher_proba=label(FOREST, frame(X)).compute())
    assert fitted.n_steps_ == kept.n_steps_
    assert fitted.loss_curve_ == of_array.loss_curve_
    assert fitted.to_local().score(X, NAMES) > 0.6


def test_the_path_of_a_teacher_is_opened_by_workers(client, tmp_path):
    path = tmp_path / "forest.joblib"
    joblib.dump(FOREST, path)
    answers = label(path, frame(X))
    path.rename(tmp_path / "other.joblib")
    with pytest.raises(FileNotFoundError, match="forest.joblib"):
        answers.compute()
    with pytest.raises(ValueError, match=r"forest.joblib, are not known here: give c"):
        label(path, frame(X))
    with pytest.raises(ValueError, match="If it answers with .* or task=.numbers"):
        label(lambda X: X, frame(X))
    answers = label(path, frame(X), classes=["vi", "ve", "s"])
    (tmp_path / "other.joblib").rename(path)
    assert_array_equal(answers.compute(), FOREST.predict_proba(X).astype(np.float32))
    fitted = model(path).fit(frame(X), frame(NAMES))
    assert fitted.teacher_ == path
    by_object = model().fit(frame(X), frame(NAMES))
    assert fitted.loss_curve_ == by_object.loss_curve_


class Alone:
    """A teacher that must not be asked by two threads at a time."""

    classes_ = np.array([0, 1])
    n_inside = 0

    def predict_proba(self, rows):
        Alone.n_inside += 1
        assert Alone.n_inside == 1
        answer = np.tile([0.25, 0.75], (len(rows), 1))
        for _ in range(20):
            np.linalg.inv(np.eye(100))  # Another thread may run meanwhile.
        Alone.n_inside -= 1
        return answer


def test_threads_ask_a_teacher_of_the_user_one_after_another():
    with dask.config.set(scheduler="threads", num_workers=4):
        answers = label(Alone(), frame(pd.concat([X] * 4), 16)).compute()
    assert (answers.to_numpy() == [0.25, 0.75]).all()


# Errors


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((X, NAMES), TypeError, "X is a DataFrame: give a frame or an array of Dask"),
        ((frame(X), NAMES), TypeError, "y is a Series: give a Series of Dask"),
        ((frame(X), frame(NAMES, 3)), ValueError, "y has 3 parts, and X has 4"),
        ((frame(X), frame(NAMES[:100])), ValueError, "of y has 25 rows, and that of X"),
        ((array(Y), array(Y)), ValueError, "X has 1 dimensions"),
        ((frame(X), frame(X)), ValueError, "y 0' is 5.* in part 0: columns of label"),
        ((frame(X), array(X)[:, :, None]), TypeError, "y is a Array: give a Series"),
    ],
)
def test_arguments_that_do_not_fit(client, arguments, error, message):
    fresh = model()
    with pytest.raises(error, match=message):
        fresh.fit(*arguments)
    assert not hasattr(fresh, "student_")


def test_a_column_of_several_types_is_named(client):
    mixed = frame(X.assign(e=X["a"].astype(object)))
    mixed = mixed.map_partitions(
        lambda part: part.assign(e=[1, "b"] * (len(part) // 2))
    )
    with pytest.raises(ValueError, match=r"column 'e' of X holds values of different"):
        model(lambda X: None).fit(mixed, frame(NAMES))


def test_teachers_and_parameters_that_are_refused(client):
    rows = frame(X), frame(NAMES)
    with pytest.raises(ValueError, match="LogisticRegression, is not fitted, and it"):
        model(LogisticRegression()).fit(*rows)
    with pytest.raises(ValueError, match="is not fitted: only a fitted teacher"):
        label(LogisticRegression(), rows[0])
    with pytest.raises(ValueError, match=r"classes of the teacher, <lambda>, .* give"):
        label(lambda X: None, rows[0])
    with pytest.raises(ValueError, match="precomputed.*: give teacher_proba"):
        model("precomputed").fit(*rows)
    with pytest.raises(ValueError, match="early_stopping=True"):
        model(early_stopping=True).fit(*rows)
    with pytest.raises(ValueError, match="max_rows=0 is neither"):
        model().fit(*rows, max_rows=0)


def test_a_warning_of_a_worker_is_shown_here(client):
    wrong = LogisticRegression().fit(X, NAMES.to_numpy()[::-1])
    with pytest.warns(UserWarning, match="LogisticRegression, predicts labels"):
        model(wrong).fit(frame(X), frame(NAMES))


def test_a_failed_fit_leaves_nothing_on_the_cluster(client):
    weights = pd.Series(np.where(np.arange(150) == 120, -1.0, 1.0), index=X.index)
    try:
        model().fit(frame(X), frame(NAMES), frame(weights))
    except ValueError as error:
        said, notes = str(error), error.__notes__
    assert "is -1.0 in part 3: a weight" in said
    assert "It happened in part 3 of the rows." in notes
    gc.collect()
    scheduler = client.cluster.scheduler

    def left():
        names = list(map(str, scheduler.tasks))
        return names + list(scheduler.extensions["events"]._events)

    deadline = time.monotonic() + 30
    while left() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left() == []


def test_a_fit_inside_a_task_gives_its_thread_back():
    how = {"processes": False, "n_workers": 1, "threads_per_worker": 1}
    with Client(**how, dashboard_address="127.0.0.1:0") as alone:
        rows, names = frame(X), frame(NAMES)
        fitted = alone.submit(lambda: model().fit(rows, names)).result(timeout=120)
        assert fitted.loss_curve_ == model().fit(rows, names).loss_curve_


def test_a_part_goes_to_the_scheduler_without_the_others(client):
    few, many = (Parts(frame(X, n), frame(Y, n), None, None) for n in (3, 30))
    sizes = [len(cloudpickle.dumps(one._parts[0])) for one in (few, many)]
    assert sizes[1] < sizes[0]


def test_frames_that_dask_cuts_by_size(client):
    rows = frame(X.assign(name=NAMES), 2).repartition(partition_size="2KiB")
    given = rows[list(X)], rows["name"]
    assert given[0].npartitions > 2
    assert model().fit(*given).n_features_in_ == 4


def always_even(rows):
    return np.full((len(rows), 3), 1 / 3)


def test_hidden_values_of_masked_arrays_are_missing(client):
    masked = array(X, (40, 4)).map_blocks(np.ma.masked_greater, 6.0, dtype=float)
    seen = array(X.where(X <= 6.0), (40, 4))
    even = model(always_even, distillation_weight=0.0)
    fits = [clone(even).fit(rows, array(Y)) for rows in (masked, seen)]
    assert fits[0].loss_curve_ == fits[1].loss_curve_


def test_a_source_of_seeds_gives_each_fit_another_one(client):
    source = np.random.RandomState(0)
    fits = [model(random_state=source).fit(frame(X), frame(NAMES)) for _ in range(2)]
    assert fits[0].loss_curve_ != fits[1].loss_curve_


def test_types_are_known_before_the_values(of_frames):
    fitted = pickle.loads(pickle.dumps(of_frames))
    fitted.classes_ = fitted.classes_.astype(object)
    lazy = fitted.predict(frame(X))
    assert lazy.dtype == lazy.compute().dtype


def test_whole_classes_have_the_names_of_integers():
    teacher = LogisticRegression(max_iter=500).fit(X, Y.astype(float))
    assert label(teacher, frame(X)).columns.tolist() == ["0", "1", "2"]


def test_sparse_parts_are_refused(client):
    sparse = array(X, (40, 4)).map_blocks(csr_array, meta=np.empty((0, 0)))
    with pytest.raises(TypeError, match="part 0 of X is sparse: give arrays"):
        model(OF_ARRAYS).fit(sparse, array(Y))
    with pytest.raises(TypeError, match="a part of X is sparse"):
        label(OF_ARRAYS, sparse).compute()


def test_a_relative_path_is_that_of_the_client(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    joblib.dump(FOREST, "forest.joblib")
    answers = label(Path("forest.joblib"), frame(X))
    monkeypatch.chdir("/")
    assert answers.compute().shape == (150, 3)


def test_an_asynchronous_client_is_refused():
    fitted = model()
    fitted.client = SimpleNamespace(asynchronous=True)
    with pytest.raises(ValueError, match="the client is asynchronous"):
        fitted._client()


def test_no_client_is_named(monkeypatch):
    def no_client():
        raise ValueError("No clients found")

    monkeypatch.setattr(on_cluster, "default_client", no_client)
    with pytest.raises(ValueError, match="there is no client of a cluster"):
        model()._client()


def test_another_client(client):
    fitted = model()
    fitted.client = client
    assert fitted._client() is client
    assert fitted.fit(frame(X), frame(NAMES)) is fitted
