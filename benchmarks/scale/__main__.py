"""Many rows and more than one core: seconds, memory and quality.

The parts are modules of this folder, as `benchmarks.parts` describes them.
"""

import os

from benchmarks.environment import single_thread

if __name__ == "__main__":
    # Parts say how many threads they use, and a process of one thread has all cores.
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    single_thread()
    if cores:
        os.sched_setaffinity(0, cores)

import sys

from benchmarks.parts import make_parser, run

PARTS = (
    "rows",
    "scoring",
    "jobs",
    "streaming",
    "in_parts",
    "workers",
    "kills",
    "billion",
)


def main():
    parser = make_parser(__doc__.splitlines()[0], "benchmarks.scale", PARTS)
    options = parser.parse_args()
    return run(options, "Scale", ("onnxruntime", "pyarrow"))


if __name__ == "__main__":
    sys.exit(main())
