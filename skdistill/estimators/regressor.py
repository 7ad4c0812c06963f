"""The estimator that distils a regressor."""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score

from skdistill.common.sklearn_compat import Interval, StrOptions
from skdistill.estimators.incremental_numbers import IncrementalNumbers
from skdistill.estimators.parameters import SHARED_CONSTRAINTS
from skdistill.estimators.student_answers import StudentAnswers
from skdistill.estimators.targets import NumberTargets
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression
from skdistill.teachers.resolve import is_used_as_given
from skdistill.teachers.teacher import Teacher
from skdistill.training.scores import LOSS


class DistilledRegressor(RegressorMixin, StudentAnswers, IncrementalNumbers):
    """Distil a regressor into a small network.

    The teacher is any regressor. It answers for the training rows, and for rows that
    are drawn between them. The student is a multilayer perceptron of a few tens of
    kilobytes. It learns from these answers and from y. Only the student, `student_`,
    has to be deployed.

    Take a row with the number y, the teacher's number f and the student's z, all in
    deviations of y. With the distillation weight w, the loss of the row is::

        (w * (z - f)**2 + (1 - w) * (z - y)**2) / 2

    The first part is the soft term, and the second the hard term. A row without a
    number has the soft term alone, with w = 1.

    Parameters
    ----------
    teacher : estimator, callable, path or "precomputed", default=None
        Regressor to distil, with the meaning of `DistilledClassifier`: fitted or not,
        a function ``f(X)`` that returns numbers, a trained model of another library,
        a path, or stored answers, which come to `fit` as `teacher_prediction`. None
        trains a forest of 200 trees.
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None, default="auto"
        Source of the teacher's answers for labelled rows: see `DistilledClassifier`.
    calibrate_teacher : {"auto", "refit"} or False, default="auto"
        Whether to calibrate the teacher's numbers, and on which rows: see
        `DistilledClassifier`. They are multiplied by a slope and get an offset, with
        which they fit y best on rows that the teacher was not trained on. The slope is
        drawn to 1 as by ten rows more.
    distillation_weight : float or "auto", default="auto"
        Share of the soft term in the loss of a labelled row, between 0 and 1. "auto" is
        0.3 plus 0.7 times the share of the variance of y that the teacher does not
        explain on unseen rows: the more of y is noise, the more of the teacher.
    loss : {"squared_error", "huber", "absolute_error", "quantile"}, \
default="squared_error"
        Loss of a row.

        - "squared_error": as above. The student learns the mean of y.
        - "huber": squared errors up to a threshold, and absolute ones beyond it. The
          threshold is 1.35 standard deviations of the teacher's errors on unseen rows.
        - "absolute_error": the student learns the median of y.
        - "quantile": the pinball loss to y, and the squared error to the teacher's
          answers, which have to be the same quantiles.
    quantile : float or sequence of float, default=0.5
        Level of the quantile that ``loss="quantile"`` learns, between 0 and 1, or
        several levels in rising order. Then `predict` returns a column for each, and
        quantiles never cross.
    clip : bool, default=True
        Whether answers stay within the range of y and of the teacher's answers in
        `fit`. With False the student may extrapolate.
    hint_weight : float, default=0.0
        Share of the training steps that learn a hint: see `DistilledClassifier`.
    synthesizer, n_synthetic, max_query_seconds, synthetic_share
        Synthetic rows: see `DistilledClassifier`.
    teacher_share : float or "auto", default="auto"
        Share of the teacher in the soft targets of rows without labels, between 0 and
        1. Students of y alone have the rest. "auto" weighs each of the two by the loss
        of the other, on labels that neither has seen.
    encoder, hidden_layer_sizes, max_terms, activation
        Input and layers of the student: see `DistilledClassifier`.
    monotonic_cst : array-like of int of shape (n_features,), dict or None, default=None
        Columns in which the answer may only rise (1) or only fall (-1): see
        `DistilledClassifier`. It needs ``hidden_layer_sizes=()`` and one target.
    learning_rate_init, batch_size, max_iter, weight_decay
        Training of the student: see `DistilledClassifier`. Squared errors in deviations
        of y take the place of log-losses of labels.
    weight_dtype : {"auto", "int8", "float16", "float32"}, default="auto"
        Type that the student's weights are rounded to. "auto" takes the fewest bytes
        that change the answers by 0.01 deviations of y at most, as a mean over rows.
    early_stopping, validation_fraction, n_iter_no_change, tol, target_score
        Early stopping: see `DistilledClassifier`.
    scoring : {"loss", "agreement"}, str or callable, default="loss"
        Score that early stopping watches; greater is better. "agreement" is R² of the
        student's answers, with those of the teacher as the truth.
    warm_start, random_state, memory, checkpoint, n_jobs, verbose
        See `DistilledClassifier`.

    Attributes
    ----------
    student_ : Student
        The network that is deployed.
    teacher_ : estimator, callable or "precomputed"
        The teacher that answered.
    n_outputs_ : int
        Number of targets.
    teacher_slope_, teacher_offset_ : ndarray of shape (n_targets,)
        Calibration of the teacher's numbers, which count deviations of y.
    distillation_weight_ : float
        Share of the soft term that "auto" chose. It is absent if a number was given.
    teacher_share_, weight_decay_, synthetic_share_, capacity_, cv_, sensitivity_
        Choices and measures: see `DistilledClassifier`. The sensitivity is the mean
        change of the answer in deviations of y.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`. It is set if X has names that are all strings.

    See Also
    --------
    DistilledClassifier : The same for classes.
    sklearn.compose.TransformedTargetRegressor : Around a teacher and around the
        student, for an y with a long tail.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> from sklearn.model_selection import train_test_split
    >>> from skdistill import DistilledRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> forest = RandomForestRegressor(random_state=0).fit(X_train, y_train)
    >>> student = DistilledRegressor(forest, random_state=0).fit(X_train, y_train)
    >>> student.predict(X_test).shape
    (111,)
    >>> bool(student.score(X_test, y_test) > forest.score(X_test, y_test))
    True
    """

    targets = NumberTargets()
    task_kind = "numbers"

    _parameter_constraints: ClassVar[dict] = {
        **SHARED_CONSTRAINTS,
        "distillation_weight": [
            StrOptions({"auto"}),
            Interval(Real, 0, 1, closed="both"),
        ],
        "loss": [StrOptions(set(Regression.losses))],
        "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
        "clip": ["boolean"],
    }

    def __init__(
        self,
        teacher: Any = None,
        *,
        cv: Any = "auto",
        calibrate_teacher: bool | str = "auto",
        distillation_weight: float | str = "auto",
        loss: str = "squared_error",
        quantile: float | Sequence[float] = 0.5,
        clip: bool = True,
        hint_weight: float = 0.0,
        synthesizer: Any = "auto",
        n_synthetic: int | str = "auto",
        max_query_seconds: float | None = None,
        synthetic_share: float | str = "auto",
        teacher_share: float | str = "auto",
        encoder: Any = "auto",
        hidden_layer_sizes: int | Sequence[int] | str = "auto",
        max_terms: int | str | None = None,
        activation: str = "relu",
        monotonic_cst: Any = None,
        learning_rate_init: float = 0.02,
        batch_size: int | str = "auto",
        max_iter: int | str = "auto",
        weight_decay: float | str = "auto",
        weight_dtype: str = "auto",
        early_stopping: bool = False,
        scoring: str | Callable[..., float] = LOSS,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        target_score: float | None = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        memory: Any = None,
        checkpoint: Any = None,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.teacher = teacher
        self.cv = cv
        self.calibrate_teacher = calibrate_teacher
        self.distillation_weight = distillation_weight
        self.loss = loss
        self.quantile = quantile
        self.clip = clip
        self.hint_weight = hint_weight
        self.synthesizer = synthesizer
        self.n_synthetic = n_synthetic
        self.max_query_seconds = max_query_seconds
        self.synthetic_share = synthetic_share
        self.teacher_share = teacher_share
        self.encoder = encoder
        self.hidden_layer_sizes = hidden_layer_sizes
        self.max_terms = max_terms
        self.activation = activation
        self.monotonic_cst = monotonic_cst
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.weight_decay = weight_decay
        self.weight_dtype = weight_dtype
        self.early_stopping = early_stopping
        self.scoring = scoring
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.target_score = target_score
        self.warm_start = warm_start
        self.random_state = random_state
        self.memory = memory
        self.checkpoint = checkpoint
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # `RegressorMixin` sets it, whatever the teacher.
        tags.target_tags.required = not is_used_as_given(self.teacher)
        tags.target_tags.multi_output = self.loss != "quantile"
        return tags

    def make_task(
        self, teacher: Teacher | None, y: Any, weights: Any = None
    ) -> Regression:
        """Return the task that labels set: see `Regression.of`.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None before it is fitted.
        y : ndarray of shape (n_samples,) or (n_samples, n_targets), or None
            Numbers.
        weights : ndarray of shape (n_samples,) or None, default=None
            Weights of the rows. Rows without a weight do not count.

        Returns
        -------
        task : Regression
        """
        return Regression.of(y, self._number_loss(y), self.clip, weights)

    def _number_loss(self, y):
        """Return the loss of the parameters. Raise if its quantiles do not suit."""
        if self.loss != "quantile":
            return NumberLoss(self.loss)
        levels = np.atleast_1d(self.quantile)
        is_row = levels.ndim == 1 and levels.size > 0
        if not is_row or not (np.diff([0.0, *levels, 1.0]) > 0.0).all():
            raise ValueError(
                f"quantile={self.quantile!r:.100}: give a number between 0 and 1, or "
                "several in rising order"
            )
        if y is not None and y.ndim > 1:
            raise ValueError(
                f'loss="quantile" learns quantiles of one target, and y has shape '
                f"{y.shape}: fit one estimator for each target, MultiOutputRegressor("
                "estimator)"
            )
        return NumberLoss(self.loss, tuple(map(float, levels)))

    def publish_task(self, task: Any) -> None:
        """Do nothing: the student tells the number of targets, `n_outputs_`."""

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict numbers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        numbers : ndarray of shape (n_samples,) or (n_samples, n_targets), float64
            A column for each target, or for each of several quantiles.
        """
        return self.ask_student("predict", X)

    def score(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return R² of the predicted numbers, or D² of quantiles.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            R², as a mean over the targets. With ``loss="quantile"`` it is D² of the
            pinball loss, as a mean over the levels: see
            `sklearn.metrics.d2_pinball_score`.
        """
        return self.score_of(self.predict(X), y, sample_weight)

    def score_of(
        self, predicted: NDArray[Any], y: ArrayLike, sample_weight: Any = None
    ) -> float:
        """Return the score of numbers that were predicted: see `score`.

        Parameters
        ----------
        predicted : ndarray of shape (n_samples,) or (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
        """
        if self.loss != "quantile":
            return float(r2_score(y, predicted, sample_weight=sample_weight))
        scores = [
            d2_pinball_score(y, answers, sample_weight=sample_weight, alpha=level)
            for answers, level in zip(
                predicted.reshape(len(predicted), -1).T,
                np.atleast_1d(self.quantile),
                strict=True,
            )
        ]
        return float(np.mean(scores))
