"""Page of the benchmark of regression: bars, means and the table of pairs."""

import numpy as np
import pandas as pd

from benchmarks.environment import describe, markdown_table
from benchmarks.fidelity import clustered_error, kept_part, pair_name
from benchmarks.regression_sets import SETS_OF_BARS

WITHIN = 0.5  # points of R²
MANY_ROWS = 1000
FEW_COLUMNS = 30
COVERAGE = (0.87, 0.93)
RIVALS = {
    "student": "student",
    "labels": "labels alone",
    "perceptron": "scikit-learn's MLP",
    "tree": "tree of the teacher",
    "ridge": "ridge",
}


def write_page(results, failures, options):
    """Return the text of the page.

    Parameters
    ----------
    results : dict of str to list of dict
        Results of each pair and split, and of sets of several numbers.
    failures : list of str
        Names of what failed.
    options : Namespace
    """
    frame = flatten(results["pairs"])
    key = ["set", "teacher_name"]
    pairs = frame.groupby(key, sort=False).mean(numeric_only=True).reset_index()
    parts = [
        introduction(pairs, frame),
        "## Bars",
        bars_table(pairs, results["several"], results["quantiles"]),
        "## Means over the pairs",
        means_table(pairs),
        "## By teacher and by size",
        groups_table(pairs),
        worst_pairs(pairs),
        "## Pairs",
        pair_table(pairs),
    ]
    if results["several"]:
        parts += ["## Several numbers a row", several_table(results["several"])]
    if results["quantiles"]:
        parts += ["## Quantiles", quantiles_table(results["quantiles"])]
    if options.tiny or options.sets or options.teachers:
        parts.append("Only some pairs were asked for, or small teachers.")
    if failures:
        parts.append(f"Failed: {'; '.join(failures)}.")
    at_once = f"- {options.jobs} fits at a time, one thread each"
    return "\n\n".join(
        [*parts, kept_part("regression"), f"{describe('pandas')}\n{at_once}"]
    )


def flatten(results):
    """Return a table of results and differences, with a row for each pair and split."""
    frame = pd.json_normalize(results, sep=" ")
    for name in RIVALS:
        ratio = frame[f"{name} mse"] / frame["teacher mse"]
        frame[f"{name} log mse"] = np.log(ratio)
        frame[f"{name} log mae"] = np.log(frame[f"{name} mae"] / frame["teacher mae"])
        frame[f"{name} gain"] = 100 * (frame[f"{name} r2"] - frame["teacher r2"])
    frame["over labels"] = frame["student log mse"] - frame["labels log mse"]
    return frame


def introduction(pairs, frame):
    """Return the text before the tables."""
    splits = ", ".join(map(str, sorted(frame["split"].unique())))
    return f"""\
{len(pairs)} pairs of a set and a teacher, splits {splits}: 70 % of the rows train, \
30 % are measured.
Teachers are given fitted. Figures are means over the splits. Log MSE is the logarithm \
of a model's squared error, divided by the
teacher's: below 0, the model is better than the teacher, and -0.1 are 10 % less. \
'Labels alone' is the student's network with the
same knots, trained on labels alone. It chooses its own decay. Files are those of int8 \
weights. The figure after ± is the standard error of a
mean over pairs. The pairs of a set form one cluster."""


def bars_table(pairs, several, quantiles):
    """Return the table of the bars and what was reached, on their sets and others."""
    has_bars = pairs["set"].isin(SETS_OF_BARS)
    groups = {"eight sets": pairs[has_bars], "others": pairs[~has_bars]}
    groups = {name: group for name, group in groups.items() if len(group)}
    bars = {
        "log MSE, mean": "-0.25",
        f"pairs with R² at most {WITHIN} points below, %": "90",
        f"log MSE, worst pair of {MANY_ROWS:,} rows or more": "+0.05",
        "log MSE against labels alone, mean": "-0.05",
        f"largest int8 file up to {FEW_COLUMNS} columns, KiB": "56",
    }
    columns = [reached(group) for group in groups.values()]
    lines = [
        [measure, bar, *cells]
        for (measure, bar), cells in zip(
            bars.items(), zip(*columns, strict=True), strict=True
        )
    ]
    text = markdown_table(["measure", "bar", *groups], lines)
    if several:
        frame = pd.json_normalize(several, sep=" ")
        means = frame.groupby("set")[["one r2", "each r2"]].mean()
        won = (means["one r2"] > means["each r2"]).sum()
        text += (
            "\n\nOne student of several numbers is better than a student a number on "
            f"{won} of {len(means)} sets (bar: 3 of 4)."
        )
    if quantiles:
        frame = pd.json_normalize(quantiles, sep=" ")
        coverage = frame.groupby("set")["student coverage"].mean()
        covered = coverage.between(*COVERAGE).sum()
        text += (
            f"\n\nQuantiles at 0.05 and 0.95 hold {COVERAGE[0]} to {COVERAGE[1]} of "
            f"the rows between them on {covered} of {len(coverage)} sets (bar: 7 of 8)."
        )
    return text


def reached(pairs):
    """Return the cells of some pairs, in the order of the bars."""
    many = pairs.loc[pairs["rows"] >= MANY_ROWS, "student log mse"]
    small = pairs.loc[pairs["columns"] <= FEW_COLUMNS, "student bytes"]
    return [
        mean_and_error(pairs["student log mse"], pairs["set"], 3),
        f"{100 * (pairs['student gain'] >= -WITHIN).mean():.0f}",
        f"{many.max():+.3f}" if len(many) else "",
        mean_and_error(pairs["over labels"], pairs["set"], 3),
        f"{small.max() / 2**10:.1f}" if len(small) else "",
    ]


def means_table(pairs):
    """Return the table with a row for each model."""
    lines = [
        [
            title,
            mean_and_error(pairs[f"{name} log mse"], pairs["set"], 3),
            f"{pairs[f'{name} log mae'].mean():+.3f}",
            mean_and_error(pairs[f"{name} gain"], pairs["set"], 2),
            f"{100 * (pairs[f'{name} gain'] >= -WITHIN).mean():.0f}",
            f"{pairs[f'{name} fidelity'].mean():.3f}",
            f"{pairs[f'{name} seconds'].median():.1f}",
        ]
        for name, title in RIVALS.items()
    ]
    heads = [
        "model",
        "log MSE",
        "log MAE",
        "R² - teacher's, points",
        f"within {WITHIN} or better, %",
        "R² to the teacher",
        "median fit, s",
    ]
    return markdown_table(heads, lines)


def groups_table(pairs):
    """Return the table with a row for each kind of teacher, and for few rows."""
    few = pairs["rows"] < MANY_ROWS
    has_bars = pairs["set"].isin(SETS_OF_BARS)
    groups = {
        **dict(list(pairs.groupby("teacher_name", sort=False))),
        f"fewer than {MANY_ROWS:,} rows": pairs[few],
        f"{MANY_ROWS:,} rows and more": pairs[~few],
        "the eight sets of the bars": pairs[has_bars],
        "other sets": pairs[~has_bars],
    }
    lines = [
        [
            name,
            len(group),
            mean_and_error(group["student log mse"], group["set"], 3),
            f"{group['student log mse'].max():+.3f}",
            mean_and_error(group["over labels"], group["set"], 3),
            f"{group['over labels'].max():+.3f}",
        ]
        for name, group in groups.items()
        if len(group)
    ]
    heads = ["pairs", "number", "log MSE", "worst", "student - labels", "worst"]
    return markdown_table(heads, lines)


def worst_pairs(pairs, n_pairs=4):
    """Name the pairs whose student is worst beside the teacher and the labels."""
    sentences = []
    for other, column in (
        ("the teacher", "student log mse"),
        ("labels alone", "over labels"),
    ):
        named = "; ".join(
            f"{pair_name(pair)} {pair[column]:+.3f}"
            for _, pair in pairs.nlargest(n_pairs, column).iterrows()
        )
        sentences.append(f"Worst beside {other}, in log MSE: {named}.")
    return "\n".join(sentences)


def pair_table(pairs):
    """Return the table with a row for each pair."""
    pairs = pairs.assign(**{"student KiB": pairs["student bytes"] / 2**10})
    columns = {
        "rows": ("rows", "{:,.0f}"),
        "columns": ("columns", "{:,.0f}"),
        "teacher r2": ("R², teacher", "{:.3f}"),
        "student r2": ("student", "{:.3f}"),
        **{f"{name} log mse": (title, "{:+.3f}") for name, title in RIVALS.items()},
        "student fidelity": ("R² to the teacher", "{:.3f}"),
        "student KiB": ("file, KiB", "{:.1f}"),
        "teacher seconds": ("fit s, teacher", "{:.1f}"),
        "student seconds": ("student", "{:.1f}"),
    }
    heads = [title for title, _ in columns.values()]
    heads[4] = f"log MSE, {heads[4]}"
    lines = [
        [
            pair_name(pair),
            *(form.format(pair[column]) for column, (_, form) in columns.items()),
        ]
        for _, pair in pairs.iterrows()
    ]
    return markdown_table(["pair", *heads], lines)


def several_table(results):
    """Return the table of sets with several numbers a row."""
    frame = pd.json_normalize(results, sep=" ")
    means = frame.groupby("set", sort=False).mean(numeric_only=True)
    lines = [
        [
            name,
            *(f"{row[f'{model} r2']:.4f}" for model in ("teacher", "one", "each")),
            *(f"{row[f'{model} bytes'] / 2**10:.1f}" for model in ("one", "each")),
        ]
        for name, row in means.iterrows()
    ]
    heads = [
        "set",
        "R², forest",
        "one student",
        "a student a number",
        "one student, KiB",
        "all students, KiB",
    ]
    return markdown_table(heads, lines)


def quantiles_table(results):
    """Return the table of quantiles at 0.05, 0.5 and 0.95."""
    frame = pd.json_normalize(results, sep=" ")
    means = frame.groupby("set", sort=False).mean(numeric_only=True)
    columns = {
        "coverage, boosting": "teacher coverage",
        "student": "student coverage",
        "pinball loss, boosting": "teacher pinball",
        "student ": "student pinball",
    }
    lines = [
        [name, *(f"{row[column]:.3f}" for column in columns.values())]
        for name, row in means.iterrows()
    ]
    return markdown_table(["set", *columns], lines)


def mean_and_error(values, clusters, digits):
    """Format a mean with its standard error."""
    error = clustered_error(values.to_numpy(), clusters.to_numpy())
    known = "" if np.isnan(error) else f" ± {error:.{digits}f}"
    return f"{values.mean():+.{digits}f}{known}"
