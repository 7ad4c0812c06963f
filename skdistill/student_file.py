"""The file of a student: a ZIP archive of a JSON text and NumPy arrays.

The archive holds, uncompressed, ``student.json`` and for layer i the arrays
``coefs_i.npy`` and ``intercepts_i.npy``, little-endian float32 in C order, so
that NumPy reads it as an ``.npz`` file. The JSON text names the format and its
version, the activation, the units of all layers, and the labels.
"""

import io
import json
import os
import tempfile
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
_MOST_LAYERS = 1000
_MOST_UNITS = 2**24

# Types of labels beside strings of a fixed length.
_NUMBERS = ("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8")
_LABEL_TYPES = {"object", "|b1", "|i1", "|u1"} | {
    order + number for order in "<>" for number in _NUMBERS
}


def write_student(path, coefs, intercepts, activation, classes):
    """Write the parts of a student; a former file stays until all is written."""
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
                values = array.astype(_FLOAT)
                member = _array_header(values.shape) + values.tobytes()
                archive.writestr(zipfile.ZipInfo(f"{name}_{layer}.npy"), member)
    path = Path(path)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(buffer.getvalue())
            file.close()
            # As the file would be made by open(), not for its owner alone.
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(file.name, 0o666 & ~umask)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read_student(path, make):
    """Read a file and return ``make(coefs, intercepts, activation, classes)``."""
    content = Path(path).read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            description = _read_description(archive)
            units = description["layer_units"]
            n_members = 2 * len(units) - 1
            if len(archive.infolist()) != n_members:
                raise ValueError(
                    f"it holds {len(archive.infolist())} members, not {n_members}"
                )
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
        RuntimeError,
        OSError,
        OverflowError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(f"{path} is not a student file: {error}") from error


def _read_member(archive, name, limit):
    """Return the bytes of a member."""
    entry = archive.getinfo(name)
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


def _array_header(shape):
    """Return the header of an array file, the only one that is written or read."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": _FLOAT.str, "fortran_order": False, "shape": tuple(shape)}
    )
    return header.getvalue()


def _read_array(archive, name, shape):
    """Return an array of a shape; nothing else is accepted under its name."""
    size = int(np.prod(shape, dtype=object)) * _FLOAT.itemsize
    header = _array_header(shape)
    member = _read_member(archive, name, size + len(header))
    if member[: len(header)] != header or len(member) != size + len(header):
        raise ValueError(f"{name} does not hold {_FLOAT} of shape {tuple(shape)}")
    return np.frombuffer(member, _FLOAT, offset=len(header)).reshape(shape)


def _labels_to_json(classes):
    """Return labels as JSON has them."""
    kinds = {"b": bool, "i": int, "u": int, "f": float, "U": str, "O": str}
    expected = kinds.get(classes.dtype.kind)
    labels = classes.tolist()
    if expected is None or not all(isinstance(label, expected) for label in labels):
        raise TypeError(
            f"labels of type {classes.dtype} cannot be saved: "
            f"{labels!r:.100}. Use strings, numbers or booleans"
        )
    return [expected(label) for label in labels]


def _labels_from_json(description):
    """Return labels as an array of their type."""
    labels, name = description["classes"], description["classes_dtype"]
    if not isinstance(labels, list) or not isinstance(name, str):
        raise ValueError(f"classes is {labels!r:.100} of type {name!r:.100}")
    if name.strip("<>|=").startswith("U"):
        # The length follows from the labels: a file does not choose what is
        # allocated.
        classes = np.array(labels, dtype=np.str_)
        if classes.tolist() != labels or classes.dtype != name:
            raise ValueError(f"classes is {labels!r:.100}, not of type {name!r:.100}")
        return classes
    if name not in _LABEL_TYPES:
        raise ValueError(f"labels of type {name!r:.100} are not known")
    classes = np.array(labels, dtype=name)
    if _labels_to_json(classes) != labels:
        raise ValueError(f"classes is {labels!r:.100}, not of type {name}")
    return classes
