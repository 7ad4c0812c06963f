"""Checks that several folders share, and what undoes a failed call."""

from contextlib import contextmanager


@contextmanager
def restored_on_failure(estimator):
    """Restore the attributes of an estimator if the block raises an error.

    Parameters
    ----------
    estimator : estimator
        Estimator whose attributes the block sets.
    """
    attributes = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(attributes)
        raise


def check_not_empty(estimator, shape):
    """Raise an error, in scikit-learn's words, if a table has no row or no column.

    Parameters
    ----------
    estimator : estimator
        Estimator that the message names.
    shape : tuple of int
        Number of rows and number of columns.

    Raises
    ------
    ValueError
        If one of the two numbers is zero.
    """
    for size, unit in zip(shape, ("sample(s)", "feature(s)"), strict=True):
        if size == 0:
            raise ValueError(
                f"Found array with 0 {unit} (shape={shape}) while a minimum of 1 is "
                f"required by {type(estimator).__name__}."
            )
