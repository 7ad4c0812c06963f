"""How small can a student be, and still be about as good as its teacher?

Digits are to be read where there is room for some ten kilobytes. A grid of widths is
searched with two scorers, one of the accuracy, one of the bytes of the student's file;
the forest and the widest network on labels alone are what to compare with.
"""

import tempfile
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdistill import CompressionCurveDisplay, DistilledClassifier
from skdistill.comparison import saved_bytes
from skdistill.metrics import pickled_bytes


def student_bytes(model, X, y):
    """Return the bytes of the file of the student."""
    return saved_bytes(model.student_)


X, y = load_digits(return_X_y=True)
forest = RandomForestClassifier(100, random_state=0)
# Unfitted, so that no fold is known to its teacher.
model = DistilledClassifier(forest, max_iter=30, weight_decay=0.3, random_state=0)
search = GridSearchCV(
    model,
    {"hidden_layer_sizes": [(4,), (8,), (16,), (32,), (64,)]},
    scoring={"accuracy": "accuracy", "bytes": student_bytes},
    refit="accuracy",
    cv=3,
).fit(X, y)
teacher_score = cross_val_score(forest, X, y, cv=3).mean()
control = DistilledClassifier(
    forest,
    distillation_weight=0.0,
    synthesizer=None,
    calibrate_teacher=False,
    hidden_layer_sizes=(64,),
    max_iter=30,
    weight_decay=0.3,
    random_state=0,
)
display = CompressionCurveDisplay.from_results(
    search,
    teacher_score=teacher_score,
    teacher_size=pickled_bytes(search.best_estimator_.teacher_),
    control_score=cross_val_score(control, X, y, cv=3).mean(),
    required_score=teacher_score - 0.01,
)
for units, size, score in zip(
    search.cv_results_["param_hidden_layer_sizes"],
    search.cv_results_["mean_test_bytes"],
    search.cv_results_["mean_test_accuracy"],
    strict=True,
):
    print(f"units {units}: {size:,.0f} bytes, accuracy {score:.3f}")
enough = display.scores >= display.required_score
print(f"forest: accuracy {teacher_score:.3f}; a point less is reached", end=" ")
print(f"in {display.sizes[enough].min():,.0f} bytes" if enough.any() else "by none")
path = Path(tempfile.mkdtemp()) / "compression.png"
display.figure_.set_size_inches(3.3, 2.6)
display.figure_.savefig(path, dpi=200)
print(f"the picture: {path}")
