"""The meaning of output units: classes, numbers and label sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.student.outputs import Classes, LabelSets, Numbers, Output

_UNITS = st.floats(-1e6, 1e6, width=32)


def _units(n_units):
    return hnp.arrays(np.float32, (5, n_units), elements=_UNITS)


@pytest.mark.parametrize(
    ("output", "kind", "n_units", "n_columns", "activation", "text"),
    [
        (Classes(np.arange(2)), "classes", 1, 2, "logistic", "2 classes"),
        (Classes(np.arange(3)), "classes", 3, 3, "softmax", "3 classes"),
        (
            Numbers([0], [1], [-np.inf], [np.inf], is_flat=True),
            *("numbers", 1, 1, "identity", "1 number"),
        ),
        (
            Numbers([0, 2], [1, 3], [-5, -5], [9, 5], is_flat=False),
            *("numbers", 2, 2, "identity", "2 numbers"),
        ),
        (
            Numbers(
                [1] * 2, [2] * 2, [0] * 2, [9] * 2, is_flat=False, quantiles=[0.1, 0.9]
            ),
            *("numbers", 2, 2, "identity", "2 quantiles"),
        ),
        (LabelSets(["a"]), "label_sets", 1, 1, "logistic", "1 label"),
        (LabelSets(np.arange(14)), "label_sets", 14, 14, "logistic", "14 labels"),
    ],
)
def test_units_and_columns_of_each_output(
    output, kind, n_units, n_columns, activation, text
):
    assert isinstance(output, Output)
    assert (output.kind, output.n_units, output.n_columns) == (kind, n_units, n_columns)
    assert output.n_outputs == n_units
    assert output.is_one_unit == (n_units == 1)
    assert (output.activation, str(output)) == (activation, text)
    units = np.zeros((4, n_units), dtype=np.float32)
    assert output.all_logits(units).shape == (4, n_columns)


@given(_units(3))
def test_classes_answer_with_probabilities(units):
    output = Classes(np.array(["a", "b", "c"]))
    exponentials = np.exp(units.astype(float) - units.max(axis=1, keepdims=True))
    wanted = exponentials / exponentials.sum(axis=1, keepdims=True)
    assert_allclose(output.answers(units), wanted, atol=1e-6)
    assert_array_equal(output.decide(units), output.labels[units.argmax(axis=1)])
    two = Classes(np.array([False, True]))
    wanted = 1 / (1 + np.exp(-units[:, 0].astype(float).clip(-99, 99)))
    assert_allclose(two.answers(units[:, :1])[:, 1], wanted, atol=1e-6)


@given(_units(2), st.floats(-1e9, 1e9), st.floats(1e-9, 1e9))
def test_numbers_are_scaled_and_stay_in_their_range(units, mean, scale):
    low, high = [mean - 2 * scale, -np.inf], [mean + scale, np.inf]
    output = Numbers([mean, 7.0], [scale, 0.5], low, high, is_flat=False)
    answers = output.answers(units)
    assert answers.dtype == np.float64
    for row, given_units in zip(answers, units.tolist(), strict=True):
        first = min(max(mean + scale * given_units[0], low[0]), high[0])
        assert row.tolist() == [first, 7.0 + 0.5 * given_units[1]]
    assert_array_equal(output.decide(units), answers)
    assert output.all_logits(units) is units
    inside = (answers > [low]) & (answers < [high])
    back = output.to_units(answers)
    error = 1e-6 + 1e-15 * abs(mean) / scale
    assert (abs(back - units)[inside] <= error * (1 + abs(units[inside]))).all()


def test_one_flat_number_has_answers_and_units_of_their_own_shape():
    flat = Numbers([10.0], [2.0], [0.0], [13.0], is_flat=True)
    units = np.array([[1.0], [9.0]], dtype=np.float32)
    assert_array_equal(flat.answers(units), [12.0, 13.0])
    assert_array_equal(flat.to_units(np.array([12, 14])), [[1.0], [2.0]])
    column = Numbers([10.0], [2.0], [0.0], [13.0], is_flat=False)
    assert_array_equal(column.answers(units), [[12.0], [13.0]])


def test_a_number_beyond_double_precision_is_bounded_without_a_warning():
    units = np.array([[3e38, -3e38]], dtype=np.float32)
    output = Numbers([0] * 2, [1e300] * 2, [-np.inf, -4], [8, 8], is_flat=False)
    assert_array_equal(output.answers(units), [[8.0, -4.0]])


@given(_units(3))
def test_quantiles_never_cross(units):
    same = [5.0] * 3, [2.0] * 3, [0.0] * 3, [9.0] * 3
    output = Numbers(*same, is_flat=False, quantiles=[0.05, 0.5, 0.95])
    answers = output.answers(units)
    assert (np.diff(answers, axis=1) >= 0).all()
    wanted = [sorted(min(max(5 + 2 * u, 0), 9) for u in row) for row in units.tolist()]
    assert_array_equal(answers, wanted)
    assert output.quantiles == (0.05, 0.5, 0.95)


@given(_units(3))
def test_each_label_has_a_probability_of_its_own(units):
    output = LabelSets(["wet", "cold", "dark"])
    wanted = 1 / (1 + np.exp(-units.astype(float).clip(-99, 99)))
    answers = output.answers(units)
    assert answers.dtype == np.float32
    assert_allclose(answers, wanted, atol=1e-7)
    assert_array_equal(output.decide(units), (wanted > 0.5) | (units > 0))
    assert output.scores(units) is units


def test_the_identity_tells_outputs_apart():
    def numbers(mean=0.0, quantiles=None, n=2):
        parts = [mean] * n, [1.0] * n, [-3.0] * n, [3.0] * n
        return Numbers(*parts, is_flat=False, quantiles=quantiles)

    assert numbers().identity == numbers(mean=1.0).identity
    outputs = [
        numbers(),
        numbers(n=3),
        numbers(quantiles=[0.1, 0.9]),
        numbers(quantiles=[0.1, 0.8]),
        Classes(np.arange(2)),
        Classes(np.arange(3)),
        LabelSets(np.arange(2)),
        LabelSets(["a", "b"]),
    ]
    assert len({output.identity for output in outputs}) == len(outputs)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mean": [0.0]}, r"have the shapes \[\(1,\), \(2,\)\]"),
        ({"mean": [[0.0, 1.0]]}, "mean has 2 dimensions, and needs one"),
        ({"mean": [0.0, np.inf]}, "mean holds inf"),
        ({"scale": [1.0, np.nan]}, "scale holds nan"),
        ({"scale": [1.0, 0.0]}, "scale holds 0.0: each value has to be above 0"),
        ({"low": [1.0, np.nan]}, "low holds nan"),
        ({"low": [1.0, 6.0]}, "low holds 6.0: each value has to be at most high"),
        ({"is_flat": True}, "is_flat is True, and there are 2 numbers"),
        ({"quantiles": [0.5]}, r"quantiles is \(0.5,\): it needs 2 levels between"),
        ({"quantiles": [0.5, 0.5]}, "each above the one before"),
        ({"quantiles": [0.0, 0.5]}, "levels between 0 and 1"),
        ({"quantiles": [0.5, np.nan]}, "levels between 0 and 1"),
        ({"quantiles": [0.1, 0.9], "mean": [0, 1]}, r"mean is \[0.0, 1.0\]: quantiles"),
    ],
)
def test_wrong_numbers_are_refused(changed, message):
    right = {"mean": [0, 0], "scale": [1, 1], "low": [-5, -5], "high": [5, 5]}
    with pytest.raises(ValueError, match=message):
        Numbers(**right | {"is_flat": False} | changed)


@pytest.mark.parametrize("labels", [[], ["a", "a"], [["a", "b"]]])
def test_wrong_label_sets_are_refused(labels):
    with pytest.raises(ValueError, match="labels is empty, holds a label twice, or is"):
        LabelSets(labels)
