"""Constraints of the parameters that all distilled estimators share."""

from numbers import Integral, Real
from os import PathLike
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator

from skdistill.common.sklearn_compat import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
)
from skdistill.inputs.encoder import TabularEncoder
from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.student.quantization import WEIGHT_DTYPES

SHARED_CONSTRAINTS: dict[str, list[Any] | str] = {
    "teacher": "no_validation",  # `check_kind` tells what to give.
    "cv": ["cv_object", StrOptions({"auto", "oob"})],
    "calibrate_teacher": [
        StrOptions({"auto", "refit"}),
        Options(bool, {False}),
        Options(np.bool_, {np.False_}),
    ],
    "hint_weight": [Interval(Real, 0, 1, closed="left")],
    "synthesizer": [StrOptions({"auto"}), HasMethods(["fit", "sample"]), None],
    "n_synthetic": [
        StrOptions({"auto"}),
        Interval(Integral, 1, None, closed="left"),
    ],
    "max_query_seconds": [None, Interval(Real, 0, None, closed="neither")],
    "synthetic_share": [
        StrOptions({"auto"}),
        Interval(Real, 0, 1, closed="left"),
    ],
    "teacher_share": [
        StrOptions({"auto"}),
        Interval(Real, 0, 1, closed="both"),
    ],
    "encoder": [StrOptions({"auto"}), TabularEncoder, FrozenEstimator, None],
    "hidden_layer_sizes": [
        StrOptions({"auto"}),
        "array-like",
        Interval(Integral, 1, None, closed="left"),
    ],
    "max_terms": [
        Interval(Integral, 1, None, closed="left"),
        StrOptions({"auto"}),
        None,
    ],
    "activation": [StrOptions(set(ACTIVATION_NUMBERS))],
    "monotonic_cst": ["array-like", dict, None],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "batch_size": [
        StrOptions({"auto"}),
        Interval(Integral, 1, None, closed="left"),
    ],
    "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "weight_decay": [
        StrOptions({"auto"}),
        Interval(Real, 0, None, closed="left"),
    ],
    "weight_dtype": [StrOptions({"auto", *WEIGHT_DTYPES})],
    "early_stopping": ["boolean"],
    "scoring": [str, callable],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "target_score": [None, Interval(Real, None, None, closed="neither")],
    "warm_start": ["boolean"],
    "random_state": ["random_state"],
    "memory": [str, PathLike, HasMethods("cache"), None],
    "checkpoint": [str, PathLike, None],
    "n_jobs": [
        Interval(Integral, 1, None, closed="left"),
        Interval(Integral, None, -1, closed="right"),
        None,
    ],
    "verbose": ["verbose"],
}
