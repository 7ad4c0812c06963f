import subprocess
import sys
import textwrap

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
    # The next text starts a line of its own.
    assert capsys.readouterr().out == "training ... \n"


def test_wide_characters_take_two_columns():
    assert one_line("年収年収", 7) == "年収年…"
    assert one_line("年収年収", 8) == "年収年収"
    lines = fill("年収 " * 40, "  ").splitlines()
    assert len(lines) == 3
    for line in lines:
        assert line.startswith("  年収 年収")
        assert sum(1 if c == " " else 2 for c in line) <= 79
    rows = rows_of_text([("年収", "numbers", "a"), ("age", "3 levels", "b")])
    assert rows.splitlines() == ["  年収  numbers   a", "  age   3 levels  b"]


@pytest.mark.parametrize("indent", ["", "    "])
def test_text_of_narrow_characters_is_filled_as_textwrap_does(indent):
    text = f" a word {'and another one ' * 20}{LONG} end"
    filled = fill(text, indent, "  ")
    expected = textwrap.fill(
        text.strip(),
        79,
        initial_indent=indent,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    assert filled == expected
