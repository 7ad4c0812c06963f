import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdistill.teachers import RulesTeacher

RULES = [
    ("age > 60", "old"),
    ("town == 'Rome'", "young"),
    ("age < 18 or `pays in` in ['card', 'app']", "young"),
]
TABLE = pd.DataFrame(
    {
        "age": [70.0, 30.0, 5.0, np.nan, 40.0],
        "town": ["Oslo", "Rome", "Rome", "Bonn", None],
        "pays in": ["cash", "card", "cash", None, "cash"],
    }
)
FIRES = [[1, 0, 0], [0, 1, 1], [0, 1, 1], [0, 0, 0], [0, 0, 0]]


def test_rules_of_equal_accuracy_vote():
    teacher = RulesTeacher(RULES).fit(TABLE)
    assert teacher.classes_.tolist() == ["old", "young"]
    np.testing.assert_array_equal(teacher.fires(TABLE), FIRES)
    np.testing.assert_array_equal(teacher.accuracies_, [0.75] * 3)
    np.testing.assert_array_equal(teacher.prior_, [0.5, 0.5])
    np.testing.assert_allclose(teacher.coverage_, [0.2, 0.4, 0.4])
    young = 0.75**2 / (0.75**2 + 0.25**2)
    np.testing.assert_allclose(
        teacher.predict_proba(TABLE)[:, 1], [0.25, young, young, 0.5, 0.5]
    )
    assert teacher.predict(TABLE[:3]).tolist() == ["old", "young", "young"]


def test_accuracies_may_be_given():
    y = ["old", "young", "young", None, "young"]
    teacher = RulesTeacher(RULES, [0.9, 0.6, None]).fit(TABLE, y)
    np.testing.assert_allclose(teacher.prior_, [2 / 6, 4 / 6])
    assert teacher.accuracies_[:2].tolist() == [0.9, 0.6]
    proba = teacher.predict_proba(TABLE)
    old, young = 0.9 * np.sqrt(2), 0.1 * np.sqrt(4)
    assert proba[0, 0] == pytest.approx(old / (old + young))
    assert proba[3] == pytest.approx(teacher.prior_)
    alone = RulesTeacher(RULES, [0.9, 0.6, None]).fit(TABLE)
    assert alone.predict_proba(TABLE)[0, 0] == pytest.approx(0.9)


def test_three_classes_are_combined_as_witnesses():
    rules = [("x0 > 0", 3), ("x1 > 0", 1), ("x0 > 5", 2)]
    teacher = RulesTeacher(rules, [0.9, 0.8, 0.6]).fit([[1.0, 1.0], [9.0, -1.0]])
    first = np.array([0.8 * 3, 0.1 * 3, 0.1 * 3]) * [0.05 * 3, 0.05 * 3, 0.9 * 3]
    second = np.array([0.2, 0.6, 0.2]) * [0.05, 0.05, 0.9]
    expected = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2]]) * [0.05, 0.05, 0.9]
    expected /= expected.sum(axis=1, keepdims=True)
    found = teacher.predict_proba([[1.0, 1.0], [9.0, -1.0]])
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(found[0], first / first.sum())
    np.testing.assert_allclose(found[1], second / second.sum())


def test_accuracies_are_counted_on_the_labels_there_are():
    y = np.array(["old", "young", "old", None, None], dtype=object)
    teacher = RulesTeacher(RULES).fit(TABLE, y)
    expected = np.array([1 + 30, 1 + 30, 1 + 30]) / [1 + 40, 2 + 40, 2 + 40]
    np.testing.assert_allclose(teacher.accuracies_, expected)
    np.testing.assert_allclose(teacher.prior_, [3 / 5, 2 / 5])
    without = RulesTeacher(RULES).fit(TABLE, [None] * 5)
    np.testing.assert_array_equal(without.accuracies_, [0.75] * 3)


def test_a_rule_that_is_mostly_wrong_counts_for_nothing():
    X = pd.DataFrame({"a": np.arange(100.0)})
    teacher = RulesTeacher([("a >= 0", "yes"), ("a < 0", "no")]).fit(X, ["no"] * 100)
    assert teacher.accuracies_[0] == 0.5
    assert teacher.accuracies_[1] == 0.75


@pytest.mark.parametrize(
    ("label", "other"), [("text", "other"), (1, -1), (True, False)]
)
def test_labels_have_any_type(label, other):
    rules = [("x0 > 0", label), ("x0 < 0", other)]
    y = np.array([label, None, other], dtype=object)
    teacher = RulesTeacher(rules).fit([[1.0], [0.0], [-1.0]], y)
    assert teacher.predict([[1.0], [-1.0]]).tolist() == [label, other]
    assert set(teacher.classes_.tolist()) == {label, other}


def test_a_label_of_y_alone_is_a_class():
    teacher = RulesTeacher([("x0 > 0", 1)]).fit([[1.0], [0.0]], [np.nan, 0.0])
    assert teacher.classes_.tolist() == [0, 1]


def frames():
    table = {name: column.tolist() for name, column in TABLE.items()}
    yield pl.DataFrame(table, strict=False, nan_to_null=True)
    yield TABLE.astype({"town": "category", "age": "Float64", "pays in": "string"})


def test_columns_are_named_in_all_frames():
    for frame in frames():
        teacher = RulesTeacher(RULES).fit(frame)
        np.testing.assert_array_equal(teacher.fires(frame), FIRES)
        assert teacher.feature_names_in_.tolist() == ["age", "town", "pays in"]


def test_columns_of_arrays_are_numbered():
    rules = [("x0 > 60", "old"), ("x1 == 'Rome'", "young")]
    array = TABLE.to_numpy(dtype=object)
    for form in (array, array.tolist()):
        teacher = RulesTeacher(rules).fit(form)
        expected = np.array(FIRES)[:, :2]
        np.testing.assert_array_equal(teacher.fires(form), expected)


def test_columns_that_no_rule_names_are_not_read():
    table = TABLE.assign(day=pd.Timestamp("2026-11-30"))
    np.testing.assert_array_equal(RulesTeacher(RULES).fit(table).fires(table), FIRES)


def is_old(rows):
    rows["age"] = rows["age"].fillna(61)
    return rows["age"] > 60


def is_known(rows):
    return np.array([town is not None for town in rows["town"]], dtype=object)


def test_functions_are_conditions_and_get_their_own_rows():
    before = TABLE.copy()
    teacher = RulesTeacher([(is_old, "old"), (is_known, "young")]).fit(TABLE)
    pd.testing.assert_frame_equal(TABLE, before)
    expected = [[1, 1], [0, 1], [0, 1], [1, 1], [0, 0]]
    fires = teacher.fires(TABLE)
    np.testing.assert_array_equal(fires[:, 0], np.array(expected)[:, 0])
    again = pickle.loads(pickle.dumps(teacher))
    np.testing.assert_array_equal(again.fires(TABLE), fires)


def test_missing_answers_of_a_function_do_not_hold():
    rules = [(lambda X: pd.array([True, None, False, True, None]), 1), ("age < 0", 0)]
    fires = RulesTeacher(rules).fit(TABLE).fires(TABLE)
    assert fires[:, 0].tolist() == [True, False, False, True, False]


BAD_RULES = [
    ([], "rules holds no rule"),
    (["age > 60"], r"rules\[0\] is 'age > 60': give a pair, \(condition, label\)"),
    ([("age > 60", "a", "b")], r"rules\[0\] is .*: give a pair"),
    ([(5, "old")], r"rules\[0\] has the condition 5: give a text, or a function"),
    ([("age > 60", None)], r"rules\[0\], 'age > 60', has no label: a rule abstains"),
    ([("age > 60", pd.NA)], r"rules\[0\], 'age > 60', has no label"),
    ([("age > 6", "old")], "all rows have one label|all rules have one label, 'old'"),
    ([("age > 6", 1), ("age < 6", "b")], "rules mixes text and numbers"),
    (
        [("age > 60", 1), ("agee < 6", 0)],
        r"rules\[1\], 'agee < 6', .*X has no column 'agee'.*Did you mean 'age'",
    ),
    (
        [("age > max(1, 2)", 1), ("age < 6", 0)],
        r"rules\[0\], 'age > max\(1, 2\)', .* it holds a call, 'max\(1, 2\)'",
    ),
    ([("town > 5", 1), ("age < 6", 0)], r"rules\[0\], .*'town', which is text, with 5"),
    ([(len, 1), ("age < 6", 0)], r"rules\[0\], len, .*returned shape \(\) for 5 rows"),
    (
        [(lambda X: X["age"].fillna(3), 1), ("age < 6", 0)],
        r"rules\[0\], <lambda>, .*the function returned 70.0: give one truth value",
    ),
    (
        [(lambda X: [1, 0, None, 0.5, 1], 1), ("age < 6", 0)],
        r"the function returned 0.5: give one truth value for each row",
    ),
]


@pytest.mark.parametrize(("rules", "message"), BAD_RULES)
def test_bad_rules_raise_at_fit(rules, message):
    teacher = RulesTeacher(rules)
    with pytest.raises(ValueError, match=message):
        teacher.fit(TABLE)
    assert not hasattr(teacher, "classes_")


def test_errors_of_functions_name_the_rule():
    teacher = RulesTeacher([(lambda X: X["no such"], 1), ("age < 6", 0)])
    words = r"rules\[0\], <lambda>, raised KeyError: 'no such'. A function gets the"
    with pytest.raises(ValueError, match=words) as error:
        teacher.fit(TABLE)
    assert isinstance(error.value.__cause__, KeyError)
    assert not hasattr(teacher, "classes_")


def test_labels_that_no_rule_names_are_noticed():
    rules = [("age > 30", "risk"), ("age <= 30", "none")]
    y = np.array(["RISK", "none", None, None, "RISK"], dtype=object)
    words = "no row has the label 'risk' of a rule, and no rule has the label 'RISK' of"
    with pytest.warns(UserWarning, match=words):
        RulesTeacher(rules).fit(TABLE, y)
    # Few labels may lack a class, and so may rules. Here a warning is an error.
    RulesTeacher(rules).fit(TABLE, np.array(["none", *[None] * 4], dtype=object))
    RulesTeacher(rules).fit(TABLE, ["none", "risk", "other", "none", "risk"])


@pytest.mark.parametrize(
    ("accuracies", "message"),
    [
        ([0.9], r"accuracies has shape \(1,\), and there are 3 rules"),
        ([0.9, 1.0, 0.5], "accuracies holds 1.0: give numbers between 0 and 1"),
        ([0.9, 0.0, 0.5], "accuracies holds 0.0"),
        (["a", 0.9, 0.9], r"accuracies holds \['a', 0.9, 0.9\]: give one number"),
        (0.9, "The 'accuracies' parameter of RulesTeacher must be"),
    ],
)
def test_bad_accuracies_raise(accuracies, message):
    with pytest.raises(ValueError, match=message):
        RulesTeacher(RULES, accuracies).fit(TABLE)


def test_bad_labels_and_rows_raise():
    with pytest.raises(ValueError, match=r"y has shape \(2,\), and X has 5 rows"):
        RulesTeacher(RULES).fit(TABLE, ["old", "young"])
    with pytest.raises(
        ValueError, match="a rule has the label 'old', and y holds the label 1"
    ):
        RulesTeacher(RULES).fit(TABLE, [1, 2, 3, 4, 5])
    with pytest.raises(TypeError, match="X is sparse, and rules read the columns"):
        RulesTeacher(RULES).fit(csr_array(np.ones((5, 3))))
    teacher = RulesTeacher(RULES).fit(TABLE)
    with pytest.raises(ValueError, match="feature names"):
        teacher.predict(TABLE[["town", "age", "pays in"]])


def test_it_is_cloned_pickled_and_cross_validated():
    teacher = clone(RulesTeacher(RULES, [0.9, None, 0.8])).fit(TABLE)
    again = pickle.loads(pickle.dumps(teacher))
    np.testing.assert_array_equal(
        again.predict_proba(TABLE), teacher.predict_proba(TABLE)
    )
    y = ["old", "young", "young", "old", "old"] * 4
    scores = cross_val_score(RulesTeacher(RULES), pd.concat([TABLE] * 4), y, cv=2)
    assert scores.min() >= 0.6


NOT_APPLICABLE = {
    "check_classifiers_classes": "the labels of y are not of the type of the rules'",
    "check_supervised_y_no_nan": "the error on an infinite label says more",
}


@parametrize_with_checks(
    [RulesTeacher([("x0 > 0", 1), ("x0 < 0", 0)])],
    expected_failed_checks=lambda estimator: NOT_APPLICABLE,
)
def test_common_checks(estimator, check):
    check(estimator)
