"""Fits, answers and predictions for collections of Dask, on a cluster."""

from importlib.util import find_spec

if any(
    find_spec(name) is None for name in ("dask", "distributed", "pandas", "pyarrow")
):
    raise ImportError(
        "skdistill.dask needs dask, distributed, pandas and pyarrow: install "
        "skdistill[dask]"
    )

from skdistill.dask.classifier import DaskDistilledClassifier
from skdistill.dask.label import label
from skdistill.dask.regressor import DaskDistilledRegressor

__all__ = ["DaskDistilledClassifier", "DaskDistilledRegressor", "label"]
