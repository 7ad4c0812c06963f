"""The plan of a training: parameters as numbers, epochs and units."""

from typing import Any, NamedTuple

import numpy as np

# Fewest steps and fewest epochs with max_iter="auto". Few rows need fewer steps.
AUTO_STEPS = 3000
_FEW_STEPS = 1500
_FEW_ROWS = 2000
AUTO_EPOCHS = 10

# With batch_size="auto" an epoch has about so many steps, if the batch is within these
# limits.
_STEPS_AN_EPOCH = 16
_SMALLEST_BATCH, _LARGEST_BATCH = 32, 256


# Greatest number of steps of a convex training with max_iter="auto"; it needs fewer.
_CONVEX_STEPS = 1000

# Units of the hidden layers with hidden_layer_sizes="auto", if there are any.
AUTO_HIDDEN = (128, 64)


class TrainingPlan(NamedTuple):
    """Settings of a training.

    All fields but the last five are parameters of `DistilledClassifier`.

    Attributes
    ----------
    passes : int, default=1
        Number of times that an epoch takes each row. More than one joins epochs of few
        steps, which saves time.
    usual_iter : int, default=1
        Number of epochs with ``max_iter="auto"``. Early stopping makes half of them, or
        half of `max_iter`, before a score counts.
    convex_iter : int, default=1000
        Greatest number of steps of a convex training.
    convex_tol : float, default=1e-5
        Share of the first gradient's length at which a convex training ends.
    is_convex : bool, default=False
        Whether the training is convex: see `skdistill.training.convex_training`.
    """

    loss: str
    activation: str
    temperature: float
    learning_rate_init: float
    batch_size: int
    max_iter: int
    weight_decay: float
    synthetic_share: float
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    verbose: bool
    target_score: float | None = None
    passes: int = 1
    usual_iter: int = 1
    convex_iter: int = 1000
    convex_tol: float = 1e-5
    is_convex: bool = False

    @classmethod
    def make(
        cls,
        parameters: Any,
        n_real: int,
        synthetic_share: float,
        weight_decay: float,
        *,
        step_factor: int = 1,
    ) -> "TrainingPlan":
        """Return the plan that the parameters of an estimator ask for.

        Parameters
        ----------
        parameters : estimator
            Parameters of the fit. They are only read.
        n_real : int
            Number of rows that are not synthetic.
        synthetic_share : float
            Share of synthetic rows in an epoch.
        weight_decay : float
        step_factor : int, default=1
            Factor of the number of steps that "auto" makes.

        Returns
        -------
        plan : TrainingPlan
        """
        n_rows, batch_size = epoch_size(parameters, n_real, synthetic_share)
        few = n_real < _FEW_ROWS
        n_steps = step_factor * (_FEW_STEPS if few else AUTO_STEPS)
        usual = auto_epochs(n_rows, batch_size, n_steps)
        max_iter = usual if parameters.max_iter == "auto" else parameters.max_iter
        values = vars(parameters) | {
            "synthetic_share": float(synthetic_share),
            "weight_decay": float(weight_decay),
            "batch_size": int(batch_size),
            "max_iter": int(max_iter),
            "usual_iter": usual,
            "convex_iter": _CONVEX_STEPS
            if parameters.max_iter == "auto"
            else int(parameters.max_iter),
            # With a float of another type the kernels would be compiled once more.
            "temperature": float(getattr(parameters, "temperature", 1.0)),
            "learning_rate_init": float(parameters.learning_rate_init),
        }
        return cls(**{name: values[name] for name in cls._fields if name in values})

    def convex(self) -> "TrainingPlan":
        """Return the plan of a convex training, in which each epoch is a step."""
        return self._replace(max_iter=self.convex_iter, usual_iter=1, is_convex=True)


def epoch_size(parameters: Any, n_real: int, synthetic_share: float) -> tuple[int, int]:
    """Return the number of rows of an epoch, and of a batch.

    Parameters
    ----------
    parameters : estimator
        Parameters of the fit. They are only read.
    n_real : int
        Number of rows that are not synthetic.
    synthetic_share : float
        Share of synthetic rows in an epoch.

    Returns
    -------
    n_rows, batch_size : int
        Numbers of rows.
    """
    fraction = parameters.validation_fraction if parameters.early_stopping else 0.0
    n_rows = max(1, n_real - int(np.ceil(fraction * n_real)))
    n_rows = round(n_rows / (1 - synthetic_share))
    if parameters.batch_size == "auto":
        return n_rows, min(auto_batch(n_real), n_rows)
    return n_rows, parameters.batch_size


def auto_batch(n_real: int) -> int:
    """Return the number of rows of a step: a power of two from 32 to 256.

    Parameters
    ----------
    n_real : int
        Number of rows that are not synthetic.

    Returns
    -------
    batch_size : int
        The power of two nearest to a 16th of the rows.
    """
    power = 2 ** round(np.log2(max(n_real, 1) / _STEPS_AN_EPOCH))
    return int(np.clip(power, _SMALLEST_BATCH, _LARGEST_BATCH))


def auto_epochs(n_rows: int, batch_size: int, n_steps: int = AUTO_STEPS) -> int:
    """Return the number of epochs that make at least some steps: 10 or more.

    Parameters
    ----------
    n_rows : int
        Number of rows of an epoch.
    batch_size : int
        Number of rows of a step.
    n_steps : int, default=3000
        Least number of steps.

    Returns
    -------
    n_epochs : int
    """
    steps = -(-n_rows // min(batch_size, n_rows))
    return max(AUTO_EPOCHS, -(-n_steps // steps))


def middle_layer(n_layers: int) -> int:
    """Return the number of the middle one of some layers, counted from 1.

    Parameters
    ----------
    n_layers : int
        Number of layers.

    Returns
    -------
    number : int
        Number of the middle layer. Of an even number of layers, it is the lower of the
        two in the middle. It is 0 if there are no layers.
    """
    return (n_layers + 1) // 2


def decay_suits_steps(parameters: Any) -> bool:
    """Tell whether steps of the greatest learning rate can take a given decay.

    A convex training has no learning rate, and takes any decay.

    Parameters
    ----------
    parameters : estimator
        Parameters of the fit. They are only read.

    Returns
    -------
    bool
        False if a step would turn the signs of the weights.
    """
    decay = parameters.weight_decay
    return decay == "auto" or parameters.learning_rate_init * decay <= 1


def hidden_units(parameters: Any) -> list[int]:
    """Return the units of the hidden layers.

    Parameters
    ----------
    parameters : estimator
        Parameters of the fit. They are only read.

    Returns
    -------
    units : list of int
        Number of units of each layer. With "auto" they are those of tables.

    Raises
    ------
    ValueError
        If `hidden_layer_sizes` holds anything but integers of at least 1.
    """
    given = parameters.hidden_layer_sizes
    if isinstance(given, str) and given == "auto":
        return list(AUTO_HIDDEN)
    hidden = np.atleast_1d(given)
    if hidden.ndim > 1 or (
        hidden.size
        and (not np.issubdtype(hidden.dtype, np.integer) or hidden.min() < 1)
    ):
        raise ValueError(
            f"hidden_layer_sizes={given!r} is neither 'auto' nor a sequence of "
            "integers: give the number of units of each layer, at least 1"
        )
    return [int(size) for size in hidden]
