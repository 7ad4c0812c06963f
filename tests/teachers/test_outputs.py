"""The meaning of the outputs of a model, decided from their values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, log_softmax, softmax

from skdistill.tasks.label_sets import LabelSetting
from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.models import ModelTeacher

LOGITS = np.random.default_rng(0).normal(scale=3, size=(40, 3)).astype(np.float32)


class Stored(ModelAdapter):
    """An adapter of an array, whose model is asked for its rows by their numbers."""

    def __init__(self, model, output="auto", classes=None, prepare=None):
        self.model = model
        self.output = output
        self.classes = classes
        self.prepare = prepare

    batch_size = None

    def _ask(self, inputs):
        return self.model[inputs[:, 0].astype(int)]


def asked(values, **parameters):
    """Return the adapter of stored outputs, and rows that ask for all of them."""
    rows = np.arange(len(values))[:, np.newaxis]
    return Stored(values, **parameters), rows


@pytest.mark.parametrize(
    ("values", "output", "meant"),
    [
        (LOGITS, "auto", "logits"),
        (expit(LOGITS), "auto", "proba"),
        (np.abs(LOGITS) / 100, "logits", "logits"),
        (np.log(expit(LOGITS)), "log_proba", "log_proba"),
    ],
)
def test_outputs_of_labels_count_each_by_itself(values, output, meant):
    adapter, rows = asked(values, output=output)
    teacher = ModelTeacher(adapter)
    teacher.kind = "label_sets"
    expected = expit(values) if meant == "logits" else expit(LOGITS)
    answers = teacher.ask(rows, LabelSetting(3))
    np.testing.assert_allclose(answers, expected, rtol=1e-5)
    assert teacher.adapter.output_ == meant
    assert "output_" not in vars(adapter)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (LOGITS, "logits", softmax(LOGITS.astype(float), axis=1)),
        (softmax(LOGITS, axis=1), "proba", softmax(LOGITS.astype(float), axis=1)),
        (
            log_softmax(LOGITS, axis=1),
            "logits",
            softmax(LOGITS.astype(float), axis=1),
        ),
    ],
)
def test_outputs_of_three_classes(values, kind, expected):
    adapter, rows = asked(values)
    np.testing.assert_allclose(adapter.predict_proba(rows), expected, atol=1e-6)
    assert adapter.decided(values).output_ == kind
    np.testing.assert_array_equal(adapter.predict(rows), expected.argmax(axis=1))


@pytest.mark.parametrize("shape", [(40,), (40, 1)])
def test_one_column_is_the_second_class(shape):
    logits = LOGITS[:, 0].reshape(shape)
    for values, kind in ((logits, "logits"), (expit(logits), "proba")):
        adapter, rows = asked(values)
        expected = expit(logits.ravel())
        proba = adapter.predict_proba(rows)
        np.testing.assert_allclose(proba[:, 1], expected, atol=1e-6)
        np.testing.assert_allclose(proba.sum(axis=1), 1)
        assert adapter.decided(values).output_ == kind


def test_log_probabilities_are_said():
    logs = log_softmax(LOGITS, axis=1)
    adapter, rows = asked(logs, output="log_proba")
    np.testing.assert_allclose(
        adapter.predict_proba(rows), softmax(LOGITS, axis=1), atol=1e-6
    )
    one, rows = asked(logs[:, :1], output="log_proba")
    np.testing.assert_allclose(
        one.predict_proba(rows)[:, 1], softmax(LOGITS, axis=1)[:, 0], atol=1e-6
    )
    wrong, rows = asked(LOGITS, output="log_proba")
    with pytest.raises(
        ValueError, match='no row with a value above 0. If.*output="log'
    ):
        wrong.predict_proba(rows)


@given(
    arrays(
        np.float32,
        (7, 4),
        elements=st.floats(np.float32(-30), np.float32(30), width=32),
    ).filter(lambda values: values.min() < -0.1 or values.max() > 1.1)
)
def test_outputs_beyond_0_and_1_are_logits(values):
    adapter, rows = asked(values)
    expected = softmax(values.astype(float), axis=1)
    np.testing.assert_allclose(adapter.predict_proba(rows), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full((4, 3), 0.2), "are ambiguous: .*add up to 0.6 in row 0.*Stored.mod"),
        (np.arange(4), "answered with int64 values.*look like labels.*output=.logits"),
        (np.zeros((4, 3), bool), "answered with bool values"),
        (np.array([[0.5, np.nan]] * 4), "finite numbers are needed.*missing value"),
        (np.array([[0.5, np.inf]] * 4), "in row 0, and finite numbers are needed"),
        (np.zeros((4, 3, 2)), r"outputs of shape \(4, 3, 2\), and \(4, n_classes\)"),
        (np.zeros((4, 0)), r"outputs of shape \(4, 0\)"),
        (np.zeros((4, 2), complex), "type complex128, and numbers are needed"),
        (np.array([["a", "b"]] * 4), "and numbers are needed"),
    ],
    ids=str,
)
def test_other_outputs_are_refused(values, words):
    adapter, rows = asked(values)
    with pytest.raises(ValueError, match=words) as error:
        adapter.predict_proba(rows)
    assert "\n" not in str(error.value)


def test_integers_are_logits_if_they_are_said_to_be():
    values = np.array([[0, 3], [2, 1]])
    adapter, rows = asked(values, output="logits")
    np.testing.assert_allclose(adapter.predict_proba(rows), softmax(values, axis=1))


def test_an_unknown_output_is_refused():
    adapter, rows = asked(LOGITS, output="probabilities")
    with pytest.raises(ValueError, match="output='probabilities' of Stored is unknown"):
        adapter.predict_proba(rows)


def test_classes_name_the_outputs():
    adapter, rows = asked(LOGITS, classes=["c", "a", "b"])
    assert adapter.classes_.tolist() == ["c", "a", "b"]
    expected = np.array(["c", "a", "b"])[LOGITS.argmax(axis=1)]
    np.testing.assert_array_equal(adapter.predict(rows), expected)
    assert adapter.score(rows, expected) == 1
    with pytest.raises(
        ValueError,
        match="names 2 classes, .*has outputs for 3: give the label",
    ):
        Stored(LOGITS, classes=["c", "a"]).predict_proba(rows)
    assert not hasattr(Stored(LOGITS), "classes_")


def test_the_kind_is_kept_once_it_is_decided():
    """The second question alone would look like a probability."""
    values = np.array([[-3.0], [4.0], [0.5]])
    adapter, rows = asked(values)
    assert adapter.predict_proba(rows[2:])[0, 1] == 0.5
    fitted = adapter.fit(rows, ["no", "yes", "yes"])
    assert fitted is adapter
    assert fitted.output_ == "logits"
    assert fitted.classes_.tolist() == ["no", "yes"]
    np.testing.assert_allclose(fitted.predict_proba(rows[2:])[0, 1], expit(0.5))


def test_later_rows_that_do_not_fit_the_kind_are_refused():
    values = np.array([[0.2], [0.9], [1.5]])
    adapter, rows = asked(values)
    adapter.fit(rows[:2])
    assert adapter.output_ == "proba"
    with pytest.raises(ValueError, match=r"\[1.5\] in row 2.*Stored.model, output=.lo"):
        adapter.predict_proba(rows)
    with pytest.raises(ValueError, match="add up to 0.4 in|add up to 0.4. If"):
        asked(np.full((3, 2), 0.2), output="proba")[0].predict_proba(rows)
    with pytest.raises(ValueError, match="probabilities that add up to 0.7358"):
        asked(np.full((3, 2), -1.0), output="log_proba")[0].predict_proba(rows)


def test_rounding_beyond_0_and_1_is_taken_out():
    adapter, rows = asked(np.array([[1 + 5e-7, -5e-7, 0.0]]))
    np.testing.assert_array_equal(adapter.predict_proba(rows), [[1, 0, 0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_counted_over_all_batches(bad):
    values = LOGITS.copy()
    values[31, 1] = bad
    for output in ("auto", "logits", "proba", "log_proba"):
        adapter, rows = asked(values, output=output)
        adapter.batch_size = 4
        with pytest.raises(ValueError, match="in row 31, and finite numbers"):
            adapter.predict_proba(rows)


def test_fit_forgets_what_it_decided_before():
    adapter, rows = asked(LOGITS)
    adapter.fit(rows, np.array(["a", "b", "c"])[LOGITS.argmax(axis=1)])
    adapter.set_params(model=softmax(LOGITS, axis=1))
    assert adapter.fit(rows).output_ == "proba"
    assert not hasattr(adapter, "classes_")
    adapter.set_params(output="logits")
    with pytest.warns(UserWarning, match="makes softmax of them"):
        assert adapter.fit(rows).output_ == "logits"


@pytest.mark.parametrize("batch_size", [0, -3, 2.5, True, "4"])
def test_a_batch_size_is_a_number_of_rows(batch_size):
    adapter, rows = asked(LOGITS)
    adapter.batch_size = batch_size
    with pytest.raises(ValueError, match="of Stored is no number of rows: give an int"):
        adapter.predict_proba(rows)


def test_a_question_decides_over_all_its_blocks(monkeypatch):
    monkeypatch.setattr("skdistill.teachers.teacher.ROWS_AT_ONCE", 1)
    values = np.array([[0.5], [-3.0], [4.0]])
    adapter, rows = asked(values)
    teacher = ModelTeacher(adapter)

    class Task:
        kind = "classes"
        classes = np.array(["no", "yes"])

        def check_answers(self, answers, n_rows, name):
            return answers.values

    np.testing.assert_allclose(teacher.ask(rows, Task()), expit(values))
    np.testing.assert_allclose(teacher.ask(rows[:1], Task()), expit(values[:1]))
    assert teacher.source.output_ == "logits"
    assert teacher.source.classes_.tolist() == ["no", "yes"]
    assert "output_" not in vars(adapter)
