"""PyTorch modules as teachers. PyTorch is imported when a module is asked."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import RLock, get_ident
from typing import Any, ClassVar

import numpy as np

from skdistill.teachers.adapter import ModelAdapter
from skdistill.teachers.adapter_checks import kinds_of
from skdistill.teachers.output_meaning import sign_of

# Threads that ask the same modules at once: how many of them are in inference mode for
# a question, and their former modes, by the `id` of the module.
_LOCK = RLock()
_ASKED: Counter = Counter()
_FORMER: dict[int, bool] = {}


class TorchTeacher(ModelAdapter):
    """A trained PyTorch module as a classifier or a regressor.

    The module may also be scripted or compiled by PyTorch. It is asked in inference
    mode, without gradients. Afterwards each submodule has its former mode. Weights,
    gradients, device and PyTorch's random numbers stay as they were. The module is
    never copied, and a clone of the adapter shares it.

    Parameters
    ----------
    module : torch.nn.Module
        Trained module. It returns a tensor of shape (n_rows, n_classes), or one column
        for two classes. It may also return a mapping that holds this tensor as
        "logits", as language models do.
    output : {"auto", "logits", "log_proba", "proba", "numbers"}, default="auto"
        Meaning of the outputs. "auto" decides once, on the rows given to `fit`: rows
        between 0 and 1 that add up to 1 are probabilities, one column between 0 and 1
        is the probability of the second class, and outputs beyond 0 and 1 are logits.
        The softmax of log-probabilities is the probabilities, so they count as logits.
        As the teacher of a regressor, "auto" stands for "numbers".
    classes : array-like of shape (n_classes,), default=None
        Label of each output. None stands for the labels of y in sorted order, or for
        0, 1, ... without y.
    prepare : callable, default=None
        Function that makes the module's input of a batch of rows, which it gets as
        they were given: an array, a tensor, a tuple of several inputs, or a dict of
        inputs by name. Arrays of integers stay integers, for embeddings. None makes an
        array of float32.
    batch_size : int, default=None
        Number of rows that the module gets at once. None takes as many as have 16 MiB
        of input and output.
    device : str or torch.device, default=None
        Device that the input is sent to. None is the device of the module.

    Attributes
    ----------
    output_ : {"logits", "log_proba", "proba", "numbers"}
        Meaning of the outputs, once it is decided.
    classes_ : ndarray of shape (n_classes,)
        Labels of the outputs. It is absent if they are not known.

    See Also
    --------
    KerasTeacher : A Keras model.
    OnnxTeacher : A file that PyTorch or another library exported.

    Examples
    --------
    >>> import numpy as np, torch  # doctest: +SKIP
    >>> from skdistill.teachers import TorchTeacher
    >>> module = torch.nn.Linear(2, 3)  # doctest: +SKIP
    >>> teacher = TorchTeacher(module, output="logits")  # doctest: +SKIP
    >>> teacher  # doctest: +SKIP
    TorchTeacher(<Linear>, output='logits')
    >>> teacher.predict_proba(np.zeros((4, 2))).shape  # doctest: +SKIP
    (4, 3)
    """

    _model_parameter = "module"
    _needed = "a trained torch.nn.Module"
    _kinds: ClassVar = {("torch", "Module")}

    def __init__(
        self,
        module: Any,
        output: str = "auto",
        classes: Any = None,
        prepare: Callable | None = None,
        batch_size: int | None = None,
        device: Any = None,
    ) -> None:
        self.module = module
        self.output = output
        self.classes = classes
        self.prepare = prepare
        self.batch_size = batch_size
        self.device = device

    def check_parameters(self) -> None:
        """Raise if a parameter is wrong, as far as that is known without a question."""
        super().check_parameters()
        if self.device is None:
            return
        import torch

        try:
            torch.device(self.device)
        except (RuntimeError, TypeError) as error:
            raise ValueError(
                f"device={self.device!r:.50} of TorchTeacher is no device of PyTorch: "
                'give "cpu", "cuda", "cuda:0", another of its devices, or None'
            ) from error

    def _sign_of_classes(self):
        module = self.module
        while ("torch", "Sequential") in kinds_of(module) and len(module):
            module = module[-1]
        return super()._sign_of_classes() or sign_of(module)

    @property
    def hidden_layers(self) -> list[str]:
        """Names of the submodules, as `named_modules` has them."""
        return [name for name, _ in self.module.named_modules() if name]

    def _hidden(self, X, layer):

        submodules = dict(self.module.named_modules())
        if ("torch", "ScriptModule") in kinds_of(self.module):
            return None
        seen: list = []
        thread = get_ident()

        def see(value):
            # Other threads may ask the same module at this time.
            if get_ident() == thread:
                seen.append(value)

        if layer is not None:
            hooks = [
                submodules[layer].register_forward_hook(
                    lambda module, given, made: see(made)
                )
            ]
        else:
            hooks = [
                part.register_forward_pre_hook(
                    lambda part, given, named: see((*given, *named.values())),
                    with_kwargs=True,
                )
                for part in submodules.values()
                if any(weight.ndim > 1 for weight in part.parameters(recurse=False))
            ]
        n_least = 1 if layer is not None else 2

        def ask(inputs, n_rows):
            seen.clear()
            self._checked_answer(inputs, n_rows)
            if len(seen) < n_least:
                return np.empty((n_rows, 0), dtype=np.float32)
            last = seen[-1][0] if isinstance(seen[-1], tuple) else seen[-1]
            return to_array(last).reshape(n_rows, -1).astype(np.float32)

        try:
            found = self._in_batches(X, ask)
        finally:
            for hook in hooks:
                hook.remove()
        return found if found.shape[1] else None

    def _ask(self, inputs):
        device, kind = self._device_and_type()
        given = to_tensors(inputs, device, kind)
        with undisturbed(self.module):
            if isinstance(given, dict):
                made = self.module(**given)
            elif isinstance(given, tuple):
                made = self.module(*given)
            else:
                made = self.module(given)
        if isinstance(made, Mapping) and "logits" in made:
            made = made["logits"]
        if not hasattr(made, "detach"):
            raise ValueError(
                f"{self._called} returned a {type(made).__name__}, and one tensor is "
                "needed: give a module that returns its logits alone"
            )
        return to_array(made)

    def _advice_on_form(self, inputs):
        names = {type(part).__name__ for part in self.module.modules()}
        reads_integers = self.prepare is None and any("Embedding" in n for n in names)
        if not reads_integers:
            return super()._advice_on_form(inputs)
        return (
            "It gets float32 unless it is said otherwise, and an embedding reads "
            f'integers: give {self._call}prepare=lambda X: X.astype("int64"))'
        )

    def _device_and_type(self):
        """Return where the module's input has to be, and its type of numbers."""
        import torch

        tensors = [*self.module.parameters(), *self.module.buffers()]
        if any(map(torch.nn.parameter.is_lazy, tensors)):
            raise ValueError(
                f"{self._called} has lazy weights, which its first input makes, so it "
                "is not trained: train it first, or load its weights"
            )
        places = sorted({str(tensor.device) for tensor in tensors})
        # The first layer gets the input. Buffers often have a wider type.
        kinds = [t.dtype for t in tensors if t.is_floating_point()]
        kind = kinds[0] if kinds else torch.float32
        asked = None if self.device is None else torch.device(self.device)
        if "meta" in places:
            raise ValueError(
                f"{self._called} has weights without values, on the device meta: load "
                "its weights first"
            )
        if len(places) > 1 and asked is None:
            raise ValueError(
                f"{self._called} is on several devices, {', '.join(places)}: give "
                f"{self._call}device=...), where its input goes, or move it to one"
            )
        if (
            asked is not None
            and places
            and not any(_is_at(asked, torch.device(place)) for place in places)
        ):
            raise ValueError(
                f"{self._called} is on the device {', '.join(places)}, and "
                f"device={str(self.device)!r}: move it there, "
                f"module.to({str(self.device)!r}), or leave device out"
            )
        return asked or torch.device(places[0] if places else "cpu"), kind

    def _why_not_pickled(self):
        kinds = [kind.__name__ for kind in type(self.module).__mro__]
        if "ScriptModule" in kinds or "OptimizedModule" in kinds:
            return (
                f"its module is a {self.model_name}, which PyTorch compiled. Give the "
                "module that it was made of, or an OnnxTeacher of an exported file"
            )
        return super()._why_not_pickled()


def _is_at(asked, place):
    """Tell whether a device is the one that was asked for."""
    return asked.type == place.type and asked.index in (None, place.index)


def to_tensors(inputs: Any, device: Any, kind: Any) -> Any:
    """Return inputs as tensors on a device.

    Parameters
    ----------
    inputs : array-like, tensor, tuple or mapping of these
        Input of a module.
    device : torch.device
    kind : torch.dtype
        Type of the real numbers among them. A tensor keeps its own.

    Returns
    -------
    tensors : tensor, tuple or dict of these
    """
    import torch

    if isinstance(inputs, Mapping):
        return {name: to_tensors(part, device, kind) for name, part in inputs.items()}
    if isinstance(inputs, tuple):
        return tuple(to_tensors(part, device, kind) for part in inputs)
    if isinstance(inputs, torch.Tensor):
        return inputs.to(device)
    array = np.asarray(inputs)
    if array.dtype.kind in "iu":
        array = array.astype(np.int64)
    if not array.flags.writeable or not array.flags.c_contiguous:
        array = array.copy(order="C")
    tensor = torch.from_numpy(array)
    return tensor.to(device=device, dtype=kind if array.dtype.kind == "f" else None)


def to_array(tensor: Any) -> np.ndarray:
    """Return a tensor as an array, with float32 for all shorter real numbers.

    Parameters
    ----------
    tensor : torch.Tensor

    Returns
    -------
    array : ndarray
    """
    tensor = tensor.detach().cpu()
    if tensor.is_floating_point() and tensor.element_size() < 4:
        tensor = tensor.float()
    return tensor.numpy()


@contextmanager
def undisturbed(module: Any) -> Iterator[None]:
    """Return a context in which a module answers and stays as it is.

    Each submodule is in inference mode. There are no gradients, and no numbers of fewer
    digits if autocast is on around the question. PyTorch's random numbers go on
    afterwards as if nothing had been drawn.

    Parameters
    ----------
    module : torch.nn.Module
    """
    import torch

    # `inference_mode` would forbid gradients of tensors that a module keeps for later.
    places = {weight.device for weight in module.parameters()}
    cards = sorted(place.index for place in places if place.type == "cuda")
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=cards))
        stack.enter_context(torch.no_grad())
        for kind in sorted({"cpu"} | {place.type for place in places} - {"meta"}):
            stack.enter_context(torch.autocast(kind, enabled=False))
        stack.enter_context(_inference_mode(module))
        yield


@contextmanager
def _inference_mode(module):
    """Return a context in which each submodule is in inference mode.

    The flags are set one by one: a `train` of its own may do more, and a submodule may
    be in another mode than the rest. While several threads ask, the last one to end
    restores them.
    """
    parts: Sequence = list(module.modules())
    with _LOCK:
        # A compiled module shares the flag of the one inside: read all, then set any.
        for part in parts:
            if not _ASKED[id(part)]:
                _FORMER[id(part)] = part.training
            _ASKED[id(part)] += 1
        for part in parts:
            if part.training:
                part.training = False
    try:
        yield
    finally:
        with _LOCK:
            for part in parts:
                _ASKED[id(part)] -= 1
                if not _ASKED[id(part)]:
                    del _ASKED[id(part)]
                    former = _FORMER.pop(id(part))
                    if part.training != former:
                        part.training = former
