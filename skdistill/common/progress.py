"""Progress of a fit: its stages, for scikit-learn's callbacks and in print."""

from contextlib import contextmanager
from functools import partial

from skdistill.common.sklearn_compat import print_elapsed_time

# Greatest number of stages that are reported. To show a stage or print a line takes
# more time than a short epoch.
_MOST_STAGES = 50


def epochs_a_report(n_epochs):
    """Return the number of epochs that are reported together.

    Up to 50 epochs are reported one by one. More epochs are grouped, so callbacks and
    readers get at most 50 reports.

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
    """A part of a fit that is reported to callbacks. It may have parts of its own.

    Parameters
    ----------
    estimator : estimator
        Estimator that is fitted. Callbacks know it by its identity.
    draft : estimator
        Estimator whose attributes the fit sets.
    context : CallbackContext or None
        Context of scikit-learn's callbacks. None if there are none.
    data : dict
        Arguments of the fit that callbacks may ask for: X, y and metadata.
    print_parts : bool, default=False
        Whether to print the time of each part.
    """

    def __init__(self, estimator, draft, context, data, *, print_parts=False):
        self._estimator = estimator
        self._draft = draft
        self._context = context
        self._data = data
        self._print_parts = print_parts
        if context is not None:
            context.call_on_fit_task_begin(estimator=estimator, **data)

    @classmethod
    def of_fit(cls, estimator, draft, context, X, y, sample_weight):
        """Begin the fit of an estimator, and return its stage.

        Parameters
        ----------
        estimator : estimator
            Estimator that is fitted.
        draft : estimator
            Estimator whose attributes the fit sets.
        context : CallbackContext or None
            Context of scikit-learn's callbacks. None if there are none.
        X : table of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or None
        sample_weight : array-like of shape (n_samples,) or None

        Returns
        -------
        stage : Stage
        """
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        data = {"X": X, "y": y, "metadata": metadata}
        return cls(estimator, draft, context, data, print_parts=bool(estimator.verbose))

    def begin(self, name, n_parts=0):
        """Begin a part of this stage.

        Parameters
        ----------
        name : str
            Name of the part.
        n_parts : int, default=0
            Greatest number of parts of the part.

        Returns
        -------
        stage : Stage
        """
        if self._context is None:
            return Stage(self._estimator, self._draft, None, self._data)
        context = self._context.subcontext(task_name=name, max_subtasks=n_parts)
        return Stage(self._estimator, self._draft, context, self._data)

    def end(self, attributes=None):
        """End this stage.

        Parameters
        ----------
        attributes : callable, dict or None, default=None
            Fitted attributes, or a function that returns them. A copy of the estimator
            with these attributes predicts as if the fit had ended here. None if there
            are no such attributes yet.

        Returns
        -------
        stop : bool
            Whether a callback asks to skip the following stages of the same kind.
        """
        if self._context is None:
            return False
        return self._context.call_on_fit_task_end(
            estimator=self._estimator,
            **self._data,
            reconstruction_attributes=(
                None if attributes is None else partial(self._state, attributes)
            ),
        )

    def _state(self, attributes):
        """Return the attributes of the draft and some more, for a copy of an estimator.

        They are one attribute, so the copy has no attribute of a former fit.
        """
        more = attributes() if callable(attributes) else attributes
        return {"__dict__": vars(self._draft) | more}

    @contextmanager
    def part(self, name, n_parts=0):
        """Return a context for a part, which begins and ends with it: see `begin`."""
        with self._printed(name):
            stage = self.begin(name, n_parts)
            yield stage
            stage.end()

    @contextmanager
    def fit_of(self, name, estimator):
        """Return a context for a part in which another estimator is fitted.

        If the other estimator takes callbacks, it gets those of this fit.

        Parameters
        ----------
        name : str
            Name of the part.
        estimator : estimator
            Other estimator. It is fitted in the block.
        """
        if self._context is None or not hasattr(estimator, "set_callbacks"):
            with self.part(name):
                yield
            return
        context = self._context.subcontext(task_name=name)
        with self._printed(name), context.propagate_callback_context(estimator):
            stage = Stage(self._estimator, self._draft, context, self._data)
            yield
            stage.end()

    def _printed(self, name):
        """Return a context that prints the time it took, if the user asks for it."""
        return print_elapsed_time(
            type(self._estimator).__name__, name if self._print_parts else None
        )
