"""README, docstrings, pages and changelog are true to the code."""

import inspect
import re
import runpy
from pathlib import Path

import pytest
from numpydoc.validate import validate

import skdistill
from skdistill import (
    AgreementDisplay,
    CompressionCurveDisplay,
    DistillationReport,
    DistilledClassifier,
    LossCurveDisplay,
    Munge,
    NeighborInterpolation,
    ReliabilityDisplay,
    Student,
    SwapNoise,
    TabularEncoder,
    compress_to,
    export,
    metrics,
    model_selection,
    smallest_within,
)
from skdistill.model_selection.compress import Compression
from skdistill.model_selection.requirement import RequirementNotMetError, TriedStudent

ROOT = Path(__file__).parent.parent

PUBLIC_CLASSES = (
    AgreementDisplay,
    CompressionCurveDisplay,
    DistillationReport,
    DistilledClassifier,
    LossCurveDisplay,
    Munge,
    NeighborInterpolation,
    ReliabilityDisplay,
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
    model_selection.student_bytes,
    model_selection.teacher_score,
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


def test_parameters_and_their_documentation_are_the_same():
    documented = re.findall(
        r"^    (\w+) : ",
        DistilledClassifier.__doc__.split("Attributes\n")[0],
        flags=re.MULTILINE,
    )
    assert documented == list(inspect.signature(DistilledClassifier).parameters)
    assert set(documented) == set(DistilledClassifier._parameter_constraints)


def test_fitted_attributes_and_their_documentation_are_the_same(blobs):
    X, y = blobs
    import pandas as pd

    model = DistilledClassifier(max_iter=1).fit(
        pd.DataFrame(X, columns=list("abcd")), y
    )
    text = DistilledClassifier.__doc__.split("Attributes\n")[1].split("See Also")[0]
    documented = re.findall(r"^    (\w+_) : ", text, flags=re.MULTILINE)
    fitted = [name for name in vars(model) if name.endswith("_")]
    assert sorted(documented) == sorted(fitted)


def test_public_names():
    public = (*PUBLIC_CLASSES, *PUBLIC_FUNCTIONS)
    assert skdistill.__all__ == [item.__name__ for item in public]
    for item in public:
        assert getattr(skdistill, item.__name__) is item
    assert set(skdistill.__all__) <= set(dir(skdistill))
    with pytest.raises(AttributeError, match="no attribute 'Teacher'"):
        skdistill.Teacher  # noqa: B018


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda path: path.name,
)
def test_python_blocks_run(path, tmp_path, monkeypatch):
    """The blocks of a page run one after another in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", path.read_text(), re.M | re.S):
        exec(compile(block, str(path), "exec"), names)


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "docs" / "examples").glob("*.py")),
    ids=lambda path: path.stem,
)
def test_examples_answer_their_question(path, capsys):
    assert path.read_text().split('"""')[1].splitlines()[0].endswith("?")
    runpy.run_path(str(path), run_name="__main__")
    assert len(capsys.readouterr().out.splitlines()) >= 3


def test_figures_in_the_readme_come_from_the_benchmarks():
    """Every table of the README is also in a page that a benchmark wrote."""
    pages = [p.read_text() for p in sorted((ROOT / "docs" / "benchmarks").glob("*.md"))]
    rows = [
        line
        for line in (ROOT / "README.md").read_text().splitlines()
        if line[:1] == "|"
    ]
    assert rows
    for row in rows:
        assert any(row in page for page in pages), row


def test_links_lead_somewhere():
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_version_is_in_the_changelog():
    assert f"## {skdistill.__version__}" in (ROOT / "CHANGELOG.md").read_text()
