"""The task that distils a student: it runs on one worker, and uses all of them."""

from typing import Any, NamedTuple

from distributed import Event, get_worker, worker_client

from skdistill.common.warn import collected_warnings
from skdistill.stream.fit import fit_source
from skdistill.teachers.models import is_model


class Distilled(NamedTuple):
    """Result of a fit on a worker.

    Attributes
    ----------
    attributes : dict
        Fitted attributes. The teacher is among them only if it has learned what its
        outputs mean.
    warnings : list of str
        Warnings of the fit.
    """

    attributes: dict[str, Any]
    warnings: list[str]


def distil(draft: Any, parts: Any, max_rows: int | str, scratch: Any) -> Distilled:
    """Fit an estimator on parts of rows.

    Parameters
    ----------
    draft : DistilledClassifier
        Unfitted estimator. Its attributes are set.
    parts : Parts
    max_rows, scratch
        Arguments of `skdistill.stream.fit_files`.

    Returns
    -------
    distilled : Distilled

    Raises
    ------
    Exception
        If the fit raises. Warnings that came before are notes of the error.
    """
    parameters = draft.get_params(deep=False)
    if scratch is None and draft.checkpoint is None:
        # If the worker dies, this folder is removed.
        scratch = get_worker().local_directory
    with worker_client() as client, collected_warnings() as collected:
        try:
            fit_source(draft, parts, parts.columns, max_rows, scratch)
        except BaseException as error:
            for message in collected:
                error.add_note(f"Warning: {message}")
            raise
        finally:
            Event(parts.stop, client=client).clear()  # The scheduler forgets it.
    fitted = {n: v for n, v in vars(draft).items() if n not in parameters}
    if not is_model(draft.teacher):
        del fitted["teacher_"]
    return Distilled(fitted, collected)
