"""The options of the command that scores rows, and their checks."""

import argparse
from pathlib import Path

from skdistill.command.parser import (
    Parser,
    check_paths,
    encoding_name,
    positive_integer,
)
from skdistill.student.threads import count_cores

_DESCRIPTION = """\
Score the rows of a file by a student.

Each row gets the column predict, its most probable class, and a column
predict_proba_CLASS for each class. A student of numbers writes its number to
predict. Several targets or quantiles have a column each, such as predict_0.95. The
rows keep their order. Columns are found by name, and those that the student does
not know are left out. The file may be larger than memory.
"""

_EXAMPLES = """\
CSV needs no other package. pyarrow reads it faster, and Parquet and Arrow need it:
pip install skdistill[stream].

examples:
  python -m skdistill predict student.npz rows.parquet scores.parquet
  python -m skdistill predict churn.npz customers.csv scores.csv --keep id
  zcat rows.csv.gz | python -m skdistill predict student.npz - - | head
"""

# Word for standard input and standard output.
STANDARD = Path("-")


def parse_arguments(arguments):
    """Parse the command line.

    Parameters
    ----------
    arguments : list of str
        Arguments after the name of the command.

    Returns
    -------
    options : Namespace
        Options that go together. `rows` and `output` are None for standard input and
        standard output.
    """
    parser = Parser(
        prog="python -m skdistill predict",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("student", type=Path, help="a student's file, such as student.npz")
    add(
        "rows",
        type=Path,
        help="a CSV, Parquet or Arrow file, as its ending says; - for standard input, "
        "which is CSV or a stream of Arrow",
    )
    add(
        "output",
        type=Path,
        help="file to write: .csv, .parquet or .arrow; - for CSV to standard output",
    )
    add(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns of the rows to write before the answers, separated by commas",
    )
    add(
        "--text",
        metavar="COLUMN",
        help="the column with the text, for a student that reads one text a row. A "
        "file with one column needs no name",
    )
    add(
        "--encoding",
        type=encoding_name,
        default="utf-8",
        help="encoding of CSV (%(default)s)",
    )
    add(
        "--jobs",
        type=positive_integer,
        default=count_cores(),
        metavar="N",
        help="threads that score (one on each core: %(default)s)",
    )
    options = parser.parse_args(arguments)
    options.rows = None if options.rows == STANDARD else options.rows
    options.output = None if options.output == STANDARD else options.output
    inputs = {"the student": options.student, "the file of rows": options.rows}
    check_paths(parser, inputs, {"the output": options.output})
    return options
