"""The benchmark of texts: its corpora, its votes, its scores, and its sentences."""

import io
import re
import tarfile

import numpy as np
import pandas as pd
import pytest

from benchmarks.text import corpora, peers, setting, votes
from skdistill.teachers.temperature import temperature_of


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder of texts, which the corpora are read from."""
    monkeypatch.setenv(corpora.FOLDER, str(tmp_path))
    corpora._read.cache_clear()
    yield tmp_path
    corpora._read.cache_clear()


def add(archive, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def test_docstrings_name_no_package():
    texts, labels = corpora.docstrings(("joblib", "numpy"))
    assert set(labels) == {"joblib", "numpy"}
    assert len(set(texts)) == len(texts) > 1000
    assert not any(re.search(r"\b(joblib|numpy|np)\b", t, re.IGNORECASE) for t in texts)
    assert min(map(len, texts)) >= 40


def test_docstring_of_two_packages_is_left_out(tmp_path, monkeypatch):
    same = "The same words in both packages, and long enough to be a text."
    other = "Other words in one of the packages\n\nParameters\n----------\nx : int\n"
    for package, more in (("one", ""), ("two", f"def g():\n    '''{other}'''\n")):
        (tmp_path / package / "tests").mkdir(parents=True)
        (tmp_path / package / "__init__.py").write_text(
            f"def f():\n    '''{same}'''\n{more}"
        )
        (tmp_path / package / "tests" / "a.py").write_text(
            f"def t():\n    '''A {same}'''\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    texts, labels = corpora.docstrings(("one", "two"))
    assert texts == []
    texts, labels = corpora.docstrings(("two",))
    assert (texts, labels) == ([same], ["two"])


def test_order_is_fixed_and_classes_are_limited(folder):
    lines = [f"flask-{i}\t1.{i}\t2020-01\t\tA summary of number {i}" for i in range(9)]
    lines += [f"torch-{i}\t1.{i}\t2020-01\t\tA torch of number {i}" for i in range(3)]
    lines += [
        "flask\t2\t2020-01\t1\tA small framework of its own",
        "flask-a\t1\t\t\tshort",
    ]
    head = "name\tversion\tmonth\trank\tsummary"
    (folder / corpora.SUMMARIES).write_text("\n".join([head, *lines]) + "\n")
    texts, labels = corpora.load("summaries", 100, per_class=4)
    assert dict(zip(*np.unique(labels, return_counts=True), strict=True)) == {
        "flask": 4,
        "torch": 3,
    }
    assert all("torch" not in text for text in texts)
    assert corpora.load("summaries", 100, per_class=4)[0] == texts
    assert corpora.load("summaries", 5)[0] == corpora.load("summaries", 12)[0][:5]


def test_movies_are_read_from_the_archive_within_the_archive(folder):
    table = "1\t-0.5\tNo good\n2\t1.25\tA joy — to see\n3\tbroken\n".encode()
    inner, outer = io.BytesIO(), folder / corpora.MOVIES
    with tarfile.open(fileobj=inner, mode="w:gz") as archive:
        add(archive, "x/movieReviewSnippets_GroundTruth.txt", table)
    with tarfile.open(outer, "w:gz") as archive:
        add(archive, "vader/additional/ICWSM_2014.tar.gz", inner.getvalue())
    assert corpora.movies() == (["No good", "A joy — to see"], ["bad", "good"])


def test_absent_corpus_is_named(folder):
    found, absent = corpora.available(["movies", "summaries"])
    assert found == []
    assert corpora.MOVIES in absent["movies"]
    assert str(folder) in absent["summaries"]


@pytest.mark.parametrize("n_classes", [2, 5])
def test_votes_are_right_as_often_as_said(n_classes):
    random = np.random.default_rng(0)
    y = random.integers(0, n_classes, 4000)
    soft = votes.soft_votes(y, n_classes, random)
    np.testing.assert_allclose(soft.sum(axis=1), 1.0)
    named = soft.argmax(axis=1)
    # If a voter is unsure, another class may be the most probable one.
    assert np.mean(named == y) == pytest.approx(votes.RIGHT, abs=0.07)
    confusion = np.histogram2d(y, named, bins=n_classes)[0]
    often = (confusion - np.diag(np.diag(confusion)) > 0.05 * len(y) / n_classes).sum(1)
    assert often.max() == min(2, n_classes - 1)


def test_calibrated_loss_is_that_of_the_best_temperature():
    random = np.random.default_rng(0)
    logits = random.standard_normal((500, 4))
    y = (2 * logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    best = setting.log_loss(logits / temperature_of(logits, y), y)
    for scale in (0.05, 1.0, 30.0):
        assert setting.calibrated_loss(scale * logits, y) == pytest.approx(
            best, abs=1e-6
        )
    assert setting.log_loss(30 * logits, y) > 2 * best


def test_page_says_where_a_student_is_behind():
    rows = []
    for corpus, gain, loss in (("a", -0.02, 0.3), ("b", 0.01, 0.5)):
        for seed, noise in ((5, 0.001), (6, -0.001)):
            row = {
                "corpus": corpus,
                "seed": seed,
                "loss": 0.6,
                "bytes": 1e4,
                "seconds": 1,
            }
            rows.append(
                row | {"model": "regression", "accuracy": 0.8, "calibrated": 0.4}
            )
            for model in peers.STUDENTS:
                row = row | {"accuracy": 0.8 + gain + noise, "calibrated": loss}
                rows.append(row | {"model": model})
    text = peers.section(pd.DataFrame(rows))
    assert "a -2.0 ± 0.1, b +1.0 ± 0.1" in text
    assert text.count("Behind by more than a standard error: a.") == 2
    assert "lower on 1 of 2 corpora" in text
