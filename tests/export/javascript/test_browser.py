"""Modules of students in a browser, headless Chromium, against the student."""

import functools
import html
import http.server
import json
import re
import runpy
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union

from skdistill import Student
from skdistill.export import to_js
from tests import oracle
from tests.export.javascript.odd_texts import (
    expected_probabilities,
    odd_texts,
    with_random_student,
)
from tests.export.javascript.test_to_js import HOSTILE
from tests.student.tasks import OUTPUTS, rows_of, student_of
from tests.student.test_student import make_encoded, make_student, rows

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def open_page(folder, name="index.html"):
    """Return what a page writes as JSON into its element named answers.

    A page is served on this machine alone, and read when its modules have run.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser, f"a browser is needed, one of {', '.join(BROWSERS)}"
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            done = subprocess.run(
                [
                    browser,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    f"--user-data-dir={folder / 'profile'}",
                    "--virtual-time-budget=60000",
                    "--dump-dom",
                    f"http://127.0.0.1:{server.server_port}/{name}",
                ],
                capture_output=True,
                timeout=120,
                check=False,
            )
        finally:
            server.shutdown()
            thread.join()
    page = done.stdout.decode()
    found = re.search(r'<pre id="answers">(.*?)</pre>', page, re.S)
    assert found, page + done.stderr.decode()
    return json.loads(html.unescape(found[1]))


def write_page(folder, program):
    """Write a page with a module as its script."""
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><body>"
        f'<pre id="answers"></pre><script type="module">{program}</script>'
    )


ANSWER = """
document.querySelector("#answers").textContent = JSON.stringify({
  labels: rows.map(predict),
  probabilities: rows.map(predictProba),
  classes,
  unbroken: globalThis.broken === undefined,
});
"""


@pytest.mark.parametrize("name", ["one flat number", "three quantiles", "one label"])
def test_numbers_and_labels_in_a_browser(tmp_path, name):
    student = student_of(OUTPUTS[name], is_encoded=True)
    X, _ = rows_of(student, 200)
    to_js(student, tmp_path / "student.mjs")
    spelt = [[None if c != c else c for c in row] for row in X.tolist()]
    (tmp_path / "rows.mjs").write_text(f"export default {json.dumps(spelt)};")
    program = """
    import * as student from "./student.mjs";
    import rows from "./rows.mjs";
    document.querySelector("#answers").textContent = JSON.stringify({
      decisions: rows.map(student.predict),
      answers: rows.map(student.predictProba ?? student.predict),
      names: Object.keys(student),
    });
    """
    write_page(tmp_path, program)
    found = open_page(tmp_path)
    assert_allclose(found["decisions"], student.predict(X), rtol=1e-6)
    names = {"features", "predict", "takesMissing"}
    if name == "three quantiles":
        names.add("quantiles")
    if name == "one label":
        names |= {"classes", "predictProba"}
        probabilities = student.predict_proba(X)
        assert_allclose(found["answers"], probabilities, rtol=0, atol=1e-5)
    assert set(found["names"]) == names


@pytest.mark.parametrize("kind", ["plain", "int8", "float16"])
def test_rows_in_a_browser(tmp_path, kind):
    if kind == "plain":
        student = make_student((6, 33, 17, 5), "silu")
        X = rows(2000, 6)
    else:
        student = make_encoded(
            (64, 32, 5), 2, (3, 30), (4, 9), activation="tanh", weight_dtype=kind
        )
        code = student.input_code
        X = oracle.labelled_table(code, oracle.random_numbers(code, 2000))
    to_js(student, tmp_path / "student.mjs")
    spelt = [[None if c != c else c for c in row] for row in X.tolist()]
    (tmp_path / "rows.mjs").write_text(f"export default {json.dumps(spelt)};")
    imports = """
    import { classes, predict, predictProba } from "./student.mjs";
    import rows from "./rows.mjs";
    """
    write_page(tmp_path, imports + ANSWER)
    found = open_page(tmp_path)
    expected = student.predict_proba(X)
    assert_allclose(found["probabilities"], expected, rtol=0, atol=1e-5)
    part = np.sort(expected, axis=1)
    clear = part[:, -1] - part[:, -2] > 1e-5
    assert clear.sum() > 1900
    assert (np.array(found["labels"]) == student.predict(X))[clear].all()


def test_a_module_inside_a_page(tmp_path):
    """No label ends the script, or is read as anything but text."""
    n = len(HOSTILE)
    student = Student([np.eye(n)], [np.zeros(n)], "relu", HOSTILE)
    to_js(student, tmp_path / "student.mjs")
    module = (tmp_path / "student.mjs").read_text()
    program = f"{module}\nconst rows = {json.dumps(np.eye(n).tolist())};\n{ANSWER}"
    write_page(tmp_path, program)
    found = open_page(tmp_path)
    assert found["unbroken"]
    assert found["classes"] == found["labels"] == HOSTILE
    X = np.eye(n, dtype=np.float32)
    assert_allclose(found["probabilities"], student.predict_proba(X), atol=1e-5)


# Moves the controls of the page, as a reader would, and notes what it shows.
DRIVE = """
const all = (selector) => [...document.querySelectorAll(selector)];
const text = (selector) => all(selector).map((element) => element.textContent);
const errors = [];
addEventListener("error", (event) => errors.push(event.message));

function set(control, property, value) {
  control[property] = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

let seed = 1;
function random(n) {
  seed = (seed * 48271) % 2147483647;
  return seed % n;
}

const shown = [];
function note() {
  shown.push({
    row: JSON.parse(text("main pre")[0]),
    label: text("#label")[0],
    names: text("li .name"),
    percents: text("li .value").map(parseFloat),
    best: text("li.best .name"),
    values: text("output"),
    disabled: all(".feature > input, select").map(({ disabled }) => disabled),
  });
}

note();
for (let step = 0; step < 400; step++) {
  const features = all(".feature");
  const feature = features[random(features.length)];
  const [control, missing] = feature.querySelectorAll("input, select");
  const kind = random(4);
  if (kind === 0) set(missing, "checked", !missing.checked);
  else if (control.type === "range") {
    const { min, max } = control;
    set(control, "value", Number(min) + ((max - min) * random(101)) / 100);
  } else set(control, "selectedIndex", random(control.options.length));
  note();
}
const answers = document.createElement("pre");
answers.id = "answers";
answers.textContent = JSON.stringify({ shown, errors, time: text("#time")[0] });
document.body.append(answers);
"""


@pytest.fixture(scope="module")
def example():
    """The names of the example, which has written its page."""
    names = runpy.run_path(str(EXAMPLES / "browser_page.py"))
    yield names
    shutil.rmtree(names["folder"])


def test_the_page_predicts_what_its_reader_enters(example):
    folder, model = example["folder"], example["model"]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "://" not in page  # It loads nothing from elsewhere.
    (folder / "drive.mjs").write_text(DRIVE)
    drive = '<script type="module" src="drive.mjs"></script></body>'
    (folder / "driven.html").write_text(page.replace("</body>", drive))
    found = open_page(folder, "driven.html")
    assert found["errors"] == []
    assert re.fullmatch(r"One row takes [\d.]+ µs here\.", found["time"])

    student, names = model.student_, list(model.feature_names_in_)
    code, shown = student.input_code, found["shown"]
    assert len(shown) == 401
    for state in shown:
        # Each row by itself: the type of a column is that of its cell.
        X = np.array([[state["row"].get(name) for name in names]], dtype=object)
        [label], [expected] = student.predict(X), student.predict_proba(X)
        assert_allclose(np.array(state["percents"]) / 100, expected, atol=5.1e-4)
        assert state["names"] == student.classes_.tolist()
        assert state["label"] == label
        assert state["best"] == [label]
        missing = [value is None for value in state["row"].values()]
        assert state["disabled"] == missing
        assert [value == "\u2013" for value in state["values"]] == missing

    for place, levels in zip(code.categorical, code.levels, strict=True):
        given = {state["row"][names[place]] for state in shown}
        assert {*levels, None} < given  # One more is no level.
    for place, knots in zip(code.knotted, code.knots, strict=True):
        given = [state["row"][names[place]] for state in shown]
        given = [value for value in given if value is not None]
        width = knots[-1] - knots[0]
        assert min(given) <= knots[0] + 0.1 * width
        assert max(given) >= knots[-1] - 0.1 * width


# Types texts into the page, and notes what it shows.
TYPE = """
import { predictProba } from "./student.mjs";
import texts from "./texts.mjs";

const area = document.querySelector("textarea");
const all = (selector) => [...document.querySelectorAll(selector)];
const text = (selector) => all(selector).map((element) => element.textContent);
const typed = texts.slice(0, 100).map((value) => {
  area.value = value;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  return {
    value: area.value,
    label: text("#label")[0],
    best: text("li.best .name"),
    percents: text("li .value").map(parseFloat),
    marked: text("#marked")[0],
  };
});
const answers = document.createElement("pre");
answers.id = "answers";
answers.textContent = JSON.stringify({ typed, answers: texts.map(predictProba) });
document.body.append(answers);
"""


def test_a_page_answers_while_its_reader_types(tmp_path):
    words = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode")
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3)
    pipeline = with_random_student(make_union(words, characters))
    texts = odd_texts(1000, seed=5)
    to_js(pipeline, tmp_path / "student.mjs")
    (tmp_path / "texts.mjs").write_text(f"export default {json.dumps(texts)};")
    (tmp_path / "type.mjs").write_text(TYPE)
    page = (EXAMPLES / "browser" / "spam.html").read_text(encoding="utf-8")
    assert "://" not in page  # It loads nothing from elsewhere.
    script = '<script type="module" src="type.mjs"></script></body>'
    (tmp_path / "index.html").write_text(page.replace("</body>", script))
    found = open_page(tmp_path)
    expected = expected_probabilities(pipeline, texts)
    assert_allclose(found["answers"], expected, rtol=0, atol=1e-5)
    # A text area has one character for each end of a line.
    typed = expected_probabilities(pipeline, [s["value"] for s in found["typed"]])
    for state, probabilities in zip(found["typed"], typed, strict=True):
        assert_allclose(np.array(state["percents"]) / 100, probabilities, atol=5.1e-4)
        assert state["best"] == [state["label"]]
        assert state["label"] == f"class {probabilities.argmax()}"
        assert state["marked"] == state["value"]
