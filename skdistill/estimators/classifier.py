"""The estimator that distils a classifier."""

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_expit, log_softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skdistill.common.sklearn_compat import (
    Interval,
    StrOptions,
)
from skdistill.estimators.incremental import IncrementalDistillation
from skdistill.estimators.label_names import check_order_of_columns
from skdistill.estimators.label_set_parameters import may_learn_sets
from skdistill.estimators.parameters import SHARED_CONSTRAINTS
from skdistill.estimators.student_answers import StudentAnswers
from skdistill.tables.in_memory import in_memory
from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import is_used_as_given
from skdistill.training.scores import LOSS


class DistilledClassifier(ClassifierMixin, StudentAnswers, IncrementalDistillation):
    """Distil a classifier into a small network.

    The teacher is any classifier with probabilities or a decision function. It
    labels the training rows with class probabilities. The student is a multilayer
    perceptron of a few tens of kilobytes. It learns from these probabilities and
    from the true labels [1]_. Only the student, `student_`, has to be deployed.

    Take a row with label y, teacher probabilities q at temperature T, and student
    logits z. With the distillation weight w, the loss of the row is::

        w * T**2 * KL(q || softmax(z / T)) + (1 - w) * cross_entropy(y, z)

    The first part is the soft term, and the second the hard term. A row without a
    label has the soft term alone, with w = 1.

    If y has several columns of 0 and 1, it holds label sets: a row may have any number
    of labels. Each label then counts by itself, with a logistic output unit, and the
    loss of a row is the sum over its labels.

    Parameters
    ----------
    teacher : estimator, callable or "precomputed", default=None
        Classifier to distil.

        - A fitted estimator is used as it is, and never altered. Clones of this
          estimator share it, so a grid search does not fit it again. The teacher
          has then seen the validation rows of every fold. The scores compare
          students; they are not estimates on new data.
        - An unfitted estimator is cloned, and `fit` fits the clone. In a
          cross-validation this happens in each fold.
        - A callable ``f(X)`` returns probabilities of shape (n_samples,
          n_classes). Its columns are in sorted order of the labels, in the order
          of its attribute `classes_`, or named in a frame. A method of a fitted
          model has the `classes_` of the model. With two classes it may return
          the probability of the second class alone. For label sets it returns an
          array of shape (n_samples, n_labels), or a list as forests do.
        - A trained model of PyTorch or Keras, a booster of XGBoost, LightGBM or
          CatBoost, and the path of an ONNX file, as `pathlib.Path`, are used as they
          are. The meaning of their outputs is decided once: see `TorchTeacher`. An
          adapter of `skdistill.teachers` takes what has to be said about one.
        - The path of a file that ends in ``.joblib``, as `pathlib.Path`, stands for the
          fitted estimator that `joblib.dump` wrote there. `fit` runs code of the file.
        - "precomputed": the probabilities are passed to `fit` as `teacher_proba`.
        - None: a `RandomForestClassifier` of 200 trees.
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None, \
default="auto"
        Source of the soft targets of labelled rows. Whatever it is, `teacher_` is the
        teacher that was given fitted, or one that `fit` fits on all rows.

        - "auto": the teacher, or clones if it repeats the labels of rows that it knows
          and if that helps: see below.
        - None: the teacher, although it is fitted on these rows.
        - "oob": those members of the teacher that left a row out of their
          bootstrap sample.
        - A number of folds, a splitter or an iterable: clones of the teacher that
          are fitted on the other folds, for a teacher that was given fitted too. In
          the clones, frozen classifiers are fitted again. A function and
          "precomputed" cannot be cloned, so they are refused.

        Nearest neighbours weighted by distance and models that read their training
        rows anew for each question answer with the label of a row that they know. With
        "auto", the answers of a teacher that `fit` fits are compared with those of the
        clone that `calibrate_teacher` fits. If the log-loss of labels is below a third
        of the clone's, by three standard errors, the teacher repeats labels. Then five
        clones answer out of fold, and a student of their answers is compared with one
        of the teacher's own, on labels that neither has seen. The better answers are
        taken, and `cv_` says which. This fits 8 more clones from 2,700 labels on, and
        up to 14 with fewer, on three or four fifths of the rows each. Ensembles of
        trees are not looked at. A teacher that was given fitted is not fitted again: a
        warning names ``cv=5`` if it keeps its rows, nearly repeats their labels, and is
        less sure of synthetic rows.
    calibrate_teacher : {"auto", "refit"} or False, default="auto"
        Whether to calibrate the teacher's probabilities, and how. They are brought
        to the temperature at which they fit labels best, `teacher_temperature_`
        (Guo et al. 2017). It is found on labelled rows that the teacher was not
        trained on. Their source is:

        - "auto", with a random forest, extremely randomised trees or bagging that
          drew bootstrap samples and was fitted on these rows: the out-of-bag rows.
          The teacher may be the last step of a pipeline.
        - "auto", with another teacher that `fit` fits: a fifth of the rows. A clone
          that is fitted on the other rows answers for them.
        - "auto", with another teacher that was given fitted: the labelled rows that
          a short training holds out. The teacher is never fitted again. A student
          that is trained on its answers for most rows answers in its place.
        - "refit": a fifth of the rows, also for a teacher that was given fitted. A
          clone that is fitted on the others answers for them.
        - False: none. The probabilities are taken as they are.

        A linear student of sparse rows that is trained is calibrated, too: its penalty
        makes it less sure than it should be. Its logits are divided by the temperature
        at which students of the labels alone fit held-out labels best,
        `student_temperature_`.

        Calibration needs labels. Without labels nothing is changed.
    temperature : float, default=1.0
        Temperature of the soft term, between 0.01 and 100. Above 1 it softens the
        probabilities of both teacher and student, and below 1 it sharpens them.
        ``loss="logit_mse"`` does not use it.
    distillation_weight : float, default=0.3
        Share of the soft term in the loss of a labelled row, between 0 and 1. A linear
        student of sparse rows that has its linear teacher's weights is not trained:
        then any share above 0 gives the same student.
    loss : {"kl", "logit_mse"}, default="kl"
        Soft term of the loss. "kl" is the divergence above. "logit_mse" is half the
        squared distance of the student's logits from the teacher's [2]_.
    hint_weight : float, default=0.0
        Share of the training steps that learn a hint, from 0 to below 1. In these
        steps, the lower layers of the student learn to predict the last hidden layer of
        the teacher, by way of a linear layer that is left out later [3]_. The other
        steps are as many as without a hint, so that 0.8 takes five times as long. The
        teacher is a network of scikit-learn, PyTorch or Keras, also at the end of a
        pipeline, or an object with a method ``hidden(X)``. A hint pays if the teacher
        knows more than the given rows tell: 0.8 is then a good start.
    class_weight : dict, "balanced" or None, default=None
        Factors of the weights of rows by their class, as in scikit-learn's
        classifiers. A row without a label is weighted by its classes as the teacher
        sees them. The teacher's own training is not weighted. "balanced" counts
        labels.
    synthesizer : estimator with `sample`, "auto" or None, default="auto"
        Source of synthetic rows, which it draws near the given ones. The teacher
        labels them, so they show how it answers between the given rows. "auto" is
        `NeighborInterpolation()`. With None there are no such rows, nor with a
        teacher that cannot be asked.
    n_synthetic : int or "auto", default="auto"
        Number of synthetic rows. "auto" is five for each given row, at least 2,000
        and at most 30,000. `max_query_seconds` may reduce it.
    max_query_seconds : float, default=None
        Approximate time that the teacher may take for all its answers, in seconds.
        The time of the first answers tells how many synthetic rows fit into two
        thirds of the rest, and how many rows serve to measure which columns matter.
        The number then depends on the speed of the machine, and so does the
        student: `n_synthetic_` says what was decided. With None the same seed gives
        the same student at any speed. `fit` then warns if a teacher would take more
        than half a minute.
    synthetic_share : float or "auto", default="auto"
        Share of synthetic rows in an epoch. An epoch takes every given row once.
        "auto" is 0.25.
    teacher_share : float or "auto", default="auto"
        Share of the teacher in the soft targets of rows without labels, between 0
        and 1. The students of the short trainings that choose the decay have the rest.
        The targets are a weighted geometric mean of the probabilities
        of both. "auto" weighs each of the two by the log-loss of the other, on
        labels that neither has seen. If a student answers in the teacher's place
        there, the share is at least 0.5. If answers chose the decay, the share has the
        least log-loss on the labels. With fewer than 50 labels it is 1, and where the
        labels are the teacher's own. Give 1 if the rows without labels are unlike the
        labelled ones. If the teacher is clearly worse than the labels alone, "auto"
        leaves it out, and a number keeps it. A student that has its linear teacher's
        weights has no targets, so that the share changes nothing.
    encoder : TabularEncoder, FrozenEstimator, "auto" or None, default="auto"
        Encoder of the columns. It codes a number by its place among knots. Columns
        that matter more to the teacher get more knots. Each frequent category, and
        a missing value, gets weights of its own. "auto" is `TabularEncoder()`, with
        128 bins for label sets, or ``TabularEncoder(n_bins=0)`` if a student without
        knots predicts held-out labels better: see `weight_decay`. With None the columns
        must be finite numbers. They are taken as they are, and standardised in
        training. A fitted encoder in a `FrozenEstimator` is taken as it was fitted.
    hidden_layer_sizes : int, sequence of int or "auto", default="auto"
        Number of units of each hidden layer. "auto" takes (128, 64) for tables. For
        sparse rows it takes no hidden layer, unless a network of (128, 64) predicts
        held-out labels clearly better. The network is tried only if there are as many
        labelled rows as columns. If the sequence is empty, there is no hidden layer.
        Then the student is a sum of one function of each column. Without knots it is a
        distilled logistic regression. Of sparse rows, a column then has one weight for
        each class, or one for two classes.
    max_terms : int, "auto" or None, default=None
        Greatest number of columns of sparse rows that the student reads: those that a
        student of all columns uses most. A linear student of two classes chooses each
        by what it adds to others. The student is then trained anew. If the rows
        have unit length, what is left of each is scaled to unit length again. "auto"
        takes the fewest columns of 30, 100, 300, 1,000, ... that lose at most one
        standard error of log-loss on held-out labels, against all columns. With fewer
        than 50 labels "auto" keeps all columns. None keeps all.
    activation : {"relu", "tanh", "logistic", "silu"}, default="relu"
        Activation of the hidden layers.
    monotonic_cst : array-like of int of shape (n_features,), dict or None, default=None
        Columns in which the probability of the second class may only rise or only
        fall, as in scikit-learn's `HistGradientBoostingClassifier`: 1 for a column in
        which it only rises, -1 for one in which it only falls, 0 for any other. A dict
        has these numbers by the names of columns, and the columns that it does not
        name are free. It needs ``hidden_layer_sizes=()``, dense rows, numbers in the
        constrained columns, and two classes. Then it holds for the logit and for the
        probability exactly, beyond the range of the training rows, after rounding of
        the weights, and in every export. A missing value is no part of the order.
    learning_rate_init : float, default=0.02
        Greatest learning rate. The rate rises to it in the first twentieth of all
        steps, and falls to zero along half a cosine.
    batch_size : int or "auto", default="auto"
        Number of rows of a step. "auto" is the power of two nearest to a
        16th of the given rows, from 32 to 256, or all rows if they are fewer.
    max_iter : int or "auto", default="auto"
        Number of epochs. "auto" makes at least 10, and at least 3,000 steps. For fewer
        than 2,000 given rows these are 1,500 steps.
    weight_decay : float or "auto", default="auto"
        Decoupled decay of the weights: a step multiplies them by ``1 - rate *
        weight_decay`` [4]_. Biases do not decay. A student without hidden layers on
        sparse rows is trained to the minimum of its loss instead. Its `weight_decay` is
        the factor of half the sum of the squared weights in that loss, beside the mean
        loss of a row: 1 / (C n) in terms of `LogisticRegression`. If its teacher is
        such a model of the same columns, "auto" takes the teacher's weights as they
        are. Otherwise "auto" tries decays from 0.03 to 30, with knots and without, in
        short trainings on labels alone. For a linear student of sparse rows it tries
        1e-8 to 1. Each training of a network makes 750 steps, and at least ten epochs.
        It leaves out one of five folds of the rows. The lowest log-loss of the labels
        left out decides. From 2,000 labels on, short trainings with soft targets and
        synthetic rows may lower the decay. It is right for the number of rows of a
        short training. The last training has more rows in an epoch, and its decay is
        less in proportion. With 50 rows without labels, and fewer than 50 labels or
        five times as many such rows as labels, the short trainings learn the teacher's
        answers for these rows, and are compared by the cross-entropy with answers left
        out, for a linear student of sparse rows at the best temperature. With fewer
        than 50 of both kinds of rows, the decay is 0.3, and 0.3 / n for a linear
        student of n sparse rows. No decay of a training by steps may be greater than
        ``1 / learning_rate_init``, 50 by default: a step would turn the signs of the
        weights.
    weight_dtype : {"auto", "int8", "float16", "float32"}, default="auto"
        Type that the student's weights are rounded to and stored in. "auto" takes
        the fewest bytes that change the probabilities by 0.005 at most. The change
        of a row is half the sum of the differences, and the mean over rows counts.
    early_stopping : bool, default=False
        Whether to hold rows out, and to stop when their score no longer improves, or
        reaches `target_score`. If `cv` keeps groups together, whole groups are held
        out. The learning rate then falls to a tenth in the first half of the epochs of
        ``max_iter="auto"``, or of `max_iter` if that is less. Only from there on a
        score may stop the training. It ends with a cool-down: the rate falls to 0 in a
        tenth of the epochs so far. The student keeps the best weights of the cool-down.
        A linear student of sparse rows has no rate, and keeps the best of all weights.
    scoring : {"loss", "agreement"}, str or callable, default="loss"
        Score that early stopping watches; greater is better. It is not used without
        early stopping.

        - "loss": the negative mean loss of the held-out rows. It needs no labels.
        - "agreement": the share of the held-out rows, by weight, for which teacher
          and student have the same most probable class. It needs no labels.
        - The name of a scikit-learn scorer, such as "accuracy", or a callable
          ``f(estimator, X, y)``: its value for the labelled rows among the held-out
          ones. The estimator is a copy of this one, with the student of that moment
          in float32. A callable with an argument `sample_weight` gets the weights
          of the rows if they differ.
    validation_fraction : float, default=0.1
        Share of the given rows that early stopping holds out.
    n_iter_no_change : int, default=10
        Number of epochs without an improvement by `tol` after which early stopping
        cools down and stops. With a `target_score` it is not used.
    tol : float, default=1e-4
        Least improvement of the score that counts.
    target_score : float or None, default=None
        Score at which training cools down and ends, with early stopping. It is a value
        of `scoring` for the held-out rows, and greater is better: 0.97 with "accuracy",
        -0.1 with "loss" or "neg_log_loss". If the cool-down loses the target, training
        goes on. If training ends without it, `fit` warns and names the score.
    warm_start : bool, default=False
        Whether to start from the weights of the former `fit`, and keep its encoder.
        Scores of text columns are learned anew, and the columns that `max_terms` keeps
        are chosen anew. A linear student of two classes with `max_terms` is then the
        same as without a warm start: its loss has one minimum, from any start.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, the order of rows, the synthetic rows and the rows
        that early stopping holds out. It also seeds a teacher that `fit` fits, if that
        has no seed of its own.
    memory : str, path-like, object with the interface of joblib.Memory or None, \
default=None
        Folder in which the fitted teacher and its answers are kept, as in
        scikit-learn's `Pipeline`. A search over the student's parameters then fits,
        calibrates and asks the teacher once for each fold, and once for the refit, in
        any number of threads and processes. It needs an integer as `random_state`,
        because another seed draws other synthetic rows. Of an object, its `location`
        is used. An answer counts as another one if the teacher, the rows, a seed, or
        the version of skdistill, scikit-learn, NumPy or the teacher's package is
        another. Of a function, the code and all variables that it reads count, and
        files and services that it reads do not. To forget all, delete the folder. Its
        files run code when they are read, so it must be one that you trust.
    checkpoint : str, path-like or None, default=None
        Folder in which the state of the student's training is kept, about every ten
        seconds. If the process is killed, the same fit in another process goes on from
        there, and makes the same student, bit for bit. It is the same fit if rows,
        answers, parameters, seed and versions are the same. Other fits may share the
        folder. The steps before the training are done again; `memory` keeps the
        teacher's answers. It needs an integer as `random_state`. When the training is
        done, its file is removed. The files hold numbers alone, and run no code. A
        linear student of sparse rows is trained from the beginning.
    n_jobs : int or None, default=None
        Number of threads of `fit`. Questions to the teacher are shared among them, and
        so are the short trainings that choose knots and decay. The last training and
        the teacher's own `fit` are not. Any number gives the same student. None stands
        for the number of a `joblib.parallel_config`, and otherwise for 1. With None, a
        teacher that has `n_jobs` is asked in so many threads. -1 stands for all cores.

        Models of scikit-learn are asked in threads, and so are their methods. Their own
        `n_jobs` is then off. An estimator or function of other packages, and all that
        holds one as a part, is asked in one thread, unless its attribute
        `thread_safe` is True: ``f.thread_safe = True``. A forest, and trees
        that were boosted, get as many blocks of rows as there are threads. Any other
        model gets two blocks, or more of at most 16,384 rows, so that its answers
        depend on the number of rows alone.
    verbose : bool, default=False
        Whether to print the time of each part of a fit, the number of rows that the
        teacher answered for, knots or none, the decay of the weights, the teacher's
        share, and the loss and the score of each epoch. Of more than 50 epochs, only
        every few are printed.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels in sorted order. The columns of the teacher's answers are brought into
        this order. For label sets it holds the numbers of the columns of y, as in
        `MLPClassifier`, and `student_.classes_` holds the names of these columns if y
        is a data frame.
    task_ : Classification or LabelSetting
        Task of the student: the classes, and the checks of a teacher's answers.
    teacher_ : estimator, callable or "precomputed"
        Teacher that gave the probabilities.
    teacher_reads_ : {"X", "teacher_X"}
        Rows that the teacher reads. With "teacher_X", it was asked about no synthetic
        rows, and all that ask it later need `teacher_X` too.
    student_ : Student
        Network that is deployed. It takes raw values.
    encoder_ : TabularEncoder or None
        Fitted encoder; None with ``encoder=None``, and for sparse rows.
    teacher_temperature_ : float, or ndarray of shape (n_labels,)
        Temperature that divides the teacher's logits; 1 if it is not calibrated. For
        label sets each label has its own.
    student_temperature_ : float
        Temperature that divides the logits of a linear student of sparse rows after its
        training. Scorers and callbacks see divided logits, and the loss on held-out
        rows is that before the division. It is 1 for any other student, and for one
        that has its teacher's weights. It is 1, too, if `calibrate_teacher` is False,
        if labels are few, or if a student of labels alone has a given decay.
    teacher_share_ : float
        Share of the teacher in the targets of rows without labels.
    cv_ : CvChoice
        Source of the soft targets of labelled rows, in `source`: "teacher",
        "out-of-fold" or "out-of-bag". `repeats_labels` tells whether the teacher
        repeats the labels of rows that it knows, and is None if `fit` did not look. The
        other fields are the log-losses that decided: `known_loss` and `unseen_loss` of
        the teacher, `student_loss` and `student_loss_out_of_fold` of students.
    weight_decay_ : float
        Decay of the weights.
    capacity_ : Capacity or None
        Choice of knots and decay. Its `candidates` are all that was tried: whether
        there were knots, the decay, the score on held-out labels, which is lowest for
        the best, and its standard error. `has_knots` and `weight_decay` are what suits
        a short training of `n_rows` rows, of which `n_folds` parts were held out in
        turn. `limit` is the greatest decay that suits soft targets and synthetic rows
        too, and `whole_objective` are the decays tried for it. In print, it is a table.
        `by_answers` tells whether the teacher's answers were learned and held out, in
        place of labels. None if there were too few rows to try.
    pruning_ : Pruning or None
        Number of columns that `max_terms` kept, `n_terms`, and the log-losses on
        held-out labels of all numbers that were tried, `scores`. None if the student
        reads all columns. With "auto" this means that each number that was tried lost
        more than one standard error, or that there was none to try: X has too few
        columns or labels.
    synthetic_share_ : float
        Share of synthetic rows in an epoch.
    coefs_ : list of ndarray of shape (n_inputs, n_outputs)
        Weights of the student's layers. The first array weighs the linear inputs
        alone. The student's knot table holds the other weights of the first layer.
        With two classes the last layer has one output.
    intercepts_ : list of ndarray of shape (n_outputs,)
        Biases of the student.
    n_layers_ : int
        Number of layers. The input counts as one.
    n_outputs_ : int
        Number of outputs.
    out_activation_ : {"softmax", "logistic"}
        Activation of the output.
    n_iter_ : int
        Number of epochs that were made. Those of all calls of `partial_fit` count, and
        so they do in the other numbers and times.
    loss_ : float
        Mean loss in the last epoch.
    loss_curve_ : list of float
        Mean loss in each epoch of the last `fit`. `partial_fit` adds to this list.
    validation_hard_losses_ : list of float or None
        Labels' part of the loss of the held-out rows after each epoch. The rest of
        this loss is the teacher's part. None unless early stopping watches the loss.
    validation_scores_ : list of float or None
        Score of the held-out rows after each epoch. None without early stopping.
    best_validation_score_ : float or None
        Score of the student for the held-out rows: the greatest one of the cool-down,
        or one that reaches `target_score`. None without early stopping.
    best_iter_ : int or None
        Number of the epoch, from 1, whose weights the student has. None without early
        stopping.
    n_transfer_ : int
        Number of rows of the transfer set. Rows that early stopping holds out count.
    n_synthetic_ : int
        Number of synthetic rows that the teacher answered for.
    n_steps_ : int
        Number of steps that were made. Without early stopping it is that of all epochs.
    follows_teacher_ : bool
        Whether the student learned from the teacher. False if the teacher was clearly
        worse than the labels alone, and was left out.
    sensitivity_ : ndarray of shape (n_features,) or None
        Change of the teacher's answers when a feature gets the value of another row:
        the mean total variation, between 0 and 1. More sensitive columns get more
        knots. None if it was not measured: with stored answers, sparse rows,
        `teacher_X` or ``encoder=None``, or if the teacher is too slow for
        `max_query_seconds`.
    feature_importances_ : ndarray of shape (n_features,)
        Shares of the features in the sum of `sensitivity_`. It is absent if that is
        None.
    seen_rows_ : SeenRows
        Sketch of the rows of `fit`. A report uses it to tell how many of its rows the
        student was trained on.
    fit_seconds_ : float
        Time of `fit`. The time of the teacher's own fit is part of it.
    query_seconds_ : float
        Time that `teacher_` took to answer. It is part of `fit_seconds_`, except for
        answers that `memory` kept: these count the time that they took at first.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`. It is set if X has names that are all
        strings.

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
    .. [3] A. Romero, N. Ballas, S. E. Kahou, A. Chassang, C. Gatta and Y. Bengio,
       "FitNets: hints for thin deep nets", ICLR 2015.
    .. [4] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization",
       ICLR 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import train_test_split
    >>> from skdistill import DistilledClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> forest = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    >>> student = DistilledClassifier(forest, random_state=0).fit(X_train, y_train)
    >>> student.student_
    <Student 64-128-64-10 relu, 10 classes, 52.2 KiB>
    >>> bool(student.score(X_test, y_test) > 0.95)
    True

    Label sets, here of two labels: an even digit, and a digit above 4.

    >>> sets = np.column_stack([y_train % 2 == 0, y_train > 4]).astype(int)
    >>> student = DistilledClassifier(random_state=0).fit(X_train, sets)
    >>> student.predict(X_test[:3])
    array([[1, 0],
           [1, 1],
           [1, 0]])
    """

    _parameter_constraints: ClassVar[dict] = {
        **SHARED_CONSTRAINTS,
        "temperature": [Interval(Real, 0.01, 100, closed="both")],
        "distillation_weight": [Interval(Real, 0, 1, closed="both")],
        "loss": [StrOptions(set(Classification.losses))],
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
        teacher: Any = None,
        *,
        cv: Any = "auto",
        calibrate_teacher: bool | str = "auto",
        temperature: float = 1.0,
        distillation_weight: float = 0.3,
        loss: str = "kl",
        hint_weight: float = 0.0,
        class_weight: Mapping[Any, float] | str | None = None,
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
        self.temperature = temperature
        self.distillation_weight = distillation_weight
        self.loss = loss
        self.hint_weight = hint_weight
        self.class_weight = class_weight
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
        # `ClassifierMixin` sets it, whatever the teacher.
        tags.target_tags.required = not is_used_as_given(self.teacher)
        tags.classifier_tags.multi_label = may_learn_sets(self)
        return tags

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Most probable classes. For label sets 1 for each label whose probability is
            above one half, and 0 for the others.
        """
        scores = self.decision_function(X)
        return self.student_.output.decide(scores)

    def score(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the accuracy of the predicted labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels. None may be missing.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        accuracy : float
            Share of the rows, by weight, whose predicted label is that of y. In a row
            of a label set all labels have to be.

        Raises
        ------
        ValueError
            If a label is missing, or if y is a data frame with the labels in another
            order than in `fit`.
        """
        check_is_fitted(self)
        y = in_memory(y)
        targets = self.targets.of(y)
        targets.check_whole(y)
        check_order_of_columns(y, self.task_)
        return super().score(X, targets.of_one_type(y), sample_weight)

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Columns as in `classes_`. For label sets each is the probability of a label.
        """
        return self.ask_student("predict_proba", X)

    def predict_log_proba(self, X: Any) -> NDArray[np.float32]:
        """Predict the logarithms of class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), float32
            Columns as in `classes_`. The values are finite, even if a probability
            rounds to zero.
        """
        scores = self.decision_function(X)
        if self.student_.output.kind == "label_sets":
            return log_expit(scores)
        if scores.ndim == 1:
            # Exact also if the other probability rounds to one. Double precision has
            # digits to spare. In single precision it may fall where the logit rises.
            scores = scores.astype(np.float64)
            both = np.column_stack([log_expit(-scores), log_expit(scores)])
            return both.astype(np.float32)
        return log_softmax(scores, axis=1)

    def decision_function(self, X: Any) -> NDArray[np.float32]:
        """Return the student's logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        logits : ndarray of shape (n_samples,) or (n_samples, n_classes), float32
            Logits of the classes, or of labels; with two classes, the logit of the
            second.
        """
        return self.ask_student("decision_function", X)
