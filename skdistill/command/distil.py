"""Distil a forest on the digits, or on a table of the user, and print what was kept."""

import warnings
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from skdistill.command.choose_task import check_teacher_kind
from skdistill.command.class_task import ClassTask
from skdistill.command.columns_text import columns_text, nothing_left
from skdistill.command.console import fill, listed, stage
from skdistill.command.labelled_table import read_labelled_table
from skdistill.command.options import EXPORTS, TEST_SIZE
from skdistill.command.task import LearnedTask
from skdistill.command.teacher import teacher_in_words
from skdistill.common.sklearn_compat import safe_indexing
from skdistill.common.text import counted
from skdistill.export import verify
from skdistill.inputs.encoder import TabularEncoder
from skdistill.kernels.compiler.compilation import record_compilations
from skdistill.tables.read import read_columns
from skdistill.teachers.file import load_teacher

# Greatest number of columns that are named in a line.
_MOST_NAMES = 20

_MAYBE_SEEN = (
    "The teacher in {} may have been fitted on rows of {}. If so, its figures are too "
    "good. Therefore it is not compared with labels alone. Give --test FILE with rows "
    "that it was not fitted on."
)

_TEACHER_WITHOUT_NAMES = (
    "The teacher was fitted without names of columns. It gets the columns in the order "
    "of the table."
)


class Rows(NamedTuple):
    """Rows that the command uses, and the task that they are for."""

    task: LearnedTask
    X_train: Any
    y_train: Any
    X_test: Any
    y_test: np.ndarray
    X_unlabeled: Any
    texts: list[str]


def distil(options, measure):
    """Train the teacher, distil it, compare the models, and write the files.

    Parameters
    ----------
    options : Namespace
        Options, as `skdistill.command.options` reads them.
    measure : callable
        Function that takes the options, the fitted estimator and the rows, and returns
        a report.
    """
    if "onnx" in options.export and find_spec("onnx") is None:
        raise ImportError("--export onnx needs onnx: install it, or skdistill[onnx]")
    teacher = None
    if options.teacher is not None:
        teacher = load_teacher(options.teacher)
        check_teacher_kind(teacher, options.task, options.teacher)
        if options.test is None:
            print(fill(_MAYBE_SEEN.format(options.teacher, options.table)) + "\n")
    rows = _get_rows(options, teacher)
    if rows.texts and options.export:
        raise ValueError(
            "--export does not write a student that reads text columns, here "
            f"{listed(rows.texts)}: leave out --export or --text"
        )
    if teacher is None:
        teacher = _train_teacher(options, rows)
    student = rows.task.estimator(
        teacher,
        hidden_layer_sizes=options.hidden,
        encoder=TabularEncoder(text=rows.texts) if rows.texts else "auto",
        random_state=options.seed,
    )
    fitting = stage("distilling a student, and compiling if this is the first time")
    with fitting, record_compilations() as compilations:
        student.fit(rows.X_train, rows.y_train, X_unlabeled=rows.X_unlabeled)
    student.student_.save(options.output)
    try:
        if compilations:
            _distil_again(student, rows)
        report = measure(options, student, rows)
    except Exception as error:
        raise ValueError(
            f"the student is in {options.output}, but it was not measured: {error}"
        ) from error
    print(f"\n{report}\n")
    if options.report is not None:
        report.save(options.report)
        print(fill(f"The report is in {options.report} as an HTML page.") + "\n")
    print(fill(f"The student is in {options.output} and needs only NumPy:"))
    print(
        "\n    from skdistill import Student\n"
        f"    student = Student.load({str(options.output)!r})\n"
        f"    student.{rows.task.method}(X)\n"
    )
    names = getattr(student, "feature_names_in_", None)
    print(fill(f"A row of X has {_columns_in_words(names, student.n_features_in_)}."))
    if options.export:
        _export(options, student, rows.X_test)


def _distil_again(student, rows):
    """Fit the same student once more, in a time that no compilation is part of."""
    again = stage("distilling it again, to show the time without compiling")
    with again, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # They were shown before.
        student.fit(rows.X_train, rows.y_train, X_unlabeled=rows.X_unlabeled)


def _get_rows(options, teacher):
    """Return the rows to train on and to measure on, and say what they are."""
    X_unlabeled = tested = None
    texts: list[str] = []
    if options.table is None:
        task: LearnedTask = ClassTask("digit")
        X, y = load_digits(return_X_y=True)
        name, given = "scikit-learn's digits", np.arange(len(X))
    else:
        table, name = _read_table(options, teacher), options.table
        task, rows, tested, texts = table.task, table.given, table.tested, table.texts
        X, y = rows.X, rows.target.labels
        given, unlabelled = rows.rows(labelled=True), rows.rows(labelled=False)
        if unlabelled.size:
            X_unlabeled = safe_indexing(X, unlabelled)
    if tested is None:
        size = TEST_SIZE if options.test_size is None else options.test_size
        train, test = task.hold_out(y[given], size, options.seed)
        train, test = given[train], given[test]
        X_test, y_test = safe_indexing(X, test), y[test]
    else:
        train, test = given, tested.rows(labelled=True)
        X_test, y_test = safe_indexing(tested.X, test), tested.target.labels[test]
    print(fill(f"{name}:"))
    print(
        f"{counted(len(given), 'row')}, {counted(X.shape[1], 'column')}; "
        f"{counted(len(train), 'row')} to train on, {len(test)} to measure on\n"
    )
    X_train = safe_indexing(X, train)
    y_train = task.as_y(y[train])
    return Rows(task, X_train, y_train, X_test, y_test, X_unlabeled, texts)


def _read_table(options, teacher):
    """Read the table, and say what its columns and its rows without a label are."""
    table = read_labelled_table(
        options.table,
        options.target,
        task=options.task,
        test_path=options.test,
        encoding=options.encoding,
        dropped=options.drop,
        numbers=options.number,
        texts=options.text,
        renamed=options.label,
        teacher=teacher,
    )
    print(columns_text(table.columns))
    if table.task.note:
        print(fill(table.task.note) + "\n")
    if table.texts:
        print(fill(_text_in_words(table.texts)) + "\n")
    rows = table.given
    if not rows.X.shape[1]:
        raise ValueError(
            f"no column of {options.table} is left to learn {table.task.name!r} from: "
            f"{nothing_left(table.columns)}"
        )
    n_unlabelled = rows.rows(labelled=False).size
    if n_unlabelled:
        words = table.task.words_on_missing(n_unlabelled, rows.target)
        print(fill(words) + "\n")
    if teacher is not None and getattr(teacher, "feature_names_in_", None) is None:
        print(fill(_TEACHER_WITHOUT_NAMES) + "\n")
    read_columns(rows.X)  # Raises if a column has neither numbers nor categories.
    table.task.check_teacher(teacher, rows.X, rows.target)
    return table


def _text_in_words(texts):
    """Return words on the columns of free text."""
    return (
        f"The student reads the words of {listed(texts)}: it learns what the teacher "
        "says about them, and reads their scores beside the other columns."
    )


def _columns_in_words(names, count):
    """Return words on the columns of a row."""
    values = counted(count, "raw value")
    if names is None:
        return f"{values}, in the order of the columns"
    order = "in the order of the columns"
    if count <= _MOST_NAMES:
        order = f"in this order: {', '.join(map(str, names))}"
    return f"{values}, {order}. A data frame may have another order"


def _export(options, model, X):
    """Write the student in other languages, and compare their answers with its own."""
    rows = counted(len(X), "row")
    print(f"\nIn other languages, compared with the student on {rows}:\n")
    for name in options.export:
        write, suffix = EXPORTS[name]
        path = options.output.with_suffix(suffix)
        write(model, path)
        try:
            verification = verify(model, path, X)
        except (ImportError, RuntimeError) as error:
            print(fill(f"{path.name}: not compared: {error}", "    ", "        "))
            continue
        if not verification.passed:
            raise ValueError(
                f"{path} gives other answers than the student: {verification}"
            )
        difference = verification.greatest_difference
        text = (
            f"{path.name}: greatest difference of {verification.measure} "
            f"{difference:.1e}"
        )
        print(fill(text, "    ", "        "))


def _train_teacher(options, rows):
    """Return a teacher that is trained on the rows."""
    trees = 500 if options.trees is None else options.trees
    teacher = rows.task.teacher(rows.X_train, rows.texts, trees, options.seed)
    words = teacher_in_words(rows.X_train, rows.texts, trees)
    with stage(f"training the teacher, {words}"):
        return teacher.fit(rows.X_train, rows.y_train)
