"""What is this house worth, and how sure is that?

An agency keeps a forest of regression trees for the prices of flats. It takes eighty
megabytes, so the price cannot be computed on the page where a seller types in the
rooms. Its student takes some kilobytes. A second student learns three quantiles, and so
gives an interval that holds nine of ten prices. The flats here are made up: no open
table of them comes with scikit-learn.
"""

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from skdistill import DistilledRegressor, Student

DISTRICTS = {"harbour": 5200, "old town": 6100, "park": 4700, "station": 3600}


def flats(n_flats, seed):
    """Return flats with the prices that they were sold for, in thousands of euros."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "district": rng.choice(list(DISTRICTS), n_flats),
            "area": rng.gamma(9.0, 9.0, n_flats).clip(20, 250).round(),
            "year": rng.integers(1890, 2024, n_flats).astype(float),
            "floor": rng.integers(0, 8, n_flats),
            "lift": rng.random(n_flats) < 0.6,
        }
    )
    per_metre = table["district"].map(DISTRICTS).to_numpy(dtype=float)
    age = 2024 - table["year"].to_numpy()
    per_metre *= 1.15 - 0.35 * np.exp(-(((age - 55) / 30) ** 2))
    stairs = np.where(table["lift"], 0, table["floor"])
    per_metre *= 1.0 - 0.025 * stairs + 0.01 * table["floor"]
    noise = np.exp(rng.normal(0.0, 0.06 + 0.1 * (age > 80), n_flats))
    price = per_metre * table["area"] ** 0.97 * noise / 1000
    # Of some flats the year is not known.
    table.loc[rng.random(n_flats) < 0.1, "year"] = np.nan
    return table, price.to_numpy()


X, y = flats(5000, seed=0)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=3000, random_state=0
)

# Numbers for the words, as the forest wants them. The student needs none.
encoder = make_column_transformer(
    (OrdinalEncoder(), ["district"]), remainder="passthrough"
)
forest = RandomForestRegressor(300, n_jobs=-1, random_state=0)
teacher = make_pipeline(encoder, forest).fit(X_train, y_train)
model = DistilledRegressor(teacher, random_state=0).fit(X_train, y_train)

path = Path(tempfile.mkdtemp()) / "prices.npz"
model.student_.save(path)
for name, fitted, size in (
    ("forest", teacher, len(pickle.dumps(teacher))),
    ("student", model, path.stat().st_size),
):
    predicted = fitted.predict(X_test)
    error = mean_absolute_error(y_test, predicted)
    print(
        f"{name}: {size / 1e6:.2f} MB, R² {r2_score(y_test, predicted):.3f}, "
        f"off by {error:.0f},000 euros"
    )

# Boosted trees teach the quantiles, one model for each.
interval = DistilledRegressor(
    loss="quantile", quantile=[0.05, 0.5, 0.95], random_state=0
).fit(X_train.assign(district=X_train["district"].astype("category")), y_train)
low, middle, high = interval.predict(X_test).T
inside = ((low <= y_test) & (y_test <= high)).mean()
print(f"the interval holds {100 * inside:.0f} % of the prices of other flats")

# On the page: NumPy alone, one flat as a dictionary.
flat = {"district": "park", "area": 72, "year": 1985, "floor": 3, "lift": True}
(price,) = Student.load(path).predict([flat])
low, _, high = interval.student_.predict([flat])[0]
print(f"this flat: {price:.0f},000 euros, between {low:.0f},000 and {high:.0f},000")
