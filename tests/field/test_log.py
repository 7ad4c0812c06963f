"""The log of this folder names each kind of fault, each test file, and no other."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]


def test_each_kind_has_a_case():
    assert {int(row[0]) for row in ROWS} == set(range(1, 31))


def test_each_case_stands_once():
    assert len({row[1] for row in ROWS}) == len(ROWS)


def test_each_test_file_is_named_and_is_there():
    named = {name for row in ROWS for name in re.findall(r"`([\w./]+)`", row[-1])}
    assert [name for name in named if not (FOLDER / name).exists()] == []
    own = {path.name for path in FOLDER.glob("test_*.py")} - {Path(__file__).name}
    assert own <= named
