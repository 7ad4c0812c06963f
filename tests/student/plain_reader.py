"""A reader of student files, written from docs/student_file.md and nothing else.

It uses neither NumPy nor skdistill. It calculates with lists, and with floats of
double precision.
"""

import json
import math
import struct
import zipfile
from itertools import pairwise

SIZES = {
    "float32": ("<f4", "f", 4),
    "float16": ("<f2", "e", 2),
    "int8": ("|i1", "b", 1),
    "int32": ("<i4", "i", 4),
}
ACTIVATIONS = {
    "relu": lambda z: max(z, 0.0),
    "tanh": math.tanh,
    "logistic": lambda z: logistic(z),
    "silu": lambda z: z * logistic(z),
}


def logistic(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


def single(number):
    """Round a number to single precision."""
    return struct.unpack("<f", struct.pack("<f", number))[0]


class PlainStudent:
    """A student from a file."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.description = json.loads(self.members["student.json"].decode("utf-8"))
        assert self.description["format"] == "skdistill student"
        assert self.description["version"] in (4, 5)
        self.task = self.description.get("task")
        self.classes = self.description.get("classes")
        self.code = self.description["input_code"]
        self.read_weights()

    def read_weights(self):
        units = self.description["layer_units"]
        shapes = {f"coefs_{i}": shape for i, shape in enumerate(pairwise(units))}
        if self.code is not None:
            self.read_code(shapes)
        dtype = self.description["weight_dtype"]
        arrays = {
            name: self.array(name, shape, dtype) for name, shape in shapes.items()
        }
        if dtype == "int8":
            by_row = {name: name == "knot_table" for name in shapes}
            counts = {name: shapes[name][0 if by_row[name] else 1] for name in shapes}
            scales = self.array("scales", (sum(counts.values()),))
            for name, matrix in arrays.items():
                own, scales = scales[: counts[name]], scales[counts[name] :]
                arrays[name] = [
                    [v * own[j if by_row[name] else k] for k, v in enumerate(row)]
                    for j, row in enumerate(matrix)
                ]
        self.table = arrays.pop("knot_table", None)
        if self.code is not None and dtype == "float16":
            self.insert_missing_rows(units[1])
        self.coefs = list(arrays.values())
        half = "float16" if dtype == "float16" else "float32"
        biases = self.array("intercepts", (sum(units[1:]),), half)
        self.intercepts = []
        for n_units in units[1:]:
            self.intercepts.append(biases[:n_units])
            biases = biases[n_units:]

    def insert_missing_rows(self, n_units):
        place = 0
        counts = list(self.code["knot_counts"])
        counts += [len(levels) + 1 for levels in self.code["levels"]]
        for count in counts:
            self.table.insert(place + count, [0.0] * n_units)
            place += count + 1

    def read_code(self, shapes):
        code = self.code
        missing = 0 if self.description["weight_dtype"] == "float16" else 1
        rows = sum(count + missing for count in code["knot_counts"])
        rows += sum(len(levels) + 1 + missing for levels in code["levels"])
        shapes["knot_table"] = (rows, self.description["layer_units"][1])
        self.linear = self.array("code_linear", (4, len(code["linear"])))
        knots = self.array("code_knots", (sum(code["knot_counts"]),))
        self.knots = []
        for count in code["knot_counts"]:
            self.knots.append(knots[:count])
            knots = knots[count:]

    def array(self, name, shape, dtype="float32"):
        """Read an array of one or two dimensions as a list, or as a list of rows."""
        descr, letter, size = SIZES[dtype]
        member = self.members[f"{name}.npy"]
        assert member[:8] == b"\x93NUMPY\x01\x00"
        (length,) = struct.unpack("<H", member[8:10])
        numbers = f"{shape[0]}," if len(shape) == 1 else f"{shape[0]}, {shape[1]}"
        header = (
            f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({numbers}), }}"
        )
        assert (
            member[10 : 10 + length].decode("ascii") == header.ljust(length - 1) + "\n"
        )
        assert (10 + length) % 64 == 0
        n_values = math.prod(shape)
        assert len(member) == 10 + length + n_values * size
        values = list(struct.unpack_from(f"<{n_values}{letter}", member, 10 + length))
        if len(shape) == 1:
            return values
        return [values[j * shape[1] : (j + 1) * shape[1]] for j in range(shape[0])]

    def predict_proba(self, rows):
        return [self.probabilities(row) for row in rows]

    def probabilities(self, row):
        logits = self.logits(row)
        if len(self.classes) == 2:
            second = logistic(logits[0])
            return [1 - second, second]
        greatest = max(logits)
        exponentials = [math.exp(t - greatest) for t in logits]
        return [e / sum(exponentials) for e in exponentials]

    def answers(self, row):
        """Return the numbers of a row, or the probabilities of its labels."""
        outputs, task = self.logits(row), self.task
        if task["kind"] == "label_sets":
            assert len(outputs) == len(self.classes)
            return [logistic(t) for t in outputs]
        assert self.classes is None
        low = [-math.inf if bound is None else bound for bound in task["low"]]
        high = [math.inf if bound is None else bound for bound in task["high"]]
        numbers = [
            min(max(task["mean"][i] + task["scale"][i] * t, low[i]), high[i])
            for i, t in enumerate(outputs)
        ]
        numbers = numbers if task["quantiles"] is None else sorted(numbers)
        return numbers[0] if task["is_flat"] else numbers

    def predict(self, rows):
        labels = []
        for row in rows:
            logits = self.logits(row)
            if len(self.classes) == 2:
                labels.append(self.classes[int(logits[0] > 0)])
            else:
                labels.append(self.classes[logits.index(max(logits))])
        return labels

    def logits(self, row):
        offsets = self.description.get("offsets", [0.0] * len(row))
        row = [
            x - offset if offset and x is not None else x
            for x, offset in zip(row, offsets, strict=True)
        ]
        if "kept_columns" in self.description:
            row = self.kept_values(row)
        sums = list(self.intercepts[0])
        parts = self.plain_parts(row) if self.code is None else self.code_parts(row)
        for factor, weights in parts:
            sums = [z + factor * w for z, w in zip(sums, weights, strict=True)]
        activation = ACTIVATIONS[self.description["activation"]]
        for weights, bias in zip(self.coefs[1:], self.intercepts[1:], strict=True):
            outputs = [activation(z) for z in sums]
            sums = list(bias)
            for h, row_of_weights in zip(outputs, weights, strict=True):
                sums = [z + h * w for z, w in zip(sums, row_of_weights, strict=True)]
        return sums

    def kept_values(self, row):
        """Return the values that the student reads, with blocks of unit length."""
        section = self.description["kept_columns"]
        assert len(row) == section["n_columns"]
        places = self.array("kept_columns", (len(self.coefs[0]),), "int32")
        values = [row[place] for place in places]
        for first, end in section["unit_blocks"]:
            inside = [i for i, place in enumerate(places) if first <= place < end]
            length = math.sqrt(sum(values[i] ** 2 for i in inside))
            for i in inside:
                values[i] = values[i] / length if length else values[i]
        return values

    def plain_parts(self, row):
        """Return the factors and rows of weights that make up the first sums."""
        return list(zip(map(single, row), self.coefs[0], strict=True))

    def code_parts(self, row):
        assert len(row) == self.code["n_features"]
        parts = []
        low, high, mean, scale = self.linear
        for place, column in enumerate(self.code["linear"]):
            if row[column] is not None:
                x = min(max(single(row[column]), low[place]), high[place])
                parts.append(((x - mean[place]) / scale[place], self.coefs[0][place]))
        start = 0
        for column, knots in zip(self.code["knotted"], self.knots, strict=True):
            rows = self.table[start : start + len(knots) + 1]
            parts += among_knots(row[column], knots, rows)
            start += len(knots) + 1
        for column, levels in zip(
            self.code["categorical"], self.code["levels"], strict=True
        ):
            label = row[column]
            if label is None:
                place = len(levels) + 1
            else:
                place = levels.index(label) if label in levels else len(levels)
            parts.append((1.0, self.table[start + place]))
            start += len(levels) + 2
        assert start == len(self.table)
        return parts


def among_knots(x, knots, rows):
    """Return the factors and rows of the knot table that stand for a value."""
    if x is None:
        return [(1.0, rows[-1])]
    x = single(x)
    if x <= knots[0]:
        return [(1.0, rows[0])]
    if x >= knots[-1]:
        return [(1.0, rows[len(knots) - 1])]
    i = max(i for i, knot in enumerate(knots) if knot <= x)
    fraction = (x - knots[i]) / (knots[i + 1] - knots[i])
    return [(1 - fraction, rows[i]), (fraction, rows[i + 1])]
