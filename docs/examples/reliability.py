"""Which student can I ship if nobody checks the answers that it is sure of?

A bank lets the model decide alone if it is 95 % sure, and otherwise asks a clerk. A
forest is less sure than it could be, so that the clerks have much to do. One student
copies the forest as it is. The other student copies the forest after calibration on its
out-of-bag rows. A point on the diagonal shows a model that is right as often as it
says.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, ReliabilityDisplay

X, y = make_classification(
    8000, 16, n_informative=8, n_clusters_per_class=3, flip_y=0.05, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=3000, random_state=0
)
forest = RandomForestClassifier(100, random_state=0).fit(X_train, y_train)
students = {
    "forest as it is": DistilledClassifier(
        forest, calibrate_teacher=False, distillation_weight=1.0, random_state=0
    ),
    "calibrated forest": DistilledClassifier(forest, random_state=0),
}
figure, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), layout="constrained")
for ax, (name, student) in zip(axes, students.items(), strict=True):
    student.fit(X_train, y_train)
    display = ReliabilityDisplay.from_estimator(
        student, X_test, y_test, name=name, ax=ax
    )
    sure = display.student.proba > 0.95
    right = (student.predict(X_test) == y_test)[sure].mean()
    print(
        f"student of the {name}: calibration error {display.student.error:.3f} (the "
        f"forest's is {display.teacher.error:.3f}). It is sure on "
        f"{100 * sure.mean():.0f} % of the rows, and right on {100 * right:.1f} % of "
        "these"
    )
path = Path(tempfile.mkdtemp()) / "reliability.png"
figure.savefig(path, dpi=200)
print(f"the picture: {path}")
