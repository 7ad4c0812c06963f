"""The estimator that distils a classifier."""

import copy
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_expit, log_softmax
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
)
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.validation import (
    _num_samples,
    check_is_fitted,
    has_fit_parameter,
    validate_data,
)

from skdistill.encoding import Standardization
from skdistill.network import ACTIVATIONS, Network
from skdistill.student import Student
from skdistill.teacher import (
    PRECOMPUTED,
    ask_teacher,
    check_kind,
    check_probabilities,
    check_teacher,
    default_teacher,
    fit_teacher,
    is_fitted,
    teacher_classes,
    warn_if_worse_than_constant,
    warn_weights_ignored,
)
from skdistill.training import (
    LOSSES,
    TrainingOptions,
    auto_epochs,
    train,
)
from skdistill.transfer import make_transfer_set
from skdistill.validation import (
    check_rows,
    check_weights,
    class_factors,
    column_numbers,
    restored_on_failure,
)

_LARGEST_BATCH = 256


class DistilledClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
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
        Factors of the weight of a labelled row by its class, as in
        scikit-learn's classifiers. The teacher is not weighted by it.
    hidden_layer_sizes : int or sequence of int, default=(128,)
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
        Epochs. "auto" makes at least 1,500 steps and 10 epochs.
    weight_decay : float, default=0.3
        Decoupled decay of the weights: a step multiplies them by ``1 - rate *
        weight_decay`` [3]_. Biases do not decay.
    early_stopping : bool, default=False
        Hold rows out, stop where their loss no longer improves, and keep the
        weights at which it was lowest.
    validation_fraction : float, default=0.1
        The share of rows that is held out. Used by early stopping alone.
    n_iter_no_change : int, default=10
        Epochs without an improvement by `tol` after which early stopping stops.
    tol : float, default=1e-4
        The least improvement of the held-out loss that counts.
    warm_start : bool, default=False
        Start from the weights of the former `fit`.
    random_state : int, RandomState instance or None, default=None
        Seeds the teacher where it is fitted here and has no seed of its own,
        the initial weights, the order of rows and the held-out rows.
    verbose : bool, default=False
        Print the loss of each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, in the teacher's order.
    teacher_ : estimator, callable or "precomputed"
        The teacher that gave the probabilities.
    student_ : Student
        The network that is deployed. It takes raw values.
    coefs_ : list of ndarray of shape (n_inputs, n_outputs)
        Weights of the student. With two classes it has one output.
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
    validation_scores_ : list of float or None
        With early stopping, the negative mean loss of the held-out rows after
        each epoch.
    n_transfer_ : int
        Number of rows of the transfer set, those that early stopping holds out
        among them.
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
    <Student 64-128-10 relu, 10 classes, 37.5 KiB>
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
        "temperature": [Interval(Real, 0.01, 100, closed="both")],
        "distillation_weight": [Interval(Real, 0, 1, closed="both")],
        "loss": [StrOptions(set(LOSSES))],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "early_stopping": ["boolean"],
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
        temperature: float = 1.0,
        distillation_weight: float = 0.3,
        loss: str = "kl",
        class_weight: Mapping[Any, float] | str | None = None,
        hidden_layer_sizes: int | Sequence[int] = (128,),
        activation: str = "relu",
        learning_rate_init: float = 0.02,
        batch_size: int | str = "auto",
        max_iter: int | str = "auto",
        weight_decay: float = 0.3,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.teacher = teacher
        self.temperature = temperature
        self.distillation_weight = distillation_weight
        self.loss = loss
        self.class_weight = class_weight
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.weight_decay = weight_decay
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        teacher_proba: ArrayLike | None = None,
    ) -> Self:
        """Distil the teacher.

        A `fit` that fails leaves the estimator as it was.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers, all finite. The teacher gets X as it is given, with names
            and types of its columns.
        y : array-like of shape (n_samples,), default=None
            Labels. They may be left out where the teacher is fitted or its
            probabilities are given: then the soft term stands alone.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, for the student, and for a teacher that is
            fitted here and accepts them.
        teacher_proba : array-like of shape (n_samples, n_classes), default=None
            The teacher's probabilities, with ``teacher="precomputed"``; columns
            in sorted order of the labels in y.

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
        with restored_on_failure(self):
            random_state = check_random_state(self.random_state)
            self._check_arguments(y, teacher_proba)
            features, y = check_rows(self, X, y)
            weights = check_weights(sample_weight, features)
            fit_params = {} if sample_weight is None else {"sample_weight": weights}
            teacher_proba = self._ask_teacher(
                X, y, fit_params, teacher_proba, random_state
            )
            labels = column_numbers(y, self.classes_)
            if labels is not None:
                warn_if_worse_than_constant(teacher_proba, labels, weights)
            transfer_set = make_transfer_set(
                features,
                teacher_proba,
                labels,
                weights,
                self.distillation_weight,
                class_factors(self.class_weight, self.classes_, labels, weights),
            )
            standardization = Standardization.learn(
                transfer_set.X, getattr(self, "feature_names_in_", None)
            )
            options = self._training_options(transfer_set.n_rows)
            network = self._initial_network(standardization, random_state)
            history = train(
                network, transfer_set, standardization, options, random_state
            )
            self._publish(network, standardization, history, transfer_set.n_rows)
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
        X = self._check_features(X)
        return self.student_.predict_proba(X)

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
        X = self._check_features(X)
        return self.student_.decision_function(X)

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
        if hasattr(self.teacher, "fit") and not is_fitted(self.teacher):
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
        return tags

    def _check_arguments(self, y, teacher_proba):
        """Raise for what would fail only once the teacher is fitted."""
        check_kind(self.teacher)
        precomputed = isinstance(self.teacher, str)
        if precomputed and teacher_proba is None:
            raise ValueError(
                f"teacher={PRECOMPUTED!r} needs the teacher's probabilities: pass "
                "teacher_proba to fit"
            )
        if teacher_proba is not None and not precomputed:
            raise ValueError(
                f"teacher_proba was passed, and teacher is {self.teacher!r:.100}: it "
                f"is used with teacher={PRECOMPUTED!r} alone"
            )
        if y is None and not precomputed and not is_fitted(self.teacher):
            raise ValueError(
                f"This {type(self).__name__} requires y to be passed, but the target "
                "y is None: only a fitted teacher, or teacher_proba, can do without"
            )
        if self.learning_rate_init * self.weight_decay > 1:
            raise ValueError(
                f"weight_decay={self.weight_decay} times learning_rate_init="
                f"{self.learning_rate_init} is over 1: a step would turn the weights' "
                "signs"
            )
        self._hidden_units()

    def _ask_teacher(self, X, y, fit_params, teacher_proba, random_state):
        """Set the teacher and the classes; return the teacher's probabilities."""
        given = teacher_proba is not None
        if given or is_fitted(self.teacher):
            self.teacher_ = self.teacher
            check_teacher(
                self.teacher, self.n_features_in_, vars(self).get("feature_names_in_")
            )
        else:
            weights = fit_params.get("sample_weight")
            # Of rows without weight alone a class cannot be learned.
            teacher_classes(None, y if weights is None else y[weights > 0])
            self.teacher_ = fit_teacher(
                self.teacher, X, y, self._teacher_fit_params(fit_params), random_state
            )
        classes = teacher_classes(self.teacher_, y)
        if given:
            probabilities = check_probabilities(
                teacher_proba, _num_samples(X), classes, "teacher_proba"
            )
        else:
            probabilities = ask_teacher(self.teacher_, X, classes)
        if classes is None:
            classes = np.arange(probabilities.shape[1])
        self.classes_ = classes
        return probabilities

    def _teacher_fit_params(self, fit_params):
        """Return what of the metadata goes to the fit of the teacher."""
        if self.teacher is not None and get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **fit_params).teacher.fit
        teacher = default_teacher() if self.teacher is None else self.teacher
        if fit_params and not has_fit_parameter(teacher, "sample_weight"):
            warn_weights_ignored(teacher)
            return {}
        return fit_params

    def _training_options(self, n_rows):
        """Return the parameters of training, "auto" resolved."""
        fraction = self.validation_fraction if self.early_stopping else 0.0
        n_training_rows = max(1, n_rows - int(np.ceil(fraction * n_rows)))
        batch_size = self.batch_size
        if batch_size == "auto":
            batch_size = min(_LARGEST_BATCH, n_training_rows)
        max_iter = self.max_iter
        if max_iter == "auto":
            max_iter = auto_epochs(n_training_rows, batch_size)
        values = {name: getattr(self, name) for name in TrainingOptions._fields}
        values |= {"batch_size": int(batch_size), "max_iter": int(max_iter)}
        # A float of another type would have the kernels compiled once more.
        for name in ("temperature", "learning_rate_init", "weight_decay"):
            values[name] = float(values[name])
        return TrainingOptions(**values)

    def _hidden_units(self):
        """Return the units of the hidden layers."""
        hidden = np.atleast_1d(self.hidden_layer_sizes)
        if hidden.ndim > 1 or (
            hidden.size
            and (not np.issubdtype(hidden.dtype, np.integer) or hidden.min() < 1)
        ):
            raise ValueError(
                f"hidden_layer_sizes={self.hidden_layer_sizes!r} is not a sequence of "
                "the units of each layer, integers from 1"
            )
        return [int(size) for size in hidden]

    def _initial_network(self, standardization, random_state):
        """Return a network with its first weights."""
        n_classes = len(self.classes_)
        n_outputs = 1 if n_classes == 2 else n_classes
        units = [self.n_features_in_, *self._hidden_units(), n_outputs]
        network = Network(units)
        if not (self.warm_start and hasattr(self, "student_")):
            network.initialize(random_state)
            return network
        former = self.student_
        before = (former.layer_units, former.activation, former.classes_.tolist())
        now = (units, self.activation, self.classes_.tolist())
        if before != now:
            raise ValueError(
                "warm_start needs the same units, activation and classes as before: "
                f"they were {before!r:.200}, now {now!r:.200}"
            )
        weights, bias = standardization.from_raw(
            former.coefs_[0], former.intercepts_[0]
        )
        network.assign([weights, *former.coefs_[1:]], [bias, *former.intercepts_[1:]])
        return network

    def _publish(self, network, standardization, history, n_rows):
        """Set the fitted attributes."""
        weights, bias = standardization.to_raw(network.weights[0], network.biases[0])
        self.student_ = Student(
            [weights, *network.weights[1:]],
            [bias, *network.biases[1:]],
            self.activation,
            self.classes_,
        )
        self.coefs_ = self.student_.coefs_
        self.intercepts_ = self.student_.intercepts_
        self.n_layers_ = self.student_.n_layers_
        self.n_outputs_ = self.intercepts_[-1].size
        self.out_activation_ = self.student_.out_activation_
        self.loss_curve_ = history.loss_curve
        self.loss_ = history.loss_curve[-1]
        self.n_iter_ = len(history.loss_curve)
        self.validation_scores_ = history.validation_scores
        self.n_transfer_ = n_rows

    def _check_features(self, X):
        """Return X as the student takes it."""
        check_is_fitted(self)
        with np.errstate(over="ignore"):
            # A value beyond float32 becomes infinite, which is reported.
            return validate_data(self, X, reset=False, dtype=np.float32, order="C")
