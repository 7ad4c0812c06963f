import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier, LossCurveDisplay


def test_loss_of_rows_held_out_is_on_the_same_axis(blobs):
    X, y = blobs
    model = DistilledClassifier(
        early_stopping=True, max_iter=12, n_iter_no_change=20, random_state=0
    ).fit(X, y)
    display = LossCurveDisplay.from_estimator(model, name="small")
    epochs = np.arange(1, 13)
    assert_array_equal(
        display.line_.get_xydata(), np.column_stack([epochs, model.loss_curve_])
    )
    assert_array_equal(
        display.validation_line_.get_xydata(),
        np.column_stack([epochs, np.negative(model.validation_scores_)]),
    )
    assert display.validation_line_.axes is display.ax_
    assert display.score_ax_ is None
    lowest = model.best_iter_
    assert display.best_line_.get_xdata() == [lowest, lowest]
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    terms = ["teacher's term", "labels' term"]
    kept = f"kept, epoch {lowest}"
    assert texts == ["small, training rows", "rows held out", kept, *terms]
    drawn = [line.get_ydata() for line in (display.soft_line_, display.hard_line_)]
    assert_allclose(np.add(*drawn), np.negative(model.validation_scores_))
    assert_array_equal(drawn[1], model.validation_hard_losses_)
    assert min(map(np.min, drawn)) > 0


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_loss_of_one_term_is_one_line(blobs, weight):
    X, y = blobs
    model = DistilledClassifier(
        early_stopping=True, max_iter=3, distillation_weight=weight, synthesizer=None
    ).fit(X, y)
    display = LossCurveDisplay.from_estimator(model)
    assert display.validation_line_ is not None
    assert display.soft_line_ is display.hard_line_ is None


def test_other_scores_are_below(blobs):
    X, y = blobs
    network = MLPClassifier((4,), max_iter=15, early_stopping=True, random_state=0)
    network.set_params(n_iter_no_change=15, solver="adam")
    with pytest.warns(UserWarning, match="Maximum iterations"):
        network.fit(X, y)
    display = LossCurveDisplay.from_estimator(
        make_pipeline(network), score_name="accuracy"
    )
    assert display.validation_line_.axes is display.score_ax_
    assert_array_equal(display.validation_line_.get_ydata(), network.validation_scores_)
    assert display.score_ax_.get_ylabel() == "accuracy"
    assert display.score_ax_.get_xlabel() == "epoch"
    assert display.best_epoch == np.argmax(network.validation_scores_) + 1


@pytest.mark.parametrize(
    ("curve", "scale"),
    [([4.0, 2.0, 1.0], "log"), ([3.0, 2.0], "linear"), ([4.0, 0.0], "linear")],
)
def test_the_axis_is_logarithmic_where_that_helps(curve, scale):
    display = LossCurveDisplay(curve).plot(color="red")
    assert display.ax_.get_yscale() == scale
    assert display.line_.get_color() == "red"
    assert display.validation_line_ is display.best_line_ is None


def test_wrong_arguments(blobs):
    with pytest.raises(ValueError, match=r"validation_hard_losses has shape \(1,\)"):
        LossCurveDisplay([0.9, 0.5], [-1, -1], validation_hard_losses=[0.5])
    with pytest.raises(ValueError, match=r"loss_curve has shape \(0,\), not"):
        LossCurveDisplay([])
    with pytest.raises(ValueError, match=r"validation_scores has shape \(1,\), and"):
        LossCurveDisplay([0.5, 0.4], [0.7])
    model = LogisticRegression().fit(*blobs)
    with pytest.raises(
        ValueError, match="LogisticRegression, which has no loss_curve_"
    ):
        LossCurveDisplay.from_estimator(model)
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(DistilledClassifier())


@pytest.mark.parametrize("number", [1, 3])
def test_an_interrupt_between_loss_and_score(blobs, number):
    X, y = blobs
    scored = []

    def scoring(estimator, X, y):
        scored.append(estimator)
        if len(scored) == number:
            raise KeyboardInterrupt
        return estimator.score(X, y)

    model = DistilledClassifier(
        LogisticRegression(), early_stopping=True, scoring=scoring, max_iter=5
    )
    with pytest.warns(UserWarning, match=f"after {number} of 5 epochs"):
        model.fit(X, y)
    display = LossCurveDisplay.from_estimator(model)
    shown = model.loss_curve_[: max(1, number - 1)]
    assert_array_equal(display.loss_curve, shown)
    assert (display.validation_scores is None) == (number == 1)
