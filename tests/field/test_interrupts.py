"""Interrupts at any line of a fit that fails or ends leave no half of an estimator."""

import sys
from pathlib import Path

import numpy as np
import pytest

import skdistill
from skdistill import DistilledClassifier, TabularEncoder
from skdistill.estimators import distillation

PACKAGE = str(Path(skdistill.__file__).parent)

X = np.random.default_rng(0).normal(size=(60, 3))
PROBA = np.random.default_rng(1).dirichlet([1, 1], 60)


class Interrupter:
    """Raises a KeyboardInterrupt at one line of the package, counted from the start."""

    def __init__(self, line):
        self.lines_left = line

    def start(self):
        """Begin to count, also in the functions that run already."""
        sys.settrace(self._trace)
        frame = sys._getframe(1)
        while frame is not None:
            frame.f_trace = self._trace(frame, "call", None)
            frame = frame.f_back

    def _trace(self, frame, event, argument):
        name = frame.f_code.co_filename
        return self._line if name.startswith(PACKAGE) or "contextlib" in name else None

    def _line(self, frame, event, argument):
        if event == "line" and self.lines_left >= 0:
            self.lines_left -= 1
            if self.lines_left < 0:
                raise KeyboardInterrupt("an interrupt at a line")
        return self._line


@pytest.fixture
def untraced():
    before = sys.gettrace()
    yield
    sys.settrace(before)


def interrupted_at_each_line(model, fit, patch, *, most=400):
    """Yield the states after an interrupt at line 0, 1, ... until none is reached."""
    for line in range(most):
        interrupter = Interrupter(line)
        patch(interrupter)
        try:
            fit()
        except BaseException as error:
            interrupted = error
        else:
            interrupted = None
        sys.settrace(None)
        yield vars(model).copy(), interrupted
        if interrupter.lines_left >= 0:
            assert line > 3
            return
    raise AssertionError("the lines have no end")


def distilled(teacher="precomputed"):
    """One for which nothing is chosen: it is fitted anew for each line."""
    return DistilledClassifier(
        teacher,
        encoder=TabularEncoder(n_bins=8),
        max_iter=2,
        weight_decay=0.1,
        hidden_layer_sizes=(4,),
        random_state=0,
    )


def same(one, other):
    return one.keys() == other.keys() and all(one[k] is other[k] for k in one)


def test_a_second_interrupt_after_a_failure_changes_nothing(untraced):
    model = distilled().fit(X, teacher_proba=PROBA)
    answers = model.predict_proba(X)
    now = []

    def failing(rows):
        now[-1].start()
        raise KeyboardInterrupt("the first interrupt")

    model.set_params(teacher=failing)
    before = vars(model).copy()
    for state, error in interrupted_at_each_line(
        model, lambda: model.fit(X), now.append
    ):
        assert isinstance(error, KeyboardInterrupt)
        assert same(state, before)
    np.testing.assert_array_equal(model.predict_proba(X), answers)


def test_an_interrupt_at_the_end_leaves_the_old_or_the_new_student(
    untraced, monkeypatch
):
    model = distilled().fit(X, teacher_proba=PROBA)
    before = vars(model).copy()
    published = distillation.publish
    now = []

    def publish(*arguments):
        now[-1].start()
        published(*arguments)

    monkeypatch.setattr(distillation, "publish", publish)
    fit = lambda: model.fit(X[:, :2], teacher_proba=PROBA[::-1])  # noqa: E731
    old = new = 0
    for state, error in interrupted_at_each_line(model, fit, now.append):
        if same(state, before):
            old += 1
            assert isinstance(error, KeyboardInterrupt)
        else:
            new += 1
            assert state.keys() == before.keys()
            assert state["n_features_in_"] == 2
            assert state["student_"].n_features_in_ == 2
            vars(model).update(before)
    assert old
    assert new


def test_an_interrupt_leaves_the_old_or_the_new_encoder(untraced):
    encoder = TabularEncoder().fit(X)
    before = vars(encoder).copy()
    frame_like = X[:5, :2]
    fitted = []
    for state, _ in interrupted_at_each_line(
        encoder,
        lambda: encoder.fit(frame_like),
        lambda interrupter: interrupter.start(),
        most=4000,
    ):
        assert state.keys() == before.keys()
        sizes = {state["n_features_in_"], len(state["mean_"]), len(state["scale_"])}
        assert len(sizes) == 1
        fitted.append(sizes.pop())
        vars(encoder).update(before)
    assert set(fitted) == {2, 3}
