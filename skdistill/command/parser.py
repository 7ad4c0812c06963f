"""A parser of a command line, and checks that its commands share."""

import argparse
import sys

from skdistill.command.console import fill
from skdistill.common.files import check_writable, find_alike


class Parser(argparse.ArgumentParser):
    """Parser whose errors fit on a console."""

    def error(self, message):
        """Print usage and message, and end the process with status 2."""
        self.print_usage(sys.stderr)
        self.exit(2, fill(f"{self.prog}: error: {message}") + "\n")


def check_paths(parser, inputs, outputs):
    """End the process with a message if a file would be lost or cannot be written.

    Parameters
    ----------
    parser : Parser
    inputs, outputs : dict of str to path-like or None
        Paths of files, by the words for them. None for no file.
    """
    given = [(n, p) for n, p in (inputs | outputs).items() if p is not None]
    alike = find_alike(given)
    if alike is not None:
        parser.error(_alike_error(*alike[:2], dict(given), outputs))
    for name, path in outputs.items():
        try:
            if path is not None:
                check_writable(path)
        except FileNotFoundError:
            parser.error(f"{name} {path}: there is no such folder")
        except OSError as error:
            parser.error(f"{name} {path} cannot be written: {error.strerror}")


def _alike_error(first, second, paths, outputs):
    """Return a message that two options name one file."""
    one, two = paths[first], paths[second]
    if second not in outputs:
        return f"{first} {one} and {second} {two} are one file: give each its own"
    by = second if one == two else f"{second} {two}"
    return f"{first} {one} would be overwritten by {by}: they are one file"


def split_names(text, known):
    """Return the names of columns in a text, which commas separate.

    Parameters
    ----------
    text : str
        One name, or several with commas between. Blanks around a name belong to it
        only if there is such a name.
    known : container of str
        Names of all columns.

    Returns
    -------
    names : list of str
        Names, which may be unknown.
    """
    if text in known:
        return [text]
    names = text.split(",")
    return [n if n in known or n.strip() not in known else n.strip() for n in names]


def positive_integer(text):
    """Return an integer that is at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def encoding_name(text):
    """Return the name of an encoding of text that Python knows."""
    try:
        "".encode(text)
    except LookupError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an encoding, such as utf-8, latin-1 or cp1252"
        ) from None
    return text
