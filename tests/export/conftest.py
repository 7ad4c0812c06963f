"""Skip a test of an export if a program that it runs is absent."""

import os
import shutil

import pytest

# Programs that every test of a file runs.
PROGRAMS = {
    "test_floats": ("gcc",),
    "test_integers": ("gcc",),
    "test_tasks_in_c": ("gcc",),
    "test_texts": ("gcc", "clang"),
    "test_emlearn": ("gcc",),
    "test_microcontroller": ("gcc", "arm-none-eabi-gcc", "qemu-system-arm"),
    "test_linear_sparse": ("gcc", "node"),
    "test_to_js": ("node",),
    "test_texts_in_node": ("node",),
    "test_types": ("node", "tsc"),
    "test_browser": ("chromium",),
}


def needed_programs(item):
    """Return the programs that a test runs."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    programs = [*PROGRAMS.get(item.path.stem, ())]
    if "compiler" in parameters:
        # "gcc, sanitised" is gcc with other options.
        programs.append(parameters["compiler"].split(",")[0])
    programs += [parameters["program"]] if parameters.get("program") else []
    if "core" in parameters:
        programs.append("arm-none-eabi-gcc")
    return programs


def pytest_runtest_setup(item):
    """Skip the test, except in continuous integration, which has all programs."""
    for program in needed_programs(item):
        if shutil.which(program) is None and "CI" not in os.environ:
            pytest.skip(f"needs {program} on the PATH")
