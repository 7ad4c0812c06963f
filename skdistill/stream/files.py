"""Files of rows with the same columns, in any order of columns, read in batches."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from glob import glob
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from skdistill.stream.arguments import columns_of_labels, names_of
from skdistill.stream.levels import LevelsOfFiles
from skdistill.stream.progress import FitProgress
from skdistill.stream.source import RowSource
from skdistill.tables.batches.arrow_columns import code_texts
from skdistill.tables.batches.batch import Role
from skdistill.tables.batches.forms import Form, form_of
from skdistill.tables.batches.open import open_rows
from skdistill.teachers.memory import AnswerMemory, folder_of
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.teacher import Teacher

# Rows of a batch, about. A teacher is asked about them at once.
_ROWS_A_BATCH = 2**16


class RawBatch(NamedTuple):
    """Rows of a file as they are.

    Attributes
    ----------
    file : str
        Name of the file among the others.
    first : int
        Number of the first row in the file.
    table : Table
        Columns of pyarrow.
    """

    file: str
    first: int
    table: Any


class Columns(NamedTuple):
    """Columns of the files, by their meaning.

    Attributes
    ----------
    features : list of str
        Columns of the student.
    targets : list of str
        Columns of the labels, or of the numbers. One for labels of classes.
    proba : list of str
        Columns of the teacher's probabilities.
    classes : list or None
        Labels of these columns, if the user gave them.
    weight : str or None
        Column of the weights.
    are_texts : bool, default=False
        Whether all cells are texts of CSV.
    kind : str, default="classes"
        Kind of the task: what the columns of targets hold.
    names_of_targets : list or None, default=None
        Names of these columns for the user. None if they have none.
    """

    features: list[str]
    targets: list[str]
    proba: list[str]
    classes: list[Any] | None
    weight: str | None
    are_texts: bool = False
    kind: str = "classes"
    names_of_targets: list[Any] | None = None

    @property
    def names(self) -> list[str]:
        """Names of all columns that are read."""
        weight = [] if self.weight is None else [self.weight]
        return [*self.features, *self.proba, *self.targets, *weight]

    @property
    def target(self) -> Any:
        """Column of targets, the list of several ones, or None if there is none."""
        return self.targets if len(self.targets) > 1 else next(iter(self.targets), None)


class Files(RowSource):
    """Files of rows.

    Parameters
    ----------
    paths : str, path-like or sequence of them
        Paths of files. A text may be a pattern.

    Attributes
    ----------
    paths : list of Path
        Files in the order of their names. Links stay as they are.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If a path is a folder, or if some files are CSV and others are not.
    """

    def __init__(self, paths: Any) -> None:
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        found = {Path(os.path.abspath(p)) for path in given for p in _matches(path)}
        if not found:
            raise FileNotFoundError(f"there is no file {paths!r:.200}")
        self.paths = sorted(found)
        _check_forms(self.paths)
        parents = [str(path.parent) for path in self.paths]
        common = os.path.commonpath(parents)
        # A folder may move, and its rows stay the same.
        self._names = {p: p.relative_to(common).as_posix() for p in self.paths}
        self._kinds: dict[str, tuple[str, Path]] = {}
        self._texts: dict[str, bool] = {}
        self._types: dict[str, Any] = {}
        self._levels: dict[str, LevelsOfFiles] = {}
        # Columns that hold plain texts in some file, whether or not another one has a
        # dictionary of them.
        self._plain: set[str] = set()

    @property
    def are_texts(self) -> bool:
        """Whether the files are CSV, of which all cells are texts."""
        return form_of(self.paths[0]) is Form.CSV

    def columns(
        self,
        target: Any,
        proba: Any,
        sample_weight: Any,
        drop: Sequence[str],
        kind: str = "classes",
    ) -> Columns:
        """Return the columns of the files by their meaning, and check their names.

        Parameters
        ----------
        target, proba, sample_weight, drop
            Arguments of `fit_files`.
        kind : str, default="classes"
            Kind of the task.

        Raises
        ------
        ValueError
            If a column is missing, or if a file has others than the first one. If label
            sets have no column of probabilities for each label.
        """
        with open_rows(self.paths[0]) as rows:
            found = rows.names
        targets = names_of(target)
        classes = list(proba) if isinstance(proba, Mapping) else None
        columns_of_proba = names_of(proba)
        if kind == "label_sets" and columns_of_proba:
            columns_of_proba = columns_of_labels(targets, proba)
        asked = {
            "target": targets,
            "proba": columns_of_proba,
            "sample_weight": [sample_weight],
            "drop": names_of(drop),
        }
        twice = [name for name in targets if targets.count(name) > 1]
        if twice:
            raise ValueError(
                f"target={target!r:.200} names {twice[0]!r} twice: name it once"
            )
        taken = set()
        for argument, names in asked.items():
            for name in names:
                if name is not None and name not in found:
                    raise ValueError(
                        f"{argument}={name!r} is no column of {self.paths[0]}, which "
                        f"has {', '.join(map(repr, found))}"
                    )
                taken.add(name)
        taken |= {name for name in found if _is_index(name)}
        features = [name for name in found if name not in taken]
        if not features:
            raise ValueError(f"{self.paths[0]} has no columns to learn from")
        columns = Columns(
            features,
            targets,
            columns_of_proba,
            classes,
            sample_weight,
            self.are_texts,
            kind,
            targets,
        )
        for path in self.paths[1:]:
            self._check_names(path, set(columns.names), taken)
        return columns

    def identity(self) -> list[tuple[str, int, int]]:
        """Return names, sizes and times of the files."""
        stats = [(self._names[path], path.stat()) for path in self.paths]
        return [(name, found.st_size, found.st_mtime_ns) for name, found in stats]

    def progress(self, words: str, total: int | None, is_shown: bool) -> FitProgress:
        """Return the progress of a pass over the rows."""
        return FitProgress(words, total, is_shown)

    def teacher(self, estimator: Any) -> Teacher:
        """Return the teacher that is asked about all rows."""
        teacher = as_teacher(estimator.teacher_, kind=estimator.task_.kind)
        # Its questions follow from the files, and not from a seed.
        teacher.memory = AnswerMemory(folder_of(estimator.memory))
        teacher.share(estimator.n_jobs)
        return teacher

    def map(
        self,
        next_call: Callable[[], Callable[[RawBatch], Any]],
        columns: Columns,
        first: int = 0,
    ) -> Iterator[Any]:
        """Yield the result of a function for each batch of the files."""
        for batch in islice(self.batches(columns), first, None):
            yield next_call()(batch)

    def batches(self, columns: Columns) -> Iterator[RawBatch]:
        """Yield the rows of all files. Small groups of rows of a file are joined.

        Raises
        ------
        ValueError
            If a file cannot be read, or if a column has numbers in one file, and texts
            in another.
        """
        for path in self.paths:
            first, waiting, n_waiting = 0, [], 0
            with open_rows(path) as rows:
                for batch in rows.batches({}, columns.names):
                    waiting.append(self._table(path, batch, columns))
                    n_waiting += batch.n_rows
                    if n_waiting >= _ROWS_A_BATCH:
                        yield RawBatch(self._names[path], first, _joined(waiting))
                        first, waiting, n_waiting = first + n_waiting, [], 0
            if n_waiting:
                yield RawBatch(self._names[path], first, _joined(waiting))

    def _table(self, path, batch, columns):
        """Return the columns of a batch, alike in all files."""
        arrays = {name: batch.raw(name) for name in columns.names}
        for name in (*columns.features, *columns.targets):
            arrays[name] = self._alike(path, name, arrays[name])
        return pa.table(arrays)

    def frame(self, table: Any, names: Sequence[str]) -> Any:
        """Return columns of a batch as a frame of pandas, as a teacher takes them.

        A column has the same type and levels in each batch, once all files were read.
        """
        columns, categories = {}, {}
        for name in names:
            column = table.column(name).combine_chunks()
            is_coded = pa.types.is_dictionary(column.type)
            if name in self._levels and name not in self._plain:
                categories[name] = self._levels[name].column(column)
                column = pa.nulls(len(column))
            elif is_coded:
                column = column.dictionary_decode()
            elif pa.types.is_null(column.type) and name in self._types:
                column = column.cast(self._types[name])
            elif name in self._texts:
                role = Role.LEVELS if self._texts[name] else Role.NUMBERS
                coded = code_texts(name, column, role)
                cells = coded.decode().values
                column = pa.array(cells, from_pandas=True)
            columns[name] = column
        frame = pa.table(columns).to_pandas()
        for name, column in categories.items():
            frame[name] = column
        return frame

    def _check_names(self, path, used, taken):
        with open_rows(path) as rows:
            found = rows.names
        missing = sorted(used - set(found))
        if missing:
            raise ValueError(
                f"{path} lacks the column {missing[0]!r}, which {self.paths[0]} has"
            )
        more = sorted(n for n in set(found) - used - taken if not _is_index(n))
        if more:
            raise ValueError(
                f"{path} has the column {more[0]!r}, which {self.paths[0]} lacks: name "
                "it in drop, or give all files the same columns"
            )

    def _alike(self, path, name, array):
        """Return a column in a form that is alike in all files, or raise."""
        if self.are_texts:
            # Texts of CSV are numbers as long as all of them can be read as such.
            if not self._texts.setdefault(name, False):
                self._texts[name] = not _are_numbers(name, array)
            return array
        kind = _kind_of(array.type)
        if kind is None:
            return array
        self._check_kind(path, name, kind)
        if pa.types.is_dictionary(array.type):
            self._levels.setdefault(name, LevelsOfFiles(name)).add(array)
            array = pa.DictionaryArray.from_arrays(array.indices, array.dictionary)
        elif kind == "texts":
            self._plain.add(name)
        of_first = self._types.setdefault(name, array.type)
        if pa.types.is_dictionary(of_first) != pa.types.is_dictionary(array.type):
            is_coded = pa.types.is_dictionary(array.type)
            return array.dictionary_decode() if is_coded else array.dictionary_encode()
        return array

    def _check_kind(self, path, name, kind):
        """Raise if a column has another kind of values than in a file before."""
        before, first = self._kinds.setdefault(name, (kind, path))
        if kind != before:
            raise ValueError(
                f"the column {name!r} holds {before} in {first}, and {kind} in {path}: "
                "give it one type in all files"
            )


def _joined(tables):
    """Return tables as one, whose columns are whole."""
    return pa.concat_tables(tables, promote_options="permissive").combine_chunks()


def _check_forms(paths):
    """Raise if a path is a folder, or if some files are CSV and others are not."""
    for path in paths:
        if path.is_dir():
            raise ValueError(
                f"files holds the folder {path}: name the files in it by a pattern, "
                f"such as {str(path / '*.parquet')!r}"
            )
    texts = [path for path in paths if form_of(path) is Form.CSV]
    if texts and len(texts) < len(paths):
        other = next(path for path in paths if path not in texts)
        raise ValueError(
            f"files holds {texts[0]}, which is CSV, and {other}, which is not: give "
            "either CSV alone, or Parquet and Arrow"
        )


def _matches(path):
    """Return the files that a path or a pattern names."""
    if Path(path).exists() or not isinstance(path, str):
        return [path]
    return glob(path, recursive=True)


def _is_index(name):
    """Tell whether a column is the index of a frame that pandas wrote."""
    return name.startswith("__index_level_")


def _are_numbers(name, array):
    try:
        return code_texts(name, array, Role.NUMBERS).labels is None
    except ValueError:
        return False


def _kind_of(kind):
    """Return the kind of values of a type. None if there are no values."""
    if pa.types.is_null(kind):
        return None
    if pa.types.is_boolean(kind):
        return "truth values"
    if pa.types.is_dictionary(kind):
        of_levels = _kind_of(kind.value_type)
        return "texts" if of_levels in (None, "texts") else f"levels of {of_levels}"
    is_number = (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    )
    return "numbers" if is_number else "texts"
