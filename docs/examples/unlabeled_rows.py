"""Few rows have a label and many have none: are rows without labels useful?

A forest was trained on a thousand labelled digits that are secret. The forest itself is
not secret, and we also have 60 digits with labels and many without. The student learns
from the forest's answers for all of them.
"""

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier

X, y = load_digits(return_X_y=True)
X_hidden, X_ours, y_hidden, y_ours = train_test_split(
    X, y, train_size=1000, random_state=0, stratify=y
)
forest = RandomForestClassifier(200, random_state=0).fit(X_hidden, y_hidden)

X_few, X_rest, y_few, y_rest = train_test_split(
    X_ours, y_ours, train_size=60, random_state=0, stratify=y_ours
)
X_unlabeled, X_test, _, y_test = train_test_split(
    X_rest, y_rest, train_size=400, random_state=0, stratify=y_rest
)

model = DistilledClassifier(forest, random_state=0)
control = DistilledClassifier(
    forest, distillation_weight=0, synthesizer=None, random_state=0
)
scores = {
    "the forest": forest.score(X_test, y_test),
    "its student": model.fit(X_few, y_few, X_unlabeled=X_unlabeled).score(
        X_test, y_test
    ),
    "without unlabelled rows": model.fit(X_few, y_few).score(X_test, y_test),
    "60 labels alone": control.fit(X_few, y_few).score(X_test, y_test),
}
for name, score in scores.items():
    print(f"{name}: {score:.3f}")

assert scores["its student"] > scores["60 labels alone"]
