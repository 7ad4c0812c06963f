"""The file of a student: a ZIP archive of a JSON text and NumPy arrays.

The archive holds, uncompressed, ``student.json`` and arrays, little-endian and in
C order, so that NumPy reads it as an ``.npz`` file. For layer i these are
``coefs_i.npy``, of the type that the JSON text names, and ``intercepts_i.npy``,
float32. Where the input is encoded, ``knot_table.npy`` follows, of that type,
and float32 arrays of the code, ``code_<name>.npy``. Integers are accompanied by
their scales, ``<name>_scale.npy``. The JSON text names the format and its
version, the activation, the units of all layers, the labels, and of the code
the sizes and the levels of categories.
"""

import io
import json
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from skdistill.files import write_file
from skdistill.input_code import InputCode
from skdistill.quantization import (
    KNOT_TABLE_AXIS,
    WEIGHT_DTYPES,
    quantize,
    restore,
)

_FORMAT = "skdistill student"
_VERSION = 2
_JSON_NAME = "student.json"

_CODE_INTEGERS = ("linear", "knotted", "categorical", "knot_counts")

# Bounds of what is read, far above any student.
_LONGEST_JSON = 2**24
_MOST_LAYERS = 1000
_MOST_UNITS = 2**17
_MOST_VALUES = 2**24

# Types of labels beside strings of a fixed length.
_NUMBERS = ("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8")
_LABEL_TYPES = {"object", "|b1", "|i1", "|u1"} | {
    order + number for order in "<>" for number in _NUMBERS
}


def write_student(
    path,
    *,
    coefs,
    intercepts,
    activation,
    classes,
    input_code,
    knot_table,
    weight_dtype,
):
    """Write the parts of a student; a former file stays until all is written."""
    matrices = {f"coefs_{layer}": weights for layer, weights in enumerate(coefs)}
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "activation": activation,
        "layer_units": [coefs[0].shape[0], *(bias.size for bias in intercepts)],
        "classes": _labels_to_json(classes),
        "classes_dtype": "object" if classes.dtype == object else classes.dtype.str,
        "weight_dtype": weight_dtype,
        "input_code": None,
    }
    arrays = {}
    if input_code is not None:
        matrices["knot_table"] = knot_table
        description["input_code"], code_arrays = input_code.to_dict()
        sizes = {name: array.size for name, array in code_arrays.items()}
        description["input_code"]["sizes"] = sizes
        arrays = {f"code_{name}": array for name, array in code_arrays.items()}
    for name, weights in matrices.items():
        axis = _scale_axis(name)
        arrays[name], scale = quantize(weights, weight_dtype, axis)
        if scale is not None:
            arrays[f"{name}_scale"] = scale
    arrays |= {f"intercepts_{layer}": bias for layer, bias in enumerate(intercepts)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # ZipInfo with a name alone has a fixed date: equal students, equal files.
        archive.writestr(zipfile.ZipInfo(_JSON_NAME), json.dumps(description))
        for name, array in arrays.items():
            values = array.astype(array.dtype.newbyteorder("<"))
            member = _array_header(values.shape, values.dtype) + values.tobytes()
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member)
    write_file(path, buffer.getvalue())


def read_student(path, make):
    """Read a file and return ``make(**parts)``, as `write_student` takes them."""
    content = Path(path).read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return make(**_read_parts(_Members(archive)))
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


def _read_parts(members):
    """Return the parts of a student."""
    description = _read_description(members)
    units, weight_dtype = description["layer_units"], description["weight_dtype"]
    input_code = knot_table = None
    if description["input_code"] is not None:
        input_code = _read_code(members, description["input_code"])
        shape = (input_code.n_rows, units[1])
        knot_table = members.weights("knot_table", shape, weight_dtype)
    layers = list(enumerate(pairwise(units)))
    parts = {
        "coefs": [members.weights(f"coefs_{i}", s, weight_dtype) for i, s in layers],
        "intercepts": [members.array(f"intercepts_{i}", s[1:]) for i, s in layers],
        "activation": description["activation"],
        "classes": _labels_from_json(description),
        "input_code": input_code,
        "knot_table": knot_table,
        "weight_dtype": weight_dtype,
    }
    members.check_all_read()
    return parts


def _scale_axis(name):
    """Return the axis along which weights share a scale."""
    return KNOT_TABLE_AXIS if name == "knot_table" else 0


class _Members:
    """The members of an archive, each read once and of a size known before."""

    def __init__(self, archive):
        self._archive = archive
        self._read = set()

    def read(self, name, limit):
        """Return the bytes of a member."""
        entry = self._archive.getinfo(name)
        if entry.orig_filename != name:
            raise ValueError(f"{name} is named {entry.orig_filename!r:.100}")
        if entry.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{name} is compressed")
        if entry.file_size > limit:
            raise ValueError(f"{name} has {entry.file_size} bytes, over {limit}")
        self._read.add(name)
        return self._archive.read(entry)

    def array(self, name, shape, dtype="float32"):
        """Return an array; no other shape or type is accepted under its name."""
        dtype = np.dtype(dtype).newbyteorder("<")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        header = _array_header(shape, dtype)
        member = self.read(f"{name}.npy", size + len(header))
        if member[: len(header)] != header or len(member) != size + len(header):
            raise ValueError(f"{name}.npy does not hold {dtype} of shape {shape}")
        return np.frombuffer(member, dtype, offset=len(header)).reshape(shape)

    def weights(self, name, shape, dtype):
        """Return weights that were rounded to a type."""
        scale = None
        if dtype == "int8":
            rows, columns = shape
            scales = (1, columns) if _scale_axis(name) == 0 else (rows, 1)
            scale = self.array(f"{name}_scale", scales)
            if not (scale >= np.finfo(np.float32).tiny).all():
                raise ValueError(f"{name}_scale.npy holds a scale that is not positive")
        return restore(self.array(name, shape, dtype), scale)

    def check_all_read(self):
        """Raise where there is a member that does not belong to a student."""
        names = self._archive.namelist()
        if len(names) != len(self._read):
            raise ValueError(f"it holds {len(names)} members, not {len(self._read)}")


def _read_code(members, description):
    """Return the input code that a file describes."""
    sizes = description.pop("sizes", None)
    if not isinstance(sizes, dict) or not all(
        type(size) is int and 0 <= size <= _MOST_VALUES for size in sizes.values()
    ):
        raise ValueError(f"the sizes of the input code are {sizes!r:.100}")
    arrays = {
        name: members.array(
            f"code_{name}", (size,), "int64" if name in _CODE_INTEGERS else "float32"
        )
        for name, size in sizes.items()
    }
    return InputCode.from_dict(description, arrays)


def _read_description(members):
    """Return the JSON text, its fields checked."""
    description = json.loads(members.read(_JSON_NAME, _LONGEST_JSON))
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
        or not all(type(unit) is int and 0 <= unit <= _MOST_UNITS for unit in units)
    ):
        raise ValueError(f"layer_units is {units!r:.100}, not a list of sizes")
    if description["weight_dtype"] not in WEIGHT_DTYPES:
        raise ValueError(f"weight_dtype is {description['weight_dtype']!r:.100}")
    if not isinstance(description["input_code"], dict | None):
        raise ValueError(f"input_code is {description['input_code']!r:.100}")
    return description


def _array_header(shape, dtype):
    """Return the header of an array file, the only one that is written or read."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": dtype.str, "fortran_order": False, "shape": tuple(shape)}
    )
    return header.getvalue()


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
