"""Raw tables, from the teacher to the deployed student."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skdistill import DistilledClassifier, Student, SwapNoise, TabularEncoder
from skdistill.student import prediction as prediction_module
from tests.estimators.test_classifier import same_bits
from tests.student.test_file import predict_alone


def shop(n=700, seed=0):
    """Orders. The label depends on all columns and on whether the age is missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 12, n),
            "visits": rng.integers(0, 30, n),
            "color": pd.Categorical(rng.choice(["red", "green", "blue"], n)),
            "size": pd.Categorical(rng.choice(list("SMLX"), n), ordered=True),
            "member": rng.random(n) < 0.4,
        }
    )
    score = 0.12 * (frame["age"] - 40) + 0.1 * (frame["visits"] - 15)
    score += np.where(frame["color"] == "red", 2.0, -1.0)
    score += np.where(frame["size"].isin(["S", "X"]) ^ frame["member"], 1.5, -1.5)
    missing = rng.random(n) < 0.15
    score[missing] = 3.0
    frame.loc[missing, "age"] = np.nan
    frame.loc[rng.random(n) < 0.1, "color"] = np.nan
    y = np.array(["no", "yes"])[(score + rng.logistic(size=n) * 0.3 > 0).astype(int)]
    return frame, y


@pytest.fixture(scope="module")
def orders():
    X, y = shop()
    return X[:500], X[500:], y[:500], y[500:]


@pytest.fixture(scope="module")
def boosting(orders):
    X, _, y, _ = orders
    return HistGradientBoostingClassifier(
        max_iter=60, categorical_features="from_dtype", random_state=0
    ).fit(X, y)


@pytest.fixture(scope="module")
def model(orders, boosting):
    X, _, y, _ = orders
    # Only a code with knots tells a missing number from others.
    return DistilledClassifier(
        boosting, encoder=TabularEncoder(), weight_decay=0.3, random_state=0
    ).fit(X, y)


def quick(teacher, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (16,),
            "max_iter": 60,
            "weight_decay": 0.3,
            "random_state": 0,
            **parameters,
        },
    )


def test_three_lines_distil_a_teacher_of_raw_columns(orders, boosting, model):
    _, X_test, _, y_test = orders
    assert model.score(X_test, y_test) >= boosting.score(X_test, y_test) - 0.02
    agreement = np.mean(model.predict(X_test) == boosting.predict(X_test))
    assert agreement > 0.9
    assert model.student_.nbytes < 64 * 1024
    assert_array_equal(model.feature_names_in_, X_test.columns)
    assert_array_equal(model.predict(X_test), model.student_.predict(X_test))


def test_a_pipeline_of_ones_own_gets_the_frame(orders):
    X, X_test, y, y_test = orders
    teacher = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["color", "size", "member"]),
            remainder="passthrough",
        ),
        HistGradientBoostingClassifier(max_iter=30),
    )
    model = quick(teacher).fit(X, y)
    score = model.teacher_.score(X_test, y_test)
    assert model.score(X_test, y_test) > score - 0.04 > 0.75


def test_missing_values_and_labels_never_seen_are_predicted(orders, model):
    X_test = orders[1].astype({"color": object, "size": object})
    strange = X_test.assign(color="violet", size="XXL")
    proba = model.predict_proba(strange)
    assert np.isfinite(proba).all()
    # All unknown labels are treated alike.
    assert_array_equal(proba, model.predict_proba(X_test.assign(color="?", size="")))
    # The teacher has learned that a missing age stands for "yes".
    gone = X_test.assign(age=np.nan)
    assert np.mean(model.predict(gone) == "yes") > 0.85
    nothing = X_test.astype(object)
    nothing[:] = None
    alike = model.predict_proba(nothing)
    assert np.isfinite(alike).all()
    assert (alike == alike[0]).all()


def test_levels_count_by_their_label_not_by_their_code(orders, model):
    X_test = orders[1]
    turned = X_test.assign(
        color=X_test["color"].cat.reorder_categories(["red", "blue", "green"]),
        size=X_test["size"].astype(object),
    )
    expected = model.predict_proba(X_test)
    assert_array_equal(model.predict_proba(turned), expected)
    assert_array_equal(model.predict_proba(X_test.convert_dtypes()), expected)
    assert_array_equal(model.student_.predict_proba(X_test.to_numpy()), expected)
    assert_array_equal(model.student_.predict_proba(X_test.values.tolist()), expected)
    assert_array_equal(model.predict_proba(pl.from_pandas(X_test)), expected)


def test_columns_in_another_order_are_refused(orders, model):
    X_test = orders[1]
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(X_test[X_test.columns[::-1]])
    with pytest.raises(ValueError, match="column 'visits' of X holds text .*in fit"):
        model.predict(X_test.assign(visits="many"))


def test_student_alone_predicts_the_same(orders, model, tmp_path):
    X = orders[1].astype(object).where(orders[1].notna(), None).values.tolist()
    proba, labels = predict_alone(tmp_path, model.student_, X)
    assert labels == model.predict(orders[1]).tolist()
    assert_allclose(proba, model.predict_proba(orders[1]), atol=2e-6)
    loaded = Student.load(tmp_path / "student.npz")
    assert_array_equal(loaded.predict_proba(orders[1]), model.predict_proba(orders[1]))


def test_pickled_model_predicts_the_same(orders, model, monkeypatch):
    copied = pickle.loads(pickle.dumps(model))
    expected = model.predict_proba(orders[1])
    assert_array_equal(copied.predict_proba(orders[1]), expected)
    monkeypatch.setattr(prediction_module, "COMPILED", False)
    assert_allclose(model.predict_proba(orders[1]), expected, atol=2e-6)


def test_polars_frames_are_distilled_as_those_of_pandas(orders):
    X, _, y, _ = orders
    X, y = X[:48].astype({"color": str, "size": str}), y[:48]
    seen = []

    def teacher(rows):
        seen.append(type(rows))
        p = 0.55 + 0.3 * (np.asarray(rows["color"]).astype(str) == "red")
        return np.column_stack([1 - p, p])

    teacher.classes_ = ["no", "yes"]
    by_pandas = quick(teacher).fit(X, y)
    by_polars = quick(teacher).fit(pl.from_pandas(X), y)
    # Given rows, synthetic ones, those with a number redrawn, those with a category.
    assert seen == [pd.DataFrame] * 4 + [pl.DataFrame] * 4
    assert same_bits(by_pandas, by_polars)


def test_arrays_of_objects_and_lists_are_distilled_as_frames(orders):
    X, _, y, _ = orders
    X, y = X[:48].astype(object).where(X[:48].notna(), None), y[:48]

    def teacher(rows):
        p = 0.55 + 0.3 * (np.array(rows, dtype=object)[:, 2] == "red")
        return np.column_stack([1 - p, p])

    teacher.classes_ = ["no", "yes"]
    model = quick(teacher).fit(X, y)
    assert same_bits(model, quick(teacher).fit(X.to_numpy(), y))
    assert same_bits(model, quick(teacher).fit(X.values.tolist(), y))


@pytest.mark.parametrize("encoder", [None, "auto"])
def test_frames_of_numbers_reach_a_teacher_that_knows_names(blobs, encoder):
    X, y = blobs
    frame = pd.DataFrame(X, columns=list("abcd")).assign(e=X[:, 0] > 2, f=1)
    teacher = make_pipeline(
        make_column_transformer(("passthrough", ["a", "b", "e"])), LogisticRegression()
    ).fit(frame, y)
    model = quick(teacher, encoder=encoder).fit(frame, y, X_unlabeled=frame[:10])
    assert model.score(frame, y) > 0.8
    assert model.n_transfer_ == 2100


def test_an_encoder_of_ones_own_is_cloned(orders, boosting):
    X, _, y, _ = orders
    encoder = TabularEncoder(n_bins=6, max_categories=2)
    model = quick(boosting, encoder=encoder).fit(X[:90], y[:90])
    assert not hasattr(encoder, "code_")
    assert model.encoder_.n_bins == 6
    assert sum(knots.size - 1 for knots in model.encoder_.code_.knots) <= 6
    assert [len(levels) for levels in model.encoder_.code_.levels] == [2, 2, 2]
    assert model.student_.input_code == model.encoder_.code_


def test_without_an_encoder_none_is_left_from_a_former_fit(blobs):
    X, y = blobs
    model = quick(LogisticRegression()).fit(X, y)
    assert model.encoder_ is not None
    assert model.set_params(encoder=None).fit(X, y).encoder_ is None
    assert model.student_.input_code is None


def test_a_synthesizer_of_ones_own_draws_the_rows(orders, boosting):
    X, _, y, _ = orders
    asked = []

    class Noted(SwapNoise):
        def sample(self, n_samples=1, random_state=None):
            rows = super().sample(n_samples, random_state)
            asked.append((n_samples, rows))
            return rows

    synthesizer = Noted()
    model = quick(boosting, synthesizer=synthesizer, n_synthetic=77)
    model.fit(X[:90], y[:90])
    assert model.n_transfer_ == 167
    ((count, rows),) = asked
    assert count == 77
    assert list(rows.dtypes) == list(X.dtypes)


def test_sensitive_features_get_more_bins():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))

    def teacher(rows):
        p = 1 / (1 + np.exp(-4 * np.sin(3 * rows[:, 2])))
        return np.column_stack([1 - p, p])

    code = quick(teacher, encoder=TabularEncoder(n_bins=30)).fit(X).encoder_.code_
    bins = {
        f: knots.size - 1 for f, knots in zip(code.knotted, code.knots, strict=True)
    }
    assert bins == {0: 2, 1: 2, 2: 22, 3: 2, 4: 2}


# Rows without labels


def test_rows_without_labels_are_learned_from():
    """The labelled rows lie on one side. Only the others show the other side."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-3, 3, size=(300, 2))

    def teacher(rows):
        p = 0.05 + 0.9 * (np.abs(rows[:, 0]) > 1.5)
        return np.column_stack([1 - p, p])

    labelled = X[:, 0] > 0
    y = (X[labelled, 0] > 1.5).astype(int)
    options = {"synthesizer": None, "max_iter": 400, "teacher_share": 1}
    alone = quick(teacher, **options).fit(X[labelled], y)
    with_others = quick(teacher, **options)
    with_others.fit(X[labelled], y, X_unlabeled=X[~labelled])
    assert with_others.n_transfer_ == 300
    far = X[X[:, 0] < 0]
    right = (far[:, 0] < -1.5).astype(int)
    assert np.mean(with_others.predict(far) == right) > 0.95
    assert np.mean(alone.predict(far) == right) < 0.8


def test_rows_without_labels_and_weights_or_class_weights(blobs):
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    weight = np.ones(90)
    weight[::3] = 0
    kept = weight > 0
    others = X[:30] + 0.1
    for class_weight in (None, "balanced", {1: 3.0}):
        weighted = quick(teacher, class_weight=class_weight, calibrate_teacher=False)
        plain = clone(weighted)
        weighted.fit(X, y, sample_weight=weight, X_unlabeled=others)
        plain.fit(X[kept], y[kept], X_unlabeled=others)
        assert same_bits(weighted, plain)
        # Without any label, "balanced" has nothing to count. A factor still applies,
        # by the teacher's probabilities.
        unweighted = quick(teacher).fit(X, X_unlabeled=others)
        alone = clone(weighted).fit(X, X_unlabeled=others)
        if isinstance(class_weight, dict):
            shift = alone.predict_proba(X)[:, 1] - unweighted.predict_proba(X)[:, 1]
            assert shift.mean() > 0
        else:
            assert same_bits(alone, unweighted)


def test_rows_that_all_lack_labels_may_come_in_two_parts(blobs):
    """If no row has a label, all of them may as well be given in two parts."""
    X, y = blobs
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    whole = quick(teacher, synthesizer=None).fit(X)
    parts = quick(teacher, synthesizer=None).fit(X[:50], X_unlabeled=X[50:])
    for one, other in zip(whole.coefs_, parts.coefs_, strict=True):
        assert_allclose(one, other, atol=0.05)
    assert whole.student_.input_code == parts.student_.input_code


@pytest.mark.parametrize("encoder", [None, "auto"])
def test_rows_without_labels_of_other_columns(blobs, encoder):
    X, y = blobs
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = quick(LogisticRegression(), encoder=encoder)
    with pytest.raises(ValueError, match="X_unlabeled has 3 features, and X has 4"):
        model.fit(X, y, X_unlabeled=X[:, :3])
    with pytest.raises(
        ValueError, match=r"columns of X_unlabeled are \['b', 'a', 'c', 'd'\], .*order"
    ):
        model.fit(frame, y, X_unlabeled=frame[["b", "a", "c", "d"]])
    with pytest.raises(ValueError, match="X_unlabeled has no rows: leave it out"):
        model.fit(X, y, X_unlabeled=X[:0])
    with pytest.raises(ValueError, match=r"X_unlabeled is not .*Expected a 2D table"):
        model.fit(X, y, X_unlabeled=X[0])
    proba = LogisticRegression().fit(X, y).predict_proba(X)
    model.set_params(teacher="precomputed")
    with pytest.raises(
        ValueError, match="X_unlabeled was passed, and teacher is 'precomputed', which"
    ):
        model.fit(X, y, teacher_proba=proba, X_unlabeled=X)
    assert not hasattr(model, "n_features_in_")


def test_rows_without_labels_are_checked_before_the_teacher_is_fitted(blobs):
    X, y = blobs
    fitted = []

    class Noting(LogisticRegression):
        def fit(self, X, y):
            fitted.append(len(X))
            return super().fit(X, y)

    whole = np.round(X).astype(int)
    for table, unlabeled, words in [
        (X, X[:, :3], "X_unlabeled has 3 features"),
        (X, csr_array(X), "one is sparse"),
        (whole, whole + 0.5, "column 0 holds values in one table"),
    ]:
        with pytest.raises(ValueError, match=words):
            quick(Noting()).fit(table, y, X_unlabeled=unlabeled)
    assert fitted == []


def test_rows_without_labels_whose_values_the_type_of_x_cannot_hold(blobs):
    """The student would learn from other values than the teacher saw."""
    X, y = blobs

    def teacher(rows):
        return np.full((len(rows), 3), 1 / 3)

    whole = np.round(X).astype(int)
    with pytest.raises(ValueError, match="column 0 holds values in one table that its"):
        quick(teacher).fit(whole, y, X_unlabeled=whole + 0.5)
    with pytest.raises(ValueError, match="column 0 holds values in one table that its"):
        quick(teacher).fit(whole, y, X_unlabeled=np.full((2, 4), np.nan))
    assert quick(teacher).fit(whole, X_unlabeled=whole + 0.0).n_transfer_ == 2180
    frame = pd.DataFrame({"a": X[:, 0], "b": pd.Categorical(["red", "blue"] * 45)})
    others = frame[:5].assign(b="green")
    with pytest.raises(ValueError, match="column 'b' holds values in one table that"):
        quick(teacher).fit(frame, y, X_unlabeled=others)
    enum = pl.from_pandas(frame).cast({"b": pl.Enum(["red", "blue"])})
    with pytest.raises(ValueError, match="column 'b' holds values in one table that"):
        quick(teacher).fit(enum, y, X_unlabeled=pl.from_pandas(others))
    with pytest.raises(ValueError, match="column 'b' holds categories in one table "):
        quick(teacher).fit(frame, y, X_unlabeled=others.assign(b=1.0))
    single = X.astype(np.float32)
    assert quick(teacher).fit(single, X_unlabeled=X).n_transfer_ == 2180


@pytest.mark.filterwarnings("ignore:the teacher, ")
def test_a_column_without_values_in_rows_without_labels_is_learned():
    """Older pandas gives no type of texts to a column without a value."""
    X, y = shop(120)
    is_first, colors = np.arange(120) < 60, X["color"].astype(object)
    X["color"] = pd.Series(np.where(is_first, colors, None), dtype=object)
    some = np.where(is_first, y.astype(object), None)
    others = np.where(is_first, None, y.astype(object))

    def teacher(rows):
        return np.full((len(rows), 2), 0.5)

    for labels in (some, others):
        fitted = quick(teacher, teacher_share=1.0).fit(X, labels)
        assert 2 in fitted.encoder_.code_.categorical


# Types of weights


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_a_given_type_of_weights_is_used(blobs, dtype):
    X, y = blobs
    model = quick(LogisticRegression(), weight_dtype=dtype).fit(X, y)
    assert model.student_.weight_dtype == dtype
    assert_array_equal(model.coefs_[0], model.student_.coefs_[0])


def test_types_of_weights_differ_in_rounding_alone(blobs):
    X, y = blobs
    exact, half, bytewise, chosen = (
        quick(LogisticRegression(), weight_dtype=dtype).fit(X, y).predict_proba(X)
        for dtype in ("float32", "float16", "int8", "auto")
    )
    assert_allclose(half, exact, atol=2e-3)
    assert_allclose(bytewise, exact, atol=0.1)
    assert (np.abs(chosen - exact).sum(axis=1) / 2).mean() <= 0.005
    assert np.abs(bytewise - exact).max() > np.abs(half - exact).max() > 0


# Metadata


def test_a_fitted_teacher_that_is_fitted_again_gets_the_weights(blobs):
    X, y = blobs
    teacher = LogisticRegression().fit(X, y)
    weight = np.where(y == 0, 5.0, 1.0)
    model = quick(teacher, calibrate_teacher="refit").fit(X, y, sample_weight=weight)
    with config_context(enable_metadata_routing=True):
        asking = LogisticRegression().set_fit_request(sample_weight=True).fit(X, y)
        routed = quick(asking, calibrate_teacher="refit")
        routed.set_fit_request(sample_weight=True)
        routed.fit(X, y, sample_weight=weight)
    assert same_bits(model, routed)


@pytest.mark.parametrize(
    ("teacher", "allowed"),
    [
        (None, True),
        (LogisticRegression(), False),
        (HistGradientBoostingClassifier(), True),
        (LogisticRegression().fit([[0], [1]], [0, 1]), True),
        ("precomputed", True),
        (len, True),  # `len` stands for any function that may be a teacher.
        (make_pipeline(LogisticRegression()), False),
    ],
    ids=str,
)
def test_missing_values_are_allowed_where_the_teacher_takes_them(teacher, allowed):
    tags = DistilledClassifier(teacher).__sklearn_tags__().input_tags
    assert (tags.allow_nan, tags.string, tags.categorical) == (allowed, True, True)
    tags = DistilledClassifier(teacher, encoder=None).__sklearn_tags__().input_tags
    assert (tags.allow_nan, tags.string, tags.categorical) == (False, False, False)


@pytest.mark.parametrize("value", [5.0, 0.1, 1.7e9, -3e30])
def test_a_column_of_one_value_and_gaps_answers_other_values_alike(value):
    rng = np.random.RandomState(0)
    X = np.column_stack([np.full(600, value), rng.normal(size=600)])
    X[rng.random_sample(600) < 0.4, 0] = np.nan
    y = np.isnan(X[:, 0]).astype(int)
    model = quick(HistGradientBoostingClassifier(), max_iter=60).fit(X, y)
    assert model.score(X, y) > 0.99
    step = max(abs(value) / 100, 1.0)
    beside = [[value, 0], [value - step, 0], [value + step, 0], [value * 1e3, 0]]
    proba = model.predict_proba(beside)
    # Two equal rows of the knot table stand for all these values, so only rounding
    # makes a difference.
    assert_allclose(proba, proba[:1].repeat(4, axis=0), rtol=1e-5)


def test_warm_start_keeps_what_it_learned_of_levels_that_are_gone():
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"a": rng.choice(list("abc"), 600), "b": rng.normal(size=600)})
    y = (X["a"] == "a").astype(int).to_numpy()

    def teacher(X):
        return np.column_stack([X["a"] != "a", X["a"] == "a"]).astype(float)

    model = quick(teacher, warm_start=True, synthesizer=None).fit(X, y)
    gone = pd.DataFrame({"a": ["b"], "b": [0.0]})
    before = model.predict_proba(gone)
    kept = X["a"] != "b"
    model.set_params(learning_rate_init=1e-9).fit(X[kept], y[kept])
    assert_allclose(model.predict_proba(gone), before, atol=0.02)


def test_rows_of_next_to_no_weight_do_not_choose_the_temperature():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(1500, 3))
    noise = rng.random_sample(1500) < 0.8
    y = np.where(noise, rng.randint(0, 2, 1500), X[:, 0] > 0)
    forest = RandomForestClassifier(50, min_samples_leaf=3, random_state=0)
    weight = np.where(noise, 1e-9, 1.0)
    model = quick(forest).fit(X, y, sample_weight=weight)
    assert model.teacher_temperature_ < 1 < quick(forest).fit(X, y).teacher_temperature_


def test_values_that_single_precision_hardly_tells_apart_are_one():
    rng = np.random.RandomState(0)
    X = rng.choice([0.0, 1e-42, 1.0, 2.0, 3.0], size=(300, 2))
    y = (X[:, 0] > 1.5).astype(int)
    model = quick(RandomForestClassifier(20, random_state=0)).fit(X, y)
    assert_array_equal(
        model.predict_proba([[0.0, 1.0]]), model.predict_proba([[1e-42, 1.0]])
    )
    assert model.score(X, y) > 0.95


def test_any_object_that_samples_is_a_synthesizer():
    class Repeating:
        def fit(self, X):
            self.X = X
            return self

        def sample(self, n_samples, random_state):
            return self.X[random_state.randint(len(self.X), size=n_samples)]

    X = np.random.RandomState(0).normal(size=(120, 2))
    y = (X[:, 0] > 0).astype(int)
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    model = quick(forest, synthesizer=Repeating(), n_synthetic=30).fit(X, y)
    assert model.n_transfer_ == 150
