import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdistill.teachers import VotesTeacher

# A fast model, since most tests are about votes.
FAST = GaussianNB()


@pytest.fixture(scope="module")
def annotated():
    """Rows, their labels, and five annotators' votes as codes; -1 for no vote."""
    X, labels = make_classification(
        400, 6, n_informative=4, n_classes=3, class_sep=1.5, random_state=0
    )
    rng = np.random.default_rng(0)
    right = rng.random((400, 5)) < [0.9, 0.8, 0.7, 0.6, 0.0]
    blind = rng.integers(3, size=(400, 5))
    votes = np.where(right, labels[:, np.newaxis], blind)
    votes[rng.random((400, 5)) < 0.4] = -1
    for array in (X, labels, votes):
        array.flags.writeable = False
    return X, labels, votes


def named(votes, names):
    """Return votes with names in place of codes, None in place of -1."""
    return np.array([*names, None], dtype=object)[votes]


def majority(votes):
    return np.array([(votes == c).sum(axis=1) for c in range(3)]).argmax(axis=0)


def test_the_consensus_is_better_than_the_majority(annotated):
    X, labels, votes = annotated
    teacher = VotesTeacher(missing=-1, random_state=0).fit(X, votes)
    consensus = teacher.classes_[teacher.proba_.argmax(axis=1)]
    assert (consensus == labels).mean() > (majority(votes) == labels).mean() + 0.05
    assert teacher.score(X, labels) > 0.8
    np.testing.assert_array_equal(teacher.classes_, [0, 1, 2])
    assert teacher.proba_.shape == (400, 3)
    assert teacher.confusions_.shape == (5, 3, 3)
    np.testing.assert_allclose(teacher.proba_.sum(axis=1), 1)
    np.testing.assert_allclose(teacher.confusions_.sum(axis=2), 1)
    right = np.diagonal(teacher.confusions_, axis1=1, axis2=2).mean(axis=1)
    assert right.argmin() == 4
    assert right[4] < 0.45


@pytest.mark.parametrize(
    "names", [["a", "b", "c"], [10, 20, 30], [-1, 0, 1]], ids=["text", "int", "minus"]
)
def test_labels_of_any_type_give_the_same_consensus(annotated, names):
    X, _, votes = annotated
    plain = VotesTeacher(FAST, missing=-1, random_state=0).fit(X, votes)
    teacher = VotesTeacher(FAST, random_state=0).fit(X, named(votes, names))
    assert teacher.classes_.tolist() == names
    assert teacher.classes_.dtype.kind == np.array(names).dtype.kind
    np.testing.assert_array_equal(teacher.proba_, plain.proba_)
    np.testing.assert_array_equal(teacher.predict_proba(X), plain.predict_proba(X))
    np.testing.assert_array_equal(teacher.predict(X), np.array(names)[plain.predict(X)])


def test_truth_values_are_labels(annotated):
    X, labels, votes = annotated
    truths = np.array([False, True, True, None], dtype=object)[votes]
    teacher = VotesTeacher(FAST, random_state=0).fit(X, truths)
    assert teacher.classes_.tolist() == [False, True]
    assert teacher.classes_.dtype == bool
    assert teacher.score(X, labels > 0) > 0.7


def forms_of(votes):
    """Yield votes in each form, with the parameter `missing`."""
    floats = np.where(votes < 0, np.nan, votes)
    objects = named(votes, [0, 1, 2])
    columns = {f"annotator {n}": column for n, column in enumerate(objects.T)}
    yield "codes", votes, -1
    yield "NaN", floats, None
    yield "objects", objects, None
    yield "lists", objects.tolist(), None
    yield "masked", np.ma.masked_less(votes, 0), None
    yield "pandas", pd.DataFrame(floats), None
    yield "nullable", pd.DataFrame(columns).astype("Int64"), None
    yield "polars", pl.DataFrame({name: list(c) for name, c in columns.items()}), None
    soft = np.where(
        (votes < 0)[:, :, np.newaxis], np.nan, votes[:, :, np.newaxis] == range(3)
    )
    yield "soft", soft, None
    yield "soft lists", soft.tolist(), None


def test_the_form_of_the_votes_does_not_matter(annotated):
    X, _, votes = annotated
    forms = list(forms_of(votes))
    _, first, missing = forms[0]
    plain = VotesTeacher(FAST, missing=missing, random_state=0).fit(X, first)
    for name, form, missing in forms:
        teacher = VotesTeacher(FAST, missing=missing, random_state=0).fit(X, form)
        np.testing.assert_array_equal(teacher.proba_, plain.proba_, err_msg=name)
        assert teacher.classes_.dtype == plain.classes_.dtype, name


def test_frames_of_text_are_read(annotated):
    X, _, votes = annotated
    texts = named(votes, ["a", "b", "c"])
    plain = VotesTeacher(FAST, random_state=0).fit(X, texts)
    for frame in (
        pd.DataFrame(texts),
        pd.DataFrame(texts).astype("string"),
        pd.DataFrame(texts).astype("category"),
        pl.DataFrame({str(n): list(column) for n, column in enumerate(texts.T)}),
    ):
        teacher = VotesTeacher(FAST, random_state=0).fit(X, frame)
        np.testing.assert_array_equal(teacher.proba_, plain.proba_)
        assert teacher.classes_.tolist() == ["a", "b", "c"]


def test_a_text_may_stand_for_no_vote(annotated):
    X, _, votes = annotated
    texts = np.array(["a", "b", "c", "?"])[votes]
    teacher = VotesTeacher(FAST, missing="?", random_state=0).fit(X, texts)
    assert teacher.classes_.tolist() == ["a", "b", "c"]


def test_a_number_may_stand_for_no_vote_among_texts(annotated):
    X, _, votes = annotated
    texts = named(votes, ["a", "b", "-1"])
    coded = np.where(votes == -1, -1, texts)
    one = VotesTeacher(FAST, random_state=0).fit(X, texts)
    for other in (coded, coded.tolist(), pd.DataFrame(coded)):
        again = VotesTeacher(FAST, random_state=0, missing=-1).fit(X, other)
        np.testing.assert_array_equal(again.proba_, one.proba_)
        assert again.classes_.tolist() == ["-1", "a", "b"]


def test_a_consensus_of_one_class_needs_no_model(annotated):
    X = annotated[0]
    votes = np.zeros((400, 3))
    votes[0, 0] = 1.0
    # LogisticRegression refuses a single class.
    teacher = VotesTeacher(LogisticRegression(), random_state=0).fit(X, votes)
    assert teacher.classes_.tolist() == [0, 1]
    assert (teacher.predict_proba(X)[:, 0] > 0.99).all()


def test_none_may_stand_in_place_of_a_soft_vote(annotated):
    X, _, votes = annotated
    soft = np.where((votes == -1)[:, :, np.newaxis], np.nan, 0.9 * np.eye(3)[votes])
    soft += 0.1 / 3
    rows = [
        [None if code == -1 else list(vote) for code, vote in zip(*row, strict=True)]
        for row in zip(votes, soft, strict=True)
    ]
    one, other = (VotesTeacher(FAST, random_state=0).fit(X, v) for v in (soft, rows))
    np.testing.assert_array_equal(one.proba_, other.proba_)


def test_columns_of_soft_votes_have_names(annotated):
    X, _, votes = annotated
    *_, (_, soft, _), _ = forms_of(votes)
    plain = VotesTeacher(FAST, random_state=0).fit(X, soft)
    teacher = VotesTeacher(FAST, classes=["b", "c", "a"], random_state=0).fit(X, soft)
    assert teacher.classes_.tolist() == ["a", "b", "c"]
    # The folds differ, because they depend on the order of the classes.
    assert abs(teacher.proba_ - plain.proba_[:, [2, 0, 1]]).mean() < 0.02


def test_classes_without_votes_are_known_by_their_name(annotated):
    X, _, votes = annotated
    teacher = VotesTeacher(FAST, missing=-1, classes=[3, 2, 1, 0]).fit(X, votes)
    assert teacher.classes_.tolist() == [0, 1, 2, 3]
    assert teacher.proba_.shape == (400, 4)
    assert teacher.predict_proba(X)[:, 3].max() < 0.01


def test_rows_without_a_vote_get_the_answer_of_a_model(annotated):
    X, labels, votes = annotated
    votes = votes.copy()
    votes[::4] = -1
    teacher = VotesTeacher(FAST, missing=-1, random_state=0).fit(X, votes)
    blank = teacher.proba_[::4]
    assert (blank.argmax(axis=1) == labels[::4]).mean() > 0.6
    voted = teacher.proba_[1::4]
    assert voted.max(axis=1).mean() > blank.max(axis=1).mean()


def test_one_annotator_is_enough(annotated):
    X, labels, votes = annotated
    alone = np.where(votes[:, 0] < 0, votes[:, 1], votes[:, 0])
    teacher = VotesTeacher(missing=-1, random_state=0).fit(X, alone)
    assert teacher.confusions_.shape == (1, 3, 3)
    consensus = teacher.proba_.argmax(axis=1)
    assert (consensus == labels).mean() > (alone == labels).mean()


def test_raw_tables_need_no_estimator(annotated):
    X, labels, votes = annotated
    town = np.array(["Rome", "Oslo", "Bonn"], dtype=object)[labels]
    town[::7] = None
    numbers = np.where(np.arange(400) % 5 == 0, np.nan, X[:, 0])
    table = {"town": town, "size": numbers, "old": X[:, 1] > 0}
    # Old polars keep an array of objects as objects, and cannot select their rows.
    frame = pl.DataFrame(table | {"town": town.tolist()}, nan_to_null=True)
    teacher = VotesTeacher(missing=-1, random_state=0).fit(frame, votes)
    assert teacher.score(pd.DataFrame(table), labels) > 0.85
    assert teacher.feature_names_in_.tolist() == ["town", "size", "old"]
    assert teacher.n_features_in_ == 3
    array = np.column_stack([town, numbers])[:100]
    teacher = VotesTeacher(missing=-1, random_state=0).fit(array, votes[:100])
    assert teacher.score(array, labels[:100]) > 0.85
    unknown = np.array([["Paris", 1.0], [None, np.nan]], dtype=object)
    assert np.isfinite(teacher.predict_proba(unknown)).all()


def test_sparse_rows_are_taken(annotated):
    X, labels, votes = annotated
    teacher = VotesTeacher(missing=-1, random_state=0).fit(csr_array(X), votes)
    assert teacher.score(csr_array(X), labels) > 0.8


def test_the_estimator_is_cloned_and_gets_the_labels(annotated):
    X, _, votes = annotated
    model = LogisticRegression()
    teacher = VotesTeacher(model, random_state=0).fit(X, named(votes, list("abc")))
    assert not hasattr(model, "classes_")
    assert teacher.estimator_.classes_.tolist() == ["a", "b", "c"]
    answers = 0.999 * teacher.estimator_.predict_proba(X) + 0.001 / 3
    answers **= 1 / teacher.temperature_
    answers /= answers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(teacher.predict_proba(X), answers, atol=1e-5)


def test_the_same_seed_gives_the_same_consensus(annotated):
    X, _, votes = annotated
    first, second = (
        VotesTeacher(missing=-1, random_state=0).fit(X, votes) for _ in range(2)
    )
    np.testing.assert_array_equal(first.proba_, second.proba_)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_it_is_cloned_and_pickled(annotated):
    X, _, votes = annotated
    teacher = VotesTeacher(FAST, missing=-1, random_state=0)
    assert str(clone(teacher).get_params()) == str(teacher.get_params())
    teacher.fit(X, votes)
    again = pickle.loads(pickle.dumps(teacher))
    np.testing.assert_array_equal(again.predict_proba(X), teacher.predict_proba(X))


def bad_votes(votes):
    soft = np.full((400, 5, 3), 1 / 3)
    yield np.full((400, 5), np.nan), "votes are all missing: none of 400 rows"
    yield [[None] * 5] * 400, "votes are all missing"
    yield np.full((400, 5, 3), np.nan), "votes are all missing"
    yield votes[:399], "votes has 399 rows, and X has 400"
    yield None, "requires y to be passed, but the target y is None"
    yield np.zeros((400, 5)), "votes name one class alone, 0: a classifier needs two"
    yield votes + 1.5, r"votes holds \d\.5, and continuous numbers are no labels"
    yield np.where(votes == 1, np.inf, votes), "votes holds inf, and continuous numbers"
    yield [["a", 1]] * 400, r"votes mixes text and numbers, \['a', 1"
    yield [[b"a", b"b"]] * 400, "votes holds cells of type bytes"
    yield [[1, 0], [1]] * 200, "votes holds rows of different lengths"
    yield np.zeros((400, 0)), r"votes has shape \(400, 0\)"
    yield np.zeros((2, 2, 2, 2)), r"votes has shape \(2, 2, 2, 2\)"
    yield 3 * soft, r"soft vote of annotator 0 on row 0 is \[1.0, 1.0, 1.0\]"
    yield soft * 0, "sum to 1, or NaN for all classes if there is no vote"
    half = soft.copy()
    half[5, 2, 1] = np.nan
    yield half, "soft vote of annotator 2 on row 5"
    yield soft - [0.4, 0.0, -0.4], "give numbers from 0 to 1 that sum to 1"
    yield np.full((400, 5, 3), "a"), "soft votes, and hold cells that are no numbers"
    yield votes + 1j, "Complex data not supported: votes holds complex128"
    yield np.where(votes == 1, 1e20, votes), r"votes holds 1e\+20, and continuous"
    yield np.full((400, 2), "2026-11-30", dtype="M8[D]"), "votes is of type datetime64"
    yield csr_array(np.ones((400, 5))), "votes is sparse: give votes.toarray"
    yield pl.DataFrame({"a": [1, 2]}).lazy(), "votes is a lazy frame"


def test_bad_votes_raise_and_leave_the_teacher_as_it_was(annotated):
    X, _, votes = annotated
    teacher = VotesTeacher(FAST, random_state=0)
    fitted = VotesTeacher(FAST, random_state=0, missing=-1).fit(X, votes)
    before = dict(vars(fitted))
    for bad, message in bad_votes(votes):
        for model in (teacher, fitted):
            with pytest.raises(ValueError, match=message):
                model.fit(X, bad)
        assert not hasattr(teacher, "classes_")
        assert vars(fitted) == before


def test_bad_parameters_raise(annotated):
    X, _, votes = annotated
    soft = np.full((400, 5, 3), 1 / 3)
    with pytest.raises(ValueError, match="the parameter classes names 2"):
        VotesTeacher(classes=["a", "b"]).fit(X, soft)
    with pytest.raises(ValueError, match="votes holds the label 2, which is not among"):
        VotesTeacher(classes=[0, 1], missing=-1).fit(X, votes)
    with pytest.raises(ValueError, match="classes holds a label twice"):
        VotesTeacher(classes=[0, 0, 1], missing=-1).fit(X, votes)
    with pytest.raises(ValueError, match="The 'estimator' parameter of VotesTeacher"):
        VotesTeacher("forest").fit(X, votes)
    with pytest.raises(ValueError, match=r"features?, but VotesTeacher is expecting 6"):
        VotesTeacher(FAST, missing=-1).fit(X, votes).predict(X[:, :3])


def test_crowdlab_is_not_better(annotated):
    reason = "cleanlab, the library of CROWDLAB, is not installed"
    crowds = pytest.importorskip("cleanlab.multiannotator", reason=reason)
    X, labels, votes = annotated
    teacher = VotesTeacher(FAST, missing=-1, random_state=0).fit(X, votes)
    answers = FAST.fit(X, majority(votes)).predict_proba(X)
    frame = pd.DataFrame(np.where(votes < 0, np.nan, votes))
    voted = (votes >= 0).any(axis=1)
    theirs = crowds.get_label_quality_multiannotator(
        frame[voted], answers[voted], verbose=False
    )["label_quality"]["consensus_label"].to_numpy()
    ours = teacher.proba_[voted].argmax(axis=1)
    truth = labels[voted]
    assert (ours == truth).mean() > (theirs == truth).mean() - 0.01


NOT_APPLICABLE = {
    "check_fit_score_takes_y": "the second argument of fit is named votes",
    "check_supervised_y_2d": "votes of shape (n_samples, 1) are those of one annotator",
}


@parametrize_with_checks(
    [VotesTeacher(FAST, random_state=0)],
    expected_failed_checks=lambda estimator: NOT_APPLICABLE,
)
def test_common_checks(estimator, check):
    check(estimator)
