"""What the products of the exports are run with."""

import os
import shutil

import pytest

COMPILERS = ("gcc", "g++", "clang", "clang++")
PROGRAMS = {
    "test_c": COMPILERS,
    "test_c_integer": (*COMPILERS, "arm-none-eabi-gcc"),
    "test_emlearn": ("gcc",),
    "test_microcontroller": ("gcc", "arm-none-eabi-gcc", "qemu-system-arm"),
    "test_javascript": ("node",),
    "test_javascript_types": ("node", "tsc"),
    "test_browser": ("chromium",),
}


def pytest_runtest_setup(item):
    """Skip what needs a program that is absent, but in continuous integration."""
    for program in PROGRAMS.get(item.path.stem, ()):
        if shutil.which(program) is None and "CI" not in os.environ:
            pytest.skip(f"needs {program} on the PATH")
