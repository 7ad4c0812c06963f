"""Fingerprints are the same in each process."""

import numpy as np

from skdistill.teachers.fingerprint import fingerprint


def test_bytes_between_fields_do_not_count():
    """Nobody sets them, and another process finds others there."""
    kind = np.dtype([("feature", "i8"), ("goes_left", "u1")], align=True)
    nodes = [np.full(5 * kind.itemsize, byte, np.uint8).view(kind) for byte in (0, 255)]
    for one in nodes:
        one["feature"], one["goes_left"] = np.arange(5), 1
    assert nodes[0].tobytes() != nodes[1].tobytes()
    assert fingerprint(nodes[0]) == fingerprint(nodes[1])
    nodes[1]["goes_left"][2] = 0
    assert fingerprint(nodes[0]) != fingerprint(nodes[1])
