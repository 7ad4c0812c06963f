"""The command on tables with a column of free text."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skdistill import Student
from skdistill.__main__ import main
from skdistill.command.labelled_table import read_labelled_table

QUICK = ["--hidden", "8", "--trees", "10"]
NOUNS = ["film", "plot", "music", "scene", "actor", "ending", "hall", "night"]


def reviews(n_rows, seed=0):
    """Return reviews with a length: the words tell the stars, or the length does."""
    random = np.random.RandomState(seed)
    stars = random.choice(["one", "five"], n_rows)
    words = {"one": ["bad", "awful", "weak"], "five": ["good", "great", "fine"]}
    texts = [
        " ".join([*random.choice(NOUNS, 7), *random.choice(words[star], 2)])
        for star in stars
    ]
    return pd.DataFrame(
        {"review": texts, "pages": random.randint(90, 400, n_rows), "stars": stars}
    )


def run(capsys, *arguments):
    """Run the command, and return its status and its words, without line breaks."""
    status = main([*map(str, arguments), *QUICK])
    out, err = capsys.readouterr()
    return status, " ".join(out.split()), " ".join(err.split())


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = reviews(300)
    frame.loc[[4, 9], "review"] = ""
    frame.to_csv("reviews.csv", index=False)
    return frame


def test_a_column_that_is_named_is_read(table, capsys):
    reviews(80, seed=1).to_csv("new.csv", index=False)
    status, out, err = run(
        capsys,
        *("reviews.csv", "--target", "stars", "--text", "review"),
        *("--test", "new.csv", "--report", "report.html"),
    )
    assert status == 0, err
    assert "review free text pages numbers" in out
    assert "The student reads the words of review" in out
    assert "a linear model of the words and a forest of 10 trees" in out
    assert "left out" not in out + err
    student = Student.load("student.npz")
    rows = [{"review": "a good great film", "pages": 200}]
    rows += [{"review": "a bad awful film", "pages": 200}]
    assert student.predict(rows).tolist() == ["five", "one"]
    page = " ".join(Path("report.html").read_text(encoding="utf-8").split())
    assert "The student reads free text in" in page


def test_without_the_option_it_is_left_out_with_advice(table, capsys):
    found = read_labelled_table(Path("reviews.csv"), ["stars"])
    assert found.texts == []
    assert list(found.given.X) == ["pages"]
    [review] = [column for column in found.columns if column.name == "review"]
    assert review.left_out
    assert review.option.split() == ["--text", "review"]


def test_a_text_that_is_alone_is_read_and_the_command_says_so(table, capsys):
    table = table.rename(columns={"pages": "id"})
    table["id"] = [f"K{number}" for number in range(len(table))]
    table.to_csv("alone.csv", index=False)
    status, out, err = run(capsys, "alone.csv", "--target", "stars")
    assert status == 0, err
    assert "review free text it is taken, since no other column is left" in out
    assert "id left out like ids" in out
    assert "training the teacher, a linear model of the words" in out
    student = Student.load("student.npz")
    assert student.names == ["review"]
    assert student.predict([{"review": "great"}, {"review": "awful"}]).tolist() == [
        "five",
        "one",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--text", "reviews"], "has no column 'reviews'"),
        (["--text", "stars"], "'stars' is the column to predict, and --text is"),
        (["--text", "review", "--drop", "review"], "'review' is in both --text and"),
        (["--number", "pages", "--text", "pages"], "'pages' is in both --number and"),
        (["--text", "review", "--export", "js"], "--export does not write a student"),
    ],
)
def test_options_that_do_not_fit(table, capsys, options, message):
    status, _, err = run(capsys, "reviews.csv", "--target", "stars", *options)
    assert status == 1
    assert message in err


def test_cells_that_are_no_texts(table):
    pytest.importorskip("pyarrow")
    table.to_parquet("reviews.parquet")
    with pytest.raises(ValueError, match="'pages' cannot be taken as text: it holds"):
        read_labelled_table(Path("reviews.parquet"), ["stars"], texts=["pages"])


def test_a_column_without_words_is_refused_before_a_teacher_is_fitted(table, capsys):
    table.assign(mark=["-", "?"] * (len(table) // 2)).to_csv("marks.csv", index=False)
    status, out, err = run(capsys, "marks.csv", "--target", "stars", "--text", "mark")
    assert status == 1
    assert "'mark' cannot be taken as text: it holds no word of two letters" in err
    assert "eacher" not in out
