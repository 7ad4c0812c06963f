"""Which of 14 tags does this question get?

A forum tags its questions: a question has any number of the 14 tags. A forest tells
them from the counts of 60 words, and takes two hundred megabytes. One student answers
for all tags, with layers that they share. The questions here are drawn at random, by
scikit-learn's `make_multilabel_classification`.
"""

import pickle
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, hamming_loss
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, Student

TAGS = ["arrays", "bugs", "charts", "dates", "files", "forms", "graphs"]
TAGS += ["lists", "logs", "maps", "sorting", "tests", "text", "web"]

X, Y = make_multilabel_classification(
    4000, 60, n_classes=14, n_labels=3, length=80, random_state=0
)
X_train, X_test, Y_train, Y_test = train_test_split(X, Y, random_state=0)

forest = RandomForestClassifier(200, n_jobs=-1, random_state=0).fit(X_train, Y_train)
model = DistilledClassifier(forest, random_state=0).fit(X_train, Y_train)

path = Path(tempfile.mkdtemp()) / "tags.npz"
model.student_.save(path)
for name, fitted, size in (
    ("forest", forest, len(pickle.dumps(forest))),
    ("student", model, path.stat().st_size),
):
    predicted = fitted.predict(X_test)
    f1 = f1_score(Y_test, predicted, average="micro")
    print(
        f"{name}: {size / 1e6:.2f} MB, F1 {f1:.3f}, "
        f"{100 * hamming_loss(Y_test, predicted):.1f} % of the tags are wrong"
    )

# On the page of the forum: NumPy alone. One probability for each tag.
student = Student.load(path)
(probabilities,) = student.predict_proba(X_test[:1])
for place in np.argsort(-probabilities)[:4]:
    print(f"{TAGS[place]}: {100 * probabilities[place]:.0f} %")
has, gets = (
    [tag for tag, is_set in zip(TAGS, tags, strict=True) if is_set]
    for tags in (Y_test[0], student.predict(X_test[:1])[0])
)
print("the question has", *has, "and gets", *gets)
