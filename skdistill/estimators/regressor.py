"""The estimator that distils a regressor."""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from skdistill.common.sklearn_compat import Interval, StrOptions
from skdistill.estimators.parameters import SHARED_CONSTRAINTS
from skdistill.estimators.regression import RegressionMethods
from skdistill.tasks.numbers import Regression
from skdistill.training.scores import LOSS


class DistilledRegressor(RegressionMethods):
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
    teacher : estimator, callable, path, dict or "precomputed", default=None
        Regressor to distil, fitted or not, a function ``f(X)`` that returns numbers, a
        trained model of another library, or a path, as `DistilledClassifier` takes
        them. Stored answers, "precomputed", come to `fit` as `teacher_prediction`. For
        several quantiles it is a dict of their levels and of one regressor each. None
        trains a forest of 200 trees, and boosted trees for quantiles.
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None, default="auto"
        Source of the teacher's answers for labelled rows: see `DistilledClassifier`.
    calibrate_teacher : {"auto", "refit"} or False, default="auto"
        Whether to calibrate the teacher's numbers, and on which rows: see
        `DistilledClassifier`. They are multiplied by a slope and get an offset, with
        which they fit y best on rows that the teacher was not trained on. The slope is
        drawn to 1 as by ten rows more. Quantiles and medians get an offset alone.
        Unless it is False, a student that learns quantiles from y alone is calibrated
        too: see `student_offset_`.
    distillation_weight : float or "auto", default="auto"
        Share of the soft term in the loss of a labelled row, between 0 and 1. "auto" is
        0.3 plus 0.7 times the share of the variance of y that the teacher does not
        explain on unseen rows: the more of y is noise, the more of the teacher. Below a
        `teacher_share_` of 1/2, it is multiplied by twice that share.
    loss : {"squared_error", "huber", "absolute_error", "quantile"}, \
default="squared_error"
        Loss of a row.

        - "squared_error": as above. The student learns the mean of y.
        - "huber": squared errors up to a threshold, and absolute ones beyond it. The
          threshold is 1.35 standard deviations of the teacher's errors on unseen rows,
          and 1 deviation of y if there are none.
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
    synthesizer : estimator with `sample`, "auto" or None, default="auto"
        Source of synthetic rows: see `DistilledClassifier`.
    n_synthetic : int or "auto", default="auto"
        Number of synthetic rows: see `DistilledClassifier`. "auto" is 20,000 at most.
    max_query_seconds : float, default=None
        Approximate time that the teacher may take for all its answers, in seconds.
    synthetic_share : float or "auto", default="auto"
        Share of synthetic rows in an epoch. "auto" is 0.25.
    teacher_share : float or "auto", default="auto"
        Share of the teacher in the soft targets f, between 0 and 1. Students of y alone
        have the rest. "auto" weighs each of the two by the loss of the other, on labels
        that neither has seen. A teacher that was given fitted, and has no answers for
        such labels, has at least half. It has less if it is far from these students: if
        the mean squared distance of the two on synthetic rows is above the squared
        error of the students on unseen labels. With the distance d and the error e, the
        share is then multiplied by 2 e / (e + d). Quantiles have no such factor.
    encoder : TabularEncoder, FrozenEstimator, "auto" or None, default="auto"
        Encoder of the columns: see `DistilledClassifier`. If levels and bins have more
        than 320 rows of weights, "auto" deals fewer bins, 192 at least. So the file of
        a table of 30 columns has at most 56 KiB. For several targets, "auto" deals 128
        bins: fewer knots for each column are then more accurate.
    hidden_layer_sizes : int, sequence of int or "auto", default="auto"
        Number of units of each hidden layer: see `DistilledClassifier`.
    max_terms : int, "auto" or None, default=None
        Greatest number of columns of sparse rows that the student reads.
    activation : {"relu", "tanh", "logistic", "silu"}, default="relu"
        Activation of the hidden layers.
    monotonic_cst : array-like of int of shape (n_features,), dict or None, default=None
        Columns in which the answer may only rise (1) or only fall (-1): see
        `DistilledClassifier`. It needs ``hidden_layer_sizes=()`` and one target.
    learning_rate_init : float, default=0.02
        Greatest learning rate.
    batch_size : int or "auto", default="auto"
        Number of rows of a step: see `DistilledClassifier`.
    max_iter : int or "auto", default="auto"
        Number of epochs: see `DistilledClassifier`. For several targets, "auto" makes
        three times the steps.
    weight_decay : float or "auto", default="auto"
        Decoupled decay of the weights, as `DistilledClassifier` chooses it. The loss of
        numbers takes the place of the log-loss of labels.
    weight_dtype : {"auto", "int8", "float16", "float32"}, default="auto"
        Type that the student's weights are rounded to. "auto" takes the fewest bytes
        that change the answers by 0.01 deviations of y at most, as a mean over rows.
    early_stopping : bool, default=False
        Whether to hold rows out, and to stop when their score no longer improves: see
        `DistilledClassifier`.
    scoring : {"loss", "agreement"}, str or callable, default="loss"
        Score that early stopping watches; greater is better. "agreement" is R² of the
        student's answers, with those of the teacher as the truth.
    validation_fraction : float, default=0.1
        Share of the given rows that early stopping holds out.
    n_iter_no_change : int, default=10
        Number of epochs without an improvement by `tol` after which early stopping
        cools down and stops.
    tol : float, default=1e-4
        Least improvement of the score that counts.
    target_score : float or None, default=None
        Score at which training cools down and ends, with early stopping.
    warm_start : bool, default=False
        Whether to start from the weights of the former `fit`, and keep its encoder.
    random_state : int, RandomState instance or None, default=None
        Seed of all draws, also for a teacher that `fit` fits.
    memory : str, path-like, object with the interface of joblib.Memory or None, \
default=None
        Folder in which the fitted teacher and its answers are kept: see
        `DistilledClassifier`. Its files run code when they are read.
    checkpoint : str, path-like or None, default=None
        Folder in which the state of the student's training is kept: see
        `DistilledClassifier`.
    n_jobs : int or None, default=None
        Number of threads of `fit`. Any number gives the same student.
    verbose : bool, default=False
        Whether to print the progress.

    Attributes
    ----------
    student_ : Student
        Network that is deployed. It takes raw values.
    teacher_ : estimator, callable, dict or "precomputed"
        Teacher that gave the numbers.
    teacher_reads_ : {"X", "teacher_X"}
        Rows that the teacher reads.
    task_ : Regression
        Task of the student: mean, deviation and range of each target, and the loss.
    encoder_ : TabularEncoder or None
        Fitted encoder; None with ``encoder=None``, and for sparse rows.
    teacher_slope_ : ndarray of shape (n_targets,)
        Slope that multiplies the teacher's numbers; 1 if they are not calibrated.
    teacher_offset_ : ndarray of shape (n_targets,)
        Offset that is then added, in deviations of y.
    student_offset_ : ndarray of shape (n_targets,)
        Offset that the student's quantiles got after the training, in deviations of y.
        It is 0 unless the student learned quantiles from y alone or nearly alone. Such
        quantiles lie too near each other, and rows of y that are held out tell how
        much.
    distillation_weight_ : float
        Share of the soft term in the loss of a labelled row: the number that was given,
        or the one that "auto" chose. A teacher that is left out has no share all the
        same: see `follows_teacher_`.
    teacher_share_ : float
        Share of the teacher in the soft targets.
    cv_ : CvChoice
        Source of the soft targets of labelled rows: see `DistilledClassifier`.
    weight_decay_ : float
        Decay of the weights.
    capacity_ : Capacity or None
        Choice of knots and decay, with all that was tried.
    pruning_ : Pruning or None
        Number of columns that `max_terms` kept.
    synthetic_share_ : float
        Share of synthetic rows in an epoch.
    coefs_ : list of ndarray of shape (n_inputs, n_outputs)
        Weights of the student's layers.
    intercepts_ : list of ndarray of shape (n_outputs,)
        Biases of the student.
    n_layers_ : int
        Number of layers. The input counts as one.
    n_outputs_ : int
        Number of targets, or of quantiles.
    out_activation_ : {"identity"}
        Activation of the output.
    n_iter_ : int
        Number of epochs that were made.
    loss_ : float
        Mean loss in the last epoch.
    loss_curve_ : list of float
        Mean loss in each epoch.
    validation_hard_losses_ : list of float or None
        Labels' part of the loss of the held-out rows after each epoch.
    validation_scores_ : list of float or None
        Score of the held-out rows after each epoch.
    best_validation_score_ : float or None
        Score of the student for the held-out rows.
    best_iter_ : int or None
        Number of the epoch, from 1, whose weights the student has.
    n_transfer_ : int
        Number of rows of the transfer set.
    n_synthetic_ : int
        Number of synthetic rows that the teacher answered for.
    n_steps_ : int
        Number of steps that were made.
    follows_teacher_ : bool
        Whether the student learned from the teacher.
    sensitivity_ : ndarray of shape (n_features,) or None
        Mean change of the teacher's answers when a feature gets the value of another
        row, in deviations of y.
    feature_importances_ : ndarray of shape (n_features,)
        Shares of the features in the sum of `sensitivity_`.
    seen_rows_ : SeenRows
        Sketch of the rows of `fit`.
    fit_seconds_ : float
        Time of `fit`.
    query_seconds_ : float
        Time that `teacher_` took to answer.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`. It is set if X has names that are all strings.

    See Also
    --------
    DistilledClassifier : The same for classes.
    sklearn.compose.TransformedTargetRegressor : Around a teacher and around the
        student, for a y with a long tail.

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
