"""Has the student learned what it can, or was it stopped too soon?

Early stopping holds rows out and keeps the weights at which their loss was lowest. If
that is one of the last epochs, more of them may help; if the loss of rows held out
turned long before, they do not.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, LossCurveDisplay

X, y = make_classification(
    6000, 16, n_informative=8, n_classes=3, flip_y=0.1, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=3000, random_state=0
)
forest = RandomForestClassifier(100, random_state=0).fit(X_train, y_train)
figure, axes = plt.subplots(1, 2, figsize=(6.6, 2.6), layout="constrained", sharey=True)
for ax, max_iter in zip(axes, (10, 150), strict=True):
    student = DistilledClassifier(
        forest,
        early_stopping=True,
        n_iter_no_change=40,
        max_iter=max_iter,
        random_state=0,
    ).fit(X_train, y_train)
    display = LossCurveDisplay.from_estimator(student, ax=ax)
    print(
        f"up to {max_iter} epochs: stopped after {student.n_iter_}, those of epoch "
        f"{display.best_epoch} kept, accuracy {student.score(X_test, y_test):.3f}"
    )
path = Path(tempfile.mkdtemp()) / "loss.png"
figure.savefig(path, dpi=200)
print(f"the picture: {path}")
