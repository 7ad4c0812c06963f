"""Teachers that are slow at first or all the time: no decision rests on the clock."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from skdistill import DistilledClassifier, compress_to
from skdistill.teachers import blocks
from skdistill.teachers import teacher as teachers

X, Y = make_classification(200, 5, n_informative=4, n_redundant=0, random_state=0)
FOREST = RandomForestClassifier(10, random_state=0).fit(X, Y)
# The rows of X with one column redrawn, and as they are.
REDRAWN = 200 * (5 + 1)


class Slow:
    """A teacher that takes its time, on a clock of its own."""

    def __init__(self, monkeypatch, first=0.0, a_row=0.0):
        self.first, self.a_row = first, a_row
        self.time, self.asked = 0.0, []
        monkeypatch.setattr(blocks, "perf_counter", lambda: self.time)

    def __call__(self, rows):
        self.time += self.a_row * len(rows) + (0.0 if self.asked else self.first)
        self.asked.append(len(rows))
        return FOREST.predict_proba(rows)


def distil(teacher, **parameters):
    parameters = {
        "max_iter": 2,
        "hidden_layer_sizes": (8,),
        "weight_decay": 0.3,
        "random_state": 0,
        **parameters,
    }
    return DistilledClassifier(teacher, **parameters)


@pytest.mark.parametrize("n_synthetic", ["auto", 500])
@pytest.mark.parametrize("first", [0.5, 900.0])
def test_a_slow_first_call_changes_nothing(monkeypatch, first, n_synthetic):
    quick, cold = Slow(monkeypatch), None
    expected = distil(quick, n_synthetic=n_synthetic).fit(X, Y)
    cold = Slow(monkeypatch, first=first)
    model = distil(cold, n_synthetic=n_synthetic)
    if first > 1:
        with pytest.warns(UserWarning, match="max_query_seconds"):
            model.fit(X, Y)
    else:
        model.fit(X, Y)
    count = 2000 if n_synthetic == "auto" else 500
    assert cold.asked == quick.asked == [200, count, REDRAWN]
    assert model.n_synthetic_ == count
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


def test_a_slow_teacher_is_asked_about_all_rows_and_fit_says_how_long(monkeypatch):
    slow = Slow(monkeypatch, a_row=0.1)
    words = (
        r"Slow, took 20\.0 s to answer for 200 rows\. Fit asks it about 3,200 more, "
        r"2,000 of them synthetic, which takes about 5 minutes\. To limit .* set "
        "max_query_seconds"
    )
    with pytest.warns(UserWarning, match=words):
        model = distil(slow).fit(X, Y)
    assert slow.asked == [200, 2000, REDRAWN]
    assert model.query_seconds_ == pytest.approx(340)


def test_a_wait_of_seconds_is_not_worth_a_warning(monkeypatch):
    distil(Slow(monkeypatch, a_row=0.008)).fit(X, Y)


def test_a_budget_is_kept_and_the_fitted_attribute_says_so(monkeypatch):
    # 20 seconds are gone after the given rows. Two thirds of the others are for
    # synthetic rows. The rest suffices for 6 times 32 redrawn rows.
    slow = Slow(monkeypatch, a_row=0.1)
    model = distil(slow, max_query_seconds=98.0).fit(X, Y)
    assert slow.asked == [200, 520, 6 * 32]
    assert model.n_synthetic_ == 520
    assert model.query_seconds_ <= 98
    slow = Slow(monkeypatch, a_row=0.1)
    model = distil(slow, max_query_seconds=10.0, n_synthetic=400).fit(X, Y)
    assert (slow.asked, model.n_synthetic_) == ([200], 0)


def test_a_budget_that_suffices_changes_nothing(monkeypatch):
    expected = distil(Slow(monkeypatch)).fit(X, Y)
    model = distil(Slow(monkeypatch, a_row=0.001), max_query_seconds=60.0).fit(X, Y)
    assert model.n_synthetic_ == expected.n_synthetic_ == 2000
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


def test_compress_to_keeps_the_budget(monkeypatch):
    slow = Slow(monkeypatch, a_row=0.1)
    model = distil(slow, max_query_seconds=98.0, max_iter=2)
    found = compress_to(model, X, Y, max_points_lost=90, random_state=0)
    assert 0 < found.estimator_.n_synthetic_ < 2000
    # The validation rows are no part of the fit.
    assert slow.time <= 98 + 0.1 * 200


def test_no_synthetic_rows_are_none(monkeypatch):
    assert distil(Slow(monkeypatch), synthesizer=None).fit(X, Y).n_synthetic_ == 0
    proba = FOREST.predict_proba(X)
    model = distil("precomputed").fit(X, Y, teacher_proba=proba)
    assert model.n_synthetic_ == 0


def test_verbose_shows_the_rows(monkeypatch, capsys):
    distil(Slow(monkeypatch, a_row=0.001), verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Teacher answered")] == [
        "Teacher answered for 200 of about 3,400 rows (given rows) in 0.2 s",
        "Teacher answered for 2,200 of about 3,400 rows (synthetic rows) in 2.2 s",
        "Teacher answered for 3,400 of about 3,400 rows (redrawn rows) in 3.4 s",
    ]


@pytest.mark.parametrize("budget", [0, -1.0, "short"])
def test_a_budget_is_a_number_above_zero(budget):
    with pytest.raises(ValueError, match="'max_query_seconds' parameter"):
        distil(FOREST, max_query_seconds=budget).fit(X, Y)


def test_many_rows_are_asked_about_in_the_same_blocks_at_any_speed(monkeypatch):
    monkeypatch.setattr(teachers, "ROWS_AT_ONCE", 64)
    monkeypatch.setattr("skdistill.transfer.queries.ROWS_AT_ONCE", 64)
    quick, slow = Slow(monkeypatch), None
    distil(quick, n_synthetic=100).fit(X, Y)
    slow = Slow(monkeypatch, a_row=0.1)
    with pytest.warns(UserWarning, match="for 64 rows. Fit asks it about 1,436 more"):
        distil(slow, n_synthetic=100).fit(X, Y)
    assert slow.asked == quick.asked
    assert slow.asked[:6] == [64, 64, 64, 8, 64, 36]
    assert np.sum(slow.asked) == 200 + 100 + REDRAWN
