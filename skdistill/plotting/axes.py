"""What all displays draw with: axes and styles that differ without colour, too."""

# Colours of Okabe and Ito, which the colour-blind tell apart; markers and lines
# differ as well, for print without colour.
TEACHER = {"color": "black", "linestyle": "--", "marker": "s", "label": "teacher"}
STUDENT = {"color": "#0072B2", "linestyle": "-", "marker": "o", "label": "student"}
CONTROL = {"color": "#D55E00", "linestyle": ":", "marker": "^", "label": "labels alone"}

# Of lines and markers that shall be told apart at half a column.
LINE = {"linewidth": 1.3, "markersize": 4}

# How many times the least value the greatest is on a logarithmic axis, at least.
_SPREAD = 4.0

# Numbers of each decade that an axis marks, up to that spread.
_MARKED = (
    (20.0, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
    (500.0, (1.0, 2.0, 5.0)),
    (float("inf"), (1.0,)),
)

# What stands behind the data.
REFERENCE = {"color": "0.45", "linewidth": 0.9, "linestyle": "-", "zorder": 1}


def check_matplotlib(caller):
    """Raise where matplotlib is not installed.

    Parameters
    ----------
    caller : str
        What needs it.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} needs matplotlib: pip install skdistill[plot]"
        ) from error


def check_axes(display, ax):
    """Return axes to draw on, in a new figure where none are given.

    Parameters
    ----------
    display : object
        Whose class errors name.
    ax : matplotlib Axes or None

    Returns
    -------
    ax : matplotlib Axes
    """
    check_matplotlib(f"{type(display).__name__}.plot")
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1] if ax is None else ax


def line_style(defaults, given):
    """Return keyword arguments of a line; those given win, also under an alias.

    Parameters
    ----------
    defaults, given : dict or None

    Returns
    -------
    style : dict
    """
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    return {**LINE, **defaults, **normalize_kwargs(given, Line2D)}


def add_legend(ax, loc="best"):
    """Add a legend that takes little room, where it hides least, or "above"."""
    style = {"fontsize": "small", "handlelength": 2.4}
    if loc == "above":
        style |= {"loc": "lower left", "ncols": 2, "frameon": False, "handlelength": 2}
        ax.legend(bbox_to_anchor=(-0.2, 1.0), columnspacing=0.8, **style)
    else:
        ax.legend(framealpha=0.8, loc=loc, **style)


def axes_below(ax, share):
    """Return axes under others, which share their numbers from left to right.

    Parameters
    ----------
    ax : matplotlib Axes
        Gives up a part of its room, unless it was placed by hand: then the new
        axes hang below.
    share : float
        Of the height.

    Returns
    -------
    below : matplotlib Axes
    """
    ax.tick_params(labelbottom=False)
    place = ax.get_subplotspec()
    if place is None:
        return ax.inset_axes([0.0, -share - 0.05, 1.0, share], sharex=ax)
    rows = place.subgridspec(2, 1, height_ratios=[1.0 - share, share], hspace=0.08)
    ax.set_subplotspec(rows[0])
    below = ax.figure.add_subplot(rows[1], sharex=ax)
    ax.figure.align_ylabels([ax, below])
    return below


def spread_out(ax, direction, values):
    """Make an axis logarithmic where its values differ much, with plain numbers.

    Parameters
    ----------
    ax : matplotlib Axes
    direction : {"x", "y"}
    values : ndarray
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
