"""Benchmarks in parts: a folder of modules, each of which writes a section of a page.

Each part offers:

- ``TITLE``, the head of its section;
- ``cases(tiny)``, which yields the settings of each measurement as a dict;
- ``measure(**case)``, which returns the figures of a case as a dict;
- ``section(results)``, which returns the text of the section from a data frame with a
  row for each case: its settings, then its figures. It says where the part loses.
"""

import argparse
import json
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from benchmarks.environment import describe, publish
from benchmarks.fidelity import digest, keep


def run(options, title, packages=(), notes=()):
    """Measure parts and publish their page.

    Parameters
    ----------
    options : Namespace
        Options, as `make_parser` defines them.
    title : str
        Title of the page.
    packages : sequence of str
        Packages whose versions the page states, beside those of every page.
    notes : sequence of str
        Paragraphs before the parts.

    Returns
    -------
    code : int
        0, or 1 if a case failed.
    """
    options.results.mkdir(parents=True, exist_ok=True)
    sections, failed = list(notes), False
    for name in options.parts:
        part = import_module(f"{options.folder}.{name}")
        results = list(measured(part, options))
        errors = [error for _, error in results if error]
        failed = failed or bool(errors)
        print(*errors, sep="\n", file=sys.stderr)
        table = pd.DataFrame([result for result, error in results if not error])
        if len(table):
            sections += [f"## {part.TITLE}", part.section(table)]
    text = "\n\n".join([*sections, describe("pandas", *packages)])
    chosen = () if set(options.parts) == set(options.all_parts) else options.parts
    publish(options.folder.split(".")[-1], title, text, options, chosen)
    return int(failed)


def make_parser(description, folder, parts):
    """Make the parser of the options that all benchmarks in parts have.

    Parameters
    ----------
    description : str
    folder : str
        Package of the parts.
    parts : sequence of str
        Names of the parts.

    Returns
    -------
    parser : ArgumentParser
    """
    name = folder.split(".")[-1]
    parser = argparse.ArgumentParser(description=description)
    parser.set_defaults(folder=folder, all_parts=parts)
    parser.add_argument(
        "parts",
        nargs="*",
        default=parts,
        metavar="PART",
        help=f"one or more of {', '.join(parts)}; all of them without any",
    )
    parser.add_argument(
        "--tiny", action="store_true", help="one small case a part, to see that it runs"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the page to docs/benchmarks"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(tempfile.gettempdir()) / f"skdistill-{name}",
        help="folder of the results, which are not measured again (%(default)s)",
    )
    return parser


def measured(part, options):
    """Yield the figures of each case with its settings, or None and the error."""
    name = part.__name__.split(".")[-1]
    cases = list(part.cases(options.tiny))
    calls = [delayed(attempt)(part.__name__, case, options.results) for case in cases]
    answers = Parallel(options.jobs, return_as="generator")(calls)
    for done, (case, answer) in enumerate(zip(cases, answers, strict=True), 1):
        print(f"{name}, {done} of {len(cases)}: {case}", file=sys.stderr, flush=True)
        yield answer


def attempt(module, case, folder):
    """Return a case with its figures, or None; and the error, if any.

    Figures of this version of the code that the folder has are not measured again.
    """
    name = module.split(".")[-1]
    try:
        part = import_module(module)
        shared = getattr(part, "SHARED", ())
        path = folder / f"{name}-{digest((part, *shared), case)}.json"
        if not path.exists():
            keep(case | part.measure(**case), path)
        return json.loads(path.read_text()), None
    except Exception:
        return None, f"{name}, {case}: {traceback.format_exc()}"
