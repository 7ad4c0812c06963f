import subprocess
import sys

import pytest

from skdistill.command.console import (
    NO_BREAK,
    fill,
    listed,
    one_line,
    rows_of_text,
    stage,
)

LONG = "a-path/" * 20


def test_a_long_text_is_broken_at_spaces_alone():
    text = fill(f"{'word ' * 40}{LONG} (--drop{NO_BREAK}x)", "  ")
    lines = text.splitlines()
    assert f"  {LONG}" in lines
    assert all(len(line) <= 80 for line in lines if LONG not in line)
    assert "(--drop x)" in text
    assert all(line.startswith("  ") for line in lines)


def test_lists_of_names():
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(range(1025)).endswith("18, 19 and 1,005 more")
    assert one_line("a\x1bb\nc", 9) == "a\\x1bb c"
    assert one_line("abcdef", 4) == "abc…"


def test_remarks_stand_below_each_other():
    text = rows_of_text(
        [("x", "numbers", ""), (LONG, "3 levels", "word " * 40), ("y", "left out", "z")]
    )
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.index("word") for line in lines if "word" in line} == {
        lines[-1].index("z")
    }


def test_warnings_fit_and_name_no_line_of_code():
    program = """
import warnings
from skdistill.command.console import plain_warnings
former = warnings.formatwarning
with plain_warnings():
    warnings.warn("word " * 40)
assert warnings.formatwarning is former
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert max(map(len, result.stderr.splitlines())) <= 80
    assert " ".join(result.stderr.split()) == "warning: " + " ".join(["word"] * 40)


def test_a_stage_names_its_time(capsys):
    with stage("training"):
        pass
    assert capsys.readouterr().out == "training ... 0.0 s\n"
    with pytest.raises(KeyError), stage("training"):
        raise KeyError
    assert capsys.readouterr().out == "training ... "
