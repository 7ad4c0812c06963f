"""Checks of an adapter's parameters, before its model is asked."""

from numbers import Integral
from pathlib import PurePath
from typing import Any

from skdistill.teachers.quote import with_article

# Advice on files of other kinds than ONNX, by the end of the name. The name of the
# argument takes the place of {}.
_LOADERS = {
    (".pt", ".pth", ".ckpt", ".safetensors"): (
        "load the weights into the module, module.load_state_dict(torch.load(path)), "
        "and give the module"
    ),
    (".keras", ".h5", ".hdf5"): "give {}=keras.saving.load_model(path)",
    (".pkl", ".pickle", ".joblib"): "give {}=joblib.load(path)",
    (".skops",): "give {}=skops.io.load(path)",
    (".cbm",): "give {}=catboost.CatBoostClassifier().load_model(path)",
    (".ubj", ".json", ".model", ".bst"): "give {}=xgboost.Booster(model_file=path)",
    (".txt", ".lgb"): "give {}=lightgbm.Booster(model_file=path)",
}


def kinds_of(source: Any) -> set[tuple[str, str]]:
    """Return library and name of each class that an object is of.

    Parameters
    ----------
    source : object

    Returns
    -------
    kinds : set of tuple of str
    """
    return {
        (kind.__module__.partition(".")[0], kind.__name__)
        for kind in type(source).__mro__
    }


def suffix_of(name: str) -> str:
    """Return the end of a file's name, such as ".onnx", or an empty text.

    Parameters
    ----------
    name : str

    Returns
    -------
    suffix : str
    """
    return name[name.rfind(".") :].lower() if "." in name else ""


def is_model_file(name: str) -> bool:
    """Tell whether a file of this name holds a fitted model, as joblib writes it."""
    return suffix_of(name) == ".joblib"


def advice_on_file(name: str, argument: str) -> str:
    """Return how to load the file of a model that is known by the end of its name.

    Parameters
    ----------
    name : str
        Name of the file.
    argument : str
        Argument that takes the model.

    Returns
    -------
    advice : str
        It is empty for other files, among them those of ONNX.
    """
    for suffixes, advice in _LOADERS.items():
        if suffix_of(name) in suffixes:
            return advice.format(argument)
    return ""


def check_model(
    model: Any, adapter: str, argument: str, needed: str, kinds: set[tuple[str, str]]
) -> None:
    """Raise if the model of an adapter is of another library, or no model.

    Parameters
    ----------
    model : object
        Model that the adapter was given.
    adapter : str
        Name of the adapter's class.
    argument : str
        Argument of the adapter that holds the model.
    needed : str
        Words for the models that the adapter takes.
    kinds : set of tuple of str
        Library and name of the classes that the adapter takes. Without any, it takes
        anything.

    Raises
    ------
    ValueError
        If the model is of none of these classes.
    """
    if not kinds or (kinds & kinds_of(model) and not isinstance(model, type)):
        return
    if isinstance(model, (str, PurePath)):
        advice = advice_on_file(str(model), argument) or f"give {needed}"
        raise ValueError(
            f"{argument}={str(model)!r:.100} of {adapter} is the name of a file: "
            f"{advice}"
        )
    raise ValueError(
        f"{argument} of {adapter} is {with_article(_name_of_kind(model))}: give "
        f"{needed}. DistilledClassifier takes any model as it is, and finds its "
        "adapter by itself"
    )


def _name_of_kind(model):
    """Return the words for an object's class, with its library."""
    if isinstance(model, type):
        return "class"
    library = type(model).__module__.partition(".")[0]
    name = type(model).__name__
    return name if library in ("builtins", "__main__") else f"{name} of {library}"


def check_batch_size(batch_size: Any, adapter: str) -> None:
    """Raise if the argument `batch_size` of an adapter is no number of rows.

    Parameters
    ----------
    batch_size : object
        Argument of the adapter.
    adapter : str
        Name of the adapter's class.

    Raises
    ------
    ValueError
        If the argument is neither None nor an integer of at least 1.
    """
    is_integer = isinstance(batch_size, Integral) and not isinstance(batch_size, bool)
    if batch_size is not None and not (is_integer and batch_size >= 1):
        raise ValueError(
            f"batch_size={batch_size!r:.50} of {adapter} is no number of rows: give an "
            "integer of at least 1, or None"
        )


def check_prepare(prepare: Any, adapter: str) -> None:
    """Raise if the argument `prepare` of an adapter is no function.

    Parameters
    ----------
    prepare : object
        Argument of the adapter.
    adapter : str
        Name of the adapter's class.

    Raises
    ------
    ValueError
        If the argument is neither None nor callable.
    """
    if prepare is not None and not callable(prepare):
        raise ValueError(
            f"prepare={prepare!r:.50} of {adapter} is no function: give a function "
            "f(X) that returns the input of the model, or None"
        )
