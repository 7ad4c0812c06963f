"""The names that `import skdistill` offers, at run time and to type checkers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skdistill

STUB = Path(skdistill.__file__).with_suffix(".pyi")


def names_of_the_stub():
    """Return the names that type checkers see, with their modules."""
    modules = {}
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            (alias,) = node.names
            assert alias.asname == alias.name
            modules[alias.name] = node.module
    return modules


def test_type_checkers_see_the_names_that_exist():
    stub = names_of_the_stub()
    submodules = {name for name, module in stub.items() if module == "skdistill"}
    assert submodules == set(skdistill._SUBMODULES)
    classes = {name: module for name, module in stub.items() if name not in submodules}
    assert classes == skdistill._MODULES


def test_dir_shows_the_public_names():
    submodules = ["export", "metrics", "model_selection"]
    assert dir(skdistill) == sorted([*skdistill.__all__, *submodules, "__version__"])


@pytest.mark.parametrize("name", ["export", "metrics", "model_selection"])
def test_modules_are_attributes(name):
    """A new process is needed, as another test may have imported the modules here."""
    code = f"import skdistill; print(skdistill.{name}.__name__)"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == f"skdistill.{name}\n"


def test_a_name_is_imported_at_its_first_use():
    code = "import sys, skdistill; print(sorted(m for m in sys.modules if 'skd' in m))"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output == "['skdistill']\n"
