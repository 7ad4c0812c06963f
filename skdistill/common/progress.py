"""What a fit tells of its tasks: to scikit-learn's callbacks, and in print."""

from contextlib import contextmanager

from skdistill.common.sklearn_compat import make_callback_context, print_elapsed_time

# Each task costs a progress bar, and each line a terminal, more than a short epoch
# takes.
_MOST_TASKS = 50


def epochs_told_at_once(n_epochs):
    """Return how many epochs callbacks and readers are told of at once.

    One, up to 50 epochs; of more so many that there are no more than 50 tasks.

    Parameters
    ----------
    n_epochs : int
        The most that there may be.

    Returns
    -------
    count : int
    """
    return -(-n_epochs // _MOST_TASKS)


class Task:
    """A part of a fit, with parts of its own, of which callbacks are told.

    Parameters
    ----------
    estimator : estimator
        That is fitted.
    context : CallbackContext or None
        None where there are no callbacks.
    data : dict
        What callbacks may ask for: X, y and metadata of the fit.
    print_parts : bool, default=False
        Whether to print how long each of its parts took.
    """

    def __init__(self, estimator, context, data, *, print_parts=False):
        self._estimator = estimator
        self._context = context
        self._data = data
        self._print_parts = print_parts
        if context is not None:
            context.call_on_fit_task_begin(estimator=estimator, **data)

    @classmethod
    def of_fit(cls, estimator, X, y, sample_weight, n_parts):
        """Begin the fit of an estimator.

        Parameters
        ----------
        estimator : CallbackSupportMixin
        X : table of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or None
        sample_weight : array-like of shape (n_samples,) or None
        n_parts : int
            The most parts that may follow.

        Returns
        -------
        task : Task
        """
        context = make_callback_context(estimator, n_parts)
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        data = {"X": X, "y": y, "metadata": metadata}
        return cls(estimator, context, data, print_parts=bool(estimator.verbose))

    def begin(self, name, n_parts=0):
        """Begin a part.

        Parameters
        ----------
        name : str
        n_parts : int, default=0
            The most parts that it may have itself.

        Returns
        -------
        task : Task
        """
        if self._context is None:
            return Task(self._estimator, None, self._data)
        context = self._context.subcontext(task_name=name, max_subtasks=n_parts)
        return Task(self._estimator, context, self._data)

    def end(self, attributes=None):
        """End this task.

        Parameters
        ----------
        attributes : callable, dict or None, default=None
            Attributes, or a function that returns them, which make a copy of the
            estimator predict as if the fit had ended here; None where none do.

        Returns
        -------
        stop : bool
            Whether a callback wants no more of the tasks beside this one.
        """
        if self._context is None:
            return False
        return self._context.call_on_fit_task_end(
            estimator=self._estimator,
            **self._data,
            reconstruction_attributes=attributes,
        )

    @contextmanager
    def part(self, name, n_parts=0):
        """Begin a part with the block, and end it with it; see `begin`."""
        with self._printed(name):
            task = self.begin(name, n_parts)
            yield task
            task.end()

    @contextmanager
    def fit_of(self, name, estimator):
        """Make a part of the fit of another estimator, which the block does.

        Callbacks are handed on to it where it takes them.

        Parameters
        ----------
        name : str
        estimator : estimator
        """
        if self._context is None or not hasattr(estimator, "set_callbacks"):
            with self.part(name):
                yield
            return
        context = self._context.subcontext(task_name=name)
        with self._printed(name), context.propagate_callback_context(estimator):
            task = Task(self._estimator, context, self._data)
            yield
            task.end()

    def _printed(self, name):
        """Return a context that prints how long it took, where that is wanted."""
        return print_elapsed_time(
            type(self._estimator).__name__, name if self._print_parts else None
        )
