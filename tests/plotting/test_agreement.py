import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score

from skdistill import AgreementDisplay


def cells(first, second):
    """Count rows in cells of 0.04 a side, one by one."""
    counts = np.zeros((25, 25), dtype=int)
    for x, y in zip(first, second, strict=True):
        counts[min(24, int(y * 25)), min(24, int(x * 25))] += 1
    return counts


@pytest.mark.parametrize("pos_label", [None, "b"])
def test_density_counts_rows(rows, pos_label):
    _, teacher, student = rows
    display = AgreementDisplay.from_predictions(
        teacher, student, classes=["a", "b", "c"], pos_label=pos_label
    )
    columns = teacher.argmax(axis=1) if pos_label is None else np.ones(300, dtype=int)
    every = np.arange(300)
    expected = cells(teacher[every, columns], student[every, columns])
    drawn = display.density_.get_array()
    assert_array_equal(np.ma.filled(drawn, 0).reshape(25, 25), expected)
    assert_array_equal(np.ma.getmaskarray(drawn).reshape(25, 25), expected == 0)
    assert display.line_ is display.bars_ is None
    label = "its label" if pos_label is None else "class b"
    assert display.ax_.get_xlabel() == f"teacher's probability of {label}"


def test_of_two_classes_the_second_is_compared():
    teacher = np.array([[0.9, 0.1], [0.3, 0.7]])
    student = np.array([[0.8, 0.2], [0.4, 0.6]])
    display = AgreementDisplay.from_predictions(teacher, student, classes=["no", "yes"])
    assert display.teacher_proba.tolist() == [0.1, 0.7]
    assert display.student_proba.tolist() == [0.2, 0.6]
    assert display.ax_.get_ylabel() == "student's of class yes"


def test_agreement_by_confidence(rows):
    _, teacher, student = rows
    display = AgreementDisplay.from_predictions(
        teacher, student, kind="confidence", n_bins=6, name="small"
    )
    labels = teacher.argmax(axis=1), student.argmax(axis=1)
    shares, confidence = calibration_curve(
        labels[0] == labels[1], teacher.max(axis=1), n_bins=6, strategy="quantile"
    )
    assert_allclose(display.line_.get_xydata(), np.column_stack([confidence, shares]))
    ends = np.array(display.bars_.get_segments())
    assert_allclose(ends[:, :, 0], np.column_stack([confidence, confidence]))
    assert_array_equal(ends[:, :, 1], np.column_stack([display.lower, display.upper]))
    assert np.all((display.lower <= shares) & (shares <= display.upper))
    share = 100 * accuracy_score(*labels)
    assert display.line_.get_label() == f"small, {share:.1f} % of all rows"
    assert display.counts.tolist() == [50] * 6
    assert display.density_ is None


def test_groups_share_axes(rows):
    _, teacher, student = rows
    first = AgreementDisplay.from_predictions(
        teacher[:100], student[:100], kind="confidence", name="young"
    )
    second = AgreementDisplay.from_predictions(
        teacher[100:], student[100:], kind="confidence", name="old", ax=first.ax_
    )
    assert list(second.ax_.lines) == [first.line_, second.line_]
    texts = [text.get_text() for text in second.ax_.get_legend().get_texts()]
    assert [text.split(",")[0] for text in texts] == ["young", "old"]


def test_of_an_estimator_teacher_and_student_are_asked(digits, forest, fitted):
    X_test = digits[1]
    display = AgreementDisplay.from_estimator(fitted, X_test)
    teacher, student = forest.predict_proba(X_test), fitted.predict_proba(X_test)
    assert_allclose(display.teacher_proba, teacher.max(axis=1))
    chosen = student[np.arange(len(student)), teacher.argmax(axis=1)]
    assert_allclose(display.student_proba, chosen, rtol=1e-6)
    assert display.agreement == np.mean(
        forest.predict(X_test) == fitted.predict(X_test)
    )
    drawn = display.plot(kind="confidence")
    assert drawn is display
    assert drawn.density_ is None


def test_wrong_arguments(rows):
    _, teacher, student = rows
    with pytest.raises(ValueError, match=r"kind='density' is not one of \['prob"):
        AgreementDisplay.from_predictions(teacher, student, kind="density")
    with pytest.raises(ValueError, match=r"student_proba has shape \(300, 2\)"):
        AgreementDisplay.from_predictions(teacher, student[:, :2])
    with pytest.raises(ValueError, match="teacher_proba has no rows"):
        AgreementDisplay.from_predictions(teacher[:0], student[:0])
    with pytest.raises(ValueError, match="is not a list of two or more"):
        AgreementDisplay.from_predictions(teacher, student, classes=["a", "a", "b"])


@pytest.mark.parametrize("shape", [(4,), (2, 2)])
def test_numbers_are_told_where_they_belong(shape):
    numbers = np.array([0.5, 7.0, 3.0, 2.0]).reshape(shape)
    with pytest.raises(ValueError, match="goes from 0.5 to 7, .*use ResidualsDisplay"):
        AgreementDisplay.from_predictions(numbers, numbers)
