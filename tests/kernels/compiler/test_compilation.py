"""The options of Numba, its passes, and the library that comes first."""

import ast
import contextlib
import gc
import sys
from pathlib import Path

import numba
import pytest

import skdistill
from skdistill.kernels.compiler.compilation import kernel

PACKAGE = Path(skdistill.__file__).parent


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.usefixtures("collector_restored")
def test_compiling_leaves_the_garbage_collector_as_it_was(enabled):
    @kernel(cache=True)
    def fails(x):
        return x.unknown

    (gc.enable if enabled else gc.disable)()
    with contextlib.suppress(numba.TypingError, AttributeError):
        fails(1)
    assert gc.isenabled() == enabled


@pytest.fixture
def collector_restored():
    yield
    gc.enable()


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_numba_options_stand_in_one_file(path):
    """No file but one names njit, and kernels import NumPy and Numba alone."""
    tree = ast.parse(path.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    if path.name != "compilation.py":
        assert not names & {"njit", "jit", "vectorize", "guvectorize", "overload"}
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            modules.add(node.module.split(".")[0])
    if "kernels" in path.relative_to(PACKAGE).parts:
        third = modules - set(sys.stdlib_module_names)
        assert third <= {"numpy", "numba", "llvmlite", "skdistill"}
    else:
        assert not modules & {"numba", "llvmlite"}
