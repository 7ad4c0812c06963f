import copy

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

from skdistill import (
    DistillationReport,
    DistilledClassifier,
    TabularEncoder,
    compress_to,
)
from skdistill.model_selection.known_answers import KnownAnswers
from skdistill.model_selection.requirement import (
    Requirement,
    RequirementNotMetError,
    TriedStudent,
)
from skdistill.model_selection.validation_score import ValidationScorer

COUNTS = ("fit", "predict_proba", "rows")


class Counting(ExtraTreesClassifier):
    """A teacher whose class counts what it is asked, clones included."""

    counts = dict.fromkeys(COUNTS, 0)

    def fit(self, X, y, sample_weight=None):
        self.counts["fit"] += 1
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        self.counts["predict_proba"] += 1
        self.counts["rows"] += len(X)
        return super().predict_proba(X)


@pytest.fixture(scope="module")
def data():
    return make_classification(
        500, 8, n_informative=6, n_redundant=0, n_classes=3, random_state=0
    )


def quick(teacher=None, **parameters):
    if teacher is None:
        teacher = ExtraTreesClassifier(20, random_state=0)
    parameters = {
        "max_iter": 10,
        "weight_decay": 0.1,
        "n_synthetic": 500,
        "random_state": 0,
        "hidden_layer_sizes": (32, 16),
        "encoder": TabularEncoder(n_bins=64),
    } | parameters
    return DistilledClassifier(teacher, **parameters)


def with_few_sizes():
    """For scores that are bootstrapped: the path of this one is short."""
    return quick(
        weight_dtype="int8",
        hidden_layer_sizes=(8,),
        encoder=TabularEncoder(n_bins=16),
    )


def answers(compression):
    """Return all of the path that is the same for the same seed."""
    return [tried._replace(microseconds=0.0) for tried in compression.path_]


@pytest.fixture(scope="module")
def found(data):
    return compress_to(quick(), *data, max_points_lost=5, random_state=0)


def test_the_chosen_is_the_smallest_of_the_path_that_meets(found):
    meeting = [tried for tried in found.path_ if tried.meets]
    assert found.chosen_ in meeting
    assert found.chosen_.bytes == min(tried.bytes for tried in meeting)
    assert found.chosen_.bytes < max(tried.bytes for tried in found.path_)
    for tried in found.path_:
        if tried.bytes < found.chosen_.bytes:
            assert not tried.meets
            assert found.requirement_.points_short(tried) > 0
    sizes = [tried.bytes for tried in found.path_]
    assert sizes == sorted(sizes, reverse=True)


def test_the_path_says_what_its_students_reach(found, data):
    X, y = data
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    X_train, X_valid, y_train, y_valid = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    teacher = ExtraTreesClassifier(20, random_state=0).fit(X_train, y_train)
    right = teacher.predict(X_valid) == y_valid
    assert found.n_validation_rows_ == len(y_valid)
    assert found.teacher_score_ == right.mean()
    best = max(tried.score for tried in found.path_)
    for tried, student in zip(found.path_, found.students_, strict=True):
        student_right = student.predict(X_valid) == y_valid
        assert tried.score == student_right.mean()
        assert tried.points_lost == pytest.approx(
            100 * (right.mean() - student_right.mean())
        )
        difference = right * 1.0 - student_right
        assert tried.points_lost_error == pytest.approx(
            100 * difference.std() / np.sqrt(len(y_valid))
        )
        assert tried.points_behind == pytest.approx(100 * (best - tried.score))
        assert tried.bytes == student.nbytes
        assert tried.weight_dtype == student.weight_dtype
        assert tuple(student.layer_units[1:-1]) == tried.hidden_layer_sizes
        bins = sum(len(knots) - 1 for knots in student.input_code.knots)
        assert tried.n_bins == bins
        assert tried.microseconds > 0


def test_each_size_is_tried_in_all_types_of_weights_from_one_training(found):
    sizes = {}
    for tried, student in zip(found.path_, found.students_, strict=True):
        sizes.setdefault(tried[:2], {})[tried.weight_dtype] = tried, student
    assert len(sizes) > 1
    for of_size in sizes.values():
        small, middle, large = (of_size[t] for t in ("int8", "float16", "float32"))
        assert middle[0].bytes < large[0].bytes
        assert small[0].microseconds == middle[0].microseconds == large[0].microseconds
        for exact, half, byte in zip(
            *(student.coefs_ for _, student in (large, middle, small)), strict=True
        ):
            np.testing.assert_array_equal(half, exact.astype(np.float16))
            # A step of a column of weights is the 127th part of the greatest.
            step = np.abs(exact).max(axis=0, initial=0.0) / 127
            assert (np.abs(byte - exact) <= 0.51 * step).all()


@pytest.mark.parametrize("weight_dtype", ["int8", "float32"])
def test_a_type_of_weights_that_is_given_is_the_only_one(data, weight_dtype):
    model = with_few_sizes().set_params(weight_dtype=weight_dtype)
    found = compress_to(model, *data, max_points_lost=50, random_state=0)
    assert {tried.weight_dtype for tried in found.path_} == {weight_dtype}
    assert {student.weight_dtype for student in found.students_} == {weight_dtype}
    assert found.estimator_.weight_dtype == weight_dtype


def test_the_first_student_is_that_of_the_estimator(found, data):
    X, y = data
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    X_train, X_valid, y_train, _ = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    teacher = ExtraTreesClassifier(20, random_state=0).fit(X_train, y_train)
    model = quick(teacher, weight_dtype="float32").fit(X_train, y_train)
    (index,) = (
        index
        for index, tried in enumerate(found.path_)
        if tried[1:3] == (64, "float32") and tried.hidden_layer_sizes == (32, 16)
    )
    np.testing.assert_array_equal(
        found.students_[index].predict_proba(X_valid), model.predict_proba(X_valid)
    )


def test_the_estimator_is_that_of_the_chosen_student(found, data):
    X, y = data
    model, chosen = found.estimator_, found.chosen_
    assert model.student_.nbytes == chosen.bytes
    assert model.student_.weight_dtype == model.weight_dtype == chosen.weight_dtype
    assert model.hidden_layer_sizes == chosen.hidden_layer_sizes
    np.testing.assert_array_equal(
        model.predict_proba(X), model.student_.predict_proba(X)
    )
    np.testing.assert_array_equal(model.coefs_[0], model.student_.coefs_[0])
    # Fitted on all rows, with a teacher of its own, it has the same size, about.
    assert not hasattr(model.teacher, "classes_")
    again = clone(model).fit(X, y)
    assert again.student_.layer_units == model.student_.layer_units
    assert again.student_.nbytes == pytest.approx(chosen.bytes, rel=0.1)


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_the_answers_are_the_same_for_any_n_jobs(found, data, n_jobs):
    other = compress_to(
        quick(), *data, max_points_lost=5, random_state=0, n_jobs=n_jobs
    )
    assert answers(other) == answers(found)
    X = data[0]
    for one, two in zip(other.students_, found.students_, strict=True):
        np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    np.testing.assert_array_equal(
        other.estimator_.predict_proba(X), found.estimator_.predict_proba(X)
    )


def test_seeds(data):
    model = quick(random_state=None)
    paths = [
        answers(compress_to(model, *data, max_points_lost=50, random_state=seed))
        for seed in (0, 0, 1)
    ]
    assert paths[0] == paths[1] != paths[2]
    assert model.random_state is None


@pytest.mark.parametrize("given", ["fitted", "unfitted"])
def test_the_teacher_is_fitted_and_asked_once(data, given):
    X, y = data
    X_valid, y_valid = X[400:], y[400:]
    X, y = X[:400], y[:400]

    def teacher():
        counting = Counting(10, random_state=0)
        return counting.fit(X, y) if given == "fitted" else counting

    def count(call):
        Counting.counts.update(dict.fromkeys(COUNTS, 0))
        call()
        return dict(Counting.counts)

    model = quick(teacher())
    searched = count(
        lambda: compress_to(
            model,
            X,
            y,
            max_points_lost=50,
            validation_data=(X_valid, y_valid),
            random_state=0,
        )
    )
    fitted = Counting(10, random_state=0).fit(X, y)
    one = count(lambda: quick(fitted).fit(X, y))
    assert searched["fit"] == (given == "unfitted")
    # The questions of one fit, and the validation rows.
    assert searched["predict_proba"] == one["predict_proba"] + 1
    assert searched["rows"] == one["rows"] + len(X_valid)


def test_an_estimator_that_was_given_is_not_changed(data):
    model = quick().fit(*data)
    before = copy.deepcopy(model.get_params(deep=False))
    student = model.student_
    compress_to(model, *data, max_points_lost=50, random_state=0)
    assert model.student_ is student
    assert {k: str(v) for k, v in model.get_params(deep=False).items()} == {
        k: str(v) for k, v in before.items()
    }


def test_a_score_may_be_required_in_place_of_the_teacher_s(data):
    found = compress_to(quick(), *data, min_score=0.6, random_state=0)
    assert found.chosen_.score >= 0.6
    for tried in found.path_:
        assert tried.meets == (tried.score >= 0.6)


def test_budgets(data):
    everything = compress_to(quick(), *data, max_points_lost=100, random_state=0)
    sizes = sorted({tried.bytes for tried in everything.path_})
    limit = sizes[len(sizes) // 2]
    found = compress_to(
        quick(), *data, max_points_lost=100, max_bytes=limit, random_state=0
    )
    assert all(tried.meets == (tried.bytes <= limit) for tried in found.path_)
    found = compress_to(
        quick(), *data, max_points_lost=100, max_microseconds=1e6, random_state=0
    )
    assert all(tried.meets for tried in found.path_)
    with pytest.raises(RequirementNotMetError, match="the fastest .* microseconds a"):
        compress_to(quick(), *data, max_points_lost=100, max_microseconds=1e-3)


def test_a_loose_requirement_leads_to_the_smallest_there_is(data):
    found = compress_to(quick(), *data, min_score=0.0, random_state=0)
    assert found.chosen_ is found.path_[-1]
    assert found.chosen_.hidden_layer_sizes == (1,)


def test_the_error_says_how_near_students_came(data):
    with pytest.raises(RequirementNotMetError) as caught:
        compress_to(quick(), *data, min_score=1.0, random_state=0)
    path, text = caught.value.path, str(caught.value)
    nearest = max(tried.score for tried in path)
    assert f"no student of {len(path)} meets the requirement, a score of at" in text
    assert f"has a score of {nearest:.4f}" in text
    assert f"{100 * (1 - nearest):.2f} points short" in text
    assert str(next(tried for tried in path if tried.score == nearest)) in text
    assert not any(tried.meets for tried in path)


def test_the_error_says_what_is_over_the_budget(data):
    with pytest.raises(RequirementNotMetError) as caught:
        compress_to(quick(), *data, max_points_lost=4, max_bytes=300, random_state=0)
    path, text = caught.value.path, str(caught.value)
    requirement = Requirement(4)
    good = [tried for tried in path if not requirement.points_short(tried)]
    assert f"{good[-1]}, takes {good[-1].bytes:,} bytes" in text
    within = [tried for tried in path if tried.bytes <= 300]
    if within:
        nearest = min(map(requirement.points_short, within))
        assert f"{nearest:.2f} points short" in text
    with pytest.raises(RequirementNotMetError, match="None is within the budget: the"):
        compress_to(quick(), *data, max_points_lost=4, max_bytes=1)


def test_a_teacher_that_knows_the_rows_is_thought_of(data):
    teacher = ExtraTreesClassifier(20, random_state=0).fit(*data)
    with pytest.raises(RequirementNotMetError, match="if it was fitted on these rows"):
        compress_to(quick(teacher), *data, max_points_lost=0.1)


@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy", "roc_auc_ovr"])
def test_other_scores(data, scoring):
    found = compress_to(
        with_few_sizes(), *data, max_points_lost=50, scoring=scoring, random_state=0
    )
    assert len(found.path_) > 5
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    _, X, _, y = train_test_split(
        *data, test_size=0.25, stratify=data[1], random_state=seed
    )
    if scoring == "neg_log_loss":
        for tried, student in zip(found.path_, found.students_, strict=True):
            expected = -log_loss(y, student.predict_proba(X))
            assert tried.score == pytest.approx(expected, rel=1e-5)
    errors = [tried.points_lost_error for tried in found.path_]
    assert all(0 <= error < 20 for error in errors)
    assert max(errors) > 0


def test_a_callable_that_takes_no_weights_goes_without(data):
    X, y = data
    found = compress_to(
        with_few_sizes(),
        X,
        y,
        scoring=lambda model, X, y: accuracy_score(y, model.predict(X)),
        max_points_lost=50,
        sample_weight=np.where(y == 0, 3.0, 1.0),
        random_state=0,
    )
    rights = [tried.score * found.n_validation_rows_ for tried in found.path_]
    assert rights == pytest.approx(np.round(rights))


def test_a_callable_scores_with_weights(data):
    X, y = data
    asked = []

    def score(model, X, y, sample_weight):
        asked.append(len(X))
        return accuracy_score(y, model.predict(X), sample_weight=sample_weight)

    weights = np.where(y == 0, 3.0, 1.0)
    arguments = {"max_points_lost": 50, "random_state": 0, "sample_weight": weights}
    found = compress_to(with_few_sizes(), X, y, scoring=score, **arguments)
    plain = compress_to(with_few_sizes(), X, y, **arguments)
    assert set(asked) == {found.n_validation_rows_}
    for one, two in zip(found.path_, plain.path_, strict=True):
        assert one.score == pytest.approx(two.score)
        assert one.points_lost_error == pytest.approx(two.points_lost_error, rel=0.4)


def test_raw_tables(data):
    X, y = data
    table = pd.DataFrame(X).add_prefix("x")
    table["town"] = pd.Categorical(np.where(X[:, 0] > 0, "Rome", "Oslo"))
    labels = np.array(["low", "mid", "high"])[y]

    numbers = ExtraTreesClassifier(20, random_state=0).fit(X[:300], labels[:300])

    def teacher(rows):
        return numbers.predict_proba(rows.iloc[:, :8].to_numpy())

    teacher.classes_ = numbers.classes_
    found = compress_to(
        quick(teacher), table, labels, max_points_lost=20, random_state=0
    )
    assert set(found.estimator_.predict(table)) <= set(labels)
    assert found.estimator_.teacher is teacher


def test_columns_that_are_taken_as_they_are(data):
    X, y = data
    # A linear student of sparse rows is trained until its loss is lowest.
    for rows, encoder, max_iter in ((X, None, 10), (csr_array(X), "auto", 300)):
        found = compress_to(
            quick(encoder=encoder).set_params(max_iter=max_iter),
            rows,
            y,
            max_points_lost=20,
            random_state=0,
            n_jobs=2,
        )
        assert {tried.n_bins for tried in found.path_} == {0}
        assert () in {tried.hidden_layer_sizes for tried in found.path_}
        assert len({tried.hidden_layer_sizes for tried in found.path_}) > 3
        assert found.estimator_.predict(rows).shape == y.shape


def test_probabilities_made_elsewhere(data):
    X, y = data
    teacher = ExtraTreesClassifier(20, random_state=0).fit(X, y)
    proba = teacher.predict_proba(X)
    model = quick("precomputed")
    # The stored answers know the labels of the validation rows, and no student does.
    found = compress_to(
        model, X, y, max_points_lost=50, teacher_proba=proba, random_state=0
    )
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    _, X_valid, _, y_valid = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    assert found.teacher_score_ == teacher.score(X_valid, y_valid)
    with pytest.raises(ValueError, match="validation_data was passed with teacher_pro"):
        compress_to(model, X, y, teacher_proba=proba, validation_data=(X, y))


@pytest.mark.parametrize("has_knots", [False, True])
def test_students_have_knots_if_fit_chooses_them(has_knots):
    if has_knots:
        X = np.random.default_rng(0).uniform(size=(400, 4))
        y = (np.floor(16 * X[:, 0]) % 2).astype(int)
    else:
        X, y = make_classification(
            400, 8, n_informative=6, n_redundant=0, n_classes=3, random_state=3
        )
    options = {"encoder": "auto", "weight_decay": "auto", "max_iter": 30}
    model = quick(HistGradientBoostingClassifier(max_iter=30), **options)
    found = compress_to(model, X, y, max_points_lost=90, random_state=0)
    assert all((tried.n_bins > 0) == has_knots for tried in found.path_)
    assert found.path_[0].hidden_layer_sizes == (32, 16)
    assert {tried.hidden_layer_sizes for tried in found.path_} > {(16, 8), (8,)}
    assert any(tried.hidden_layer_sizes == () for tried in found.path_) != has_knots
    assert found.estimator_.capacity_.has_knots == has_knots
    # A clone keeps to what was chosen.
    size = found.estimator_.encoder.n_bins
    assert (size > 0) == has_knots
    again = clone(found.estimator_).fit(X[:200], y[:200])
    assert again.encoder_.n_bins == size


def test_unlabeled_rows_and_a_type_that_is_given(data):
    X, y = data
    found = compress_to(
        quick(weight_dtype="float16"),
        X[:300],
        y[:300],
        X_unlabeled=X[300:],
        max_points_lost=50,
        random_state=0,
    )
    assert {tried.weight_dtype for tried in found.path_} == {"float16"}
    assert found.estimator_.n_transfer_ == 225 + 200 + 500


def test_the_table_and_the_text(found):
    table = pd.DataFrame(found.table())
    assert list(table) == list(TriedStudent._fields)
    assert table["bytes"].tolist() == [tried.bytes for tried in found.path_]
    lines = str(found).splitlines()
    assert len(lines) == 4 + len(found.path_)
    assert lines[0].startswith("at most 5 points lost, on 125 rows. The teacher")
    words = "and at most 5.5 points behind the best student, with the standard error"
    assert lines[1] == f"{words} added"
    (chosen,) = (line for line in lines if line.endswith("chosen"))
    assert f"{found.chosen_.bytes:,}" in chosen
    assert len(set(map(len, lines[3:]))) == 1
    assert repr(found).startswith(f"<Compression to {found.chosen_}, ")
    assert "\n" not in repr(found)


def test_an_interrupt_ends_the_search(data, monkeypatch):
    from skdistill.training.loop import Training

    run_epoch = Training.run_epoch
    calls = []

    def interrupted(self):
        calls.append(0)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return run_epoch(self)

    monkeypatch.setattr(Training, "run_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compress_to(
            quick(calibrate_teacher=False), *data, max_points_lost=50, random_state=0
        )


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"max_points_lost": -1}, ValueError, "max_points_lost=-1 is .* number from 0"),
        ({"min_score": np.nan}, ValueError, "min_score=nan is neither None nor a fini"),
        ({"max_bytes": "1 KiB"}, ValueError, "max_bytes='1 KiB' is neither None nor"),
        ({"max_microseconds": -1}, ValueError, "max_microseconds=-1 is neither"),
        ({"validation_fraction": 1}, ValueError, "validation_fraction=1 is not a num"),
        ({"y": None}, ValueError, "y is None: students are scored on labels"),
        ({"y": [0, 1]}, ValueError, "inconsistent numbers of samples"),
        ({"estimator": LogisticRegression()}, TypeError, "a LogisticRegression: give"),
        (
            {"validation_data": ([[0.0] * 8], [7])},
            ValueError,
            "validation rows hold the label 7, which no other row has",
        ),
        ({"scoring": "acuracy"}, ValueError, "acuracy"),
        ({"estimator": quick(weight_decay=-1)}, ValueError, "'weight_decay' param"),
    ],
)
def test_arguments_are_checked(data, arguments, error, words):
    X, y = data
    arguments = {"estimator": quick(), "X": X, "y": y} | arguments
    with pytest.raises(error, match=words):
        compress_to(**arguments)


def test_validation_rows_need_a_weight(data):
    X, y = data
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    rows = np.arange(len(y))
    _, held_out = train_test_split(rows, test_size=0.25, stratify=y, random_state=seed)
    weights = np.where(np.isin(rows, held_out), 0.0, 1.0)
    with pytest.raises(ValueError, match="zero for all validation rows"):
        compress_to(quick(), X, y, sample_weight=weights, random_state=0)


def tried(**values):
    return TriedStudent((8,), 16, "int8", 900, 2.0, 0.9, 0.0, 0.1)._replace(**values)


@pytest.mark.parametrize(
    ("requirement", "student", "short"),
    [
        (Requirement(0.5), tried(points_lost=0.5), 0),
        (Requirement(0.5), tried(points_lost=0.7), 0.2),
        (Requirement(0.5), tried(points_lost=-3), 0),
        # Behind the best student by half a point more, its error added.
        (Requirement(0.5), tried(points_behind=0.9, points_behind_error=0.1), 0),
        (Requirement(0.5), tried(points_behind=0.9, points_behind_error=0.4), 0.3),
        (Requirement(0.0), tried(points_behind=0.4, points_behind_error=0.1), 0),
        (Requirement(9.0), tried(points_behind_error=np.nan), np.inf),
        (Requirement(min_score=0.9), tried(points_behind_error=np.nan), 0),
        (Requirement(min_score=0.9), tried(score=np.nan), np.inf),
        (Requirement(min_score=0.9), tried(points_lost=9, points_behind=9), 0),
        (Requirement(min_score=0.95), tried(), 5),
        (Requirement(1, 0.95), tried(points_lost=2), 5),
        (Requirement(max_bytes=1), tried(), 0),
    ],
)
def test_how_far_short_of_a_requirement(requirement, student, short):
    assert requirement.points_short(student) == pytest.approx(short)


def test_the_error_of_a_score_is_near_that_of_accuracy_in_closed_form():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=800)
    X, classes = np.zeros((800, 1)), np.arange(3)
    probas = [rng.dirichlet(np.ones(3), 800) for _ in range(2)]
    closed = ValidationScorer(X, y, KnownAnswers(classes), None, None)
    drawn = ValidationScorer(
        X, y, KnownAnswers(classes), lambda m, X, y: m.score(X, y), None
    )
    errors = [
        scorer.standard_error(*map(scorer.measure, probas))
        for scorer in (closed, drawn)
    ]
    assert errors[1] == pytest.approx(errors[0], rel=0.25)
    scores = [scorer.measure(probas[0]).score for scorer in (closed, drawn)]
    assert scores[0] == pytest.approx(scores[1])


@pytest.mark.parametrize("min_score", [0.5, 1.1])
def test_a_table_without_numbers_has_no_bins_to_vary(data, min_score):
    X, _ = data
    table = np.array(["low", "mid", "high"], object)[np.digitize(X, [-0.7, 0.7])]

    def teacher(rows):
        indices = np.searchsorted(["high", "low", "mid"], rows[:, 0].astype(str))
        return 0.2 + 0.4 * np.eye(3)[indices]

    teacher.classes_ = np.arange(3)
    y = teacher(table).argmax(axis=1)
    try:
        path = compress_to(
            quick(teacher),
            table,
            y,
            max_points_lost=20,
            min_score=min_score,
            random_state=0,
        ).path_
    except RequirementNotMetError as error:
        path = error.path
    assert {tried.n_bins for tried in path} == {0}
    assert len({tried[:3] for tried in path}) == len(path)


def test_a_report_takes_the_chosen(data, found):
    X, y = data
    report = DistillationReport.from_estimator(found.estimator_, X, y, n_bootstraps=10)
    costs = report.costs["student"]
    assert 0 < costs.query_seconds < costs.fit_seconds
    accuracy = report.figures["student"]["accuracy"].estimate
    assert accuracy == accuracy_score(y, found.estimator_.predict(X))
    # Three quarters of the rows were trained on.
    assert "About 375 of these 500 rows" in report.notes[0]
