"""The task that distils a student: it runs on one worker, and uses all of them."""

import warnings
from contextlib import contextmanager
from typing import Any, NamedTuple

from distributed import get_worker, worker_client

from skdistill.stream.fit import fit_source
from skdistill.teachers.models import is_model


class Distilled(NamedTuple):
    """Result of a fit on a worker.

    Attributes
    ----------
    attributes : dict
        Fitted attributes. The teacher is among them only if it has learned what its
        outputs mean.
    warnings : list of Warning
        Warnings of the fit.
    """

    attributes: dict[str, Any]
    warnings: list[Warning]


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
    """
    parameters = draft.get_params(deep=False)
    if scratch is None and draft.checkpoint is None:
        # If the worker dies, this folder is removed.
        scratch = get_worker().local_directory
    with worker_client(), _recorded() as caught:
        fit_source(draft, parts, parts.columns, max_rows, scratch)
    fitted = {n: v for n, v in vars(draft).items() if n not in parameters}
    if not is_model(draft.teacher):
        del fitted["teacher_"]
    return Distilled(fitted, caught)


@contextmanager
def _recorded():
    """Record warnings, and add them to an error as notes: a worker shows none."""
    found: list[Warning] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield found
        except BaseException as error:
            for one in caught:
                error.add_note(f"Warning: {one.message}")
            raise
        finally:
            found.extend(one.message for one in caught)
