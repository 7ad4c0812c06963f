"""PyTorch modules as teachers, against answers made by hand."""

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pytest
from numba import cloudpickle
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistillationReport, DistilledClassifier, compress_to
from skdistill.teachers import TorchTeacher
from skdistill.teachers.resolve import as_teacher

torch = pytest.importorskip("torch")
nn = torch.nn

X, Y = load_iris(return_X_y=True)
X.flags.writeable = Y.flags.writeable = False


@pytest.fixture(scope="module")
def trained():
    """A module of float32 with dropout and batch norm, left in mixed modes."""
    torch.manual_seed(0)
    parts = (nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5))
    module = nn.Sequential(*parts, nn.Linear(16, 3))
    optimizer = torch.optim.Adam(module.parameters(), 0.02)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(Y)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(rows), labels).backward()
        optimizer.step()
    module[1].eval()
    return module


def by_hand(module, rows=X):
    """Return the logits of an unaltered copy of a module in inference mode."""
    module = copy.deepcopy(module).eval()
    with torch.no_grad():
        return module(torch.tensor(rows, dtype=torch.float32)).numpy()


def state(module):
    """Return all that a question must leave as it is."""
    return {
        "modes": [part.training for part in module.modules()],
        "weights": [(w.data_ptr(), w.detach().clone()) for w in module.parameters()],
        "gradients": [w.grad.clone() for w in module.parameters()],
        "buffers": [buffer.clone() for buffer in module.buffers()],
        "needs": [weight.requires_grad for weight in module.parameters()],
        "devices": [weight.device for weight in module.parameters()],
        "random": torch.get_rng_state(),
        "grad enabled": torch.is_grad_enabled(),
    }


def assert_same(one, other):
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for part, its in zip(one, other, strict=True):
            assert_same(part, its)
    else:
        assert one == other


def distilled(teacher, **parameters):
    parameters = {"max_iter": 5, "random_state": 0, "weight_decay": 0.3} | parameters
    return DistilledClassifier(teacher, **parameters)


def test_answers_are_those_made_by_hand_and_the_module_stays(trained):
    before = state(trained)
    teacher = TorchTeacher(trained)
    expected = softmax(by_hand(trained).astype(float), axis=1)
    np.testing.assert_allclose(teacher.predict_proba(X), expected, atol=1e-6)
    assert distilled(trained).fit(X, Y).score(X, Y) > 0.9
    for name, value in state(trained).items():
        assert_same(value, before[name])


def test_the_module_stays_after_an_error(trained):
    before = state(trained)
    with pytest.raises(ValueError, match="raised RuntimeError when it was given"):
        TorchTeacher(trained).predict_proba(X[:, :3])
    for name, value in state(trained).items():
        assert_same(value, before[name])


def test_fit_publishes_the_kind_and_the_labels(trained):
    names = np.array(["setosa", "versicolor", "virginica"])
    model = distilled(trained).fit(X, names[Y])
    assert isinstance(model.teacher_, TorchTeacher)
    assert model.teacher_.module is trained
    assert model.teacher_.output_ == "logits"
    assert model.teacher_.classes_.tolist() == names.tolist()
    assert model.teacher_.score(X, names[Y]) > 0.9
    assert model.teacher is trained
    # One row of probabilities alone could not tell logits from probabilities.
    np.testing.assert_allclose(
        as_teacher(model.teacher_).ask(X[:1], model.task_),
        softmax(by_hand(trained)[:1], axis=1),
        atol=1e-6,
    )


def test_classes_in_another_order(trained):
    swapped = copy.deepcopy(trained)
    order = [2, 0, 1]
    with torch.no_grad():
        swapped[-1].weight.copy_(trained[-1].weight[order])
        swapped[-1].bias.copy_(trained[-1].bias[order])
    plain = distilled(trained).fit(X, Y)
    other = distilled(TorchTeacher(swapped, classes=order)).fit(X, Y)
    assert other.classes_.tolist() == [0, 1, 2]
    np.testing.assert_allclose(
        other.predict_proba(X), plain.predict_proba(X), atol=1e-4
    )


def test_a_copy_shares_the_module_and_a_representation_is_short(trained):
    teacher = TorchTeacher(trained, output="logits", batch_size=7)
    for made in (clone(teacher), copy.copy(teacher), copy.deepcopy(teacher)):
        assert made.module is trained
        assert made.get_params() == teacher.get_params()
    assert repr(teacher) == "TorchTeacher(<Sequential>, output='logits', batch_size=7)"
    model = distilled(trained)
    assert clone(model).teacher is trained
    assert clone(distilled(teacher)).teacher is teacher
    assert not [name for name in model.get_params() if name.startswith("teacher__")]
    with pytest.raises(ValueError, match="teacher__module cannot be set"):
        distilled(teacher).set_params(teacher__module=None)
    for shown in (model, model.fit(X, Y), distilled(teacher)):
        assert "Sequential" in shown._repr_html_() or "Torch" in shown._repr_html_()
    assert model.__sklearn_tags__().target_tags.required is False


def test_pickles_hold_the_kind(trained):
    model = pickle.loads(pickle.dumps(distilled(trained).fit(X, Y)))
    assert model.teacher_.output_ == "logits"
    np.testing.assert_allclose(
        model.teacher_.predict_proba(X), softmax(by_hand(trained), axis=1), atol=1e-6
    )


def test_what_cannot_be_pickled_says_so(trained):
    teacher = TorchTeacher(trained, prepare=lambda X: X.astype("f"))
    with pytest.raises(
        pickle.PicklingError, match=r"TorchTeacher .* its prepare.*defi"
    ):
        pickle.dumps(teacher)
    made = pickle.loads(cloudpickle.dumps(teacher))
    np.testing.assert_array_equal(made.predict_proba(X), teacher.predict_proba(X))
    compiled = scripted(trained)
    with pytest.raises(pickle.PicklingError, match="which PyTorch compiled. Give the"):
        pickle.dumps(TorchTeacher(compiled))


def test_a_grid_search_shares_the_module(trained):
    search = GridSearchCV(distilled(trained), {"temperature": [1, 2]}, cv=2)
    search.fit(X, Y)
    assert search.best_estimator_.teacher is trained
    assert search.score(X, Y) > 0.9


def test_report_and_compression_go_on_with_the_kind(trained):
    model = distilled(trained).fit(X, Y)
    report = DistillationReport.from_estimator(model, X, Y)
    right = np.mean(by_hand(trained).argmax(axis=1) == Y)
    assert report.to_frame().loc["accuracy", "teacher"] == pytest.approx(right)
    small = compress_to(distilled(trained), X, Y, max_points_lost=30)
    assert small.estimator_.teacher_.output_ == "logits"


def test_a_pipeline_may_end_in_an_adapter(trained):
    scaler = StandardScaler().fit(X)
    scale, mean = (
        torch.tensor(part, dtype=torch.float32)
        for part in (scaler.scale_, scaler.mean_)
    )
    inner = nn.Sequential(Affine(scale, mean), copy.deepcopy(trained))
    teacher = make_pipeline(scaler, TorchTeacher(inner))
    expected = softmax(by_hand(trained).astype(float), axis=1)
    np.testing.assert_allclose(teacher.predict_proba(X), expected, atol=1e-5)
    model = distilled(teacher).fit(X, Y)
    assert model.score(X, Y) > 0.9
    # The kind is known to a copy of the pipeline, which shares its steps.
    assert model.teacher_[-1].output_ == "logits"
    assert model.teacher_[0] is scaler
    assert model.teacher_[-1].module is inner
    assert not hasattr(teacher[-1], "output_")
    assert clone(model).teacher is teacher
    hidden = as_teacher(teacher).hidden(X)
    np.testing.assert_allclose(hidden, TorchTeacher(trained).hidden(X), atol=1e-5)


def test_answers_are_kept_and_judged_alike(trained, tmp_path):
    teacher = TorchTeacher(trained, prepare=lambda X: X.astype(np.float32))
    fits = [
        distilled(teacher, memory=tmp_path, temperature=warmth).fit(X, Y)
        for warmth in (1, 2)
    ]
    assert [fit.teacher_.output_ for fit in fits] == ["logits", "logits"]
    assert fits[0].query_seconds_ == fits[1].query_seconds_


def scripted(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(copy.deepcopy(module))


class Affine(nn.Module):
    def __init__(self, scale, mean):
        super().__init__()
        self.scale, self.mean = scale, mean

    def forward(self, rows):
        return rows * self.scale + self.mean


class Answers(nn.Module):
    """A module of one weight whose answer is made by a function of the rows."""

    def __init__(self, function):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.function = function

    def forward(self, *rows, **named):
        return self.function(*rows, **named)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda rows: (rows, rows), "returned a tuple, and one tensor is needed"),
        (lambda rows: {"scores": rows}, "returned a dict, and one tensor is needed"),
        (lambda rows: rows.argmax(1), "look like labels: .*TorchTeacher.module, outp"),
        (lambda rows: rows * float("nan"), "finite numbers are needed"),
        (lambda rows: torch.sigmoid(rows), "ambiguous.*TorchTeacher.module, output="),
        (lambda rows: rows[:, None], r"outputs of shape \(150, 1, 4\)"),
        (lambda rows: rows.sum(), r"outputs of shape \(\)"),
        (lambda rows: rows.mean(0, keepdim=True), r"outputs of shape \(1, 4\)"),
        (lambda rows: rows, "outputs for 4 classes, and there are 3: .*classes="),
        (lambda rows: rows[:, :1], "outputs for 2 classes, and there are 3"),
    ],
)
def test_what_no_student_can_learn_from_is_one_sentence(function, words):
    model = distilled(Answers(function))
    with pytest.raises(ValueError, match=words) as error:
        model.fit(X, Y)
    assert "\n" not in str(error.value)
    assert not hasattr(model, "student_")


def test_rows_that_are_no_numbers_name_prepare(trained):
    frame = pd.DataFrame({"town": ["Rome"] * 150, "age": 1.0})
    with pytest.raises(ValueError, match="cannot make float32.*prepare=f"):
        distilled(trained).fit(frame, Y)


def test_one_column_is_the_second_class(trained):
    y = (Y == 2).astype(int)
    one = nn.Sequential(trained, nn.Linear(3, 1))
    with torch.no_grad():
        one[1].weight.copy_(torch.tensor([[0.0, -1.0, 1.0]]))
        one[1].bias.zero_()
    expected = expit(by_hand(one).ravel())
    model = distilled(one).fit(X, y)
    assert model.teacher_.output_ == "logits"
    np.testing.assert_allclose(
        model.teacher_.predict_proba(X)[:, 1], expected, atol=1e-6
    )
    sigmoid = nn.Sequential(one, nn.Sigmoid())
    assert distilled(sigmoid).fit(X, y).teacher_.output_ == "proba"


def test_without_labels_classes_are_numbers(trained):
    model = distilled(trained).fit(X)
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.teacher_.predict(X).tolist() == by_hand(trained).argmax(1).tolist()


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_a_module_gets_its_own_type_of_numbers(trained, kind):
    module = copy.deepcopy(trained).to(kind)
    with torch.no_grad():
        rows = torch.tensor(X, dtype=torch.float32).to(kind)
        expected = copy.deepcopy(module).eval()(rows).softmax(1).double().numpy()
    found = TorchTeacher(module).predict_proba(X)
    np.testing.assert_allclose(
        found, expected, atol=1e-2 if kind.itemsize < 4 else 1e-6
    )


def with_codes(X):
    return X[:, :3].astype(np.float32), X[:, 3].round().astype(np.int16)


class Embedded(nn.Module):
    def __init__(self):
        super().__init__()
        self.levels = nn.Embedding(4, 2)
        self.last = nn.Linear(5, 3)

    def forward(self, numbers, codes):
        return self.last(torch.cat([numbers, self.levels(codes)], 1))


def test_prepare_gives_several_inputs_and_integers():
    torch.manual_seed(0)
    module = Embedded()
    numbers, codes = with_codes(X)
    with torch.no_grad():
        expected = module(torch.tensor(numbers), torch.tensor(codes).long()).numpy()
    for prepare in (
        with_codes,
        lambda X: dict(zip(("numbers", "codes"), with_codes(X), strict=True)),
        lambda X: tuple(
            map(torch.tensor, (numbers[: len(X)], codes[: len(X)].astype(int)))
        ),
    ):
        found = TorchTeacher(module, "logits", prepare=prepare).raw_outputs(X)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_missing_values_of_pandas_are_nan():
    frame = pd.DataFrame(X, columns=list("abcd")).convert_dtypes()
    frame.iloc[3, 1] = pd.NA
    module = nn.Linear(4, 3)
    with pytest.raises(ValueError, match="in row 3, and finite.*missing value"):
        distilled(module).fit(frame, Y)
    found = TorchTeacher(module).raw_outputs(frame.fillna(0.0))
    rows = torch.tensor(frame.fillna(0.0).to_numpy(dtype=np.float32))
    np.testing.assert_allclose(found, module(rows).detach(), atol=1e-6)


def test_a_pipeline_of_a_bare_module_names_the_adapter(trained):
    pipeline = make_pipeline(StandardScaler(), trained)
    with pytest.raises(ValueError, match=r"Pipeline, is a Sequential: .*TorchTeacher"):
        distilled(pipeline).fit(X, Y)


def test_an_error_of_prepare_is_explained(trained):
    def prepare(X):
        raise KeyError("age")

    with pytest.raises(KeyError, match="age") as error:
        distilled(TorchTeacher(trained, prepare=prepare)).fit(X, Y)
    (note,) = error.value.__notes__
    assert "prepare of TorchTeacher raised this error for a batch of 150 rows" in note


def test_a_frozen_adapter_is_an_adapter(trained):
    model = distilled(FrozenEstimator(TorchTeacher(trained))).fit(X, Y)
    assert model.teacher_.output_ == "logits"


def test_text_is_prepared_and_logits_are_taken_from_a_mapping():
    texts = ["a", "bbb", "cc", "dddd"] * 5

    def lengths(texts):
        return {"lengths": np.array([[float(len(text))] for text in texts])}

    module = Answers(lambda lengths: {"logits": torch.cat([lengths, -lengths], 1)})
    found = TorchTeacher(module, prepare=lengths).raw_outputs(texts)
    assert found[:, 0].tolist() == [len(text) for text in texts]


def test_batches_are_bounded_and_change_nothing(trained, monkeypatch):
    sizes = []
    watched = Answers(lambda rows: sizes.append(len(rows)) or trained(rows))
    whole = TorchTeacher(trained).raw_outputs(X)
    for size in (1, 7, 150, 1000):
        np.testing.assert_allclose(
            TorchTeacher(trained, batch_size=size).raw_outputs(X), whole, atol=1e-5
        )
    sizes.clear()
    TorchTeacher(watched, batch_size=60).raw_outputs(X)
    assert sizes == [60, 60, 30]
    sizes.clear()
    # A row has 16 bytes of input and 12 of output.
    monkeypatch.setattr("skdistill.teachers.batches.BYTES_AT_ONCE", 28 * 100)
    TorchTeacher(watched).raw_outputs(np.tile(X, (4, 1)))
    assert sizes == [256, 100, 100, 100, 44]


def test_threads_leave_the_mode_as_it_was(trained):
    trained.train()
    expected = TorchTeacher(trained).raw_outputs(X)
    with ThreadPoolExecutor(4) as pool:
        ask = TorchTeacher(trained, batch_size=5).raw_outputs
        for found in pool.map(ask, [X] * 20):
            np.testing.assert_allclose(found, expected, atol=1e-6)
    assert all(part.training for part in trained.modules())
    trained[1].eval()


def test_devices_are_named(trained):
    with pytest.raises(
        ValueError, match=r"is on the device cpu, and device='cuda'.*mo"
    ):
        TorchTeacher(trained, device="cuda").predict_proba(X)
    TorchTeacher(trained, device="cpu").predict_proba(X)
    with pytest.raises(ValueError, match="on the device meta: load its weights"):
        TorchTeacher(copy.deepcopy(trained).to("meta")).predict_proba(X)


def test_hidden_layers_by_name(trained):
    teacher = TorchTeacher(trained)
    assert teacher.hidden_layers == ["0", "1", "2", "3", "4"]
    inner = copy.deepcopy(trained).eval()
    with torch.no_grad():
        rows = torch.tensor(X, dtype=torch.float32)
        for layer in range(5):
            expected = inner[: layer + 1](rows).numpy()
            found = teacher.hidden(X, str(layer))
            np.testing.assert_allclose(found, expected, atol=1e-5)
        before_last = inner[:4](rows).numpy()
    found = as_teacher(trained).hidden(X)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, before_last, atol=1e-5)
    assert not any(part._forward_hooks for part in trained.modules())
    assert not any(part._forward_pre_hooks for part in trained.modules())
    with pytest.raises(ValueError, match=r"layer='7' is not in the model.*'0', '1'"):
        teacher.hidden(X, "7")
    assert TorchTeacher(nn.Linear(4, 3)).hidden(X) is None


class ByName(nn.Module):
    """A module that hands a hidden layer on by name."""

    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(4, 5), nn.Linear(5, 3)

    def forward(self, rows):
        return self.head(input=torch.relu(self.body(rows)))


def test_a_hidden_layer_may_be_handed_on_by_name():
    module = ByName()
    with torch.no_grad():
        expected = module.body(torch.tensor(X, dtype=torch.float32)).relu().numpy()
    np.testing.assert_allclose(TorchTeacher(module).hidden(X), expected, atol=1e-6)


def test_threads_see_their_own_hidden_layer():
    module = ByName()
    tables = [np.full((64, 4), float(number)) for number in range(20)]
    expected = [TorchTeacher(module).hidden(rows) for rows in tables]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(TorchTeacher(module, batch_size=4).hidden, tables))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_autocast_around_the_question_changes_nothing(trained):
    expected = TorchTeacher(trained).raw_outputs(X)
    with torch.autocast("cpu", torch.bfloat16):
        np.testing.assert_array_equal(TorchTeacher(trained).raw_outputs(X), expected)
        assert torch.is_autocast_enabled("cpu")


def test_lazy_weights_are_left_alone():
    module = nn.Sequential(nn.LazyLinear(8), nn.Linear(8, 3))
    with pytest.raises(ValueError, match="Sequential, has lazy weights.*train it fi"):
        distilled(module).fit(X, Y)
    assert module[0].has_uninitialized_params()


@pytest.mark.parametrize("kind", [torch.float16, torch.float64])
def test_the_input_has_the_type_of_the_first_weights(kind):
    module = nn.Linear(4, 3).to(kind)
    module.register_buffer("scale", torch.ones(3))
    expected = module(torch.tensor(X, dtype=torch.float32).to(kind)).detach()
    np.testing.assert_array_equal(TorchTeacher(module).raw_outputs(X), expected)


def test_compiled_forms_answer_alike(trained):
    whole = TorchTeacher(trained).raw_outputs(X)
    inner = copy.deepcopy(trained)
    script = scripted(trained)
    np.testing.assert_allclose(TorchTeacher(script).raw_outputs(X), whole, atol=1e-5)
    assert script.training
    compiled = torch.compile(inner, backend="eager")
    np.testing.assert_allclose(TorchTeacher(compiled).raw_outputs(X), whole, atol=1e-5)
    assert inner.training


def test_a_module_that_answers_by_itself_is_asked_by_its_own_method(trained):
    class Own(nn.Module):
        def predict_proba(self, X):
            return np.tile([0.2, 0.3, 0.5], (len(X), 1))

    model = distilled(Own()).fit(X)
    assert isinstance(model.teacher_, Own)


def test_a_model_that_is_given_trained_is_not_fitted_again(trained):
    for parameters in ({"cv": 3}, {"calibrate_teacher": "refit"}):
        with pytest.raises(ValueError, match="(Torch|Seq).*, cannot be fitted"):
            distilled(trained, **parameters).fit(X, Y, sample_weight=np.ones(150))


def test_the_parameters_of_the_example():
    import doctest

    text = TorchTeacher.__doc__.replace("# doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "TorchTeacher", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
    assert partial(TorchTeacher, None)().module is None
