"""Can a table with text and missing values be scored without preparing it first?

A shop has a table of its customers: a town, an age that some do not tell, a plan, and a
number of orders. Gradient boosting takes the data frame as it is. Its student takes the
same rows in the web service of the shop, which has only NumPy.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, Student


def customers(n_rows, seed):
    """Return customers, and for each whether it came back."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "town": rng.choice(["Lima", "Oslo", "Rome", "Graz"], n_rows),
            "age": rng.normal(42.0, 14.0, n_rows).round(),
            "plan": rng.choice(["free", "basic", "gold"], n_rows, p=[0.6, 0.3, 0.1]),
            "orders": rng.poisson(3.0, n_rows),
        }
    )
    score = table["orders"] - 3.0 + 2.0 * (table["plan"] == "gold")
    score += (table["town"] == "Rome") * (table["age"] - 42.0) / 7.0
    back = np.where(score + rng.logistic(0.0, 0.5, n_rows) > 0, "back", "gone")
    table.loc[rng.random(n_rows) < 0.15, "age"] = np.nan
    table.loc[rng.random(n_rows) < 0.05, "plan"] = None
    return table.astype({"town": "category", "plan": "category"}), back


X, y = customers(4000, seed=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
teacher = HistGradientBoostingClassifier(
    categorical_features="from_dtype", random_state=0
).fit(X_train, y_train)

model = DistilledClassifier(teacher, random_state=0).fit(X_train, y_train)
path = Path(tempfile.mkdtemp()) / "student.npz"
model.student_.save(path)
student = Student.load(path)

print(f"teacher {teacher.score(X_test, y_test):.3f}", end=", ")
print(f"student {np.mean(student.predict(X_test) == y_test):.3f}", end=", ")
print(f"in a file of {path.stat().st_size:,} bytes")

# In the service: rows without preparation, with the columns in the order of the frame.
rows = [
    ["Rome", 71, "free", 2],
    ["Rome", None, "free", 2],  # a missing age
    ["Bonn", 30, "gold", 5],  # a town that is not in the training rows
]
for row, proba in zip(rows, student.predict_proba(rows), strict=True):
    print(f"{row}: back with probability {proba[0]:.2f}")

assert np.array_equal(student.predict(X_test), model.predict(X_test))
