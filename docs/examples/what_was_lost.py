"""What was lost, and was the teacher useful?

A boosted ensemble learned from 4,000 rows. Its student is measured on 4,000 other rows
and compared with the same network trained on labels alone. Each class and each group of
rows has its own figures. Each difference has an interval. If the interval holds zero,
the difference may be chance.
"""

import tempfile
from pathlib import Path

from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistillationReport, DistilledClassifier

X, y = make_classification(
    8000, 16, n_informative=10, n_classes=3, flip_y=0.1, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=4000, random_state=0
)
teacher = HistGradientBoostingClassifier(random_state=0).fit(X_train, y_train)
student = DistilledClassifier(teacher, random_state=0).fit(X_train, y_train)
report = DistillationReport.from_estimator(
    student,
    X_test,
    y_test,
    groups=["small" if value < 0 else "large" for value in X_test[:, 0]],
    baseline=(X_train, y_train),
)
print(report)
path = Path(tempfile.mkdtemp()) / "report.html"
report.save(path)
print(f"the page: {path}")
