import re
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from numba import config, njit
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skdistill import DistilledClassifier, Student
from skdistill.__main__ import main
from skdistill.command.options import EXPORTS
from skdistill.export import to_js, verify

MODELS = ("teacher", "student", "labels alone")


@pytest.fixture
def iris(tmp_path, few_steps):
    """A table with a target of text, and the path of its CSV file."""
    data = load_iris(as_frame=True)
    table = data.data.assign(species=data.target_names[data.target])
    table.to_csv(tmp_path / "iris.csv", index=False)
    table.to_parquet(tmp_path / "iris.parquet")
    return table, tmp_path / "iris.csv"


def in_one_line(text):
    """Return a text without its line breaks."""
    return " ".join(text.split())


def figures(output):
    """Return the figures in the output by measure and model."""
    parts = output.split("\n\n")
    tables = [part for part in parts if part.startswith(("Performance", "Costs"))]
    found = {}
    for line in (line for table in tables for line in table.splitlines()[2:]):
        name, *values = re.split("  +", line)
        models = dict(zip(MODELS, values, strict=False))
        found[name] = {
            model: None if value == "-" else float(value.replace(",", ""))
            for model, value in models.items()
        }
    return found


def test_digits(tmp_path, capsys):
    path = tmp_path / "student.npz"
    assert main(["--trees", "30", "--output", str(path)]) == 0
    output = capsys.readouterr().out
    table = figures(output)
    accuracy, sizes = table["accuracy"], table["bytes on disk"]
    assert accuracy["student"] >= 0.985 * accuracy["teacher"]
    assert sizes["student"] == path.stat().st_size < 2**16 < sizes["teacher"]
    assert all(seconds > 0 for seconds in table["µs, one row"].values())
    student = Student.load(path)
    assert student.n_features_in_ == 64
    assert f"Student.load('{path}')" in output
    assert "distilling a student" in output


def test_only_a_fit_that_compiled_is_made_again(iris, capsys, monkeypatch):
    _, path = iris
    monkeypatch.chdir(path.parent)
    arguments = [str(path), "--target", "species", "--trees", "5", "--hidden", "8"]
    main(arguments)  # Compiles what is not in the cache.
    capsys.readouterr()
    assert main(arguments) == 0
    assert "distilling it again" not in capsys.readouterr().out
    fit, double = DistilledClassifier.fit, njit(lambda x: 2 * x)
    monkeypatch.setattr(
        DistilledClassifier, "fit", lambda *a, **k: (double(1), fit(*a, **k))[1]
    )
    assert main(arguments) == 0
    is_said = "distilling it again" in capsys.readouterr().out
    assert is_said == (not config.DISABLE_JIT)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_table(iris, tmp_path, capsys, ending):
    table, path = iris
    output = tmp_path / "out.npz"
    arguments = [path.with_suffix(ending), "--target", "species", "--trees", "20"]
    arguments += ["--hidden", "16", "8", "--output", output, "--seed", "1"]
    assert main(list(map(str, arguments))) == 0
    student = Student.load(output)
    assert student.layer_units == [4, 16, 8, 3]
    X = table.drop(columns="species").to_numpy()
    assert np.mean(student.predict(X) == table["species"]) > 0.9
    assert figures(capsys.readouterr().out)["accuracy"]["student"] > 0.85


def test_no_hidden_layer_makes_an_additive_student(iris, tmp_path):
    table, path = iris
    output = tmp_path / "out.npz"
    arguments = [path, "--target", "species", "--trees", "20", "--hidden", "none"]
    assert main(list(map(str, [*arguments, "--output", output]))) == 0
    student = Student.load(output)
    assert student.layer_units == [4, 3]
    X = table.drop(columns="species").to_numpy()
    assert np.mean(student.predict(X) == table["species"]) > 0.9


@pytest.fixture
def raw_table():
    """Text, truth values and numbers, some missing. The target depends on each."""
    rng = np.random.default_rng(0)
    n_rows = 600
    city = rng.choice(["Lima", "Oslo", "Rome"], n_rows)
    age = rng.normal(40.0, 12.0, n_rows)
    member = rng.random(n_rows) < 0.5
    table = pd.DataFrame({"city": city, "age": age, "member": member})
    wants = (city == "Rome") & (age > 35) | (city == "Oslo") & member
    table["buys"] = np.where(wants, "yes", "no")
    table.loc[rng.random(n_rows) < 0.1, "city"] = None
    table.loc[rng.random(n_rows) < 0.1, "age"] = np.nan
    return table


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_text_and_missing_values_go_to_the_student_as_they_are(
    raw_table, tmp_path, capsys, ending
):
    path, output = tmp_path / f"raw{ending}", tmp_path / "s.npz"
    if ending == ".csv":
        raw_table.to_csv(path, index=False)
    else:
        raw_table.to_parquet(path)
    arguments = [path, "--target", "buys", "--trees", "100", "--output", output]
    assert main(list(map(str, arguments))) == 0
    printed = capsys.readouterr().out
    assert "600 rows, 3 columns; 450 rows to train on" in printed
    found = figures(printed)
    assert found["accuracy"]["student"] > 0.85
    for name in ("student", "labels alone"):
        assert found["bytes on disk"][name] < 2**16
    student = Student.load(output)
    assert student.layer_units == [3, 128, 64, 1]
    X = [["Rome", 60.0, False], ["Lima", 60.0, True], ["Oslo", 20.0, True]]
    assert student.predict(X).tolist() == ["yes", "no", "yes"]
    assert student.predict_proba([[None, None, False]]).shape == (1, 2)


@pytest.mark.parametrize("named", [True, False])
def test_a_teacher_of_ones_own(iris, tmp_path, capsys, named):
    table, path = iris
    X = table.drop(columns="species")
    teacher = RandomForestClassifier(10, random_state=0)
    teacher.fit(X if named else X.to_numpy(), table["species"])
    joblib.dump(teacher, tmp_path / "teacher.joblib")
    arguments = [path, "--target", "species", "--teacher", tmp_path / "teacher.joblib"]
    arguments += ["--output", tmp_path / "s.npz"]
    assert main(list(map(str, arguments))) == 0
    output = capsys.readouterr().out
    assert ("fitted without names of columns" in in_one_line(output)) != named
    assert figures(output)["accuracy"]["teacher"] > 0.9
    assert "its figures are too good" in in_one_line(output)


def test_a_teacher_with_a_decision_function_and_classes_in_another_order(
    iris, tmp_path, capsys
):
    table, path = iris
    X, y = table.drop(columns="species"), table["species"]
    joblib.dump(make_pipeline(StandardScaler(), SVC()).fit(X, y), tmp_path / "svc")
    turned = LogisticRegression(max_iter=1000).fit(X, y)
    turned.classes_, turned.coef_ = turned.classes_[::-1], turned.coef_[::-1]
    turned.intercept_ = turned.intercept_[::-1]
    joblib.dump(turned, tmp_path / "turned")
    for name in ("svc", "turned"):
        arguments = [path, "--target", "species", "--teacher", tmp_path / name]
        arguments += ["--output", tmp_path / "s.npz"]
        assert main(list(map(str, arguments))) == 0
        found = figures(capsys.readouterr().out)
        assert found["accuracy"]["teacher"] > 0.9
        assert found["accuracy"]["student"] > 0.85


def test_unusable_input(iris, tmp_path, capsys):
    table, path = iris
    dates = pd.date_range("2020-01-01", periods=len(table))
    table.assign(day=dates).to_parquet(tmp_path / "dates.parquet")
    table.assign(row=range(150)).to_csv(tmp_path / "numbered.csv", index=False)
    (tmp_path / "no teacher").write_text("hello")
    other = RandomForestClassifier(3).fit(*load_breast_cancer(return_X_y=True))
    joblib.dump(other, tmp_path / "other")
    joblib.dump(SVC(), tmp_path / "unfitted")
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "regressor")
    table[:19].to_csv(tmp_path / "few.csv", index=False)
    table[["species"]].to_csv(tmp_path / "one.csv", index=False)
    (tmp_path / "semi.csv").write_text("a;b\n1;2\n")
    cases = [
        (
            [path, "--target", "sort"],
            "has no column 'sort'; it has 'sepal length (cm)'",
        ),
        ([tmp_path / "none.csv", "--target", "a"], "No such file or directory"),
        (
            [tmp_path / "dates.parquet", "--target", "species"],
            "column 'day' of X holds",
        ),
        (
            [path, "--target", "petal width (cm)", "--task", "classes"],
            "continuous",
        ),
        (
            [tmp_path / "numbered.csv", "--target", "row", "--task", "classes"],
            "'row' has 150 different values in 150 rows: give a column of classes",
        ),
        (
            [path, "--target", "species", "--teacher", tmp_path / "no teacher"],
            "cannot be loaded as a teacher",
        ),
        ([tmp_path / "few.csv", "--target", "species"], "has 19 rows: 20 are needed"),
        (
            [tmp_path / "one.csv", "--target", "species"],
            "no column besides 'species'",
        ),
        (
            [tmp_path / "semi.csv", "--target", "a"],
            "read as a single column, 'a;b'",
        ),
        (
            [path, "--target", "species", "--teacher", tmp_path / "unfitted"],
            "holds SVC(), not a fitted classifier",
        ),
        (
            [path, "--target", "species", "--teacher", tmp_path / "regressor"],
            "the teacher, LinearRegression, is not a classifier",
        ),
        (
            [path, "--target", "species", "--teacher", tmp_path / "other"],
            "X has 4 features, but the teacher, RandomForestClassifier, was fitted on",
        ),
    ]
    for arguments, words in cases:
        output = tmp_path / "student.npz"
        assert main([*map(str, arguments), "--output", str(output)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert words in in_one_line(error)
        assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["table.csv"], "a table and --target COLUMN go together"),
        (["--target", "y"], "a table and --target COLUMN go together"),
        (["--teacher", "model"], "--teacher goes with a table"),
        (["--hidden", "0"], "argument --hidden: '0' is neither a whole number from 1"),
        (["--hidden", "none", "8"], "--hidden takes either none or numbers"),
        (["--output", "no/such/folder/s.npz"], "there is no such folder"),
        (
            ["t.csv", "--target", "y", "--teacher", "m", "--trees", "5"],
            "--trees is for a forest",
        ),
        (["--export", "onnx,java"], "argument --export: 'java' is not one of onnx, c"),
        (["--export", ""], "argument --export: '' is not one of onnx, c, js"),
        (["--report", "no/such/folder/r.html"], "there is no such folder"),
        (["--report", "s", "--output", "s"], "s would be overwritten by --report"),
        (["--export", "c", "--output", "s.h"], "--output s.h would be overwritten"),
    ],
)
def test_arguments_that_do_not_go_together(arguments, words, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert words in in_one_line(capsys.readouterr().err)


def test_the_report_is_a_page_of_the_figures_printed(iris, tmp_path, capsys):
    _, path = iris
    arguments = [path, "--target", "species", "--trees", "5", "--hidden", "8"]
    arguments += ["--output", tmp_path / "s.npz", "--report", tmp_path / "r.html"]
    assert main(list(map(str, arguments))) == 0
    output = capsys.readouterr().out
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"The report is in {tmp_path / 'r.html'}" in in_one_line(output)
    for name, values in figures(output).items():
        cells = "".join(
            f"<td>{'-' if value is None else '[0-9,.]+'}</td>"
            for value in values.values()
        )
        assert re.search(f">{re.escape(name)}</th>{cells}", page)


def exported(output):
    """Return the line on each export in the output, by the ending of its file."""
    text = output[output.index("In other languages") :]
    # Lines with a deeper indent continue the one before.
    lines = text.replace("\n        ", " ").splitlines()[2:]
    parts = [line.strip().split(": ", 1) for line in lines if line.strip()]
    return {Path(path).suffix: text for path, text in parts}


def test_exports_of_a_raw_table(raw_table, tmp_path, capsys):
    path, output = tmp_path / "raw.csv", tmp_path / "buyers.npz"
    raw_table.to_csv(path, index=False)
    arguments = [path, "--target", "buys", "--trees", "20", "--output", output]
    assert main([*map(str, arguments), "--export", "onnx,c,js"]) == 0
    said = exported(capsys.readouterr().out)
    assert list(said) == [".onnx", ".h", ".mjs"]
    student, X = Student.load(output), raw_table.drop(columns="buys")
    for suffix, text in said.items():
        words, difference = text.rsplit(" ", 1)
        assert words == "greatest difference of a probability"
        assert float(difference) <= 1e-5
        assert verify(student, output.with_suffix(suffix), X).passed


def test_an_export_that_cannot_be_run_is_written(iris, tmp_path, capsys, monkeypatch):
    _, path = iris
    output = tmp_path / "out.npz"
    arguments = [path, "--target", "species", "--trees", "5", "--output", output]
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert main([*map(str, arguments), "--export", "js,c"]) == 0
    said = exported(capsys.readouterr().out)
    assert list(said) == [".mjs", ".h"]
    assert "not compared: " in said[".mjs"]
    assert "no C compiler is found" in said[".h"]
    monkeypatch.undo()
    X = load_iris().data
    for suffix in said:
        assert verify(Student.load(output), output.with_suffix(suffix), X).passed


def test_an_export_that_answers_otherwise_is_an_error(
    iris, tmp_path, capsys, monkeypatch
):
    def write_another(model, path):
        student = model.student_
        other = Student(
            student.coefs_,
            [bias + 0.1 for bias in student.intercepts_],
            student.activation,
            student.classes_,
            student.input_code,
            student.knot_table_,
        )
        to_js(other, path)

    monkeypatch.setitem(EXPORTS, "js", (write_another, ".mjs"))
    _, path = iris
    arguments = [path, "--target", "species", "--trees", "5", "--export", "js"]
    arguments += ["--output", tmp_path / "out.npz"]
    assert main(list(map(str, arguments))) == 1
    error = capsys.readouterr().err
    words = "out.mjs gives other answers than the student: failed on"
    assert words in in_one_line(error)


def test_onnx_is_looked_for_before_anything_is_trained(monkeypatch, capsys):
    monkeypatch.setattr("skdistill.command.distil.find_spec", lambda name: None)
    assert main(["--export", "c,onnx"]) == 1
    captured = capsys.readouterr()
    words = "--export onnx needs onnx: install it, or skdistill[onnx]"
    assert words in in_one_line(captured.err)
    assert "training" not in captured.out


def test_help_explains_itself():
    result = subprocess.run(
        [sys.executable, "-m", "skdistill", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for word in (
        "--target",
        "--teacher",
        "--output",
        "--export",
        "--report",
        "student.npz",
        "examples:",
    ):
        assert word in result.stdout
