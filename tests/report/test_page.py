"""The report as text and as HTML."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from skdistill import DistillationReport
from tests.report.problem import draw_models

HOSTILE = (
    "<script>alert(1)</script>",
    "&lt;b&gt; \"quoted\" 'twice'",
    "$verdict ${notes} $",
    "two\nlines\tand \x1b[31mred",
)


class Reader(HTMLParser):
    """Collects the elements of a page, and the text of cells."""

    def __init__(self, html):
        super().__init__()
        self.names, self.open, self.cells = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.names.append((tag, dict(attributes)))
        if tag not in {"meta"}:
            self.open.append(tag)
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_startendtag(self, tag, attributes):
        self.names.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.cells[-1] += data


@pytest.fixture(scope="module")
def report():
    labels, probabilities = draw_models(300, 4)
    groups = np.resize(np.array(HOSTILE, dtype=object), 300)
    names = np.array(HOSTILE, dtype=object)
    return DistillationReport.from_predictions(
        names[labels],
        *probabilities.values(),
        classes=names,
        groups=groups,
        n_bootstraps=100,
    )


def test_a_page_holds_names_as_they_are_and_runs_nothing(report, tmp_path):
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    reader = Reader(page)
    assert reader.open == []
    for name in HOSTILE:
        assert reader.cells.count(name) == 2  # As a class and as a group.
    tags = {tag for tag, _ in reader.names}
    assert not tags & {"script", "link", "iframe", "img", "object"}
    for _, attributes in reader.names:
        assert not any(name.startswith("on") for name in attributes)
        assert not {"src", "href"} & set(attributes)
    assert "url(" not in page
    assert "@import" not in page
    assert report._repr_html_() in page


def test_a_page_has_the_figures_of_the_text(report):
    cells = Reader(report._repr_html_()).cells
    text = str(report)
    for name, figure in report.figures["student"].items():
        spelt = f"{figure.estimate:.4f}"
        assert spelt in cells
        assert spelt in text
        difference = report.differences["student - teacher"][name]
        spelt = "{:+.4f} [{:+.4f}, {:+.4f}]".format(*difference)
        assert spelt in cells
        assert spelt in text


def test_a_page_is_readable_in_the_dark(report):
    """Every colour is given for light and dark, with a contrast of 4.5 at least."""

    def luminance(colour):
        parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(
            parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    html = report._repr_html_()
    pairs = dict(re.findall(r"--(\w+): light-dark\(([^)]+)\)", html))
    colours = {name: value.split(", ") for name, value in pairs.items()}
    assert set(re.findall("#[0-9a-f]{6}", html)) == {
        c for p in colours.values() for c in p
    }
    for scheme in (0, 1):
        for ink in ("ink", "faint", "better", "worse"):
            for ground in ("ground", "raised"):
                first, second = sorted(
                    luminance(colours[name][scheme]) for name in (ink, ground)
                )
                assert (second + 0.05) / (first + 0.05) > 4.5


def test_pictures_lie_within_their_frame(report):
    html = report._repr_html_()
    lines = re.findall(r'd="M(\S+) 7H(\S+)"', html)
    assert len(lines) == 2 * 6 + 4 + 3 * 4
    for low, high in lines:
        assert 6 <= float(low) <= float(high) <= 114


def test_text_steers_no_terminal_and_keeps_its_columns(report):
    text = str(report)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "two lines and \\x1b[31mred" in text
    for table in text.split("\n\n")[3:]:
        lines = [line for line in table.splitlines() if re.search(r"  .*\d\.\d", line)]
        assert len(lines) >= 3, table
        assert len({len(line) for line in lines}) == 1, table
    assert text.splitlines()[0].startswith("The student")


def test_a_page_that_cannot_be_written_leaves_the_former(report, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("former")

    def fail(*arguments):
        raise OSError("full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="full"):
        report.save(path)
    assert path.read_text() == "former"
    assert list(tmp_path.iterdir()) == [path]
