"""A fitted student in other processes and threads."""

import multiprocessing
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
