"""Advice on what to give in place of an object that is no teacher."""

from typing import NamedTuple

from skdistill.teachers.resolve import PRECOMPUTED


class Words(NamedTuple):
    """Words of messages about the teachers of one kind of task.

    Attributes
    ----------
    estimator : str
        Name of the distilled estimator.
    answers : str
        Name of the answers.
    stored : str
        Advice on stored answers.
    other_data : str
        Advice on other data.
    several : str
        Advice on several models.
    advice : dict
        Advice by the library and the class of an object.
    """

    estimator: str
    answers: str
    stored: str
    other_data: str
    several: str
    advice: dict[tuple[str, str], str]


_STORED = (
    f"If it holds the {{}} of a teacher, give teacher={PRECOMPUTED!r}, and pass them "
    "to fit: fit(X, y, {}=...)"
)
_PROBABILITIES = _STORED.format("probabilities", "teacher_proba")
_NUMBERS = _STORED.format("numbers", "teacher_prediction")
_WITH_APPLY = "def f(X): return jax.nn.softmax(module.apply(params, X))"
_ROWS = "It holds rows. Give the model that was trained on them"
_ONE_ROW = "It takes one row. Give a function, "
_WITH_PARAMETERS = "It is asked with its parameters. Give a function, "
_BOOSTER_A_FOLD = (
    "It holds a booster a fold. Give one of them, teacher.boosters[0], or a function "
    "f(X) that returns the mean of their "
)
_KERAS_2 = "It is a model of Keras 2. Give a function of its "
_WITH_TOKENS = (
    "teacher=TorchTeacher(pipeline.model, prepare=f), where f(X) returns the tokens of "
    "the texts as a dict"
)

# Advice on what to give in place of an object, by its library and class.
_ADVICE = {
    ("torch", "Tensor"): _PROBABILITIES,
    ("jax", "Array"): _PROBABILITIES,
    ("jaxlib", "ArrayImpl"): _PROBABILITIES,
    ("torch", "ExportedProgram"): (
        "Give the module in it: teacher=TorchTeacher(program.module())"
    ),
    ("torch", "Dataset"): _ROWS,
    ("torch", "DataLoader"): _ROWS,
    ("torch", "Optimizer"): "Give the module that it trained",
    ("xgboost", "DMatrix"): f"{_ROWS}: the booster that xgboost.train returns",
    ("lightgbm", "Dataset"): f"{_ROWS}: the booster that lightgbm.train returns",
    ("catboost", "Pool"): _ROWS,
    ("lightgbm", "CVBooster"): f"{_BOOSTER_A_FOLD}probabilities",
    ("transformers", "Pipeline"): (
        "Give a function f(X) that returns an array of its scores with a column for "
        f"each class in sorted order, or {_WITH_TOKENS}"
    ),
    ("transformers", "PreTrainedTokenizerBase"): (
        "Give the model: teacher=TorchTeacher(model, prepare=f), where f(X) returns "
        "the tokens of the texts as a dict"
    ),
    ("flax", "Module"): f"{_WITH_PARAMETERS}{_WITH_APPLY}",
    ("equinox", "Module"): (
        f"{_ONE_ROW}def f(X): return jax.nn.softmax(jax.vmap(module)(X))"
    ),
    ("tf_keras", "Model"): (
        f"{_KERAS_2}probabilities, def f(X): return model.predict(X, verbose=0)"
    ),
    ("tensorflow", "Module"): (
        "Give a function that returns probabilities, def f(X): return model(X).numpy()"
    ),
    ("onnx", "ModelProto"): (
        "Give its bytes: teacher=OnnxTeacher(model.SerializeToString())"
    ),
    ("onnxruntime", "InferenceSession"): (
        "Give the file that it runs: teacher=pathlib.Path(path)"
    ),
}

_ADVICE_ON_NUMBERS = _ADVICE | {
    ("torch", "Tensor"): _NUMBERS,
    ("jax", "Array"): _NUMBERS,
    ("jaxlib", "ArrayImpl"): _NUMBERS,
    ("lightgbm", "CVBooster"): f"{_BOOSTER_A_FOLD}numbers",
    ("transformers", "Pipeline"): (
        "Give a function f(X) that returns an array of its numbers with a column for "
        f"each target, or {_WITH_TOKENS}"
    ),
    ("flax", "Module"): f"{_WITH_PARAMETERS}def f(X): return module.apply(params, X)",
    ("equinox", "Module"): f"{_ONE_ROW}def f(X): return jax.vmap(module)(X)",
    ("tf_keras", "Model"): (
        f"{_KERAS_2}numbers, def f(X): return model.predict(X, verbose=0)"
    ),
    ("tensorflow", "Module"): (
        "Give a function that returns numbers, def f(X): return model(X).numpy()"
    ),
}

WORDS_OF_KIND = {
    "classes": Words(
        "DistilledClassifier",
        "probabilities",
        _PROBABILITIES,
        "If it holds the votes of annotators, give teacher=VotesTeacher(), and pass "
        "them to fit: fit(X, teacher_y=...)",
        'VotingClassifier(models, voting="soft"), or a function f(X) that returns the '
        "mean of their probabilities",
        _ADVICE,
    ),
    "numbers": Words(
        "DistilledRegressor",
        "numbers",
        _NUMBERS,
        "A dict is a teacher if it holds a model for each quantile, by its level: "
        "{0.05: model, 0.95: model}",
        "VotingRegressor(models), or a function f(X) that returns the mean of their "
        "numbers. Models of quantiles are given by their levels: {0.05: model, 0.95: "
        "model}",
        _ADVICE_ON_NUMBERS,
    ),
}
