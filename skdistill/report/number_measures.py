"""Figures of regressors on the same rows, for any weights of the rows."""

import numpy as np

from skdistill.report.figures import TEACHER, FigureKey, Segments, mean, ratio

# Key of a variance in `RowMeans`.
_VARIANCE = "variance"

# A figure below this share of the sums that it is made of may be rounding.
_ROUNDING = 1e-9

# A variance below this, in deviations of y on all rows, is rounding.
_NO_VARIANCE = 1e-20


class NumberMeasures:
    """All figures of some regressors on the same rows.

    Errors are measured in deviations of y: in its standard deviations on these rows.
    Means of them over the targets leave constant targets out. RMSE and MAE are in the
    units of y.

    Parameters
    ----------
    truth : ndarray of shape (n_samples, n_targets)
        True numbers.
    answers : dict of str to ndarray of shape (n_samples, n_targets)
        Numbers of each model. The others are compared with the "teacher".
    groups : ndarray of shape (n_samples,), int, or None
        Number of each row's group, from 0.
    weights : ndarray of shape (n_samples,)
        Weights of the rows, which set the deviations of y.
    """

    def __init__(self, truth, answers, groups, weights):
        self._scale = deviations(truth, weights)
        self._varying = varying(truth, weights)
        center = np.average(truth, axis=0, weights=weights)
        teacher = answers[TEACHER]
        self._means = RowMeans()
        self._means.add_moments("y", (truth - center) / self._scale)
        middle = np.average(teacher, axis=0, weights=weights)
        self._means.add_moments("answers", (teacher - middle) / self._scale)
        self._models = list(answers)
        self._groups = GroupMeans(groups)
        for model, numbers in answers.items():
            errors = (numbers - truth) / self._scale
            self._means.add(("error", model), np.abs(errors))
            self._means.add(("squared", model), errors**2)
            self._groups.add("mae", model, np.abs(numbers - truth).mean(axis=1))
            squared = self._varying_alone(errors**2).mean(axis=1)
            self._groups.add_log("log_mse", model, squared)
            if model != TEACHER:
                add_fidelity(self._means, model, (numbers - teacher) / self._scale)

    def __call__(self, weights):
        """Return all figures.

        Parameters
        ----------
        weights : ndarray of shape (n_draws, n_samples)
            Weights of the rows in each draw.

        Returns
        -------
        figures : dict of FigureKey to ndarray of shape (n_draws,)
            Figures of the draws. NaN if the weights leave nothing to measure.
        """
        means = self._means.of(weights)
        variance = means["y", _VARIANCE]
        figures = self._groups.figures(weights)
        for model in self._models:
            squared = means["squared", model]
            of_targets = {
                "r2": explained(squared, variance),
                "rmse": np.sqrt(squared) * self._scale,
                "mae": means["error", model] * self._scale,
            }
            for name, values in of_targets.items():
                figures[FigureKey(name, model)] = mean(values)
                figures |= {
                    FigureKey(name, model, column=column): value
                    for column, value in enumerate(values.T)
                }
            figures[FigureKey("log_mse", model)] = logarithm(
                self._varying_alone(squared).mean(axis=1)
            )
            if model != TEACHER:
                figures |= fidelity(means, model)
                distances = self._varying_alone(means["difference", model])
                figures[FigureKey("mean_difference", model)] = mean(distances)
        return figures

    def _varying_alone(self, values):
        """Return the columns of targets that vary. A constant has no deviation.

        If there are none, return all columns.
        """
        return values[:, self._varying] if self._varying.any() else values


class RowMeans:
    """Means of columns over the rows, for any weights.

    All columns are multiplied by the weights at once.
    """

    def __init__(self):
        self._columns = {}
        self._moments = []
        self._values = None

    def add(self, key, values):
        """Add columns.

        Parameters
        ----------
        key : object
            Key of the means.
        values : ndarray of shape (n_samples, n_columns)
        """
        self._columns[key] = values.astype(np.float64)

    def add_moments(self, key, values):
        """Add columns whose variances are wanted too.

        Parameters
        ----------
        key : str
        values : ndarray of shape (n_samples, n_columns)
            Values near zero.
        """
        self._moments.append(key)
        self.add((key, 1), values)
        self.add((key, 2), values**2)

    def of(self, weights):
        """Return the means of all columns.

        Parameters
        ----------
        weights : ndarray of shape (n_draws, n_samples)

        Returns
        -------
        means : dict of ndarray of shape (n_draws, n_columns)
            Means by their keys. The variances of `add_moments` have the keys
            ``(key, _VARIANCE)``.
        """
        if self._values is None:
            self._values = np.column_stack(list(self._columns.values()))
        means = ratio(weights @ self._values, weights.sum(axis=1, keepdims=True))
        ends = np.cumsum([part.shape[1] for part in self._columns.values()])[:-1]
        found = dict(zip(self._columns, np.split(means, ends, axis=1), strict=True))
        for key in self._moments:
            first, second = found[key, 1], found[key, 2]
            variances = second - first**2
            is_doubtful = ~(variances > _ROUNDING * second)
            values = self._columns[key, 1]
            found[key, _VARIANCE] = _zero_if_constant(
                variances, is_doubtful, values, weights
            )
        return found


class GroupMeans:
    """Means of a value of the rows over each group, and over all rows outside it.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,), int, or None
        Number of each row's group. None for no groups, and no figures.
    """

    def __init__(self, groups):
        self._segments = None if groups is None else Segments(groups, groups.max() + 1)
        self._values = {}

    def add(self, measure, model, values):
        """Add the values of a measure, of shape (n_samples,), of a model."""
        self._values[measure, model] = values, lambda means: means

    def add_log(self, measure, model, values):
        """Add values of shape (n_samples,), the logarithm of whose mean counts."""
        self._values[measure, model] = values, logarithm

    def figures(self, weights):
        """Return the figures of each group.

        Parameters
        ----------
        weights : ndarray of shape (n_draws, n_samples)

        Returns
        -------
        figures : dict of FigureKey to ndarray of shape (n_draws,)
            Figures of each measure, and of the measure with the suffix "_of_others".
        """
        figures = {}
        if self._segments is None:
            return figures
        in_group = self._segments.sums(weights)
        outside = weights.sum(axis=1, keepdims=True) - in_group
        for (measure, model), (values, finish) in self._values.items():
            sums = self._segments.sums(weights * values)
            sums_outside = sums.sum(axis=1, keepdims=True) - sums
            found = {
                measure: finish(ratio(sums, in_group)),
                f"{measure}_of_others": finish(ratio(sums_outside, outside)),
            }
            figures |= {
                FigureKey(name, model, group=group): figure
                for name, of_groups in found.items()
                for group, figure in enumerate(of_groups.T)
            }
        return figures


def deviations(numbers, weights):
    """Return the standard deviation of each column, 1 for a constant column.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples, n_columns)
    weights : ndarray of shape (n_samples,)

    Returns
    -------
    scale : ndarray of shape (n_columns,)
    """
    # The average of equal numbers is rounded, and squares may leave double precision.
    is_varying = varying(numbers, weights)
    unit = np.where(is_varying, np.ptp(numbers[weights > 0], axis=0), 1.0)
    center = np.average(numbers, axis=0, weights=weights)
    squares = ((numbers - center) / unit) ** 2
    scale = unit * np.sqrt(np.average(squares, axis=0, weights=weights))
    return np.where(is_varying, scale, 1.0)


def varying(numbers, weights):
    """Tell which columns hold more than one number in rows that count.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples, n_columns)
    weights : ndarray of shape (n_samples,)

    Returns
    -------
    is_varying : ndarray of shape (n_columns,), bool
    """
    return np.ptp(numbers[weights > 0], axis=0) > 0.0


def _zero_if_constant(figures, is_doubtful, values, weights):
    """Return figures of draws, and zero for draws of one value.

    Rounding makes a tiny figure of such a draw, by which others would be divided.

    Parameters
    ----------
    figures : ndarray of shape (n_draws, n_columns)
    is_doubtful : ndarray of shape (n_draws, n_columns), bool
        Whether a figure is so small that it may be rounding.
    values : ndarray of shape (n_samples, n_columns)
        Values of each column.
    weights : ndarray of shape (n_draws, n_samples)

    Returns
    -------
    figures : ndarray of shape (n_draws, n_columns)
    """
    figures = figures.copy()
    for draw, column in np.argwhere(is_doubtful):
        counted = values[weights[draw] > 0, column]
        if (counted == counted[:1]).all():
            figures[draw, column] = 0.0
    return figures


def explained(errors, whole):
    """Return the share of a whole that is explained: 1 less the errors by the whole.

    Parameters
    ----------
    errors, whole : ndarray of shape (n_draws, n_columns)

    Returns
    -------
    shares : ndarray of shape (n_draws, n_columns)
        Shares, NaN where the whole is zero.
    """
    known = whole > _NO_VARIANCE
    return np.where(known, 1.0 - errors / np.where(known, whole, 1.0), np.nan)


def logarithm(values):
    """Return logarithms, NaN for a value of zero."""
    return np.log(np.where(values > 0.0, values, np.nan))


def add_fidelity(means, model, errors):
    """Add the differences between a model and its teacher to means.

    Parameters
    ----------
    means : RowMeans
    model : str
    errors : ndarray of shape (n_samples, n_columns)
        Differences in deviations of y.
    """
    means.add(("difference", model), np.abs(errors))
    means.add(("squared difference", model), errors**2)


def fidelity(means, model):
    """Return the fidelity of a model to its teacher.

    Parameters
    ----------
    means : dict of ndarray of shape (n_draws, n_columns)
        Means over the rows, after `add_fidelity`, with moments of the key "answers".
    model : str

    Returns
    -------
    figures : dict of FigureKey to ndarray of shape (n_draws,)
        Figures of the model, and of each column of its answers.
    """
    values = {
        "r2_to_teacher": explained(
            means["squared difference", model], means["answers", _VARIANCE]
        ),
        "mean_difference": means["difference", model],
    }
    return {
        FigureKey(name, model, column=column): value
        for name, of_columns in values.items()
        for column, value in (
            (None, mean(of_columns)),
            *enumerate(of_columns.T),
        )
    }
