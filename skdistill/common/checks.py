"""Checks and guards that every part of the package may use."""

from contextlib import contextmanager


@contextmanager
def restored_on_failure(estimator):
    """Give an estimator back the attributes it had, if the block raises.

    Parameters
    ----------
    estimator : estimator
    """
    attributes = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(attributes)
        raise
