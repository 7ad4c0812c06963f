"""Callbacks of scikit-learn, which version 1.9 introduced."""

import threading
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier

pytestmark = pytest.mark.usefixtures("few_steps")

STEPS = ["query teacher", "encode rows", "choose parameters", "train student"]
QUERIES = [
    "given rows",
    "unlabeled rows",
    "unseen rows",
    "synthetic rows",
    "redrawn rows",
]


def quick(teacher=None, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (8,),
            "max_iter": 12,
            "weight_decay": 0.1,
            "weight_dtype": "float32",
            "random_state": 0,
            **parameters,
        },
    )


class Recorder:
    """Notes which tasks begin and end. It can stop after some epochs, or fail."""

    def __init__(self, stop_after=None, fail_in=None):
        self.stop_after = stop_after
        self.fail_in = fail_in
        self.events = []
        self.set_up = self.torn_down = 0

    def setup(self, estimator, context):
        self.set_up += 1

    def teardown(self, estimator, context):
        self.torn_down += 1

    def on_fit_task_begin(self, estimator, context):
        self.events.append(("begin", path(context)))
        if context.task_name == self.fail_in:
            raise RuntimeError("failed")

    def on_fit_task_end(self, estimator, context):
        self.events.append(("end", path(context)))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after

    def ended(self, *parents):
        """Return the names of the ended tasks directly within a task."""
        return [
            p[-1] for event, p in self.events if event == "end" and p[:-1] == parents
        ]


class Propagated(Recorder):
    """Is also passed on to the estimators within an estimator."""

    max_propagation_depth = None


class Keeper(Recorder):
    """Keeps, at each task's end, the data and the estimator as of then."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def on_fit_task_end(
        self,
        estimator,
        context,
        *,
        X=None,
        y=None,
        metadata=None,
        fitted_estimator=None,
    ):
        name = context.task_name
        self.kept.append((name, X, y, metadata, fitted_estimator))


def path(context):
    names = [] if context.parent is None else [*path(context.parent)]
    return (*names, context.task_name)


def test_tasks_are_nested(blobs):
    X, y = blobs
    recorder = Recorder()
    quick().set_callbacks(recorder).fit(X, y, X_unlabeled=X[:5])
    assert recorder.events[0] == ("begin", ("fit",))
    assert recorder.events[-1] == ("end", ("fit",))
    assert recorder.ended("fit") == ["fit teacher", *STEPS]
    assert recorder.ended("fit", "query teacher") == QUERIES
    assert recorder.ended("fit", "train student") == ["epoch"] * 12
    open_tasks = []
    for event, task in recorder.events:
        if event == "begin":
            assert task[:-1] == (open_tasks[-1] if open_tasks else ())
            open_tasks.append(task)
        else:
            assert task == open_tasks.pop()
    assert (recorder.set_up, recorder.torn_down) == (1, 1)


def test_a_fitted_teacher_is_not_fitted(blobs):
    X, y = blobs
    recorder = Recorder()
    quick(LogisticRegression().fit(X, y)).set_callbacks(recorder).fit(X, y)
    assert recorder.ended("fit") == STEPS


def test_a_callback_sees_no_names_of_a_former_fit(blobs):
    X, y = blobs
    model = quick().fit(pd.DataFrame(X, columns=list("abcd")), y)
    keeper = Keeper()
    model.set_callbacks(keeper).fit(X[:, :3], y)
    as_of_then = [kept for *_, kept in keeper.kept if kept is not None]
    assert as_of_then
    for estimator in as_of_then:
        assert not hasattr(estimator, "feature_names_in_")
        assert estimator.predict(X[:, :3]).shape == y.shape


def test_callbacks_stay_in_the_thread_of_the_fit(blobs):
    """Threads answer and train, and each stage is told as on one thread."""

    class Threads(Recorder):
        def on_fit_task_begin(self, estimator, context):
            super().on_fit_task_begin(estimator, context)
            threads.add(threading.current_thread())

        def on_fit_task_end(self, estimator, context):
            threads.add(threading.current_thread())
            return super().on_fit_task_end(estimator, context)

    X, y = blobs
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    threads, told = set(), []
    for n_jobs in (1, 2):
        recorder = Threads()
        model = quick(forest, weight_decay="auto", max_iter=2, n_jobs=n_jobs)
        model.set_callbacks(recorder).fit(X, y)
        told.append(recorder.events)
    assert told[0] == told[1]
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize(("epochs", "tasks"), [(50, 50), (51, 26), (250, 50)])
def test_many_epochs_share_tasks(blobs, epochs, tasks):
    X, y = blobs
    recorder = Keeper()
    model = quick(max_iter=epochs).set_callbacks(recorder).fit(X, y)
    names = [name for name, *_ in recorder.kept if name.startswith("epoch")]
    assert len(names) == tasks
    assert set(names) == {"epoch" if tasks == epochs else "epochs"}
    assert_array_equal(recorder.kept[-3][-1].predict_proba(X), model.predict_proba(X))


def test_tasks_of_an_early_stop_end(blobs):
    X, y = blobs
    recorder = Recorder()
    model = quick(
        max_iter=200,
        early_stopping=True,
        scoring=lambda *_: 0.5,
        n_iter_no_change=10,
    )
    model.set_callbacks(recorder).fit(X, y)
    # A task has up to four epochs.
    assert model.n_iter_ < 200
    n_tasks = -(-model.n_iter_ // 4)
    assert recorder.ended("fit", "train student") == ["epochs"] * n_tasks


def test_an_interrupt_ends_the_tasks(blobs):
    X, y = blobs

    class Interrupting(Recorder):
        def on_fit_task_begin(self, estimator, context):
            super().on_fit_task_begin(estimator, context)
            if context.task_name == "epoch" and context.task_id == 5:
                raise KeyboardInterrupt

    recorder = Interrupting()
    with pytest.warns(UserWarning, match="interrupted by user, after 5 of 12 epochs"):
        model = quick().set_callbacks(recorder).fit(X, y)
    assert model.n_iter_ == 5
    assert recorder.ended("fit", "train student") == ["epoch"] * 5
    assert recorder.ended("fit") == ["fit teacher", *STEPS]
    assert recorder.torn_down == 1


@pytest.mark.parametrize("encoder", ["auto", None])
def test_a_callback_gets_the_student_as_it_is(blobs, encoder):
    X, y = blobs
    weights = np.linspace(1, 2, len(y))
    keeper = Keeper()
    table = pd.DataFrame(X, columns=list("abcd"))
    model = quick(encoder=encoder).set_callbacks(keeper)
    model.fit(table, y, sample_weight=weights)
    students = [kept[-1] for kept in keeper.kept if kept[0] == "epoch"]
    answers = [student.predict_proba(table) for student in students]
    assert len(answers) == 12
    for one, other in pairwise(answers):
        assert np.abs(one - other).max() > 0
    assert_array_equal(answers[-1], model.predict_proba(table))
    assert keeper.kept[-1][0] == "fit"
    assert_array_equal(keeper.kept[-1][-1].predict_proba(table), answers[-1])
    for name, given, labels, metadata, estimator in keeper.kept:
        assert given is table
        assert labels is y
        assert metadata == {"sample_weight": weights}
        # Only these tasks have a student, and so an estimator to score.
        assert (estimator is None) == (name not in ("epoch", "fit"))


def test_without_weights_there_is_no_metadata(blobs):
    X, y = blobs
    keeper = Keeper()
    quick(LogisticRegression().fit(X, y)).set_callbacks(keeper).fit(X)
    assert (
        {kept[3] for kept in keeper.kept} == {kept[2] for kept in keeper.kept} == {None}
    )


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("form", ["dense", "sparse", "linear sparse"])
def test_callbacks_that_only_look_change_no_bit(blobs, form, early_stopping):
    X, y = blobs
    X = csr_array(np.where(np.abs(X) > 1, X, 0)) if "sparse" in form else X
    model = quick(
        LogisticRegression(),
        hidden_layer_sizes=() if "linear" in form else (8,),
        max_iter=40,
        batch_size=8,
        early_stopping=early_stopping,
    )
    watched = clone(model).set_callbacks(Keeper()).fit(X, y)
    model.fit(X, y)
    assert watched.loss_curve_ == model.loss_curve_
    assert_array_equal(watched.predict_proba(X), model.predict_proba(X))


def test_a_callback_may_stop_the_training(blobs):
    X, y = blobs
    recorder = Recorder(stop_after=4)
    model = quick().set_callbacks(recorder).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 4
    assert recorder.ended("fit") == ["fit teacher", *STEPS]


@pytest.mark.parametrize("max_terms", [None, 2])
def test_a_convex_training_stops_and_is_interrupted(blobs, max_terms):
    X, y = blobs
    X = csr_array(np.where(np.abs(X) > 1, X, 0))

    class Interrupting(Recorder):
        def on_fit_task_begin(self, estimator, context):
            if context.task_name == "epoch" and context.task_id == 3:
                raise KeyboardInterrupt

    model = quick(
        RandomForestClassifier(10, random_state=0),
        hidden_layer_sizes=(),
        max_iter=40,
        max_terms=max_terms,
        weight_decay=1e-6,
    )
    stopped = clone(model).set_callbacks(Recorder(stop_after=3)).fit(X, y)
    interrupted = clone(model).set_callbacks(Interrupting())
    with pytest.warns(UserWarning, match="after 3 of 40 epochs"):
        interrupted.fit(X, y)
    assert stopped.n_iter_ == interrupted.n_iter_ == 3
    assert_array_equal(stopped.predict_proba(X), interrupted.predict_proba(X))
    assert (stopped.pruning_ is None) == (max_terms is None)


@pytest.mark.parametrize("task", ["fit", "fit teacher", "given rows", "epoch"])
def test_a_callback_that_fails(blobs, task):
    X, y = blobs
    model = quick().fit(X, y)
    recorder = Recorder(fail_in=task)
    model.set_callbacks(recorder)
    before = dict(vars(model))
    with pytest.raises(RuntimeError, match="failed"):
        model.fit(X, y)
    assert vars(model) == before
    assert recorder.torn_down == 1


def test_a_fit_that_fails_tears_down(blobs):
    X, y = blobs

    def broken(rows):
        raise ValueError("broken teacher")

    recorder = Recorder()
    with pytest.raises(ValueError, match="broken teacher"):
        quick(broken).set_callbacks(recorder).fit(X, y)
    assert (recorder.set_up, recorder.torn_down) == (1, 1)


def test_a_teacher_that_takes_callbacks_reports_its_tasks(blobs):
    X, y = blobs
    recorder = Propagated()
    teacher = make_pipeline(StandardScaler(), RandomForestClassifier(5))
    model = quick(teacher, calibrate_teacher=False).set_callbacks(recorder)
    with pytest.warns(UserWarning, match="RandomForestClassifier does not support"):
        model.fit(X, y)  # The warning is from scikit-learn's pipeline.
    # The fit of the pipeline is the task "fit teacher" itself.
    assert recorder.ended("fit") == ["fit", *STEPS]
    assert recorder.ended("fit", "fit")[-1] == "fit-final-estimator"
    assert (recorder.set_up, recorder.torn_down) == (1, 1)
    assert not hasattr(model.teacher_, "_skl_callbacks")
    assert not hasattr(model.teacher_, "_parent_callback_ctx")
    assert not hasattr(teacher, "_skl_callbacks")


def test_a_teacher_without_callbacks_is_fitted_in_silence(blobs):
    X, y = blobs
    recorder = Propagated()
    quick(RandomForestClassifier(5)).set_callbacks(recorder).fit(X, y)
    assert recorder.ended("fit") == ["fit teacher", *STEPS]


def test_scoring_monitor(blobs):
    X, y = blobs
    monitor, keeper = ScoringMonitor(scoring="accuracy"), Keeper()
    quick().set_callbacks(monitor, keeper).fit(X, y)
    log = monitor.get_logs().data_as_pandas
    students = [kept[-1] for kept in keeper.kept if kept[0] == "epoch"]
    epochs = log[log.task_name == "epoch"].sort_values("task_id")
    expected = [accuracy_score(y, student.predict(X)) for student in students]
    assert epochs["accuracy"].tolist() == expected
    assert len(log) == 13  # 12 epochs and the whole fit.


def test_in_a_grid_search(blobs):
    X, y = blobs
    recorder, monitor = Propagated(), ScoringMonitor(scoring="accuracy")
    search = GridSearchCV(
        quick(RandomForestClassifier(5)).set_callbacks(monitor),
        {"hidden_layer_sizes": [(4,), (8,)]},
        cv=2,
    ).set_callbacks(recorder)
    search.fit(X, y)
    ended = [task for event, task in recorder.events if event == "end"]
    # Two candidates on two folds, then the best one on all rows.
    assert [task[-1] for task in ended].count("fit teacher") == 5
    assert [task[-1] for task in ended].count("epoch") == 5 * 12
    log = monitor.get_logs().data_as_pandas
    assert (log["task_name"] == "epoch").sum() == 5 * 12
    assert recorder.torn_down == 1


def test_progress_bar(blobs, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    before = set(threading.enumerate())
    X, y = blobs
    model = quick(LogisticRegression()).set_callbacks(ProgressBar())
    model.fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert all("100%" in line for line in lines)
    assert [line.split("━")[0].rstrip() for line in lines] == [
        "DistilledClassifier - fit",
        "  DistilledClassifier - fit teacher | LogisticRegression - fit #0",
        "  DistilledClassifier - query teacher #1",
        "  DistilledClassifier - train student #4",
    ]
    bare = clone(model).set_callbacks().fit(X, y)
    assert_array_equal(model.predict_proba(X), bare.predict_proba(X))

    def broken(rows):
        raise ValueError("broken teacher")

    with pytest.raises(ValueError, match="broken teacher"):
        model.set_params(teacher=broken).fit(X, y)
    # A bar that is not torn down would keep the process from ending.
    left = set(threading.enumerate()) - before
    assert all(thread.daemon for thread in left)


def test_clones_share_callbacks(blobs):
    X, y = blobs
    recorder = Recorder()
    for teacher in (LogisticRegression(), LogisticRegression().fit(X, y)):
        clone(quick(teacher).set_callbacks(recorder)).fit(X, y)
    assert recorder.set_up == recorder.torn_down == 2


def test_callbacks_see_students_of_label_sets(few_steps):
    X, Y = make_multilabel_classification(100, 6, n_classes=3, random_state=0)
    keeper, monitor = Keeper(), ScoringMonitor(scoring="f1_micro")
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    quick(forest, max_iter=4).set_callbacks(keeper, monitor).fit(X, Y)
    epochs = [task for task in keeper.kept if task[0] == "epoch"]
    assert len(epochs) == 4
    _, _, y, _, student = epochs[-1]
    assert_array_equal(y, Y)
    assert student.predict(X).shape == Y.shape
