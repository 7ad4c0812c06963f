"""Files of rows: their names, forms, labels and levels, and how a teacher sees them."""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression

from skdistill.stream import coding, fit_files, rows, survey
from skdistill.stream import files as module
from skdistill.stream.coding import RowCoder
from skdistill.stream.files import Files
from skdistill.stream.labels import label_codes
from skdistill.stream.rows import RowsOfFiles
from skdistill.stream.survey import KeyedRows, Sample, make_survey
from skdistill.teachers import blocks
from skdistill.teachers.function import FunctionTeacher
from skdistill.teachers.teacher import ROWS_AT_ONCE
from tests.stream.test_fit_files import (
    NUMBERS,
    TABLE,
    Stopped,
    model,
    shrink,
    teacher,
    write,
)

# Tests take other numbers.
ROWS_OF_A_QUESTION = min(coding._AT_ONCE, module._ROWS_A_BATCH)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return f"{write(tmp_path_factory.mktemp('rows'))}/*.parquet"


def nothing(n_rows):
    """Take no notice of the progress."""


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"files holds the folder .*: name the files i"
    ):
        Files(tmp_path)
    (tmp_path / "below").mkdir()
    (tmp_path / "rows.parquet").touch()
    with pytest.raises(ValueError, match=r"such as '.*below.*\*.parquet'"):
        Files(str(tmp_path / "*"))


def test_csv_beside_another_form_is_refused(tmp_path):
    for name in ("a.parquet", "b.arrow"):
        (tmp_path / name).touch()
    assert not Files([tmp_path / "a.parquet", tmp_path / "b.arrow"]).are_texts
    (tmp_path / "c.csv").touch()
    with pytest.raises(
        ValueError, match=r"c.csv, which is CSV, and .*a.parquet, which"
    ):
        Files(str(tmp_path / "*"))


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_links_keep_their_names(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    pq.write_table(pa.table({"a": [1]}), tmp_path / "real" / "rows.parquet")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    assert Files("link/rows.parquet").paths == [tmp_path / "link" / "rows.parquet"]


@pytest.mark.parametrize("is_text", [False, True], ids=["typed", "text"])
def test_words_for_a_missing_label_are_labels_of_typed_files(tmp_path, is_text):
    table = pd.DataFrame({"a": range(6), "y": ["NA", "None", "x", None, "x", " "]})
    path = tmp_path / ("rows.csv" if is_text else "rows.parquet")
    table.to_csv(path, index=False) if is_text else table.to_parquet(path)
    files = Files(path)
    found = make_survey(files, files.columns("y", None, None, ()), nothing)
    if is_text:
        assert found.counts == {"x": 2}
    else:
        assert found.counts == {"NA": 1, "None": 1, "x": 2, " ": 1}
    assert found.n_labelled == sum(found.counts.values())
    assert found.n_labelled + found.n_unlabeled == 6


def test_labels_are_numbers_or_texts_in_all_files(tmp_path):
    for name, labels in (("a", ["x"]), ("b", [1])):
        pq.write_table(pa.table({"c": [1], "y": labels}), tmp_path / f"{name}.parquet")
    files = Files(str(tmp_path / "*"))
    with pytest.raises(ValueError, match="'y' holds texts in .*a.parquet, and numbers"):
        make_survey(files, files.columns("y", None, None, ()), nothing)


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.uint32()])
def test_labels_may_be_dictionaries_of_any_index(kind):
    indices = pa.array([1, None, 0, 1], kind)
    array = pa.DictionaryArray.from_arrays(indices, pa.array(["x", "y"]))
    labels, codes = label_codes(array)
    assert (labels, codes.tolist()) == (["x", "y"], [1, -1, 0, 1])


def frames_of(folder, columns):
    """Return a column as a teacher gets it, of a core sample and of each batch."""
    for number, column in enumerate(columns):
        pq.write_table(pa.table({"a": column}), folder / f"{number}.parquet")
    files = Files(str(folder / "*.parquet"))
    names = files.columns(None, None, None, ())
    found = make_survey(files, names, nothing)
    tables = [found.core("auto")[0], *(batch.table for batch in files.batches(names))]
    return [files.frame(table, ["a"])["a"] for table in tables]


def levels(*cells, order, is_ordered=False, index=None):
    categories = pd.Categorical(cells, order, ordered=is_ordered)
    array = pa.array(categories)
    if index is not None:
        array = pa.DictionaryArray.from_arrays(
            array.indices.cast(index), array.dictionary, ordered=is_ordered
        )
    return array


@pytest.mark.parametrize(
    ("columns", "expected", "is_ordered"),
    [
        (
            [
                levels("c", "b", order=["c", "b"]),
                levels("a", None, order=["a", "c"], index=pa.uint16()),
                pa.nulls(2),
            ],
            ["a", "b", "c"],
            False,
        ),
        (
            [
                levels("low", order=["low", "mid", "high"], is_ordered=True),
                levels("high", order=["mid", "high"], is_ordered=True),
            ],
            ["low", "mid", "high"],
            True,
        ),
        (
            [
                levels("low", order=["low", "high"], is_ordered=True),
                levels("high", order=["high"]),
            ],
            ["low", "high"],
            False,
        ),
    ],
    ids=["others", "subset", "order"],
)
def test_a_teacher_sees_the_same_levels_in_all_files(
    tmp_path, columns, expected, is_ordered
):
    found = frames_of(tmp_path, columns)
    for column in found:
        assert column.cat.categories.tolist() == expected
        assert column.cat.ordered == is_ordered
    cells = [cell for column in columns for cell in column.to_pylist()]
    seen = [cell for column in found[1:] for cell in column.tolist()]
    assert [None if pd.isna(cell) else cell for cell in seen] == cells
    assert sorted(map(str, found[0])) == sorted(map(str, seen))


def test_a_column_of_texts_is_one_in_all_files(tmp_path):
    plain = pa.array(["b", "c"])
    found = frames_of(tmp_path, [levels("a", "b", order=["a", "b"]), plain, plain])
    assert {str(column.dtype) for column in found} == {str(pd.Series(["b"]).dtype)}
    assert [c.tolist() for c in found[1:]] == [["a", "b"], ["b", "c"], ["b", "c"]]
    (tmp_path / "other").mkdir()
    found = frames_of(tmp_path / "other", [plain, levels("a", order=["a"])])
    assert [c.tolist() for c in found[1:]] == [["b", "c"], ["a"]]


def test_a_column_without_values_has_the_type_of_other_files(tmp_path):
    found = frames_of(tmp_path, [pa.nulls(2), pa.array([1.5, 2.5])])
    assert [str(column.dtype) for column in found] == ["float64"] * 3


def test_a_level_that_is_new_in_the_second_pass_is_named(tmp_path):
    frames_of(tmp_path, [levels("a", order=["a"])])
    files = Files(str(tmp_path / "*.parquet"))
    names = files.columns(None, None, None, ())
    make_survey(files, names, nothing)
    files.frame(pa.table({"a": levels("a", order=["a"])}), ["a"])
    with pytest.raises(ValueError, match="'a' has the level 'b', .* were changed"):
        files.frame(pa.table({"a": levels("b", order=["b"])}), ["a"])


def test_a_class_that_the_core_sample_lacks_is_learned(tmp_path, monkeypatch):
    cores, make_core = [], RowsOfFiles.core

    def core(self):
        cores.append(make_core(self))
        return cores[-1]

    monkeypatch.setattr(RowsOfFiles, "core", core)
    # The place of a row in its file decides whether the core sample takes it.
    table = TABLE.assign(label=TABLE.label.where(TABLE.index % 250 != 7, "rare"))
    write(tmp_path, table)

    def four(X):
        return np.insert(teacher(X) * 0.99, 2, 0.01, axis=1)

    monkeypatch.setattr(survey, "CORE_ROWS", 60)
    fitted = fit_files(model(teacher=four), f"{tmp_path}/*.parquet", target="label")
    assert "rare" not in cores[0].y
    assert fitted.classes_.tolist() == ["no", "perhaps", "rare", "yes"]


def test_small_groups_of_rows_are_joined_for_the_teacher(files, monkeypatch):
    asked, given = [], RowCoder._given

    def count(self, file, table, teacher):
        asked.append(table.num_rows)
        return given(self, file, table, teacher)

    monkeypatch.setattr(RowCoder, "_given", count)
    monkeypatch.setattr(module, "_ROWS_A_BATCH", 300)
    monkeypatch.setattr(coding, "_AT_ONCE", 300)
    fit_files(model(), files, target="label")
    # A file has 500 rows in groups of 200, and they are read 64 at a time.
    assert asked == [300, 28, 172] * 3


def test_threads_share_a_question():
    groups = blocks.blocks_of_rows(
        ROWS_OF_A_QUESTION, ROWS_AT_ONCE, LogisticRegression(), 4
    )
    assert sum(map(len, groups)) >= 4


def test_seconds_of_the_second_pass_count(files, monkeypatch):
    ticks = iter(range(10**6))
    monkeypatch.setattr(coding, "perf_counter", lambda: float(next(ticks)))
    seconds, lesson = [], RowsOfFiles.lesson

    def keep(self, given, estimator, run):
        seconds.append(estimator.query_seconds_)
        return lesson(self, given, estimator, run)

    monkeypatch.setattr(RowsOfFiles, "lesson", keep)
    monkeypatch.setattr(coding, "_AT_ONCE", 1000)
    fitted = fit_files(model(), files, target="label")
    # Each of the 24 questions takes a second of this clock.
    assert fitted.query_seconds_ == seconds[0] + 24.0


def test_memory_keeps_the_answers_of_the_second_pass(files, monkeypatch, tmp_path):
    fit_files(model(memory=tmp_path), files, target="label")
    monkeypatch.setattr(FunctionTeacher, "answer", None)
    fit_files(model(memory=tmp_path), files, target="label")


def test_a_sample_holds_few_rows_too_many(monkeypatch):
    monkeypatch.setattr(survey, "_MOST_TOO_MANY", 50)
    sample, most = Sample(100), 0
    keys = np.random.default_rng(0).integers(0, 2**64, 4000, np.uint64)
    for part in np.split(np.arange(4000), 100):
        sample.add(KeyedRows(keys[part], pa.table({"a": part})))
        most = max(most, sample.n_kept)
    assert most <= 150
    expected = np.argsort(keys)[:100]
    assert_array_equal(sample.rows(100)["a"].to_numpy(), expected)


def test_the_samples_are_given_up_before_the_student_is_trained(files, monkeypatch):
    held = []

    def lesson(self, *arguments):
        held.extend([self._survey.labelled, self._survey.unlabeled])
        raise Stopped

    monkeypatch.setattr(RowsOfFiles, "lesson", lesson)
    with pytest.raises(Stopped):
        fit_files(model(), files, target="label")
    assert held == [None, None]


@pytest.mark.filterwarnings("ignore:the teacher, any_answer, predicts labels")
@pytest.mark.parametrize("drop", [[], ["town"], [*NUMBERS[1:], "town"]])
def test_a_row_takes_the_scratch_that_the_guide_says(files, monkeypatch, drop):
    sizes = []

    def make(folder, n_buckets, record_size, **others):
        sizes.append(record_size * 4)
        raise Stopped

    monkeypatch.setattr(rows, "Buckets", make)

    def any_answer(X):
        return np.full((len(X), 3), 1 / 3)

    given = model(teacher=any_answer, teacher_share=1.0, distillation_weight=0.3)
    with pytest.raises(Stopped):
        fit_files(given, files, target="label", drop=drop)
    n_values = 7 - len(drop) + 3 + 3
    assert sizes == [-(-n_values // 8) * 32]


def test_the_size_of_scratch_is_said_before_the_second_pass(files, capsys, monkeypatch):
    def fill(self, *arguments):
        raise Stopped

    monkeypatch.setattr(RowsOfFiles, "_fill", fill)
    with pytest.raises(Stopped):
        fit_files(model(verbose=True), files, target="label")
    assert "[fit_files] 93.8 KiB of scratch\n" in capsys.readouterr().out
