"""A fitted pipeline as one student, with all columns or with those of a pruned one."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from skdistill import Student
from skdistill.student.kept_columns import KeptColumns, find_unit_blocks
from skdistill.student.text.sklearn_steps import text_of

WORDS = ["good", "bad", "film", "plot", "long", "best", "café", "not", "one", "two"]
RNG = np.random.default_rng(0)
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(2, 9))) for _ in range(60)]
OTHERS = ["", "other terms alone", "good", *TEXTS[::7], "not good, a bad plot"]


class Holder(BaseEstimator):
    """An estimator with a student, which is all that counts."""

    def __init__(self, student=None):
        self.student = student
        self.student_ = student

    def fit(self, X, y):
        return self


def pair():
    return [("a", CountVectorizer()), ("b", CountVectorizer(analyzer="char"))]


def normed():
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), sublinear_tf=True)
    return [("a", TfidfVectorizer()), ("b", parts)]


# A pipeline, and whether its pruned student reads the kept terms alone.
PIPELINES = {
    "unit rows": (TfidfVectorizer(), True),
    "two unit blocks": (FeatureUnion(normed()), True),
    "counts": (CountVectorizer(analyzer="char", ngram_range=(1, 2)), True),
    "a hash": (HashingVectorizer(n_features=64), True),
    "weights of a hash": (
        make_pipeline(HashingVectorizer(n_features=64), TfidfTransformer()),
        True,
    ),
    "weights over all": (make_pipeline(FeatureUnion(pair()), TfidfTransformer()), True),
    "no norm over all": (
        make_pipeline(FeatureUnion(pair()), TfidfTransformer(norm=None)),
        True,
    ),
    "sums of one": (TfidfVectorizer(norm="l1"), False),
    "half a unit": (
        FeatureUnion(normed(), transformer_weights={"a": 0.5, "b": 0.25}),
        False,
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("hidden", [(), (4,)])
def test_a_pruned_student(name, hidden):
    vectorizer, reads_kept_terms_alone = PIPELINES[name]
    X = csr_array(vectorizer.fit(TEXTS).transform(TEXTS))
    X.sort_indices()
    places = np.sort(RNG.permutation(X.shape[1])[: X.shape[1] // 2])
    kept = KeptColumns(places, X.shape[1], find_unit_blocks(X))
    units = [len(places), *hidden, 3]
    coefs = [RNG.normal(size=shape) for shape in pairwise(units)]
    biases = [RNG.normal(size=n) for n in units[1:]]
    pruned = Student(coefs, biases, "relu", ["a", "b", "c"], kept_columns=kept)
    pipe = make_pipeline(vectorizer, Holder(pruned))
    student = Student.from_pipeline(pipe)
    assert (student.n_features_in_ == len(places)) == reads_kept_terms_alone
    assert student.kept_columns is None
    for texts in (TEXTS, OTHERS):
        expected = pruned.decision_function(csr_array(vectorizer.transform(texts)))
        assert_allclose(student.decision_function(texts), expected, atol=2e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_steps_of_a_pipeline_in_a_pipeline(dtype):
    counts = CountVectorizer()
    n_columns = counts.fit_transform(TEXTS).shape[1]
    whole = Student(
        [RNG.normal(size=(n_columns, 1))], [[0.5]], "relu", [3, 4], weight_dtype=dtype
    )
    inner = make_pipeline("passthrough", TfidfTransformer(), Holder(whole))
    pipe = Pipeline([("counts", counts), ("rest", inner)])
    inner[1].fit(counts.transform(TEXTS))
    student = Student.from_pipeline(pipe)
    assert student.weight_dtype == dtype
    X = csr_array(inner[1].transform(counts.transform(OTHERS)))
    assert_allclose(
        student.predict_proba(OTHERS), whole.predict_proba(X), atol=1e-6, rtol=0
    )
    assert_array_equal(student.predict(OTHERS), whole.predict(X))
    search = GridSearchCV(pipe, {})
    search.best_estimator_ = pipe
    again = Student.from_pipeline(search)
    assert_array_equal(again.predict_proba(OTHERS), student.predict_proba(OTHERS))


def test_norms_of_terms_that_are_left_out():
    vectorizer = make_pipeline(FeatureUnion(normed()), TfidfTransformer()).fit(TEXTS)
    n_columns = vectorizer.transform(TEXTS).shape[1]
    kept = KeptColumns(np.array([3]), n_columns, np.array([[0, n_columns]]))
    pruned = Student([[[1.0]]], [[0.0]], "relu", [0, 1], kept_columns=kept)
    with pytest.raises(ValueError, match="is pruned, and the norms .* max_terms=None"):
        Student.from_pipeline(make_pipeline(vectorizer, Holder(pruned)))


def test_the_step_that_made_dense_rows_is_named():
    dense = Student([np.ones((2, 1))], [[0.0]], "relu", [0, 1], offsets=np.ones(2))
    pipe = make_pipeline(CountVectorizer(), TruncatedSVD(2)).fit(TEXTS)
    with pytest.raises(ValueError, match="the step TruncatedSVD after the vectorizer"):
        Student.from_pipeline(make_pipeline(pipe, Holder(dense)))


def test_a_student_that_takes_texts_already():
    text = text_of([CountVectorizer().fit(TEXTS)])
    weights = np.ones((text.n_columns, 1))
    student = Student([weights], [[0.0]], "relu", [0, 1], text=text)
    with pytest.raises(ValueError, match="the Student takes texts already: use it as"):
        Student.from_pipeline(student)
    with pytest.raises(ValueError, match="Holder holds a student .* use its student_"):
        Student.from_pipeline(Holder(student))


def test_parts_that_do_not_fit_each_other():
    vectorizer = CountVectorizer().fit(TEXTS)
    few = Student([[[1.0], [2.0]]], [[0.0]], "relu", [0, 1])
    with pytest.raises(ValueError, match="make 10 columns, and the student was fitted"):
        Student.from_pipeline(make_pipeline(vectorizer, Holder(few)))
    ones = np.ones((10, 1))
    with_offsets = Student([ones], [[0.0]], "relu", [0, 1], offsets=np.ones(10))
    with pytest.raises(ValueError, match="was fitted on dense rows or on a table"):
        Student.from_pipeline(make_pipeline(vectorizer, Holder(with_offsets)))
    with pytest.raises(ValueError, match="a Holder alone takes no texts"):
        Student.from_pipeline(Holder(few))
    with pytest.raises(ValueError, match="a Student alone takes no texts"):
        Student.from_pipeline(few)
    with pytest.raises(ValueError, match="ends in a CountVectorizer without student_"):
        Student.from_pipeline(vectorizer)


def test_out_and_rows_of_numbers():
    vectorizer = CountVectorizer().fit(TEXTS)
    plain = Student([RNG.normal(size=(10, 1))], [[0.0]], "relu", [0, 1])
    student = Student.from_pipeline(make_pipeline(vectorizer, Holder(plain)))
    out = np.empty((len(TEXTS), 2), dtype=np.float32)
    assert student.predict_proba(TEXTS, out=out, n_jobs=2) is out
    assert_array_equal(out, student.predict_proba(TEXTS))
    with pytest.raises(ValueError, match="out is a"):
        student.predict_proba(TEXTS, out=out[1:])
    rows = student.text.rows(TEXTS).to_dense().astype(np.float32)
    assert_allclose(
        student.logits_of_numbers(rows)[:, 0],
        student.decision_function(TEXTS),
        rtol=1e-5,
    )


def test_logits_of_a_text_that_are_not_finite():
    vectorizer = CountVectorizer().fit(TEXTS)
    huge = Student([np.full((10, 1), 3e38)], [[0.0]], "relu", [0, 1])
    student = Student.from_pipeline(make_pipeline(vectorizer, Holder(huge)))
    with pytest.raises(ValueError, match="the logits of row 1 of X are beyond single"):
        student.predict(["good", "good bad"])


def test_no_other_package_is_needed(tmp_path):
    """A stored student answers where neither SciPy nor scikit-learn can be imported."""
    path = Path(__file__).parents[2] / "data/students_of_texts/columns_float32.npz"
    code = (
        "import sys\n"
        "absent = ('scipy', 'sklearn', 'pandas', 'numba')\n"
        "sys.modules.update(dict.fromkeys(absent))\n"
        "from skdistill.student.student import Student\n"
        f"student = Student.load({str(path)!r})\n"
        "print(student.predict([['caf\\u00e9', 'Good film']])[0])\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in {"a", "b", "c"}


def test_a_pruned_student_of_two_scripts():
    """No text of the fit holds both, and a new text does."""
    texts = ["good film", "bad film", "καλή ταινία", "κακή ταινία", "κακή"] * 2
    vectorizer = TfidfVectorizer()
    X = csr_array(vectorizer.fit_transform(texts))
    blocks = find_unit_blocks(X)
    assert blocks.tolist() == [[0, X.shape[1]]]
    kept = KeptColumns(np.array([0, 1, 4]), X.shape[1], blocks)
    weights = [[1.0], [2.0], [3.0]]
    pruned = Student([weights], [[0.0]], "relu", [0, 1], kept_columns=kept)
    student = Student.from_pipeline(make_pipeline(vectorizer, Holder(pruned)))
    new = ["good film κακή ταινία", "film ταινία καλή", "bad"]
    expected = pruned.decision_function(csr_array(vectorizer.transform(new)))
    assert_allclose(student.decision_function(new), expected, atol=1e-6)


def test_blocks_of_unit_length_that_are_no_vectorizers():
    vectorizer = TfidfVectorizer().fit(["a1 b1 c1 d1", "b1 c1"])
    kept = KeptColumns(np.arange(4), 4, np.array([[0, 2], [2, 4]]))
    pruned = Student([np.ones((4, 1))], [[0.0]], "relu", [0, 1], kept_columns=kept)
    student = Student.from_pipeline(make_pipeline(vectorizer, Holder(pruned)))
    assert len(student.text.vectorizers) == 2
    X = csr_array(vectorizer.transform(["a1 b1 c1", "d1", "a1 c1 d1"]))
    found = student.decision_function(["a1 b1 c1", "d1", "a1 c1 d1"])
    assert_allclose(found, pruned.decision_function(X), atol=1e-6)
    weights = {"a": 0.6, "b": 0.8}
    together = FeatureUnion(normed(), transformer_weights=weights).fit(TEXTS)
    n_columns = together.transform(TEXTS).shape[1]
    kept = KeptColumns(np.array([0, 20]), n_columns, np.array([[0, n_columns]]))
    pruned = Student([np.ones((2, 1))], [[0.0]], "relu", [0, 1], kept_columns=kept)
    with pytest.raises(ValueError, match="is pruned, and the norms of its vectorizer"):
        Student.from_pipeline(make_pipeline(together, Holder(pruned)))


def test_columns_by_place_in_a_named_frame():
    """scikit-learn finds them by name, also where the order is another."""
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"title": OTHERS, "price": 1.0, "body": OTHERS[::-1]})
    columns = [("b", CountVectorizer(), 2), ("t", CountVectorizer(), "title")]
    columns.append(("none", CountVectorizer(), []))
    transformer = ColumnTransformer(columns, sparse_threshold=1.0).fit(frame)
    text = text_of([transformer])
    assert text.columns == ("title", "body")
    for X in (frame, frame[["body", "price", "title"]]):
        expected = transformer.transform(X).toarray()
        assert_allclose(text.rows(X).to_dense(), expected)
    rows = frame[["title", "body"]].to_numpy().tolist()
    assert_allclose(text.rows(rows).to_dense(), transformer.transform(frame).toarray())
