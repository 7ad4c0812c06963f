"""Fits on files whose targets are label sets, or several numbers."""

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from skdistill import DistilledClassifier, DistilledRegressor
from skdistill.stream import fit_files
from skdistill.training import buckets
from tests.estimators.test_label_sets import QUICK, make_rows, mean_loss, of_forest
from tests.stream.test_fit_files import Stopped, shrink, stop_at

N_ROWS = 1500

# A student whose figures are read.
ONE_LAYER = {"hidden_layer_sizes": (32,), "weight_decay": 0.3, "random_state": 0}
FEATURES = [f"x{i}" for i in range(6)]
LABELS = ["red", "green", "blue", "grey"]


def quick(teacher, **parameters):
    return DistilledClassifier(teacher, **(QUICK | {"max_iter": 3} | parameters))


@pytest.fixture(scope="module")
def table():
    X, y = make_rows(N_ROWS + 500)
    return pd.DataFrame(X, columns=FEATURES).join(pd.DataFrame(y, columns=LABELS))


@pytest.fixture(scope="module")
def forest(table):
    some = table[:N_ROWS]
    return RandomForestClassifier(40, random_state=0).fit(some[FEATURES], some[LABELS])


def write(table, folder, form="parquet"):
    for number, part in enumerate(np.array_split(np.arange(N_ROWS), 3)):
        rows = table.iloc[part]
        if form == "csv":
            rows.to_csv(folder / f"{number}.csv", index=False, na_rep="NA")
        else:
            rows.to_parquet(folder / f"{number}.parquet", index=False)
    return str(folder / f"*.{form}")


def loss_of(model, table):
    proba = model.predict_proba(table[FEATURES][N_ROWS:])
    return mean_loss(proba, table[LABELS][N_ROWS:].to_numpy())


def test_files_make_nearly_the_student_of_the_rows_in_memory(table, forest, tmp_path):
    model = DistilledClassifier(forest, **ONE_LAYER)
    fitted = fit_files(model, write(table, tmp_path), target=LABELS)
    some = table[:N_ROWS]
    whole = model.fit(some[FEATURES], some[LABELS])
    assert loss_of(fitted, table) < loss_of(whole, table) + 0.03
    assert loss_of(fitted, table) < mean_loss(
        of_forest(forest, table[FEATURES][N_ROWS:]), table[LABELS][N_ROWS:].to_numpy()
    )
    assert_array_equal(fitted.classes_, np.arange(4))
    assert fitted.student_.classes_.tolist() == LABELS
    assert fitted.predict(table[FEATURES][:5]).shape == (5, 4)


def test_the_form_of_the_files_does_not_matter(table, forest, tmp_path):
    gaps = table.astype(dict.fromkeys(LABELS, object))
    gaps.loc[::3, LABELS] = None
    forms = {
        "numbers": (gaps.astype(dict.fromkeys(LABELS, float)), "parquet"),
        "truths": (gaps.astype(dict.fromkeys(LABELS, "boolean")), "parquet"),
        "texts": (gaps.astype(dict.fromkeys(LABELS, "boolean")), "csv"),
    }
    found = []
    for name, (given, form) in forms.items():
        (tmp_path / name).mkdir()
        files = write(given, tmp_path / name, form)
        found.append(fit_files(quick(forest), files, target=LABELS))
    proba = [model.predict_proba(table[FEATURES]) for model in found]
    assert_array_equal(proba[0], proba[1])
    # Other names of files give other random numbers.
    assert found[2].n_transfer_ == found[0].n_transfer_ > 0
    assert proba[2].shape == proba[0].shape


def test_rows_without_labels_learn_from_the_teacher(table, forest, tmp_path):
    files = write(table, tmp_path)
    joblib.dump(forest, tmp_path / "forest.joblib")
    teacher = tmp_path / "forest.joblib"
    fitted = fit_files(quick(teacher, max_iter=30), files, drop=LABELS)
    some = table[FEATURES][N_ROWS:]
    answers = of_forest(forest, some)
    off = np.abs(fitted.predict_proba(some) - answers).mean()
    assert off < 0.6 * np.abs(answers - answers.mean(axis=0)).mean()


def test_stored_probabilities_of_labels(table, forest, tmp_path):
    proba = pd.DataFrame(of_forest(forest, table[FEATURES]), columns=list("rgbs"))
    files = write(table.join(proba), tmp_path)
    model = quick("precomputed")
    one = fit_files(model, files, target=LABELS, proba=list("rgbs"))
    by_label = dict(zip(LABELS[::-1], "sbgr", strict=True))
    other = fit_files(model, files, target=LABELS, proba=by_label)
    some = table[FEATURES]
    assert_array_equal(one.predict_proba(some), other.predict_proba(some))
    for wrong in (list("rgb"), {"red": "r", "green": "g", "blue": "b", "x0": "s"}):
        with pytest.raises(ValueError, match=r"proba=.* and target=\['red'.* differ"):
            fit_files(model, files, target=LABELS, proba=wrong)
    none = write(table.assign(**dict.fromkeys(LABELS, np.nan)).join(proba), tmp_path)
    with pytest.raises(ValueError, match="no row has labels, and the teacher"):
        fit_files(model, none, target=LABELS, proba=list("rgbs"))


def test_a_label_that_the_sample_lacks_is_said_of_the_sample(
    table, tmp_path, monkeypatch, few_steps
):
    shrink(monkeypatch)
    table = table.assign(blue=0)[:N_ROWS]
    forest = RandomForestClassifier(20, random_state=0)
    forest.fit(table[FEATURES], table[LABELS])
    files = write(table, tmp_path)
    words = "no row of a sample of 400 rows has the label of column 2 of y"
    with pytest.warns(UserWarning, match=words):
        fit_files(quick(forest), files, target=LABELS)


def test_a_killed_call_goes_on_with_kept_rows(table, forest, tmp_path, monkeypatch):
    (tmp_path / "rows").mkdir()
    files, kept = write(table, tmp_path / "rows"), tmp_path / "kept"
    model = quick(forest)
    shrink(monkeypatch)
    expected = fit_files(model, files, target=LABELS).predict_proba(table[FEATURES])
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, buckets.Buckets, "note", 1)
        with pytest.warns(UserWarning, match="are kept in"), pytest.raises(Stopped):
            fit_files(model, files, target=LABELS, checkpoint=kept)
    again = fit_files(model, files, target=LABELS, checkpoint=kept)
    assert_array_equal(again.predict_proba(table[FEATURES]), expected)


@pytest.mark.parametrize(
    ("change", "form", "words"),
    [
        ({"blue": 2}, "parquet", "target='blue' is 2 in .*label sets hold 0 and 1"),
        ({"blue": "yes"}, "parquet", "target='blue' holds .*string in .*hold 0 and 1"),
        ({"blue": "yes"}, "csv", "target='blue' is 'yes' in .*hold 0 and 1"),
        ({"blue": np.nan}, "csv", "500 rows of a batch of .*csv have some .* 'blue'"),
        ({"blue": 0.5}, "csv", "target='blue' is 0.5 in .*hold 0 and 1"),
    ],
)
def test_other_cells_are_refused(table, forest, tmp_path, change, form, words):
    files = write(table.assign(**change), tmp_path, form)
    with pytest.raises(ValueError, match=words):
        fit_files(quick(forest), files, target=LABELS)


def test_arguments_that_do_not_suit_label_sets_are_refused(table, forest, tmp_path):
    files = write(table, tmp_path)
    with pytest.raises(ValueError, match="for 4 labels, and the rows have 1 col"):
        fit_files(quick(forest), files, target="red")
    with pytest.raises(ValueError, match="temperature=2.0 does not suit label sets"):
        fit_files(quick(forest, temperature=2.0), files, target=LABELS)
    with pytest.raises(ValueError, match="the model learns label sets: give proba"):
        fit_files(quick("precomputed"), files, target=LABELS, prediction=list("rg"))
    with pytest.raises(ValueError, match="target=.* names 'blue' twice"):
        fit_files(quick(forest), files, target=["red", "green", "blue", "blue"])
    with pytest.raises(ValueError, match="target='rot' is no column"):
        fit_files(quick(forest), files, target=["rot", *LABELS[1:]])


def test_several_numbers_are_learned_from_files(table, tmp_path):
    X = table[FEATURES]
    numbers = pd.DataFrame({"sum": X["x0"] + X["x1"], "square": 10.0 * X["x2"] ** 2})
    files = write(X.join(numbers), tmp_path)
    forest = RandomForestRegressor(30, random_state=0).fit(X[:N_ROWS], numbers[:N_ROWS])
    model = DistilledRegressor(forest, **ONE_LAYER)
    fitted = fit_files(model, files, target=["sum", "square"])
    assert fitted.score(X[N_ROWS:], numbers[N_ROWS:]) > 0.9
    output = fitted.student_.output
    assert (output.low <= numbers[:N_ROWS].min().to_numpy()).all()
    assert (output.high >= numbers[:N_ROWS].max().to_numpy()).all()
    assert_allclose(output.low[1], 0.0, atol=2.0)
