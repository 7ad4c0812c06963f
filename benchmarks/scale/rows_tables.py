"""Tables of what more rows, labels, steps and units buy."""

from benchmarks.environment import markdown_table
from benchmarks.text.setting import paragraph

SCORES = ["accuracy", "log-loss", "agreement", "seconds"]


def section(results, usual, most, few_labels, usual_units, most_loss):
    """Return the text of the section.

    Parameters
    ----------
    results : DataFrame
        Fits.
    usual, most : int
        Numbers of rows at which steps and units grow.
    few_labels : int
        Number of labels beside rows without labels.
    usual_units : tuple of int
        Units of fits in which something else grows.
    most_loss : float
        Points of accuracy from which on a line names the fits that lose more.

    Returns
    -------
    text : str
    """
    compared = results[results["compares"]]
    is_beside = compared["unlabelled"] > 0
    parts = [
        opening(results),
        "### The chosen decay beside fixed ones",
        paragraph(DECAYS),
        decay_table(compared),
        where_it_loses(compared, most_loss),
    ]
    if is_beside.any():
        series = all_series(results, usual, most, few_labels, usual_units)
        parts += [
            "### More of one thing",
            paragraph('The problem is "trees", and all else stays as it is.'),
            size_table(series),
            "### In short",
            short_table(series),
        ]
    return "\n\n".join(parts)


DECAYS = """
The chosen decay is that of the short trainings, times their rows, over the rows of an
epoch. The best fixed decay is the best on the test rows, of a tenth of the chosen one,
three tenths, three times it, and the decay of the short trainings as it is.
"""


def all_series(results, usual, most, few_labels, usual_units):
    """Return series of fits to trees, in each of which one thing grows.

    Parameters
    ----------
    results : DataFrame
    usual, most, few_labels : int
    usual_units : tuple of int
        Settings: see `section`.

    Returns
    -------
    series : dict of str to list of (str, Series)
        For each series, the sizes, and the fits.
    """
    fits = results[results["problem"] == "trees"]
    n_rows, labelled = fits["labelled"] + fits["unlabelled"], fits["labelled"]
    has_units = fits["units"].map(tuple) == usual_units
    has_steps = fits["max_iter"] == "auto"
    plain, whole = has_units & has_steps, fits["unlabelled"] == 0
    beside = f"beside {few_labels:,} labelled ones"
    around = n_rows.isin([usual, usual + few_labels])
    series = {
        "labelled rows": growing(fits[plain & whole], "labelled"),
        f"rows without labels, {beside}": growing(
            fits[plain & (labelled == few_labels)], "unlabelled"
        ),
        f"labels, among {usual:,} rows": growing(fits[plain & around], "labelled"),
    }
    for count in (usual, most):
        alike = whole & (labelled == count)
        name = f"with {count:,} labelled rows"
        series[f"steps, {name}"] = growing(fits[alike & has_units], "steps")
        series[f"units, {name}"] = by_units(fits[alike & has_steps])
    return series


def where_it_loses(compared, most_loss):
    """Return a line with the fits that lose too much to a fixed decay."""
    lost = [
        f"{fit['problem']} with {fit['labelled']:,} labelled rows"
        + (f" and {fit['unlabelled']:,} without labels" if fit["unlabelled"] else "")
        for _, fit in compared.iterrows()
        if best_fixed(fit)[1] - fit["accuracy"] > most_loss
    ]
    return (
        f"- More than {most_loss:g} points below the best fixed decay: "
        f"{'; '.join(lost) or 'nowhere'}."
    )


def opening(results):
    """Return what the problems are, and how good truth and teachers are."""
    known = []
    for problem, found in results.groupby("problem", sort=False):
        truth, teacher = found.iloc[0]["truth"], found.iloc[0]["teacher"]
        known.append(
            f"Of {problem}, the most probable class is right for "
            f"{truth['accuracy']:.2f} % of the rows, at a log-loss of "
            f"{truth['log_loss']:.4f}. The teacher is right for "
            f"{teacher['accuracy']:.2f} %, at a log-loss of {teacher['log_loss']:.4f}."
        )
    return paragraph(
        f"""
        Rows are drawn from two problems, and labels from known probabilities. The
        log-odds of "trees" are a sum of deep trees: 3 classes, 14 numbers, and 3
        categories of 5, 30 and 300 levels. The log-odds of "waves" are a sum of waves,
        each along 3 of 12 numbers: 2 classes. A teacher is a function that knows the
        log-odds with errors. {" ".join(known)} Accuracy and agreement with the teacher
        are in percent of {results["n_test"].max():,} other rows, and gains are in
        points of accuracy. Seconds are those of the CPU for the whole fit, with the
        teacher's answers. Each line is one fit with one seed.
        """
    )


def decay_table(fits):
    """Return the table of the chosen decay beside fixed ones.

    Parameters
    ----------
    fits : DataFrame
        Fits that were compared with fixed decays.

    Returns
    -------
    table : str
    """
    heads = ["problem", "labelled rows", "rows without labels", "chosen decay", *SCORES]
    heads += ["best fixed decay", "its accuracy", "gain over it"]
    heads += ["decay of the short trainings", "its accuracy", "gain over it"]
    lines = []
    for _, fit in fits.iterrows():
        decay, accuracy = best_fixed(fit)
        short = f"{fit['short_decay']:.3g}"
        as_it_is = fit["fixed"][short]
        lines.append(
            [
                fit["problem"],
                *(f"{fit[name]:,}" for name in ("labelled", "unlabelled")),
                *figures(fit),
                decay,
                f"{accuracy:.2f}",
                f"{fit['accuracy'] - accuracy:+.2f}",
                short,
                f"{as_it_is:.2f}",
                f"{fit['accuracy'] - as_it_is:+.2f}",
            ]
        )
    return markdown_table(heads, lines)


def best_fixed(fit):
    """Return the best of the fixed decays, and its accuracy."""
    return max(fit["fixed"].items(), key=lambda pair: pair[1])


def figures(fit):
    """Return decay, scores and seconds of a fit as text."""
    return [
        f"{fit['decay']:.3g}",
        f"{fit['accuracy']:.2f}",
        f"{fit['log_loss']:.4f}",
        f"{fit['agreement']:.2f}",
        f"{fit['seconds']:.1f}",
    ]


def size_table(series):
    """Return the table of series of fits in which one size grows.

    Parameters
    ----------
    series : dict of str to list of (str, Series)
        For each series, the sizes, and the fits.

    Returns
    -------
    table : str
    """
    lines = [
        [name, size, *figures(fit), f"{fit['steps']:,}", f"{fit['bytes'] / 1024:.0f}"]
        for name, fits in series.items()
        for size, fit in fits
    ]
    return markdown_table(
        ["more", "", "chosen decay", *SCORES, "steps", "KiB"],
        lines,
    )


def short_table(series):
    """Return the table of accuracies alone, a line for each series.

    Parameters
    ----------
    series : dict of str to list of (str, Series)
        For each series, the sizes, and the fits.

    Returns
    -------
    table : str
    """
    lines = [
        [
            f"{name}: {', '.join(size for size, _ in fits)}",
            ", ".join(f"{fit['accuracy']:.1f}" for _, fit in fits),
            ", ".join(f"{fit['seconds']:.0f}" for _, fit in fits),
        ]
        for name, fits in series.items()
    ]
    return markdown_table(["more", "accuracy, in percent", "seconds of a fit"], lines)


def growing(fits, column):
    """Return fits in the order of a column, with its values as text."""
    ordered = fits.sort_values(column)
    return [(f"{fit[column]:,}", fit) for _, fit in ordered.iterrows()]


def by_units(fits):
    """Return fits in the order of their sizes, with their units."""
    ordered = fits.sort_values("bytes")
    return [
        ("-".join(map(str, fit["units"])) or "none", fit)
        for _, fit in ordered.iterrows()
    ]
