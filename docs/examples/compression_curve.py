"""How small can a student be if it may lose a point of accuracy?

A device with room for about ten kilobytes has to read digits. A grid search tries
students of several widths. It has scorers for the accuracy of a student, for its bytes,
and for the teacher of the same fold. The smallest student that is good enough is
chosen. The widest network is also trained on labels alone, to show how much the teacher
helped.
"""

import tempfile
from pathlib import Path

from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdistill import CompressionCurveDisplay, DistilledClassifier, smallest_within
from skdistill.metrics import pickled_bytes
from skdistill.model_selection import student_bytes, teacher_score

X, y = load_digits(return_X_y=True)
# Fewer epochs and rows than the defaults, so that the example is quick.
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
        "teacher": teacher_score,
    },
    refit=smallest_within(0.01, "accuracy"),
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
print(f"the widest network, on labels alone: {display.control_score:.3f}")
print(f"chosen: {display.sizes[display.chosen]:,.0f} bytes")
path = Path(tempfile.mkdtemp()) / "compression.png"
display.figure_.set_size_inches(3.3, 2.6)
display.figure_.savefig(path, dpi=200)
print(f"the picture: {path}")
