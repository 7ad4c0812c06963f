from copy import deepcopy
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV

from skdistill import CompressionCurveDisplay, DistilledClassifier
from skdistill.model_selection.requirement import Requirement
from skdistill.report.control import saved_bytes

TABLE = pd.DataFrame(
    {
        "bytes": [8192, 2048, 4096, 1024],
        "microseconds": [5.0, 2.0, 4.0, 1.0],
        "accuracy": [0.97, 0.91, 0.90, 0.80],
        "low": [0.96, 0.90, 0.89, 0.78],
        "high": [0.98, 0.93, 0.92, 0.81],
    }
)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1))
def test_the_front_holds_what_no_other_student_beats(students):
    sizes, scores = np.array(students).T
    display = CompressionCurveDisplay(sizes, scores)
    found = {(display.sizes[i], display.scores[i]) for i in display.front.tolist()}
    expected = {
        (size, score)
        for size, score in students
        if not any(
            (s <= size and c >= score) and (s, c) != (size, score) for s, c in students
        )
    }
    assert found == expected


def test_artists_show_the_table():
    display = CompressionCurveDisplay.from_table(
        TABLE,
        score="accuracy",
        lower="low",
        upper="high",
        teacher_score=0.98,
        teacher_size=3 * 2**20,
        control_score=0.89,
        required_score=0.92,
        chosen=0,
        linewidth=2,
    )
    assert_allclose(display.line_.get_xydata(), [[1, 0.8], [2, 0.91], [8, 0.97]])
    assert_allclose(display.points_.get_xydata(), [[4, 0.9]])
    assert display.points_.get_zorder() < display.line_.get_zorder()
    assert display.line_.get_drawstyle() == "steps-post"
    assert display.line_.get_linewidth() == 2
    ends = [segment[:, 1].tolist() for segment in display.bars_.get_segments()]
    assert ends == [[0.78, 0.81], [0.9, 0.93], [0.89, 0.92], [0.96, 0.98]]
    lines = (display.teacher_line_, display.control_line_, display.required_line_)
    assert [line.get_ydata()[0] for line in lines] == [0.98, 0.89, 0.92]
    assert len({line.get_linestyle() for line in (*lines, display.line_)}) == 4
    assert display.teacher_line_.get_label() == "teacher, 3 MiB"
    assert display.chosen_point_.get_xydata().tolist() == [[8, 0.97]]
    assert display.chosen_point_.get_label() == "chosen, 8 KiB"
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_xlabel() == "size, KiB"
    assert display.ax_.get_ylabel() == "accuracy"


def test_latency_and_a_control_of_each_size():
    control = [0.95, 0.90, 0.91, 0.70]
    display = CompressionCurveDisplay.from_table(
        TABLE.to_dict("list"),
        size="microseconds",
        score="accuracy",
        control_score=control,
        teacher_score=0.98,
        teacher_size=7006.4,
    )
    assert display.ax_.get_xlabel() == "time for one row, µs"
    assert_allclose(
        display.control_line_.get_xydata(),
        [[1, 0.7], [2, 0.9], [4, 0.91], [5, 0.95]],
    )
    assert display.teacher_line_.get_label() == "teacher, 7,006 µs"
    assert display.bars_ is display.chosen_point_ is display.required_line_ is None


def small_first(model, X, y):
    return -saved_bytes(model.student_)


@pytest.fixture(scope="module")
def search():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 30)
    X = rng.normal(size=(90, 4)) + y[:, np.newaxis]
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    return GridSearchCV(
        DistilledClassifier(forest, max_iter=3, random_state=0),
        {"hidden_layer_sizes": [(32,), (2,), (8,)]},
        scoring={"accuracy": "accuracy", "bytes": small_first},
        refit="accuracy",
        cv=3,
    ).fit(X, y)


def test_candidates_of_a_search(search):
    display = CompressionCurveDisplay.from_results(search, teacher_score=0.9)
    results = pd.DataFrame(search.cv_results_)
    splits = results[[f"split{i}_test_accuracy" for i in range(3)]]
    expected = pd.DataFrame(
        {
            "size": -results["mean_test_bytes"],
            "score": splits.mean(axis=1),
            "error": splits.sem(axis=1),
        }
    ).sort_values("size")
    assert_allclose(display.sizes, expected["size"])
    assert_allclose(display.scores, expected["score"])
    assert_allclose(display.upper - display.scores, expected["error"], atol=1e-12)
    assert_allclose(display.scores - display.lower, expected["error"], atol=1e-12)
    assert display.bars_.get_label() == "± standard error"
    chosen = results.loc[search.best_index_]
    assert_allclose(display.sizes[display.chosen], -chosen["mean_test_bytes"])
    assert display.teacher_line_.get_ydata()[0] == 0.9


def test_candidates_without_a_score_are_left_out(search):
    search = deepcopy(search)
    for name, values in search.cv_results_.items():
        if name.endswith("_test_accuracy") and not name.startswith("rank"):
            values[search.best_index_] = np.nan
    display = CompressionCurveDisplay.from_results(search)
    assert display.sizes.size == 2
    assert display.chosen is None
    for name, values in search.cv_results_.items():
        if name.endswith("_test_accuracy") and not name.startswith("rank"):
            values[:] = np.nan
    with pytest.raises(ValueError, match="no candidate of the search has a score"):
        CompressionCurveDisplay.from_results(search)


def test_of_halving_the_last_iteration_is_drawn(search):
    search = deepcopy(search)
    search.cv_results_["iter"] = np.array([0, 1, 1])
    search.cv_results_["mean_test_teacher"] = np.array([0.1, 0.8, 0.9])
    display = CompressionCurveDisplay.from_results(search)
    expected = np.sort(-search.cv_results_["mean_test_bytes"][1:])
    assert_allclose(display.sizes, expected)
    assert_allclose(display.teacher_line_.get_ydata(), 0.85)
    assert display.score_name == "accuracy"


class Tried(NamedTuple):
    """The fields of a row of what compress_to returns."""

    bytes: int
    microseconds: float
    score: float
    points_lost_error: float


def test_what_compress_to_tried():
    path = tuple(
        Tried(*row)
        for row in [
            (60_000, 5.0, 0.96, 0.4),
            (8_000, 4.0, 0.95, 0.5),
            (2_000, 2.0, 0.90, 0.8),
        ]
    )
    results = SimpleNamespace(
        path_=path, chosen_=path[1], teacher_score_=0.955, requirement_=Requirement()
    )
    display = CompressionCurveDisplay.from_results(results)
    assert display.sizes.tolist() == [2000, 8000, 60000]
    assert_allclose(display.lower, [0.892, 0.945, 0.956])
    assert_allclose(display.upper, [0.908, 0.955, 0.964])
    assert display.sizes[display.chosen] == 8000
    assert display.teacher_line_.get_ydata()[0] == 0.955
    display = CompressionCurveDisplay.from_results(results, size="microseconds")
    assert display.sizes.tolist() == [2, 4, 5]
    results.requirement_ = Requirement(points_in_a_unit=1000.0)
    display = CompressionCurveDisplay.from_results(results)
    assert_allclose(display.lower, [0.8992, 0.9495, 0.9596])
    with pytest.raises(ValueError, match="size='seconds' is neither 'bytes' nor"):
        CompressionCurveDisplay.from_results(results, size="seconds")
    with pytest.raises(ValueError, match="score='f1': compress_to has one score"):
        CompressionCurveDisplay.from_results(results, score="f1")


def test_a_search_without_the_scorers(search):
    with pytest.raises(
        ValueError, match=r"no scorer named 'seconds', but \['accuracy'"
    ):
        CompressionCurveDisplay.from_results(search, size="seconds")
    with pytest.raises(ValueError, match="no scorer named 'f1'"):
        CompressionCurveDisplay.from_results(search, score="f1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [0, 1, 2]}, r"sizes=\[0\.0, 1\.0, 2\.0\] are not positive"),
        ({"sizes": []}, r"sizes=\[\] are not positive"),
        ({"scores": [0.5]}, r"scores has shape \(1,\), not \(3,\)"),
        ({"scores": [0.5, 0.6, np.nan]}, r"scores=.*are not all finite"),
        ({"lower": [0.1] * 3}, "give both"),
        ({"lower": [0.6] * 3, "upper": [1] * 3}, "a score is outside its interval"),
        ({"control_score": [0.5]}, r"control_score has shape \(1,\), not \(3,\)"),
        ({"chosen": 3}, "chosen=3 is not the index of one of 3"),
    ],
)
def test_wrong_arguments(arguments, message):
    given = {"sizes": [1, 2, 3], "scores": [0.5, 0.6, 0.7], **arguments}
    with pytest.raises(ValueError, match=message):
        CompressionCurveDisplay(**given)


def test_a_column_that_is_not_there():
    with pytest.raises(ValueError, match=r"no column 'score', but \['bytes', 'micro"):
        CompressionCurveDisplay.from_table(TABLE)
    assert_array_equal(TABLE["bytes"], [8192, 2048, 4096, 1024])
