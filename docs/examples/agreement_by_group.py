"""Does the student treat every group alike, or does it lose more on the small one?

One row in ten is of a small group, in which other columns matter than in the large one.
A forest learned both groups. Did a small student learn both, too? No labels are needed
to see on which rows a student disagrees with its teacher. At the right of the picture
the teacher is sure, and there the student has to agree.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skdistill import AgreementDisplay, DistilledClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(12000, 8))
X[:, 0] = rng.random(12000) < 0.1  # 1 in the small group
in_group = X[:, 0] == 1
score = np.where(in_group, X[:, 1] * X[:, 2] - X[:, 3], X[:, 4] + X[:, 5] * X[:, 6])
y = np.where(score + rng.logistic(0.0, 0.2, 12000) > 0, "yes", "no")
X_train, X_test, y_train, _ = train_test_split(X, y, train_size=4000, random_state=0)
forest = RandomForestClassifier(100, random_state=0).fit(X_train, y_train)

groups = {"nine in ten": X_test[:, 0] == 0, "one in ten": X_test[:, 0] == 1}
styles = {
    "nine in ten": {},
    "one in ten": {"color": "#D55E00", "marker": "^", "ls": ":"},
}
figure, axes = plt.subplots(1, 2, figsize=(6.6, 2.8), layout="constrained", sharey=True)
for ax, units in zip(axes, [(4,), (128, 64)], strict=True):
    student = DistilledClassifier(forest, hidden_layer_sizes=units, random_state=0)
    student.fit(X_train, y_train)
    for name, rows in groups.items():
        display = AgreementDisplay.from_estimator(
            student,
            X_test[rows],
            kind="confidence",
            n_bins=8,
            name=name,
            ax=ax,
            **styles[name],
        )
        print(
            f"units {units}, {name}: agrees on {100 * display.agreement:.1f} % of the "
            f"rows, on {100 * display.shares[-1]:.1f} % of those where the forest is "
            "most sure"
        )
    ax.set_title(f"units {units}", fontsize="medium")
path = Path(tempfile.mkdtemp()) / "agreement.png"
figure.savefig(path, dpi=200)
print(f"the picture: {path}")
