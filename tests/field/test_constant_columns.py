"""Columns that are constant, as good as constant, or small beside all others."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from skdistill import DistilledClassifier, TabularEncoder
from skdistill.inputs.standardization import Standardization

ENCODERS = [None, "auto"]


def rows(seed=0):
    return np.random.default_rng(seed).normal(size=(300, 4))


def teacher_of(scale):
    """Return a teacher that divides by the scale, and then reads columns 0 and 1."""

    def teacher(X):
        X = X.toarray() if scipy.sparse.issparse(X) else np.asarray(X)
        second = 1 / (1 + np.exp(-4 * (X / scale)[:, :2].sum(axis=1)))
        return np.column_stack([1 - second, second])

    return teacher


def fit(X, scale, encoder):
    teacher = teacher_of(scale)
    model = DistilledClassifier(
        teacher,
        encoder=encoder,
        hidden_layer_sizes=(16,),
        n_synthetic=500,
        max_iter=40,
        random_state=0,
    )
    return model.fit(X, teacher(X).argmax(axis=1))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("tiny", [1e-34, 1e-300])
def test_embeddings_with_columns_that_are_as_good_as_constant(encoder, tiny):
    scale = np.array([1.0, 1.0, tiny, 1.0])
    X = rows() * scale
    with pytest.warns(
        UserWarning, match="columns of X count as constant: 2. "
    ) as caught:
        model = fit(X, scale, encoder)
    assert len(caught) == 1
    labels = teacher_of(scale)(X).argmax(axis=1)
    assert model.score(X, labels) > 0.95
    # The column has no effect, whatever its value.
    changed = X.copy()
    changed[:, 2] = 1e-34
    np.testing.assert_array_equal(model.predict(changed), model.predict(X))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("scale", [1e-28, 1e-10, 1e30])
def test_small_and_large_columns_are_not_constant(encoder, scale):
    X = rows() * scale
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = fit(X, scale, encoder)
    assert model.score(X, teacher_of(scale)(X).argmax(axis=1)) > 0.95


@pytest.mark.parametrize("encoder", ENCODERS)
def test_rows_of_1e_300_are_refused_with_the_remedy(encoder):
    with pytest.raises(ValueError, match="multiply it by a number first.* by [1-9]e"):
        fit(rows() * 1e-300, 1e-300, encoder)
    with pytest.raises(ValueError, match="multiply it by a number first"):
        fit(scipy.sparse.csr_array(rows() * 1e-300), 1e-300, "auto")


def test_the_limit_is_a_share_of_the_median_of_the_deviations():
    X = np.tile([[-1.0], [1.0]], (50, 5)) * [0.0, 1e-21, 1e-19, 1.0, 10.0]
    # The deviations above 0 have the median 0.5.
    with pytest.warns(
        UserWarning, match="constant: 1. .* most 1e-21, .* median is 0.5"
    ):
        standardization = Standardization.learn(X)
    assert standardization.varies.tolist() == [False, False, True, True, True]
    np.testing.assert_allclose(standardization.scale, [1, 1, 1e-19, 1, 10])
    frame = pd.DataFrame(X, columns=list("abcde")).assign(f="text")
    frame.loc[3, "b"] = np.nan
    with pytest.warns(UserWarning, match="columns of X count as constant: 'b'. "):
        encoder = TabularEncoder().fit(frame)
    # A missing value in it is told from the others.
    assert set(encoder.get_feature_names_out()) == {"b", "c", "d", "e"}
    codes = encoder.transform(frame)[:, -1]
    assert codes[3] == 3
    assert (np.delete(codes, 3) == 1).all()


def test_moments_of_columns_whose_squares_vanish():
    X = rows()
    standardization = Standardization.learn(X)
    unit = 2.0**-900
    with pytest.raises(ValueError, match="too small for single precision"):
        Standardization.learn(X * unit)
    mixed = X * [1.0, 2.0**-60, 1.0, 1.0]
    np.testing.assert_array_equal(
        Standardization.learn(mixed).scale[1], standardization.scale[1] * 2.0**-60
    )


@pytest.mark.parametrize("encoder", ["auto", None])
@pytest.mark.parametrize("tiny", [1e-305, 1e-310, 1e-320])
def test_the_remedy_for_rows_without_an_inverse_is_finite(encoder, tiny):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"multiply .* by 1e\+300"):
            fit(rows() * tiny, tiny, encoder)
