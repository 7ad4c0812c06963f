"""The command: distil a forest on the digits, or on a table of the user."""

import argparse
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from skdistill.estimators.classifier import DistilledClassifier
from skdistill.export import to_c, to_js, to_onnx, verify
from skdistill.report import DistillationReport
from skdistill.report.control import fit_labels_alone
from skdistill.tables.read import read_columns
from skdistill.teachers.scikit_learn import check_kind, is_fitted

_DESCRIPTION = """\
Distil a large classifier into a small network and show what was kept and lost.

Without arguments, the command trains a forest of 500 trees on scikit-learn's
digits, distils it, and writes the student to student.npz. With a table, it does the
same for your table. Numbers, text and missing values can stay as they are.
"""

_EXAMPLES = """\
examples:
  python -m skdistill
  python -m skdistill customers.csv --target churned --output churn.npz
  python -m skdistill customers.csv --target churned --teacher model.joblib
  python -m skdistill --export onnx,c,js --report report.html
"""

# Function that writes each form of --export, and the ending of its file.
_EXPORTS = {"onnx": (to_onnx, ".onnx"), "c": (to_c, ".h"), "js": (to_js, ".mjs")}

_FEWEST_ROWS = 20


def parse_arguments(arguments=None):
    """Parse the command line.

    Parameters
    ----------
    arguments : list of str or None, default=None
        Arguments. None for those of the process.

    Returns
    -------
    options : Namespace
        Options that go together.
    """
    parser = argparse.ArgumentParser(
        prog="python -m skdistill",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_input_options(parser)
    _add_output_options(parser)
    options = parser.parse_args(arguments)
    _check_input_options(parser, options)
    _check_output_options(parser, options)
    return options


def _add_input_options(parser):
    """Add the options for the rows, the teacher and the size of the student."""
    parser.add_argument(
        "table",
        nargs="?",
        type=Path,
        help="a CSV or Parquet file (needs pandas)",
    )
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument(
        "--teacher",
        type=Path,
        metavar="FILE",
        help="a fitted classifier written by joblib or pickle. It takes the other "
        "columns of the table, with text as pandas categories. Loading the file runs "
        "code that is in it: load no file that you do not trust",
    )
    parser.add_argument(
        "--trees",
        type=positive_integer,
        metavar="N",
        help="trees of the forest that is trained without --teacher (500)",
    )
    parser.add_argument(
        "--hidden",
        type=positive_integer,
        nargs="+",
        default=[128, 64],
        metavar="UNITS",
        help="units of the student's hidden layers (128 64)",
    )
    parser.add_argument("--seed", type=int, default=0, help="%(default)s")


def _add_output_options(parser):
    """Add the options for the files that are written."""
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("student.npz"),
        help="the student's file (%(default)s)",
    )
    parser.add_argument(
        "--export",
        type=export_names,
        default=[],
        metavar="NAMES",
        help="also write the student in these forms, beside --output, and compare "
        "their answers with the student's: onnx, c, js, separated by commas",
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="also write the report as an HTML page",
    )


def _check_input_options(parser, options):
    """End the process with a message if the input options do not go together."""
    if (options.table is None) != (options.target is None):
        parser.error("a table and --target COLUMN go together")
    if options.teacher is not None and options.table is None:
        parser.error("--teacher goes with a table")
    if options.teacher is not None and options.trees is not None:
        parser.error("--trees is for a forest, and with --teacher none is trained")


def _check_output_options(parser, options):
    """End the process with a message if a file cannot be written."""
    for name, path in (("output", options.output), ("report", options.report)):
        if path is not None and not path.absolute().parent.is_dir():
            parser.error(f"--{name} {path}: there is no such folder")
    if options.report == options.output:
        parser.error(f"--output {options.output} would be overwritten by --report")
    if options.output.suffix in [_EXPORTS[name][1] for name in options.export]:
        parser.error(f"--output {options.output} would be overwritten by --export")


def main(arguments=None):
    """Run the command.

    Parameters
    ----------
    arguments : list of str or None, default=None
        Arguments. None for those of the process.

    Returns
    -------
    status : int
        Exit status: 0, or 1 if the input cannot be used.
    """
    options = parse_arguments(arguments)
    try:
        _run(options)
    except (ImportError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def read_table(path, target):
    """Read a table and split off the column to predict.

    Parameters
    ----------
    path : Path
        Path of the table. It is read as Parquet if it ends in .parquet or .pq,
        otherwise as CSV.
    target : str
        Name of the column to predict.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_features)
        All other columns, with text as categories.
    y : ndarray of shape (n_samples,)
        Labels: the values of the column to predict.

    Raises
    ------
    ImportError
        If pandas, or a package that it needs for Parquet, is not installed.
    ValueError
        If the column is missing, is the only column, or has no value in some rows; if
        another column holds neither numbers nor text; or if there are too few rows.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise ImportError(
            "reading a table needs pandas: install it, or skdistill[table]"
        ) from error
    read = pd.read_parquet if path.suffix in {".parquet", ".pq"} else pd.read_csv
    table = read(path)
    if table.shape[1] == 1 and target not in table:
        raise ValueError(
            f"{path} was read as a single column, {str(table.columns[0])!r:.100}: "
            "separate the columns by commas"
        )
    if len(table) < _FEWEST_ROWS:
        raise ValueError(
            f"{path} has {len(table)} rows: {_FEWEST_ROWS} are needed, because some "
            "are held out to measure the models"
        )
    if target not in table:
        names = ", ".join(map(repr, table.columns[:20]))
        raise ValueError(f"{path} has no column {target!r}; it has {names}")
    missing = int(table[target].isna().sum())
    if missing:
        raise ValueError(
            f"{target!r} has no value in {missing} of {len(table)} rows: drop these "
            "rows first"
        )
    different = table[target].nunique()
    if different > max(50, len(table) // 2):
        raise ValueError(
            f"{target!r} has {different} different values in {len(table)} rows: give "
            "a column of classes, or put numbers into intervals"
        )
    X = table.drop(columns=target)
    if X.shape[1] == 0:
        raise ValueError(f"{path} has no column besides {target!r} to predict it from")
    text = X.select_dtypes(["object", "string"]).columns
    X = X.astype(dict.fromkeys(text, "category"))
    read_columns(X)  # Raises if a column has neither numbers nor categories.
    return X, table[target].to_numpy()


def _run(options):
    """Train the teacher, distil it, compare the models, and write the files."""
    if "onnx" in options.export and find_spec("onnx") is None:
        raise ImportError("--export onnx needs onnx: install it, or skdistill[onnx]")
    if options.table is None:
        X, y = load_digits(return_X_y=True)
        name = "scikit-learn's digits"
    else:
        X, y = read_table(options.table, options.target)
        name = options.table
    stratify = y if np.unique(y, return_counts=True)[1].min() > 1 else None
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, random_state=options.seed, stratify=stratify
    )
    print(
        f"{name}: {len(X)} rows, {X.shape[1]} columns; {len(X_train)} rows to train "
        f"on, {len(X_test)} to measure on\n"
    )
    teacher = _get_teacher(options, X_train, y_train)
    student = DistilledClassifier(
        teacher, hidden_layer_sizes=options.hidden, random_state=options.seed
    )
    with _stage("distilling a student, and compiling if this is the first time"):
        student.fit(X_train, y_train)
    with _stage("distilling it again, to show the time without compiling"):
        student.fit(X_train, y_train)
    with _stage("training the same network on labels alone"):
        control = fit_labels_alone(student, X_train, y_train)
    with _stage("measuring"):
        report = DistillationReport.from_estimator(
            student, X_test, y_test, baseline=control
        )
    student.student_.save(options.output)
    print(f"\n{report}\n")
    if options.report is not None:
        report.save(options.report)
        print(f"The report is in {options.report} as an HTML page.\n")
    if options.teacher is not None:
        print(
            "If the teacher was trained on rows that are measured here, then its "
            "figures are too good.\n"
        )
    print(
        f"The student is in {options.output} and needs only NumPy:\n\n"
        f"    from skdistill import Student\n"
        f"    student = Student.load({str(options.output)!r})\n"
        f"    student.predict_proba(X)  # rows of {student.n_features_in_} raw values, "
        "in the order of the columns"
    )
    if options.export:
        _export(options, student, X_test)


def _export(options, model, X):
    """Write the student in other languages, and compare their answers with its own."""
    print(f"\nIn other languages, compared with the student on {len(X)} rows:\n")
    for name in options.export:
        write, suffix = _EXPORTS[name]
        path = options.output.with_suffix(suffix)
        write(model, path)
        try:
            verification = verify(model, path, X)
        except (ImportError, RuntimeError) as error:
            print(f"    {path}: not compared: {error}")
            continue
        if not verification.passed:
            raise ValueError(
                f"{path} gives other answers than the student: {verification}"
            )
        difference = verification.greatest_difference
        print(f"    {path}: greatest difference of a probability {difference:.1e}")


def _get_teacher(options, X, y):
    """Return the teacher: load it, or train a forest."""
    if options.teacher is not None:
        try:
            teacher = joblib.load(options.teacher)
        except OSError:
            raise
        except Exception as error:
            raise ValueError(
                f"{options.teacher} cannot be loaded as a teacher: {error!r}"
            ) from error
        check_kind(teacher)
        if not hasattr(teacher, "fit") or not is_fitted(teacher):
            raise ValueError(
                f"{options.teacher} holds {teacher!r:.100}, not a fitted classifier"
            )
        return teacher
    trees = 500 if options.trees is None else options.trees
    forest = _make_forest(X, trees, options.seed)
    with _stage(f"training the teacher, a forest of {trees} trees"):
        forest.fit(X, y)
    return forest


def _make_forest(X, trees, seed):
    """Return an unfitted forest that takes the table as it is."""
    forest = RandomForestClassifier(trees, random_state=seed)
    if isinstance(X, np.ndarray) or X.select_dtypes("category").empty:
        return forest
    numbers = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    categories = make_column_selector(dtype_include="category")
    encoder = make_column_transformer((numbers, categories), remainder="passthrough")
    return make_pipeline(encoder, forest)


def positive_integer(text):
    """Return an integer that is at least 1."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def export_names(text):
    """Return the names of exports, which are separated by commas."""
    names = text.split(",")
    for name in names:
        if name not in _EXPORTS:
            raise argparse.ArgumentTypeError(
                f"{name!r} is not one of {', '.join(_EXPORTS)}"
            )
    return names


@contextmanager
def _stage(text):
    """Print the name of a stage, and the time that it took."""
    print(f"{text} ... ", end="", flush=True)
    start = time.perf_counter()
    yield
    print(f"{time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
