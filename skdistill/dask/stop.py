"""The end of a fit on a worker whose result nobody waits for any more."""

from concurrent.futures import CancelledError
from time import monotonic

from distributed import Event, get_client

from skdistill.stream.progress import FitProgress

# Seconds between two questions to the scheduler, at least.
_PAUSE = 1.0


class StoppableProgress(FitProgress):
    """Progress of a part of a fit, which ends the fit if an event of Dask is set.

    A task that runs cannot be ended from outside. So the fit asks now and then.

    Parameters
    ----------
    words, total, is_shown
        See `FitProgress`.
    stop : str or None
        Name of the event. None if nothing ends the fit.
    """

    def __init__(
        self, words: str, total: int | None, is_shown: bool, stop: str | None
    ) -> None:
        super().__init__(words, total, is_shown)
        self._event = None if stop is None else Event(stop, client=get_client())
        self._asked = monotonic()

    def __call__(self, n_rows: int) -> None:
        """Count rows.

        Raises
        ------
        CancelledError
            If the event is set.
        """
        super().__call__(n_rows)
        if self._event is None or monotonic() - self._asked < _PAUSE:
            return
        self._asked = monotonic()
        if self._event.is_set():
            raise CancelledError("the fit was cancelled")
