"""Teachers that workers of a cluster import."""

import os
import signal
from pathlib import Path

import numpy as np

LABELS = np.array(["no", "perhaps", "yes"])
_WEIGHTS = np.array([[2.0, 0.0, -1.0], [-1.0, 1.0, 0.0], [0.5, -2.0, 1.0]])


def logits(rows):
    return rows[["a", "b", "c"]].fillna(0).to_numpy() @ _WEIGHTS


class Linear:
    """A teacher with known answers.

    The first question about so many rows kills the process that asks. Then there is a
    marker.
    """

    classes_ = LABELS

    def __init__(self, marker=None, n_fatal=0):
        self.marker, self.n_fatal = marker, n_fatal

    def predict_proba(self, rows):
        if len(rows) == self.n_fatal and not Path(self.marker).exists():
            Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        exponentials = np.exp(logits(rows))
        return exponentials / exponentials.sum(axis=1, keepdims=True)
