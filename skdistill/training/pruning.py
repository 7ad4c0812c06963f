"""Fewer columns of sparse rows: those that a trained student uses most.

1. A student of all columns shows how much it uses each: the deviation of its weights
   from their mean over the units, times the root mean square of the column's values.
2. The most used columns are kept. If rows have unit length, what is left of each is
   scaled to unit length again: see `skdistill.student.kept_columns`.
3. A student of these columns is trained, from the weights of the first.

The last training of a linear student of two classes chooses its columns otherwise: see
`skdistill.training.forward_selection`.

Decay and number of columns are chosen in short trainings on labels alone. In each fold,
the student of the other rows chooses its own columns: columns that were chosen with the
help of the rows held out would tell their labels.
"""

from typing import Any, NamedTuple

import numpy as np

from skdistill.inputs.sparse import SparseInput
from skdistill.student.kept_columns import KeptColumns, find_unit_blocks
from skdistill.tables.sparse import summed
from skdistill.training.ladder import LadderWalk, nearest_rung
from skdistill.training.short_trainings import OneTerm
from skdistill.training.views import View

# Numbers of columns that max_terms="auto" and searches for a size try.
COLUMNS_TO_TRY = (30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)


class Pruning(NamedTuple):
    """Number of columns to keep, with the decay and temperature that suit it.

    Attributes
    ----------
    n_terms : int
        Number of columns.
    weight_decay : float or None
        Decay that suits a short training. None if nothing was tried.
    temperature : float
        Temperature that divides the student's logits.
    scores : dict of int to float
        Log-loss on rows held out at the best temperature, for each number that was
        tried.
    """

    n_terms: int
    weight_decay: float | None = None
    temperature: float = 1.0
    scores: Any = None


def use_of_columns(weights: Any, X: Any, *, of_output: bool) -> Any:
    """Return how much the first layer of a network uses each column.

    Parameters
    ----------
    weights : ndarray of shape (n_columns, n_units)
    X : CSR of shape (n_rows, n_columns)
        Encoded rows.
    of_output : bool
        Whether the units are those of the output. A part that several of them share
        does not count, because it changes no answer.

    Returns
    -------
    use : ndarray of shape (n_columns,), float64
        Root mean square of the column's part in the sums of the units.
    """
    weights = weights.astype(np.float64)
    if of_output and weights.shape[1] > 1:
        weights = weights - weights.mean(axis=1, keepdims=True)
    squares = np.bincount(
        X.indices, np.square(X.data, dtype=np.float64), minlength=X.shape[1]
    )
    return np.sqrt(np.square(weights).sum(axis=1) * squares / X.shape[0])


def most_used(
    weights: Any, X: Any, n_terms: int, unit_blocks: Any, *, of_output: bool
) -> KeptColumns:
    """Return the columns that the first layer of a network uses most.

    Parameters
    ----------
    weights : ndarray of shape (n_columns, n_units)
    X : CSR of shape (n_rows, n_columns)
        Encoded rows.
    n_terms : int
        Number of columns to keep.
    unit_blocks : ndarray of shape (n_blocks, 2), int
        Blocks of columns in which rows have unit length.
    of_output : bool
        Whether the units are those of the output.

    Returns
    -------
    kept : KeptColumns
    """
    use = use_of_columns(weights, X, of_output=of_output)
    places = np.sort(np.argsort(-use, kind="stable")[:n_terms])
    return KeptColumns.checked(places, X.shape[1], unit_blocks)


def pruned_view(view: View, kept: KeptColumns) -> View:
    """Return the view of some columns.

    Parameters
    ----------
    view : View
        View of all columns.
    kept : KeptColumns

    Returns
    -------
    view : View
    """
    student_input, X = SparseInput.of_columns(view.X, kept)
    return view._replace(student_input=student_input, X=X)


class ShortTrainingsOfPruned:
    """Short trainings on labels alone with fewer columns, chosen fold by fold.

    Parameters
    ----------
    short_trainings : ShortTrainings
    choice : Choice
        Capacity for all columns, and the students that were trained with it.
    """

    def __init__(self, short_trainings: Any, choice: Any) -> None:
        self._short_trainings = short_trainings
        self._choice = choice
        self._students = choice.labels_alone.predictions.model.students
        self._blocks = find_unit_blocks(summed(choice.view.X))

    def walk(self, n_terms: int, ladder: list[float]) -> LadderWalk:
        """Return the walk along the decays of students with so many columns.

        Parameters
        ----------
        n_terms : int
            Number of columns.
        ladder : list of float
            Increasing decays.

        Returns
        -------
        walk : LadderWalk
        """
        view = self._choice.view
        views = []
        for student, (rows, _) in zip(
            self._students, self._short_trainings.splits, strict=True
        ):
            kept = most_used(
                student.coefs_[0],
                view.X[rows],
                n_terms,
                self._blocks,
                of_output=not view.hidden,
            )
            views.append(pruned_view(view, kept))
        walk = LadderWalk(
            lambda _, *decays: self._short_trainings.train_views(
                OneTerm(0.0), views, *decays
            ),
            views[0],
            ladder,
        )
        walk.descend_from(nearest_rung(ladder, self._choice.capacity.weight_decay))
        return walk


def choose_pruning(
    short_trainings: Any, choice: Any, max_terms: Any, ladder: list[float]
) -> tuple[Pruning | None, Any]:
    """Choose the number of columns, and the decay for it.

    Parameters
    ----------
    short_trainings : ShortTrainings
    choice : Choice
        Capacity for all columns.
    max_terms : int, "auto" or None
        Parameter of the estimator. "auto" takes the fewest columns that lose at most
        one standard error of log-loss against all columns.
    ladder : list of float
        Increasing decays to try.

    Returns
    -------
    pruning : Pruning or None
        None if all columns are kept.
    training : ShortTraining or None
        Predictions of students with so many columns, if there are any.
    """
    n_seen = int(np.count_nonzero(choice.view.student_input.seen))
    if max_terms is None or (max_terms != "auto" and max_terms >= n_seen):
        return None, None
    if choice.labels_alone is None:
        return None if max_terms == "auto" else Pruning(max_terms), None
    trainings = ShortTrainingsOfPruned(short_trainings, choice)
    sizes = [max_terms]
    if max_terms == "auto":
        sizes = [size for size in COLUMNS_TO_TRY if size < n_seen]
    whole = choice.labels_alone.weighted
    scores: dict[int, float] = {}
    for size in sizes:
        walk = trainings.walk(size, ladder)
        best = walk.training(walk.best)
        scores[size] = best.score
        error = best.weighted.error_of_difference(whole)
        lost = best.weighted.calibrated_loss - whole.calibrated_loss
        if max_terms != "auto" or lost <= error:
            temperature = best.predictions.temperature
            return Pruning(size, walk.decay, temperature, scores), best
    return None, None
