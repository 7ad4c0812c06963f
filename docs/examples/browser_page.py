"""Can a web page score the entries of its reader without asking a server?

A shop wants to know if a customer will stay, pause or leave. Gradient boosting learns
this from a table with text and missing values. Its student becomes a JavaScript module
beside a page of plain HTML. The module describes its columns, and the page builds its
form from this description.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier
from skdistill.export import to_js, verify


def customers(n_rows, seed):
    """Return customers, and the decision of each in the following year."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "orders last year": rng.poisson(4.0, n_rows),
            "days since the last visit": rng.exponential(40.0, n_rows).round(),
            "average basket": rng.gamma(3.0, 20.0, n_rows).round(2),
            "plan": rng.choice(["free", "basic", "gold"], n_rows, p=[0.6, 0.3, 0.1]),
            "town": rng.choice(["Lima", "Oslo", "Rome", "Graz", "Pune"], n_rows),
            "newsletter": rng.random(n_rows) < 0.4,
            "age": rng.normal(42.0, 14.0, n_rows).clip(18, 95).round(),
        }
    )
    pull = 0.5 * table["orders last year"] + 2.0 * (table["plan"] == "gold")
    pull += 0.7 * table["newsletter"] + (table["average basket"] > 70)
    pull -= table["days since the last visit"] / 30
    pull += (table["town"] == "Rome") * (table["age"] - 42.0) / 10
    pull += rng.logistic(0.0, 0.3, n_rows)
    decision = np.select([pull > 1.5, pull > 0.0], ["stays", "pauses"], "leaves")
    table.loc[rng.random(n_rows) < 0.15, "age"] = np.nan
    table.loc[rng.random(n_rows) < 0.05, "plan"] = None
    return table.astype({"plan": "category", "town": "category"}), decision


X, y = customers(4000, seed=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
teacher = HistGradientBoostingClassifier(
    categorical_features="from_dtype", random_state=0
).fit(X_train, y_train)
model = DistilledClassifier(teacher, random_state=0).fit(X_train, y_train)
print(f"teacher {teacher.score(X_test, y_test):.3f}", end=", ")
print(f"student {model.score(X_test, y_test):.3f}")

folder = Path(tempfile.mkdtemp())
module = folder / "student.mjs"
to_js(model, module)
verification = verify(model, module, X_test)
print(f"a module of {module.stat().st_size:,} bytes; in Node it {verification}")

page = Path(__file__).parent / "browser" / "index.html"
shutil.copy(page, folder)
print(f"python -m http.server --bind 127.0.0.1 --directory {folder}")
print("serves the page at http://127.0.0.1:8000/")
