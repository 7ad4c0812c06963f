"""The names that `import skdistill` offers, at run time and to type checkers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skdistill
from skdistill import teachers

SUBMODULES = ["export", "metrics", "model_selection", "teachers"]


def names_of_the_stub(module):
    """Return the names that type checkers see in a module, with their modules."""
    stub = Path(module.__file__).with_suffix(".pyi")
    modules = {}
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            (alias,) = node.names
            assert alias.asname == alias.name
            modules[alias.name] = node.module
    return modules


def test_type_checkers_see_the_names_that_exist():
    stub = names_of_the_stub(skdistill)
    submodules = {name for name, module in stub.items() if module == "skdistill"}
    assert submodules == set(skdistill._SUBMODULES)
    classes = {name: module for name, module in stub.items() if name not in submodules}
    assert classes == skdistill._MODULES


def test_type_checkers_see_the_teachers_that_exist():
    assert names_of_the_stub(teachers) == teachers._MODULES


def test_dir_shows_the_public_names():
    assert dir(skdistill) == sorted([*skdistill.__all__, *SUBMODULES, "__version__"])
    assert dir(teachers) == teachers.__all__


def test_each_teacher_is_found_by_its_name():
    for name in teachers.__all__:
        assert getattr(teachers, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Unknown'"):
        teachers.Unknown  # noqa: B018


@pytest.mark.parametrize("name", SUBMODULES)
def test_modules_are_attributes(name):
    """A new process is needed, as another test may have imported the modules here."""
    code = f"import skdistill; print(skdistill.{name}.__name__)"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == f"skdistill.{name}\n"


def test_a_name_is_imported_at_its_first_use():
    loaded = "sorted(m for m in sys.modules if 'skd' in m)"
    code = (
        f"import sys, skdistill; print({loaded}); skdistill.teachers; print({loaded})"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == "['skdistill']\n['skdistill', 'skdistill.teachers']\n"
