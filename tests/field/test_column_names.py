"""Columns keep their meaning: found by name, and read in whatever form they arrive."""

import csv
import io
import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from skdistill import DistilledClassifier, Student
from skdistill.export import quantize, to_js, to_onnx, verify
from skdistill.inputs.encoder import TabularEncoder

QUICK = {"random_state": 0, "max_iter": 5, "weight_decay": 0.3, "n_synthetic": 100}


@pytest.fixture(scope="module")
def people():
    """A frame whose order of columns matters, its labels, and a fitted estimator."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"height": rng.normal(170, 10, 300), "weight": rng.normal(70, 10, 300)}
    )
    y = np.where(X.height > 170, "tall", "short")
    forest = RandomForestClassifier(20, random_state=0)
    return X, y, DistilledClassifier(forest, **QUICK).fit(X, y)


@pytest.fixture(scope="module")
def saved(people, tmp_path_factory):
    """The student of the estimator, saved and loaded."""
    path = tmp_path_factory.mktemp("names") / "student.npz"
    people[2].student_.save(path)
    return Student.load(path)


@pytest.fixture(scope="module")
def flags():
    """A frame of levels that are numbers and truth values, labels, an estimator."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"code": pd.Categorical(rng.integers(1, 5, 400)), "flag": rng.random(400) < 0.5}
    )
    y = np.where((X.code.astype(int) > 2) ^ X.flag, "yes", "no")
    teacher = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=20
    )
    options = QUICK | {"max_iter": 20}
    return X, y, DistilledClassifier(teacher, **options).fit(X, y)


def nameless(X, y):
    """Return a student that was fitted on an array."""
    forest = RandomForestClassifier(5, random_state=0)
    return DistilledClassifier(forest, **QUICK).fit(X.to_numpy(), y).student_


def test_a_saved_student_holds_the_names(people, saved):
    X, y, _ = people
    assert saved.feature_names_in_.tolist() == ["height", "weight"]
    assert saved.feature_names_in_.dtype == object
    assert quantize(saved, "float16").student.names == ["height", "weight"]
    assert not hasattr(nameless(X, y), "feature_names_in_")


@pytest.mark.parametrize("container", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_a_frame_in_another_order(people, saved, container, method):
    X = container(people[0].to_dict("list"))
    expected = getattr(saved, method)(people[0].to_numpy())
    assert_array_equal(getattr(saved, method)(X), expected)
    assert_array_equal(getattr(saved, method)(X[["weight", "height"]]), expected)


def test_the_estimator_refuses_another_order(people):
    X, _, model = people
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(X[["weight", "height"]])


@pytest.mark.parametrize("container", [pd.DataFrame, pl.DataFrame])
def test_columns_that_are_missing_or_unexpected_are_named(people, saved, container):
    X = container(people[0].to_dict("list"))
    misspelt = X.rename({"weight": "wight_kg"}, **_axis(container))
    with pytest.raises(
        ValueError, match="missing 'weight'; unexpected 'wight_kg'. Give"
    ):
        saved.predict(misspelt)
    with pytest.raises(
        ValueError, match="of fit: missing 'weight'. Give the 2 columns"
    ):
        saved.predict(X[["height"]])
    more = X.rename({"weight": "id"}, **_axis(container))[["id"]]
    with pytest.raises(ValueError, match="not those of fit: .*unexpected 'id'"):
        saved.predict(more)


def _axis(container):
    return {"axis": 1} if container is pd.DataFrame else {}


def test_a_column_twice_is_refused(people, saved):
    X = people[0]
    with pytest.raises(ValueError, match="X holds the column 'weight' twice"):
        saved.predict(pd.concat([X, X[["weight"]]], axis=1))


def test_columns_without_names_count_by_place(people, saved):
    array = people[0].to_numpy()
    expected = saved.predict_proba(array)
    for rows in (array.tolist(), pd.DataFrame(array), array.astype(object)):
        assert_array_equal(saved.predict_proba(rows), expected)


@pytest.mark.parametrize("encoder", ["auto", None])
def test_dictionaries_are_rows(people, encoder):
    X, y, model = people
    model = DistilledClassifier(model.teacher_, encoder=encoder, **QUICK).fit(X, y)
    student, expected = model.student_, model.predict_proba(X)
    backwards = X[["weight", "height"]]
    assert_array_equal(student.predict_proba(backwards.to_dict("records")), expected)
    assert_array_equal(student.predict_proba(backwards.to_dict("list")), expected)
    assert_array_equal(student.predict_proba(dict(backwards.items())), expected)
    row = dict(backwards.iloc[7])
    assert_array_equal(student.predict(row), model.predict(X.iloc[[7]]))
    assert student.predict_proba({"weight": [], "height": []}).shape == (0, 2)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"height": 170.0}, "the columns of X are not those of fit: missing 'weight'"),
        (
            [{"height": 170.0, "weight": 1.0}, {"height": 1.0, "wight_kg": 2.0}],
            "columns of row 1 of X are not those of fit: missing 'weight'; unexpected",
        ),
        ([{"height": 170.0, "weight": 1.0}, [1.0, 2.0]], "row 1 of X is a list, and"),
        ({"height": 170.0, "weight": [1.0]}, "one value for 'height' and several for"),
        ({"height": [1.0], "weight": [1.0, 2.0]}, "columns of 1 to 2 values"),
        (
            {"height": "170 cm", "weight": 1.0},
            "holds text .'170 cm'., but held numbers",
        ),
    ],
)
def test_dictionaries_that_are_no_rows(saved, rows, words):
    with pytest.raises(ValueError, match=words):
        saved.predict(rows)


def test_dictionaries_need_names(people):
    student = nameless(*people[:2])
    with pytest.raises(ValueError, match="the student holds no names: give an array"):
        student.predict({"height": 170.0, "weight": 60.0})


def test_levels_given_as_text(flags):
    """As `csv.DictReader` and forms give them: each cell is text."""
    X, y, model = flags
    as_text = pd.DataFrame({"code": X.code.astype(str), "flag": X.flag.astype(str)})
    assert np.mean(model.predict(X) == y) == 1.0
    expected = model.predict_proba(X)
    assert_array_equal(model.predict_proba(as_text), expected)
    assert_array_equal(model.student_.predict_proba(as_text), expected)
    assert_array_equal(model.student_.predict_proba(pl.DataFrame(as_text)), expected)
    cells = as_text.to_numpy(dtype=object)
    assert_array_equal(model.student_.predict_proba(cells), expected)
    read = list(csv.DictReader(io.StringIO(X.to_csv(index=False))))
    assert read[0] == {"code": str(X.code[0]), "flag": str(X.flag[0])}
    assert_array_equal(model.student_.predict_proba(read), expected)
    # JSON and JavaScript write truth values in small letters, and 3 as 3.0 at times.
    other = as_text.assign(flag=as_text.flag.str.lower(), code=as_text.code + ".0")
    assert_array_equal(model.student_.predict_proba(other), expected)


def test_text_that_writes_no_level_is_refused(flags):
    student = flags[2].student_
    with pytest.raises(
        ValueError, match="'flag' of X holds text .'yes'., but held num"
    ):
        student.predict(pd.DataFrame({"code": [3, 1], "flag": ["yes", "True"]}))
    with pytest.raises(
        ValueError, match="'code' of X holds text .''., .*None for a missing"
    ):
        student.predict([{"code": "", "flag": True}])
    # A number that no row had is a level that was never seen, as text or not.
    unseen = [student.predict_proba([[code, True]]) for code in (9, "9", "-0.5")]
    assert_array_equal(unseen[0], unseen[1])
    assert_array_equal(unseen[0], unseen[2])


@pytest.mark.parametrize("ending", ["mjs", "onnx"])
def test_exports_read_levels_given_as_text(flags, tmp_path, ending):
    if ending == "mjs" and shutil.which("node") is None:
        pytest.skip("node is absent")
    pytest.importorskip("onnxruntime" if ending == "onnx" else "numpy")
    X, _, model = flags
    path = tmp_path / f"student.{ending}"
    (to_js if ending == "mjs" else to_onnx)(model.student_, path)
    flag = X.flag.astype(str).str.lower()
    rows = X.assign(code=X.code.astype(str), flag=flag).to_numpy(dtype=object)
    # Texts that Python and JavaScript might read differently.
    codes = ["+3", "003", "3.", "30e-1", "-0", "0.4e1", "9" * 30, "1e999", ".5"]
    odd = np.array([[code, "TRUE"] for code in codes], dtype=object)
    assert verify(model.student_, path, np.vstack([rows, odd])).passed
    expected = model.student_.predict_proba([[3, True]])
    np.testing.assert_allclose(
        model.student_.predict_proba(odd[:4]), np.repeat(expected, 4, 0), atol=1e-6
    )


def test_numbers_given_for_text_are_refused():
    X = pd.DataFrame({"code": ["1", "2", "3", "4"] * 30})
    y = X.code.isin(["1", "4"])
    teacher = HistGradientBoostingClassifier(categorical_features="from_dtype")
    X = X.astype("category")
    student = DistilledClassifier(teacher, **QUICK).fit(X, y).student_
    numbers = [[1, 2], pd.Categorical([1, 2, 3]), ["1", 2], [np.float32(1), None]]
    flags = [[True, False], pd.array([True, None], dtype="boolean"), ["1", True]]
    for kind, columns in {"numbers": numbers, "truth values": flags}.items():
        for column in columns:
            words = f"'code' of X holds {kind}, but held text in fit: convert them to"
            with pytest.raises(ValueError, match=words):
                student.predict(pd.DataFrame({"code": column}))
    unused = pd.Categorical(["1", "2"], categories=[1, "1", "2"])
    assert_array_equal(
        student.predict_proba(pd.DataFrame({"code": unused})),
        student.predict_proba([["1"], ["2"]]),
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="node is absent")
def test_javascript_refuses_numbers_given_for_text(tmp_path):
    """No truth value and no number is a category that was never seen."""
    X = pd.DataFrame({"code": pd.Categorical(["1", "2", "true", "4"] * 30)})
    y = X.code.isin(["1", "4"])
    teacher = HistGradientBoostingClassifier(categorical_features="from_dtype")
    to_js(DistilledClassifier(teacher, **QUICK).fit(X, y), tmp_path / "student.mjs")
    for cell in ("true", "false", "1", "5n"):
        script = (
            f"import('{tmp_path}/student.mjs').then(({{ predict }}) => "
            f"predict([{cell}])).catch((error) => console.log(String(error)))"
        )
        done = subprocess.run(["node", "-e", script], capture_output=True, text=True)
        assert done.stdout.startswith("TypeError: "), done
        assert "takes text" in done.stdout, done


def mixed_levels():
    """A student whose column holds the levels "a", 1, "2" and 3.5."""
    cells = ["a", 1, "2", 3.5] * 30
    X = pd.DataFrame({"code": np.array(cells, dtype=object)})
    known = {"a": 0, 1: 1, "2": 2, 3.5: 3}

    def answers(rows):
        places = np.array([known.get(cell, 4) for cell in rows["code"]])
        proba = np.full((len(rows), 5), 0.02)
        proba[np.arange(len(rows)), places] = 0.92
        return proba

    y = np.array([known[cell] for cell in cells[:-1]] + [4])
    return DistilledClassifier(answers, **QUICK | {"max_iter": 30}).fit(X, y).student_


def test_text_stands_for_a_number_among_mixed_levels(tmp_path):
    """As a file gives them: each cell is text, and "2" was text in fit."""
    student = mixed_levels()
    levels = student.input_code.levels[0]
    cells = ["1", "1.0", "3.5", "2", "2.0", "a", "b", 2]
    rows = np.array([[cell] for cell in cells], dtype=object)
    meant = [1, 1, 3.5, "2", None, "a", None, None]
    expected = [levels.index(v) if v in levels else len(levels) for v in meant]
    assert student.numbers(rows)[:, 0].tolist() == expected
    if shutil.which("node") is not None:
        to_js(student, tmp_path / "student.mjs", verify_on=rows)
    pytest.importorskip("onnxruntime")
    to_onnx(student, tmp_path / "student.onnx", verify_on=rows)


def test_a_number_that_is_rare_among_text_is_kept(tmp_path):
    """So the student takes the rows that it was fitted on."""
    X = pd.DataFrame({"code": np.array([*"ab" * 20, "c", 1], dtype=object)})
    encoder = TabularEncoder(max_categories=2).fit(X)
    assert encoder.code_.levels == [["a", 1]]
    assert encoder.code_.numbers(X)[-3:, 0].tolist() == [2, 2, 1]


def test_a_column_of_numbers_takes_no_text(saved):
    for cell in ("170", "x"):
        with pytest.raises(ValueError, match="held numbers in fit: convert it to num"):
            saved.predict(pd.DataFrame({"height": [cell], "weight": ["60"]}))


def test_exports_of_a_student_have_its_names(people, saved, tmp_path):
    onnx = pytest.importorskip("onnx")
    X = people[0]
    to_onnx(saved, tmp_path / "student.onnx", verify_on=X[["weight", "height"]])
    held = {
        prop.key: json.loads(prop.value)
        for prop in onnx.load(tmp_path / "student.onnx").metadata_props
    }
    assert held == {"classes": ["short", "tall"], "feature_names": ["height", "weight"]}
    to_js(saved, tmp_path / "student.mjs")
    assert '{ name: "height", kind: ' in (tmp_path / "student.mjs").read_text()
    records = X.iloc[:5].to_dict("records")
    assert verify(saved, tmp_path / "student.onnx", records).passed
