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
