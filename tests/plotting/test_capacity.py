"""The picture of the decays that were tried, and of the one that was chosen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import CapacityDisplay, DistilledClassifier, TabularEncoder
from skdistill.training.ladder import Candidate, vertex


@pytest.fixture(scope="module")
def rows():
    return make_classification(150, 4, n_informative=2, flip_y=0.2, random_state=0)


@pytest.fixture(scope="module")
def fitted(rows):
    model = DistilledClassifier(
        LogisticRegression(), hidden_layer_sizes=(), max_iter=5, random_state=0
    )
    return make_pipeline(StandardScaler(), model).fit(*rows)


def tried_with(decays, losses, has_knots=True):
    return [
        Candidate(has_knots, decay, loss, 0.01)
        for decay, loss in zip(decays, losses, strict=True)
    ]


def texts_of(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def title_of(display):
    return display.ax_.get_legend().get_title().get_text()


def test_all_that_fit_tried_is_drawn(fitted):
    model = fitted[-1]
    display = CapacityDisplay.from_estimator(fitted, color="red")
    for line, has_knots in ((display.knots_line_, True), (display.plain_line_, False)):
        expected = sorted(
            tried[1:3]
            for tried in model.capacity_.candidates
            if tried.has_knots == has_knots
        )
        assert_array_equal(line.get_xydata(), expected)
        assert line.get_color() == "red"
    assert display.ax_.get_xscale() == "log"
    decays = {tried.weight_decay for tried in model.capacity_.candidates}
    assert display.ax_.get_xticks().tolist() == sorted(decays)
    (chosen,) = display.chosen_point_.get_xdata()
    assert chosen == display.weight_decay == model.capacity_.weight_decay
    assert display.has_knots == model.capacity_.has_knots
    assert set(display.final_line_.get_xdata()) == {model.weight_decay_}
    assert texts_of(display) == [
        "with knots",
        "without knots",
        f"chosen, {chosen:.2g}",
        f"last training, {model.weight_decay_:.2g}",
    ]


@given(st.lists(st.floats(0.31, 1.0), min_size=2, max_size=2))
def test_the_circle_is_at_the_lowest_point_of_the_parabola(around):
    decays, losses = [1.0, 3.0, 10.0], np.array([around[0], 0.3, around[1]])
    chosen = float(np.exp(vertex(np.log(decays), losses)))
    display = CapacityDisplay(
        tried_with(decays, losses), weight_decay=chosen, has_knots=True
    )
    decay, loss = display.lowest_point
    through = np.polyfit(np.log(decays), losses, 2)
    lowest = minimize_scalar(
        lambda log: np.polyval(through, log),
        bounds=np.log([decays[0], decays[-1]]),
        method="bounded",
    )
    assert decay == chosen
    # `fit` goes at most half of the way to a neighbour.
    assert loss >= lowest.fun - 1e-6
    if np.log(3**0.5) <= lowest.x <= np.log(30**0.5):
        assert_allclose(loss, lowest.fun, atol=1e-3)
        assert_allclose(np.log(decay), lowest.x, atol=1e-3)


def test_bars_are_one_standard_error_to_each_side():
    candidates = tried_with([0.1, 0.3], [0.5, 0.6]) + tried_with([0.3], [0.7], False)
    display = CapacityDisplay(candidates, weight_decay=0.1, has_knots=True).plot()
    assert len(display.bars_) == 2
    ends = [path.vertices[:, 1] for path in display.bars_[0].get_paths()]
    assert_allclose(ends, [[0.49, 0.51], [0.59, 0.61]])
    assert display.final_line_ is None
    # The best decay is the first that was tried.
    assert display.parabola_line_ is None
    assert_allclose(display.chosen_point_.get_xydata(), [[0.1, 0.5]])


def test_one_line_if_only_one_way_was_tried():
    candidates = tried_with([0.1, 0.3, 1.0], [0.5, 0.4, 0.6], has_knots=False)
    display = CapacityDisplay(candidates, weight_decay=0.3, has_knots=False).plot()
    assert display.knots_line_ is None
    assert display.plain_line_ is not None
    assert len(display.bars_) == 1


@pytest.mark.parametrize(
    ("losses", "text"),
    [
        ([0.5, 0.6, 0.7], "best at the least decay: less may be better"),
        ([0.7, 0.6, 0.5], "best at the greatest decay: more may be better"),
        ([0.6, 0.5, 0.7], ""),
        ([0.6], ""),
    ],
)
def test_the_legend_names_an_end_of_the_ladder(losses, text):
    candidates = tried_with([0.3, 1.0, 3.0][: len(losses)], losses)
    display = CapacityDisplay(candidates, weight_decay=1.0, has_knots=True).plot()
    assert title_of(display) == text


@pytest.mark.parametrize(("other", "is_close"), [(0.505, True), (0.52, False)])
def test_the_legend_says_that_knots_or_none_hardly_differ(other, is_close):
    candidates = tried_with([0.1, 0.3, 1.0], [0.7, 0.5, 0.6])
    candidates += tried_with([0.3, 1.0], [0.7, other], False)
    display = CapacityDisplay(candidates, weight_decay=0.3, has_knots=True).plot()
    assert (
        title_of(display)
        == is_close * "knots or none: less than a standard error apart"
    )


@pytest.mark.parametrize(
    ("decays", "note"),
    [
        ({"final_decay": 18.0}, "30 is as strong as 18 in the last, on more rows"),
        (
            {"final_decay": 6.0, "limit": 10.0},
            "10 is as strong as 6 in the last, on more rows",
        ),
        ({"final_decay": 60.0}, "30 is as strong as 60 in the last"),
        ({"final_decay": 30.0}, ""),
        ({}, ""),
    ],
)
def test_the_label_says_which_decay_the_last_is_like(decays, note):
    candidates = tried_with([10.0, 30.0], [0.5, 0.4])
    display = CapacityDisplay(candidates, weight_decay=30.0, has_knots=True, **decays)
    label, *told = display.plot().ax_.get_xlabel().split("\n")
    assert label == "weight decay of a short training"
    assert "".join(told) == note


def test_knots_or_none_are_drawn_for_a_given_decay(rows):
    model = DistilledClassifier(
        LogisticRegression(), hidden_layer_sizes=(), max_iter=1, weight_decay=0.5
    ).fit(*rows)
    display = CapacityDisplay.from_estimator(model)
    knots, none = display.knots_line_.get_xydata(), display.plain_line_.get_xydata()
    assert len(knots) == len(none) == 1
    assert display.has_knots == (knots[0, 1] <= none[0, 1])
    assert texts_of(display)[-1] == "last training, 0.5"


def test_no_choice(rows):
    X, y = rows
    with pytest.raises(ValueError, match="candidates is empty: no decay was tried"):
        CapacityDisplay([], weight_decay=1.0, has_knots=True)
    with pytest.raises(NotFittedError):
        CapacityDisplay.from_estimator(DistilledClassifier())
    with pytest.raises(ValueError, match="LogisticRegression, not a DistilledClassif"):
        CapacityDisplay.from_estimator(LogisticRegression().fit(X, y))
    model = DistilledClassifier(
        LogisticRegression().fit(X, y), hidden_layer_sizes=(), max_iter=1
    )
    model.fit(X[:49])
    with pytest.raises(ValueError, match="too few labels, and too few rows"):
        CapacityDisplay.from_estimator(model)
    model.set_params(weight_decay=0.5, encoder=TabularEncoder()).fit(X, y)
    with pytest.raises(ValueError, match=r"weight_decay=0\.5 was given, and it tried"):
        CapacityDisplay.from_estimator(model)
