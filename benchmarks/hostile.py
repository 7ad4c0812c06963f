"""Attack the package with files, rows, interrupts and damage, and count what it does.

``python -m benchmarks.hostile`` runs six campaigns. Each trial has a seed of its own.
Child processes run the trials, so that a crash is counted and the next trial goes on:

- ``files``: student files with changed bytes, values, members or records. A file is
  refused with a ValueError, or its student answers as NumPy does.
- ``inputs``: values, types, shapes and containers that no table should have. Students
  with and without Numba answer alike, or both refuse with a ValueError or a TypeError.
- ``interrupts``: one or two interrupts at random lines of a fit. The estimator keeps
  its former state, or has a whole new one.
- ``guard``: fits and predictions of random shapes, whose arrays end at a page that
  cannot be touched.
- ``sparse``: sparse rows with damaged arrays. They are refused with a ValueError, or
  answered as the dense rows that they spell out.
- ``cache``: damaged files of the cache of kernels. The kernel is compiled anew.

The command prints a table, and ends with 1 if a trial failed or crashed. ``--only
CAMPAIGN`` runs one of them, and ``--trial N`` one trial in this process.
"""

import argparse
import contextlib
import ctypes
import decimal
import fractions
import io
import json
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse

ROOT = Path(__file__).parent.parent

# Number of trials of each campaign, and of a tiny one.
TRIALS = {
    "files": (10_000, 20),
    "inputs": (10_000, 40),
    "interrupts": (300, 3),
    "guard": (1_000, 3),
    "sparse": (10_000, 40),
    "cache": (400, 4),
}

# Trials of one child process. A part bounds the memory that trials leave behind.
PART = 2_500

# Greatest difference of an answer between Numba and NumPy.
TOLERANCE = 1e-5

REFUSED, ANSWERED = "refused", "answered"


class CampaignError(Exception):
    """A trial that neither refused nor answered as it should."""


def answer(call, *arguments, refusals=(ValueError, TypeError)):
    """Return what a call answers, or None if it refuses."""
    try:
        return call(*arguments)
    except refusals:
        return None


@contextlib.contextmanager
def numpy_alone():
    """Let students predict without Numba."""
    from skdistill.student import prediction as module

    before, module.COMPILED = module.COMPILED, False
    try:
        yield
    finally:
        module.COMPILED = before


def compare(student, X, method="predict_proba", model=None):
    """Return whether Numba and NumPy refuse rows or answer them, and alike."""
    call = getattr(student if model is None else model, method)
    one = answer(call, X)
    with numpy_alone():
        other = answer(call, X)
    if one is None or other is None:
        if one is not other:
            who = "Numba" if one is None else "NumPy"
            raise CampaignError(f"{who} alone refuses {X!r:.300}")
        return REFUSED
    if one.shape != other.shape:
        raise CampaignError(f"shapes {one.shape} and {other.shape} for {X!r:.300}")
    if method == "predict_proba":
        if not (np.isfinite(one).all() and np.abs(one - other).max(initial=0) < 1e-5):
            raise CampaignError(f"{one!r:.200} and {other!r:.200} for {X!r:.300}")
    elif method == "decision_function" and not np.isfinite(one).all():
        raise CampaignError(f"{one!r:.200} for {X!r:.300}")
    return ANSWERED


def random_students(rng):
    """Return students of each kind, with all types of weights."""
    from skdistill import Student
    from skdistill.student.input_code import InputCode

    def layers(*units):
        shapes = pairwise(units)
        weights = [rng.normal(size=shape) for shape in shapes]
        return weights, [rng.normal(size=n) for n in units[1:]]

    students = [
        Student(*layers(*units), activation, labels, weight_dtype=dtype)
        for activation in ("relu", "tanh", "logistic", "silu")
        for units, labels, dtype in (
            ((4, 6, 3), ["a", "b", "c"], "float32"),
            ((4, 5, 4, 1), [0, 1], "int8"),
        )
    ]
    for dtype in ("float32", "float16", "int8"):
        for levels in ([], [["red", "green"], [1, 2.5, 7]]):
            code = InputCode(
                3 + len(levels),
                linear=[1],
                low=[-3.0],
                high=[3.0],
                mean=[0.25],
                scale=[1.5],
                knotted=[0],
                knots=[np.sort(rng.normal(size=6))],
                categorical=range(3, 3 + len(levels)),
                levels=levels,
            )
            table = rng.normal(size=(code.n_rows, 5))
            parts = (*layers(1, 5, 3), "relu", ["x", "y", "z"], code, table, dtype)
            students.append(Student(*parts))
    return students


def rows_for(student, rng, n_rows=5):
    """Return rows that a student takes."""
    X = rng.normal(size=(n_rows, student.n_features_in_)).astype(np.float32)
    code = student.input_code
    if code is None:
        return X
    X[rng.random(X.shape) < 0.1] = np.nan
    if not code.has_categories:
        return X
    X = X.astype(object)
    for feature, levels in zip(code.categorical, code.levels, strict=True):
        X[:, feature] = rng.choice(np.array([*levels, None], dtype=object), n_rows)
    return X


class Files:
    """Student files, changed."""

    def __init__(self, folder):
        self.path = Path(folder) / "student.npz"
        self.contents = []
        for student in random_students(np.random.default_rng(0)):
            student.save(self.path)
            self.contents.append(self.path.read_bytes())

    def run(self, rng):
        """Run a trial, and return its outcome."""
        from skdistill import Student

        content = self.contents[rng.integers(len(self.contents))]
        changes = (self.bytes, self.splice, self.cut, self.member, self.described)
        change = changes[rng.choice(5, p=[0.15, 0.15, 0.1, 0.3, 0.3])]
        self.path.write_bytes(change(content, rng))
        student = answer(Student.load, self.path, refusals=ValueError)
        if student is None:
            return REFUSED
        if student.n_features_in_ > 10_000:
            return "too wide to be asked"
        with np.errstate(over="ignore"):
            return compare(student, rows_for(student, rng))

    def bytes(self, content, rng):
        """Change some bytes."""
        altered = np.frombuffer(content, np.uint8).copy()
        places = rng.integers(altered.size, size=rng.integers(1, 9))
        altered[places] = rng.integers(256, size=places.size)
        return altered.tobytes()

    def splice(self, content, rng):
        """Put another piece of the file in the place of a piece."""
        start, stop, first, last = rng.integers(len(content) + 1, size=4)
        return content[:start] + content[first:last] + content[max(start, stop) :]

    def cut(self, content, rng):
        """Leave out the end or the start."""
        place = rng.integers(len(content))
        return content[:place] if rng.random() < 0.7 else content[place:]

    def member(self, content, rng):
        """Change an array, with checksums that are right."""

        def change(name, member):
            kind = rng.choice(5, p=[0.1, 0.1, 0.1, 0.2, 0.5])
            if kind == 0:
                return None
            if kind == 1:
                return member[: rng.integers(len(member))]
            if kind == 2:
                return member + bytes(
                    rng.integers(256, size=rng.integers(1, 9)).tolist()
                )
            if kind == 3:
                return self.bytes(member, rng)
            altered = bytearray(member)
            place = 128 + 4 * rng.integers(max(1, (len(altered) - 128) // 4))
            wild = rng.choice([np.nan, np.inf, 3.4e38, -3.4e38, 1e-45, 0.0, 1e30])
            altered[place : place + 4] = np.float32(wild).tobytes()
            return bytes(altered[: len(member)])

        return self.rewritten(content, rng, change, ".npy")

    def described(self, content, rng):
        """Change a value of the description."""
        wild = [None, True, -1, 0, 1, 2**24, 2**31, 2**63, 10**300, 1e308, float("nan")]
        wild += ["", "relu", "int8", "\ud800", "a\0b", [], {}, [1], [[0]], ["x"] * 3]

        def change(name, member):
            description = json.loads(member)
            places = list(self.places(description))
            container, place = places[rng.integers(len(places))]
            if rng.random() < 0.2:
                del container[place]
            else:
                container[place] = wild[rng.integers(len(wild))]
            return json.dumps(description).encode()

        return self.rewritten(content, rng, change, ".json")

    def places(self, container):
        """Yield each list or dict with each index or key in it."""
        items = (
            container.items() if isinstance(container, dict) else enumerate(container)
        )
        for place, value in list(items):
            yield container, place
            if isinstance(value, dict | list):
                yield from self.places(value)

    def rewritten(self, content, rng, change, ending):
        """Write the archive anew with one member changed or left out."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        names = [name for name in members if name.endswith(ending)]
        changed = names[rng.integers(len(names))]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, member in members.items():
                member = change(name, member) if name == changed else member
                if member is not None:
                    archive.writestr(name, member)
        return buffer.getvalue()


WILD = [
    *(np.nan, np.inf, -np.inf, 1e38, -3.4e38, 1e39, 1e300, -1e308, 1e-45, 1e-310, -0.0),
    *(2**53 + 1, 2**63, -(2**64), 10**400, True, None, pd.NA, pd.NaT, "", "red", "1.5"),
    *("nan", "\ud800", b"1", 1j, object(), [1], (), {}, np.float16(2), np.int8(-3)),
    *(decimal.Decimal("1.5"), decimal.Decimal("nan"), fractions.Fraction(1, 3)),
    *(pd.Timestamp(0), pd.Timedelta(1), np.datetime64("nat"), float, len),
]

DTYPES = [
    *("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", "c8"),
    *("O", "S3", "U5", "M8[s]", "m8[s]", ">f4", ">f8", ">i4", "V4"),
]


class Inputs:
    """Rows that no table should hold."""

    def __init__(self, folder):
        from skdistill import DistilledClassifier, TabularEncoder

        rng = np.random.default_rng(0)
        self.models = [(student, None) for student in random_students(rng)]
        parameters = {"hidden_layer_sizes": (4,), "max_iter": 1, "random_state": 0}
        answers = rng.dirichlet([1, 1], 60)
        frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
        with_levels = frame.assign(d=np.where(rng.random(60) < 0.5, "red", "green"))
        tables = [frame, with_levels, frame.to_numpy()]
        for table, encoder in [(t, TabularEncoder(n_bins=4)) for t in tables] + [
            (frame, None),
            (frame.to_numpy(), None),
            (scipy.sparse.csr_matrix(frame.to_numpy()), "auto"),
        ]:
            model = DistilledClassifier("precomputed", encoder=encoder, **parameters)
            model.fit(table, teacher_proba=answers)
            self.models.append((model.student_, model))

    def run(self, rng):
        """Run a trial, and return its outcome."""
        student, model = self.models[rng.integers(len(self.models))]
        X = rows_for(
            student, rng, int(rng.choice([1, 2, 17, 200], p=[0.4, 0.2, 0.3, 0.1]))
        )
        X = self.contained(self.shaped(self.filled(X, rng), rng), rng, model)
        methods = ("predict_proba", "predict", "decision_function")
        return compare(student, X, rng.choice(methods, p=[0.7, 0.2, 0.1]), model)

    def filled(self, X, rng):
        """Put wild values into some cells, and give the table another type."""
        kind = rng.integers(4)
        if kind == 0:
            numbers = [value for value in WILD if isinstance(value, float)]
            X = X.astype(X.dtype if X.dtype == object else np.float64)
            X[rng.random(X.shape) < rng.choice([0.1, 1.0])] = rng.choice(numbers)
        elif kind == 1:
            X = X.astype(object)
            for place in rng.integers(X.size, size=rng.integers(1, 4)):
                X.flat[place] = WILD[rng.integers(len(WILD))]
        elif kind == 2 and X.dtype != object:
            size = 10.0 ** rng.integers(-45, 39)
            X = (X.astype(np.float64) * size).astype(rng.choice(["f4", "f8"]))
        if rng.random() < 0.4:
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                return X.astype(rng.choice(DTYPES))
        return X

    def shaped(self, X, rng):
        """Give the array another shape or another place in memory."""
        changes = {
            "as it is": lambda: X,
            "one dimension": lambda: X[0],
            "flat": lambda: X.ravel(),
            "three dimensions": lambda: X[np.newaxis],
            "no dimension": lambda: X.ravel()[0],
            "no rows": lambda: X[:0],
            "no columns": lambda: X[:, :0],
            "a column less": lambda: X[:, 1:],
            "a column more": lambda: np.hstack([X, X[:, :1]]),
            "columns first": lambda: np.asfortranarray(X),
            "backwards": lambda: X[::-1, ::-1],
            "with steps": lambda: np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)[
                ::2, ::3
            ],
            "turned": lambda: X.T,
            "broadcast": lambda: np.broadcast_to(X[:1], (4, X.shape[1])),
            "not aligned": lambda: self.misaligned(X),
        }
        names = list(changes)
        return changes[names[0 if rng.random() < 0.5 else rng.integers(len(names))]]()

    def misaligned(self, X):
        """Return a copy of an array that begins at an odd address."""
        if X.dtype.hasobject:
            return X
        memory = np.empty(X.nbytes + 1, np.uint8)[1:]
        copy = memory.view(X.dtype).reshape(X.shape)
        copy[...] = X
        return copy

    def contained(self, X, rng, model):
        """Put an array into another container."""
        named = getattr(model, "feature_names_in_", None)
        names = [f"x{i}" for i in range(np.shape(X)[-1] if np.ndim(X) == 2 else 0)]
        if named is not None and rng.random() < 0.7:
            names = [*named, *names][: len(names)]
        changes = [
            lambda: X,
            lambda: X.tolist(),
            lambda: tuple(map(tuple, X)),
            lambda: pd.DataFrame(X, columns=names),
            lambda: pd.DataFrame(X, columns=names[::-1]),
            lambda: pd.DataFrame(X, columns=names).convert_dtypes(),
            lambda: pd.DataFrame(X, columns=names).astype("category"),
            lambda: pd.DataFrame(
                X, index=pd.MultiIndex.from_arrays([[0] * len(X)] * 2)
            ),
            lambda: pd.Series(X.ravel()),
            lambda: np.ma.masked_array(X, mask=rng.random(X.shape) < 0.2),
            lambda: np.matrix(X),
            lambda: X.view(type("Array", (np.ndarray,), {})),
            lambda: scipy.sparse.csr_matrix(X),
            lambda: scipy.sparse.coo_array(X),
            lambda: iter(X),
            lambda: dict(enumerate(X)),
            lambda: memoryview(X),
            lambda: X.tobytes(),
            lambda: str(X),
            lambda: WILD[rng.integers(len(WILD))],
        ]
        kind = 0 if rng.random() < 0.4 else rng.integers(len(changes))
        with contextlib.suppress(Exception):
            return changes[kind]()
        return X


class Interrupts:
    """One or two interrupts of a fit."""

    def __init__(self, folder):
        self.package = str(ROOT / "skdistill")
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(60, 3))
        self.y = (self.X[:, 0] > 0).astype(int)
        # Without interrupts, to compile all kernels and to count the lines.
        whole = self.model(0).fit(self.X, self.y)
        self.names = {name for name in vars(whole) if name.endswith("_")}
        self.n_lines = 0
        self.interrupt_after([])
        try:
            self.model(0).fit(self.X, self.y)
        finally:
            sys.settrace(None)

    def model(self, seed):
        """Return an estimator that is not fitted."""
        from sklearn.linear_model import LogisticRegression

        from skdistill import DistilledClassifier

        return DistilledClassifier(
            LogisticRegression(),
            hidden_layer_sizes=(4,),
            max_iter=3,
            n_synthetic=50,
            early_stopping=bool(seed % 2),
            random_state=0,
        )

    def interrupt_after(self, lines):
        """Raise an interrupt after each of some numbers of lines of the package."""
        left = list(lines)

        def trace(frame, event, argument):
            return line if frame.f_code.co_filename.startswith(self.package) else None

        def line(frame, event, argument):
            if event == "line":
                if not lines:
                    self.n_lines += 1
                elif left:
                    left[0] -= 1
                    if left[0] < 0:
                        left.pop(0)
                        raise KeyboardInterrupt
            return line

        sys.settrace(trace)

    def run(self, rng):
        """Run a trial, and return its outcome."""
        model = self.model(int(rng.integers(2)))
        if rng.random() < 0.7:
            model.fit(self.X, self.y)
        before = vars(model).copy()
        lines = [int(rng.integers(self.n_lines))]
        if rng.random() < 0.5:
            lines.append(int(rng.integers(60)))
        self.interrupt_after(lines)
        error = None
        try:
            model.fit(self.X[::-1], self.y[::-1])
        except BaseException as raised:
            error = raised
        finally:
            sys.settrace(None)
        after = vars(model)
        if error is not None and not isinstance(error, KeyboardInterrupt):
            raise CampaignError(f"lines {lines}: {error!r}")
        if after.keys() == before.keys() and all(after[k] is before[k] for k in after):
            if error is None:
                raise CampaignError(f"lines {lines}: no error and no new student")
            return "former state"
        fitted = {name for name in after if name.endswith("_")}
        lacking = self.names - fitted - {"validation_scores_"}
        kept = [k for k in fitted & before.keys() if after[k] is before[k]]
        kept = [k for k in kept if not isinstance(after[k], int | float | str | None)]
        if lacking or "student_" in kept:
            raise CampaignError(
                f"lines {lines}: {sorted(lacking)} lack, {kept} are former"
            )
        model.predict_proba(self.X)
        return "new student"


class Guard:
    """Arrays that end at a page that cannot be touched."""

    def __init__(self, folder):
        from skdistill.kernels.layers import layout
        from skdistill.kernels.layers import workspace as buffers
        from skdistill.student import code_rows, network, prediction
        from skdistill.training import epochs

        libc = ctypes.CDLL(None)
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        self.mappings = []

        def zeros(*shape, dtype=np.float32):
            count = int(np.prod(shape))
            size = count * np.dtype(dtype).itemsize
            length = -(-max(size, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
            mapping = mmap.mmap(-1, length + mmap.PAGESIZE)
            self.mappings.append(mapping)
            address = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
            if libc.mprotect(address + length, mmap.PAGESIZE, 0):
                raise OSError("a page could not be protected")
            return np.frombuffer(mapping, dtype, count, length - size).reshape(shape)

        def guarded(array):
            copy = zeros(*array.shape, dtype=array.dtype)
            copy[...] = array
            copy.flags.writeable = array.flags.writeable
            return copy

        self.guarded = guarded
        for module in (epochs, network, buffers, layout):
            module.aligned_zeros = zeros
        make_workspace = buffers.make_workspace
        sparse_rows, lazy_state = epochs.SparseRows, epochs.lazy_state

        def workspace(*arguments):
            made = make_workspace(*arguments)
            return made._replace(offsets=guarded(made.offsets))

        describe, pack = code_rows.CodeRows.describe, prediction.pack_student
        epochs.make_workspace = workspace
        epochs.SparseRows = lambda *arrays: sparse_rows(*map(guarded, arrays))
        epochs.lazy_state = lambda *sizes: type(state := lazy_state(*sizes))(
            *map(guarded, state)
        )
        code_rows.CodeRows.describe = classmethod(
            lambda cls, *arguments: cls(*map(guarded, describe(*arguments)))
        )
        prediction.pack_student = lambda *arguments: guarded(pack(*arguments))

    def run(self, rng):
        """Run a trial, and return its outcome."""
        from skdistill import DistilledClassifier, TabularEncoder

        n, d = int(rng.integers(2, 300)), int(rng.integers(1, 60))
        classes = int(rng.choice([2, 3, 5, 23]))
        kind = rng.choice(["plain", "table", "sparse"])
        depth = rng.integers(1 if kind == "sparse" else 0, 4)
        hidden = tuple(rng.integers(1, 200, size=depth).tolist())
        activation = str(rng.choice(["relu", "tanh", "logistic", "silu"]))
        encoder = None if kind == "plain" else "auto"
        if kind == "table":
            encoder = TabularEncoder(n_bins=int(rng.choice([2, 8, 500])))
        model = DistilledClassifier(
            "precomputed",
            hidden_layer_sizes=hidden,
            activation=activation,
            encoder=encoder,
            max_iter=1,
            batch_size=int(rng.integers(1, 130)),
            learning_rate_init=1e-3,
            early_stopping=bool(n > 60 and rng.random() < 0.5),
            weight_dtype=str(rng.choice(["int8", "float16", "float32"])),
            weight_decay=0.1,
            random_state=0,
        )
        X = rng.normal(size=(n, d))
        if kind == "sparse":
            X = scipy.sparse.random(n, d, 0.2, format="csr", rng=rng)
        elif kind == "table":
            X[rng.random(X.shape) < 0.1] = np.nan
        model.fit(X, teacher_proba=rng.dirichlet(np.ones(classes), size=n))
        few = X[: rng.integers(1, n + 1)]
        if kind != "sparse":
            few = self.guarded(few.astype(np.float32))
        found = model.student_.predict_proba(few)
        with numpy_alone():
            expected = model.student_.predict_proba(few)
        if not np.abs(found - expected).max() < TOLERANCE:
            raise CampaignError(f"{model} differs by {np.abs(found - expected).max()}")
        del model, few
        self.mappings.clear()  # Memory that is still in use stays mapped.
        return ANSWERED


# Arrays of each format of sparse rows.
ARRAYS = {
    "csr": ("indptr", "indices", "data"),
    "csc": ("indptr", "indices", "data"),
    "bsr": ("indptr", "indices", "data"),
    "coo": ("row", "col", "data"),
    "lil": ("rows", "data"),
    "dia": ("offsets", "data"),
}


class Sparse:
    """Sparse rows with damaged arrays."""

    SHAPE = (40, 30)

    def __init__(self, folder):
        from sklearn.linear_model import LogisticRegression

        from skdistill import DistilledClassifier

        rng = np.random.default_rng(0)
        self.whole = scipy.sparse.random(*self.SHAPE, 0.2, format="csr", rng=rng)
        self.whole.data[3] = 0.0
        self.y = rng.integers(2, size=self.SHAPE[0])
        self.model = DistilledClassifier(
            LogisticRegression(), hidden_layer_sizes=(4,), max_iter=1, random_state=0
        ).fit(self.whole, self.y)

    def run(self, rng):
        """Run a trial, and return its outcome."""
        form = str(rng.choice(list(ARRAYS), p=[0.5, 0.15, 0.1, 0.15, 0.05, 0.05]))
        X = self.whole.asformat(form, copy=True)
        for _ in range(rng.integers(1, 3)):
            self.damage(X, str(rng.choice(ARRAYS[form])), rng)
        model, student = self.model, self.model.student_
        doors = [student.predict_proba, student.predict, model.predict_proba]
        door = int(rng.choice(5, p=[0.5, 0.2, 0.2, 0.05, 0.05]))
        expected = self.spelled_out(X)
        if door > 2:
            from sklearn.base import clone

            fresh = clone(model)
            fit = [
                lambda X: fresh.fit(X, self.y),
                lambda X: fresh.fit(self.whole, self.y, X_unlabeled=X),
            ][door - 3]
            fitted = answer(fit, X, refusals=ValueError)
            if expected is not None:
                # One epoch with a huge value may diverge: so it does for sound rows.
                sound = scipy.sparse.csr_matrix(expected)
                expected = answer(fit, sound, refusals=ValueError)
            if (fitted is None) != (expected is None):
                raise CampaignError(f"fit of {form}: {fitted}, but {expected} is right")
            return REFUSED if fitted is None else ANSWERED
        found = answer(doors[door], X, refusals=ValueError)
        if expected is not None:
            expected = answer(doors[door], expected, refusals=ValueError)
        if (found is None) != (expected is None):
            raise CampaignError(
                f"{form}: {found!r:.100}, but {expected!r:.100} is right"
            )
        if found is None:
            return REFUSED
        if found.dtype.kind == "f" and not np.abs(found - expected).max() < TOLERANCE:
            raise CampaignError(
                f"{form}: {found!r:.100}, but {expected!r:.100} is right"
            )
        return ANSWERED

    def damage(self, X, name, rng):
        """Change an array: one number, its length, its type, or its dimensions."""
        array = getattr(X, name)
        kind = rng.integers(8)
        if kind == 0 and X.format != "lil":
            array = array[: rng.integers(len(array))]
        elif kind == 1 and X.format != "lil":
            array = np.concatenate([array, array[: rng.integers(1, 9)]])
        elif kind == 2 and array.dtype != object:
            array = array.astype(rng.choice(["i8", "i2", "u4", "f4", "f8"]))
        elif kind == 3 and array.ndim == 1 and len(array) % 2 == 0:
            array = array.reshape(2, -1)
        elif array.dtype == object:
            cell = array[rng.integers(len(array))]
            if isinstance(cell, list) and cell:
                cell[rng.integers(len(cell))] = int(rng.choice([-1, 30, 2**31, 5]))
                if rng.random() < 0.3:
                    cell.append(1)
        else:
            array = array.copy()
            limits = [2**31 - 1, -(2**31)]
            if array.dtype.kind == "i" and array.itemsize == 8:
                limits += [2**62, -(2**62)]
            wild = [-1, 0, 1, 29, 30, 39, 40, 41, len(X.data), len(X.data) + 1, *limits]
            place = int(rng.choice([0, -1, rng.integers(max(1, len(array)))]))
            with contextlib.suppress(IndexError, OverflowError):
                array[place] = wild[rng.integers(len(wild))]
        if X.format == "coo" and name != "data":
            others = {"row": X.row, "col": X.col, name: array}
            X.coords = (others["row"], others["col"])
        else:
            setattr(X, name, array)

    def spelled_out(self, X):
        """Return the rows as a dense array, or None if an entry has no place."""
        dense = np.zeros(self.SHAPE)
        try:
            for row, column, value in self.entries(X):
                if not (0 <= row < self.SHAPE[0] and 0 <= column < self.SHAPE[1]):
                    return None
                dense[row, column] += value
        except (IndexError, TypeError, ValueError):
            return None
        return dense

    def entries(self, X):
        """Yield row, column and value of each entry, as the format states it."""
        if X.format == "coo":
            for values in (X.row, X.col):
                self.check(values, 1, values.dtype in (np.int32, np.int64))
            self.check(X.data, 1, len(X.row) == len(X.col) == len(X.data))
            yield from zip(X.row.tolist(), X.col.tolist(), X.data.tolist(), strict=True)
        elif X.format == "lil":
            for row, (columns, values) in enumerate(zip(X.rows, X.data, strict=True)):
                yield from ((row, c, v) for c, v in zip(columns, values, strict=True))
        elif X.format == "dia":
            self.check(X.data, 2, X.offsets.shape == (len(X.data),))
            self.check(X.offsets, 1, X.offsets.dtype in (np.int32, np.int64))
            for offset, values in zip(X.offsets.tolist(), X.data, strict=True):
                self.check(X.data, 2, -self.SHAPE[0] < offset < self.SHAPE[1])
                for column in range(min(self.SHAPE[1], len(values))):
                    if 0 <= column - offset < self.SHAPE[0]:
                        yield column - offset, column, values[column]
        else:
            yield from self.compressed(X)

    def compressed(self, X):
        """Yield the entries of CSR, CSC and BSR with blocks of one cell."""
        n_lines = self.SHAPE[1 if X.format == "csc" else 0]
        n_places = self.SHAPE[0 if X.format == "csc" else 1]
        for values in (X.indptr, X.indices):
            self.check(values, 1, values.dtype in (np.int32, np.int64))
        self.check(X.data, 3 if X.format == "bsr" else 1, len(X.indices) == len(X.data))
        starts, places = X.indptr.tolist(), X.indices.tolist()
        self.check(X.indptr, 1, len(starts) == n_lines + 1 and starts[0] == 0)
        self.check(X.indptr, 1, starts == sorted(starts) and starts[-1] <= len(places))
        self.check(X.indices, 1, all(0 <= place < n_places for place in places))
        for line in range(n_lines):
            for entry in range(starts[line], starts[line + 1]):
                cell = (line, places[entry])
                yield (
                    *(cell[::-1] if X.format == "csc" else cell),
                    X.data[entry].sum(),
                )

    def check(self, values, n_dimensions, condition):
        """Raise unless an array has a number of dimensions and meets a condition."""
        if values.ndim != n_dimensions or not condition:
            raise ValueError


def summed(values):
    """Return the sum. This is the kernel whose files are damaged."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


class Cache:
    """Damaged files of the cache of kernels."""

    def __init__(self, folder):
        import numba

        self.folder = Path(folder)
        numba.config.CACHE_DIR = folder
        self.compile()
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        self.files = {path: path.read_bytes() for path in sorted(files)}

    def compile(self):
        """Return the sum by the kernel, and whether it came from the cache."""
        from skdistill.kernels.compiler.compilation import kernel

        compiled = kernel(cache=True)(summed)
        total = compiled(np.arange(4.0))
        return total, bool(compiled.stats.cache_hits)

    def run(self, rng):
        """Run a trial, and return its outcome."""
        for path, content in self.files.items():
            if path.is_dir():
                path.rmdir()
            path.write_bytes(content)
        kinds = {self.damage(rng) for _ in range(rng.integers(1, 3))}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            total, _ = self.compile()
            again, _ = self.compile()
        if total != 6.0 or again != 6.0:
            raise CampaignError(f"{kinds}: {total} and {again}")
        foreign = [w for w in caught if "compiled kernels" not in str(w.message)]
        if foreign:
            raise CampaignError(f"{kinds}: {foreign[0].message}")
        return "compiled anew with a warning" if caught else "taken or compiled anew"

    def damage(self, rng):
        """Damage a file. Return what was done."""
        path = list(self.files)[rng.integers(len(self.files))]
        content = self.files[path]
        place = int(rng.integers(len(content)))
        if path.is_dir():
            return "a folder"
        kind = str(
            rng.choice(
                ["empty", "cut", "junk", "bit", "bytes", "gone", "folder", "other"]
            )
        )
        altered = bytearray(content)
        if kind == "empty":
            path.write_bytes(b"")
        elif kind == "cut":
            path.write_bytes(content[:place])
        elif kind == "junk":
            path.write_bytes(rng.bytes(int(rng.integers(1, 5000))))
        elif kind == "bit":
            altered[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(altered)
        elif kind == "bytes":
            altered[place : place + 16] = rng.bytes(16)
            path.write_bytes(altered)
        elif kind == "gone":
            path.unlink(missing_ok=True)
        elif kind == "folder":
            path.unlink(missing_ok=True)
            path.mkdir()
        else:
            others = list(self.files.values())
            path.write_bytes(others[rng.integers(len(others))])
        return kind


CAMPAIGNS = {
    "files": Files,
    "inputs": Inputs,
    "interrupts": Interrupts,
    "guard": Guard,
    "sparse": Sparse,
    "cache": Cache,
}


def run_trials(name, first, last, progress):
    """Run some trials of a campaign. Print a line for each failure, and a last."""
    warnings.simplefilter("ignore")
    outcomes = Counter()
    with tempfile.TemporaryDirectory() as folder, open(progress, "w") as file:
        campaign = CAMPAIGNS[name](folder)
        for number in range(first, last):
            os.pwrite(file.fileno(), f"{number:>12}".encode(), 0)
            seed = [list(CAMPAIGNS).index(name), number]
            try:
                outcomes[campaign.run(np.random.default_rng(seed))] += 1
            except Exception as error:
                print(
                    json.dumps(f"{number}: {type(error).__name__}: {error}"), flush=True
                )
        print(json.dumps(outcomes))


def run_campaign(name, n_trials):
    """Run a campaign in child processes. Return outcomes, failures and crashes."""
    outcomes, failures, crashes, first = Counter(), [], [], 0
    while first < n_trials:
        last = min(first + PART, n_trials)
        with tempfile.NamedTemporaryFile("r") as progress:
            command = [sys.executable, "-X", "faulthandler", "-m", "benchmarks.hostile"]
            command += ["--part", name, str(first), str(last), progress.name]
            child = subprocess.run(
                command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
            )
            reached = progress.read().strip()
        lines = [json.loads(line) for line in child.stdout.splitlines()]
        failures += [line for line in lines if isinstance(line, str)]
        if child.returncode == 0:
            outcomes.update(lines[-1])
            first = last
            continue
        code = child.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        crashes.append(f"{reached or 'before the first trial'}: {how}")
        if not reached or len(crashes) > 20:
            break
        # The outcomes of the trials before the crash are lost. They ended well.
        outcomes["before a crash"] += int(reached) - first
        first = int(reached) + 1
    return outcomes, failures, crashes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="few trials of each kind")
    parser.add_argument("--only", choices=list(CAMPAIGNS), help="this campaign alone")
    parser.add_argument("--trials", type=int, metavar="N", help="number of trials")
    parser.add_argument("--trial", type=int, metavar="N", help="one trial, with --only")
    parser.add_argument("--part", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part is not None:
        name, first, last, progress = options.part
        run_trials(name, int(first), int(last), progress)
        return
    if options.trial is not None:
        run_trials(options.only, options.trial, options.trial + 1, os.devnull)
        return
    print(f"{'campaign':<12}{'trials':>8}{'failed':>8}{'crashed':>9}{'s':>6}  outcomes")
    bad = []
    for name in CAMPAIGNS if options.only is None else [options.only]:
        n_trials = options.trials or TRIALS[name][options.tiny]
        started = time.perf_counter()
        outcomes, failures, crashes = run_campaign(name, n_trials)
        seconds = time.perf_counter() - started
        counts = ", ".join(f"{kind} {n}" for kind, n in outcomes.most_common())
        figures = f"{n_trials:>8}{len(failures):>8}{len(crashes):>9}{seconds:>6.0f}"
        print(f"{name:<12}{figures}  {counts}", flush=True)
        bad += [f"{name} {found}" for found in failures + crashes]
    for line in bad[:50]:
        print(line[:1000])
    if bad:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
