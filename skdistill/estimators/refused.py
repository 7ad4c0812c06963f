"""Parameters that another way to fit than `fit` refuses."""

from typing import Any


def refuse_parameters(
    estimator: Any, refused: dict[str, tuple[bool, str]], refusal: str
) -> None:
    """Raise if a parameter of an estimator is refused.

    Parameters
    ----------
    estimator : DistilledClassifier
    refused : dict of str to tuple of bool and str
        Names of parameters. Whether the value of each is refused, and the advice.
    refusal : str
        Words of the refusal, in which braces stand for the parameter.

    Raises
    ------
    ValueError
        If one is refused.

    Examples
    --------
    >>> from skdistill import DistilledClassifier
    >>> from skdistill.estimators.refused import refuse_parameters
    >>> model = DistilledClassifier(warm_start=True)
    >>> refused = {"warm_start": (model.warm_start, "give warm_start=False")}
    >>> refuse_parameters(model, refused, "{} means nothing here")
    Traceback (most recent call last):
    ValueError: warm_start=True means nothing here: give warm_start=False
    """
    for name, (is_refused, advice) in refused.items():
        if is_refused:
            value = f"{name}={getattr(estimator, name)!r:.100}"
            raise ValueError(f"{refusal.format(value)}: {advice}")
