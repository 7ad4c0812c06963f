"""The picture of README.md: a forest and its student, side by side.

The models are those of the first Python block of README.md.
"""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import os
import re
import tempfile
from html import escape
from pathlib import Path

import numpy as np

from benchmarks.environment import DOCS
from skdistill.metrics import pickled_bytes, row_seconds
from skdistill.report.control import fit_labels_alone

ROOT = Path(__file__).parent.parent
PICTURE = DOCS.parent / "front_page.svg"

# Places in the picture, in pixels.
_WIDTH, _HEIGHT = 600, 330
_MARGIN = 24
_GROUP = 100
_LONGEST_BAR = 320

_STYLE = """
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { font: 17px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .head { font-weight: 600; }
  .quiet { fill: #59636e; }
  .teacher { fill: #8c959f; }
  .student { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .teacher { fill: #656c76; }
    .student { fill: #4493f8; }
  }
"""


def run_example(tiny):
    """Return the variables of the first Python block of README.md after it ran."""
    page = (ROOT / "README.md").read_text()
    block = re.search(r"^```python\n(.*?)^```", page, re.M | re.S).group(1)
    if tiny:
        block = block.replace("RandomForestClassifier(500", "RandomForestClassifier(20")
    names = {}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            exec(compile(block, "README.md", "exec"), names)
        finally:
            os.chdir(before)
    return names


def measure(names):
    """Return bytes, seconds a row and accuracy of the forest and of its student."""
    X, y = names["X_test"], names["y_test"]
    forest, model = names["forest"], names["model"]
    rows = X.astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.npz"
        model.student_.save(path)
        student_bytes = path.stat().st_size
    return [
        (
            pickled_bytes(forest),
            row_seconds(forest.predict_proba, rows, 3),
            forest.score(X, y),
        ),
        (
            student_bytes,
            row_seconds(model.student_.predict_proba, rows),
            model.score(X, y),
        ),
    ]


def in_words(n_bytes, seconds, accuracy):
    """Return the three figures of a model with their units."""
    size = (
        f"{n_bytes / 2**20:.1f} MiB"
        if n_bytes >= 2**20
        else f"{n_bytes / 2**10:.0f} KiB"
    )
    time = f"{1e3 * seconds:.1f} ms" if seconds >= 1e-3 else f"{1e6 * seconds:.1f} µs"
    return size, time, f"{100 * accuracy:.1f} %"


def draw(figures, trees):
    """Return the picture as SVG, light or dark as the reader's screen."""
    words = [in_words(*model) for model in figures]
    titles = ("Size on disk", "Time for one row", "Accuracy on new rows")
    names = (("teacher", f"forest of {trees}"), ("student", "student"))
    parts = [
        f'<rect class="card" x="0.5" y="0.5" width="{_WIDTH - 1}" '
        f'height="{_HEIGHT - 1}" rx="8"/>'
    ]
    for group, title in enumerate(titles):
        top = _MARGIN + group * _GROUP
        values = [model[group] for model in figures]
        parts.append(f'<text class="head" x="{_MARGIN}" y="{top + 15}">{title}</text>')
        for line, (kind, name) in enumerate(names):
            y = top + 26 + 28 * line
            width = max(2, round(_LONGEST_BAR * values[line] / max(values)))
            parts += [
                f'<rect class="{kind}" x="{_MARGIN}" y="{y}" width="{width}" '
                'height="22" rx="2"/>',
                f'<text x="{_MARGIN + width + 8}" y="{y + 17}">'
                f'{escape(words[line][group])} <tspan class="quiet">{name}</tspan>'
                "</text>",
            ]
    label = "; ".join(
        f"{name}: {', '.join(word)}"
        for (_, name), word in zip(names, words, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def main():
    options = parse_arguments(__doc__)
    names = run_example(options.tiny)
    trees = len(names["forest"].estimators_)
    figures = measure(names)
    control = fit_labels_alone(names["model"], names["X_train"], names["y_train"])
    alone = control.score(names["X_test"], names["y_test"])
    table = markdown_table(
        ["model", "size", "one row", "accuracy on new rows"],
        [
            [f"forest of {trees}", *in_words(*figures[0])],
            ["its student", *in_words(*figures[1])],
            ["the student's network on labels alone", "", "", f"{100 * alone:.1f} %"],
        ],
    )
    text = (
        "The models of the first example in README.md. The forest is measured as its\n"
        "pickle, the student as its file. One row is an array of float32, again and\n"
        f"again; the median counts.\n\n{table}\n\n{describe()}"
    )
    publish("front_page", "Front page", text, options)
    picture = draw(figures, trees)
    if options.write:
        PICTURE.write_text(picture)


if __name__ == "__main__":
    main()
