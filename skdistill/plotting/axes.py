"""Axes and styles of all displays."""

import numpy as np

# Styles of the lines of the three models. The colours are those of Okabe and Ito,
# which colour-blind readers can tell apart. Markers and line styles differ as well,
# for print without colour.
TEACHER_STYLE = {"color": "black", "linestyle": "--", "marker": "s", "label": "teacher"}
STUDENT_STYLE = {
    "color": "#0072B2",
    "linestyle": "-",
    "marker": "o",
    "label": "student",
}
CONTROL_STYLE = {
    "color": "#D55E00",
    "linestyle": ":",
    "marker": "^",
    "label": "labels alone",
}

# Sizes of lines and markers. Readers can tell the lines apart in a picture that is
# half a column wide.
LINE_SIZES = {"linewidth": 1.3, "markersize": 4}

# An axis is logarithmic if its greatest value is at least this many times its least.
_SPREAD = 4.0

# Numbers of each decade that a logarithmic axis marks, for spreads below a limit.
_MARKED = (
    (20.0, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
    (500.0, (1.0, 2.0, 5.0)),
    (float("inf"), (1.0,)),
)

# Style of lines behind the data.
REFERENCE_STYLE = {"color": "0.45", "linewidth": 0.9, "linestyle": "-", "zorder": 1}


def check_matplotlib(caller):
    """Raise if matplotlib is not installed.

    Parameters
    ----------
    caller : str
        Name of the function that needs matplotlib, for the error.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} needs matplotlib: pip install skdistill[plot]"
        ) from error


def check_axes(display, ax):
    """Return axes to draw on. If none are given, make a figure for them.

    Parameters
    ----------
    display : object
        Display. The error names its class.
    ax : matplotlib Axes or None
        Axes that were given.

    Returns
    -------
    ax : matplotlib Axes
        Axes to draw on.
    """
    check_matplotlib(f"{type(display).__name__}.plot")
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1] if ax is None else ax


def line_style(defaults, given):
    """Return keyword arguments of a line.

    Parameters
    ----------
    defaults : dict
        Keyword arguments of the display.
    given : dict or None
        Keyword arguments of the user. They replace the defaults, also under an
        alias.

    Returns
    -------
    style : dict
        Keyword arguments of the line.
    """
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    return {**LINE_SIZES, **defaults, **normalize_kwargs(given, Line2D)}


def add_legend(ax, loc="best"):
    """Add a small legend at a location of matplotlib's, or "above" the axes."""
    style = {"fontsize": "small", "handlelength": 2.4}
    if loc == "above":
        style |= {"loc": "lower left", "ncols": 2, "frameon": False, "handlelength": 2}
        ax.legend(bbox_to_anchor=(-0.2, 1.0), columnspacing=0.8, **style)
    else:
        ax.legend(framealpha=0.8, loc=loc, **style)


def draw_density(ax, points, edges, given):
    """Draw the number of points in each cell, and a bar of colours beside the axes.

    Parameters
    ----------
    ax : matplotlib Axes
    points : tuple of two ndarray of shape (n_points,)
        Places of the points along both axes. A point beyond the edges counts in the
        last cell.
    edges : tuple of two ndarray of shape (n_cells + 1,)
        Edges of the cells along both axes.
    given : dict
        Keyword arguments of `pcolormesh`. They replace those of the display.

    Returns
    -------
    density : matplotlib QuadMesh
    """
    from matplotlib.colors import LogNorm

    points = [
        np.clip(values, ends[0], ends[-1])
        for values, ends in zip(points, edges, strict=True)
    ]
    cells = np.histogram2d(*points, edges)[0]
    style = {"cmap": "cividis_r", "norm": LogNorm(1, max(2, cells.max()))}
    density = ax.pcolormesh(*edges, np.ma.masked_equal(cells.T, 0), **style | given)
    ax.figure.colorbar(density, ax=ax, label="rows")
    return density


def axes_below(ax, share):
    """Return new axes under others, with the same horizontal axis.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes above. They give up a part of their height to the new axes. If they were
        placed by hand, they keep their height, and the new axes hang below.
    share : float
        Share of the height for the new axes.

    Returns
    -------
    below : matplotlib Axes
        New axes.
    """
    ax.tick_params(labelbottom=False)
    subplot = ax.get_subplotspec()
    if subplot is None:
        return ax.inset_axes([0.0, -share - 0.05, 1.0, share], sharex=ax)
    rows = subplot.subgridspec(2, 1, height_ratios=[1.0 - share, share], hspace=0.08)
    ax.set_subplotspec(rows[0])
    below = ax.figure.add_subplot(rows[1], sharex=ax)
    ax.figure.align_ylabels([ax, below])
    return below


def make_logarithmic_if_wide(ax, direction, values):
    """Make an axis logarithmic if its values differ much. It keeps plain numbers.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes.
    direction : {"x", "y"}
        Axis.
    values : ndarray
        Values that are drawn along the axis.
    """
    if values.min() <= 0 or values.max() < _SPREAD * values.min():
        return
    spread = values.max() / values.min()
    marked = next(numbers for limit, numbers in _MARKED if spread < limit)
    from matplotlib.ticker import LogLocator, NullLocator

    ax.set(**{f"{direction}scale": "log"})
    axis = {"x": ax.xaxis, "y": ax.yaxis}[direction]
    axis.set_major_locator(LogLocator(subs=marked))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")
