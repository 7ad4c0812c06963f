"""Can a clerk read, and add up by hand, what decides on a credit?

A bank knows who of its former applicants paid back. Gradient boosting finds what tells
them apart, but nobody can read its hundreds of trees. Its student without hidden layers
is a sum of one function a column, and so a scorecard: whole points for each range of a
number and for each category. More income or an older account must never cost points.
`monotonic_cst` guarantees it, even where the rows seem to say otherwise.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, TabularEncoder
from skdistill.export import scorecard_points, to_scorecard, verify


def applicants(n_rows, seed):
    """Return applicants, and for each whether the credit was paid back."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "income": rng.gamma(4.0, 750.0, n_rows).round(-1),
            "account_months": rng.integers(0, 120, n_rows),
            "credit_months": rng.choice([6, 12, 18, 24, 36, 48, 60], n_rows),
            "late_payments": rng.poisson(0.6, n_rows),
            "home": rng.choice(
                ["owner", "tenant", "family"], n_rows, p=[0.3, 0.5, 0.2]
            ),
            "purpose": rng.choice(["car", "goods", "study", "other"], n_rows),
        }
    )
    log_odds = 1.5 * np.log(table["income"].clip(500, 6000) / 2500)
    log_odds += 1.5 * np.tanh(table["account_months"] / 30)
    log_odds -= 0.03 * (table["credit_months"] - 24)
    log_odds -= np.minimum(table["late_payments"], 3)
    log_odds += table["home"].map({"owner": 0.8, "tenant": 0.0, "family": 0.3})
    log_odds -= 0.6 * (table["purpose"] == "other")
    paid = np.where(log_odds + rng.logistic(size=n_rows) > 0, "paid", "default")
    table.loc[rng.random(n_rows) < 0.1, "income"] = np.nan  # did not say
    return table.astype({"home": "category", "purpose": "category"}), paid


def draw(ax, rows):
    """Draw the points of one column: steps for a number, bars for categories."""
    ranges, levels = (rows[rows["kind"] == kind] for kind in ("range", "level"))
    if len(ranges):
        edges = ranges["from"].iloc[1:].tolist()
        end = max(0.05, 1 / len(edges)) * (edges[-1] - edges[0])
        edges = [edges[0] - end, *edges, edges[-1] + end]
        ax.stairs(ranges["points"], edges, baseline=None, linewidth=1.5)
    else:
        ax.bar(levels["level"], levels["points"])
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.set_title(rows["column"].iloc[0], fontsize=9)


X, y = applicants(4000, seed=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
boosting = HistGradientBoostingClassifier(
    categorical_features="from_dtype", random_state=0
)
student = DistilledClassifier(
    boosting,
    hidden_layer_sizes=(),
    encoder=TabularEncoder(max_bins=16),
    monotonic_cst={"income": 1, "account_months": 1},
    random_state=0,
).fit(X_train, y_train)

path = Path(tempfile.mkdtemp()) / "scorecard.csv"
card = to_scorecard(student, path, X=X_train, verify_on=X_test)
print(f"{len(card)} rows, of which at most 8 a column are shown; all are in {path}")
with pd.option_context("display.max_rows", 8, "display.width", 100):
    print(f"base {card.loc[0, 'points']} points: {card.loc[0, 'level']}")
    for _, rows in card.groupby("column", sort=False):
        print(rows.drop(columns="kind").fillna({"level": rows["kind"]}))

good = y_test == "paid"
scores = scorecard_points(path, X_test)
for name, answers in {
    "boosting": student.teacher_.predict_proba(X_test)[:, 1],
    "student": student.predict_proba(X_test)[:, 1],
    "scorecard": scores,
}.items():
    print(f"area under the curve of the {name}: {roc_auc_score(good, answers):.3f}")
print(f"scorecard {verify(student, path, X_test)}")
print(f"the first applicant, {X_test.iloc[0].to_dict()}, has {scores[0]} points")

for column in ("income", "account_months"):
    rows = card[(card["column"] == column) & (card["kind"] == "range")]
    assert rows["points"].is_monotonic_increasing

figure, axes = plt.subplots(2, 3, figsize=(7, 4), sharey=True, layout="constrained")
for ax, (_, rows) in zip(axes.flat, card.groupby("column", sort=False), strict=False):
    draw(ax, rows)
figure.supylabel("points")
figure.savefig(path.with_suffix(".png"), dpi=200)
print(f"the picture: {path.with_suffix('.png')}")
