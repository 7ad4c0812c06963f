"""ONNX files as teachers. ONNX Runtime is imported when a file is asked."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.adapter_checks import advice_on_file
from skdistill.teachers.batches import as_floats
from skdistill.teachers.quote import quoted, with_article

_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


class OnnxTeacher(ModelAdapter):
    """A model in an ONNX file as a classifier or a regressor. ONNX Runtime runs it.

    It needs the extra ``pip install skdistill[onnx]``.

    Parameters
    ----------
    path : str, pathlib.Path or bytes
        File of the model, or its bytes. A pickled adapter holds the path or the bytes,
        and opens the file again.
    output : {"auto", "logits", "log_proba", "proba", "numbers"}, default="auto"
        Meaning of the outputs: see `TorchTeacher`.
    classes : array-like of shape (n_classes,), default=None
        Label of each output. None stands for the labels of y in sorted order, or for
        0, 1, ... without y.
    prepare : callable, default=None
        Function that makes the model's input of a batch of rows, which it gets as they
        were given: an array, or a dict of arrays by the names of the inputs. None makes
        an array of the type that the file asks for. If the file has an input for each
        column, each gets the column of a frame with its name, or the columns of an
        array get to the inputs in their order.
    batch_size : int, default=None
        Number of rows that the model gets at once. None takes as many as have 16 MiB of
        input and output, or as many as the file asks for.
    output_name : str, default=None
        Name of the output that holds the classes' values. None is the only output of
        real numbers.

    Attributes
    ----------
    output_ : {"logits", "log_proba", "proba", "numbers"}
        Meaning of the outputs, once it is decided.
    classes_ : ndarray of shape (n_classes,)
        Labels of the outputs. It is absent if they are not known.

    See Also
    --------
    TorchTeacher : A PyTorch module.
    skdistill.export.to_onnx : Writes a student to an ONNX file.

    Examples
    --------
    >>> from pathlib import Path, PurePath
    >>> from tempfile import mkdtemp
    >>> from sklearn.datasets import load_iris
    >>> from skdistill import DistilledClassifier, export
    >>> from skdistill.teachers import OnnxTeacher
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DistilledClassifier(max_iter=5, random_state=0).fit(X, y)
    >>> file = Path(mkdtemp()) / "model.onnx"
    >>> _ = export.to_onnx(model, file)
    >>> OnnxTeacher(file).predict_proba(X).shape
    (150, 3)
    """

    _model_parameter = "path"

    def __init__(
        self,
        path: Any,
        output: str = "auto",
        classes: Any = None,
        prepare: Callable | None = None,
        batch_size: int | None = None,
        output_name: str | None = None,
    ) -> None:
        self.path = path
        self.output = output
        self.classes = classes
        self.prepare = prepare
        self.batch_size = batch_size
        self.output_name = output_name

    def check_parameters(self) -> None:
        """Raise if a parameter is wrong, as far as that is known without a question."""
        super().check_parameters()
        if not isinstance(self.path, (str, PurePath, bytes)):
            raise ValueError(
                f"path of OnnxTeacher is {with_article(type(self.path).__name__)}: "
                "give the path of an ONNX file, or its bytes"
            )
        if isinstance(self.path, bytes):
            return
        advice = advice_on_file(str(self.path), "teacher")
        if advice:
            raise ValueError(
                f"path={str(self.path)!r:.100} of OnnxTeacher is no ONNX file: {advice}"
            )
        if Path(self.path).is_dir():
            raise ValueError(
                f"path={str(self.path)!r:.100} of OnnxTeacher is a folder: give the "
                "path of an ONNX file in it"
            )

    @property
    def model_name(self) -> str:
        """Name of the model in messages: that of its file."""
        if isinstance(self.path, bytes):
            return "ONNX model"
        return PurePath(str(self.path)).name

    def _ask(self, inputs):
        session = self._session()
        named = inputs if isinstance(inputs, dict) else self._by_name(inputs)
        n_rows = len(next(iter(named.values())))
        size = self._own_batch_size()
        if size is not None and n_rows < size:
            # The file asks for so many rows: the last row fills them up.
            rows = np.minimum(np.arange(size), n_rows - 1)
            named = {name: np.asarray(part)[rows] for name, part in named.items()}
        (made,) = session.run([self._output_name()], named)
        return self._as_array(made)[: n_rows or None]

    def _by_name(self, rows):
        """Return an array as the model's only input, or as an input for each column."""
        wanted = self._session().get_inputs()
        if len(wanted) == 1:
            return {wanted[0].name: np.asarray(rows, dtype=_TYPES.get(wanted[0].type))}
        rows = np.asarray(rows)
        if rows.shape[1:] != (len(wanted),):
            raise ValueError(
                f"{self._called} has {len(wanted)} inputs: give {self._call}"
                "prepare=f), where f(X) returns a dict of arrays by their names"
            )
        return {
            one.name: rows[:, [number]].astype(_TYPES.get(one.type, np.float32))
            for number, one in enumerate(wanted)
        }

    def _as_array(self, made):
        """Return an output as an array. Converters may make a dict of each row."""
        if isinstance(made, list) and made and isinstance(made[0], dict):
            labels = sorted(made[0])
            if self.classes is not None:
                named = np.asarray(self.classes).tolist()
                labels = named if set(named) == set(labels) else labels
            return np.array([[row[label] for label in labels] for row in made])
        return np.asarray(made)

    def _known_classes(self):
        known = super()._known_classes()
        return self._labels_of_dicts() if known is None else known

    def _labels_of_dicts(self):
        """Return the sorted labels by which a file names its values.

        It is None without names, and if the names are the numbers 0, 1, ...
        """
        try:
            session, output = self._session(), self._output_name()
        except (ImportError, OSError, ValueError):
            return None
        kinds = {one.name: one.type for one in session.get_outputs()}
        if not kinds.get(output, "").startswith("seq(map("):
            return None
        # ONNX Runtime shows the names in an answer alone.
        row = {
            one.name: np.zeros(
                [size if isinstance(size, int) else 1 for size in one.shape],
                dtype=_TYPES.get(one.type),
            ).astype(str if one.type == "tensor(string)" else _TYPES.get(one.type))
            for one in session.get_inputs()
        }
        labels = sorted(session.run([output], row)[0][0])
        return None if labels == list(range(len(labels))) else np.array(labels)

    def _output_name(self):
        """Return the name of the output that holds the classes' values."""
        outputs = self._session().get_outputs()
        names = [one.name for one in outputs]
        if self.output_name is not None:
            if self.output_name not in names:
                raise ValueError(
                    f"{self._called} has no output {self.output_name!r:.50}: give "
                    f"{self._call}output_name=...) with one of {names!r:.200}"
                )
            return self.output_name
        real = [one.name for one in outputs if "float" in one.type or "dou" in one.type]
        if len(real) == 1 or len(outputs) == 1:
            return real[0] if real else outputs[0].name
        raise ValueError(
            f"{self._called} has the outputs {names!r:.200}: give "
            f"{self._call}output_name=...) with the one that holds the classes' values"
        )

    def _inputs(self, X):
        if self.prepare is not None:
            return self.prepare(X)
        wanted = self._session().get_inputs()
        if len(wanted) > 1 and hasattr(X, "columns"):
            return {
                one.name: np.asarray(X[one.name])[:, np.newaxis].astype(
                    _TYPES.get(one.type, np.float32)
                )
                for one in wanted
            }
        if _TYPES.get(wanted[0].type) in (np.float32, None):
            return as_floats(X, self._call)
        return X.toarray() if hasattr(X, "toarray") else np.asarray(X)

    def _own_batch_size(self):
        first = (self._session().get_inputs()[0].shape or [None])[0]
        return first if isinstance(first, int) and first > 0 else None

    def _session(self):
        """Return the open model. It is opened anew if another file is there now."""
        source = self.path if isinstance(self.path, bytes) else str(self.path)
        if isinstance(source, str) and not Path(source).is_file():
            raise FileNotFoundError(f"{self._called} is no file: {source!r}")
        state = source
        if isinstance(source, str):
            file = Path(source).stat()
            state = (source, file.st_mtime_ns, file.st_size, file.st_ino)
        opened_state, session = vars(self).get("_opened", (None, None))
        if opened_state == state:
            return session
        try:
            import onnxruntime
        except ImportError as error:
            raise ImportError(
                f"{self._called} is an ONNX file, which ONNX Runtime runs, and that "
                f"cannot be imported ({error}): pip install skdistill[onnx]"
            ) from error
        try:
            session = onnxruntime.InferenceSession(
                source, providers=onnxruntime.get_available_providers()
            )
        except Exception as error:
            raise ValueError(
                f"{self._called} cannot be opened as an ONNX model: {quoted(error)}"
            ) from error
        # One assignment, because several threads may ask.
        self._opened = state, session
        return session

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_opened", None)
        if isinstance(self.path, str):
            # Fingerprints of answers that are kept read the file behind a Path.
            state["path"] = Path(self.path)
        return state
