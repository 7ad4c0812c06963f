"""Numba's cache, where it can be written and where not, and its options."""

import ast
import contextlib
import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import skdistill
from skdistill.kernels.compiler.compilation import kernel

PACKAGE = Path(skdistill.__file__).parent
SCRIPT = """
import numpy as np
from skdistill import Student
from skdistill.kernels import predict
student = Student([np.ones((2, 3))], [np.zeros(3)], "relu", [0, 1, 2])
student.predict_proba(np.zeros((1, 2)))
stats = predict.predict_rows.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def run(script, folder, **environment):
    """Run a script on a copy of the package; return what it prints."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.fixture
def copy(tmp_path):
    """A folder with a copy of the package, which a script there imports."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "skdistill", ignore=ignored)
    return tmp_path


def test_an_edit_of_any_kernel_file_makes_the_cache_stale(copy):
    assert run(SCRIPT, copy, NUMBA_CACHE_DIR=str(copy / "cache")) == ["0", "1"]
    assert run(SCRIPT, copy, NUMBA_CACHE_DIR=str(copy / "cache")) == ["1", "0"]
    # The predicting kernel lives in another file, whose time stamp stays.
    edited = copy / "skdistill" / "kernels" / "instructions" / "vector.py"
    edited.write_text(edited.read_text() + "\n# edited\n")
    assert run(SCRIPT, copy, NUMBA_CACHE_DIR=str(copy / "cache")) == ["0", "1"]


def test_where_no_cache_can_be_written_it_compiles_all_the_same(copy):
    """As for a user who may not write to the installation nor to a home."""
    script = f"""
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = []
{SCRIPT}
"""
    for _ in range(2):
        assert run(script, copy) == ["0", "1"]
    assert not list(copy.rglob("*.nbi"))


def test_a_cache_that_cannot_be_written_at_the_end_is_warned_of(copy):
    script = f"""
import warnings
from numba.core.caching import IndexDataCacheFile
def save(self, key, data):
    raise OSError(28, "No space left on device")
IndexDataCacheFile.save = save
warnings.simplefilter("default")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    {"; ".join(SCRIPT.strip().splitlines()[:-2])}
messages = set(str(warning.message) for warning in caught)
print(all("No space left" in message for message in messages), len(messages))
"""
    found = run(script, copy, NUMBA_CACHE_DIR=str(copy / "cache"))
    assert found == ["True", "1"]


def test_a_kernel_from_the_cache_runs_though_the_library_it_calls_is_gone(copy):
    expected = run(SCRIPT, copy, NUMBA_CACHE_DIR=str(copy / "cache"))
    files = list((copy / "cache").rglob("library.*"))
    assert expected == ["0", "1"]
    assert len(files) == 2
    for file in files:
        file.unlink()
    assert run(SCRIPT, copy, NUMBA_CACHE_DIR=str(copy / "cache")) == ["1", "0"]


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
