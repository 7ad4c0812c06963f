"""The cache of machine code: stale, damaged, gone, or in no folder at all."""

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import skdistill
from skdistill.kernels.compiler import cache
from skdistill.kernels.compiler.compilation import kernel

UNCOMPILED = bool(numba.config.DISABLE_JIT)
PACKAGE = Path(skdistill.__file__).parent
KERNELS = PACKAGE / "kernels"
COUNT = """
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""
PREDICTION = f"""
import numpy as np
from skdistill import Student
from skdistill.kernels import predict
student = Student([np.ones((2, 3))], [np.zeros(3)], "relu", [0, 1, 2])
student.predict_proba(np.zeros((1, 2)))
stats = predict.predict_rows.stats
{COUNT}
"""
# The predicting kernel takes long to compile. The small one calls a function of
# another file and one of the library too.
SMALL_KERNEL = """
from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.dot import dot_products
from skdistill.kernels.instructions.step import stepped

@kernel(cache=True)
def small(rows, weights, bias, out):
    dot_products(rows, weights, bias, out)
    out[0, 0] = stepped(out[0, 0])
"""
CALLED_FUNCTION = """
from skdistill.kernels.compiler.compilation import kernel

@kernel
def stepped(value):
    return value + 1
"""
CALL = """
import numpy as np
from skdistill.kernels.layers.layout import aligned_zeros
from skdistill.kernels.small import small
rows, weights, out = aligned_zeros(16, 16), aligned_zeros(1, 16), aligned_zeros(1, 16)
rows[...] = weights[...] = 1
small(rows, weights, aligned_zeros(16), out)
stats = small.stats
"""
SCRIPT = CALL + COUNT
COMPILED, LOADED = ["0", "1"], ["1", "0"]


def run(script, folder, *options, **environment):
    """Run a script on a copy of the package; return what it prints."""
    variables = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
    result = subprocess.run(
        [sys.executable, "-W", "error", *options, "-c", script],
        cwd=folder,
        env={**os.environ, **variables, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.fixture
def copy(tmp_path):
    """A folder with a copy of the package and a small kernel, for scripts there."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "skdistill", ignore=ignored)
    kernels = tmp_path / "skdistill" / "kernels"
    (kernels / "small.py").write_text(SMALL_KERNEL)
    (kernels / "instructions" / "step.py").write_text(CALLED_FUNCTION)
    return tmp_path


def test_an_edit_of_any_kernel_file_makes_the_cache_stale(copy):
    script = f"{SCRIPT}\nprint(*out[0, :2])"
    cached = {"NUMBA_CACHE_DIR": str(copy / "cache")}
    assert run(script, copy, **cached) == [*COMPILED, "17.0", "16.0"]
    assert run(script, copy, **cached) == [*LOADED, "17.0", "16.0"]
    # The kernel lives in another file, whose time stamp stays.
    edited = copy / "skdistill" / "kernels" / "instructions" / "step.py"
    edited.write_text(edited.read_text().replace("value + 1", "value + 2"))
    assert run(script, copy, **cached) == [*COMPILED, "18.0", "16.0"]


def test_the_digest_covers_each_file_in_each_folder(tmp_path):
    folder = shutil.copytree(KERNELS, tmp_path / "kernels")
    digest = cache.source_digest.__wrapped__  # The folder is not always the same.
    before, digests = digest(folder), []
    paths = sorted(folder.rglob("*.py"))
    for path in paths:
        code = path.read_text()
        path.write_text(code + "\n# edited\n")
        digests.append(digest(folder))
        path.write_text(code)
        other = path.rename(path.with_name("another_name.py"))
        digests.append(digest(folder))
        other.rename(path)
        assert digest(folder) == before
    assert len({before, *digests}) == 1 + 2 * len(paths)
    assert len(paths) > 20


def test_where_no_cache_can_be_written_it_compiles_all_the_same(copy):
    """As for a user who may not write to the installation nor to a home."""
    script = f"""
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = []
{SCRIPT}
"""
    for _ in range(2):
        assert run(script, copy) == COMPILED
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
    {"; ".join(CALL.strip().splitlines())}
messages = set(str(warning.message) for warning in caught)
print(all("No space left" in message for message in messages), len(messages))
"""
    found = run(script, copy, NUMBA_CACHE_DIR=str(copy / "cache"))
    assert found == ["True", "1"]


def test_a_kernel_from_the_cache_runs_though_the_library_it_calls_is_gone(copy):
    folder = copy / "cache"
    assert run(PREDICTION, copy, NUMBA_CACHE_DIR=str(folder)) == COMPILED
    files = list(folder.rglob("library.*"))
    assert len(files) == 2
    for file in files:
        file.unlink()
    assert run(PREDICTION, copy, NUMBA_CACHE_DIR=str(folder)) == LOADED


def test_a_cache_of_damaged_files_alone_is_compiled_anew(copy):
    """The files of the library are damaged too."""
    folder = copy / "cache"
    assert run(SCRIPT, copy, NUMBA_CACHE_DIR=str(folder)) == COMPILED
    for file in [*folder.rglob("*.nbi"), *folder.rglob("*.nbc")]:
        file.write_bytes(b"")
    options = ("-W", "ignore::RuntimeWarning")
    assert run(SCRIPT, copy, *options, NUMBA_CACHE_DIR=str(folder)) == COMPILED


def add(values):
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


class _OfAGoneModule:
    """Unpickles as a class of a module that does not exist."""

    def __reduce__(self):
        return (__import__, ("skdistill.kernels.gone",))


def emptied(path):
    path.write_bytes(b"")


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def filled_with_junk(path):
    path.write_bytes(b"junk" * 100)


def scribbled_over(path):
    """Write junk into the middle; the length stays."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8] = b"scribble"
    path.write_bytes(content)


def naming_a_gone_module(path):
    content = path.read_bytes()
    gone = pickle.dumps(_OfAGoneModule())
    if path.suffix == ".nbi":
        with path.open("rb") as file:
            pickle.load(file)  # The version, which stays.
            gone = content[: file.tell()] + gone
    path.write_bytes(gone)


def made_a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.fixture
def in_own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(UNCOMPILED, reason="nothing is cached")
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize(
    "damage", [emptied, cut, filled_with_junk, scribbled_over, naming_a_gone_module]
)
def test_a_damaged_file_is_warned_of_and_compiled_anew(in_own_cache, suffix, damage):
    values = np.arange(4.0)
    assert kernel(cache=True)(add)(values) == 6.0
    (path,) = in_own_cache.rglob(f"*{suffix}")
    damage(path)
    anew = kernel(cache=True)(add)
    with pytest.warns(RuntimeWarning, match="compiled anew") as caught:
        assert anew(values) == 6.0
    assert [str(path) in str(warning.message) for warning in caught] == [True]
    assert not anew.stats.cache_hits
    # The kernels that were compiled anew are kept.
    again = kernel(cache=True)(add)
    assert again(values) == 6.0
    assert again.stats.cache_hits


@pytest.mark.skipif(UNCOMPILED, reason="nothing is cached")
def test_a_damaged_index_that_cannot_be_replaced_stops_nothing(in_own_cache):
    values = np.arange(4.0)
    kernel(cache=True)(add)(values)
    (path,) = in_own_cache.rglob("*.nbi")
    made_a_folder(path)
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="compiled anew") as caught:
            assert kernel(cache=True)(add)(values) == 6.0
        assert len(caught) == 1


@pytest.mark.skipif(UNCOMPILED, reason="nothing is cached")
def test_a_stale_index_that_names_gone_modules_is_no_damage(
    in_own_cache, monkeypatch, recwarn
):
    """As after an update of the package, whose modules moved."""
    values = np.arange(4.0)
    kernel(cache=True)(add)(values)
    (path,) = in_own_cache.rglob("*.nbi")
    naming_a_gone_module(path)
    monkeypatch.setattr(cache, "source_digest", lambda: "of another release")
    assert kernel(cache=True)(add)(values) == 6.0
    assert not recwarn
