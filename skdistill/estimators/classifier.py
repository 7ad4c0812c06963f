"""The estimator that distils a classifier."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.special import log_softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.sklearn_compat import HasMethods, Interval, Options, StrOptions
from skdistill.estimators.distillation import Distillation
from skdistill.estimators.rows import AS_SPARSE
from skdistill.inputs.encoder import TabularEncoder
from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.tables.read import as_table
from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import PRECOMPUTED
from skdistill.teachers.teacher import Teacher
from skdistill.training.scores import LOSS


class DistilledClassifier(ClassifierMixin, Distillation):
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
    calibrate_teacher : {"auto", "refit"} or False, default="auto"
        Whether the teacher's probabilities are brought to the temperature at
        which they fit labels best, `teacher_temperature_` (Guo et al. 2017).
        It is found on rows that the teacher was not trained on:

        - "auto": on the out-of-bag rows of a random forest, of extremely
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
    task_ : Classification
        What was learned: the classes, and how a teacher's answers are checked.
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
    n_steps_ : int
        Number of steps of all epochs, those that early stopping left out among them.
    follows_teacher_ : bool
        Whether the student learned from the teacher. False if the teacher was clearly
        worse than the labels alone, and was left out.
    seen_rows_ : SeenRows
        A sketch of the rows of `fit`, by which a report tells how many of its rows the
        student was trained on.
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
        "calibrate_teacher": [StrOptions({"auto", "refit"}), Options(bool, {False})],
        "temperature": [Interval(Real, 0.01, 100, closed="both")],
        "distillation_weight": [Interval(Real, 0, 1, closed="both")],
        "loss": [StrOptions(set(Classification.losses))],
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

    def make_task(self, teacher: Teacher | None, y: Any) -> Classification:
        """Return the classes that a teacher and labels set: see `Classification.of`.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None before it is fitted.
        y : ndarray of shape (n_samples,) or None
            Labels.

        Returns
        -------
        task : Classification
        """
        return Classification.of(teacher, y)

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
        scores = self.decision_function(X)
        return self.student_.output.decide(scores)

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
        scores = self.decision_function(X)
        return log_softmax(self.student_.output.all_logits(scores), axis=1)

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
