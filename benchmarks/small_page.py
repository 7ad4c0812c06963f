"""Page of the benchmark of small tables: means, bars and what was chosen."""

import numpy as np
import pandas as pd

from benchmarks.environment import describe, markdown_table
from benchmarks.small_tables import TRAINED

SIMPLE = ("teacher", "logistic regression", "()", "(8,)")
MACHINE = "boosting machine"
MODELS = ("teacher", "logistic regression", MACHINE, "()", "(8,)", "default")
FITS = ("default", "default, seed 1")  # of the default student
MEASURES = {
    "log_loss": ("Log-loss", 1, "{:.3f}"),
    "accuracy": ("Accuracy, %", 100, "{:.1f}"),
    "auc": ("AUC, %", 100, "{:.1f}"),
}

FEW_ROWS = 2000
FEW_COLUMNS = 20
WITHIN = 0.01  # of the log-loss
LOWEST_PROBABILITY = 1e-6
N_WORST = 5


def write_page(results, failures, options):
    """Return the text of the page.

    Parameters
    ----------
    results : list of dict
        Results of each table and split.
    failures : list of str
        Names of the tables and splits that failed.
    options : Namespace
    """
    pairs = pd.json_normalize(results, sep=": ")
    parts = [
        introduction(pairs),
        "## Means over the tables",
        means_table(pairs),
        "## How often a student is as good as the best",
        explain_shares(),
        shares_table(pairs),
        worst_pairs(pairs),
        "## What was chosen, and what it costs",
        "Knots and decays are those of each split, with seed 0. Other figures are "
        "means over the splits.",
        choices_table(pairs),
    ]
    for measure, (title, *_) in MEASURES.items():
        parts += [f"## {title}, by table", measure_table(pairs, measure)]
    if MACHINE not in models_of(pairs):
        parts.append("The explainable boosting machine is not installed.")
    if options.tiny or options.tables:
        parts.append("Only some tables were asked for, or small teachers.")
    if failures:
        parts.append(f"Failed: {'; '.join(failures)}.")
    at_once = f"- {options.jobs} tables at a time, one thread each"
    packages = ("pandas", "interpret-core")
    return "\n\n".join([*parts, f"{describe(*packages)}\n{at_once}"])


def introduction(pairs):
    """Return the text before the tables."""
    teachers = "; ".join(
        f"{name} on split {', '.join(map(str, sorted(group['split'].unique())))}"
        for name, group in pairs.groupby("teacher_name", sort=False)
    )
    return f"""\
{pairs["table"].nunique()} tables, {len(pairs)} pairs of a table and a split: \
{100 * TRAINED:.0f} % of the rows train, the others are measured.
Teachers: {teachers}.
"Default" is the student of the default parameters, with 128 and 64 hidden units. Its \
scores are means over two seeds.
"()" is the student without hidden layers, "(8,)" the one with eight hidden units.
The boosting machine is the explainable one of interpret, with main effects only and 8 \
bags.
For the log-loss, probabilities are clipped at {LOWEST_PROBABILITY:g}. The AUC of more \
than two classes is the mean of each class against the rest.
Tables with a star had no part in the choice of the defaults."""


def explain_shares():
    """Return the text about the table of shares."""
    return f"""\
"Near" is a log-loss of at most {WITHIN} above the least of the rivals, or below it.
"Default near the best of four" is the share of the default student's fits, two for \
each pair, that are near the best of the teacher, logistic regression, "()" and "(8,)".
The boosting machine is the fifth rival. "() near the machine" counts the pairs with a \
forest or boosting as teacher.
"Labels changed" is the share of the test rows that get another label if the fit has \
another seed. The teacher and the synthetic rows stay the same: the teacher's seed is \
fixed, and the synthesizer draws with a seed of its own.
No CPU time of a student counts the fits and the answers of the teacher."""


def groups_of(pairs):
    """Return the pairs of each group that the page sums up."""
    few = pairs["rows"] < FEW_ROWS
    groups = {
        f"below {FEW_ROWS:,} training rows": few,
        "the same, with a star": few & pairs["kept_apart"],
        f"{FEW_ROWS:,} and more": ~few,
        "all": few | True,
    }
    return {name: pairs[chosen] for name, chosen in groups.items() if chosen.any()}


def models_of(pairs):
    """Return the names of the models that were measured."""
    return [name for name in MODELS if f"{name}: log_loss" in pairs]


def means_table(pairs):
    """Return the table of the means over all tables of a group."""
    lines = []
    for measure, (title, factor, form) in MEASURES.items():
        for name, group in groups_of(pairs).items():
            means = [
                form.format(factor * mean_score(group, model, measure).mean())
                for model in models_of(pairs)
            ]
            lines.append([title, name, group["table"].nunique(), *means])
    return markdown_table(["measure", "rows", "tables", *models_of(pairs)], lines)


def mean_score(pairs, model, measure):
    """Return a model's score of each table: the mean over splits, and over seeds."""
    fits = FITS if model == "default" else (model,)
    scores = pairs[[f"{fit}: {measure}" for fit in fits]].mean(axis=1)
    return scores.groupby(pairs["table"], sort=False).mean()


def shares_table(pairs):
    """Return the table of the shares of fits that are as good as the best."""
    heads = [
        "rows",
        "default near the best of four, %",
        "of five, %",
        "() near the machine, %",
        "labels changed, %",
        "default, median CPU s",
        "longest",
        "() over the machine, CPU time",
        f"largest file to {FEW_COLUMNS} columns, KiB: default",
        "()",
    ]
    lines = [[name, *shares_line(group)] for name, group in groups_of(pairs).items()]
    return markdown_table(heads, lines)


def shares_line(pairs):
    """Return the cells of a group of pairs."""
    narrow = pairs[pairs["columns"] <= FEW_COLUMNS]
    seconds = pairs["default: seconds"]
    cells = [
        f"{100 * share_near_best(pairs, SIMPLE):.0f}",
        "",
        "",
        f"{100 * pairs['changed'].mean():.2f}",
        f"{seconds.median():.1f}",
        f"{seconds.max():.1f}",
        "",
        *(
            f"{narrow[f'{model}: bytes'].max() / 2**10:.1f}" if len(narrow) else ""
            for model in ("default", "()")
        ),
    ]
    if MACHINE in models_of(pairs):
        flexible = pairs[pairs["teacher_name"] != "logistic regression"]
        ratios = pairs["(): seconds"] / pairs[f"{MACHINE}: seconds"]
        cells[1] = f"{100 * share_near_best(pairs, (*SIMPLE, MACHINE)):.0f}"
        if len(flexible):
            near = is_near_best(flexible, "()", (MACHINE,))
            cells[2] = f"{100 * near.mean():.0f}"
        cells[6] = f"{ratios.median():.2f}"
    return cells


def share_near_best(pairs, rivals):
    """Return the share of the default student's fits that are near the best rival."""
    return np.mean([is_near_best(pairs, fit, rivals) for fit in FITS])


def is_near_best(pairs, model, rivals):
    """Tell of each pair whether a model's log-loss is near that of the best rival."""
    return behind_best(pairs, model, rivals) <= WITHIN


def behind_best(pairs, model, rivals):
    """Return for each pair how far a model's log-loss is above the best rival's."""
    least = pairs[[f"{rival}: log_loss" for rival in rivals]].min(axis=1)
    return pairs[f"{model}: log_loss"] - least


def worst_pairs(pairs):
    """Name the pairs on which the default student is furthest behind."""
    rivals = [model for model in models_of(pairs) if model != "default"]
    behind = behind_best(pairs, "default", rivals)
    named = "; ".join(
        f"{pairs['table'][i]}, split {pairs['split'][i]}, {behind[i]:+.3f}"
        for i in behind.nlargest(N_WORST).index
    )
    return f"Furthest above the least log-loss of all others: {named}."


def choices_table(pairs):
    """Return the table of knots, decays, seconds and bytes of each table."""
    heads = [
        "table",
        "knots",
        "decay",
        "knots, ()",
        "decay, ()",
        "teacher left out",
        "labels changed, %",
        *(f"CPU s, {model}" for model in models_of(pairs) if model != "teacher"),
        "file, KiB",
        "()",
        "(8,)",
    ]
    lines = []
    for name, group in tables_of(pairs):
        left_out = sum((~group[f"{fit}: follows_teacher"]).sum() for fit in FITS)
        lines.append(
            [
                name,
                *choices(group, "default"),
                *choices(group, "()"),
                f"{left_out} of {len(FITS) * len(group)}",
                f"{100 * group['changed'].mean():.1f}",
                *(
                    f"{group[f'{model}: seconds'].mean():.2f}"
                    for model in models_of(pairs)
                    if model != "teacher"
                ),
                *(
                    f"{group[f'{model}: bytes'].mean() / 2**10:.1f}"
                    for model in ("default", "()", "(8,)")
                ),
            ]
        )
    return markdown_table(heads, lines)


def choices(pairs, model):
    """Return the cells of the knots and the decays, a figure for each split."""
    knots = [str(count) if count else "none" for count in pairs[f"{model}: knots"]]
    decays = [f"{decay:.2g}" for decay in pairs[f"{model}: decay"]]
    return [", ".join(knots), ", ".join(decays)]


def measure_table(pairs, measure):
    """Return the table of a measure, with a row for each table."""
    _, factor, form = MEASURES[measure]
    scores = {
        model: factor * mean_score(pairs, model, measure) for model in models_of(pairs)
    }
    lines = [
        [
            name,
            *(int(group[field].iloc[0]) for field in ("rows", "columns", "classes")),
            *(form.format(means[group["table"].iloc[0]]) for means in scores.values()),
        ]
        for name, group in tables_of(pairs)
    ]
    return markdown_table(["table", "rows", "columns", "classes", *scores], lines)


def tables_of(pairs):
    """Return the pairs of each table, by its name, with a star if it was kept apart."""
    return [
        (f"{name}*" if group["kept_apart"].all() else name, group)
        for name, group in pairs.groupby("table", sort=False)
    ]
