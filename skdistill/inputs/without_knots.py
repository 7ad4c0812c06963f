"""The encoder of the same rows without knots, without reading the rows again."""

import numpy as np
from sklearn.base import clone

from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.knots import few_knots
from skdistill.student.input_code import InputCode


def without_knots(encoder: TabularEncoder) -> TabularEncoder:
    """Return the encoder that would have been fitted on the same rows without bins.

    All its numeric features are standardised. A feature that has knots only because it
    has one value, and is missing at times, is dropped.

    Parameters
    ----------
    encoder : TabularEncoder
        Fitted encoder.

    Returns
    -------
    encoder : TabularEncoder
        Fitted encoder with ``n_bins=0``.
    """
    code = encoder.code_
    ends = {
        feature: (knots[0], knots[-1])
        for feature, knots in zip(code.knotted, code.knots, strict=True)
        if not (encoder.scale_[feature] == 1.0 and _are_around_one_value(knots))
    }
    linear_ends = zip(code.low, code.high, strict=True)
    ends |= dict(zip(code.linear, linear_ends, strict=True))
    linear = sorted(ends)
    other = clone(encoder).set_params(n_bins=0)
    learned = {name: value for name, value in vars(encoder).items() if name[-1] == "_"}
    vars(other).update(learned)
    other.code_ = InputCode(
        code.n_features,
        linear=linear,
        low=[ends[feature][0] for feature in linear],
        high=[ends[feature][1] for feature in linear],
        mean=(encoder.mean_ - encoder.offsets_)[linear],
        scale=encoder.scale_[linear],
        knotted=[],
        knots=[],
        categorical=code.categorical,
        levels=code.levels,
        texts=code.texts,
    )
    return other


def _are_around_one_value(knots):
    """Tell whether knots are those that one value gets."""
    return np.array_equal(knots, few_knots(knots[1:2]))
