"""Does the student still learn, or does it learn wrong labels by heart?

Three labels in ten are drawn at random. If a network is trained on labels alone, the
loss on training rows goes to zero, but the loss on held-out rows rises again after a
few epochs. Trees can answer for rows that they were not grown on, and these answers
have less noise than the labels. A student of these answers learns for longer, and its
held-out loss rises less.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, LossCurveDisplay

X, y = make_classification(
    4000, 16, n_informative=8, n_classes=3, flip_y=0.3, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=1000, random_state=0
)
students = {
    "labels": {"distillation_weight": 0.0, "synthesizer": None},
    "forest": {"distillation_weight": 1.0, "cv": "oob"},
}
figure, axes = plt.subplots(1, 2, figsize=(6.6, 2.6), layout="constrained")
for ax, (name, parameters) in zip(axes, students.items(), strict=True):
    student = DistilledClassifier(
        RandomForestClassifier(100, random_state=0),
        calibrate_teacher=False,
        early_stopping=True,
        n_iter_no_change=50,
        max_iter=50,
        weight_decay=0.3,
        random_state=0,
        **parameters,
    ).fit(X_train, y_train)
    display = LossCurveDisplay.from_estimator(student, name=name, ax=ax)
    held_out = display.validation_line_.get_ydata()
    print(
        f"{name}: the loss on held-out rows is {held_out.min():.3f} after epoch "
        f"{display.best_epoch}, {held_out[-1]:.3f} after epoch {student.n_iter_}; "
        f"accuracy of the student that is kept {student.score(X_test, y_test):.3f}"
    )
path = Path(tempfile.mkdtemp()) / "loss.png"
figure.savefig(path, dpi=200)
print(f"the picture: {path}")
