"""Answers kept on disk: who is asked how often, and what makes an answer invalid."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter, OrderedDict
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skdistill import DistilledClassifier
from skdistill.common.lock import locked
from skdistill.model_selection import teacher_score
from skdistill.teachers.fingerprint import NoFingerprintError, fingerprint
from skdistill.teachers.memory import AnswerMemory, folder_of


@pytest.fixture(scope="module")
def rows():
    return make_classification(
        300, 5, n_redundant=0, n_clusters_per_class=1, class_sep=2.0, random_state=0
    )


class Noted(GaussianNB):
    """A teacher that writes into a file what it is asked, also in other processes."""

    def __init__(self, path=None, var_smoothing=1e-9):
        super().__init__(var_smoothing=var_smoothing)
        self.path = path

    def note(self, what, X):
        with open(self.path, "a") as file:
            file.write(f"{what} {len(X)}\n")

    def fit(self, X, y, sample_weight=None):
        self.note("fit", X)
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        self.note("proba", X)
        return super().predict_proba(X)

    def predict(self, X):
        # GaussianNB's own predict does not ask its predict_proba.
        self.note("predict", X)
        return super().predict(X)


@pytest.fixture
def noted(tmp_path):
    """Return a teacher, and a function that counts its calls and forgets them."""
    path = tmp_path / "calls"
    path.touch()

    def calls():
        counts = Counter(path.read_text().splitlines())
        path.write_text("")
        return counts

    return Noted(str(path)), calls


def student(teacher, memory, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (4,),
            "max_iter": 2,
            "weight_decay": 0.1,
            "n_synthetic": 70,
            "random_state": 0,
            "memory": memory,
            **parameters,
        },
    )


def entries(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("is_fitted", [True, False], ids=["fitted", "unfitted"])
@pytest.mark.parametrize("workers", ["one", "threading", "loky"])
def test_a_search_asks_once_a_fold(rows, noted, tmp_path, workers, is_fitted):
    X, y = rows
    teacher, calls = noted
    if is_fitted:
        teacher.fit(X, y)
        calls()
    search = GridSearchCV(
        student(teacher, tmp_path / "kept", calibrate_teacher="refit"),
        {"distillation_weight": [0.1, 0.5]},
        cv=3,
        n_jobs=1 if workers == "one" else 2,
    )
    with joblib.parallel_config("loky" if workers == "one" else workers):
        search.fit(X, y)
    once = {"proba 200": 3, "proba 40": 3, "proba 70": 4, "proba 300": 1}
    once |= {"proba 60": 1, "proba 1200": 3, "proba 1800": 1, "fit 160": 3}
    once |= {"fit 240": 1, "predict 200": 3, "predict 300": 1}
    if not is_fitted:
        once |= {"fit 200": 3, "fit 300": 1}
    assert calls() == once
    assert {path.suffix for path in entries(tmp_path / "kept")} == {".joblib"}
    clone(search).fit(X, y)
    assert not calls()


@pytest.mark.parametrize("is_fitted", [True, False], ids=["fitted", "unfitted"])
def test_scorers_ask_once_a_fold(rows, noted, tmp_path, is_fitted):
    X, y = rows
    teacher, calls = noted
    if is_fitted:
        teacher.fit(X, y)
    search = GridSearchCV(
        student(teacher, tmp_path / "kept", synthesizer=None),
        {"distillation_weight": [0.1, 0.3, 0.5]},
        scoring={"accuracy": "accuracy", "teacher": teacher_score},
        refit=False,
        cv=3,
    )
    calls()
    search.fit(X, y)
    counts = calls()
    assert (counts["proba 100"], counts["predict 100"]) == (3, 3)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"cv": 3}, {"calibrate_teacher": "refit"}, {"max_query_seconds": 1e4}],
    ids=str,
)
def test_the_student_is_the_same(rows, tmp_path, parameters):
    X, y = rows
    teacher = LogisticRegression()
    expected, first, second = (
        student(teacher, memory, **parameters).fit(X, y)
        for memory in (None, tmp_path, str(tmp_path))
    )
    for model in (first, second):
        for weights, others in zip(model.coefs_, expected.coefs_, strict=True):
            assert_array_equal(weights, others)
        assert_array_equal(model.teacher_.coef_, expected.teacher_.coef_)
    assert second.query_seconds_ == pytest.approx(first.query_seconds_)


def test_what_makes_an_answer_another_one(rows, noted, tmp_path):
    X, y = rows
    teacher, calls = noted

    def asked(teacher=teacher, X=X, y=y, **parameters):
        student(teacher, tmp_path / "kept", **parameters).fit(X, y)
        return calls()

    everything = asked()
    assert sum(everything.values()) > 4
    assert not asked()
    assert not asked(clone(teacher))
    assert not asked(distillation_weight=0.9, temperature=2.0)
    assert asked(X=X + 1) == everything
    assert asked(X=X.astype(np.float32)) == everything
    assert asked(y=1 - y) == everything
    assert asked(clone(teacher).set_params(var_smoothing=1e-3)) == everything
    assert asked(n_synthetic=71) == Counter(["proba 71"])
    assert asked(random_state=1) == Counter(["proba 70"])
    fitted = clone(teacher).fit(X, y)
    calls()
    first = asked(fitted)
    assert first
    assert "fit 300" not in first
    assert not asked(fitted)
    fitted.theta_[0, 0] += 1e-9
    assert asked(fitted) == first


def test_frames_count_by_their_values(rows, tmp_path):
    X, y = rows
    asked = []
    fitted = LogisticRegression().fit(X, y)
    table = pd.DataFrame(X, columns=list("abcde"))
    table["f"] = pd.Categorical(np.where(y, "yes", "no"))

    class Teacher:
        classes_ = np.array([0, 1])

        def predict_proba(self, X):
            asked.append(len(X))
            return fitted.predict_proba(X.iloc[:, :5].to_numpy())

    # The code of a class of the main program counts, and of others the name does.
    fit = partial(student(Teacher(), tmp_path, synthesizer=None).fit, y=y)
    fit(table)
    n_asked = len(asked)
    assert n_asked
    fit(table.copy()[list("abcdef")])
    assert len(asked) == n_asked
    for other in (
        table.rename(columns={"a": "z"}),
        table.astype({"f": object}),
        table.assign(a=table["a"] + 1e-9),
    ):
        asked.clear()
        fit(other)
        assert asked


FACTOR = 1.0


def by_global(X):
    return np.tile([0.5 / FACTOR, 1 - 0.5 / FACTOR], (len(X), 1))


def test_functions_count_by_code_and_variables(rows, tmp_path, monkeypatch):
    X, y = rows

    def proba_of(function):
        model = student(function, tmp_path, calibrate_teacher=False)
        memory = AnswerMemory.of(model)
        return memory.fingerprint_of(function)

    def constant(share):
        return lambda X: np.tile([share, 1 - share], (len(X), 1))

    prints = [
        proba_of(function)
        for function in (
            constant(0.3),
            constant(0.4),
            partial(constant(0.3)),
            LogisticRegression().fit(X, y).predict_proba,
            LogisticRegression(C=2).fit(X, y).predict_proba,
            lambda X: np.tile([0.3, 0.7], (len(X), 1)),
            by_global,
        )
    ]
    assert len(set(prints)) == len(prints)
    assert proba_of(constant(0.3)) == prints[0]
    assert proba_of(LogisticRegression().fit(X, y).predict_proba) == prints[3]
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 2.0)
    assert proba_of(by_global) != prints[6]


def written_in_main(source):
    """Return the object T of a source text, as a main program defines it."""
    names = {"__name__": "__main__", "np": np}
    exec(textwrap.dedent(source), names)
    return names["T"]


@pytest.mark.parametrize(
    "source",
    [
        "T = lambda X: VALUE",
        "sum = VALUE\ndef T(X):\n    return sum",
        "class T:\n    def answer(self):\n        return VALUE",
        "class T:\n    weight = VALUE",
        "class T:\n    @property\n    def weight(self):\n        return VALUE",
        "class T:\n    @staticmethod\n    def weight():\n        return VALUE",
        "class T:\n    @classmethod\n    def weight(cls):\n        return VALUE, T",
        "class B:\n    def weight(self):\n        return VALUE\nclass T(B):\n    pass",
        "class T:\n    itself = VALUE\nT.own = T",
    ],
)
def test_what_a_main_program_defines_counts_by_its_code(source):
    def print_of(value):
        thing = written_in_main(source.replace("VALUE", value))
        return fingerprint(thing() if isinstance(thing, type) else thing)

    assert print_of("1") == print_of("1")
    assert print_of("1") != print_of("2")


def test_texts_in_a_set_have_no_order():
    """Python gives them another order in each process."""
    source = "lambda X: X in {'a', 'b', 'c', 'd', 'e'}"
    script = f"""
        from skdistill.teachers.fingerprint import fingerprint
        print(fingerprint({source}))
    """
    prints = {
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1


def test_an_object_that_cannot_be_pickled_gives_no_fingerprint_anywhere():
    """joblib would hash what holds it a second time, without the rest of it."""
    for inside in (threading.Lock(), (number for number in ())):
        with pytest.raises(NoFingerprintError, match="cannot pickle"):
            fingerprint({"a": {"b": {"c": inside, "d": 1}}})


def test_the_path_of_a_file_counts_by_its_content(tmp_path):
    paths = [tmp_path / name for name in ("first.onnx", "second.onnx")]
    for path in paths:
        path.write_bytes(b"one")
    assert fingerprint(paths[0]) == fingerprint(paths[1])
    paths[1].write_bytes(b"two")
    assert fingerprint(paths[0]) != fingerprint(paths[1])
    before = fingerprint(paths[0])
    (tmp_path / "first.onnx.data").write_bytes(b"weights")
    assert fingerprint(paths[0]) != before


def test_modules_of_pytorch_count_by_their_weights():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU())
    before = fingerprint(module)
    assert fingerprint(pickle.loads(pickle.dumps(module))) == before
    with torch.inference_mode():
        module(torch.zeros(2, 3))
    assert fingerprint(module) == before
    with torch.no_grad():
        module[0].weight[0, 0] += 1e-3
    assert fingerprint(module) != before


def test_modules_of_pytorch_count_by_their_types_and_the_order_of_their_layers():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    short = torch.nn.Linear(3, 3).bfloat16()
    other = torch.nn.Linear(3, 3).bfloat16()
    assert fingerprint(short) != fingerprint(other)
    other.load_state_dict(short.state_dict())
    assert fingerprint(short) == fingerprint(other)
    zeros = [torch.zeros(3, dtype=kind) for kind in (torch.bfloat16, torch.int16)]
    assert fingerprint(zeros[0]) != fingerprint(zeros[1])
    layers = {"linear": short, "relu": torch.nn.ReLU()}
    forward = torch.nn.Sequential(OrderedDict(layers))
    backward = torch.nn.Sequential(OrderedDict(reversed(layers.items())))
    assert fingerprint(forward) != fingerprint(backward)


def test_keras_models_count_by_their_weights(monkeypatch):
    pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="keras is not installed")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    before = fingerprint(model)
    assert fingerprint(model) == before
    model.weights[0].assign(np.ones((3, 2), dtype=np.float32))
    assert fingerprint(model) != before
    source = """
        import keras
        class T(keras.Model):
            def call(self, rows):
                return FACTOR * rows
    """
    models = [
        written_in_main(source.replace("FACTOR", factor))(name="same")
        for factor in ("1", "2")
    ]
    assert fingerprint(models[0]) != fingerprint(models[1])


def test_a_teacher_without_fingerprint_is_asked(rows, tmp_path):
    X, y = rows
    asked, lock = [], threading.Lock()
    fitted = LogisticRegression().fit(X, y)

    def teacher(X):
        with lock:
            asked.append(len(X))
        return fitted.predict_proba(X)

    for count in (1, 2):
        with pytest.warns(UserWarning, match="memory keeps no answers of the te"):
            student(teacher, tmp_path / "kept", synthesizer=None).fit(X, y)
        assert asked.count(300) == count
    assert not (tmp_path / "kept").exists()


def test_seeds_that_are_drawn_anew(rows, tmp_path):
    from sklearn.tree import DecisionTreeClassifier

    X, y = rows
    model = student(DecisionTreeClassifier(), tmp_path / "kept", random_state=None)
    with pytest.warns(UserWarning, match="random_state=None: each fit draws other se"):
        model.fit(X, y)
    assert not (tmp_path / "kept").exists()
    model.set_params(random_state=0).fit(X, y)
    assert any("fits" in path.parts for path in entries(tmp_path / "kept"))


def test_a_damaged_entry_is_made_again(rows, noted, tmp_path):
    X, y = rows
    teacher, calls = noted
    model = student(teacher, tmp_path / "kept").fit(X, y)
    before = calls()
    for path in entries(tmp_path / "kept"):
        path.write_bytes(path.read_bytes()[:50])
    model.fit(X, y)
    assert calls() == before
    model.fit(X, y)
    assert not calls()


def test_a_folder_that_cannot_be_written_stops_no_fit(rows, tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(joblib, "dump", full)
    with pytest.warns(UserWarning, match="memory cannot keep an answer in .*No space"):
        student(GaussianNB(), tmp_path).fit(*rows)
    assert not entries(tmp_path)


def test_a_path_that_is_no_folder_stops_no_fit(rows, tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.warns(UserWarning, match="memory cannot keep an answer in .*file"):
        student(GaussianNB(), file).fit(*rows)


def test_an_interrupt_leaves_no_part_of_an_entry(tmp_path, monkeypatch):
    def interrupted(value, file):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(joblib, "dump", interrupted)
    with pytest.raises(KeyboardInterrupt):
        AnswerMemory(tmp_path).recall("kind", (), lambda: 1)
    assert not [path for path in entries(tmp_path) if path.suffix != ".lock"]


def test_an_error_of_the_teacher_is_not_kept(tmp_path):
    memory, made = AnswerMemory(tmp_path), []

    def make():
        made.append(1)
        if len(made) == 1:
            raise RuntimeError("out of money")
        return "answer"

    with pytest.raises(RuntimeError, match="out of money"):
        memory.recall("answers", ("key",), make)
    assert memory.recall("answers", ("key",), make) == "answer"
    assert memory.recall("answers", ("key",), make) == "answer"
    assert len(made) == 2


def test_none_is_an_answer_too(tmp_path):
    memory, made = AnswerMemory(tmp_path), []
    for _ in range(2):
        assert memory.recall("unseen", (), lambda: made.append(1)) is None
    assert len(made) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_process_leaves_no_lock(tmp_path):
    program = """
        import os, sys
        from pathlib import Path
        from skdistill.teachers.memory import AnswerMemory

        def make():
            print("locked", flush=True)
            sys.stdin.read()

        AnswerMemory(Path(sys.argv[1])).recall("answers", ("key",), make)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"locked\n"
    found = []
    waiting = threading.Thread(
        target=lambda: found.append(
            AnswerMemory(tmp_path).recall("answers", ("key",), lambda: "made here")
        )
    )
    waiting.start()
    waiting.join(0.2)
    assert not found
    process.send_signal(signal.SIGKILL)
    process.communicate()
    waiting.join(30)
    assert found == ["made here"]
    assert [path.suffix for path in entries(tmp_path)] == [".joblib"]


def test_a_lock_keeps_threads_apart(tmp_path):
    inside, most = [], []

    def work():
        for _ in range(20):
            with locked(tmp_path / "lock"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_forked_process_does_not_hold_the_lock(tmp_path):
    """It has the same open file, and may outlive the work under the lock."""
    with locked(tmp_path / "lock"):
        child = os.fork()
        if child == 0:
            signal.pause()
    waiter = threading.Thread(target=enter, args=(tmp_path / "lock",), daemon=True)
    try:
        waiter.start()
        waiter.join(20)
        assert not waiter.is_alive()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def enter(lock):
    with locked(lock):
        pass


def test_objects_of_joblib(rows, noted, tmp_path):
    X, y = rows
    teacher, calls = noted
    memory = joblib.Memory(tmp_path / "kept", verbose=0)
    student(teacher, memory).fit(X, y)
    assert calls()
    student(teacher, clone(memory, safe=False)).fit(X, y)
    student(teacher, tmp_path / "kept").fit(X, y)
    assert not calls()
    assert folder_of(joblib.Memory(None)) is folder_of(None) is None


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        (3, "The 'memory' parameter of DistilledClassifier must be"),
        (
            type("Own", (), {"cache": print})(),
            "memory=.* has no folder: give a pat",
        ),
    ],
)
def test_invalid_memories(rows, memory, message):
    class Unused(LogisticRegression):
        def fit(self, *_):
            raise AssertionError("was fitted")

    with pytest.raises(ValueError, match=message):
        student(Unused(), memory).fit(*rows)
