from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdistill.command.choose_task import check_teacher_kind, choose_task
from skdistill.tables.file import FileTable

REGRESSOR = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
CLASSIFIER = LogisticRegression().fit([[0.0], [1.0]], [0, 1])


def choose(cells, wanted=None, *, is_csv=True, **options):
    """Choose the task of a column y."""
    if is_csv:
        cells = pd.Series(cells, dtype=str)
    table = FileTable(pd.DataFrame({"y": cells}), is_csv)
    return choose_task(wanted, table, ["y"], **options)


@pytest.mark.parametrize("is_csv", [True, False])
@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a", "b", "c"], "classes"),
        ([True, False, True], "classes"),
        ([*range(50)] * 2, "classes"),
        ([*range(51)] * 2, "numbers"),
        # Whole numbers with gaps are floats in pandas.
        ([1.0, 2.0, 5.0], "classes"),
        ([1.0, 2.0, 2.5], "numbers"),
        ([float(i) for i in range(51)], "numbers"),
        ([str(i) + "b" for i in range(99)], "classes"),
    ],
)
def test_the_values_tell_the_task(cells, kind, is_csv):
    task, target = choose(cells, is_csv=is_csv)
    assert task.kind == kind
    words = "'y' is learned as numbers: --task\u00a0classes overrides this."
    assert (task.note == words) == (kind == "numbers")
    if kind == "numbers":
        assert target.labels.dtype == np.float64
        assert target.labels.tolist() == [float(cell) for cell in cells]


@pytest.mark.parametrize("is_csv", [True, False])
def test_whole_numbers_as_classes_are_said(is_csv):
    words = (
        "'y' holds 50 different whole numbers, and is learned as classes: "
        "--task\u00a0numbers overrides this."
    )
    ages = [*range(50)] * 2
    assert choose(ages, is_csv=is_csv)[0].note == words
    assert choose(ages, "classes", is_csv=is_csv)[0].note == ""
    assert choose([0, 1] * 50, is_csv=is_csv)[0].note == ""
    assert choose(["a", "b", "c"], is_csv=is_csv)[0].note == ""


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1.5", "2.5", "n/k"] * 3, "numbers, but 'n/k' is none, in 3 rows"),
        (["$1", "$2", "$3"], "numbers as text ('$1')"),
    ],
)
def test_numbers_as_text_that_are_learned_as_classes_are_said(cells, words):
    task, _ = choose(cells)
    assert task.kind == "classes"
    words = f"It holds {words}: --number\u00a0y learns the numbers."
    assert task.note == f"'y' is learned as classes. {words}"
    assert choose(cells, "classes")[0].note == ""
    assert choose(["1", "n/k"])[0].note == ""


@pytest.mark.parametrize("is_csv", [True, False])
def test_gaps_of_numbers(is_csv):
    task, target = choose([1.5, None, 3.25, np.nan], is_csv=is_csv)
    assert task.kind == "numbers"
    assert target.is_labelled.tolist() == [True, False, True, False]
    assert target.labels[[0, 2]].tolist() == [1.5, 3.25]


def test_words_for_a_missing_number():
    task, target = choose(["1.5", "NA", "2.5"])
    assert "In 'y', 'NA' is missing." in task.note
    assert target.is_labelled.tolist() == [True, False, True]


@pytest.mark.parametrize(
    "cells",
    [
        pd.Categorical([1.5, 2.5, None]),
        pd.array([1.5, 2.5, None], "Float64"),
        np.array([1.5, 2.5, np.nan], dtype=np.float32),
        np.array([1.5, 2.5, None], dtype=object),
    ],
)
def test_types_of_a_parquet_file(cells):
    task, target = choose(cells, is_csv=False)
    assert task.kind == "numbers"
    assert target.is_labelled.tolist() == [True, True, False]
    assert target.labels[:2].tolist() == [1.5, 2.5]
    table = FileTable(pd.DataFrame({"y": cells}), False)
    tested = task.read_tested(table, table, target, (Path("new"), Path("old")))
    np.testing.assert_array_equal(tested.labels, target.labels)


def test_the_option_overrides_the_values():
    assert choose(["0.5", "1.5"], "classes")[0].kind == "classes"
    task, target = choose(["1", "2", "1"], "numbers")
    assert (task.kind, task.note) == ("numbers", "")
    assert target.labels.tolist() == [1.0, 2.0, 1.0]
    # Labels to rename are classes.
    assert choose(["0.5", "1.5"], renamed={"0.5": "half"})[0].kind == "classes"


def test_a_teacher_from_a_file_tells_the_task():
    assert choose(["1", "2", "1"], teacher=REGRESSOR)[0].kind == "numbers"
    assert choose(["0.5", "1.5"], teacher=CLASSIFIER)[0].kind == "classes"
    with pytest.raises(ValueError, match="LinearRegression, is not a classifier"):
        choose(["a", "b"], teacher=REGRESSOR)
    with pytest.raises(ValueError, match="LogisticRegression, is not a regressor"):
        choose(["$1", "$2"], numbers=["y"], teacher=CLASSIFIER)


def test_numbers_that_people_wrote():
    cells = ["$1,100.50", "$900", "call us"]
    for wanted in (None, "numbers"):
        task, target = choose([*cells, *cells[:2] * 9], wanted, numbers=["y"])
        assert task.kind == "numbers"
        assert target.labels[:2].tolist() == [1100.5, 900.0]
        assert target.is_labelled[:3].tolist() == [True, True, False]
        assert "In 'y', '$1,100.50' is 1100.5; 'call us' is missing" in task.note
    for options in ({"wanted": "classes"}, {"renamed": {"$900": "few"}}):
        with pytest.raises(ValueError, match="--number is for the others"):
            choose(cells[:2], numbers=["y"], **options)
    with pytest.raises(ValueError, match="--number is for the others"):
        choose(["yes", "no"], numbers=["y"])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["up", "down"], "'y' holds texts, such as 'up', and --task numbers needs"),
        (["True", "False"], "'y' holds truth values, such as 'True', and"),
        (["2020-01-01", "2020-02-01"], "'y' holds dates, such as '2020-01-01', and"),
        (["$1", "$2"], "needs numbers: give --number\u00a0y too"),
        (["01", "02"], "needs numbers: give --number\u00a0y too"),
        (["1", "inf"], "'y', holds an infinite number: empty such cells"),
    ],
)
def test_columns_that_hold_no_numbers(cells, words):
    with pytest.raises(ValueError, match=words.replace("$", r"\$")):
        choose(cells, "numbers")


def test_truth_values_of_parquet_are_no_numbers():
    with pytest.raises(ValueError, match="'y' holds truth values, such as True, and"):
        choose([True, False], "numbers", is_csv=False)


def test_decimals_of_parquet_are_numbers():
    task, target = choose([Decimal("1.25"), Decimal("3.5")], is_csv=False)
    assert task.kind == "numbers"
    assert target.labels.tolist() == [1.25, 3.5]


def test_teachers_that_answer_otherwise(tmp_path):
    path = tmp_path / "m"
    check_teacher_kind(REGRESSOR, None, path)
    check_teacher_kind(REGRESSOR, "numbers", path)
    check_teacher_kind(CLASSIFIER, "classes", path)
    with pytest.raises(
        ValueError,
        match="--task numbers needs a teacher that answers with numbers, and "
        "LogisticRegression in .*m answers with classes: leave out --task",
    ):
        check_teacher_kind(CLASSIFIER, "numbers", path)
    with pytest.raises(ValueError, match="LinearRegression in .* answers with numbers"):
        check_teacher_kind(REGRESSOR, "classes", path)


def test_advice_on_classes_with_many_values():
    path = Path("t.csv")
    numbers = [f"{i}.5" for i in range(60)]
    task, target = choose(numbers, "classes")
    with pytest.raises(ValueError, match="--task numbers learns the numbers"):
        task.check(target, path)
    task, target = choose([f"${n}" for n in numbers])
    with pytest.raises(ValueError, match="--number y learns the numbers"):
        task.check(target, path)
    task, target = choose([f"b{n}" for n in numbers])
    with pytest.raises(ValueError, match="put numbers into intervals$"):
        task.check(target, path)


def test_too_few_numbers_and_one_number():
    task, target = choose(["1.5"] * 19 + ["NA"] * 9)
    with pytest.raises(ValueError, match=r"t\.csv has 19 rows with a value of 'y': 20"):
        task.check(target, Path("t.csv"))
    task, target = choose(["1.5"] * 30)
    with pytest.raises(ValueError, match="'y' holds the one number 1.5 in all 30 rows"):
        task.check(target, Path("t.csv"))


def test_the_file_to_test_is_read_as_the_table():
    paths = Path("new.csv"), Path("t.csv")
    table = FileTable(pd.DataFrame({"y": ["1.5", "2.5"]}), True)
    task, target = choose_task(None, table, ["y"])

    def read(*cells):
        frame = pd.DataFrame({"y": pd.Series(cells, dtype=str)})
        return task.read_tested(FileTable(frame, True), table, target, paths)

    found = read("7", "NA", "8.5")
    assert found.is_labelled.tolist() == [True, False, True]
    assert found.labels[[0, 2]].tolist() == [7.0, 8.5]
    with pytest.raises(ValueError, match=r"'y' of new\.csv holds 'n\.d\.' in 1 row"):
        read("7", "n.d.")
    with pytest.raises(ValueError, match=r"new\.csv has no row with a value of 'y'"):
        read("NA", None)


def test_rows_of_numbers_to_measure_on():
    task, _ = choose(["1.5"])
    values = np.arange(40.0)
    train, test = task.hold_out(values, 0.25, 0)
    assert len(test) == 10
    assert sorted([*train, *test]) == list(range(40))
    np.testing.assert_array_equal(task.hold_out(values, 10, 0)[1], test)
    assert set(task.hold_out(values, 0.25, 1)[1]) != set(test)
    for size in (40, 99):
        with pytest.raises(ValueError, match=f"{size} of 40 rows with a number cannot"):
            task.hold_out(values, size, 0)


def test_a_forest_of_classes_learns_whole_numbers():
    labels = [*range(60)] * 2
    X = np.arange(120.0)[:, np.newaxis]
    forest = RandomForestClassifier(2, random_state=0).fit(X, labels)
    assert choose(labels, teacher=forest)[0].kind == "classes"
