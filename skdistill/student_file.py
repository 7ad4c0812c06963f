"""The file of a student: a ZIP archive of a JSON text and NumPy arrays.

The archive holds, uncompressed, ``student.json`` and for layer i the arrays
``coefs_i.npy`` and ``intercepts_i.npy``, little-endian float32 in C order, so
that NumPy reads it as an ``.npz`` file. The JSON text names the format and its
version, the activation, the units of all layers, and the labels.
"""

import io
import json
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np

_FORMAT = "skdistill student"
_VERSION = 1
_JSON_NAME = "student.json"
_FLOAT = np.dtype("<f4")

# Bounds of what is read, far above any student.
_LONGEST_JSON = 2**24
_LONGEST_HEADER = 2**10
_MOST_LAYERS = 1000
_MOST_UNITS = 2**24


def write_student(path, coefs, intercepts, activation, classes):
    """Write the parts of a student; the file is replaced once all is ready."""
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "activation": activation,
        "layer_units": [coefs[0].shape[0], *(bias.size for bias in intercepts)],
        "classes": _labels_to_json(classes),
        "classes_dtype": "object" if classes.dtype == object else classes.dtype.str,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # ZipInfo with a name alone has a fixed date: equal students, equal files.
        archive.writestr(zipfile.ZipInfo(_JSON_NAME), json.dumps(description))
        for layer, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True)):
            for name, array in (("coefs", weights), ("intercepts", bias)):
                member = io.BytesIO()
                np.lib.format.write_array(
                    member, array.astype(_FLOAT), allow_pickle=False
                )
                archive.writestr(
                    zipfile.ZipInfo(f"{name}_{layer}.npy"), member.getvalue()
                )
    Path(path).write_bytes(buffer.getvalue())


def read_student(path, make):
    """Read a file and return ``make(coefs, intercepts, activation, classes)``."""
    content = Path(path).read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            description = _read_description(archive)
            units = description["layer_units"]
            coefs, intercepts = [], []
            for layer, shape in enumerate(pairwise(units)):
                coefs.append(_read_array(archive, f"coefs_{layer}.npy", shape))
                intercepts.append(
                    _read_array(archive, f"intercepts_{layer}.npy", shape[1:])
                )
        classes = _labels_from_json(description)
        return make(coefs, intercepts, description["activation"], classes)
    except (
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        OverflowError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(f"{path} is not a student file: {error}") from error


def _read_member(archive, name, limit):
    """Return the bytes of a member, of which the archive holds just one."""
    found = [entry for entry in archive.infolist() if entry.filename == name]
    if len(found) != 1:
        raise ValueError(f"it holds {name} {len(found)} times")
    entry = found[0]
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    if entry.file_size > limit:
        raise ValueError(f"{name} has {entry.file_size} bytes, over {limit}")
    return archive.read(entry)


def _read_description(archive):
    """Return the JSON text, its fields checked."""
    description = json.loads(_read_member(archive, _JSON_NAME, _LONGEST_JSON))
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise ValueError(f"{_JSON_NAME} does not name the format {_FORMAT!r}")
    version = description.get("version")
    if version != _VERSION:
        raise ValueError(
            f"version {version!r} is not known, only {_VERSION}: it may come from "
            "a newer release"
        )
    units = description.get("layer_units")
    if (
        not isinstance(units, list)
        or not 2 <= len(units) <= _MOST_LAYERS
        or not all(type(unit) is int and 1 <= unit <= _MOST_UNITS for unit in units)
    ):
        raise ValueError(f"layer_units is {units!r:.100}, not a list of sizes")
    return description


def _read_array(archive, name, shape):
    """Return an array, after its type and shape have been found as expected."""
    size = int(np.prod(shape, dtype=object)) * _FLOAT.itemsize
    member = io.BytesIO(_read_member(archive, name, size + _LONGEST_HEADER))
    version = np.lib.format.read_magic(member)
    if version != (1, 0):
        raise ValueError(f"{name} has version {version} of the array format")
    found_shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(member)
    if (found_shape, fortran_order, dtype) != (shape, False, _FLOAT):
        raise ValueError(
            f"{name} holds {dtype} of shape {found_shape}, not {_FLOAT} of {shape}"
        )
    values = member.read()
    if len(values) != size:
        raise ValueError(f"{name} has {len(values)} bytes of values, not {size}")
    return np.frombuffer(values, dtype=_FLOAT).reshape(shape)


def _labels_to_json(classes):
    """Return labels as JSON has them."""
    labels = classes.tolist()
    kinds = {"b": bool, "i": int, "u": int, "f": float, "U": str, "O": str}
    expected = kinds.get(classes.dtype.kind)
    if expected is None or not all(type(label) is expected for label in labels):
        raise TypeError(
            f"labels of type {classes.dtype} cannot be saved: "
            f"{labels!r:.100}. Use strings, numbers or booleans"
        )
    return labels


def _labels_from_json(description):
    """Return labels as an array of their type."""
    labels, name = description["classes"], description["classes_dtype"]
    if not isinstance(name, str):
        raise ValueError(f"classes_dtype is {name!r:.100}")
    dtype = np.dtype(object if name == "object" else name)
    if dtype.kind not in "biufUO" or dtype.itemsize > _MOST_UNITS:
        raise ValueError(f"labels of type {dtype} are not known")
    classes = np.array(labels, dtype=dtype)
    if not isinstance(labels, list) or classes.tolist() != labels:
        raise ValueError(f"classes is {labels!r:.100}, not a list of {dtype}")
    _labels_to_json(classes)
    return classes
