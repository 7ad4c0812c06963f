"""A linear student of sparse rows answers in each export as it does itself."""

import pytest
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier
from skdistill.export import to_c, to_js, to_onnx, verify
from tests.estimators.test_sparse import make_texts


@pytest.fixture(scope="module", params=[2, 4])
def fitted(request):
    X, y = make_texts(300, 120, request.param)
    model = DistilledClassifier(
        LogisticRegression(), hidden_layer_sizes=(), max_iter=10, random_state=0
    )
    return model.fit(X, y), X


@pytest.mark.parametrize(
    ("write", "ending"), [(to_onnx, "onnx"), (to_c, "h"), (to_js, "mjs")]
)
def test_it_answers_as_the_student(fitted, write, ending, tmp_path):
    model, X = fitted
    path = tmp_path / f"student.{ending}"
    write(model, path)
    assert verify(model, path, X).passed


def test_a_header_in_integers_keeps_nearly_all_labels(fitted, tmp_path):
    model, X = fitted
    path = tmp_path / "student.h"
    to_c(model, path, arithmetic="integer", X=X.toarray())
    verification = verify(model, path, X, tolerance=0.2)
    assert verification.greatest_difference < 0.2
    assert verification.changed_labels.size < 0.05 * X.shape[0]
