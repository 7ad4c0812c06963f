"""Fill the tables of README.md from the pages that the other benchmarks wrote.

A table stands between ``<!-- NAME: first cells of its rows -->`` and ``<!-- end -->``.
"""

import re
from pathlib import Path

from benchmarks.environment import DOCS

README = Path(__file__).parent.parent / "README.md"


def select(match):
    """Return a marked part of README.md, filled with the rows that its mark names."""
    name, wanted = match.group(1), match.group(2).split("; ")
    lines = (DOCS / f"{name}.md").read_text().splitlines()
    table = [line for line in lines if line.startswith("|")]
    rows = [line for line in table[2:] if line.split("|")[1].strip() in wanted]
    text = "\n".join([*table[:2], *rows])
    return f"<!-- {name}: {match.group(2)} -->\n{text}\n<!-- end -->"


def main():
    pattern = r"<!-- (\w+): (.*?) -->\n.*?<!-- end -->"
    README.write_text(re.sub(pattern, select, README.read_text(), flags=re.S))


if __name__ == "__main__":
    main()
