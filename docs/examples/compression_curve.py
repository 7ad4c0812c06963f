"""How small can a student be, and lose a point of accuracy at most?

Digits are to be read where there is room for ten kilobytes or so. A grid of widths is
searched with scorers of the student's accuracy, of its file, and of the teacher of the
same fold. The smallest that is good enough is chosen; the widest on labels alone shows
what of it is the teacher's merit.
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdistill import CompressionCurveDisplay, DistilledClassifier
from skdistill.comparison import saved_bytes
from skdistill.metrics import pickled_bytes


def student_bytes(model, X, y):
    """Return the bytes of the student's file."""
    return saved_bytes(model.student_)


def teacher_accuracy(model, X, y):
    """Return the accuracy of the teacher, which knows no row of this fold."""
    return model.teacher_.score(X, y)


def smallest_good_one(results):
    """Return the smallest candidate within a point of the best."""
    scores = results["mean_test_accuracy"]
    good = scores >= scores.max() - 0.01
    return int(np.where(good, results["mean_test_bytes"], np.inf).argmin())


X, y = load_digits(return_X_y=True)
# Fewer epochs and rows than by default, to be quick.
model = DistilledClassifier(
    RandomForestClassifier(50, random_state=0),
    max_iter=20,
    n_synthetic=2000,
    teacher_share=1.0,
    weight_decay=0.3,
    random_state=0,
)
search = GridSearchCV(
    model,
    {"hidden_layer_sizes": [(6,), (12,), (24,), (48,)]},
    scoring={
        "accuracy": "accuracy",
        "bytes": student_bytes,
        "teacher": teacher_accuracy,
    },
    refit=smallest_good_one,
    cv=3,
).fit(X, y)
control = clone(model).set_params(
    distillation_weight=0.0,
    synthesizer=None,
    calibrate_teacher=False,
    hidden_layer_sizes=(48,),
)
display = CompressionCurveDisplay.from_results(
    search,
    teacher_size=pickled_bytes(search.best_estimator_.teacher_),
    control_score=cross_val_score(control, X, y, cv=3).mean(),
    required_score=search.cv_results_["mean_test_accuracy"].max() - 0.01,
)
for size, score in zip(display.sizes, display.scores, strict=True):
    print(f"{size:,.0f} bytes: accuracy {score:.3f}")
print(f"the forest, {display.teacher_size:,} bytes: {display.teacher_score:.3f}")
print(f"labels alone, as wide as the widest: {display.control_score:.3f}")
print(f"chosen: {display.sizes[display.chosen]:,.0f} bytes")
path = Path(tempfile.mkdtemp()) / "compression.png"
display.figure_.set_size_inches(3.3, 2.6)
display.figure_.savefig(path, dpi=200)
print(f"the picture: {path}")
