"""Text columns of a table: scores of a linear model, beside the other columns."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import DistilledClassifier, Student, TabularEncoder
from skdistill.export import to_c, to_js, to_onnx, to_scorecard
from skdistill.student.shapes import shape_functions
from skdistill.tables.read import read_coded_columns
from skdistill.training.text_columns import _are_common, _groups, learn_texts

NOUNS = ["film", "plot", "music", "scene", "actor", "ending", "hall", "night"]
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0}


def _filled(column):
    return column.fillna("")


def _problem(n_rows, n_classes=2):
    """Return reviews with an age: the text tells the class, or the reverse above 1."""
    random = np.random.RandomState(0)
    words = (["good", "great"], ["bad", "awful"], ["odd", "strange"])[:n_classes]
    said = random.randint(n_classes, size=n_rows)
    reviews = [
        " ".join([*random.choice(NOUNS, 6), *random.choice(words[kind], 2)])
        for kind in said
    ]
    age = random.normal(size=n_rows)
    y = np.array(["no", "yes", "so"])[(said + (age > 1.0)) % n_classes]
    table = pd.DataFrame(
        {"age": age, "review": reviews, "town": random.choice(["Rome", "Oslo"], n_rows)}
    )
    table.loc[[3, 5], "review"] = None
    return table, y


def _teacher():
    texts = make_pipeline(FunctionTransformer(_filled), TfidfVectorizer())
    columns = make_column_transformer((texts, "review"), ("passthrough", ["age"]))
    return make_pipeline(columns, LogisticRegression(C=10.0))


class _NeverFitted(ClassifierMixin, BaseEstimator):
    """A teacher that fails the test if it is fitted."""

    def fit(self, X, y):
        raise AssertionError


def _fit(n_classes=2, **parameters):
    X, y = _problem(240, n_classes)
    parameters = {"encoder": TabularEncoder(text=["review"]), **QUICK, **parameters}
    return DistilledClassifier(_teacher(), **parameters).fit(X, y)


@pytest.fixture(scope="module")
def model():
    return _fit()


@pytest.fixture(scope="module")
def of_three():
    return _fit(n_classes=3, synthesizer=None)


def test_the_scores_are_those_of_scikit_learn_and_a_product(model):
    [scores] = model.student_.input_code.texts
    new = ["good film", "", "awful, awful PLOT", "nothing of this", "Ünseen wörds"]
    expected = np.zeros((len(new), 1))
    first = 0
    for vectorizer in scores.text.vectorizers:
        theirs = TfidfVectorizer(
            analyzer=vectorizer.analyzer,
            ngram_range=vectorizer.ngram_range,
            sublinear_tf=True,
            vocabulary=list(vectorizer.terms),
        )
        theirs.fit([""])
        theirs.idf_ = vectorizer.idf
        end = first + vectorizer.n_columns
        expected += theirs.transform(new) @ scores.weights[first:end]
        first = end
    assert first == len(scores.weights)
    table = pd.DataFrame({"age": 0.0, "review": new, "town": "Rome"})
    numbers = model.student_.numbers(table)
    assert numbers.shape == (5, 4)
    np.testing.assert_allclose(numbers[:, 3:], expected + scores.biases, atol=1e-5)


def test_the_network_reads_the_scores_beside_the_numbers(model):
    X, y = _problem(400)
    X, y = X[240:], y[240:]
    assert model.score(X, y) > 0.75
    table = pd.DataFrame({"age": [0.0, 0.0], "town": "Rome"})
    table["review"] = ["good great film", "bad awful film"]
    assert model.predict(table[["age", "review", "town"]]).tolist() == ["no", "yes"]


def test_given_texts_have_scores_of_other_folds_in_training_alone(model):
    X, y = _problem(240)
    labels = y == "yes"
    X["review"] = [f"word{number} film" for number in range(len(X))]
    noise = _fit_on(X, y).student_
    column = noise.numbers(X)[:, 3]
    # A model of its own rows would know each of them by its word.
    assert abs(np.corrcoef(column, labels)[0, 1]) < 0.95
    assert all(text.known is None for text in noise.input_code.texts)
    assert all(text.known is None for text in model.encoder_.code_.texts)


def _fit_on(X, y, **parameters):
    teacher = make_pipeline(
        make_column_transformer(("passthrough", ["age"])), LogisticRegression()
    )
    encoder = TabularEncoder(text=["review"])
    usual = {"encoder": encoder, "synthesizer": None, **QUICK}
    return DistilledClassifier(teacher, **usual | parameters).fit(X, y)


def test_texts_without_meaning_do_no_harm():
    """The network sees scores that are no better than chance, and leaves them."""
    X, y = _problem(400)
    y = np.where(X["age"] > 0.0, "yes", "no")
    X["review"] = [f"word{number} film" for number in range(len(X))]
    model = _fit_on(X[:300], y[:300], max_iter="auto")
    assert model.score(X[300:], y[300:]) > 0.9


@pytest.mark.parametrize("name", ["model", "of_three"])
def test_a_file_gives_the_same_student(name, request, tmp_path):
    model = request.getfixturevalue(name)
    X, _ = _problem(60, len(model.classes_))
    model.student_.save(tmp_path / "student.npz")
    student = Student.load(tmp_path / "student.npz")
    assert student.input_code == model.student_.input_code
    assert student.n_features_in_ == 3
    assert_array_equal(student.predict_proba(X), model.predict_proba(X))
    assert student.nbytes == model.student_.nbytes
    assert student.nbytes < (tmp_path / "student.npz").stat().st_size
    again = pickle.loads(pickle.dumps(student))
    assert_array_equal(again.predict_proba(X), student.predict_proba(X))


def test_rows_of_any_form(model):
    X, _ = _problem(40)
    expected = model.predict_proba(X)
    student = model.student_
    rows = X.astype(object).where(X.notna(), None)
    for form in (
        X[["town", "review", "age"]],
        X.astype({"review": "category"}),
        pl.DataFrame(rows.to_dict("list")),
        rows.to_dict("records"),
        rows.to_dict("list"),
        rows.to_numpy(),
        rows.to_numpy().tolist(),
    ):
        assert_array_equal(student.predict_proba(form), expected)
    one = student.predict_proba([rows.to_dict("records")[7]])
    np.testing.assert_allclose(one, expected[7:8], atol=1e-6)
    assert len(student.predict(X[:0])) == 0


def test_a_missing_text_is_an_empty_one(model):
    row = {"age": 0.5, "town": "Rome"}
    missing = [{**row, "review": text} for text in (None, np.nan, "", "xyzzy")]
    proba = model.student_.predict_proba(missing)
    assert (proba == proba[0]).all()
    alone = model.student_.predict_proba(missing[:1])
    np.testing.assert_allclose(alone, proba[:1], atol=1e-6)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([3.0, 4.0], "'review' of X holds numbers, and the student reads texts"),
        (["film", 4], "'review' of X holds 4, and the student reads texts"),
        (["film", True], "'review' of X holds True, and the student reads texts"),
    ],
)
def test_cells_that_are_no_texts(model, cells, message):
    X = pd.DataFrame({"age": [1.0, 2.0], "review": cells, "town": "Rome"})
    with pytest.raises(ValueError, match=message):
        model.student_.predict(X)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (["reviews"], r"text holds 'reviews', which is not a column of X.*'review'"),
        ([1], r"text holds 1, which is not a column of X: give names"),
        (["review", "review"], r"text=\['review', 'review'\] holds a column twice"),
        ("review", r"text='review' is one name: give a list, text=\['review'\]"),
        (["age"], r"column 'age' of X holds numbers, and the student reads texts"),
    ],
)
def test_wrong_columns(text, message):
    X, y = _problem(60)
    encoder = TabularEncoder(text=text)
    # The teacher is not fitted before.
    model = DistilledClassifier(_NeverFitted(), encoder=encoder, **QUICK)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)


def test_max_terms_of_text_columns_belongs_to_the_encoder():
    X, y = _problem(60)
    encoder = TabularEncoder(text=["review"])
    model = DistilledClassifier(_NeverFitted(), encoder=encoder, max_terms=50)
    advice = r"give TabularEncoder\(text=\['review'\], max_terms=50\)"
    with pytest.raises(ValueError, match=advice):
        model.fit(X, y)


def test_a_column_without_words():
    X, y = _problem(60)
    X["review"] = "-"
    encoder = TabularEncoder(text=["review"])
    model = DistilledClassifier(_NeverFitted(), encoder=encoder, **QUICK)
    with pytest.raises(ValueError, match="'review' of X holds no word of two letters"):
        model.fit(X, y)


def test_places_stand_for_columns_without_names():
    X, y = _problem(120)
    rows = X.astype(object).where(X.notna(), None).to_numpy()
    answers = np.where(y == "yes", 0.9, 0.1)
    model = DistilledClassifier(
        "precomputed", encoder=TabularEncoder(text=np.array([1])), **QUICK
    ).fit(rows, y, teacher_proba=answers)
    assert [text.feature for text in model.encoder_.code_.texts] == [1]
    assert model.student_.predict(rows[:3]).shape == (3,)


def test_an_encoder_alone_learns_no_scores():
    X, y = _problem(60)
    with pytest.raises(ValueError, match="give the encoder to a distilled estim"):
        TabularEncoder(text=["review"]).fit(X, y)


def test_without_text_a_column_of_free_text_is_left_out_with_advice():
    X, y = _problem(240)
    X["review"] = [f"{text} {number}" for number, text in enumerate(X["review"])]
    model = DistilledClassifier(_teacher(), synthesizer=None, **QUICK)
    advice = r"TabularEncoder\(text=\['review'\]\), or --text of the command"
    with pytest.warns(UserWarning, match=advice):
        model.fit(X, y)
    assert model.encoder_.left_out_.tolist() == [1]
    assert not model.student_.input_code.texts


def test_attributes_count_the_columns_of_the_table(model):
    assert model.n_features_in_ == 3
    assert model.sensitivity_.shape == model.feature_importances_.shape == (3,)
    assert model.feature_importances_[1] > 0.0
    assert model.encoder_.left_out_.size == 0
    names = set(model.encoder_.get_feature_names_out())
    assert names <= {"age", "town", "review_0"}
    assert "review_0" in names
    X, _ = _problem(10)
    assert model.encoder_.transform(X).shape == (10, len(names))


def test_the_text_of_a_student_names_its_text_columns(model):
    text = model.encoder_.code_.texts[0]
    names = f", text 'review' {text.text.n_columns:,} terms, 2 classes, "
    assert names in repr(model.student_)
    # The terms and their weights count.
    assert model.student_.nbytes > text.nbytes > text.weights.size


def test_max_terms_bounds_the_file(of_three):
    [scores] = of_three.student_.input_code.texts
    assert scores.n_units == 3
    X, y = _problem(240, 3)
    encoder = TabularEncoder(text=["review"], max_terms=12)
    small = _fit(n_classes=3, synthesizer=None, encoder=encoder).student_
    assert small.input_code.texts[0].text.n_columns == 12
    assert small.nbytes < of_three.student_.nbytes
    assert (small.predict(X) == y).mean() > 0.7


def test_clones_and_searches():
    X, y = _problem(120)
    model = DistilledClassifier(
        _teacher(), encoder=TabularEncoder(text=["review"]), synthesizer=None, **QUICK
    )
    assert clone(model).encoder.text == ["review"]
    search = GridSearchCV(model, {"encoder__max_terms": [50]}, cv=2).fit(X, y)
    found = search.best_estimator_.student_
    assert found.input_code.texts[0].text.n_columns == 50


def test_a_warm_start_of_the_same_rows_learns_the_same_scores(of_three):
    X, y = _problem(240, 3)
    model = clone(of_three).set_params(warm_start=True)
    before = model.fit(X, y).student_.input_code
    assert before == of_three.student_.input_code
    assert model.fit(X, y).student_.input_code == before
    assert model.student_.input_code.texts[0].known is None


def test_a_warm_start_deploys_the_scores_that_it_was_trained_on(model, learned):
    """The words of the new rows mean the reverse of what they meant before."""
    X, y = _problem(240)
    again = clone(model).set_params(warm_start=True).fit(X[:150], y[:150])
    before = again.student_.input_code
    again.fit(X[150:], np.where(y[150:] == "yes", "no", "yes"))
    [scores] = learned[-1]
    [deployed] = again.student_.input_code.texts
    assert deployed == scores != before.texts[0]
    assert again.encoder_.code_ == again.student_.input_code
    # Knots and levels are those of before.
    assert before.with_texts([deployed]) == again.student_.input_code


def test_a_warm_start_takes_no_other_text_column():
    X, y = _problem(60)
    model = _fit_on(X, y, warm_start=True)
    X["town"] = X["review"]
    model.set_params(encoder=TabularEncoder(text=["review", "town"]))
    with pytest.raises(ValueError, match=r"were \[1\], and are now \[1, 2\]"):
        model.fit(X, y)
    assert model.encoder_.text == ["review"]


def test_other_languages_refuse(model, tmp_path):
    forms = {to_c: ".h", to_onnx: ".onnx", to_js: ".mjs", to_scorecard: ".csv"}
    for write, ending in forms.items():
        with pytest.raises(ValueError, match=r"reads the text columns \['review'\]"):
            write(model, tmp_path / f"student{ending}")
    linear = Student(
        [np.zeros((1, 1))],
        [np.zeros(1)],
        "relu",
        ["no", "yes"],
        *_one_score(model),
    )
    with pytest.raises(ValueError, match="reads text columns"):
        shape_functions(linear)


def _one_score(model):
    """Return an input code of the score alone, and its empty knot table."""
    code = model.student_.input_code
    parts = {"mean": [0.0], "scale": [1.0], "low": [-9.0], "high": [9.0]}
    none = {"knotted": [], "knots": [], "categorical": [], "levels": []}
    code = type(code)(3, linear=[3], texts=code.texts, **parts, **none)
    return code, np.zeros((0, 1))


def test_it_runs_on_numpy_alone(model, tmp_path):
    model.student_.save(tmp_path / "student.npz")
    row = {"age": 0.5, "review": "good film", "town": "Rome"}
    expected = model.student_.predict_proba([row])
    code = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {{"scipy", "sklearn", "numba", "llvmlite", "pandas"}}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
from skdistill import Student
student = Student.load({str(tmp_path / "student.npz")!r})
print(student.predict_proba([{row!r}]).tolist())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    np.testing.assert_allclose(eval(done.stdout), expected, atol=1e-5)


@pytest.fixture
def learned(monkeypatch):
    """Scores in the order in which fits learn them."""
    found = []

    def watched(data, parameters, recipe=None):
        found.append(learn_texts(data, parameters, recipe))
        return found[-1]

    monkeypatch.setattr("skdistill.training.choose_lesson.learn_texts", watched)
    return found


def _fit_answers(X, y, answers, **arguments):
    encoder = TabularEncoder(text=["review"])
    model = DistilledClassifier("precomputed", encoder=encoder, **QUICK)
    return model.fit(X, y, teacher_proba=answers, **arguments)


def test_a_text_has_one_score_in_all_rows(learned):
    """All copies of a text are in one fold, so none of its rows tells its score."""
    X, y = _problem(60)
    X = pd.concat([X, X], ignore_index=True)
    answers = np.where(y == "yes", 0.9, 0.1)
    _fit_answers(X, [*y, *y], [*answers, *answers])
    [scores] = learned[-1]
    assert scores.known.keys() == {t for t in X["review"] if isinstance(t, str)}
    numbers = scores.of_column(read_coded_columns(X)[1])
    assert_array_equal(numbers[:60], numbers[60:])


def test_a_common_text_joins_no_rows():
    """Most texts are "none": folds stay of one size, and so do groups of users."""
    which = np.where(np.arange(400) % 4 == 0, np.arange(400), 1)
    distinct = [f"text {number}" for number in range(400)]
    common = _are_common(which, distinct)
    assert_array_equal(common, which == 1)
    alone = _groups(which, common, None)
    assert len(np.unique(alone)) == 400
    users = np.arange(400) // 10
    assert_array_equal(np.unique(_groups(which, common, users)), range(40))
    # Two copies of each text stay together, and join the users who wrote them.
    pairs = np.arange(400) % 200
    none = _are_common(pairs, distinct)
    assert not none.any()
    joined = _groups(pairs, none, users)
    assert len(np.unique(joined)) == 20
    assert_array_equal(joined[:200], joined[200:])
    # Each user copied all texts: then the texts alone are held out together.
    many = np.arange(400) % 40
    joined = _groups(many, _are_common(many, distinct), np.arange(400) // 40)
    assert len(np.unique(joined)) == 40


@pytest.mark.filterwarnings("ignore:the teacher gives")
def test_a_rejected_teacher_has_no_part_in_the_scores():
    X, y = _problem(240)
    wrong = np.where(y == "yes", 0.1, 0.9)
    with pytest.warns(UserWarning, match="clearly worse"):
        rejected = _fit_answers(X, y, wrong)
    alone = _fit_on(X, y, distillation_weight=0.0)
    assert not rejected.follows_teacher_
    assert rejected.student_.input_code.texts == alone.student_.input_code.texts


def test_scores_of_labels_alone_judge_the_teacher_and_its_answers_teach_the_student(
    learned,
):
    X, y = _problem(240)
    answers = np.where(y == "yes", 0.9, 0.1)
    others, theirs = _problem(400)
    unlabeled = {
        "X_unlabeled": others[240:],
        "teacher_proba_unlabeled": np.where(theirs[240:] == "yes", 0.9, 0.1),
    }
    _fit_answers(X[:120], y[:120], answers[:120], **unlabeled)
    first, last = learned
    # Other answers do not change what judges them.
    _fit_answers(X[:120], y[:120], np.where(answers[:120] > 0.5, 0.7, 0.3), **unlabeled)
    assert learned[2] == first
    assert last != first
    new = {"age": 0.0, "town": "Rome", "review": ["great good film", "bad awful film"]}
    column = read_coded_columns(pd.DataFrame(new))[2]
    spread = [float(np.ptp(one[0].of_column(column))) for one in (first, last)]
    assert min(spread) > 1.0
