"""Boosted trees in their libraries' own form as teachers.

The estimators of these libraries, such as `XGBClassifier`, need no adapter. Here are
the `Booster` of XGBoost and that of LightGBM, and `catboost.CatBoost`.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.outputs import NUMBERS

# Beginnings of the objectives of which the answers tell no classes. A booster that was
# trained with a function of the user has the name of a default objective.
_NO_CLASSES = {
    "xgboost": (
        *("reg:", "rank:", "count:", "survival:", "multi:softmax", "binary:hinge"),
    ),
    "lightgbm": (
        *("regression", "huber", "fair", "poisson", "quantile", "mape", "gamma"),
        *("tweedie", "lambdarank", "rank_"),
    ),
}
# Methods of boosters that count their trees, by library.
_N_TREES = {"xgboost": "num_boosted_rounds", "lightgbm": "num_trees"}
# Objectives whose answers are labels, with those that give probabilities.
_WITH_PROBABILITIES = {
    "multi:softmax": 'that gives them, "multi:softprob"',
    "binary:hinge": 'that gives them, "binary:logistic"',
}
_SAME_AS_BINARY = "reg:logistic"
_CLASSES_OF_CATBOOST = ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll")
# Beginnings of the objectives whose answers are of classes.
_OF_CLASSES = {
    "xgboost": ("binary:", "multi:"),
    "lightgbm": ("binary", "multiclass", "cross_entropy", "xentropy"),
    "catboost": _CLASSES_OF_CATBOOST,
}
# Objectives of CatBoost whose numbers are the exponentials of raw scores.
_EXPONENTIAL = ("Poisson", "Tweedie", "LogLinQuantile")


class BoosterTeacher(ModelAdapter):
    """A booster of XGBoost, LightGBM or CatBoost as a classifier or a regressor.

    The booster is never copied, and a clone of the adapter shares it. It gets the rows
    as they are given, with the names and types of their columns.

    Parameters
    ----------
    booster : xgboost.Booster, lightgbm.Booster or catboost.CatBoost
        Trained booster.
    output : {"auto", "logits", "log_proba", "proba", "numbers"}, default="auto"
        Meaning of the outputs: see `TorchTeacher`. With "logits" the booster is asked
        for its raw scores, whatever its objective is. This suits an objective that is a
        function of yours.
    classes : array-like of shape (n_classes,), default=None
        Label of each output. None stands for the labels of y in sorted order, or for
        0, 1, ... without y. CatBoost knows its labels.
    prepare : callable, default=None
        Function that makes the booster's input of the rows, as they were given. For
        XGBoost it may return a `DMatrix`.
    batch_size : int, default=None
        Number of rows that the booster gets at once. None takes as many as have 16 MiB
        of input and output.

    Attributes
    ----------
    output_ : {"logits", "log_proba", "proba", "numbers"}
        Meaning of the outputs, once it is decided.
    classes_ : ndarray of shape (n_classes,)
        Labels of the outputs. It is absent if they are not known.

    See Also
    --------
    TorchTeacher : A PyTorch module.

    Examples
    --------
    >>> import numpy as np, xgboost  # doctest: +SKIP
    >>> from skdistill.teachers import BoosterTeacher
    >>> X = np.arange(20.0).reshape(10, 2)
    >>> rows = xgboost.DMatrix(X, np.arange(10) % 3)  # doctest: +SKIP
    >>> objective = {"objective": "multi:softprob", "num_class": 3}
    >>> booster = xgboost.train(objective, rows, 2)  # doctest: +SKIP
    >>> BoosterTeacher(booster).predict_proba(X).shape  # doctest: +SKIP
    (10, 3)
    """

    _model_parameter = "booster"
    _needed = "a trained booster of XGBoost, LightGBM or CatBoost"
    _kinds: ClassVar = {
        ("xgboost", "Booster"),
        ("lightgbm", "Booster"),
        ("catboost", "CatBoost"),
    }

    def __init__(
        self,
        booster: Any,
        output: str = "auto",
        classes: Any = None,
        prepare: Callable | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.booster = booster
        self.output = output
        self.classes = classes
        self.prepare = prepare
        self.batch_size = batch_size

    def check_parameters(self) -> None:
        """Raise if a parameter is wrong, or if the booster was never trained."""
        super().check_parameters()
        library = self._library
        if library in _N_TREES and not self._n_trees:
            raise ValueError(
                f"{self._called} has no trees: train it, {library}.train(parameters, "
                f"rows), or load a trained one, {library}.Booster(model_file=path)"
            )

    @property
    def _n_trees(self):
        """Number of the rounds that the booster was trained for."""
        try:
            return getattr(self.booster, _N_TREES[self._library])()
        except Exception:  # XGBoost cannot count those of a booster without columns.
            return 0

    @property
    def model_name(self) -> str:
        """Name of the model in messages, with its library."""
        return f"{type(self.booster).__name__} of {self._library}"

    @property
    def _library(self):
        """Name of the booster's library, in small letters."""
        roots = {kind.__module__.split(".")[0] for kind in type(self.booster).__mro__}
        return next(
            (name for name in ("xgboost", "lightgbm", "catboost") if name in roots), ""
        )

    @property
    def n_features_in_(self) -> int:
        """Number of columns that the booster knows. Absent with `prepare`."""
        self._raise_if_prepared("n_features_in_")
        if self._library == "lightgbm":
            return self.booster.num_feature()
        if self._library == "xgboost":
            return self.booster.num_features()
        return len(self.booster.feature_names_)

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns that the booster knows. Absent without names."""
        self._raise_if_prepared("feature_names_in_")
        if self._library == "lightgbm":
            names, made = self.booster.feature_name(), "Column_{}"
        elif self._library == "xgboost":
            names, made = self.booster.feature_names or [], "{}"
        else:
            names, made = self.booster.feature_names_, "{}"
        if names == [made.format(number) for number in range(len(names))]:
            raise AttributeError(f"{self.model_name} has no names of columns")
        return np.array(names, dtype=object)

    def _raise_if_prepared(self, attribute):
        """Raise if the booster does not get the columns of the rows."""
        if self.prepare is not None:
            raise AttributeError(
                f"{type(self).__name__} with prepare has no {attribute}"
            )

    def _known_classes(self):
        known = super()._known_classes()
        if known is None and self._library == "catboost":
            found = np.asarray(self.booster.classes_)
            return found if found.size else None
        return known

    def _inputs(self, X):
        return X if self.prepare is None else self.prepare(X)

    def _ask(self, inputs):
        ways = {"xgboost": self._xgboost, "lightgbm": self._lightgbm}
        return ways.get(self._library, self._catboost)(inputs)

    def _xgboost(self, inputs):
        import xgboost

        self._check_objective()
        if not isinstance(inputs, xgboost.DMatrix):
            named = (
                {}
                if hasattr(inputs, "columns")
                else {
                    "feature_names": self.booster.feature_names,
                    "feature_types": self.booster.feature_types,
                }
            )
            inputs = xgboost.DMatrix(inputs, enable_categorical=True, **named)
        found, known = inputs.num_col(), self.booster.num_features()
        if found != known:
            # The booster itself would take the columns that are absent as missing.
            raise ValueError(f"the rows have {found} columns, and it knows {known}")
        return self.booster.predict(inputs, output_margin=self._wants_scores)

    def _lightgbm(self, inputs):
        self._check_objective()
        return self.booster.predict(inputs, raw_score=self._wants_scores)

    def _catboost(self, inputs):
        if not self.booster.is_fitted():
            raise ValueError(f"{self._called} is not fitted: train it first")
        if self._wants_scores:
            return self.booster.predict(inputs, prediction_type="RawFormulaVal")
        loss = self._objective
        if self.output == NUMBERS:
            form = "Exponent" if loss.startswith(_EXPONENTIAL) else "RawFormulaVal"
            return self.booster.predict(inputs, prediction_type=form)
        if not loss.startswith(_CLASSES_OF_CATBOOST):
            raise self._no_classes(loss)
        return self.booster.predict(inputs, prediction_type="Probability")

    @property
    def _wants_scores(self):
        """Whether the booster is asked for its raw scores."""
        return self.output == "logits"

    @property
    def _objective(self):
        """Name of the objective that the booster was trained with."""
        if self._library == "xgboost":
            config = json.loads(self.booster.save_config())
            return config["learner"]["objective"]["name"]
        if self._library == "lightgbm":
            return self.booster.dump_model(num_iteration=1).get("objective", "")
        return str(self.booster.get_all_params().get("loss_function", ""))

    def _sign_of_classes(self):
        is_trained = self._library != "catboost" or self.booster.is_fitted()
        objective = self._objective if is_trained else ""
        if objective.startswith(_OF_CLASSES[self._library]):
            return f"its objective is {objective!r}"
        return "" if self._library == "catboost" else super()._sign_of_classes()

    def _check_objective(self):
        """Raise if answers of the objective are no probabilities of classes."""
        if self._wants_scores or self.output == NUMBERS:
            return
        objective = self._objective
        no_classes = objective.startswith(_NO_CLASSES[self._library])
        if no_classes and objective != _SAME_AS_BINARY:
            raise self._no_classes(objective)

    def _no_classes(self, objective):
        better = _WITH_PROBABILITIES.get(objective, "for classes")
        return ValueError(
            f"{self._called} has the objective {objective!r}, whose answers are no "
            f"probabilities of classes: train it with an objective {better}. If its "
            f'raw scores are logits, give {self._call}output="logits"). '
            "DistilledRegressor learns from a booster that predicts numbers"
        )
