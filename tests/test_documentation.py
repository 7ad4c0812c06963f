"""README, docstrings, pages and changelog are true to the code."""

import importlib.util
import inspect
import re
import runpy
import subprocess
import sys
from pathlib import Path

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from distributed import Client
from numpydoc.validate import validate
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

import skdistill
from skdistill import (
    AdditiveDisplay,
    AgreementDisplay,
    CapacityDisplay,
    CompressionCurveDisplay,
    DistillationReport,
    DistilledClassifier,
    DistilledRegressor,
    LossCurveDisplay,
    Munge,
    NeighborInterpolation,
    ReliabilityDisplay,
    ResidualsDisplay,
    Student,
    SwapNoise,
    TabularEncoder,
    compress_to,
    export,
    metrics,
    model_selection,
    smallest_within,
    teachers,
)
from skdistill.dask import DaskDistilledClassifier, DaskDistilledRegressor, label
from skdistill.model_selection.compress import Compression
from skdistill.model_selection.requirement import RequirementNotMetError, TriedStudent
from skdistill.stream import fit_files

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

PUBLIC_CLASSES = (
    AdditiveDisplay,
    AgreementDisplay,
    CapacityDisplay,
    CompressionCurveDisplay,
    DistillationReport,
    DistilledClassifier,
    DistilledRegressor,
    LossCurveDisplay,
    Munge,
    NeighborInterpolation,
    ReliabilityDisplay,
    ResidualsDisplay,
    Student,
    SwapNoise,
    TabularEncoder,
)

PUBLIC_FUNCTIONS = (compress_to, smallest_within)

# Classes that public functions return or raise, and scorers for a search.
OTHER_PUBLIC = (
    Compression,
    RequirementNotMetError,
    TriedStudent,
    DaskDistilledClassifier.fit,
    DaskDistilledClassifier.predict,
    DaskDistilledClassifier.predict_proba,
    DaskDistilledRegressor.fit,
    DaskDistilledRegressor.predict,
    fit_files,
    label,
    model_selection.make_teacher_scorer,
    model_selection.student_bytes,
    model_selection.teacher_score,
    teachers.RulesTeacher,
    teachers.VotesTeacher,
)

# Checks of numpydoc that scikit-learn's own docstrings do not pass either, such as
# a period after a final formula or list, and sections of methods.
IGNORED = {
    "ES01",  # no extended summary
    "EX01",  # no examples
    "GL01",  # the summary starts in the first line
    "RT02",  # a returned value has a name, as in scikit-learn
    "RT03",  # a return value without a description
    "SA01",  # no See Also
    "SA04",  # an entry of See Also without a description
    "PR07",  # a parameter without a description
    "YD01",
}


def public_objects():
    for item in PUBLIC_CLASSES:
        yield f"{item.__module__}.{item.__qualname__}"
        for name, member in inspect.getmembers(item):
            if name.startswith("_") or not callable(member):
                continue
            if getattr(member, "__module__", "").startswith("skdistill"):
                yield f"{item.__module__}.{item.__qualname__}.{name}"
    for kind in map(teachers.__getattr__, teachers.__all__):
        yield f"{kind.__module__}.{kind.__qualname__}"
        for name, member in inspect.getmembers(kind, inspect.isfunction):
            if name[0] != "_" and member.__module__.startswith("skdistill"):
                yield f"{kind.__module__}.{kind.__qualname__}.{name}"
    for item in (*PUBLIC_FUNCTIONS, *OTHER_PUBLIC):
        yield f"{item.__module__}.{item.__qualname__}"
    for name, member in inspect.getmembers(metrics, inspect.isfunction):
        yield f"{metrics.__name__}.{name}"
        assert member.__module__ == "skdistill.metrics"
    for name in export.__all__:
        item = getattr(export, name)
        yield f"{item.__module__}.{item.__qualname__}"


@pytest.mark.parametrize("name", list(public_objects()))
def test_docstring_is_numpydoc(name):
    errors = [error for error in validate(name)["errors"] if error[0] not in IGNORED]
    assert errors == []


@pytest.mark.parametrize("kind", [DistilledClassifier, DistilledRegressor])
def test_parameters_and_their_documentation_are_the_same(kind):
    documented = re.findall(
        r"^    (\w+) : ", kind.__doc__.split("Attributes\n")[0], flags=re.MULTILINE
    )
    assert documented == list(inspect.signature(kind).parameters)
    assert set(documented) == set(kind._parameter_constraints)


@pytest.mark.parametrize("kind", [DistilledClassifier, DistilledRegressor])
def test_fitted_attributes_and_their_documentation_are_the_same(blobs, kind):
    X, y = blobs
    import pandas as pd

    model = kind(max_iter=1).fit(pd.DataFrame(X, columns=list("abcd")), y)
    text = kind.__doc__.split("Attributes\n")[1].split("See Also")[0]
    documented = re.findall(r"^    (\w+_) : ", text, flags=re.MULTILINE)
    computed = [
        name
        for name, value in inspect.getmembers(kind)
        if isinstance(value, property) and name[0] != "_"
    ]
    fitted = [name for name in [*vars(model), *computed] if name.endswith("_")]
    assert sorted(documented) == sorted(fitted)


def test_public_names():
    public = (*PUBLIC_CLASSES, *PUBLIC_FUNCTIONS)
    assert skdistill.__all__ == [item.__name__ for item in public]
    for item in public:
        assert getattr(skdistill, item.__name__) is item
    assert set(skdistill.__all__) <= set(dir(skdistill))
    with pytest.raises(AttributeError, match="no attribute 'Teacher'"):
        skdistill.Teacher  # noqa: B018


def libraries_in(text):
    """Return the libraries of teachers that code imports."""
    libraries = "torch|keras|xgboost|lightgbm|catboost"
    return re.findall(rf"^(?:import|from) ({libraries})\b", text, re.M)


def absent_libraries(text):
    """Return the libraries of teachers that code imports and that are not installed."""
    return [n for n in libraries_in(text) if importlib.util.find_spec(n) is None]


def python_blocks(path):
    return re.findall(r"^```python\n(.*?)^```", path.read_text(), re.M | re.S)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name
)
# Dask's own call of pandas.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_python_blocks_run(path, tmp_path, monkeypatch, few_steps):
    """The blocks of a page run one after another in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names, absent = {}, []
    for block in python_blocks(path):
        absent += absent_libraries(block)
        if not absent_libraries(block):
            exec(compile(block, str(path), "exec"), names)
    if absent:
        pytest.skip(f"could not import {', '.join(absent)}: the other blocks ran")


def test_blocks_of_the_guide_with_other_libraries_run_without_the_others(few_steps):
    """So `nox -s frameworks` need not run the whole page again."""
    blocks = [b for b in python_blocks(ROOT / "docs" / "guide.md") if libraries_in(b)]
    assert blocks
    if absent := absent_libraries("".join(blocks)):
        pytest.skip(f"could not import {', '.join(absent)}")
    names = {}
    for block in blocks:
        exec(compile(block, "guide.md", "exec"), names)


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "docs" / "examples").glob("*.py")),
    ids=lambda path: path.stem,
)
# Keras' own way from its variables to arrays.
@pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")
def test_examples_answer_their_question(path, capsys, few_steps):
    if absent := absent_libraries(path.read_text()):
        pytest.skip(f"could not import {', '.join(absent)}")
    assert path.read_text().split('"""')[1].splitlines()[0].endswith("?")
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as ended:  # The example says what to install.
        if "not installed" not in str(ended):
            raise
        pytest.skip(str(ended))
    assert len(capsys.readouterr().out.splitlines()) >= 3


def test_figures_of_the_picture_come_from_its_benchmark():
    page = (ROOT / "docs" / "benchmarks" / "front_page.md").read_text()
    picture = (ROOT / "docs" / "front_page.svg").read_text()
    rows = [line for line in page.splitlines() if line[:1] == "|"][2:4]
    figures = [cell.strip() for row in rows for cell in row.strip("|").split("|")[1:]]
    assert len(figures) == 6
    for figure in figures:
        assert f">{figure} <" in picture


def test_the_only_example_answers_what_the_readme_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (block,) = python_blocks(ROOT / "README.md")
    exec(compile(block, "README.md", "exec"), {})
    printed = [float(number) for number in capsys.readouterr().out.split()]
    stated = [float(number) for number in block.split("#")[-1].split(", ")]
    # The order of sums differs among instruction sets.
    np.testing.assert_allclose(printed, stated, atol=0.005)
    assert printed[1] > printed[0]


def quick_names():
    """Return the names that the table of README.md uses, for small rows."""
    import pandas as pd

    X, y = make_classification(800, 5, n_classes=2, class_sep=2, random_state=0)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    table = pd.DataFrame(
        {"town": ["Rome", "Oslo", None, "Rome"] * 50, "age": range(200)}
    )
    table = table.astype({"town": "category"})
    boosting = HistGradientBoostingClassifier(categorical_features="from_dtype")
    few = y.astype(object)
    few[60:] = None
    votes = np.column_stack([y, y, y])
    wrong = np.random.RandomState(0).random_sample(votes.shape) < 0.2
    votes[wrong] = 1 - votes[wrong]
    texts = np.where(y == 1, "a positive text", "a negative one").tolist()
    linear_student = DistilledClassifier(LogisticRegression(), random_state=0)
    pipeline = make_pipeline(TfidfVectorizer(), linear_student).fit(texts, y)
    module = forest
    if importlib.util.find_spec("torch"):
        import torch

        linear = LogisticRegression().fit(X, y)
        module = torch.nn.Linear(5, 1)
        module.weight.data[:] = torch.tensor(linear.coef_)
        module.bias.data[:] = torch.tensor(linear.intercept_)
    return {
        **{name: getattr(teachers, name) for name in teachers.__all__},
        **{"module": module, "few": few, "votes": votes, "fit_files": fit_files},
        **{"rules": [("age > 99", "old"), ("age < 50", "young")]},
        **{"reader": make_pipeline(TfidfVectorizer(), LogisticRegression())},
        **{"texts": texts, "pipeline": pipeline, "make_pipeline": make_pipeline},
        "linear": LogisticRegression(),
        **{kind.__name__: kind for kind in (TfidfVectorizer, LogisticRegression)},
        **{name: getattr(skdistill, name) for name in skdistill.__all__},
        **{"export": export, "RandomForestClassifier": RandomForestClassifier},
        **{"X": X, "y": y, "U": X + 0.01, "P": forest.predict_proba(X)},
        **{"X_test": X_test, "y_test": y_test, "forest": forest},
        **{"rows": da.from_array(X, 300), "labels": da.from_array(y, 300)},
        "DaskDistilledClassifier": DaskDistilledClassifier,
        "DaskDistilledRegressor": DaskDistilledRegressor,
        **{"model": DistilledClassifier(forest, max_iter=5).fit(X, y)},
        **{"prices": X[:, 0] * 1000, "trees": RandomForestRegressor(10)},
        **{"boosting": boosting, "table": table, "bought": ["yes", "no"] * 100},
        "tags": np.column_stack([y, X[:, 1] > 0]),
    }


def test_the_readme_has_two_screens():
    assert len(README.splitlines()) <= 110
    assert max(map(len, README.splitlines())) <= 100
    assert README.count("![") == 1


# The forest was fitted on rows without names, and files have them.
@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
def test_the_table_of_the_readme_runs(tmp_path, monkeypatch, few_steps):
    """Each cell of code in the table runs as it stands."""
    monkeypatch.chdir(tmp_path)
    # Cells have no seed. With some random numbers compress_to finds no student here.
    np.random.seed(0)  # noqa: NPY002
    rows = [line for line in README.splitlines() if line[:3] == "| a" or "`" in line]
    cells = [line.split("|")[2].strip() for line in rows if line[:1] == "|"]
    assert len(cells) == 24
    names = quick_names()
    names["table"].assign(COLUMN=names["bought"]).to_csv("table.csv", index=False)
    names["table"].to_parquet("rows.parquet")
    Path("rows").mkdir()
    in_columns = pd.DataFrame(names["X"], columns=[f"x{i}" for i in range(5)])
    in_columns.assign(bought=names["y"]).to_parquet("rows/part.parquet")
    for cell in cells:
        code = cell.strip("`")
        if code.startswith("python "):
            quick = ["--trees", "5"] if "--target" in code else []
            command = [sys.executable, *code.split()[1:], *quick]
            subprocess.run(command, check=True, capture_output=True)
        elif code.startswith("Dask"):
            with Client(processes=False, dashboard_address=":0"):
                assert eval(code, names).to_local().score(names["X"], names["y"]) > 0.9
        else:
            assert eval(code, names) is not False
    assert Path("student.h").exists()
    assert Path("student.mjs").exists()
    assert Path("student.onnx").exists()
    assert len(pd.read_csv("scores.csv")) == len(names["table"])


def test_links_lead_somewhere():
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_version_is_in_the_changelog():
    assert f"## {skdistill.__version__}" in (ROOT / "CHANGELOG.md").read_text()
