"""One function of an additive student on axes, above the density of the rows."""

import numpy as np

from skdistill.common.text import printable
from skdistill.plotting.axes import STUDENT_STYLE

# Styles of the lines of several classes: colours of Okabe and Ito, and line styles for
# print without colour.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "black")
_DASHES = ("-", "--", "-.", ":")

# Share of the height of the axes that the density takes, and the colour of its bars.
_DENSITY = 0.16
_DENSITY_COLOR = "0.82"

# Number of the bars that show the density of numbers. If there are no more different
# numbers than this, each has a bar and a point of its own.
_BARS = 30

# Least width of a bar, as a share of the range of the numbers.
_LEAST_WIDTH = 0.012

# Most levels that axes have room for, and most letters of one of them.
_MOST_LEVELS = 12
_MOST_LETTERS = 14

# Room of a missing value, as a share of the range of the numbers.
_GAP = 0.1

# Texts of levels that were rare or unseen in fit, and of missing values.
_OTHER, _MISSING = "(other)", "(missing)"


def line_styles(labels):
    """Return the style of the line of each class.

    Parameters
    ----------
    labels : list
        Class of each line.

    Returns
    -------
    styles : list of dict
        Keyword arguments of lines.
    """
    if len(labels) == 1:
        return [{"color": STUDENT_STYLE["color"], "linewidth": 1.6}]
    return [
        {
            "color": _COLORS[number % len(_COLORS)],
            "linestyle": _DASHES[number % len(_DASHES)],
            "linewidth": 1.4,
            "label": short_text(str(label), _MOST_LETTERS),
        }
        for number, label in enumerate(labels)
    ]


def draw_numbers(ax, function, styles, percentiles):
    """Draw the function of a column of numbers.

    Up to 30 different numbers are all shown, and each has a point on the line.

    Parameters
    ----------
    ax : matplotlib Axes
    function : ColumnFunction
    styles : list of dict
        Keyword arguments of each line.
    percentiles : tuple of float
        Shares of the rows below the first and the last number that is shown, if there
        are more different numbers.

    Returns
    -------
    lines : list of Line2D
    drawn : ndarray
        Contributions that are drawn.
    """
    offset, numbers = function.shape.offset, function.numbers.astype(np.float64)
    present = numbers[~np.isnan(numbers)]
    ends, points = _shown(present, percentiles)
    low, high = _range_of(ends)
    bends = function.shape.xs - offset
    bends = bends[(bends > low) & (bends < high)] if ends.size == 2 else ends
    xs = np.unique(np.concatenate([ends, bends, points]))
    drawn = function.at(xs)
    lines = [
        ax.plot(xs + offset, line, **_marked(style, np.searchsorted(xs, points)))[0]
        for line, style in zip(drawn.T, styles, strict=True)
    ]
    within = present[(present >= low) & (present <= high)]
    if within.size < present.size:
        hidden = 100.0 * (present.size - within.size) / numbers.size
        text = f"{min(hidden, 99.0):.2g} % of rows not shown"
        ax.set_xlabel(text, fontsize="small")
    lefts, counts, widths = _count(within, low, high)
    is_missing = present.size < numbers.size
    if is_missing:
        gap = _GAP * (high - low)
        missing = function.at([np.nan])
        for value, style in zip(missing[0], styles, strict=True):
            marker = {"marker": "D", "markersize": 4, "linestyle": "none"}
            marker["color"] = style["color"]
            ax.plot(high + gap + offset, value, **marker)
        ax.axvline(high + gap / 2 + offset, color="0.8", linewidth=0.8)
        drawn = np.concatenate([drawn, missing])
        counts = np.append(counts, numbers.size - present.size)
        lefts = np.append(lefts, high + 0.7 * gap)
        widths = np.append(widths, 0.6 * gap)
    _draw_density(ax, lefts + offset, counts, widths)
    bar_width = widths.max(initial=0.0)
    is_whole = points.size > 0 and not np.any((points + offset) % 1.0)
    _mark_numbers(ax, low + offset, high + offset, bar_width, is_missing, is_whole)
    return lines, drawn


def draw_levels(ax, function, styles, bar_kw):
    """Draw the contributions of the levels of a category.

    Parameters
    ----------
    ax : matplotlib Axes
    function : ColumnFunction
    styles : list of dict
        Keyword arguments of the line of each class, whose colours the bars have.
    bar_kw : dict or None
        Keyword arguments of all bars.

    Returns
    -------
    bars : list of BarContainer
    drawn : ndarray
        Contributions that are drawn.
    """
    places, texts = _levels_shown(function)
    counts = np.bincount(function.numbers.astype(np.intp), minlength=places.max() + 1)
    drawn = function.at(places)
    at, width = np.arange(places.size), 0.8 / len(styles)
    bars = [
        ax.bar(
            at + (number - (len(styles) - 1) / 2) * width,
            values,
            **{"width": width, "color": style["color"], "label": style.get("label")}
            | (bar_kw or {}),
        )
        for number, (values, style) in enumerate(zip(drawn.T, styles, strict=True))
    ]
    _draw_density(ax, at - 0.4, counts[places], np.full(places.size, 0.8))
    is_long = sum(map(len, texts)) > 22
    slanted = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(at, texts, **slanted if is_long else {})
    ax.set_xlim(-0.6, places.size - 0.4)
    n_levels = len(function.shape.levels)
    if sum(place < n_levels for place in places) < n_levels:
        ax.set_xlabel(f"the most frequent of {n_levels} levels", fontsize="small")
    return bars, drawn


def set_heights(axes, drawn):
    """Give axes one height, with room for the density below.

    Parameters
    ----------
    axes : list of Axes
    drawn : ndarray
        Contributions that are drawn on them.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = min(0.0, drawn.min()), max(0.0, drawn.max())
    margin = 0.07 * (high - low) or 1.0
    low, high = low - margin, high + margin
    ticks = MaxNLocator(5).tick_values(low, high)
    for ax in axes:
        ax.set_yticks(ticks[(ticks >= low) & (ticks <= high)])
        ax.set_ylim(high - (high - low) / (1.0 - _DENSITY), high)


def short_text(text, length):
    """Return a text that matplotlib shows as it is, cut to a number of letters.

    Parameters
    ----------
    text : str
    length : int
        Greatest number of letters.

    Returns
    -------
    text : str
    """
    text = printable(text)
    text = text if len(text) <= length else f"{text[: length - 1]}…"
    return text.replace("$", r"\$")  # Otherwise matplotlib reads a formula.


def _shown(present, percentiles):
    """Return the ends of the line, and the numbers that have a point of their own.

    If all numbers between the percentiles are equal, the ends are those of all rows.
    """
    distinct = np.unique(present)
    all_rows = distinct[[0, -1]] if distinct.size > 1 else distinct
    if distinct.size <= _BARS:
        return all_rows, distinct
    ends = np.quantile(present, percentiles)
    return ends if ends[0] < ends[1] else all_rows, distinct[:0]


def _range_of(ends):
    """Return the range of the axis, which has some width without two numbers, too."""
    if ends.size == 2:
        return ends
    middle = ends.sum()
    return middle - 0.5, middle + 0.5


def _marked(style, places):
    """Return the style of a line with points at some of its places."""
    if not places.size:
        return style
    return {"marker": "o"} | style | {"markevery": places.tolist()}


def _levels_shown(function):
    """Return the indices of the levels that are shown, and their texts."""
    levels = function.shape.levels
    counts = np.bincount(function.numbers.astype(np.intp), minlength=len(levels) + 2)
    frequent = np.argsort(-counts[: len(levels)], kind="stable")[:_MOST_LEVELS]
    if all(isinstance(level, int | float) for level in levels):
        frequent = np.array(sorted(frequent, key=lambda place: levels[place]), int)
    texts = [short_text(str(levels[place]), _MOST_LETTERS) for place in frequent]
    others = [
        (place, text)
        for place, text in ((len(levels), _OTHER), (len(levels) + 1, _MISSING))
        if counts[place]
    ]
    places = [*frequent.tolist(), *(place for place, _ in others)]
    return np.array(places, int), texts + [text for _, text in others]


def _draw_density(ax, lefts, counts, widths):
    """Draw the counts of rows as bars at the foot of axes."""
    heights = _DENSITY * 0.9 * counts / counts.max(initial=1)
    ax.bar(
        lefts,
        heights,
        widths,
        align="edge",
        color=_DENSITY_COLOR,
        transform=ax.get_xaxis_transform(),
        zorder=0.5,
    )


def _count(numbers, low, high):
    """Return left ends, counts and widths of the bars that count numbers."""
    distinct, counts = np.unique(numbers, return_counts=True)
    if distinct.size > _BARS:
        counts, edges = np.histogram(numbers, _BARS, (low, high))
        return edges[:-1], counts, np.diff(edges)
    width = (high - low) / _BARS
    if distinct.size > 1:
        least = _LEAST_WIDTH * (high - low)
        width = max(least, min(width, np.diff(distinct).min()))
    return distinct - width / 2, counts, np.full(distinct.size, width)


def _mark_numbers(ax, low, high, bar_width, is_missing, is_whole):
    """Set the range and the ticks of an axis of numbers."""
    from matplotlib.ticker import MaxNLocator

    width = high - low
    start = low - max(0.03 * width, 0.6 * bar_width)
    steps = {"steps": [1, 2, 2.5, 5, 10], "integer": is_whole, "min_n_ticks": 1}
    ticks = MaxNLocator(4, **steps).tick_values(low, high)
    last, end = high, high + (low - start)
    if is_missing:
        # The text of the missing value needs the room of a tick.
        last, end = low + 0.86 * width, high + 1.6 * _GAP * width
        ax.set_xticks([high + _GAP * width], ["missing"], minor=True)
        ax.tick_params("x", which="minor", length=3.5, pad=3.5, labelsize="small")
    ax.set_xticks(ticks[(ticks >= low) & (ticks <= last)])
    ax.set_xlim(start, end)
