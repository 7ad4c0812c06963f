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
from skdistill.student.archive import (
    Members,
    PackedMembers,
    archive_of,
    packed_archive_of,
)
from skdistill.student.input_code import InputCode
from skdistill.student.quantization import (
    BIAS_DTYPES,
    KNOT_TABLE_AXIS,
    WEIGHT_DTYPES,
    restore,
)
from skdistill.student.sections import (
    KEPT_DTYPE,
    check_n_columns,
    kept_from_file,
    sections_from_json,
    sections_to_json,
)
from skdistill.student.task_section import (
    labels_of_output,
    output_from_json,
    task_to_json,
)
from skdistill.student.text.section import text_from_file, text_to_file
from skdistill.student.text.text_scores import scores_from_file, scores_to_file

_FORMAT = "skdistill student"
_VERSION = 5

# Version without sections, which is still read.
_FORMER_VERSION = 4

# Version of students of texts: its parts are packed into one member.
_PACKED_VERSION = 6

_JSON_NAME = "student.json"
_TEXT_NAME = "text.zlib"
_KEPT_NAME = "kept_columns"

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


def write_student(
    path,
    *,
    weights,
    activation,
    output,
    input_code,
    feature_names,
    offsets,
    kept_columns,
    text,
):
    """Write the parts of a student.

    An existing file is kept until the new one is complete.

    Parameters
    ----------
    path : str or path-like
    weights : StoredWeights
    activation : str
    output : Output
    input_code : InputCode or None
    feature_names : list of str or None
    offsets : ndarray of shape (n_features,), float64, or None
    kept_columns : KeptColumns or None
    text : StudentText or None

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
    check_n_columns(first.values.shape[0], _MOST_UNITS)
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "activation": activation,
        "layer_units": [first.values.shape[0], *(b.size for b in weights.biases)],
        **labels_of_output(output),
        "weight_dtype": first.dtype,
        "input_code": None,
        **sections_to_json(feature_names, offsets, kept_columns),
        **task_to_json(output),
    }
    arrays, others, stream = {}, {}, None
    if kept_columns is not None:
        arrays[_KEPT_NAME] = kept_columns.places.astype(KEPT_DTYPE)
    try:
        if text is not None:
            description["text"], stream = text_to_file(text)
        if input_code is not None and input_code.texts:
            of_texts = scores_to_file(input_code.texts)
            description["text_columns"], others, arrays = of_texts
    except ValueError as error:
        raise ValueError(f"the student cannot be saved: {error}") from error
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
    content = _archive(description, stream, others, arrays)
    try:
        _read_content(content)
    except _READ_ERRORS as error:
        raise ValueError(f"the student cannot be saved: {error}") from error
    write_file(path, content.getvalue())


def _archive(description, stream, others, arrays):
    """Return the archive of a student in memory, packed if it takes texts."""
    if stream is not None:
        packed = json.dumps(description | {"version": _PACKED_VERSION}).encode()
        content = packed_archive_of(packed, stream, arrays)
        if content is not None:
            return content
        others = {_TEXT_NAME: stream.deflated()}
    return archive_of({_JSON_NAME: json.dumps(description), **others}, arrays)


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


def _read_content(content):
    """Return the parts of a student from a file in memory."""
    n_bytes = content.getbuffer().nbytes
    if n_bytes > _LONGEST_FILE:
        raise ValueError(f"it has more than {_LONGEST_FILE} bytes")
    with zipfile.ZipFile(content) as archive:
        members = Members(archive, n_bytes)
        return _read_parts(members.packed(_LONGEST_FILE) or members)


def _read_parts(members):
    """Return the parts of a student."""
    description = _read_description(members)
    has_sections = description["version"] != _FORMER_VERSION
    sections = sections_from_json(description) if has_sections else {}
    if sections.get("text") is not None:
        stream = members.stream(_TEXT_NAME, _LONGEST_FILE)
        sections["text"] = text_from_file(sections["text"], stream)
    units = description["layer_units"]
    if "kept_columns" in sections:
        places = members.array(_KEPT_NAME, (units[0],), KEPT_DTYPE)
        sections["kept_columns"] = kept_from_file(sections["kept_columns"], places)
    shapes = {f"coefs_{layer}": shape for layer, shape in enumerate(pairwise(units))}
    input_code, knot_table = None, None
    dtype = description["weight_dtype"]
    texts = _read_texts(members, description) if has_sections else ()
    if description["input_code"] is not None:
        input_code = _read_code(members, description["input_code"], texts)
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
        "output": output_from_json(description),
        "input_code": input_code,
        "weight_dtype": dtype,
        **sections,
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


def _read_texts(members, description):
    """Return the text columns of a table, if there are any."""
    found = description.get("text_columns", ())
    if "text_columns" in description and (
        not isinstance(found, list) or not found or description["input_code"] is None
    ):
        raise ValueError(f"text_columns is {found!r:.100}, or there is no input code")
    return scores_from_file(found, members, _LONGEST_FILE)


def _read_code(members, description, texts):
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
    return InputCode.from_dict(description, arrays | {"knots": knots}, texts)


def _read_description(members):
    """Return the object of the JSON text after checking its fields."""
    description = _parse(members.read(_JSON_NAME, _LONGEST_JSON))
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise ValueError(f"{_JSON_NAME} does not name the format {_FORMAT!r}")
    version, packed = description.get("version"), isinstance(members, PackedMembers)
    known = (_PACKED_VERSION,) if packed else (_FORMER_VERSION, _VERSION)
    if type(version) is not int or version not in known:
        raise ValueError(
            f"version {version!r:.100} is not known, only "
            f"{' and '.join(map(str, known))}: the file may come from a newer release"
        )
    if packed and description.get("text") is None:
        raise ValueError(f"version {version} is that of students of texts alone")
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
