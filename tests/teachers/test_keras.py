"""Keras models as teachers, against answers made by hand."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from skdistill import DistilledClassifier
from skdistill.teachers import KerasTeacher
from skdistill.teachers.resolve import as_teacher

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

# Keras' own way from its variables to arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")

X, Y = load_iris(return_X_y=True)
X = X.astype(np.float32)
X.flags.writeable = Y.flags.writeable = False


def network(*last):
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="relu", name="first"),
            keras.layers.Dropout(0.5, name="dropped"),
            *last,
        ]
    )


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = network(keras.layers.Dense(3, activation="softmax", name="last"))
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    model.fit(np.array(X), np.array(Y), epochs=20, verbose=0)
    return model


def by_hand(model, last=True):
    """Return the answers that the weights give."""
    weights, biases, *rest = model.get_weights()
    hidden = np.maximum(X @ weights + biases, 0)
    if not last:
        return hidden
    logits = (hidden @ rest[0] + rest[1]).astype(float)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def distilled(teacher, **parameters):
    parameters = {"max_iter": 5, "random_state": 0, "weight_decay": 0.3} | parameters
    return DistilledClassifier(teacher, **parameters)


def test_answers_are_those_made_by_hand_and_the_model_stays(trained):
    for part in trained.modules():
        part.training = True
    modes = [part.training for part in trained.modules()]
    weights = copy.deepcopy(trained.get_weights())
    seeds = [np.array(v) for v in trained.non_trainable_variables]
    gradients = [weight.grad for weight in trained.parameters()]
    random = torch.get_rng_state()
    found = KerasTeacher(trained).predict_proba(X)
    np.testing.assert_allclose(found, by_hand(trained), atol=1e-6)
    model = distilled(trained).fit(X, Y)
    assert model.score(X, Y) > 0.9
    assert model.teacher_.model is trained
    assert model.teacher_.output_ == "proba"
    assert model.teacher_.classes_.tolist() == [0, 1, 2]
    assert [part.training for part in trained.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random)
    for now, before in zip(trained.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, before)
    for now, before in zip(trained.non_trainable_variables, seeds, strict=True):
        np.testing.assert_array_equal(np.array(now), before)
    for now, before in zip(trained.parameters(), gradients, strict=True):
        assert now.grad is before


def test_logits_and_one_column(trained):
    y = (Y == 2).astype(int)
    logits = network(keras.layers.Dense(3))
    logits.set_weights(trained.get_weights())
    model = distilled(logits).fit(X, Y)
    assert model.teacher_.output_ == "logits"
    np.testing.assert_allclose(
        model.teacher_.predict_proba(X), by_hand(trained), atol=1e-6
    )
    one = network(keras.layers.Dense(1, activation="sigmoid"))
    *first, weights, biases = trained.get_weights()
    one.set_weights([*first, weights[:, 2:] - weights[:, 1:2], biases[2:] - biases[1]])
    model = distilled(one).fit(X, y)
    assert model.teacher_.output_ == "proba"
    expected = by_hand(trained)
    expected = expected[:, 2] / (expected[:, 1] + expected[:, 2])
    np.testing.assert_allclose(
        model.teacher_.predict_proba(X)[:, 1], expected, atol=1e-6
    )


def test_clones_searches_and_pickles(trained):
    teacher = KerasTeacher(trained, batch_size=40)
    assert clone(teacher).model is trained
    assert repr(teacher) == "KerasTeacher(<Sequential>, batch_size=40)"
    search = GridSearchCV(distilled(trained), {"temperature": [1, 2]}, cv=2).fit(X, Y)
    best = search.best_estimator_
    assert best.teacher is trained
    assert "Sequential" in best._repr_html_()
    assert not [name for name in best.get_params() if name.startswith("teacher__")]
    loaded = pickle.loads(pickle.dumps(best))
    np.testing.assert_allclose(
        loaded.teacher_.predict_proba(X), by_hand(trained), atol=1e-6
    )


def test_hidden_layers_by_name(trained):
    teacher = KerasTeacher(trained)
    assert teacher.hidden_layers == ["first", "dropped", "last"]
    hidden = by_hand(trained, last=False)
    np.testing.assert_allclose(teacher.hidden(X, "first"), hidden, atol=1e-5)
    found = as_teacher(trained).hidden(X)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, hidden, atol=1e-5)
    np.testing.assert_allclose(teacher.hidden(X, "last"), by_hand(trained), atol=1e-5)
    with pytest.raises(ValueError, match="layer='second' is not in the model"):
        teacher.hidden(X, "second")
    shallow = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    assert KerasTeacher(shallow).hidden(X) is None


def test_several_inputs(trained):
    rows = {"a": (2,), "b": (2,)}
    inputs = {name: keras.Input(shape, name=name) for name, shape in rows.items()}
    joined = keras.layers.Concatenate()([inputs["a"], inputs["b"]])
    model = keras.Model(inputs, trained(joined))
    teacher = KerasTeacher(model, prepare=lambda X: {"a": X[:, :2], "b": X[:, 2:]})
    np.testing.assert_allclose(teacher.predict_proba(X), by_hand(trained), atol=1e-6)


def test_what_no_student_can_learn_from_is_one_sentence(trained):
    two = keras.Model(trained.inputs[0], [trained.outputs[0], trained.outputs[0]])
    with pytest.raises(ValueError, match="returned a list of 2 outputs, and one is"):
        distilled(two).fit(X, Y)
    with pytest.raises(ValueError, match="raised ValueError when it was given float32"):
        distilled(trained).fit(X[:, :3], Y)
    with pytest.raises(ValueError, match="Sequential, is not built.*train it first"):
        distilled(keras.Sequential([keras.layers.Dense(3)])).fit(X, Y)
    ambiguous = network(keras.layers.Dense(3, activation="sigmoid"))
    with pytest.raises(ValueError, match="ambiguous.*KerasTeacher.model, output="):
        distilled(ambiguous).fit(X, Y)
    with pytest.raises(ValueError, match="is the class Sequential: give an instance"):
        distilled(keras.Sequential).fit(X, Y)


def test_the_example_of_the_class():
    import doctest

    text = KerasTeacher.__doc__.replace("# doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "KerasTeacher", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
