"""The results of the kernels, computed with textbook formulas in NumPy."""

from itertools import pairwise

import numpy as np

from skdistill.student.input_code import InputCode

RNG = np.random.default_rng


def softmax(z):
    exponentials = np.exp(z - z.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


ACTIVATIONS = {
    "relu": lambda z: np.where(z < 0, 0, z),
    "tanh": np.tanh,
    "logistic": logistic,
    "silu": lambda z: z * logistic(z),
}

DERIVATIVES = {
    "relu": lambda z: (z > 0).astype(z.dtype),
    "tanh": lambda z: 1.0 - np.tanh(z) ** 2,
    "logistic": lambda z: logistic(z) * (1.0 - logistic(z)),
    "silu": lambda z: logistic(z) * (1.0 + z * (1.0 - logistic(z))),
}


def forward(X, coefs, intercepts, activation):
    """Return the sums of all layers; the last are the logits."""
    sums = []
    values = X
    for weights, bias in zip(coefs, intercepts, strict=True):
        sums.append(values @ weights + bias)
        values = ACTIVATIONS[activation](sums[-1])
    return sums


def all_logits(sums):
    """Return one logit for each class. For two classes, the first is zero."""
    last = sums[-1]
    return np.hstack([np.zeros_like(last), last]) if last.shape[1] == 1 else last


def row_losses(logits, q, labels, soft_weight, hard_weight, temperature, loss):
    """Return the loss of each row. For logit_mse, `q` holds teacher logits."""
    log_p = np.log(softmax(logits))
    hard = -log_p[np.arange(len(labels)), labels]
    if loss == "kl":
        log_p_t = np.log(softmax(logits / temperature))
        divergence = np.where(q > 0, q * (np.log(np.maximum(q, 1e-300)) - log_p_t), 0)
        soft = temperature**2 * divergence.sum(axis=1)
    else:
        soft = 0.5 * ((logits - q) ** 2).sum(axis=1)
    return soft_weight * soft + hard_weight * hard


def logit_gradient(logits, q, labels, soft_weight, hard_weight, temperature, loss):
    """Return the gradient of the summed loss by the logits."""
    indicator = np.eye(logits.shape[1])[labels]
    hard = softmax(logits) - indicator
    if loss == "kl":
        soft = temperature * (softmax(logits / temperature) - q)
    else:
        soft = logits - q
    return soft_weight[:, None] * soft + hard_weight[:, None] * hard


def gradients(X, coefs, intercepts, activation, logit_slopes):
    """Return gradients of weights and biases by backpropagation."""
    sums = forward(X, coefs, intercepts, activation)
    delta = logit_slopes[:, -sums[-1].shape[1] :]
    weight_gradients, bias_gradients = [], []
    for layer in range(len(coefs) - 1, -1, -1):
        values = ACTIVATIONS[activation](sums[layer - 1]) if layer else X
        weight_gradients.insert(0, values.T @ delta)
        bias_gradients.insert(0, delta.sum(axis=0))
        if layer:
            delta = delta @ coefs[layer].T * DERIVATIVES[activation](sums[layer - 1])
    return weight_gradients, bias_gradients


def adamw(weights, gradient, first, second, step, rate, decay, beta_1, beta_2, epsilon):
    """Return weights and moments after a step of AdamW."""
    first = beta_1 * first + (1 - beta_1) * gradient
    second = beta_2 * second + (1 - beta_2) * gradient**2
    size = rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    weights = (1 - rate * decay) * weights - size * first / (np.sqrt(second) + epsilon)
    return weights, first, second


def random_network(units, seed=0, dtype=np.float64):
    """Return weights and biases of a network."""
    rng = RNG(seed)
    coefs = [
        (rng.normal(size=(a, b)) / np.sqrt(a)).astype(dtype) for a, b in pairwise(units)
    ]
    return coefs, [rng.normal(size=b).astype(dtype) * 0.3 for b in units[1:]]


def random_code(n_linear, bins, levels, seed=0):
    """Return an input code of features in random order. One is not used."""
    rng = RNG(seed)
    n_features = n_linear + len(bins) + len(levels) + 1
    features = rng.permutation(n_features)
    middle = rng.normal(size=n_linear).astype(np.float32)
    knots = [np.sort(rng.normal(size=n + 1)).astype(np.float32) for n in bins]
    return InputCode(
        n_features,
        linear=features[:n_linear],
        low=middle - 1,
        high=middle + 1,
        mean=middle + 0.25,
        scale=rng.uniform(0.5, 2, n_linear),
        knotted=features[n_linear : n_linear + len(bins)],
        knots=[places + np.arange(places.size) * 1e-3 for places in knots],
        categorical=features[n_linear + len(bins) : n_features - 1],
        levels=[[f"level {i}" for i in range(n)] for n in levels],
    )


def random_numbers(code, n, seed=1):
    """Return rows of the form of `InputCode.numbers`. Some are missing or on a knot."""
    rng = RNG(seed)
    numbers = 2 * rng.normal(size=(n, code.n_features)).astype(np.float32)
    numbers[rng.random(numbers.shape) < 0.1] = np.nan
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        on_knot = rng.random(n) < 0.2
        numbers[on_knot, feature] = rng.choice(knots, on_knot.sum())
    for feature, labels in zip(code.categorical, code.levels, strict=True):
        numbers[:, feature] = rng.integers(len(labels) + 2, size=n)
    return numbers


def labelled_table(code, numbers):
    """Return a table of objects. `InputCode.numbers` reads these numbers from it."""
    table = np.where(np.isnan(numbers), None, numbers.astype(float)).astype(object)
    for feature, labels in zip(code.categorical, code.levels, strict=True):
        texts = [*labels, "never seen", None]
        table[:, feature] = [texts[int(place)] for place in numbers[:, feature]]
    return table


def encoded_forward(code, numbers, coefs, intercepts, table, activation):
    """Return the logits. Each unit's curve over each feature is read by itself."""
    numbers = numbers.astype(np.float64)
    sums = np.tile(intercepts[0].astype(np.float64), (len(numbers), 1))
    for j, feature in enumerate(code.linear):
        value = np.clip(numbers[:, feature], code.low[j], code.high[j])
        value = np.nan_to_num((value - code.mean[j]) / code.scale[j], nan=0.0)
        sums += value[:, np.newaxis] * coefs[0][j]
    start = 0
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        values = numbers[:, feature]
        part = table[start : start + knots.size + 1].astype(np.float64)
        for unit in range(part.shape[1]):
            curve = np.interp(values, knots, part[:-1, unit])
            sums[:, unit] += np.where(np.isnan(values), part[-1, unit], curve)
        start += knots.size + 1
    for feature, labels in zip(code.categorical, code.levels, strict=True):
        sums += table[start + numbers[:, feature].astype(int)]
        start += len(labels) + 2
    if len(coefs) == 1:
        return sums
    first = ACTIVATIONS[activation](sums)
    return forward(first, coefs[1:], intercepts[1:], activation)[-1]
