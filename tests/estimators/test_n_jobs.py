"""`n_jobs`: the same student for any number of threads, and ways in which it fails."""

import os
import signal
import threading
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from skdistill import DistilledClassifier, compress_to
from skdistill.common.side_by_side import StoppedError
from skdistill.teachers import blocks
from skdistill.teachers.table_forest import table_forest
from skdistill.training import short_trainings

# Enough rows for several blocks of a question, with the limit below.
X, Y = make_classification(
    600, 6, n_informative=5, n_redundant=0, n_classes=3, flip_y=0.1, random_state=0
)
FOREST = RandomForestClassifier(20, random_state=0, n_jobs=2).fit(X, Y)
BOOSTING = HistGradientBoostingClassifier(max_iter=10, random_state=0).fit(X, Y)
TABLE = pd.DataFrame(X, columns=list("abcdef")).assign(
    town=np.array(["Bonn", "Rome", "Oslo"])[(X[:, 0] > 0) + (X[:, 1] > 1).astype(int)]
)
SPARSE = csr_array(np.where(np.abs(X) > 0.7, X, 0.0))


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "_FEWEST_ROWS", 50)


def make(teacher, **parameters):
    parameters = {
        "hidden_layer_sizes": (8,),
        "max_iter": 2,
        "n_synthetic": 300,
        "random_state": 0,
        **parameters,
    }
    return DistilledClassifier(teacher, **parameters)


def bits(model):
    """Return all that a fit decides, to the bit."""
    student = model.student_
    parts = [part.tobytes() for part in (*student.coefs_, *student.intercepts_)]
    if student.knot_table_ is not None:
        parts.append(student.knot_table_.tobytes())
    if model.sensitivity_ is not None:
        parts.append(model.sensitivity_.tobytes())
    decided = (model.weight_decay_, model.teacher_temperature_, model.teacher_share_)
    return parts, decided, repr(model.capacity_), repr(model.cv_)


def safe(rows):
    return FOREST.predict_proba(rows)


safe.thread_safe = True

CASES = {
    "forest": (FOREST, X, {}),
    "boosting": (BOOSTING, X, {}),
    "method": (BOOSTING.predict_proba, X, {}),
    "function": (lambda rows: BOOSTING.predict_proba(rows), X, {}),
    "safe function": (safe, X, {}),
    "linear": (LogisticRegression().fit(X, Y), X, {"encoder": None}),
    "clones": (GaussianNB(), X, {"cv": 3}),
    "repeats labels": (KNeighborsClassifier(5, weights="distance"), X, {}),
    "out of bag": (RandomForestClassifier(20, random_state=0), X, {"cv": "oob"}),
    "bagging": (BaggingClassifier(GaussianNB(), 10, random_state=0), X, {}),
    "table": (
        table_forest().set_params(randomforestclassifier__n_estimators=10),
        TABLE,
        {},
    ),
    "sparse": (LogisticRegression().fit(SPARSE, Y), SPARSE, {}),
    "sparse forest": (
        RandomForestClassifier(10, random_state=0).fit(SPARSE, Y),
        SPARSE,
        {"hidden_layer_sizes": "auto"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_bits_for_any_number_of_threads(case):
    teacher, rows, parameters = CASES[case]
    models = [
        make(teacher, n_jobs=n_jobs, **parameters).fit(rows, Y)
        for n_jobs in (None, 2, 3)
    ]
    expected = bits(models[0])
    assert [bits(model) == expected for model in models] == [True] * 3


def test_stored_answers_and_rows_without_labels():
    stored = {"teacher_proba": FOREST.predict_proba(X)}
    one, two = (make("precomputed", n_jobs=n).fit(X, Y, **stored) for n in (1, 2))
    assert bits(one) == bits(two)
    few = np.where(np.arange(600) < 60, Y, -1).astype(object)
    few[60:] = None
    one, two = (make(BOOSTING, n_jobs=n).fit(X, few) for n in (1, 3))
    assert one.capacity_.by_answers
    assert bits(one) == bits(two)


def test_a_forest_with_threads_of_its_own_gives_the_same_bits_each_time():
    """It would add the answers of its trees in the order in which threads end."""
    alone = RandomForestClassifier(20, random_state=0).fit(X, Y)
    expected = bits(make(alone).fit(X, Y))
    for n_jobs in (None, 1, 2):
        assert bits(make(FOREST, n_jobs=n_jobs).fit(X, Y)) == expected
    assert FOREST.n_jobs == 2
    with joblib.parallel_config("threading", n_jobs=2):
        assert bits(make(alone).fit(X, Y)) == expected


class Notes(ClassifierMixin, BaseEstimator):
    """A model that notes the threads that ask it, and may fail."""

    def __init__(self, inner, thread_safe=True, fails=None):
        self.inner, self.thread_safe, self.fails = inner, thread_safe, fails
        self.threads, self.classes_ = [], inner.classes_
        self.lock = threading.Lock()

    def predict_proba(self, rows):
        with self.lock:
            self.threads.append(threading.current_thread().name)
            if self.fails is not None and len(self.threads) > 2:
                raise self.fails
        return self.inner.predict_proba(rows)


def test_only_who_says_it_is_safe_is_asked_in_threads():
    main = threading.current_thread().name
    for is_safe, n_jobs in ((True, 2), (True, None), (False, 2)):
        teacher = Notes(BOOSTING, is_safe)
        make(teacher, n_jobs=n_jobs).fit(X, Y)
        in_threads = {*teacher.threads} - {main}
        assert bool(in_threads) == (is_safe and n_jobs == 2)
        assert len(in_threads) <= 2 * 10  # Each question has threads of its own.


def test_none_stands_for_the_number_of_joblibs_context():
    teacher = Notes(BOOSTING)
    with joblib.parallel_config(n_jobs=2):
        make(teacher).fit(X, Y)
    assert {*teacher.threads} != {threading.current_thread().name}


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    "error", [ValueError("no such row"), KeyboardInterrupt("by the user")]
)
def test_an_error_in_a_block_is_raised_with_its_words(error, n_jobs):
    model = make(BOOSTING).fit(X, Y)
    before = vars(model).copy()
    teacher = Notes(BOOSTING, fails=error)
    model.set_params(teacher=teacher, n_jobs=n_jobs)
    with pytest.raises(type(error), match=str(error)) as raised:
        model.fit(X, Y)
    if isinstance(error, ValueError):
        assert "The teacher, Notes, raised this error" in raised.value.__notes__[0]
    now = vars(model).copy()
    changed = {name for name in before if before[name] is not now[name]}
    assert changed <= {"teacher", "n_jobs"}


@pytest.fixture
def heeds_interrupts():
    # A job in the background of a shell may be started with the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent so on POSIX alone")
@pytest.mark.usefixtures("heeds_interrupts")
def test_an_interrupt_ends_the_short_trainings_in_other_threads(monkeypatch):
    """It reaches the thread of the fit alone, which does not wait for the others."""
    train, ended = short_trainings.train, []
    is_raised, has_ended, first = (threading.Event() for _ in range(3))

    def interrupted(network, rows, plan, random_state, observer):
        begin_epoch = observer.begin_epoch

        def begin(epoch):
            if epoch == 1 and not first.is_set():
                first.set()
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            if epoch == 1:
                assert is_raised.wait(30)
            begin_epoch(epoch)

        observer.begin_epoch = begin
        try:
            return train(network, rows, plan, random_state, observer)
        except Exception as error:
            ended.append(type(error))
            has_ended.set()
            raise

    monkeypatch.setattr(short_trainings, "train", interrupted)
    model = make(BOOSTING, n_jobs=2)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert not hasattr(model, "student_")
    assert ended == []
    is_raised.set()
    assert has_ended.wait(30)
    assert {*ended} == {StoppedError}


def test_a_warning_of_a_teacher_in_threads_is_seen():
    class Warns(Notes):
        def predict_proba(self, rows):
            warnings.warn("old rows", UserWarning, stacklevel=1)
            return super().predict_proba(rows)

    with pytest.warns(UserWarning, match="old rows"):
        make(Warns(BOOSTING), n_jobs=2).fit(X, Y)


def test_the_parts_of_a_question_are_told_in_order(capsys):
    told = []
    for n_jobs in (1, 2):
        make(FOREST, n_jobs=n_jobs, verbose=True).fit(X, Y)
        lines = capsys.readouterr().out.splitlines()
        told.append([line.split(" rows")[0] for line in lines if "answered" in line])
    assert told[0] == told[1]
    assert len(told[0]) == 3


def test_within_a_search_of_several_jobs():
    """The start of processes takes a few seconds."""

    def search(n_jobs, jobs_of_fit):
        model = make(BOOSTING, n_jobs=jobs_of_fit, n_synthetic=50)
        grid = {"distillation_weight": [0.5]}
        return GridSearchCV(model, grid, cv=2, n_jobs=n_jobs).fit(X, Y)

    expected = search(1, 1)
    for backend in ("loky", "threading"):
        with joblib.parallel_config(backend):
            found = search(2, 2)
        names = [f"split{fold}_test_score" for fold in range(2)]
        for name in names:
            assert_array_equal(found.cv_results_[name], expected.cv_results_[name])
        assert bits(found.best_estimator_) == bits(expected.best_estimator_)


def test_within_threads_of_compress_to():
    def sizes(n_jobs, jobs_of_fit):
        model = make(BOOSTING, n_jobs=jobs_of_fit, hidden_layer_sizes=(16,))
        found = compress_to(
            model, X, Y, max_points_lost=50, n_jobs=n_jobs, random_state=0
        )
        return [student.coefs_[-1].tobytes() for student in found.students_]

    assert sizes(2, 2) == sizes(1, 1)


def test_with_memory_the_answers_are_asked_once(tmp_path):
    expected, kept = bits(make(BOOSTING, n_jobs=2).fit(X, Y)), set()
    for n_jobs in (2, 1, 3):
        model = make(BOOSTING, n_jobs=n_jobs, memory=tmp_path).fit(X, Y)
        assert bits(model) == expected
        files = {path.name for path in tmp_path.rglob("*.joblib")}
        assert files
        assert files == (kept or files)
        kept = files


@pytest.mark.parametrize("n_jobs", [0, 1.5, "two"])
def test_a_number_of_threads_is_none_or_an_integer_that_is_not_zero(n_jobs):
    with pytest.raises(ValueError, match=f"'n_jobs' parameter .* Got {n_jobs!r}"):
        make(BOOSTING, n_jobs=n_jobs).fit(X, Y)
