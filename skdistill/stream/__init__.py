"""Fits on files that do not fit into memory. It needs pyarrow and pandas."""

from importlib.util import find_spec

if find_spec("pyarrow") is None or find_spec("pandas") is None:
    raise ImportError(
        "skdistill.stream needs pyarrow and pandas: install skdistill[stream,table]"
    )

from skdistill.stream.fit import fit_files

__all__ = ["fit_files"]
