"""The options of the command, and their checks."""

import argparse
from contextlib import suppress
from pathlib import Path

from skdistill.command.choose_task import TASKS
from skdistill.command.number_task import NumberTask
from skdistill.command.parser import (
    Parser,
    check_paths,
    encoding_name,
    positive_integer,
)
from skdistill.export import to_c, to_js, to_onnx
from skdistill.export.javascript.to_js import TYPES_SUFFIXES

_DESCRIPTION = """\
Distil a large model into a small network and show what was kept and lost.

Without arguments, the command trains a forest of 500 trees on scikit-learn's
digits, distils it, and writes the student to student.npz. With a table, it does
the same for your table. It says first what each column is taken as. Numbers,
text and missing values can stay as they are. The teacher labels rows without a
label. The column to predict holds classes or numbers. Several columns hold 0
and 1: which labels a row has.
"""

_EXAMPLES = """\
examples:
  python -m skdistill
  python -m skdistill customers.csv --target churned --output churn.npz
  python -m skdistill customers.csv --target churned --drop id --number price
  python -m skdistill reviews.csv --target stars --text review
  python -m skdistill houses.csv --target price --task numbers
  python -m skdistill old.csv --target churned --teacher m.joblib --test new.csv
  python -m skdistill --export onnx,c,js --report report.html

scoring rows by a student:
  python -m skdistill predict --help
"""

# Function that writes each form of --export, and the ending of its file.
EXPORTS = {"onnx": (to_onnx, ".onnx"), "c": (to_c, ".h"), "js": (to_js, ".mjs")}

TEST_SIZE = 0.25

_TARGET = (
    "the column to predict. Several columns of 0 and 1, separated by commas, tell "
    "which labels a row has"
)

# Word for a student without hidden layers.
_NO_UNITS = "none"


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
    parser = Parser(
        prog="python -m skdistill",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_table_options(parser)
    _add_model_options(parser)
    _add_output_options(parser)
    options = parser.parse_args(arguments)
    if _NO_UNITS in options.hidden:
        if len(options.hidden) > 1:
            parser.error("--hidden takes either none or numbers")
        options.hidden = []
    _check_input_options(parser, options)
    _check_paths(parser, options)
    return options


def _add_table_options(parser):
    """Add the options for the table."""
    add = parser.add_argument
    add(
        "table",
        nargs="?",
        type=Path,
        help="a CSV or Parquet file (needs pandas)",
    )
    add("--target", action="append", default=[], metavar="COLUMN", help=_TARGET)
    add(
        "--test",
        type=Path,
        metavar="FILE",
        help="a file with rows to measure on, which neither teacher nor student was "
        "fitted on. Without it, rows of the table are held out",
    )
    add(
        "--test-size",
        type=test_size,
        metavar="SIZE",
        help=f"share or number of the rows that are held out ({TEST_SIZE})",
    )
    add(
        "--drop",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns to leave out, separated by commas",
    )
    add(
        "--number",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns of numbers written with a currency, percent or thousands, maybe "
        "the one to predict. Other texts in them are missing values",
    )
    add(
        "--text",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns of free text. The student reads their words beside the other "
        "columns. Without it, free text is left out unless no other column is left",
    )
    add(
        "--label",
        type=label_map,
        default={},
        metavar="OLD=NEW",
        help="new labels for those in the table, such as No=0,Yes=1",
    )
    add(
        "--encoding",
        type=encoding_name,
        default="utf-8",
        help="encoding of CSV files (%(default)s)",
    )


def _add_model_options(parser):
    """Add the options for the task, the teacher and the student."""
    add = parser.add_argument
    add(
        "--task",
        choices=TASKS,
        help="kind of the column to predict. Without it, numbers with decimals are "
        "numbers, and so are whole numbers with more than 50 different values. Several "
        "columns to predict need none",
    )
    add(
        "--teacher",
        type=Path,
        metavar="FILE",
        help="a fitted classifier or regressor, written by joblib or pickle. It takes "
        "the other columns of the table, with text as pandas categories. Loading the "
        "file runs code that is in it: load no file that you do not trust",
    )
    add(
        "--trees",
        type=positive_integer,
        metavar="N",
        help="trees of the forest that is trained without --teacher (500)",
    )
    add(
        "--hidden",
        type=hidden_units,
        nargs="+",
        default=[128, 64],
        metavar="UNITS",
        help="units of the student's hidden layers (128 64). With 'none' it has no "
        "hidden layer: it adds up one function of each column",
    )
    add(
        "--seed",
        type=seed,
        default=0,
        help="seed of all that is drawn at random (%(default)s)",
    )


def _add_output_options(parser):
    """Add the options for the files that are written."""
    add = parser.add_argument
    add(
        "--output",
        type=Path,
        default=Path("student.npz"),
        help="the student's file (%(default)s)",
    )
    add(
        "--export",
        type=export_names,
        action="extend",
        default=[],
        metavar="NAMES",
        help="also write the student in these forms, beside --output, and compare "
        "their answers with the student's: onnx, c, js, separated by commas",
    )
    add(
        "--report",
        type=Path,
        metavar="FILE",
        help="also write the report as an HTML page",
    )


def _check_input_options(parser, options):
    """End the process with a message if the input options do not go together."""
    if (options.table is None) == bool(options.target):
        parser.error("a table and --target COLUMN go together")
    for name in ("task", "teacher", "test", "drop", "number", "text", "label"):
        if getattr(options, name) and options.table is None:
            parser.error(f"--{name} goes with a table")
    if options.task == NumberTask.kind and options.label:
        parser.error("--label is for classes, and --task numbers learns none")
    if options.teacher is not None and options.trees is not None:
        parser.error("--trees is for a forest, and with --teacher none is trained")
    if options.test is not None and options.test_size is not None:
        parser.error("--test-size is for rows held out, and with --test there are none")


def _check_paths(parser, options):
    """End the process with a message if a file would be lost or cannot be written."""
    inputs = {
        "the table": options.table,
        "--test": options.test,
        "--teacher": options.teacher,
    }
    outputs = {"--output": options.output, "--report": options.report}
    if options.output.is_dir():
        # Its name may be empty, and so take no ending.
        parser.error(
            f"--output {options.output} cannot be written: Is a folder, not a file"
        )
    for name in options.export:
        path = options.output.with_suffix(EXPORTS[name][1])
        outputs[f"--export {name}"] = path
        if path.suffix in TYPES_SUFFIXES:
            types = path.with_suffix(TYPES_SUFFIXES[path.suffix])
            outputs[f"the types of --export {name}"] = types
    check_paths(parser, inputs, outputs)


def hidden_units(text):
    """Return an integer that is at least 1, or the word for no hidden layer."""
    if text == _NO_UNITS:
        return text
    if text.isdecimal() and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is neither a whole number from 1 nor 'none', for no hidden layer"
    )


def seed(text):
    """Return an integer that NumPy and scikit-learn take as a seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 0 to {2**32 - 1}"
        )
    return int(text)


def test_size(text):
    """Return a share between 0 and 1 as a float, or a number of rows as an integer."""
    with suppress(ValueError):
        if text.isdecimal() and int(text) >= 1:
            return int(text)
        if 0.0 < float(text) < 1.0:
            return float(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is neither a share between 0 and 1 nor a whole number of rows from 1"
    )


def label_map(text):
    """Return new labels by the old ones, from pairs that are separated by commas."""
    pairs = [pair.rpartition("=") for pair in text.split(",")]
    if not all(old and new for old, _, new in pairs):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form No=0,Yes=1")
    return {old: new for old, _, new in pairs}


def export_names(text):
    """Return the names of exports, which are separated by commas."""
    names = list(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in EXPORTS:
            raise argparse.ArgumentTypeError(
                f"{name!r} is not one of {', '.join(EXPORTS)}"
            )
    return names
