"""The command that scores rows of a file by a student, step by step."""

import os
import signal
import sys
import threading
from contextlib import contextmanager

from skdistill.command.console import fill, listed
from skdistill.command.predict.chosen_columns import choose_columns
from skdistill.command.predict.options import parse_arguments
from skdistill.command.predict.scoring import score_rows
from skdistill.common.files import new_file
from skdistill.common.row_progress import OneLine, RowProgress
from skdistill.common.text import counted
from skdistill.student.student import Student
from skdistill.tables.batches.forms import Form, form_of
from skdistill.tables.batches.open import (
    check_form_to_write,
    open_answers,
    open_rows,
)
from skdistill.tables.file import separator_advice

# Signals to end a process, of which a closed terminal sends the second.
_ENDS = [getattr(signal, n) for n in ("SIGTERM", "SIGHUP") if hasattr(signal, n)]

# Seconds between two lines on the progress, at least.
_PAUSE = 0.5

# Exit status of a process that was interrupted, as shells have it.
_INTERRUPTED = 130


def predict(arguments):
    """Run the command.

    Parameters
    ----------
    arguments : list of str
        Arguments after the name of the command.

    Returns
    -------
    status : int
        Exit status: 0; 1 if the input cannot be used; 130 after an interrupt.
    """
    options = parse_arguments(arguments)
    try:
        with _terminate_as_interrupt():
            _run(options)
    except BrokenPipeError:
        # The reader of standard output has enough. Python flushes it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        what = "" if options.output is None else f": {options.output} was not written"
        print(fill(f"interrupted{what}"), file=sys.stderr)
        return _INTERRUPTED
    except (ImportError, OSError, ValueError) as error:
        print(fill(f"error: {error}"), file=sys.stderr)
        return 1
    return 0


def _run(options):
    """Score the rows, and say what was done."""
    form = Form.CSV if options.output is None else check_form_to_write(options.output)
    student = Student.load(options.student)
    with open_rows(options.rows, encoding=options.encoding) as source:
        where = "standard input" if options.rows is None else options.rows
        try:
            chosen = choose_columns(
                student, source.names, kept=options.keep, text=options.text
            )
        except ValueError as error:
            raise ValueError(f"{where}: {error}{_advice(options, source)}") from error
        if chosen.left_out:
            text = f"The student does not know {listed(chosen.left_out)}: left out."
            print(fill(text), file=sys.stderr)
        line = OneLine()
        # Only a terminal gets it.
        show = line if sys.stderr.isatty() else None
        progress = RowProgress(show, _PAUSE, share=source.share)
        with (
            _output(options.output) as file,
            open_answers(file, form, chosen.names, chosen.answers.labels) as sink,
        ):
            try:
                n_rows = score_rows(chosen, source, sink, options.jobs, progress)
            except ValueError as error:
                raise ValueError(_named(str(error), str(where))) from error
            finally:
                line.clear()
    if options.output is not None:
        rows = counted(n_rows, "row")
        text = f"{rows} in {progress.seconds:.1f} s: {options.output}"
        print(fill(text), file=sys.stderr)


def _named(message, where):
    """Return a message that names the file of the rows."""
    return message if where in message else f"{where}, {message}"


def _advice(options, source):
    """Return words on the separator of a CSV file that has one column."""
    if options.rows is None or form_of(options.rows) is not Form.CSV:
        return ""
    advice = separator_advice(options.rows, options.encoding)
    return (
        f". {advice[0].upper()}{advice[1:]}"
        if advice and len(source.names) == 1
        else ""
    )


def _output(path):
    """Return a context for the file to write, or for standard output."""
    return new_file(path) if path is not None else _standard_output()


@contextmanager
def _standard_output():
    """Return a context for standard output, which is flushed at the end."""
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _terminate_as_interrupt():
    """Let signals to end the process remove the file that is half written, too.

    A signal that is ignored stays so, as under nohup. A handler that Python did not set
    is None, cannot be set again, and stays too.
    """
    former = {}
    if threading.current_thread() is threading.main_thread():
        found = {number: signal.getsignal(number) for number in _ENDS}
        former = {n: h for n, h in found.items() if h not in (None, signal.SIG_IGN)}
    try:
        for number in former:
            signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
