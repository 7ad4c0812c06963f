"""Fingerprints: texts that are equal if two teachers, or two tables, are.

A fingerprint is a hash of all values that an object holds, as `joblib.hash` takes it.
Some of joblib's rules do not suit teachers, so some objects are replaced:

- A function counts by its code, its default arguments, and the values that the code
  reads from outside: variables of an enclosing function, and global variables. joblib
  would take the name alone, and refuse a function without a global name.
- A frame, a sparse table, an array of fields, such as the nodes of a tree, and a tensor
  of PyTorch count by type and values, and not by the way in which they lie in memory.
- The items of a dict count in their order. It is that of the layers of a network.
- A Keras model counts by its layers and weights, without the time of the day that it
  would be saved with. The path of a file counts by the content of the file.

A module, a class, and a function of C count by name. A class of the main program, which
may be written anew while the program runs, counts by its methods and attributes too,
and so do the classes of the main program from which it inherits.
"""

import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from joblib.hashing import NumpyHasher, Pickler
from scipy.sparse import issparse

from skdistill.tables.read import is_pandas, is_polars


class NoFingerprintError(ValueError):
    """Error for an object without a fingerprint."""


def fingerprint(thing: Any) -> str:
    """Return the fingerprint of an object.

    Parameters
    ----------
    thing : object
        Model, function, table, or a tuple, list or dict of them.

    Returns
    -------
    fingerprint : str
        Text of 32 characters.

    Raises
    ------
    NoFingerprintError
        If the object, or one that it holds, cannot be pickled. An open file is one.
    """
    try:
        return _Hasher().hash(thing)
    except Exception as error:  # Any class may raise what it likes when pickled.
        said = error.args[0] if error.args else ""
        raise NoFingerprintError(f"{type(error).__name__}: {said!s:.200}") from error


class _Hasher(NumpyHasher):
    """joblib's hasher, for which some objects are replaced by plain ones."""

    def __init__(self):
        # A table may be mapped into memory in one process, and not in another.
        super().__init__("md5", coerce_mmap=True)
        self._seen: dict[int, Any] = {}

    def save(self, obj):
        """Hash an object, or what stands for it."""
        super().save(self._plain(obj))

    def _batch_setitems(self, items, *args):
        # joblib sorts the items, and tries again after any TypeError. Then it takes an
        # object that cannot be pickled for one that it has hashed already.
        Pickler._batch_setitems(self, iter(items), *args)

    def _plain(self, thing):
        if isinstance(thing, FunctionType):
            return self._of_function(thing)
        if isinstance(thing, ModuleType):
            return ("module", thing.__name__)
        if isinstance(thing, type):
            name = _named(thing, thing.__module__, thing.__qualname__)
            if self._has_seen(thing):
                return name
            return (*name, *map(_content_of_class, thing.__mro__))
        if isinstance(thing, Path) and thing.is_file():
            # The weights of a large ONNX model are in a file beside it.
            beside = thing.with_name(f"{thing.name}.data")
            files = [path for path in (thing, beside) if path.is_file()]
            return ("file", [path.read_bytes() for path in files])
        keras = sys.modules.get("keras")
        if keras is not None and isinstance(thing, getattr(keras, "Model", ())):
            # A tensor of PyTorch is hashed below; NumPy warns where Keras converts it.
            weights = [
                part.value
                if hasattr(part.value, "detach")
                else keras.ops.convert_to_numpy(part)
                for part in thing.weights
            ]
            kinds = [type(part) for part in (thing, *thing.layers)]
            return _named(thing, thing.to_json(), weights, kinds)
        if not hasattr(thing, "shape"):
            return thing
        names = getattr(getattr(thing, "dtype", None), "names", None)
        if isinstance(thing, np.ndarray) and names:
            # Bytes between the fields are never set. The nodes of a tree have some.
            fields = [np.ascontiguousarray(thing[name]) for name in names]
            return _named(thing, thing.shape, list(names), fields)
        if issparse(thing):
            parts = thing.tocsr()
            return _named(thing, thing.shape, parts.data, parts.indices, parts.indptr)
        if is_pandas(thing):
            columns = [_of_pandas(column) for _, column in thing.items()]
            index = np.asarray(thing.index)
            return _named(thing, list(thing.columns), index, columns)
        if is_polars(thing):
            columns = [_of_polars(series) for series in thing.get_columns()]
            return _named(thing, thing.columns, columns)
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(thing, torch.Tensor):
            values = thing.detach().cpu()
            if values.dtype == torch.bfloat16:  # NumPy does not know it.
                values = values.view(torch.int16)
            parts = (str(thing.dtype), bool(thing.requires_grad), values.numpy())
            return _named(thing, *parts)
        return thing

    def _of_function(self, function):
        """Return what decides the answers of a function."""
        name = f"{function.__module__}.{function.__qualname__}"
        if self._has_seen(function):
            return ("function", name)
        code, names = _of_code(function.__code__)
        outside = {
            used: function.__globals__[used]
            for used in sorted(names)
            if used in function.__globals__
        }
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        defaults = (function.__defaults__, function.__kwdefaults__)
        return ("function", name, code, defaults, cells, outside, vars(function))

    def _has_seen(self, thing):
        """Tell whether a function or a class was hashed before. It may name itself."""
        has_seen = id(thing) in self._seen
        self._seen[id(thing)] = thing
        return has_seen


def _content_of_class(base):
    """Return the methods and attributes of a class, if the main program holds it."""
    if base.__module__ != "__main__":
        return ()
    content = []
    for name, value in sorted(vars(base).items()):
        # A property, a class method and others wrap functions.
        wrapped = ("__func__", "fget", "fset", "func")
        inner = [getattr(value, part, None) for part in wrapped]
        functions = [one for one in (value, *inner) if isinstance(one, FunctionType)]
        is_special = name.startswith("__") or name == "_abc_impl"
        if functions:
            content.append((name, functions))
        elif not is_special and not hasattr(type(value), "__get__"):
            content.append((name, value))
    return tuple(content)


def _of_code(code):
    """Return the instructions and constants of code, and the names that it uses."""
    names, constants = set(code.co_names), []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            inner, used = _of_code(constant)
            names |= used
            constants.append(inner)
        elif isinstance(constant, frozenset):
            # Texts in it have another order in another process.
            constants.append(("frozenset", sorted(map(repr, constant))))
        else:
            constants.append((type(constant).__name__, repr(constant)))
    variables = (code.co_names, code.co_varnames, code.co_freevars)
    return (code.co_code, variables, constants), names


def _of_pandas(column):
    """Return the type and the values of a column of pandas."""
    dtype = str(column.dtype)
    if hasattr(column, "cat"):
        levels = column.cat.categories
        codes = column.cat.codes.to_numpy()
        return (dtype, codes, list(levels), bool(column.cat.ordered))
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        # The place in memory would count too, and a copy of a frame has another one.
        return (dtype, np.ascontiguousarray(column))
    return (dtype, column.tolist())


def _of_polars(series):
    """Return the type and the values of a column of polars."""
    dtype = str(series.dtype)
    if series.dtype.is_numeric():
        return (dtype, series.is_null().to_numpy(), series.to_numpy())
    return (dtype, series.to_list())


def _named(thing, *parts):
    """Return parts with the name of the type that they come from."""
    return (f"{type(thing).__module__}.{type(thing).__qualname__}", *parts)
