"""The estimator that distils a classifier."""

import contextlib
import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from numbers import Integral, Real
from time import perf_counter
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse, vstack
from scipy.special import log_expit, log_softmax
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.validation import check_is_fitted, has_fit_parameter, validate_data

from skdistill.common.progress import Task
from skdistill.common.sklearn_compat import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
    num_samples,
    safe_indexing,
)
from skdistill.estimators.arguments import (
    check_arguments,
    check_sparse_arguments,
    hidden_units,
)
from skdistill.estimators.diagram import visual_block
from skdistill.estimators.rows import (
    AS_SPARSE,
    check_table,
    check_unlabeled,
    check_weights,
    class_factors,
    column_numbers,
    restored_on_failure,
)
from skdistill.estimators.seen_rows import SeenRows, student_rows
from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.standardization import Standardization
from skdistill.inputs.tabular import (
    EncodedInput,
    PlainInput,
    SparseInput,
    smallest_faithful,
)
from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.tables.read import as_table, concatenate, number_table
from skdistill.teachers.scikit_learn import (
    PRECOMPUTED,
    ask_teacher,
    check_probabilities,
    check_teacher,
    default_teacher,
    fit_teacher,
    is_fitted,
    teacher_classes,
    warn_if_nearly_one_hot,
    warn_if_worse_than_constant,
    warn_weights_ignored,
    warn_worse_than_labels,
)
from skdistill.teachers.sensitivity import feature_sensitivity
from skdistill.teachers.unseen import out_of_fold, unseen_answers
from skdistill.training.epochs import LOSSES
from skdistill.training.loop import TrainingOptions, auto_epochs, train
from skdistill.training.observer import student_attributes, watched_training
from skdistill.training.recipe import Answers, Probes, choose_recipe
from skdistill.training.stopping import LOSS
from skdistill.transfer.synthesis import NeighborInterpolation
from skdistill.transfer.transfer_set import (
    GivenRows,
    Lessons,
    make_transfer_set,
    teacher_logits,
    with_synthetic,
)

_LARGEST_BATCH = 256

# Seconds up to which a teacher counts as fast.
_SHORT_CALL = 0.2

# Rows on which weights of fewer bits are compared with the exact ones.
_ROWS_TO_COMPARE = 1000


class Randomness(NamedTuple):
    """Random numbers of each part of a fit, which do not depend on the others."""

    teacher: np.random.RandomState
    unseen: np.random.RandomState
    synthetic: np.random.RandomState
    sensitivity: np.random.RandomState
    recipe: np.random.RandomState
    start: np.random.RandomState
    training: np.random.RandomState

    @classmethod
    def draw(cls, random_state):
        """Seed all parts."""
        random_state = check_random_state(random_state)
        highest = np.iinfo(np.int32).max
        seeds = random_state.randint(highest, size=len(cls._fields))
        return cls(*map(np.random.RandomState, seeds))


class DistilledClassifier(
    CallbackSupportMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Distil a classifier into a small network.

    A teacher, any classifier with probabilities or a decision function, labels
    the training rows with class probabilities, and a multilayer perceptron of a
    few tens of kilobytes learns from them and from the true labels [1]_. The
    network, `student_`, is all that has to be deployed.

    The loss of a row with label y, teacher probabilities q at temperature T and
    logits z of the student is, with the distillation weight w::

        w * T**2 * KL(q || softmax(z / T)) + (1 - w) * cross_entropy(y, z)

    Parameters
    ----------
    teacher : estimator, callable or "precomputed", default=None
        The classifier to distil.

        - A fitted estimator is used as it is: it is never altered, and clones of
          this estimator share it, so that a grid search fits it no more. The
          teacher has then seen the validation rows of every fold; scores compare
          students, they are not estimates on new data.
        - An unfitted estimator is cloned and fitted in `fit`, so inside each
          fold.
        - A callable ``f(X)`` returns probabilities of shape (n_samples,
          n_classes), columns in sorted order of the labels, or as its attribute
          `classes_` says.
        - "precomputed": probabilities come with `fit` as `teacher_proba`.
        - None: a `RandomForestClassifier` of 200 trees.
    cv : int, cross-validation splitter, iterable, "oob" or None, default=None
        Where the soft targets of labelled rows come from, for an unfitted
        teacher: None, from the teacher fitted on these rows; "oob", from those
        of its members that left a row out of their bootstrap sample; else from
        clones fitted on the other folds. `teacher_` is fitted on all rows in any
        case. For teachers that only repeat the labels of rows they know; tree
        teachers lose accuracy by it.
    calibrate_teacher : bool, "auto" or "refit", default="auto"
        Whether the teacher's probabilities are brought to the temperature at
        which they fit labels best, `teacher_temperature_` (Guo et al. 2017).
        It is found on rows that the teacher was not trained on:

        - "auto" or True: on the out-of-bag rows of a random forest, of extremely
          randomised trees or of bagging that drew bootstrap samples, fitted on
          these rows, also as the last step of a pipeline. Of another teacher
          that is fitted here, on 15 % of the rows with a clone fitted on the
          others. Another teacher that was given fitted is never fitted again: a
          student trained on its answers for most rows stands for it on the
          others.
        - "refit": with a clone fitted on 85 % of the rows, also of a teacher that
          was given fitted.
        - False: the probabilities are taken as they are.

        Needs labels; without them nothing is changed.
    temperature : float, default=1.0
        Softens (above 1) or sharpens both the teacher's and the student's
        probabilities in the soft term; between 0.01 and 100. Not used by
        ``loss="logit_mse"``.
    distillation_weight : float, default=0.3
        Share of the soft term in the loss of a labelled row, between 0 and 1.
    loss : {"kl", "logit_mse"}, default="kl"
        The soft term: the divergence above, or half the squared distance of
        the student's logits from the teacher's [2]_.
    class_weight : dict, "balanced" or None, default=None
        Factors of the weight of a row by its class, as in scikit-learn's
        classifiers; where a row has no label, by its classes as the teacher sees
        them. The teacher is not weighted by it. "balanced" counts labels.
    synthesizer : estimator with `sample`, "auto" or None, default="auto"
        Draws rows near those given, which the teacher labels: they show what it
        does between the rows. "auto" is `NeighborInterpolation()`. None, and
        a teacher that cannot be asked, for none.
    n_synthetic : int or "auto", default="auto"
        How many such rows are drawn. "auto" is five for each row given, at least
        2,000 and at most 30,000, fewer where the teacher would take more than
        about 10 seconds for them.
    synthetic_share : float or "auto", default="auto"
        The share of synthetic rows in an epoch, which takes every row given once.
    teacher_share : float or "auto", default="auto"
        The teacher's share in the soft targets of rows without labels, between 0
        and 1. The other share is that of a student trained on the labels of 88 %
        of the rows: their probabilities are a weighted geometric mean. "auto"
        weighs each by the log-loss of the other on labels that neither has seen,
        0.5 at least where a student stands for the teacher. With fewer than
        100 labels it is 1. Give 1 where the rows without labels are unlike those
        with one. A number given also keeps a teacher that is clearly worse than
        labels alone, and is else left out.
    encoder : TabularEncoder, "auto" or None, default="auto"
        How the student sees the columns: numbers by their place among knots,
        dealt to the columns by their importance to the teacher, categories and
        missing values by rows of their own. "auto" is `TabularEncoder()`. None
        for columns that are finite numbers: they are taken as they are, and
        standardised in training.
    hidden_layer_sizes : int or sequence of int, default=(128, 64)
        Units of the hidden layers. Empty for none: a distilled logistic
        regression.
    activation : {"relu", "tanh", "logistic", "silu"}, default="relu"
        Activation of the hidden layers.
    learning_rate_init : float, default=0.02
        The learning rate at its greatest. It rises to this in the first
        twentieth of all steps and falls to zero along half a cosine.
    batch_size : int or "auto", default="auto"
        Rows a step; "auto" is 256, or all rows if they are fewer.
    max_iter : int or "auto", default="auto"
        Epochs. "auto" makes at least 3,000 steps and 10 epochs.
    weight_decay : float or "auto", default="auto"
        Decoupled decay of the weights: a step multiplies them by ``1 - rate *
        weight_decay`` [3]_. Biases do not decay. "auto" tries 0.1, 0.3, 1, 3 and 10
        in short trainings on the labels of 88 % of the rows and takes the least that
        does on the others about as well as the best; 0.3 without labels.
    weight_dtype : {"auto", "int8", "float16", "float32"}, default="auto"
        What the student's weights are rounded to and stored in. "auto" takes the
        fewest bits that change the probabilities by 0.005 at most, in the mean
        over rows of half the summed differences.
    early_stopping : bool, default=False
        Hold rows out, stop where their score no longer improves, and keep the
        weights at which it was best.
    scoring : {"loss", "agreement"}, str or callable, default="loss"
        The score that early stopping watches; greater is better. Not used without.

        - "loss": the negative mean loss of the rows held out. Needs no labels.
        - "agreement": the share of these rows, by weight, for which teacher and
          student name the same class. Needs no labels.
        - The name of a scorer of scikit-learn's, such as "accuracy", or a callable
          ``f(estimator, X, y)``: of the labelled ones among them. The estimator is
          a copy of this one with the student as it is, in float32. A callable with
          an argument `sample_weight` gets the weights of the rows where they
          differ.
    validation_fraction : float, default=0.1
        The share of rows that is held out. Used by early stopping alone.
    n_iter_no_change : int, default=10
        Epochs without an improvement by `tol` after which early stopping stops.
    tol : float, default=1e-4
        The least improvement of the score that counts.
    warm_start : bool, default=False
        Start from the weights of the former `fit`, and keep its encoder.
    random_state : int, RandomState instance or None, default=None
        Seeds the teacher where it is fitted here and has no seed of its own,
        the initial weights, the order of rows and the held-out rows.
    verbose : bool, default=False
        Print how long each part of a fit took, and the loss and the score of each
        epoch; of more than 50 epochs, of every few.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, in the teacher's order.
    teacher_ : estimator, callable or "precomputed"
        The teacher that gave the probabilities.
    student_ : Student
        The network that is deployed. It takes raw values.
    encoder_ : TabularEncoder or None
        The fitted encoder; None with ``encoder=None``.
    teacher_temperature_ : float
        By which the teacher's logits were divided; 1 where it is not calibrated.
    teacher_share_ : float
        The teacher's share in the targets of rows without labels that was used.
    weight_decay_ : float
        The decay that was used.
    synthetic_share_ : float
        The share of synthetic rows that was used.
    coefs_ : list of ndarray of shape (n_inputs, n_outputs)
        Weights of the student; the first on its linear inputs, beside its knot
        table. With two classes it has one output.
    intercepts_ : list of ndarray of shape (n_outputs,)
        Biases of the student.
    n_layers_ : int
        Number of layers, the input among them.
    n_outputs_ : int
        Number of outputs.
    out_activation_ : {"softmax", "logistic"}
        Activation of the output.
    n_iter_ : int
        Epochs made.
    loss_ : float
        Mean loss in the last epoch.
    loss_curve_ : list of float
        Mean loss in each epoch of the last `fit`.
    validation_hard_losses_ : list of float or None
        Where early stopping watches the loss: the part of it that is the labels',
        after each epoch; what is left is the teacher's. Else None.
    validation_scores_ : list of float or None
        With early stopping, the score of the held-out rows after each epoch.
    best_validation_score_ : float or None
        With early stopping, the greatest of them.
    n_transfer_ : int
        Number of rows of the transfer set, those that early stopping holds out
        among them.
    fit_seconds_ : float
        Time of `fit`, that of the teacher's own fit within it.
    query_seconds_ : float
        Time of it in which `teacher_` was asked.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, where X has names that are all strings.

    See Also
    --------
    Student : The deployable part.
    sklearn.neural_network.MLPClassifier : A network trained on labels alone.

    References
    ----------
    .. [1] G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a
       neural network", 2015.
    .. [2] J. Ba and R. Caruana, "Do deep nets really need to be deep?", NeurIPS
       2014.
    .. [3] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization",
       ICLR 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skdistill import DistilledClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> forest = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> student = DistilledClassifier(forest, random_state=0).fit(X_train, y_train)
    >>> student.student_
    <Student 64-128-64-10 relu, 10 classes, 52.4 KiB>
    >>> bool(student.score(X_test, y_test) > 0.95)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "teacher": [
            None,
            StrOptions({PRECOMPUTED}),
            HasMethods("fit"),
            HasMethods("predict_proba"),
            HasMethods("decision_function"),
            callable,
        ],
        "cv": ["cv_object", StrOptions({"oob"})],
        "calibrate_teacher": ["boolean", StrOptions({"auto", "refit"})],
        "temperature": [Interval(Real, 0.01, 100, closed="both")],
        "distillation_weight": [Interval(Real, 0, 1, closed="both")],
        "loss": [StrOptions(set(LOSSES))],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "synthesizer": [StrOptions({"auto"}), HasMethods(["fit", "sample"]), None],
        "n_synthetic": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "synthetic_share": [
            StrOptions({"auto"}),
            Interval(Real, 0, 1, closed="left"),
        ],
        "teacher_share": [
            StrOptions({"auto"}),
            Interval(Real, 0, 1, closed="both"),
        ],
        "encoder": [StrOptions({"auto"}), TabularEncoder, None],
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "activation": [StrOptions(set(ACTIVATION_NUMBERS))],
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
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        teacher: Any = None,
        *,
        cv: Any = None,
        calibrate_teacher: bool | str = "auto",
        temperature: float = 1.0,
        distillation_weight: float = 0.3,
        loss: str = "kl",
        class_weight: Mapping[Any, float] | str | None = None,
        synthesizer: Any = "auto",
        n_synthetic: int | str = "auto",
        synthetic_share: float | str = "auto",
        teacher_share: float | str = "auto",
        encoder: Any = "auto",
        hidden_layer_sizes: int | Sequence[int] = (128, 64),
        activation: str = "relu",
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
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.teacher = teacher
        self.cv = cv
        self.calibrate_teacher = calibrate_teacher
        self.temperature = temperature
        self.distillation_weight = distillation_weight
        self.loss = loss
        self.class_weight = class_weight
        self.synthesizer = synthesizer
        self.n_synthetic = n_synthetic
        self.synthetic_share = synthetic_share
        self.teacher_share = teacher_share
        self.encoder = encoder
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
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
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        teacher_proba: ArrayLike | None = None,
        X_unlabeled: Any = None,
    ) -> Self:
        """Distil the teacher.

        A `fit` that fails or is interrupted leaves the estimator as it was. But an
        interrupt while the student is trained, once an epoch is done, ends the fit
        with the student as it is, with early stopping the best so far, and a warning.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like, or sparse matrix or array, \
of shape (n_samples, n_features)
            Numbers, text, categories and truth values, which may be missing;
            with ``encoder=None``, and where X is sparse, finite numbers. The
            teacher gets X as it is given, with names and types of its columns,
            and sparse rows as CSR.
        y : array-like of shape (n_samples,), default=None
            Labels. They may be left out where the teacher is fitted or its
            probabilities are given: then the soft term stands alone.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, for the student, and for a teacher that is
            fitted here and accepts them.
        teacher_proba : array-like of shape (n_samples, n_classes), default=None
            The teacher's probabilities, with ``teacher="precomputed"``; columns
            in sorted order of the labels in y.
        X_unlabeled : table of shape (n_unlabeled, n_features), default=None
            Rows without labels, of the same columns, which the teacher labels.

        Returns
        -------
        self : DistilledClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            Where an argument does not fit the others or the teacher, where the
            teacher's answers are no probabilities, or where training diverges.
        """
        started = perf_counter()
        task = Task.of_fit(self, X, y, sample_weight, n_parts=5)
        # Vanishing probabilities are zero, also where a user's NumPy raises for them.
        with restored_on_failure(self), np.errstate(under="ignore"):
            check_arguments(self, y, teacher_proba, X_unlabeled)
            random = Randomness.draw(self.random_state)
            lessons = self._take_lessons(
                X, y, sample_weight, teacher_proba, X_unlabeled, random, task
            )
            self._learn(lessons, random, task)
            self.fit_seconds_ = perf_counter() - started
            task.end({})
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The most probable classes.
        """
        logits = self.decision_function(X)
        columns = (logits > 0).astype(np.intp) if logits.ndim == 1 else logits.argmax(1)
        return self.classes_[columns]

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Columns as in `classes_`.
        """
        return self._answer("predict_proba", X)

    def predict_log_proba(self, X: Any) -> NDArray[np.float32]:
        """Predict the logarithms of class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), float32
            Columns as in `classes_`. Finite where a probability rounds to zero.
        """
        logits = self.decision_function(X)
        if logits.ndim == 1:
            return np.column_stack([log_expit(-logits), log_expit(logits)])
        return log_softmax(logits, axis=1)

    def decision_function(self, X: Any) -> NDArray[np.float32]:
        """Return the student's logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes), float32
            With two classes the logit of the second.
        """
        return self._answer("decision_function", X)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of this estimator and of an unfitted teacher.

        Parameters
        ----------
        deep : bool, default=True
            Add the parameters of the teacher, as ``teacher__<name>``. Those of a
            fitted one are left out, since it is used as it is.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep=deep)
        if deep and is_fitted(self.teacher):
            nested = [name for name in params if name.startswith("teacher__")]
            for name in nested:
                del params[name]
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of this estimator and of an unfitted teacher.

        Parameters
        ----------
        **params : dict
            Parameters; those of the teacher as ``teacher__<name>``.

        Returns
        -------
        self : DistilledClassifier

        Raises
        ------
        ValueError
            Where a parameter of a fitted teacher would change: the teacher is
            used as it was fitted, and shared.
        """
        teacher = params.get("teacher", self.teacher)
        nested = [name for name in params if name.startswith("teacher__")]
        if nested and is_fitted(teacher):
            raise ValueError(
                f"{nested[0]} cannot be set: the teacher, "
                f"{type(teacher).__name__}, is fitted and used as it is. Give an "
                "unfitted teacher, sklearn.base.clone(teacher), to vary its parameters"
            )
        return super().set_params(**params)

    def get_metadata_routing(self) -> MetadataRouter:
        """Return how metadata is routed to the student and the teacher.

        Returns
        -------
        routing : MetadataRouter
        """
        router = MetadataRouter(owner=type(self).__name__).add_self_request(self)
        if hasattr(self.teacher, "fit") and self._fits_teacher():
            router.add(
                teacher=self.teacher,
                method_mapping=MethodMapping().add(caller="fit", callee="fit"),
            )
        return router

    def __sklearn_clone__(self):
        if not is_fitted(self.teacher):
            return super().__sklearn_clone__()
        without_teacher = copy.copy(self)
        without_teacher.teacher = None
        cloned = super(DistilledClassifier, without_teacher).__sklearn_clone__()
        cloned.teacher = self.teacher
        return cloned

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        can_do_without_labels = self.teacher == PRECOMPUTED or is_fitted(self.teacher)
        tags.target_tags.required = not can_do_without_labels
        takes_tables = self.encoder is not None
        tags.input_tags.sparse = self.encoder in ("auto", None)
        tags.input_tags.allow_nan = takes_tables and self._teacher_takes_missing()
        tags.input_tags.string = takes_tables
        tags.input_tags.categorical = takes_tables
        return tags

    def _sk_visual_block_(self):
        return visual_block(self)

    def _teacher_takes_missing(self):
        """Tell whether a teacher that is fitted here takes missing values."""
        teacher = default_teacher() if self.teacher is None else self.teacher
        if not isinstance(teacher, BaseEstimator) or is_fitted(teacher):
            return True
        return get_tags(teacher).input_tags.allow_nan

    def _take_lessons(
        self, X, y, sample_weight, teacher_proba, X_unlabeled, random, task
    ):
        """Fit the teacher where it is not yet; return all that is asked of it."""
        self.query_seconds_ = 0.0
        if issparse(X):
            check_sparse_arguments(self)
            X = X.tocsr()  # Whose rows can be taken.
        table, y = check_table(self, X, y, plain=self.encoder is None)
        weights = check_weights(sample_weight, X)
        unlabeled = self._check_unlabeled(table, X_unlabeled)
        fit_params = {} if sample_weight is None else {"sample_weight": weights}
        fit_params = self._teacher_fit_params(fit_params)
        classes = self._resolve_teacher(X, y, weights, fit_params, random.teacher, task)
        with task.part("query teacher", n_parts=4) as queries:
            with queries.part("given rows"):
                rows = self._ask_teacher(X, y, weights, teacher_proba, classes)
            with queries.part("unlabeled rows"):
                rows = self._add_unlabeled(rows._replace(X=table), unlabeled)
            with queries.part("unseen rows"):
                unseen = self._unseen_rows(X, y, fit_params, random.unseen)
            if self.cv is not None:
                rows = rows.with_answers(unseen)
            answers = None if unseen is None else _labelled_answers(unseen, rows)
            rows = rows.with_weight()
            with queries.part("synthetic rows"):
                synthetic = self._draw_synthetic(rows, random.synthetic)
            sensitivity = self._measure_sensitivity(rows, random.sensitivity)
        return Lessons(rows, answers, synthetic, sensitivity)

    def _learn(self, lessons, random, task, recipe=None, keeps_interrupted=True):
        """Train a student of lessons; return how, which is chosen unless given."""
        with task.part("encode rows"):
            student_input, transfer_set = self._encode(lessons)
        with task.part("choose parameters"):
            if recipe is None:
                recipe = self._choose_recipe(
                    transfer_set, lessons, student_input, random.recipe
                )
            self._note_recipe(recipe)
            synthetic = lessons.synthetic and lessons.synthetic[0]
            transfer_set = recipe.prepare(transfer_set, lessons.rows.X, synthetic)
        options = self._training_options(
            transfer_set.n_real, recipe.synthetic_share, recipe.weight_decay
        )
        network = self._initial_network(student_input, random.start)
        make_student = partial(
            student_input.make_student, network, self.activation, self.classes_
        )
        with watched_training(
            self, task, options.max_iter, lessons.rows, make_student, keeps_interrupted
        ) as watch:
            history = train(network, transfer_set, options, random.training, watch)
        self._publish(make_student, history, transfer_set, lessons.rows)
        return recipe

    def _resolve_teacher(self, X, y, weights, fit_params, random_state, task):
        """Set the teacher, fitted here where it is not yet, and return its classes."""
        if self.teacher == PRECOMPUTED or is_fitted(self.teacher):
            self.teacher_ = self.teacher
            names = vars(self).get("feature_names_in_")
            check_teacher(self.teacher, self.n_features_in_, names)
        else:
            # Of rows without weight alone a class cannot be learned.
            teacher_classes(None, y[weights > 0])
            self.teacher_ = fit_teacher(
                self.teacher,
                X,
                y,
                fit_params,
                random_state,
                partial(task.fit_of, "fit teacher"),
            )
        return teacher_classes(self.teacher_, y)

    def _ask_teacher(self, X, y, weights, teacher_proba, classes):
        """Return the given rows with the teacher's answers; set the classes."""
        if teacher_proba is not None:
            proba = check_probabilities(
                teacher_proba, num_samples(X), classes, "teacher_proba"
            )
        else:
            proba = self._query(X, classes)
        elapsed = self.query_seconds_
        # Of a short call most is its fixed cost, which tells nothing of a row's.
        seconds = elapsed / proba.shape[0] if elapsed > _SHORT_CALL else 0.0
        if classes is None:
            classes = np.arange(proba.shape[1])
        self.classes_ = classes
        labels = column_numbers(y, classes)
        if labels is None:
            labels = np.full(proba.shape[0], -1)
        else:
            warn_if_worse_than_constant(proba, labels, weights)
        ask = None
        if teacher_proba is None:
            ask = partial(self._query, classes=classes)
        return GivenRows(X, proba, labels, weights, ask, seconds)

    def _query(self, X, classes):
        """Ask the teacher, and count the seconds."""
        started = perf_counter()
        proba = ask_teacher(self.teacher_, X, classes)
        self.query_seconds_ += perf_counter() - started
        return proba

    def _check_unlabeled(self, table, X_unlabeled):
        """Return unlabelled rows, and these behind the given ones, if there are any."""
        if X_unlabeled is None:
            return None
        unlabeled = check_unlabeled(self, X_unlabeled, plain=self.encoder is None)
        if issparse(table) != issparse(unlabeled):
            raise ValueError(
                "of X and X_unlabeled one is sparse and the other is not: give both "
                "alike"
            )
        if issparse(table):
            return unlabeled, vstack([table, unlabeled], format="csr")
        return X_unlabeled, concatenate(table, unlabeled)

    def _add_unlabeled(self, rows, unlabeled):
        """Return the given rows and those without labels."""
        if unlabeled is None:
            return rows
        X_unlabeled, table = unlabeled
        proba = rows.ask(X_unlabeled)
        weights = np.full(len(proba), rows.weights[rows.weights > 0].mean())
        return rows._replace(
            X=table,
            proba=np.concatenate([rows.proba, proba]),
            labels=np.concatenate([rows.labels, np.full(len(proba), -1)]),
            weights=np.concatenate([rows.weights, weights]),
        )

    def _fits_teacher(self):
        """Tell whether the teacher, or a clone of it, is fitted here."""
        if isinstance(self.teacher, str):
            return False
        return not is_fitted(self.teacher) or self.calibrate_teacher == "refit"

    def _teacher_fit_params(self, fit_params):
        """Return what of the metadata goes to the fit of the teacher, if any is."""
        if not self._fits_teacher():
            return {}
        if self.teacher is not None and get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **fit_params).teacher.fit
        teacher = default_teacher() if self.teacher is None else self.teacher
        if fit_params and not has_fit_parameter(teacher, "sample_weight"):
            warn_weights_ignored(teacher)
            return {}
        return fit_params

    def _unseen_rows(self, X, y, fit_params, random_state):
        """Return what the teacher says of rows that it was not trained on."""
        if y is None or self.teacher_ == PRECOMPUTED:
            return None
        arguments = (self.teacher, self.teacher_, X, y, self.classes_)
        if self.cv is not None:
            return out_of_fold(*arguments, self.cv, fit_params, random_state)
        how = self.calibrate_teacher
        if how is False:
            return None
        return unseen_answers(*arguments, how, fit_params, random_state)

    def _choose_recipe(self, transfer_set, lessons, student_input, random_state):
        """Return what is "auto", and how to train."""
        units = self._units()
        probes = Probes(
            lessons.rows.X,
            transfer_set,
            # One hidden layer tells enough, sooner.
            lambda state: self._new_network(
                student_input, [*units[:-1][:1], units[-1]], state
            ),
            lambda network: student_input.make_student(
                network, self.activation, self.classes_, "float32"
            ),
            self._training_options(transfer_set.n_real, 0.0, 0.0),
            random_state,
        )
        uses_teacher = bool(transfer_set.soft_weight.any())
        recipe = choose_recipe(
            probes,
            lessons.unseen,
            weight_decay=self.weight_decay,
            synthetic_share=self.synthetic_share if lessons.synthetic else 0.0,
            teacher_share=self.teacher_share,
            calibrate=self.calibrate_teacher is not False,
            uses_teacher=uses_teacher,
        )
        if recipe.teacher_is_worse:
            warn_worse_than_labels(
                self.teacher_,
                recipe.teacher,
                recipe.labels_alone,
                recipe.follows_teacher,
            )
        elif uses_teacher and recipe.temperature * self.temperature == 1.0:
            warn_if_nearly_one_hot(self.teacher_, lessons.rows.proba)
        return recipe

    def _note_recipe(self, recipe):
        """Set the fitted attributes of a recipe."""
        self.weight_decay_ = recipe.weight_decay
        self.synthetic_share_ = recipe.synthetic_share
        self.teacher_share_ = recipe.teacher_share
        self.teacher_temperature_ = recipe.temperature
        self._follows_labels_alone = not recipe.follows_teacher

    def _training_options(self, n_real, share, decay):
        """Return the parameters of training."""
        n_rows, batch_size = self._epoch_size(n_real, share)
        max_iter = self.max_iter
        if max_iter == "auto":
            max_iter = auto_epochs(n_rows, batch_size)
        values = vars(self) | {
            "synthetic_share": float(share),
            "weight_decay": float(decay),
            "batch_size": int(batch_size),
            "max_iter": int(max_iter),
            # A float of another type would have the kernels compiled once more.
            "temperature": float(self.temperature),
            "learning_rate_init": float(self.learning_rate_init),
        }
        return TrainingOptions(*(values[name] for name in TrainingOptions._fields))

    def _epoch_size(self, n_real, share):
        """Return the rows of an epoch, and those of a batch."""
        fraction = self.validation_fraction if self.early_stopping else 0.0
        n_rows = max(1, n_real - int(np.ceil(fraction * n_real)))
        n_rows = round(n_rows / (1 - share))
        if self.batch_size == "auto":
            return n_rows, min(_LARGEST_BATCH, n_rows)
        return n_rows, self.batch_size

    def _units(self):
        """Return the units of the hidden layers and the outputs."""
        n_classes = len(self.classes_)
        return [*hidden_units(self), 1 if n_classes == 2 else n_classes]

    def _initial_network(self, student_input, random_state):
        """Return a network with its first weights."""
        if not (self.warm_start and hasattr(self, "student_")):
            return self._new_network(student_input, self._units(), random_state)
        network = student_input.make_network(self._units())
        former = self.student_
        units = [self.n_features_in_, *self._units()]
        code = None if self.encoder_ is None else self.encoder_.code_
        before = (former.layer_units, former.activation, former.classes_.tolist())
        now = (units, self.activation, self.classes_.tolist())
        if (*before, former.input_code) != (*now, code):
            raise ValueError(
                "warm_start needs the same units, activation, classes and encoder as "
                f"before: they were {(*before, former.input_code)!r:.200}, now "
                f"{(*now, code)!r:.200}"
            )
        student_input.resume(network, former)
        return network

    @staticmethod
    def _new_network(student_input, units, random_state):
        """Return a network of hidden layers and outputs, with its first weights."""
        network = student_input.make_network(units)
        student_input.initialize(network, random_state)
        return network

    def _publish(self, make_student, history, transfer_set, rows):
        """Set the fitted attributes."""
        if self.weight_dtype == "auto":
            few = slice(0, _ROWS_TO_COMPARE)
            student = smallest_faithful(make_student, safe_indexing(rows.X, few))
        else:
            student = make_student(self.weight_dtype)
        vars(self).update(student_attributes(student))
        self._seen_rows = SeenRows(student_rows(student, rows.X))
        self.loss_curve_ = history.loss_curve
        self.loss_ = history.loss_curve[-1]
        self.n_iter_ = len(history.loss_curve)
        self.validation_scores_ = history.validation_scores
        self.best_validation_score_ = history.best_validation_score
        self.validation_hard_losses_ = history.validation_hard_losses
        self._n_steps = history.n_steps
        self.n_transfer_ = transfer_set.n_rows

    def _draw_synthetic(self, rows, random_state):
        """Return synthetic rows and the teacher's answers, or None."""
        synthesizer = self.synthesizer
        if synthesizer is None or rows.ask is None or self.synthetic_share == 0:
            return None
        if issparse(rows.X):
            return None
        synthesizer = (
            NeighborInterpolation()
            if synthesizer == "auto"
            else clone(synthesizer, safe=False)
        )
        n_synthetic = self.n_synthetic
        if n_synthetic == "auto":
            n_synthetic = rows.affordable_queries()
        if n_synthetic == 0:
            return None
        drawn = synthesizer.fit(rows.X).sample(n_synthetic, random_state)
        return drawn, rows.ask(drawn)

    def _learn_input(self, rows, sensitivity):
        """Return how rows enter the network, and the given rows as they do."""
        if issparse(rows.X):
            self.encoder_ = None
            student_input = SparseInput.learn(rows.X)
            return student_input, student_input.encode(rows.X)
        if self.encoder is None:
            self.encoder_ = None
            names = vars(self).get("feature_names_in_")
            numbers = number_table(rows.X)
            student_input = PlainInput(Standardization.learn(numbers, names))
            return student_input, student_input.encode(numbers)
        if not self._keeps_encoder():
            encoder = (
                TabularEncoder() if self.encoder == "auto" else clone(self.encoder)
            )
            self.encoder_ = encoder.fit(rows.X, sensitivity=sensitivity)
        encoded = self.encoder_.transform(rows.X)
        return EncodedInput.learn(self.encoder_, encoded), encoded

    def _keeps_encoder(self):
        """Tell whether the encoder of the former fit is used."""
        return self.warm_start and getattr(self, "encoder_", None) is not None

    def _measure_sensitivity(self, rows, random_state):
        """Return how much each column matters to the teacher, where bins are dealt."""
        if rows.ask is None or self.encoder is None or issparse(rows.X):
            return None
        if self._keeps_encoder():
            return None
        return feature_sensitivity(rows.ask, rows.X, rows.seconds, random_state)

    def _encode(self, lessons):
        """Return how rows enter the network, and all rows as they do."""
        rows = lessons.rows
        student_input, encoded = self._learn_input(rows, lessons.sensitivity)
        labelled = rows.labels >= 0
        factors = class_factors(
            self.class_weight,
            self.classes_,
            rows.labels[labelled],
            rows.weights[labelled],
        )
        transfer_set = make_transfer_set(
            encoded,
            teacher_logits(rows.proba),
            rows.labels,
            rows.weights,
            self.distillation_weight,
            factors,
        )
        if lessons.synthetic is not None:
            drawn, proba = lessons.synthetic
            transfer_set = with_synthetic(
                transfer_set,
                student_input.encode(drawn),
                teacher_logits(proba),
                factors,
            )
        return student_input, transfer_set

    def _answer(self, method, X):
        """Return what a method of the student says of X.

        An array of numbers goes to the student at once, which looks for what it
        cannot take in a fraction of the time of scikit-learn's checks; these say
        then what is wrong.
        """
        student = vars(self).get("student_")
        if (
            student is not None
            and type(X) is np.ndarray
            and X.dtype.kind == "f"
            and X.shape[1:] == (student.n_features_in_,)
            and len(X)
            and "feature_names_in_" not in vars(self)
        ):
            with contextlib.suppress(ValueError):
                return getattr(student, method)(X)
        X = self._check_features(X)
        return getattr(self.student_, method)(X)

    def _check_features(self, X):
        """Return X as the student takes it."""
        check_is_fitted(self)
        if issparse(X) and self.student_.input_code is None:
            return validate_data(self, X, reset=False, **AS_SPARSE)
        if self.student_.input_code is not None:
            X = as_table(X)
            validate_data(self, X, reset=False, skip_check_array=True)
            return X
        with np.errstate(over="ignore"):
            # A value beyond float32 becomes infinite, which is reported.
            return validate_data(self, X, reset=False, dtype=np.float32, order="C")


def _labelled_answers(unseen, rows):
    """Return what a teacher says of rows with a label and a weight, if any."""
    counted = rows.weights[unseen.rows] > 0
    if not counted.any():
        return None
    kept = unseen.rows[counted]
    logits = teacher_logits(unseen.proba[counted])
    return Answers(logits, rows.labels[kept], weights=rows.weights[kept])
