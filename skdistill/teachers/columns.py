"""The columns that a teacher was fitted on, compared with those of the rows."""

from typing import Any


def check_columns(
    source: Any,
    called: str,
    n_features: int,
    feature_names: Any = None,
    rows: str = "X",
) -> None:
    """Raise if a teacher was fitted on other columns.

    Parameters
    ----------
    source : estimator, callable or str
        The teacher as the estimator publishes it.
    called : str
        Name of the teacher in messages.
    n_features : int
        Number of features of the rows.
    feature_names : ndarray of str or None, default=None
        Names of the features.
    rows : str, default="X"
        Name of the rows in errors.

    Raises
    ------
    ValueError
        If the teacher names other features, or has another number of them.
    """
    expected = getattr(source, "n_features_in_", None)
    known = getattr(source, "feature_names_in_", None)
    if known is not None and feature_names is not None:
        missing = [name for name in known if name not in set(feature_names)]
        unknown = [name for name in feature_names if name not in set(known)]
        if missing or unknown:
            faults = [f"{rows} lacks {missing[:5]}"] if missing else []
            if unknown:
                faults.append(f"the teacher does not know {unknown[:5]}")
            raise ValueError(
                f"the teacher, {called}, was fitted on other feature names: "
                f"{', and '.join(faults)}. Give {rows} the columns that the "
                "teacher knows"
            )
        different = [
            f"{given!r} for {wanted!r}"
            for given, wanted in zip(feature_names, known, strict=True)
            if given != wanted
        ]
        if different:
            raise ValueError(
                f"the teacher, {called}, was fitted on the feature names of {rows} "
                f"in another order: {rows} has {', '.join(different[:3])}. Give "
                f"{rows} its columns in the same order"
            )
    if expected is not None and expected != n_features:
        raise ValueError(
            f"{rows} has {n_features} features, but the teacher, {called}, was "
            f"fitted on {expected}. Give {rows} the columns that the teacher knows"
        )
