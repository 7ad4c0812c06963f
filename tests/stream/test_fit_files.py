"""Fits on files: as good as in memory, in any order, and after a process was killed."""

import errno
import os
import subprocess
import sys
import textwrap
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from skdistill import DistilledClassifier, TabularEncoder
from skdistill.teachers import RulesTeacher

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from skdistill.stream import coding, files, fit_files, rows, scratch, survey  # noqa: E402
from skdistill.stream.fit import RowsOfFiles  # noqa: E402
from skdistill.tables.batches import open as open_rows  # noqa: E402
from skdistill.training import buckets, checkpoint  # noqa: E402
from skdistill.training.records import make_records  # noqa: E402
from skdistill.training.streamed_rows import StreamedRows  # noqa: E402

NUMBERS = list("abcdef")


def make_table(n_rows):
    X, y = make_classification(
        n_rows, 6, n_informative=4, n_classes=3, flip_y=0.1, random_state=0
    )
    table = pd.DataFrame(X, columns=NUMBERS)
    table["town"] = np.where(
        X[:, 0] > 0.5, "Rome", np.where(X[:, 1] > 0, "Oslo", "Pau")
    )
    table.loc[::9, ["a", "town"]] = None
    table["label"] = np.array(["no", "perhaps", "yes"])[y]
    return table


ALL = make_table(4000)
TABLE = ALL.iloc[:1500]
REGRESSION = LogisticRegression(max_iter=500).fit(TABLE[NUMBERS].fillna(0), TABLE.label)


def teacher(X):
    return REGRESSION.predict_proba(X[NUMBERS].fillna(0))


def model(**parameters):
    given = {
        "teacher": teacher,
        "hidden_layer_sizes": (8,),
        "max_iter": 4,
        "weight_decay": 0.1,
        "n_synthetic": 150,
        "calibrate_teacher": False,
        "random_state": 0,
        **parameters,
    }
    return DistilledClassifier(**given)


def write(folder, table=TABLE, n_files=3):
    """Write rows sorted by their labels."""
    folder.mkdir(exist_ok=True)
    table = table.sort_values("label", kind="stable").reset_index(drop=True)
    for n, rows_ in enumerate(np.array_split(np.arange(len(table)), n_files)):
        part = table.iloc[rows_].reset_index(drop=True)
        part.to_parquet(folder / f"part-{n}.parquet", row_group_size=200)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("rows"))


def shrink(patch):
    """Take a core sample that is less than all rows, several buckets, small batches."""
    patch.setattr(survey, "CORE_ROWS", 400)
    patch.setattr(rows, "BUCKET_BYTES", 20_000)
    patch.setattr(coding, "_AT_ONCE", 50)
    patch.setattr(open_rows, "N_BATCH", 64)
    patch.setattr(files, "_ROWS_A_BATCH", 64)
    patch.setattr(buckets, "_MOST_WAITING", 5_000)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    shrink(monkeypatch)


def assert_same(one, other):
    assert one.loss_curve_ == other.loss_curve_
    for mine, its in zip(one.coefs_, other.coefs_, strict=True):
        assert_array_equal(mine, its)


@pytest.fixture(scope="module")
def undisturbed(folder):
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        return fit_files(model(), f"{folder}/*.parquet", target="label")


def test_sorted_files_are_learned_as_in_memory(tmp_path):
    train, test = ALL.iloc[:2000], ALL.iloc[2000:]
    how = {"max_iter": 30, "hidden_layer_sizes": (16,)}
    write(tmp_path, train)
    streamed = fit_files(model(**how), str(tmp_path / "*.parquet"), target="label")
    kept = model(**how).fit(train.drop(columns="label"), train.label)
    X = test.drop(columns="label")
    losses = [log_loss(test.label, m.predict_proba(X)) for m in (streamed, kept)]
    assert abs(losses[0] - losses[1]) < 0.02
    assert abs(streamed.score(X, test.label) - kept.score(X, test.label)) < 0.015
    assert streamed.n_iter_ == kept.n_iter_
    assert streamed.n_steps_ == kept.n_steps_
    assert streamed.n_transfer_ == kept.n_transfer_


def test_neither_order_nor_place_of_files_matters(folder, undisturbed, tmp_path):
    assert_same(
        fit_files(model(), sorted(folder.iterdir())[::-1], target="label"), undisturbed
    )
    for path in folder.iterdir():
        table = pq.read_table(path)
        # Another folder, other columns before others, other row groups.
        pq.write_table(
            table.select(table.column_names[::-1]),
            tmp_path / path.name,
            row_group_size=77,
        )
    # The first file gives the order of the columns.
    first = "part-0.parquet"
    (tmp_path / first).write_bytes((folder / first).read_bytes())
    assert_same(
        fit_files(model(), f"{tmp_path}/*.parquet", target="label"), undisturbed
    )


def test_levels_may_differ_from_file_to_file(folder, undisturbed, tmp_path):
    for path in folder.iterdir():
        table = pd.read_parquet(path)
        # Each file has a dictionary of its own.
        towns = table.town.dropna().unique()[::-1]
        table["town"] = pd.Categorical(table.town, [*towns, path.name])
        table.to_parquet(tmp_path / path.name, row_group_size=200)
    assert_same(
        fit_files(model(), f"{tmp_path}/*.parquet", target="label"), undisturbed
    )


def test_the_model_and_the_folders_stay_as_they_are(folder, tmp_path):
    before = model()
    state = dict(vars(before))
    place = tmp_path / "scratch"
    found = fit_files(before, f"{folder}/*.parquet", target="label", scratch=place)
    assert vars(before) == state
    assert found is not before
    assert list(place.iterdir()) == []
    assert found.predict(TABLE.drop(columns="label")).shape == (1500,)
    assert list(found.feature_names_in_) == [*NUMBERS, "town"]


@pytest.mark.filterwarnings("ignore:the teacher, .*, predicts labels of unseen rows")
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"class_weight": "balanced"},
        {"class_weight": {"no": 5.0, "perhaps": 1.0, "yes": 0.5}},
        {"class_weight": {"no": 0.0}},
        {"class_weight": {"perhaps": 0.0}},
        {"class_weight": {"yes": 0.0}},
        {"teacher_share": 0.4, "temperature": 2.0},
    ],
    ids=["plain", "balanced", "factors", "0_a", "0_b", "0_c", "teacher_share"],
)
@pytest.mark.parametrize("is_stored", [False, True], ids=["asked", "stored"])
def test_records_are_those_of_rows_in_memory(
    monkeypatch, tmp_path, parameters, is_stored
):
    """With all rows in the core sample, both ways make the same records."""
    monkeypatch.setattr(survey, "CORE_ROWS", 10_000)
    table = ALL.iloc[:600].copy()
    table.loc[table.index % 10 > 1, "label"] = None
    table["weight"] = np.random.default_rng(0).uniform(0, 2, 600)
    table.loc[::50, "weight"] = 0.0
    how, arguments = {}, {}
    if is_stored:
        proba = teacher(table)
        names = [f"p_{label}" for label in REGRESSION.classes_]
        table[names] = proba
        how = {"teacher": "precomputed"}
        arguments = {"proba": names}
    write(tmp_path, table)
    lessons = []

    def lesson(self, lesson, estimator, run):
        lessons.append((lesson, estimator))
        return whole(self, lesson, estimator, run)

    whole = RowsOfFiles.lesson
    monkeypatch.setattr(RowsOfFiles, "lesson", lesson)
    fitted = fit_files(
        model(**how, **parameters),
        f"{tmp_path}/*.parquet",
        target="label",
        sample_weight="weight",
        **arguments,
    )
    ((found, estimator),) = lessons
    data = found.data
    plan = plan_of(estimator, found)
    network = found.view.network(data.task.output, np.random.RandomState(0))
    given = data.rows
    if given.confidence is None:
        given = given._replace(confidence=np.ones(len(given.weights)))
    # The weights of rows without labels hold their confidence already.
    is_labelled = given.labels >= 0
    given = given._replace(confidence=np.where(is_labelled, given.confidence, 1.0))
    maker = StreamedRows(found, estimator, network, plan)
    records, numbers = maker.records(given, np.arange(len(given.weights)))
    expected = make_records(network, found.transfer_set, plan)
    assert_allclose(records, expected[: len(records)], rtol=1e-5, atol=1e-6)
    is_used = table.weight > 0
    if not found.recipe.follows_teacher:
        is_used &= table.label.notna()
    n_used = np.count_nonzero(is_used)
    assert len(numbers) == found.transfer_set.n_real == n_used
    n_drawn = found.transfer_set.n_rows - n_used
    assert fitted.n_transfer_ == n_used + n_drawn


def plan_of(estimator, lesson):
    from skdistill.training.plan import TrainingPlan

    return TrainingPlan.make(
        estimator,
        lesson.transfer_set.n_real,
        lesson.recipe.synthetic_share,
        lesson.recipe.weight_decay,
    )


def test_rows_without_labels_are_sampled(tmp_path):
    table = TABLE.copy()
    table.loc[table.index % 3 > 0, "label"] = None
    write(tmp_path, table)
    counts = {}
    for most in ("auto", 300):
        fitted = fit_files(
            model(), f"{tmp_path}/*.parquet", target="label", max_rows=most
        )
        counts[most] = fitted.n_transfer_ - fitted.n_synthetic_
    assert counts["auto"] == 1500
    assert 240 < counts[300] < 360


def test_labels_alone_and_answers_alone(tmp_path):
    write(tmp_path, TABLE.drop(columns="town"))
    answers = fit_files(model(), f"{tmp_path}/*.parquet", drop=["label"])
    assert answers.classes_.tolist() == [0, 1, 2]
    labels = fit_files(
        model(distillation_weight=0.0), f"{tmp_path}/*.parquet", target="label"
    )
    assert labels.classes_.tolist() == ["no", "perhaps", "yes"]


def test_csv_gives_numbers_levels_and_labels(tmp_path):
    table = TABLE.assign(label=TABLE.label.map({"no": 0, "perhaps": 1, "yes": 2}))
    codes = LogisticRegression(max_iter=500).fit(table[NUMBERS].fillna(0), table.label)
    table.to_csv(tmp_path / "rows.csv", index=False)
    given = model(teacher=lambda X: codes.predict_proba(X[NUMBERS].fillna(0)))
    fitted = fit_files(given, tmp_path / "rows.csv", target="label")
    assert fitted.classes_.tolist() == [0, 1, 2]
    kept = clone(given).fit(table.drop(columns="label"), table.label)
    X = table.drop(columns="label")
    assert abs(fitted.score(X, table.label) - kept.score(X, table.label)) < 0.05


def test_progress_is_printed(folder, capsys, monkeypatch):
    monkeypatch.setattr("skdistill.stream.progress._PAUSE", -1.0)
    fit_files(model(verbose=True), f"{folder}/*.parquet", target="label")
    printed = capsys.readouterr().out
    for words in (
        "read files: 1,500 rows, ",
        "KiB of scratch",
        "deal rows: 1,500 rows of 1,500, ",
        "train student: ",
        " s left",
    ):
        assert words in printed


class Stopped(Exception):  # noqa: N818
    """The end of a fit on its way."""


def stop_at(patch, owner, name, number):
    calls, method = [], getattr(owner, name)

    def stopping(*arguments, **others):
        result = method(*arguments, **others)
        calls.append(name)
        if len(calls) == number:
            raise Stopped
        return result

    patch.setattr(owner, name, stopping)


@pytest.mark.parametrize(
    ("owner", "name", "number", "n_asked"),
    [
        (buckets.Buckets, "add", 11, 15),
        (buckets.Buckets, "note", 1, 21),
        (checkpoint.Checkpoint, "offer", 1, 0),
        (checkpoint.Checkpoint, "offer", 14, 0),
    ],
)
def test_a_call_goes_on_with_the_same_bits(
    folder, undisturbed, monkeypatch, tmp_path, owner, name, number, n_asked
):
    monkeypatch.setattr(checkpoint, "_SECONDS_APART", -1.0)
    monkeypatch.setattr(rows, "_BATCHES_A_NOTE", 3)
    arguments = (model(), f"{folder}/*.parquet")
    where = {"target": "label", "checkpoint": tmp_path}
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, owner, name, number)
        with (
            pytest.warns(UserWarning, match=r"the rows of this fit, .* are kept in"),
            pytest.raises(Stopped),
        ):
            fit_files(*arguments, **where)
    assert len(list(tmp_path.glob("*.rows"))) == 1
    asked = []
    monkeypatch.setattr(
        coding.RowCoder,
        "__call__",
        lambda *a, code=coding.RowCoder.__call__, **b: asked.append(1) or code(*a, **b),
    )
    assert_same(fit_files(*arguments, **where), undisturbed)
    assert len(asked) == n_asked
    assert list(tmp_path.iterdir()) == []


KILLED = """
    import os, pathlib, signal, sys
    import numpy as np
    from skdistill.stream import rows, survey
    from skdistill.tables.batches import open as open_rows
    from tests.stream import test_fit_files as test

    survey.CORE_ROWS, rows.BUCKET_BYTES, open_rows.N_BATCH = 400, 20_000, 64
    test.coding._AT_ONCE = 50
    test.buckets._MOST_WAITING, test.files._ROWS_A_BATCH = 5_000, 64
    test.checkpoint._SECONDS_APART = -1.0
    rows._BATCHES_A_NOTE = 2
    files, folder = f"{sys.argv[1]}/*.parquet", pathlib.Path(sys.argv[2])

    def killed_at(owner, name, number):
        method, calls = getattr(owner, name), []
        def kill(*arguments, **others):
            result = method(*arguments, **others)
            calls.append(1)
            if len(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        setattr(owner, name, kill)
        test.fit_files(test.model(), files, target="label", checkpoint=folder)

    moments = [
        (test.buckets.Buckets, "_append", 9),
        (test.checkpoint.Checkpoint, "offer", 4),
        (test.checkpoint, "_write", 6),
    ]
    for moment in moments:
        child = os.fork()
        if child == 0:
            killed_at(*moment)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert os.listdir(folder)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_killed_call_goes_on_with_the_same_bits(
    folder, undisturbed, tmp_path, monkeypatch
):
    script = textwrap.dedent(KILLED)
    command = [sys.executable, "-W", "ignore", "-c", script, folder, tmp_path]
    # Texts in sets have another order in the other process.
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    subprocess.run(command, check=True, cwd=os.getcwd(), env=environment)
    # All rows are kept, so that no more of them are answered and coded.
    monkeypatch.setattr(coding.RowCoder, "__call__", None)
    again = fit_files(
        model(), f"{folder}/*.parquet", target="label", checkpoint=tmp_path
    )
    assert_same(again, undisturbed)
    assert list(tmp_path.iterdir()) == []


def test_too_little_room_is_said_before_the_teacher_answers(folder, monkeypatch):
    usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda path: usage(1, 1, 1000))
    monkeypatch.setattr(RowsOfFiles, "_fill", None)
    with pytest.raises(
        OSError, match=r"The rows take 93.8 KiB of scratch, and 0.98 Ki"
    ):
        fit_files(model(), f"{folder}/*.parquet", target="label")


def test_a_full_disk_is_named_and_cleared(folder, monkeypatch, tmp_path):
    class Full:
        def __init__(self, path, mode):
            self.file = open(path, mode)  # noqa: SIM115

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def truncate(self, size):
            self.file.truncate(size)

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(buckets, "open", Full, raising=False)
    with pytest.raises(
        OSError, match=r"full after 0.00 KiB of rows. Give scratch="
    ) as e:
        fit_files(model(), f"{folder}/*.parquet", target="label", scratch=tmp_path)
    assert e.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_a_bad_row_group_is_named(tmp_path):
    write(tmp_path, n_files=2)
    path = tmp_path / "part-1.parquet"
    group = pq.ParquetFile(path).metadata.row_group(2).column(1)
    content = bytearray(path.read_bytes())
    start = group.data_page_offset
    content[start : start + 40] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"part-1.parquet, row group 2 cannot be read"):
        fit_files(model(), f"{tmp_path}/*.parquet", target="label")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="b"), r"part-1.parquet lacks the column 'b', which"),
        (
            lambda t: t.assign(more=1),
            r"part-1.parquet has the column 'more', which .*part-0.parquet lacks: name",
        ),
        (
            lambda t: t.assign(b="text"),
            r"the column 'b' holds numbers in .*part-0.parquet, and texts in .*part-1",
        ),
        (
            lambda t: t.assign(label=t.label.where(t.index != 5, "new")),
            r"the classes are \['no', 'perhaps', 'yes'\]|label",
        ),
    ],
    ids=["lacks", "more", "type", "label"],
)
def test_files_that_differ_are_named(tmp_path, change, message):
    write(tmp_path, n_files=2)
    path = tmp_path / "part-1.parquet"
    change(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(ValueError, match=message):
        fit_files(model(), f"{tmp_path}/*.parquet", target="label")


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_wrong_weights_are_named(tmp_path, weight):
    table = TABLE.assign(weight=1.0)
    table.loc[7, "weight"] = weight
    write(tmp_path, table)
    with pytest.raises(ValueError, match=r"sample_weight='weight' is .* in part-"):
        fit_files(
            model(), f"{tmp_path}/*.parquet", target="label", sample_weight="weight"
        )


@pytest.mark.parametrize(
    ("parameters", "arguments", "message"),
    [
        ({"teacher": RandomForestClassifier()}, {}, "Classifier, is not fitted, and"),
        ({"teacher": None}, {}, "there is no teacher: give one that is fitted"),
        ({"teacher": "precomputed"}, {}, "teacher='precomputed' needs the teacher's"),
        ({}, {"proba": ["a"]}, r"proba=\['a'\] was passed, and the teacher is"),
        ({"early_stopping": True}, {}, "early_stopping=True needs all"),
        ({"warm_start": True}, {}, "warm_start=True needs all rows"),
        ({"hint_weight": 0.5}, {}, "hint_weight=0.5 needs all rows"),
        ({"cv": 3}, {}, "cv=3 needs all rows in memory, .* give cv='auto'"),
        ({"calibrate_teacher": "refit"}, {}, "calibrate_teacher='refit'"),
        ({"max_terms": 5}, {}, "max_terms=5 needs all rows"),
        ({"encoder": TabularEncoder(text=["town"])}, {}, "^encoder="),
        (
            {"random_state": None},
            {"checkpoint": "."},
            "needs an integer as random_stat",
        ),
        ({}, {"target": "no"}, r"target='no' is no column of .*part-0.parquet, which"),
        ({}, {"drop": ["x"]}, "drop='x' is no column of"),
        ({}, {"max_rows": 0}, "max_rows=0 is neither 'auto' nor a number"),
        (
            {"teacher": "precomputed"},
            {"proba": ["a", "b"]},
            r"proba names 2 columns, and target='label' has 3 labels, \['no'",
        ),
    ],
)
def test_bad_arguments_are_named(folder, parameters, arguments, message):
    where = {"target": "label", **arguments}
    with pytest.raises(ValueError, match=message):
        fit_files(model(**parameters), f"{folder}/*.parquet", **where)


def test_a_teacher_with_labels_of_its_own_is_refused(folder):
    rules = RulesTeacher([("b > 0", "yes"), ("b <= 0", "no")])
    given = model(teacher=rules.fit(TABLE.drop(columns="label")))
    with pytest.raises(ValueError, match="RulesTeacher, gives labels of its own, whi"):
        fit_files(given, f"{folder}/*.parquet", drop=["label"])


def test_no_file_and_no_estimator(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file '.*none\*'"):
        fit_files(model(), str(tmp_path / "none*"))
    with pytest.raises(TypeError, match="model is LogisticRegression: give a Distill"):
        fit_files(REGRESSION, str(tmp_path))


def test_classes_that_are_numbers_of_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "_MOST_LABELS", 100)
    write(tmp_path, TABLE.assign(label=np.arange(1500)))
    with pytest.raises(ValueError, match="target='label' has more than 100 different"):
        fit_files(model(), f"{tmp_path}/*.parquet", target="label")
