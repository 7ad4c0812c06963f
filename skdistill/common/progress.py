"""Progress of a fit: its stages, for scikit-learn's callbacks and in print."""

from contextlib import contextmanager

from skdistill.common.sklearn_compat import make_callback_context, print_elapsed_time

# A stage costs a progress bar more time than a short epoch takes, and a line costs a
# terminal as much.
_MOST_STAGES = 50


def epochs_told_at_once(n_epochs):
    """Return the number of epochs that callbacks and readers are told of at once.

    It is one for up to 50 epochs. More epochs are grouped, so that there are no more
    than 50 stages.

    Parameters
    ----------
    n_epochs : int
        Greatest number of epochs.

    Returns
    -------
    count : int
    """
    return -(-n_epochs // _MOST_STAGES)


class Stage:
    """A part of a fit, with parts of its own, of which callbacks are told.

    Parameters
    ----------
    estimator : estimator
        The estimator that is fitted.
    context : CallbackContext or None
        Context of scikit-learn's callbacks, None without any.
    data : dict
        Arguments of the fit that callbacks may ask for: X, y and metadata.
    print_parts : bool, default=False
        Whether to print the time of each part.
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
            Greatest number of parts that follow.

        Returns
        -------
        stage : Stage
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
            Greatest number of parts that it has itself.

        Returns
        -------
        stage : Stage
        """
        if self._context is None:
            return Stage(self._estimator, None, self._data)
        context = self._context.subcontext(task_name=name, max_subtasks=n_parts)
        return Stage(self._estimator, context, self._data)

    def end(self, attributes=None):
        """End this stage.

        Parameters
        ----------
        attributes : callable, dict or None, default=None
            Attributes, or a function that returns them. With these a copy of the
            estimator predicts as if the fit had ended here. None if none do.

        Returns
        -------
        stop : bool
            Whether a callback wants no more of the stages beside this one.
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
            stage = self.begin(name, n_parts)
            yield stage
            stage.end()

    @contextmanager
    def fit_of(self, name, estimator):
        """Make a part of the fit of another estimator, which happens in the block.

        Callbacks are handed on to the estimator if it takes them.

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
            stage = Stage(self._estimator, context, self._data)
            yield
            stage.end()

    def _printed(self, name):
        """Return a context that prints how long it took, if that is wanted."""
        return print_elapsed_time(
            type(self._estimator).__name__, name if self._print_parts else None
        )
