"""Losses in double precision, against textbook formulas and numerical gradients."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime

from skdistill.tasks.classes import Classification
from skdistill.tasks.exact_loss import MeanLoss
from skdistill.transfer.transfer_set import make_transfer_set
from tests import oracle


class Rows:
    """Rows with logits of a teacher, labels (some missing) and weights."""

    def __init__(self, n_classes, seed=0, n_rows=17, share=0.3):
        rng = np.random.default_rng(seed)
        self.n_classes = n_classes
        self.targets = 2.0 * rng.standard_normal((n_rows, n_classes))
        self.labels = rng.integers(-1, n_classes, n_rows)
        self.transfer_set = make_transfer_set(
            Classification(np.arange(n_classes)),
            np.zeros((n_rows, 1), np.float32),
            self.targets,
            self.labels,
            rng.uniform(0.2, 3.0, n_rows),
            share,
        )
        n_units = 1 if n_classes == 2 else n_classes
        self.units = 3.0 * rng.standard_normal((n_rows, n_units))

    def expected(self, loss, temperature):
        """Return the losses of the rows, by the formulas of the oracle."""
        q = oracle.softmax(self.targets / temperature)
        if loss == "logit_mse":
            base = self.targets[:, :1]
            if self.n_classes > 2:
                base = self.targets.mean(axis=1, keepdims=True)
            q = self.targets - base
        return oracle.row_losses(
            oracle.all_logits([self.units]),
            q,
            np.maximum(self.labels, 0),
            self.transfer_set.soft_weight,
            self.transfer_set.hard_weight,
            temperature,
            loss,
        )


CASES = pytest.mark.parametrize(
    ("loss", "temperature"), [("kl", 1.0), ("kl", 3.5), ("logit_mse", 1.0)]
)


@CASES
@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_the_loss_is_that_of_the_formula(n_classes, loss, temperature):
    rows = Rows(n_classes)
    mean_loss = MeanLoss(rows.transfer_set, np.arange(17), loss, temperature)
    found, _ = mean_loss(rows.units)
    assert_allclose(found, rows.expected(loss, temperature).mean(), rtol=1e-10)


@CASES
@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_slopes_are_numerical_derivatives(n_classes, loss, temperature):
    rows = Rows(n_classes, seed=1)
    mean_loss = MeanLoss(rows.transfer_set, np.arange(17), loss, temperature)
    _, slopes = mean_loss(rows.units)
    shape = rows.units.shape
    numerical = approx_fprime(
        rows.units.ravel(), lambda units: mean_loss(units.reshape(shape))[0], 1e-6
    )
    assert_allclose(slopes.ravel(), numerical, atol=2e-6)


def test_some_rows_count_alone():
    rows = Rows(3)
    some = np.array([2, 5, 11])
    found, slopes = MeanLoss(rows.transfer_set, some, "kl", 1.0)(rows.units[some])
    assert_allclose(found, rows.expected("kl", 1.0)[some].mean(), rtol=1e-10)
    assert slopes.shape == (3, 3)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("size", [1e3, 1e8])
def test_great_logits_do_not_overflow(n_classes, size):
    rows = Rows(n_classes)
    mean_loss = MeanLoss(rows.transfer_set, np.arange(17), "kl", 1.0)
    with np.errstate(over="raise", invalid="raise"):
        loss, slopes = mean_loss(size * rows.units)
    assert np.isfinite(loss)
    assert np.isfinite(slopes).all()
