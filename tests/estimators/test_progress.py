"""The lines that a fit prints, and the student that an interrupt leaves."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier
from skdistill.training import epochs
from skdistill.training import loop as training

ROOT = Path(__file__).parents[2]


def quick(teacher=None, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (16,),
            "max_iter": 30,
            "weight_dtype": "float32",
            "random_state": 0,
            **parameters,
        },
    )


def test_verbose_prints_each_epoch(blobs, capsys):
    X, y = blobs
    model = quick(max_iter=3, verbose=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    epoch_lines = [line for line in lines if line.startswith("Iteration")]
    assert epoch_lines == [
        f"Iteration {i + 1}, loss = {loss:.8f}"
        for i, loss in enumerate(model.loss_curve_)
    ]


def test_verbose_prints_fifty_lines_of_many_epochs(blobs, capsys):
    """A terminal would need longer for a line per epoch than the epochs take."""
    X, y = blobs
    for max_iter, told in ((50, 1), (51, 2), (176, 4)):
        model = quick(max_iter=max_iter, verbose=True).fit(X, y)
        lines = capsys.readouterr().out.splitlines()
        assert [line for line in lines if line.startswith("Iteration")] == [
            f"Iteration {i}, loss = {model.loss_curve_[i - 1]:.8f}"
            for i in range(told, max_iter + 1, told)
        ]


def test_verbose_prints_how_long_each_part_took(blobs, capsys):
    X, y = blobs
    fitted = LogisticRegression().fit(X, y)
    for teacher, parts in ((LogisticRegression(), ["fit teacher"]), (fitted, [])):
        quick(teacher, max_iter=1, verbose=1).fit(X, y)
        lines = capsys.readouterr().out.splitlines()
        timed = [line for line in lines if line.startswith("[DistilledClassifier] ..")]
        parts = [*parts, "query teacher", "encode rows", "choose parameters"]
        for line, part in zip(timed, [*parts, "train student"], strict=True):
            assert f" {part}, total= " in line
        # The line of the training comes after those of its epochs.
        assert lines[-1] == timed[-1]
    quick(teacher, max_iter=1).fit(X, y)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("encoder", "knots"), [("auto", None), (None, "without")])
def test_verbose_prints_what_was_chosen(blobs, capsys, encoder, knots):
    X, y = blobs
    teacher = LogisticRegression().fit(X, y)
    parameters = {"encoder": encoder, "hidden_layer_sizes": (), "verbose": True}
    model = quick(teacher, max_iter=1, **parameters).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    (told,) = [line for line in lines if line.startswith("Parameters")]
    knots = knots or ("with" if model.capacity_.has_knots else "without")
    assert told == (
        f"Parameters: {knots} knots, hidden layers = none, "
        f"weight_decay = {model.weight_decay_:.3g}, "
        f"teacher_share = {model.teacher_share_:.3g}"
    )


def test_verbose_prints_scores_and_why_it_stopped(blobs, capsys):
    X, y = blobs
    scores = iter([*[0.25] * 14, *[0.5] * 50])
    model = quick(
        early_stopping=True,
        scoring=lambda *_: next(scores),
        n_iter_no_change=2,
        verbose=True,
    ).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    first = len(model.validation_scores_) - 2
    told = lines[lines.index("Validation score: 0.500000") - 1 :]
    told = [line for line in told if not line.startswith("Iteration")]
    assert told[-6:] == [
        "Validation score: 0.500000",
        "Validation score did not improve more than tol=0.000100 for 2 consecutive "
        "epochs. Cooling down in 2 epochs.",
        *["Validation score: 0.500000"] * 2,
        "Cooled down. Stopping.",
        *told[-1:],
    ]
    assert first == 17


def interrupt_in_epoch(monkeypatch, number, after=False):
    """Raise in one of 30 epochs, before or after its kernel runs.

    There are no short trainings before it.
    """
    monkeypatch.setattr("skdistill.training.short_trainings.FEWEST_ROWS", 1000)
    for cls in (epochs.DenseEpochs, epochs.SparseEpochs):
        original = cls.train
        kernels = {
            epochs.DenseEpochs: "train_epoch",
            epochs.SparseEpochs: "train_sparse_epoch",
        }
        kernel = getattr(epochs, kernels[cls])

        def interrupted(
            self,
            rows,
            batch_size,
            rates,
            steps_done,
            seed,
            original=original,
            kernel=kernel,
            name=kernels[cls],
        ):
            if steps_done // rates.size + 1 != number:
                return original(self, rows, batch_size, rates, steps_done, seed)
            if not after:
                raise KeyboardInterrupt

            def with_signal(*arguments):
                # A signal that arrives while the kernel runs is raised after it.
                kernel(*arguments)
                raise KeyboardInterrupt

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(epochs, name, with_signal)
                return original(self, rows, batch_size, rates, steps_done, seed)

        monkeypatch.setattr(cls, "train", interrupted)


@pytest.fixture
def problem(blobs):
    X, y = blobs
    return X, y, LogisticRegression().fit(X, y)


FIXED = {"weight_decay": 0.1, "synthesizer": None, "calibrate_teacher": False}


@pytest.mark.parametrize(("sparse", "units"), [(False, (16,)), (True, (16,))], ids=str)
@pytest.mark.parametrize(
    ("number", "after", "trained"), [(11, False, 10), (10, True, 10)]
)
def test_an_interrupted_training_leaves_its_student(
    problem, monkeypatch, sparse, units, number, after, trained
):
    """The weights are those of the epochs that ended."""
    X, y, teacher = problem
    monkeypatch.setattr("skdistill.training.short_trainings.FEWEST_ROWS", 1000)
    X = csr_array(np.where(np.abs(X) > 1, X, 0)) if sparse else X
    model = quick(
        teacher,
        encoder=None,
        hidden_layer_sizes=units,
        teacher_share=1.0,
        batch_size=16,
        **FIXED,
    )
    with monkeypatch.context() as patch:
        # This training ends after the same ten epochs of thirty.
        original = training.schedule
        patch.setattr(training, "schedule", lambda a, b, n: original(a, b, 3 * n))
        shorter = clone(model).set_params(max_iter=10).fit(X, y)
    interrupt_in_epoch(monkeypatch, number, after)
    with pytest.warns(UserWarning, match=r"^Training interrupted by user, after") as w:
        model.fit(X, y)
    # An interrupt in the tenth epoch loses the loss of that epoch.
    known = 10 - after
    told = f"after {known} of 30 epochs: the student is that of the last step"
    assert told in str(w[0].message)
    assert w[0].filename == __file__
    assert model.n_iter_ == known
    assert model.loss_curve_ == shorter.loss_curve_[:known]
    assert model.loss_ == model.loss_curve_[-1]
    if sparse:
        # Weights without a gradient are brought up to date at other steps here, which
        # changes the rounding.
        np.testing.assert_allclose(
            model.predict_proba(X), shorter.predict_proba(X), atol=1e-5
        )
    else:
        assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))


def test_an_interrupted_training_keeps_the_best_weights(problem, monkeypatch):
    X, y, teacher = problem
    students = []
    scores = iter([0.1, 0.6, 0.3, 0.2, 0.1])

    def scoring(estimator, X, y):
        students.append(estimator.student_)
        return next(scores)

    interrupt_in_epoch(monkeypatch, 5)
    model = quick(teacher, early_stopping=True, scoring=scoring)
    with pytest.warns(UserWarning, match="after 4 of 30 epochs: .* the best so far"):
        model.fit(X, y)
    assert model.validation_scores_ == [0.1, 0.6, 0.3, 0.2]
    assert model.best_validation_score_ == 0.6
    assert_array_equal(model.predict_proba(X), students[1].predict_proba(X))


def test_an_interrupted_score(problem):
    """If no epoch has a score, the latest weights are kept."""
    X, y, teacher = problem
    students = []

    def scoring(estimator, X, y):
        students.append(estimator.student_)
        raise KeyboardInterrupt

    model = quick(teacher, early_stopping=True, scoring=scoring)
    with pytest.warns(UserWarning, match="after 1 of 30 epochs"):
        model.fit(X, y)
    assert (model.validation_scores_, model.best_validation_score_) == ([], None)
    assert_array_equal(model.predict_proba(X), students[0].predict_proba(X))


def test_an_interrupt_before_the_first_epoch_ends_is_raised(problem, monkeypatch):
    X, y, teacher = problem
    model = quick(teacher).fit(X, y)
    before = dict(vars(model))
    for after in (False, True):
        with monkeypatch.context() as patch:
            interrupt_in_epoch(patch, 1, after)
            with pytest.raises(KeyboardInterrupt):
                model.fit(X, y[::-1])
        assert vars(model) == before


def test_an_interrupted_choice_of_parameters_is_raised(blobs, monkeypatch):
    """With the parameters half chosen, there is no student to keep."""
    X, y = np.tile(blobs[0], (2, 1)), np.tile(blobs[1], 2)
    trained = []
    original = training.Training.run_epoch

    def interrupted(self):
        trained.append(self)
        if len(trained) == 20:
            raise KeyboardInterrupt
        return original(self)

    monkeypatch.setattr(training.Training, "run_epoch", interrupted)
    model = quick(max_iter=5)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert not [name for name in vars(model) if name.endswith("_")]


def test_an_interrupt_while_the_teacher_is_fitted_is_raised(problem):
    class Interrupted(RandomForestClassifier):
        def fit(self, *_):
            raise KeyboardInterrupt

    X, y, teacher = problem
    model = quick(teacher).fit(X, y)
    before = dict(vars(model))
    model.teacher = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert vars(model) == before | {"teacher": model.teacher}


SCRIPT = """
    import signal, warnings
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from skdistill import DistilledClassifier

    # A job in the background of a shell may be started with the signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 20))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    teacher = LogisticRegression().fit(X, y)
    model = DistilledClassifier(
        teacher, synthesizer=None, calibrate_teacher=False, weight_decay=0.1,
        teacher_share=1.0, max_iter=100_000, verbose=True, random_state=0,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    print("warned:", caught[0].message)
    print("fitted:", model.n_iter_ == len(model.loss_curve_), model.score(X, y) > 0.9)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent so on POSIX alone")
def test_a_signal_ends_the_training():
    lines = []
    with subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(SCRIPT)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Iteration 2000,"):
                process.send_signal(signal.SIGINT)
    assert process.returncode == 0
    assert lines[-2].startswith("warned: Training interrupted by user, after ")
    assert lines[-1] == "fitted: True True"
