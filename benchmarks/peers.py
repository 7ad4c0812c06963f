"""Training in other packages, each in its fastest form, and the check of what they do.

All train the network of a `Problem` with the same loss by the same Adam. The page of
the benchmark `training` says how each form was found.
"""

from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from sklearn import config_context
from sklearn.neural_network import MLPClassifier

RATE, TEMPERATURE, WEIGHT = 1e-3, 2.0, 0.7
BETA_1, BETA_2, EPSILON = 0.9, 0.95, 1e-8
# Share of a uniform distribution in the teacher's answers.
SMOOTHING = 1e-3

# Number of epochs in a call of scikit-learn's `fit`.
EPOCHS_A_FIT = 10
# Number of steps that PyTorch compiles as one graph.
STEPS_A_GRAPH = 4


class Problem(NamedTuple):
    """Rows, targets and first weights of a training.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features), float32
    y : ndarray of shape (n_rows,), int
    proba : ndarray of shape (n_rows, n_classes)
        Probabilities of a linear teacher.
    weights : list of ndarray, float32
        Weights and biases of the first layer, then those of the next. Two classes
        have one output.
    batch_size : int
    """

    X: np.ndarray
    y: np.ndarray
    proba: np.ndarray
    weights: list
    batch_size: int

    @property
    def soft_targets(self):
        """Teacher's smoothed probabilities at the temperature."""
        n_classes = self.proba.shape[1]
        logits = np.log((1 - SMOOTHING) * self.proba + SMOOTHING / n_classes)
        powers = np.exp(logits / TEMPERATURE)
        return powers / powers.sum(axis=1, keepdims=True)

    def entropy(self, rows):
        """Return the mean entropy of soft targets, in units of the soft term."""
        targets = self.soft_targets[rows]
        return -(TEMPERATURE**2) * (targets * np.log(targets)).sum(axis=1).mean()

    @property
    def folded_targets(self):
        """Factors of the logits in the loss, soft and hard targets in one array."""
        n_classes = self.proba.shape[1]
        hard = np.eye(n_classes)[self.y]
        folded = WEIGHT * TEMPERATURE * self.soft_targets + (1 - WEIGHT) * hard
        return np.ascontiguousarray(folded[:, n_classes == 2 :], dtype=np.float32)


def make_problem(shape, seed=0):
    """Return a random problem of a shape, as `benchmarks.training` lists them."""
    n_rows, n_features, n_classes, hidden, batch_size = shape
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, n_features)).astype(np.float32)
    logits = X @ rng.standard_normal((n_features, n_classes)) * 3 / n_features**0.5
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba /= proba.sum(axis=1, keepdims=True)
    y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    weights = []
    for a, b in pairwise([n_features, *hidden, 1 if n_classes == 2 else n_classes]):
        scale = (2 / a) ** 0.5
        weights.append((scale * rng.standard_normal((a, b))).astype(np.float32))
        weights.append((0.1 * rng.standard_normal(b)).astype(np.float32))
    return Problem(X, y, proba, weights, batch_size)


def loss_and_gradient(problem, weights, rows, soft_share=WEIGHT):
    """Return the mean loss of rows and its gradient, in double precision.

    The formulas are those of the guide, term by term. The soft term is the cross
    entropy at the temperature, times the square of the temperature.
    """
    layers = [np.asarray(part, dtype=np.float64) for part in weights]
    values = [problem.X[rows].astype(np.float64)]
    for coefs, biases in zip(layers[:-2:2], layers[1:-2:2], strict=True):
        values.append(np.maximum(values[-1] @ coefs + biases, 0))
    logits = values[-1] @ layers[-2] + layers[-1]
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    soft_target = problem.soft_targets[rows]
    hard_target = np.eye(logits.shape[1])[problem.y[rows]]
    soft, hard = _log_softmax(logits / TEMPERATURE), _log_softmax(logits)
    losses = -soft_share * TEMPERATURE**2 * (soft_target * soft).sum(axis=1)
    losses -= (1 - soft_share) * (hard_target * hard).sum(axis=1)
    slopes = soft_share * TEMPERATURE * (np.exp(soft) - soft_target)
    slopes += (1 - soft_share) * (np.exp(hard) - hard_target)
    slopes = slopes[:, -layers[-1].size :] / len(rows)
    gradient = []
    for coefs, inputs in zip(layers[-2::-2], values[::-1], strict=True):
        gradient[:0] = [inputs.T @ slopes, slopes.sum(axis=0)]
        slopes = (slopes @ coefs.T) * (inputs > 0)
    return losses.mean(), gradient


def trained(problem, order):
    """Return the mean loss over the batches of an order, and the first moments."""
    weights = [part.astype(np.float64) for part in problem.weights]
    first = [np.zeros_like(part) for part in weights]
    second = [np.zeros_like(part) for part in weights]
    losses = []
    for t, rows in enumerate(order.reshape(-1, problem.batch_size), 1):
        loss, gradient = loss_and_gradient(problem, weights, rows)
        losses.append(loss)
        size = RATE * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        for part, m, v, slope in zip(weights, first, second, gradient, strict=True):
            m += (1 - BETA_1) * (slope - m)
            v += (1 - BETA_2) * (slope**2 - v)
            part -= size * m / (np.sqrt(v) + EPSILON)
    return np.mean(losses), first


def check(name, peer, problem, divergence=False):
    """Raise an error if the first steps of a peer are not those of double precision.

    A peer trains from the problem's first weights, one step if it can. After one step,
    the first moment of Adam is a tenth of the gradient, so this compares loss and
    gradient. Later steps enlarge the errors of rounding.

    Parameters
    ----------
    name : str
    peer : object with `train` and `first_moments`
        Peer that has not trained yet. `train` may change the order in place.
    problem : Problem
    divergence : bool, default=False
        Whether the peer's soft term is a divergence. It is less than the cross entropy,
        by the entropy of the targets.
    """
    batch = problem.batch_size
    steps = getattr(peer, "together", 1)
    tolerance = 1e-4 if steps == 1 else 1e-3
    order = np.random.default_rng(0).permutation(len(problem.X)).astype(np.int32)
    order = order[: steps * batch]
    loss = np.mean([float(value) for value in peer.train(order)])
    wanted, moments = trained(problem, order)
    if divergence:
        wanted -= WEIGHT * problem.entropy(order)
    _compare(f"the loss of {name}", loss, wanted, tolerance)
    for place, (found, moment) in enumerate(
        zip(peer.first_moments(), moments, strict=True)
    ):
        kind, layer = ("weights", "biases")[place % 2], place // 2
        what = f"the gradient of {name} by {kind} {layer}"
        _compare(what, found, moment, tolerance)


def check_scikit_learn(problem):
    """Raise an error if loss and gradient of MLPClassifier are not those of the labels.

    A step of gradient descent with a rate of 1 changes the weights by the gradient.
    """
    rows = np.arange(min(problem.batch_size, len(problem.X)))
    hidden = [bias.size for bias in problem.weights[1:-2:2]]
    network = MLPClassifier(
        hidden, solver="sgd", learning_rate_init=1.0, momentum=0.0, alpha=0.0
    )
    network.set_params(batch_size=len(rows), random_state=0)
    X, y = problem.X[rows], problem.y[rows]
    network.partial_fit(X, y, classes=np.arange(problem.proba.shape[1]))
    network.coefs_ = [part.copy() for part in problem.weights[::2]]
    network.intercepts_ = [part.copy() for part in problem.weights[1::2]]
    network.partial_fit(X, y)
    wanted, gradient = loss_and_gradient(problem, problem.weights, rows, soft_share=0)
    _compare("the loss of scikit-learn", network.loss_, wanted)
    for layer, after in enumerate(network.coefs_):
        found = problem.weights[2 * layer] - after
        name = f"the gradient of scikit-learn by weights {layer}"
        _compare(name, found, gradient[2 * layer])


class Jax:
    """JAX: an epoch is one compiled scan over the batches of an order.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem):
        import jax
        import jax.numpy as jnp

        two_classes = problem.proba.shape[1] == 2
        self._batch = problem.batch_size
        self.steps = len(problem.X) // self._batch
        self._data = tuple(map(jnp.asarray, (problem.X, problem.folded_targets)))
        zeros = [[jnp.zeros(part.shape) for part in problem.weights] for _ in range(2)]
        self._state = ([jnp.array(part) for part in problem.weights], *zeros, 0.0)

        def loss(weights, values, targets):
            for coefs, biases in zip(weights[:-2:2], weights[1:-2:2], strict=True):
                values = jax.nn.relu(values @ coefs + biases)
            if two_classes:
                logits = values @ weights[-2][:, 0] + weights[-1][0]
                soft, hard = map(jax.nn.softplus, (logits / TEMPERATURE, logits))
                return _folded_loss(soft, hard, (targets[:, 0] * logits).sum())
            logits = values @ weights[-2] + weights[-1]
            soft = jax.nn.logsumexp(logits / TEMPERATURE, axis=1)
            hard = jax.nn.logsumexp(logits, axis=1)
            return _folded_loss(soft, hard, (targets * logits).sum())

        def step(data, state, rows):
            weights, first, second, t = state
            # Otherwise every index is compared with the number of rows.
            batch = (part.at[rows].get(mode="promise_in_bounds") for part in data)
            value, gradient = jax.value_and_grad(loss)(weights, *batch)
            t += 1
            mapped = jax.tree_util.tree_map
            first = mapped(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradient)
            second = mapped(
                lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradient
            )
            size = RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
            weights = mapped(
                lambda p, m, v: p - size * m / (jnp.sqrt(v) + EPSILON),
                weights,
                first,
                second,
            )
            return (weights, first, second, t), value

        def epoch(state, data, batches):
            return jax.lax.scan(
                lambda state, rows: step(data, state, rows), state, batches, unroll=2
            )

        self._epoch = jax.jit(epoch, donate_argnums=0)

    def train(self, order):
        """Train on whole batches of an order, and return their mean losses."""
        batches = _groups(order, self._batch)
        self._state, losses = self._epoch(self._state, self._data, batches)
        return np.asarray(losses)

    def first_moments(self):
        """Return the first moments of weights and biases."""
        return [np.asarray(part) for part in self._state[1]]


class Torch:
    """PyTorch: backpropagation by hand, in buffers that all steps use again.

    Weights, gradient and moments are one array each, and PyTorch's fused kernel of Adam
    takes them.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem):
        import torch

        torch.set_num_threads(1)
        self._torch = torch
        self._batch = problem.batch_size
        self.steps = len(problem.X) // self._batch
        self._data = tuple(map(torch.from_numpy, (problem.X, problem.folded_targets)))
        sizes = [part.size for part in problem.weights]
        self._flat = [torch.zeros(sum(sizes)) for _ in range(4)]
        shapes = [part.shape for part in problem.weights]
        views = [
            [p.view(s) for p, s in zip(flat.split(sizes), shapes, strict=True)]
            for flat in self._flat
        ]
        self._weights, self._gradient, self._first, _ = views
        for part, values in zip(self._weights, problem.weights, strict=True):
            part.copy_(torch.from_numpy(values))
        self._transposed = [coefs.t() for coefs in self._weights[::2]]
        self._t = torch.zeros(())
        widths = [part.shape[1] for part in problem.weights[::2]]
        self._inputs = tuple(
            torch.empty(self._batch, part.shape[1]) for part in self._data
        )
        self._sums = [torch.empty(self._batch, width) for width in widths]

    def train(self, order):
        """Train on whole batches of an order, and return their mean losses."""
        torch = self._torch
        batches = torch.from_numpy(_groups(order, self._batch))
        with torch.inference_mode(), _without_denormals(torch):
            return [self._step(rows) for rows in batches]

    def _step(self, rows):
        torch, sums, weights = self._torch, self._sums, self._weights
        values, targets = self._inputs
        for source, target in zip(self._data, self._inputs, strict=True):
            torch.index_select(source, 0, rows, out=target)
        inputs = [values]
        for layer, out in enumerate(sums):
            coefs, biases = weights[2 * layer : 2 * layer + 2]
            inputs.append(torch.addmm(biases, inputs[-1], coefs, out=out))
            if out is not sums[-1]:
                out.relu_()
        loss, slopes = self._loss_and_slopes(sums[-1], targets)
        for layer in range(len(sums) - 1, -1, -1):
            coefs, biases = self._gradient[2 * layer : 2 * layer + 2]
            torch.mm(inputs[layer].t(), slopes, out=coefs)
            torch.sum(slopes, 0, out=biases)
            if layer:
                slopes = torch.mm(slopes, self._transposed[layer])
                slopes = torch.ops.aten.threshold_backward(slopes, inputs[layer], 0)
        self._t.add_(1)
        torch._fused_adam_(
            *([flat] for flat in self._flat),
            [],
            [self._t],
            lr=RATE,
            beta1=BETA_1,
            beta2=BETA_2,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )
        return loss

    def _loss_and_slopes(self, logits, targets):
        torch, n = self._torch, self._batch
        product = torch.dot(targets.view(-1), logits.view(-1))
        softened = logits / TEMPERATURE
        if logits.shape[1] == 1:
            soft, hard = map(torch.nn.functional.softplus, (softened, logits))
            slopes = torch.sigmoid(softened).mul_(WEIGHT * TEMPERATURE / n)
            slopes.add_(torch.sigmoid(logits), alpha=(1 - WEIGHT) / n)
        else:
            soft = torch.logsumexp(softened, 1, keepdim=True)
            hard = torch.logsumexp(logits, 1, keepdim=True)
            slopes = (softened - soft).exp_().mul_(WEIGHT * TEMPERATURE / n)
            slopes.add_((logits - hard).exp_(), alpha=(1 - WEIGHT) / n)
        return _folded_loss(soft, hard, product), slopes.sub_(targets, alpha=1 / n)

    def first_moments(self):
        """Return the first moments of weights and biases."""
        return [part.numpy() for part in self._first]


class TorchCompiled:
    """PyTorch: some whole steps, backpropagation and Adam included, as one graph.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem):
        import torch

        torch.set_num_threads(1)
        # Otherwise earlier shapes decide whether this one is compiled for any size.
        torch._dynamo.reset()
        self._torch = torch
        self._batch = problem.batch_size
        steps = len(problem.X) // self._batch
        self.together = min(STEPS_A_GRAPH, steps)
        self.steps = steps // self.together * self.together
        self._data = tuple(map(torch.from_numpy, (problem.X, problem.folded_targets)))
        weights = [torch.tensor(part) for part in problem.weights]
        moments = [[torch.zeros_like(part) for part in weights] for _ in range(2)]
        self._state = (weights, *moments, torch.zeros(()))
        self._compiled = torch.compile(self._graph, dynamic=False, fullgraph=True)

    def train(self, order):
        """Train on batches of an order, and return the mean losses of the graphs."""
        torch = self._torch
        groups = _groups(order, self.together * self._batch)
        with torch.no_grad(), _without_denormals(torch):
            return [
                self._compiled(self._state, self._data, rows)
                for rows in torch.from_numpy(groups)
            ]

    def _graph(self, state, data, rows):
        losses = [
            self._step(state, *(part[batch] for part in data))
            for batch in rows.split(self._batch)
        ]
        return sum(losses) / len(losses)

    def _step(self, state, values, targets):
        torch, n = self._torch, self._batch
        weights, first, second, t = state
        inputs = [values]
        for coefs, biases in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            inputs.append(torch.relu(torch.addmm(biases, inputs[-1], coefs)))
        logits = torch.addmm(weights[-1], inputs[-1], weights[-2])
        softened = logits / TEMPERATURE
        if logits.shape[1] == 1:
            soft, hard = map(torch.nn.functional.softplus, (softened, logits))
            soft_slopes, hard_slopes = map(torch.sigmoid, (softened, logits))
        else:
            soft, hard = (torch.logsumexp(z, 1, True) for z in (softened, logits))
            soft_slopes, hard_slopes = (softened - soft).exp(), (logits - hard).exp()
        slopes = WEIGHT * TEMPERATURE * soft_slopes + (1 - WEIGHT) * hard_slopes
        slopes = (slopes - targets) / n
        gradient = []
        for coefs, before in zip(weights[-2::-2], inputs[::-1], strict=True):
            gradient[:0] = [before.t() @ slopes, slopes.sum(0)]
            if before is not values:
                slopes = torch.where(before > 0, slopes @ coefs.t(), 0.0)
        t.add_(1)
        size = RATE * torch.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        for part, m, v, slope in zip(weights, first, second, gradient, strict=True):
            m.copy_(BETA_1 * m + (1 - BETA_1) * slope)
            v.copy_(BETA_2 * v + (1 - BETA_2) * slope * slope)
            part.sub_(size * m / (torch.sqrt(v) + EPSILON))
        return _folded_loss(soft, hard, (targets * logits).sum())

    def first_moments(self):
        """Return the first moments of weights and biases."""
        return [part.numpy() for part in self._state[1]]


def scikit_learn_epochs(X, y, hidden, batch_size):
    """Return a function that trains `EPOCHS_A_FIT` epochs with MLPClassifier.

    A call of `fit` checks and codes its rows once for all epochs. `partial_fit` does it
    in every epoch.
    """
    network = MLPClassifier(
        hidden, batch_size=batch_size, alpha=0.0, beta_2=BETA_2, max_iter=EPOCHS_A_FIT
    )
    network.set_params(tol=0.0, n_iter_no_change=EPOCHS_A_FIT + 1)

    def run():
        with config_context(assume_finite=True, skip_parameter_validation=True):
            network.fit(X, y)

    return run


def installed_peers():
    """Return the class of each peer whose package is installed, by its name."""
    peers = {}
    if find_spec("jax"):
        peers["JAX"] = Jax
    else:
        print("JAX is not installed: left out")
    if find_spec("torch"):
        peers |= {"torch": Torch, "torch compiled": TorchCompiled}
    else:
        print("PyTorch is not installed: left out")
    return peers


@contextmanager
def _without_denormals(torch):
    """Take numbers close to zero for zero, as XLA and our kernels do."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _groups(order, size):
    """Return the rows of whole groups of an order, a group a line."""
    return order[: len(order) // size * size].reshape(-1, size)


def _folded_loss(soft, hard, product):
    """Return the mean loss, of normalizers of rows and the sum of targets by logits."""
    normalizers = WEIGHT * TEMPERATURE**2 * soft + (1 - WEIGHT) * hard
    return (normalizers.sum() - product) / len(soft)


def _log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _compare(name, found, wanted, tolerance=1e-4):
    """Raise an error if single precision does not explain a difference."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    difference = np.abs(found - wanted).max() / np.abs(wanted).max()
    if not difference < tolerance:
        raise AssertionError(
            f"{name} differs by {difference:.1e} of its greatest value"
        )
