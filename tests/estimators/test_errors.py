"""Errors for bad input. A failed fit leaves nothing half done."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistilledClassifier, DistilledRegressor

pytestmark = pytest.mark.usefixtures("few_steps")


def quick(teacher=None, **parameters):
    return DistilledClassifier(
        teacher, **{"max_iter": 5, "random_state": 0, **parameters}
    )


def plain(teacher=None, **parameters):
    """A network on unencoded columns, trained on the given rows alone."""
    return quick(teacher, **{"encoder": None, "synthesizer": None, **parameters})


@pytest.fixture
def fitted(blobs):
    X, y = blobs
    return RandomForestClassifier(5, random_state=0).fit(X, y)


def replaced(array, index, value):
    changed = array.astype(float)
    changed[index] = value
    return changed


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"temperature": 0.0}, "'temperature' .* range [0.01, 100.0]. Got 0.0"),
        ({"temperature": np.inf}, "'temperature' .* Got inf"),
        ({"distillation_weight": 1.5}, "'distillation_weight' .* Got 1.5"),
        ({"loss": "mse"}, "'loss' .* Got 'mse'"),
        ({"activation": "gelu"}, "'activation' .* Got 'gelu'"),
        ({"hidden_layer_sizes": (8, 0)}, "hidden_layer_sizes=(8, 0) is neither"),
        ({"hidden_layer_sizes": (8, 2.5)}, "hidden_layer_sizes=(8, 2.5) is neither"),
        ({"hidden_layer_sizes": ((8,),)}, "hidden_layer_sizes=((8,),) is neither"),
        ({"hidden_layer_sizes": 0}, "'hidden_layer_sizes' .* Got 0"),
        ({"learning_rate_init": -1}, "'learning_rate_init' .* Got -1"),
        ({"batch_size": 0}, "'batch_size' .* Got 0"),
        ({"max_iter": 0}, "'max_iter' .* Got 0"),
        ({"weight_decay": -0.1}, "'weight_decay' .* Got -0.1"),
        ({"weight_decay": 51.0}, "weight_decay=51.0 times learning_rate_init=0.02"),
        ({"weight_decay": "least"}, "'weight_decay' .* Got 'least'"),
        ({"weight_dtype": "int4"}, "'weight_dtype' .* Got 'int4'"),
        ({"encoder": "onehot"}, "'encoder' .* Got 'onehot'"),
        ({"encoder": StandardScaler()}, "'encoder' .* Got StandardScaler()"),
        ({"synthesizer": "smote"}, "'synthesizer' .* Got 'smote'"),
        ({"synthesizer": StandardScaler()}, "'synthesizer' .* Got StandardScaler()"),
        ({"n_synthetic": 0}, "'n_synthetic' .* Got 0"),
        ({"synthetic_share": 1.0}, "'synthetic_share' .* Got 1.0"),
        ({"teacher_share": -0.1}, "'teacher_share' .* Got -0.1"),
        ({"teacher_share": 1.1}, "'teacher_share' .* Got 1.1"),
        ({"calibrate_teacher": "always"}, "'calibrate_teacher' .* Got 'always'"),
        ({"calibrate_teacher": True}, "'calibrate_teacher' .* Got True"),
        ({"cv": "bag"}, "'cv' .* Got 'bag'"),
        ({"cv": 1}, "'cv' .* int in the range [2, inf)"),
        ({"validation_fraction": 1.0}, "'validation_fraction' .* Got 1.0"),
        ({"n_iter_no_change": 0}, "'n_iter_no_change' .* Got 0"),
        ({"class_weight": "even"}, "'class_weight' .* Got 'even'"),
        ({"teacher": LinearRegression()}, "the teacher, LinearRegression, is not a cl"),
        ({"teacher": 3}, "teacher=3 is an int, which cannot answer"),
        ({"teacher": "forest"}, "teacher='forest' is a text"),
        ({"teacher": RandomForestClassifier}, "teacher is the class RandomForestCl"),
        (
            {"early_stopping": True, "validation_fraction": 0.999},
            "early_stopping cannot hold out validation_fraction=0.999 of 90 rows",
        ),
    ],
    ids=str,
)
def test_parameters_out_of_range(blobs, parameters, words):
    X, y = blobs
    pattern = ".*".join(re.escape(part) for part in words.split(".*"))
    with pytest.raises(ValueError, match=pattern):
        quick(**parameters).fit(X, y)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, "Input X contains NaN"),
        (np.inf, "Input X contains infinity"),
        (1e300, "X holds a value of size 1e+300, too large for float32"),
    ],
)
def test_features_that_are_not_finite(blobs, fitted, value, words):
    X, y = blobs
    model = plain(fitted)
    with pytest.raises(ValueError, match=re.escape(words)):
        model.fit(replaced(X, (3, 1), value), y)
    model.fit(X, y)
    with pytest.raises(ValueError, match="Input X contains (NaN|infinity)"):
        model.predict(replaced(X, (3, 1), value))
    with pytest.raises(ValueError, match="X_unlabeled (contains NaN|is not a table)"):
        model.fit(X, y, X_unlabeled=replaced(X, (3, 1), value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-np.inf, "column 1 of X holds infinity: give a finite number, or NaN if"),
        (1e300, "column 1 of X holds a value of size 1e+300, too large for float32"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cells_of_a_raw_table_that_are_not_finite(blobs, fitted, value, words, dtype):
    X, y = blobs
    with np.errstate(over="ignore"):
        bad = replaced(X, (3, 1), value).astype(dtype)
    words = words if np.isfinite(bad).all() else "column 1 of X holds infinity"
    with pytest.raises(ValueError, match=re.escape(words)):
        quick(fitted).fit(bad, y)
    with pytest.raises(ValueError, match="X_unlabeled is not .*" + re.escape(words)):
        quick(fitted).fit(X, y, X_unlabeled=bad)
    model = quick(fitted).fit(X, y)
    for method in (model.predict_proba, model.decision_function, model.predict):
        with pytest.raises(ValueError, match="X holds -?inf in row 3, column 1: the"):
            method(bad)
    named = re.escape(words.replace("column 1", "column 'b'"))
    with pytest.raises(ValueError, match=named):
        quick(lambda rows: np.full((len(rows), 3), 1 / 3)).fit(
            pd.DataFrame(bad, columns=list("abcd")), y
        )


def test_text_is_refused_with_advice_where_columns_are_taken_as_they_are(blobs):
    X, y = blobs
    frame = pd.DataFrame(X, columns=list("abcd")).assign(b="red")
    with pytest.raises(ValueError, match="X holds text .*'red'.*OneHotEncoder"):
        plain().fit(frame, y)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pd.date_range("2020", periods=90), "column 'b' of X holds dates or times"),
        ([1j] * 90, "Complex data not supported: column 'b' of X holds complex"),
        ([b"red"] * 90, "column 'b' of X holds bytes"),
        ([[1, 2]] * 90, "column 'b' of X holds cells of type list"),
    ],
    ids=["date", "complex", "bytes", "list"],
)
def test_cells_of_other_kinds(blobs, column, words):
    X, y = blobs
    frame = pd.DataFrame(X, columns=list("abcd")).assign(b=column)
    with pytest.raises(ValueError, match=words):
        quick().fit(frame, y)


def test_rows_and_columns_must_match(blobs, fitted):
    X, y = blobs
    model = quick(fitted).fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples: .90, 89."):
        quick(fitted).fit(X, y[1:])
    with pytest.raises(ValueError, match="X has 3 features, but .* expecting 4"):
        model.predict(X[:, :3])
    with pytest.raises(ValueError, match="X has 3 features, but .* expecting 4"):
        model.predict_proba(pd.DataFrame(X[:, :3]))
    with pytest.raises(ValueError, match=r"Expected a 2D table.*X.reshape\(-1, 1\)"):
        model.predict(X[0])
    with pytest.raises(ValueError, match="Expected 2D array, got 1D"):
        plain(fitted).fit(X, y).predict(X[0])
    for make in (plain, quick):
        with pytest.raises(ValueError, match=r"0 sample\(s\) \(shape=\(0, 4\)\)"):
            make(fitted).fit(X[:0], y[:0])
        with pytest.raises(ValueError, match=r"0 feature\(s\) \(shape=\(90, 0\)\)"):
            make(fitted).fit(X[:, :0], y)


def test_teacher_fitted_on_other_columns(blobs, fitted):
    X, y = blobs
    with pytest.raises(
        ValueError, match="X has 3 features, but the teacher, RandomForestClassifier, w"
    ):
        quick(fitted).fit(X[:, :3], y)
    named = clone(fitted).fit(pd.DataFrame(X, columns=list("abcd")), y)
    with pytest.raises(ValueError, match=r"X lacks \['b'\], and .* know \['x', 'e'\]"):
        quick(named).fit(pd.DataFrame(X[:, [0, 1, 2, 3, 3]], columns=list("axcde")), y)
    with pytest.raises(ValueError, match="'c' for 'b', 'b' for 'c'. .*same order"):
        quick(named).fit(pd.DataFrame(X, columns=list("acbd")), y)


def test_labels_that_the_teacher_does_not_know(blobs, fitted):
    X, y = blobs
    with pytest.raises(
        ValueError, match=r"the label 9, which the teacher, .*\[0, 1, 2"
    ):
        quick(fitted).fit(X, np.where(y == 2, 9, y))
    text = clone(fitted).fit(X, np.array(["a", "b", "c"])[y])
    with pytest.raises(ValueError, match="the label 'z', which the teacher"):
        quick(text).fit(X, np.array(["a", "b", "z"])[y])


@pytest.mark.parametrize("teacher", [None, LogisticRegression(), "fitted"], ids=str)
def test_one_class(blobs, fitted, teacher):
    X, _ = blobs
    if teacher == "fitted":
        teacher = RandomForestClassifier(2).fit(X, np.zeros(90, dtype=int))
    with pytest.raises(ValueError, match="holds one class, .*needs at least two"):
        quick(teacher).fit(X, np.zeros(90, dtype=int))


def test_one_class_among_the_rows_with_a_weight(blobs, fitted):
    X, y = blobs
    weight = (y == 1).astype(float)
    with pytest.raises(ValueError, match="y holds one class, .1.: a classifier needs"):
        quick().fit(X, y, sample_weight=weight)
    assert quick(fitted).fit(X, y, sample_weight=weight).classes_.tolist() == [0, 1, 2]


def test_labels_of_other_kinds(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        quick().fit(X, y + 0.5)
    with pytest.raises(
        ValueError, match="requires y to be passed, but the target y is"
    ):
        quick().fit(X)
    rows, several = make_multilabel_classification(n_classes=3, random_state=0)
    with pytest.raises(ValueError, match="y should be a 1d array.*votes as teacher_y"):
        quick().fit(rows, several + 1)
    teacher = RandomForestClassifier(3).fit(rows, several)
    with pytest.raises(ValueError, match="predicts 3 outputs, and one label for each"):
        quick(teacher).fit(rows, several[:, 0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: replaced(p, (4, 0), np.nan), "teacher_proba is not finite in row 4"),
        (lambda p: replaced(p, (4, 0), -0.1), "teacher_proba is negative in row 4"),
        (lambda p: replaced(p, 4, 0.5), "teacher_proba adds up to 1.5 in row 4"),
        (lambda p: p[:, :2], "teacher_proba has shape (90, 2), not (90, 3) for the cl"),
        (lambda p: p[1:], "teacher_proba has shape (89, 3), not (90, 3)"),
        (lambda p: p[:, 0], "teacher_proba has shape (90,), not (90, 3)"),
        (lambda p: p.astype(str).tolist()[:1] * 89 + [["a"] * 3], "is not numeric"),
    ],
)
def test_invalid_probabilities(blobs, fitted, change, words):
    X, y = blobs
    proba = change(fitted.predict_proba(X))
    with pytest.raises(ValueError, match=re.escape(words)):
        quick("precomputed").fit(X, y, teacher_proba=proba)
    of_teacher = words.replace(
        "teacher_proba", "the prediction of the teacher, <lambda>,"
    )
    with pytest.raises(ValueError, match=re.escape(of_teacher)):
        quick(lambda rows: proba).fit(X, y)


def test_a_model_without_probabilities_is_refused_once_it_is_fitted(blobs):
    X, y = blobs
    teacher = VotingClassifier([("tree", DecisionTreeClassifier())], voting="hard")
    with pytest.raises(
        ValueError, match='VotingClassifier, is fitted and has neither .*voting="soft"'
    ):
        quick(teacher).fit(X, y)


def test_columns_of_a_frame_of_probabilities_have_the_names_of_the_classes(
    blobs, fitted
):
    X, y = blobs
    frame = pd.DataFrame(fitted.predict_proba(X), columns=fitted.classes_)
    in_order = quick("precomputed").fit(X, y, teacher_proba=frame)
    turned = quick("precomputed").fit(X, y, teacher_proba=frame[[2, 1, 0]])
    np.testing.assert_array_equal(in_order.predict_proba(X), turned.predict_proba(X))
    frame.columns = ["a", "b", "c"]
    with pytest.raises(ValueError, match=r"named \['a', 'b', 'c'\], and the classes"):
        quick("precomputed").fit(X, y, teacher_proba=frame)


def test_a_teacher_of_less_use_than_a_constant_is_warned_of(blobs, fitted):
    X, y = blobs
    turned = fitted.predict_proba(X)[:, [1, 2, 0]]
    with (
        pytest.warns(UserWarning, match="gives 2.2 % of the rows their label. The"),
        pytest.warns(UserWarning, match="clearly worse than a student of the labels"),
    ):
        quick("precomputed").fit(X, y, teacher_proba=turned)


def test_an_answer_that_is_no_array(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match=r"<lambda>, (is not numeric|has shape \(\))"):
        quick(lambda rows: None).fit(X, y)


def test_probabilities_and_teacher_must_go_together(blobs, fitted):
    X, y = blobs
    with pytest.raises(
        ValueError, match="needs the teacher's probabilities: pass teacher_proba"
    ):
        quick("precomputed").fit(X, y)
    with pytest.raises(
        ValueError, match="teacher_proba was passed, and teacher is Random"
    ):
        quick(fitted).fit(X, y, teacher_proba=fitted.predict_proba(X))


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        # Newer releases of scikit-learn have a message of their own.
        (np.zeros(90), "zero for all rows|at least one non-zero number"),
        (np.full(90, -1.0), "Negative values in data passed to `sample_weight`"),
        (np.full(90, np.nan), "Input sample_weight contains NaN"),
        (np.ones(89), r"sample_weight.shape == \(89,\), expected \(90,\)"),
    ],
)
def test_weights(blobs, fitted, weight, words):
    X, y = blobs
    with pytest.raises(ValueError, match=words):
        quick(fitted).fit(X, y, sample_weight=weight)


def test_decision_function_of_pairs(blobs):
    X, y = blobs
    teacher = SVC(decision_function_shape="ovo").fit(X, y)
    with pytest.raises(ValueError, match='Set its decision_function_shape="ovr"'):
        quick(teacher).fit(X, y)
    inside = make_pipeline(StandardScaler(), clone(teacher)).fit(X, y)
    with pytest.raises(ValueError, match='Set its svc__decision_function_shape="ovr"'):
        quick(inside).fit(X, y)
    two = clone(teacher).fit(X, y > 0)
    ovr = SVC().fit(X, y > 0)
    np.testing.assert_array_equal(
        quick(two).fit(X, y > 0).predict_proba(X),
        quick(ovr).fit(X, y > 0).predict_proba(X),
    )


@pytest.mark.parametrize(
    ("class_weight", "words"),
    [
        ({0: -1.0}, "class_weight has -1.0 for 0: factors must be finite and not neg"),
        ({1: np.nan}, "class_weight has nan for 1"),
        ({7: 2.0}, "class_weight names 7, which is not one of the classes [0, 1, 2]"),
        ({0: 0, 1: 0, 2: 0}, "gives all rows a weight of zero"),
    ],
)
def test_class_weights(blobs, fitted, class_weight, words):
    X, y = blobs
    with pytest.raises(ValueError, match=re.escape(words)):
        quick(fitted, class_weight=class_weight).fit(X, y)


def test_columns_too_small_for_single_precision(blobs):
    X, y = blobs
    message = "column 0 of X has standard deviation .*e-40.*: multiply it by a number"
    with pytest.raises(ValueError, match=message):
        quick(lambda rows: np.full((len(rows), 3), 1 / 3)).fit(X * 1e-40, y)
    message = "X holds no value above .*e-40 in size.*: multiply it by a number"
    with pytest.raises(ValueError, match=message):
        plain(lambda rows: np.eye(3)[y]).fit(X * 1e-40, y)


def test_divergence_is_named(blobs, fitted):
    X, y = blobs
    for make in (plain, quick):
        model = make(fitted, learning_rate_init=1e30, weight_decay=0.0, max_iter=50)
        with pytest.raises(ValueError, match="diverged in epoch .*rate_init=1e"):
            model.fit(X, y)


def test_values_so_far_out_that_logits_overflow(blobs, fitted):
    X, y = blobs
    # Strong decay: the logits are finite, and their difference is not.
    model = plain(fitted, max_iter=50, weight_decay=30.0).fit(X, y)
    far = model.predict_proba(np.vstack([X[:1], np.full((1, 4), 3e38)]))
    np.testing.assert_allclose(far.sum(axis=1), 1.0, rtol=1e-6)
    model = plain(fitted, max_iter=50, weight_decay=0.1).fit(X, y)
    with pytest.raises(ValueError, match="logits of row 1 of X are beyond single prec"):
        model.predict_proba(np.vstack([X[:1], np.full((1, 4), 3e38)]))


def test_column_whose_values_single_precision_cannot_tell_apart(blobs, fitted):
    X, y = blobs
    frame = pd.DataFrame(X, columns=["a", "b", "time", "d"])
    frame["time"] = 1.7e9 + 200 * frame["time"]
    # With so few labels nothing tells that the teacher knows nothing.
    frame, y = frame[::2], y[::2]
    for make in (plain, quick):
        model = make(lambda rows: np.full((len(rows), 3), 1 / 3))
        model.fit(frame, y)
        # In single precision the values are lost before `fit` sees them.
        with (
            pytest.warns(UserWarning, match="column 'time' of X has mean 1.7e.09 and"),
            pytest.raises(ValueError, match="column 'time' of X is float32"),
        ):
            model.fit(frame.astype(np.float32), y)


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "decision_function"]
)
def test_prediction_before_fit(blobs, method):
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        getattr(quick(), method)(blobs[0])


class FailingTeacher(BaseEstimator):
    """A teacher that can be fitted but fails when it predicts."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        raise RuntimeError("the teacher failed")


def test_a_failed_fit_leaves_no_trace(blobs):
    X, y = blobs
    model = quick(FailingTeacher())
    before = set(vars(model))
    with pytest.raises(RuntimeError, match="the teacher failed"):
        model.fit(X, y)
    assert set(vars(model)) == before
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.parametrize(
    "parameters",
    [{"hidden_layer_sizes": (0,)}, {"weight_decay": 100.0}, {"teacher_proba": []}],
    ids=str,
)
def test_arguments_are_checked_before_the_teacher_is_fitted(blobs, parameters):
    class Unused(BaseEstimator):
        def fit(self, X, y):
            raise AssertionError("a teacher may take hours to fit")

        predict_proba = fit

    X, y = blobs
    metadata = {k: v for k, v in parameters.items() if k == "teacher_proba"}
    own = {k: v for k, v in parameters.items() if k != "teacher_proba"}
    with pytest.raises(ValueError, match="hidden_layer|weight_decay|teacher_proba"):
        quick(Unused(), **own).fit(X, y, **metadata)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failed_fit_leaves_a_fitted_estimator_as_it_was(blobs, fitted, error):
    X, y = blobs
    model = quick(fitted).fit(pd.DataFrame(X, columns=list("abcd")).to_numpy(), y)
    before = dict(vars(model))
    prediction = model.predict_proba(X)

    def interrupted(rows):
        raise error("stop")

    model.set_params(teacher=interrupted)
    with pytest.raises(error, match="stop"):
        model.fit(pd.DataFrame(X[:, :3], columns=list("xyz")), y)
    model.set_params(teacher=fitted)
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is before[name] for name in before)
    np.testing.assert_array_equal(model.predict_proba(X), prediction)


def test_warm_start_of_another_shape(blobs, fitted):
    X, y = blobs
    model = quick(fitted, warm_start=True).fit(X, y)
    model.set_params(hidden_layer_sizes=(5,))
    with pytest.raises(
        ValueError, match="warm_start needs the same units, activation, classes and en"
    ):
        model.fit(X, y)
    model.set_params(hidden_layer_sizes=(128, 64), encoder=None)
    with pytest.raises(ValueError, match=r"InputCode\(.*, and are now .*, None\)"):
        model.fit(X, y)
    # The failed fit leaves the former encoder.
    assert model.encoder_.code_ == model.student_.input_code


def test_a_teacher_that_does_not_take_the_table_is_named():
    X = pd.DataFrame({"town": ["Rome", "Oslo"] * 20, "age": range(40)})
    with pytest.raises(ValueError, match="could not convert string to float") as caught:
        quick(RandomForestClassifier()).fit(X, ["yes", "no"] * 20)
    said = str(caught.value)
    assert said.startswith("the fit of the teacher, RandomForestClassifier, raised:")
    assert "make_pipeline(encoder, teacher)" in said


def test_without_a_teacher_the_error_says_that_the_default_takes_numbers():
    X = pd.DataFrame({"town": ["Rome", "Oslo"] * 20, "age": range(40)})
    y = ["yes", "no"] * 20
    with pytest.raises(ValueError, match="could not convert string to float") as caught:
        quick().fit(X, y)
    said = str(caught.value)
    assert said.startswith("the fit of the default teacher, RandomForestClassifier, r")
    assert "No teacher was given, and the default is a forest that takes only n" in said
    # The advice works.
    assert 'HistGradientBoostingClassifier(categorical_features="from_dtype")' in said
    boosting = HistGradientBoostingClassifier(categorical_features="from_dtype")
    table = X.assign(town=X["town"].astype("category"))
    assert quick(boosting).fit(table, y).score(table, y) == 1.0


def test_a_label_that_the_teacher_does_not_know_says_what_to_do(blobs, fitted):
    X, y = blobs
    with pytest.raises(ValueError, match="does not know.*Leave out rows"):
        quick(fitted).fit(X, np.where(y == 0, 99, y))


@pytest.mark.parametrize("estimator", [DistilledClassifier, DistilledRegressor])
def test_the_name_of_a_column_is_no_y(estimator):
    table = pd.DataFrame({"size": [1.0, 2.0], "price": [0, 1]})
    with pytest.raises(ValueError, match=r"pass it: table\['price'\]"):
        estimator().fit(table, "price")


@pytest.mark.parametrize("estimator", [DistilledClassifier, DistilledRegressor])
def test_a_score_before_fit_is_refused(estimator):
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        estimator().score([[1.0], [2.0]], [0, 1])
