"""Pages that benchmarks wrote name their machine, and their means are those of rows."""

import re
from pathlib import Path
from statistics import geometric_mean

import pytest

PAGES = Path(__file__).parent.parent / "docs" / "benchmarks"


def read_table(name):
    """Return the rows of a page's first table, by head."""
    lines = (PAGES / f"{name}.md").read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    table = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    heads, _, *rows = table
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_page_names_its_machine(path):
    page = path.read_text()
    assert re.search(r"^- CPU: .*(SSE|avx\w*)\)", page, re.M)
    assert re.search(r"^- BLAS: \w+ \w+ with \d+ thread", page, re.M)


@pytest.mark.parametrize(
    ("name", "prefix", "ours", "left_out"),
    [
        ("training", "times ", "skdistill, µs a step", 2),
        ("sparse", "times ", "skdistill, µs a step", 0),
    ],
)
def test_ratios_follow_from_times(name, prefix, ours, left_out):
    *rows, mean = read_table(name)
    counted = rows[: len(rows) - left_out]
    columns = [head for head in mean if head.startswith(prefix)]
    assert columns
    for column in columns:
        theirs = f"{column.removeprefix(prefix)}, µs a step"
        ratios = []
        for row in rows:
            ratios.append(number(row[theirs]) / number(row[ours]))
            # Times and ratio are rounded.
            assert number(row[column]) == pytest.approx(ratios[-1], rel=0.02, abs=0.051)
        expected = geometric_mean(ratios[: len(counted)])
        assert number(mean[column]) == pytest.approx(expected, rel=0.01)


def number(cell):
    return float(cell.replace(",", ""))


def test_the_guide_quotes_the_table_of_more_rows():
    guide = (PAGES.parent / "scale.md").read_text()
    section = guide.split("\n## What more rows")[1].split("\n## ")[0]
    quoted = [line for line in section.splitlines() if line.startswith("|")]
    page = (PAGES / "scale.md").read_text().splitlines()
    assert len(quoted) > 5
    assert [line for line in page if line in quoted[2:]] == quoted[2:]
