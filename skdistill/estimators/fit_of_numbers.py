"""The method `fit` of estimators that learn numbers."""

from typing import Any, Self

from numpy.typing import ArrayLike

from skdistill.common.sklearn_compat import fit_context
from skdistill.estimators.distillation import Distillation
from skdistill.estimators.fit_arguments import FitArguments


class FitOfNumbers(Distillation):
    """Base class of estimators that learn numbers."""

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        teacher_prediction: ArrayLike | None = None,
        X_unlabeled: Any = None,
        teacher_X: Any = None,
        teacher_y: Any = None,
        teacher_X_unlabeled: Any = None,
        teacher_prediction_unlabeled: ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Distil the teacher.

        If `fit` fails or is interrupted, the estimator stays as it was before. There is
        one exception: an interrupt during the student's training, after at least one
        epoch. It ends `fit` with a warning, and the estimator keeps the student of that
        moment. With early stopping it keeps the best student so far. With `max_terms`,
        this holds for the training of the columns that are kept, and not for the one
        before it that chooses them.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like, or sparse matrix or array, \
of shape (n_samples, n_features)
            Rows of numbers, text, categories and truth values. Values may be missing.
            With ``encoder=None``, and if X is sparse, all must be finite numbers. The
            teacher gets X as it is given, with the names and types of its columns. It
            gets sparse rows as CSR.
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
            Numbers to predict. They may be left out if the teacher is fitted, or if its
            numbers are given. Then the student learns from the teacher alone. In these
            cases, y may also be missing for some rows: None or NaN. Then these rows
            count as rows of `X_unlabeled`. The columns of a data frame have to keep
            their order in later calls.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows. The student uses them. A teacher that is fitted here
            gets them too, if it accepts weights.
        teacher_prediction : array-like of shape (n_samples,) or \
(n_samples, n_targets), default=None
            Numbers of the teacher, with ``teacher="precomputed"``.
        X_unlabeled : table of shape (n_unlabeled, n_features), default=None
            Rows without labels, with the same columns as X. The teacher answers for
            them.
            Scikit-learn's cross-validation cuts all that has as many rows as X. A tuple
            of one table, ``(X_unlabeled,)``, always goes into each fold whole.
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: embeddings,
            images, texts, or more columns. Then the teacher is asked about no synthetic
            rows.
        teacher_y : array-like of n_samples rows, default=None
            Numbers that an unfitted teacher is fitted on, in place of y.
        teacher_X_unlabeled : array-like of n_unlabeled rows, default=None
            Rows of the teacher that belong to `X_unlabeled`, beside `teacher_X`. They
            may be in a tuple too.
        teacher_prediction_unlabeled : array-like of n_unlabeled rows, default=None
            Numbers of the teacher for `X_unlabeled`, beside `teacher_prediction`. They
            may be in a tuple too.
        **params : dict
            Other arguments for the `fit` of a teacher that is fitted here, and of its
            clones. They get their rows of an argument that has as many rows as X.
            `groups` goes to the splitter `cv`, and to the teacher if that takes it.
            If metadata routing is enabled, teacher and splitter get what they request.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If an argument does not fit the others or the teacher, if the teacher's
            answers have another shape than y, or if training diverges.
        """
        arguments = FitArguments(
            X,
            y,
            sample_weight,
            teacher_prediction,
            X_unlabeled,
            teacher_X,
            teacher_y,
            teacher_X_unlabeled,
            teacher_prediction_unlabeled,
            params,
            answers_name="teacher_prediction",
        )
        return self.distil(arguments)
