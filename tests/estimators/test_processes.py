"""A fitted student in other processes and threads."""

import multiprocessing
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier


def fit_and_predict(X, y):
    model = DistilledClassifier(LogisticRegression(), max_iter=20, random_state=0)
    return model.fit(X, y).predict_proba(X)


def send_result(connection, X, y):
    connection.send(fit_and_predict(X, y))


FIRST_PREDICTION = """
import threading
import numpy as np
from skdistill import Student
student = Student([np.ones((4, 3))], [np.zeros(3)], "relu", [0, 1, 2])
barrier = threading.Barrier(8)
answers = []
def predict():
    barrier.wait()
    answers.append(student.predict_proba(np.ones((2, 4))))
threads = [threading.Thread(target=predict) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(answers) == 8
assert all(np.array_equal(answers[0], answer) for answer in answers)
"""


def test_first_prediction_from_eight_threads_at_once(tmp_path):
    """At first nothing is compiled. The second time the kernels are on disk."""
    for _ in range(2):
        result = subprocess.run(
            [sys.executable, "-c", FIRST_PREDICTION],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.stderr == ""
        assert result.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_after_a_fit(blobs):
    X, y = blobs
    expected = fit_and_predict(X, y)
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=send_result, args=(send, X, y))
    process.start()
    assert receive.poll(60), "the forked process hangs"
    np.testing.assert_array_equal(receive.recv(), expected)
    process.join(60)
    assert process.exitcode == 0
