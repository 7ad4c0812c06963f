"""The interface of a teacher: its name, its answers and the time that they take.

All teachers are asked in one place, `Teacher.ask`: models with scikit-learn's
interface, functions, and answers that were stored before. A new kind of teacher needs
a file beside this one and a line in `skdistill.teachers.resolve`. The class in the file
answers for a block of rows (`answer`).

A teacher gets a copy of each block, and its answer is copied. So it may alter its rows,
and it may answer in one array again and again. Hidden values of masked rows are missing
for it, because most models do not see a mask.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import num_samples
from skdistill.common.text import counted
from skdistill.tables.cells import without_mask
from skdistill.teachers.answers import Answers
from skdistill.teachers.blocks import answers_in_blocks, own_n_jobs
from skdistill.teachers.decisions import own_decisions
from skdistill.teachers.label_sets import classes_of_columns
from skdistill.teachers.memory import AnswerMemory, recall
from skdistill.teachers.quote import other_rows, quoted
from skdistill.teachers.thread_safety import is_thread_safe

# Number of rows in one call of the teacher. It limits memory, and never depends on the
# clock: some teachers answer otherwise, in the last digits, for other blocks.
ROWS_AT_ONCE = 16384


def name_of(source):
    """Return the name by which messages call a teacher.

    Parameters
    ----------
    source : estimator, callable or str

    Returns
    -------
    name : str
    """
    if source is None or isinstance(source, str):
        return str(source)
    return getattr(source, "__name__", type(source).__name__)


class OwnLabels(NamedTuple):
    """Labels that a teacher gives to rows for which there is no y.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        Labels, None for a row for which the teacher has none.
    weights : ndarray of shape (n_rows,)
        Factors of the weights of the rows.
    """

    y: np.ndarray
    weights: np.ndarray


class Teacher(ABC):
    """An object that answers for rows, and that a student learns from.

    Parameters
    ----------
    source : estimator, callable or str
        The teacher as the estimator publishes it, `teacher_`.
    given : estimator, callable, str or None, default=None
        The teacher as the user gave it. None if it is the source. If a teacher has to
        answer for rows that it has not seen, clones of this one are fitted.
    fit_params : dict or None, default=None
        Metadata for the `fit` of the clones.

    Attributes
    ----------
    can_be_asked : bool
        Whether the teacher answers for new rows.
    seconds : float
        Time of all answers so far, in seconds.
    seconds_a_row : float
        Time of an answer for one row in the first call, in seconds. 0 before it.
    classes_may_be_codes : bool
        Whether `classes` may hold the numbers 0, 1, ... in place of the sorted labels.
    n_jobs : int or None
        Number of threads in which the teacher is asked, if the user gives one.
    n_columns : int or None
        Number of columns of the answers as the teacher gives them. None before it
        answers.
    memory : AnswerMemory
        Memory in which answers are kept. At first it keeps nothing.
    kind : str
        Kind of the task that the teacher answers: see `Task.kind`.
    fingerprint : str or None
        Name of the teacher in the memory. None before its first use.
    doubt : str
        Reason why the last `decide` does not know the teacher's own decisions. Empty if
        it knows them, or if the teacher has none.
    """

    can_be_asked = True
    classes_may_be_codes = False
    kind = "classes"

    def __init__(self, source, given=None, fit_params=None):
        self.source = source
        self.given = source if given is None else given
        self.fit_params = {} if fit_params is None else fit_params
        self.seconds = self.seconds_a_row = 0.0
        self.doubt = ""
        self.memory = AnswerMemory()
        self.fingerprint: str | None = None
        self._named: list | None = None
        self.n_columns: int | None = None
        self.n_jobs: int | None = None
        self._is_shared = False

    @property
    def name(self) -> str:
        """Name of the teacher in messages."""
        return name_of(self.source)

    def share(self, n_jobs: int | None) -> None:
        """Let the threads of a fit ask the teacher, if it is safe for several threads.

        Until then it is asked in one thread, and keeps the threads that it has itself.
        """
        self._is_shared, self.n_jobs = True, n_jobs

    @property
    def answering(self) -> Any:
        """Model or function that answers. None if threads never ask it together."""
        return None

    @property
    def safe_model(self) -> Any:
        """Model or function that answers. None unless threads ask it together."""
        is_safe = self._is_shared and is_thread_safe(self.source)
        return self.answering if is_safe else None

    @property
    def asked_by(self) -> int | None:
        """Number of threads in which the teacher is asked, as `n_jobs`."""
        model = self.safe_model
        if model is None:
            return 1
        return own_n_jobs(model) if self.n_jobs is None else self.n_jobs

    @property
    def classes(self):
        """Labels of the answers' columns, in the teacher's order.

        None if the teacher does not know them. A teacher of classes that answers with
        a frame knows the names after the first answer.
        """
        classes = self._find_classes()
        if classes is None and self.kind != "label_sets":
            return None if self._named is None else np.array(self._named)
        return classes_of_columns(classes, self.answering, self.kind, self.name)

    @property
    def was_fitted(self) -> bool:
        """Whether the user gave the teacher ready to use. `fit` then fits no clone."""
        return self.given is self.source

    def ask(
        self,
        X: Any,
        task: Any,
        within: Callable[[int], AbstractContextManager] = nullcontext,
    ) -> np.ndarray:
        """Return the checked answers for rows.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows as the user gave them. They are not altered.
        task : Task
            Task that checks the answers.
        within : callable, default=nullcontext
            Maker of a context in which a block of rows is asked about. It is called
            with the number of rows of the block.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)

        Raises
        ------
        ValueError
            If the answers do not suit the task.
        """
        X, n_samples = without_mask(X), num_samples(X)
        name = f"the prediction of the teacher, {self.name},"
        known = self.classes

        def asked() -> Answers:
            return answers_in_blocks(self, X, name, ROWS_AT_ONCE, within, task.kind)

        answers = recall(self, "answers", X, asked)
        answers = self.interpret(answers, task)
        if self._named is None:
            self._named = answers.names_of_classes
        if known is not None and not np.array_equal(known, self.classes):
            changed = np.array(self.classes).tolist()
            raise ValueError(
                f"the teacher, {self.name}, changed its classes_ while it answered, "
                f"from {known.tolist()!r:.100} to {changed!r:.100}: its columns must "
                "keep their order"
            )
        n_columns = answers.values.size // max(n_samples, 1)
        answers = answers._replace(classes=self.classes)
        checked = task.check_answers(answers, n_samples, name)
        if self.n_columns not in (None, n_columns):
            # One column would count as the second class, whichever it is.
            raise ValueError(
                f"{name} has {n_columns} columns, and earlier answers had "
                f"{self.n_columns}"
            )
        self.n_columns = n_columns
        return checked

    def given_answers(self, rows: Any, task: Any, within: Any = nullcontext) -> Any:
        """Return the checked answers for rows that come with `fit`.

        A teacher that knows more of these rows than their features, such as votes,
        may say more of them than of other rows.

        Parameters
        ----------
        rows : FitRows
        task : Task
            Task that checks the answers.
        within : callable, default=nullcontext
            Maker of a context in which a block of rows is asked about.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns)
        """
        return self.ask(rows.X, task, within)

    def own_labels(self, rows: Any) -> Any:
        """Return the labels that the teacher gives to rows for which there is no y.

        Parameters
        ----------
        rows : FitRows
            Rows that come with `fit`.

        Returns
        -------
        labels : OwnLabels or None
            None, unless the teacher knows more of these rows than their features.
        """
        return None

    def abstains(self, rows: Any) -> np.ndarray | None:
        """Tell for which rows the teacher has no answer.

        Parameters
        ----------
        rows : FitRows

        Returns
        -------
        abstains : ndarray of shape (n_rows,), bool, or None
            None if the teacher answers for all rows.
        """
        return None

    def decide(self, X: Any, answers: np.ndarray, task: Any) -> np.ndarray:
        """Return the classes that the teacher decides for.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows as the user gave them.
        answers : ndarray of shape (n_samples, n_columns)
            Answers for these rows, as `ask` returned them.
        task : Task
            Task of the answers.

        Returns
        -------
        decided : ndarray of shape (n_samples,), int
            Column of the class of each row. It is the most probable class, unless the
            teacher decides by itself. If its own decisions cannot be had, `doubt` says
            why.
        """
        X = without_mask(X)
        labels, self.doubt = recall(
            self, "decisions", X, lambda: own_decisions(self, X, ROWS_AT_ONCE)
        )
        if labels is None:
            return task.decisions(answers)
        decided = task.own_decisions(labels, self.classes)
        if decided is None:
            some = ", ".join(f"{label!r:.40}" for label in labels[:3].tolist())
            self.doubt = f"its predict returned {some}, ..., and not its classes"
            return task.decisions(answers)
        return decided

    @property
    def decider(self) -> Any:
        """Model whose `predict` decides for the teacher, or None."""
        return None

    @abstractmethod
    def answer(self, X: Any) -> np.ndarray:
        """Return the answers for a block of rows, unchecked.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)
        """

    def interpret(self, answers: Answers, task: Any) -> Answers:
        """Return answers in the form that the task checks. By default they have it.

        Parameters
        ----------
        answers : Answers
            Answers for all rows of a question, as `answer` returned them.
        task : Task

        Returns
        -------
        answers : Answers
        """
        return answers

    def hidden(self, X: Any, layer: str | None = None) -> np.ndarray | None:
        """Return the outputs of a hidden layer.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
        layer : str, default=None
            Name of the layer. None is the last one before the output.

        Returns
        -------
        hidden : ndarray of shape (n_samples, n_units), float32, or None
            None if the teacher has no hidden layers.
        """
        return None

    def _find_classes(self):
        """Return the labels of the columns as the source has them, or None."""
        return getattr(self.source, "classes_", None)

    @contextmanager
    def _explaining(self, X: Any) -> Iterator[None]:
        """Return a context that explains errors of the source, which is asked in it."""
        try:
            yield
        except (TypeError, ValueError) as error:
            if "could not convert string" in str(error):
                raise ValueError(
                    f"the teacher, {self.name}, refused the rows, which hold text: "
                    f"{quoted(error)}. A teacher gets X, or teacher_X, as you "
                    "gave it. Put an encoder before it: make_pipeline(encoder, "
                    "teacher), fitted together"
                ) from error
            error.add_note(self._advice(X))
            raise
        except AttributeError as error:
            # Models that read texts call the methods of a text.
            if f"object has no attribute {error.name!r}" not in str(error):
                error.add_note(self._advice(X))
                raise
            of = f"the teacher, {self.name}, raised"
            raise ValueError(f"{of} {other_rows(error, X)}") from error
        except Exception as error:
            error.add_note(self._advice(X))
            raise

    def _advice(self, X):
        """Return a note on an error that the source raised."""
        return (
            f"The teacher, {self.name}, raised this error when it was asked about "
            f"{counted(num_samples(X), 'row')}. It gets X, or teacher_X, as you gave "
            f"it, as {type(X).__name__}. If it needs another form, put the step that "
            "makes it before the teacher: make_pipeline(step, teacher)."
        )
