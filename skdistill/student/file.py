"""The file of a student: a ZIP archive of a JSON text and NumPy arrays.

docs/student_file.md describes the format for readers in other languages. Arrays are
written in the same form on all machines: little-endian, in C order, not compressed.
The size of each part is known before the part is read.
"""

import io
import json
import struct
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from skdistill.common.files import write_file
from skdistill.student.input_code import InputCode
from skdistill.student.quantization import (
    BIAS_DTYPES,
    KNOT_TABLE_AXIS,
    WEIGHT_DTYPES,
    restore,
)

_FORMAT = "skdistill student"
_VERSION = 4
_JSON_NAME = "student.json"

# Parts of the input code: the first are in the JSON text, the second are rows of an
# array.
_CODE_INTEGERS = ("linear", "knotted", "categorical", "knot_counts")
_LINEAR_PARAMETERS = ("low", "high", "mean", "scale")

# Bounds of the parts that are read, far above those of any student.
_LONGEST_FILE = 2**27
_LONGEST_JSON = 2**22
_LONGEST_INTEGER = 20
_MOST_LAYERS = 1000
_MOST_UNITS = 2**17
_MOST_VALUES = 2**24

# Bytes that are read at once. So reading takes no memory that the file does not fill.
_PART = 2**20

# Bound of the characters of all labels. In memory each label of text takes as many
# characters as the longest one.
_MOST_CHARACTERS = 2**20

_LABEL_TYPES = (
    "str",
    "object",
    "bool",
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
)

# Errors that reading a damaged file may raise.
_READ_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    RuntimeError,
    OSError,
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
)


def write_student(path, *, weights, activation, classes, input_code):
    """Write the parts of a student.

    An existing file is kept until the new one is complete.

    Parameters
    ----------
    path : str or path-like
    weights : StoredWeights
    activation : str
    classes : ndarray of shape (n_classes,)
    input_code : InputCode or None

    Raises
    ------
    TypeError
        If a label is neither a string, a number nor a boolean.
    ValueError
        If `read_student` would refuse the file.
    OSError
        If the file cannot be written.
    """
    first = weights.layers[0]
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "activation": activation,
        "layer_units": [first.values.shape[0], *(b.size for b in weights.biases)],
        "classes": _labels_to_json(classes),
        "classes_dtype": _label_type(classes.dtype),
        "weight_dtype": first.dtype,
        "input_code": None,
    }
    arrays = {}
    if input_code is not None:
        description["input_code"], parts = input_code.to_dict()
        for name in _CODE_INTEGERS:
            description["input_code"][name] = parts[name].tolist()
        arrays["code_linear"] = np.stack([parts[name] for name in _LINEAR_PARAMETERS])
        arrays["code_knots"] = parts["knots"]
    matrices = weights.matrices
    arrays |= {name: matrix.values for name, matrix in matrices.items()}
    scales = [m.scales.ravel() for m in matrices.values() if m.scales is not None]
    if scales:
        arrays["scales"] = np.concatenate(scales)
    arrays["intercepts"] = np.concatenate(weights.biases)
    content = _archive(description, arrays)
    try:
        _read_content(content)
    except _READ_ERRORS as error:
        raise ValueError(f"the student cannot be saved: {error}") from error
    write_file(path, content.getvalue())


def read_student(path, make):
    """Read a file and return ``make(**parts)``, the parameters of `Student`."""
    content = io.BytesIO()
    with Path(path).open("rb") as file:
        while content.tell() <= _LONGEST_FILE and (part := file.read(_PART)):
            content.write(part)
    try:
        return make(**_read_content(content))
    except _READ_ERRORS as error:
        raise ValueError(f"{path} is not a student file: {error}") from error


def _archive(description, arrays):
    """Return the bytes of a file, in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # ZipInfo with only a name has a fixed date, so that equal students give equal
        # files.
        archive.writestr(zipfile.ZipInfo(_JSON_NAME), json.dumps(description))
        for name, array in arrays.items():
            values = array.astype(array.dtype.newbyteorder("<"))
            member = _array_header(values.shape, values.dtype) + values.tobytes()
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member)
    return buffer


def _read_content(content):
    """Return the parts of a student from a file in memory."""
    n_bytes = content.getbuffer().nbytes
    if n_bytes > _LONGEST_FILE:
        raise ValueError(f"it has more than {_LONGEST_FILE} bytes")
    with zipfile.ZipFile(content) as archive:
        return _read_parts(_Members(archive, n_bytes))


def _read_parts(members):
    """Return the parts of a student."""
    description = _read_description(members)
    units = description["layer_units"]
    shapes = {f"coefs_{layer}": shape for layer, shape in enumerate(pairwise(units))}
    input_code, knot_table = None, None
    dtype = description["weight_dtype"]
    if description["input_code"] is not None:
        input_code = _read_code(members, description["input_code"])
        n_omitted = input_code.n_codes if dtype == "float16" else 0
        shapes["knot_table"] = (input_code.n_rows - n_omitted, units[1])
    weights = _read_weights(members, shapes, dtype)
    biases = members.array("intercepts", (sum(units[1:]),), BIAS_DTYPES[dtype])
    if input_code is not None:
        knot_table = weights.pop("knot_table")
        if dtype == "float16":
            knot_table = _with_missing_rows(knot_table, input_code)
    parts = {
        "knot_table": knot_table,
        "coefs": list(weights.values()),
        "intercepts": np.split(biases, np.cumsum(units[1:-1])),
        "activation": description["activation"],
        "classes": _labels_from_json(description),
        "input_code": input_code,
        "weight_dtype": dtype,
    }
    members.check_all_read()
    return parts


def _with_missing_rows(stored, input_code):
    """Return the whole knot table; its rows for missing values are zero."""
    table = np.zeros((input_code.n_rows, stored.shape[1]), np.float32)
    is_stored = np.ones(input_code.n_rows, dtype=bool)
    is_stored[input_code.missing_rows] = False
    table[is_stored] = stored
    return table


def _read_weights(members, shapes, dtype):
    """Return the float32 matrices of given shapes, which are stored in a type."""
    stored = {name: members.array(name, shape, dtype) for name, shape in shapes.items()}
    if dtype != "int8":
        return {name: restore(matrix, None) for name, matrix in stored.items()}
    counts = [shape[1 - _scale_axis(name)] for name, shape in shapes.items()]
    scales = members.array("scales", (sum(counts),))
    if not (scales >= np.finfo(np.float32).tiny).all():
        raise ValueError("scales.npy holds a scale that is not positive")
    parts = np.split(scales, np.cumsum(counts)[:-1])
    return {
        name: restore(matrix, np.expand_dims(part, _scale_axis(name)))
        for (name, matrix), part in zip(stored.items(), parts, strict=True)
    }


def _scale_axis(name):
    """Return the axis along which weights share a scale."""
    return KNOT_TABLE_AXIS if name == "knot_table" else 0


class _Members:
    """The members of an archive. Each is read once, and its size is checked before."""

    def __init__(self, archive, n_bytes):
        self._archive = archive
        self._unread_bytes = n_bytes
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
        self._unread_bytes -= entry.file_size
        if self._unread_bytes < 0:
            raise ValueError("its members overlap")
        self._read.add(name)
        return self._archive.read(entry)

    def array(self, name, shape, dtype="float32"):
        """Return an array; raise unless it has the given shape and type."""
        dtype = np.dtype(dtype).newbyteorder("<")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        header = _array_header(shape, dtype)
        member = self.read(f"{name}.npy", size + len(header))
        if member[: len(header)] != header or len(member) != size + len(header):
            raise ValueError(f"{name}.npy does not hold {dtype} of shape {shape}")
        return np.frombuffer(member, dtype, offset=len(header)).reshape(shape)

    def check_all_read(self):
        """Raise if the archive has a member that does not belong to a student."""
        names = self._archive.namelist()
        if len(names) != len(self._read):
            raise ValueError(f"it holds {len(names)} members, not {len(self._read)}")


def _read_code(members, description):
    """Return the input code that a file describes."""
    lists = {name: description.pop(name, None) for name in _CODE_INTEGERS}
    for name, values in lists.items():
        if not _is_list_of_sizes(values, _MOST_VALUES):
            raise ValueError(f"{name} of the input code is {values!r:.100}")
    if not _is_list_of_sizes([description.get("n_features")], _MOST_VALUES):
        raise ValueError(f"n_features is {description.get('n_features')!r:.100}")
    shape = (len(_LINEAR_PARAMETERS), len(lists["linear"]))
    parameters = members.array("code_linear", shape)
    knots = members.array("code_knots", (sum(lists["knot_counts"]),))
    arrays = {name: np.array(values, np.int64) for name, values in lists.items()}
    arrays |= dict(zip(_LINEAR_PARAMETERS, parameters, strict=True))
    return InputCode.from_dict(description, arrays | {"knots": knots})


def _read_description(members):
    """Return the object of the JSON text after checking its fields."""
    description = _parse(members.read(_JSON_NAME, _LONGEST_JSON))
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise ValueError(f"{_JSON_NAME} does not name the format {_FORMAT!r}")
    version = description.get("version")
    if version != _VERSION:
        raise ValueError(
            f"version {version!r:.100} is not known, only {_VERSION}: the file may "
            "come from a newer release"
        )
    units = description.get("layer_units")
    if not _is_list_of_sizes(units, _MOST_UNITS) or not 2 <= len(units) <= _MOST_LAYERS:
        raise ValueError(
            f"layer_units is {units!r:.100}, not a list of 2 to {_MOST_LAYERS} whole "
            f"numbers from 0 to {_MOST_UNITS}"
        )
    if description["weight_dtype"] not in WEIGHT_DTYPES:
        raise ValueError(f"weight_dtype is {description['weight_dtype']!r:.100}")
    if not isinstance(description["input_code"], dict | None):
        raise ValueError(f"input_code is {description['input_code']!r:.100}")
    return description


def _parse(text):
    """Return the object of a JSON text; raise if readers could disagree about it."""
    description = json.loads(
        text.decode("utf-8"),
        object_pairs_hook=_unique,
        parse_int=_integer,
        parse_constant=_refuse,
    )
    # Other languages do not accept half a surrogate pair as text.
    json.dumps(description, ensure_ascii=False).encode("utf-8")
    return description


def _unique(pairs):
    """Return an object of JSON; raise if it holds a name twice."""
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError(f"{_JSON_NAME} holds a name twice")
    return names


def _integer(text):
    """Return an integer of 64 bits or little more.

    Many longer integers can share one hash. The time to make a set of these grows with
    the square of their number.
    """
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"{_JSON_NAME} holds the integer {text:.30}...: too long")
    return int(text)


def _refuse(text):
    """Refuse NaN and infinity, which JSON does not have."""
    raise ValueError(f"{_JSON_NAME} holds {text}")


def _is_list_of_sizes(values, largest):
    """Return whether values are a list of integers from 0 to the largest."""
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value <= largest for value in values
    )


def _array_header(shape, dtype):
    """Return the header of an array file. No other header is written or read."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": dtype.str, "fortran_order": False, "shape": tuple(shape)}
    )
    return header.getvalue()


def _labels_to_json(classes):
    """Return labels as a list for JSON."""
    kinds = {"b": bool, "i": int, "u": int, "f": float, "U": str, "O": str}
    expected = kinds.get(classes.dtype.kind)
    labels = classes.tolist()
    if expected is None or not all(isinstance(label, expected) for label in labels):
        raise TypeError(
            f"labels of type {classes.dtype} cannot be saved: "
            f"{labels!r:.100}. Use strings, numbers or booleans"
        )
    return [expected(label) for label in labels]


def _label_type(dtype):
    """Return the name of the type of labels. The length of text is left out."""
    return "str" if dtype.kind == "U" else dtype.name


def _labels_from_json(description):
    """Return the labels that JSON describes, as an array."""
    labels, name = description["classes"], description["classes_dtype"]
    if not isinstance(labels, list) or not isinstance(name, str):
        raise ValueError(f"classes is {labels!r:.100} of type {name!r:.100}")
    if name not in _LABEL_TYPES:
        raise ValueError(f"labels of type {name!r:.100} are not known")
    if name == "str":
        _check_length(labels)
    with np.errstate(over="ignore"):
        classes = np.array(labels, dtype=name)
    if _labels_to_json(classes) != labels:
        raise ValueError(f"classes is {labels!r:.100}, not of type {name}")
    return classes


def _check_length(labels):
    """Raise if labels of text would take too much memory: as the longest label each."""
    longest = max((len(str(label)) for label in labels), default=0)
    if len(labels) * longest > _MOST_CHARACTERS:
        raise ValueError(
            f"classes holds {len(labels)} labels of up to {longest} characters, over "
            f"{_MOST_CHARACTERS} together"
        )
