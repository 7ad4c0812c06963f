"""Which of these students may I ship, where a sure answer is acted on unseen?

A bank lets the model alone decide where it is 95 % sure, and asks a clerk otherwise.
A forest is less sure than it may be, so that the clerks have much to do. One student
copies it as it is, the other the forest calibrated on its out-of-bag rows. Points on
the diagonal are right as often as they say.
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
    "copied as it is": DistilledClassifier(
        forest, calibrate_teacher=False, distillation_weight=1.0, random_state=0
    ),
    "copied calibrated": DistilledClassifier(forest, random_state=0),
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
        f"{name}: calibration error {display.student.error:.3f} (the forest's "
        f"{display.teacher.error:.3f}); sure of {100 * sure.mean():.0f} % of the rows, "
        f"of which it gets {100 * right:.1f} % right"
    )
path = Path(tempfile.mkdtemp()) / "reliability.png"
figure.savefig(path, dpi=200)
print(f"the picture: {path}")
