"""The parts of a full check, one session each: ``nox --list`` names them.

Sessions that check what is installed elsewhere make an environment of their own. The
others run in the environment that nox runs in, which has the extra ``dev``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "architecture", "tests"]

ROOT = Path(__file__).parent

# A process a core. A process that is done takes tests of the others.
IN_PARALLEL = ("-n", "auto", "--dist", "worksteal")

# By its number: the newest may bring gigabytes for graphics cards.
TORCH = "torch==2.13.0"

# Benchmarks with their arguments, the longest first. {results} is an empty folder.
BENCHMARKS = (
    "scale",
    # All parts but that of tables, which takes more than a minute.
    "text students peers pruned votes unlabelled linear",
    "same_students HEAD HEAD",
    "compile",
    "training",
    "memory_of_answers",
    "hostile",
    "regression --results {results}/regression",
    "small --results {results}/small",
    "fidelity --results {results}/fidelity",
    "compression --results {results}/compression",
    "unlabeled",
    "export",
    "report",
    "memory",
    "digits",
    "front_page",
    "microcontroller",
    "knowledge",
    "encoded",
    "sparse",
    "latency",
    "text_latency",
    "fit",
    "scaling",
)

NOT_FOR_LOWEST = (
    # Callbacks came later than the lowest versions.
    "tests/estimators/test_callbacks.py",
    # The documentation is for the newest versions.
    "tests/test_documentation.py",
    # Code that is compiled and run elsewhere does not depend on these versions.
    "tests/export/c",
    "tests/export/javascript",
    # A student's file is read by code of our own. Whether good files are read is
    # tested with all versions.
    "tests/student/test_hostile_file.py",
    "tests/student/test_hostile_task.py",
    # Numbers of the kernels, which NumPy's version cannot change. Numba's could:
    # kernels/compiler and kernels/instructions test it.
    *(
        f"tests/kernels/test_{name}.py"
        for name in ("bounds", "predict", "projection", "ranking", "sparse", "training")
    ),
    "tests/kernels/layers",
    # How students are trained, and in which processes. Students of each kind are
    # trained with these versions in tests/estimators and tests/teachers.
    "tests/training",
    *(
        f"tests/estimators/test_{name}.py"
        for name in (
            "monotonic",
            "n_jobs",
            "partial_fit_of_numbers",
            "processes",
            "progress",
            "pruned",
        )
    ),
    # Searches and files of numbers: the code is that of classes, which is tested.
    "tests/model_selection/test_numbers.py",
    "tests/stream/test_fit_files_of_numbers.py",
    # Rows that a call keeps for the next one: files of our own, and their locks.
    "tests/stream/test_kept_rows.py",
    # Products that hold no code of these versions.
    "tests/export/scorecard",
    "tests/export/test_order.py",
    # Workers that die are followed by others of Dask's own.
    "tests/scale/test_cluster.py",
    # Figures of the project: its benchmarks, its imports, the rate of its intervals.
    "tests/test_architecture.py",
    *(
        f"tests/test_{name}.py"
        for name in (
            "benchmark_pages",
            "development_sets",
            "peers",
            "regression_benchmark",
            "rows_benchmark",
            "small_benchmark",
            "text_benchmark",
        )
    ),
    "tests/report/test_coverage.py",
)

# The same for the cases of a test that hand an export to a compiler or to Node. The
# cases of ONNX Runtime stay.
CASES_NOT_FOR_LOWEST = ("-k", "not c-gcc and not javascript-node")

# Tests of teachers that no model of another library answers for.
WITHOUT_FRAMEWORKS = tuple(
    f"tests/teachers/test_{name}.py"
    for name in (
        "blocks",
        "conditions",
        "dawid_skene",
        "experts",
        "file",
        "fingerprint",
        "forgotten_rows",
        "held_out_numbers",
        "hidden",
        "members_of_numbers",
        "out_of_bag",
        "outputs",
        "regressor",
        "rules",
        "sensitivity",
        "soft_votes",
        "thread_safety",
        "unseen",
        "votes",
    )
)

# Quick tests that read each kind of file that a wheel brings: students, templates of
# exports and pages, documentation that runs.
FOR_WHEEL = (
    "tests/student/test_student.py",
    "tests/student/test_versions.py",
    "tests/tables",
    "tests/export/test_quantize.py",
    "tests/report/test_page.py",
    "tests/test_metrics.py",
)


def run_module(session, *arguments, **options):
    """Run a module of the environment that nox runs in."""
    session.run(sys.executable, "-m", *arguments, external=True, **options)


def install_here(session, extras):
    """Install extras and PyTorch in the environment that nox runs in."""
    run_module(session, "uv", "pip", "install", "-q", "-e", f".[{extras}]", TORCH)


def fails_with(session, message, *command):
    """Run a command that must fail and say so by a message."""
    codes = range(1, 128)
    output = session.run(*command, silent=True, success_codes=codes, external=True)
    session.log(output)
    if message not in output:
        session.error(f"the error does not name {message}")


@nox.session(venv_backend="none")
def lint(session):
    """Check format, lint, types and spelling."""
    run_module(session, "ruff", "format", "--check", ".")
    run_module(session, "ruff", "check", ".")
    run_module(session, "mypy")
    run_module(session, "codespell_lib")


@nox.session(venv_backend="none")
def architecture(session):
    """Check the layers of imports, and the limits of tests/test_architecture.py."""
    session.run(Path(sys.executable).parent / "lint-imports", external=True)
    run_module(session, "pytest", "-q", "tests/test_architecture.py")


@nox.session(venv_backend="none")
def tests(session):
    """Run all tests, or those named: ``nox -s tests -- tests/student``."""
    run_module(session, "pytest", "-q", *IN_PARALLEL, *session.posargs)


@nox.session(venv_backend="none")
def frameworks(session):
    """Test teachers of PyTorch, Keras, XGBoost, LightGBM, CatBoost and ONNX Runtime.

    The other sessions skip these tests where a library is not installed.
    """
    install_here(session, "test,frameworks")
    pages = (
        "test_blocks_of_the_guide_with_other_libraries_run_without_the_others",
        "test_examples_answer_their_question[big_and_small_keras]",
        "test_examples_answer_their_question[big_and_small_torch]",
    )
    run_module(
        session,
        *("pytest", "-q", *IN_PARALLEL, "-rs"),
        *(f"tests/test_documentation.py::{page}" for page in pages),
        "tests/teachers",
        *(f"--ignore={path}" for path in WITHOUT_FRAMEWORKS),
    )


@nox.session(venv_backend="none")
def kernels(session):
    """Test the kernels without compilation, in double precision, with coverage."""
    run_module(
        session,
        *("pytest", "-q", *IN_PARALLEL),
        *("tests/kernels", "tests/student/test_student.py"),
        "tests/student/test_tasks.py",
        # Without compilation there is no machine code to keep or to read, and NumPy
        # bounds each index.
        "--ignore=tests/kernels/compiler/test_cache.py",
        "--ignore=tests/kernels/compiler/test_target.py",
        "--ignore=tests/kernels/test_bounds.py",
        *("--cov", "--cov-report=term-missing", "--cov-fail-under=98"),
        env={"NUMBA_DISABLE_JIT": "1"},
    )


def leave_the_clone(session):
    """Take skdistill, and the machine code, from the session's own environment alone.

    Another version of Numba would clear a cache of machine code that it shares.
    """
    session.env["PYTHONPATH"] = ""
    session.env["NUMBA_CACHE_DIR"] = str(Path(session.virtualenv.location, "numba"))


@nox.session
def lowest(session):
    """Test with the lowest supported versions of all dependencies."""
    leave_the_clone(session)
    session.install("-e", ".[test]", "-c", ".ci/lowest.txt")
    ignored = (f"--ignore={path}" for path in NOT_FOR_LOWEST)
    # Examples in docstrings are documentation too, so "tests" alone.
    arguments = ("tests", *ignored, *CASES_NOT_FOR_LOWEST)
    session.run("python", "-m", "pytest", "-q", *IN_PARALLEL, *arguments)


@nox.session
def plain(session):
    """Check that errors name the extra where optional packages are absent."""
    leave_the_clone(session)
    session.install(".")
    with tempfile.TemporaryDirectory() as folder, session.chdir(folder):
        Path("table.csv").write_text("a,b\n1,2\n")
        command = ("python", "-m", "skdistill", "table.csv", "--target", "b")
        fails_with(session, "skdistill[table]", *command)
        code = "from skdistill import LossCurveDisplay as d; d([0.5]).plot()"
        fails_with(session, "skdistill[plot]", "python", "-c", code)
        command = ("python", "-c", "import skdistill.dask")
        fails_with(session, "skdistill[dask]", *command)
        Path("rows.parquet").touch()
        student = ROOT / "tests" / "data" / "students_version_4" / "table_int8.npz"
        command = ("python", "-m", "skdistill", "predict", student)
        fails_with(session, "skdistill[stream]", *command, "rows.parquet", "out.csv")


@nox.session
def numpy(session):
    """Read students where NumPy alone is installed: stored ones, and files named."""
    leave_the_clone(session)
    files = [Path(name).resolve() for name in session.posargs]
    session.install("numpy")
    session.install("--no-deps", ".")
    session.run("uv", "pip", "list")
    with tempfile.TemporaryDirectory() as folder, session.chdir(folder):
        script = ROOT / ".ci" / "numpy_alone.py"
        for stored in sorted((ROOT / "tests" / "data").glob("students_*")):
            session.run("python", "-W", "error", script, stored, *files)


@nox.session
def wheel(session):
    """Build the wheel as a release does, and test it in an empty folder."""
    leave_the_clone(session)
    session.install("build")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session.run("python", "-m", "build", "--outdir", folder / "dist")
        (built,) = (folder / "dist").glob("*.whl")
        check_version(session, built.name.split("-")[1])
        session.install(f"{built}[test]")
        # Bytecode of pytest names the files that it was made from.
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tests", folder / "tests", ignore=without)
        shutil.copy(ROOT / "pyproject.toml", folder)
        with session.chdir(folder):
            where = "import skdistill; print(skdistill.__file__)"
            found = session.run("python", "-c", where, silent=True)
            if not Path(found.strip()).is_relative_to(session.virtualenv.location):
                session.error(f"the tests would run {found}")
            # Two processes would both compile the kernels, and the tests are quick.
            pytest = ("python", "-m", "pytest", "-q")
            session.run(*pytest, *FOR_WHEEL, "--pyargs", "skdistill")


def check_version(session, version):
    """Compare the version that was built with the pages that name it."""
    for page, line in (
        ("CHANGELOG.md", f"## {version}"),
        ("CITATION.cff", f"version: {version}"),
    ):
        if line not in (ROOT / page).read_text():
            session.error(f"{page} does not say {line!r}")


@nox.session(venv_backend="none")
def benchmarks(session):
    """Run all benchmarks at a tiny size, one on each of two cores (on Linux)."""
    install_here(session, "benchmark")
    cores = sorted(os.sched_getaffinity(0))
    names = iter(BENCHMARKS)  # A core that is done takes the next one.
    with tempfile.TemporaryDirectory() as results, ThreadPoolExecutor(2) as pool:
        run = partial(run_tiny, names, results)
        outputs = [*chain(*pool.map(run, (cores[0], cores[-1])))]
    for name, code, output in outputs:
        session.log(f"{name}\n{output}")
        if code:
            session.error(f"{name} ended with {code}")
    fails_with(
        session,
        "autogluon.tabular",
        *(sys.executable, "-m", "benchmarks.autogluon", "--tiny"),
    )


def run_tiny(names, results, core):
    """Run benchmarks of an iterator on a core, up to the first that fails."""
    outputs = []
    for name in names:
        module, *parts = name.format(results=results).split()
        command = [sys.executable, "-m", f"benchmarks.{module}", "--tiny", *parts]
        ended = subprocess.run(
            ["taskset", "-c", str(core), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outputs.append((name, ended.returncode, ended.stdout))
        if ended.returncode:
            break
    return outputs
