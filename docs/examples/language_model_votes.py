"""What do a language model's soft votes add to a few labels?

Two hundred messages have a label that people gave, and 4,000 have a soft vote. No
language model is asked here, and the messages are not real. Both are made below, so
that the example runs anywhere and the truth is known: the votes are right for 70 % of
the messages, and mistakes about refunds name billing. In your own work, ask the model
once for the probability of each answer, and store the probabilities in a file.

y is None where nobody gave a label. The student learns from the labels and from the
votes. It needs no language model any more: it has a weight for each word and topic. The
strongest of the usual ways is a logistic regression on the topic that each vote names,
with the two hundred labels put in their place.

On one machine, the program prints::

    votes, on their own messages: 0.705
    regression on labels: 0.563
    regression on votes: 0.727
    regression on votes, labels put in: 0.748
    student of votes and labels: 0.827
"""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier

# The topic that a mistake names, and the share of messages whose vote is right.
TAKEN_FOR = {
    "billing": ("refund", 0.85),
    "complaint": ("praise", 0.8),
    "delivery": ("login", 0.75),
    "login": ("delivery", 0.65),
    "praise": ("complaint", 0.6),
    "refund": ("billing", 0.55),
}
TOPICS = np.array(list(TAKEN_FOR))
N_LABELS, N_VOTES, N_MESSAGES = 200, 4000, 6000

random = np.random.default_rng(0)
words = np.array([f"word{number}" for number in range(2000)])
chances = random.dirichlet(np.full(len(words), 0.1), size=len(TOPICS))
chances = (chances + 1 / len(words)) / 2


def write(topic):
    """Return a message of ten words."""
    return " ".join(random.choice(words, 10, p=chances[topic]))


def vote(topic):
    """Return a probability for each topic, as a language model may give it."""
    other, share = TAKEN_FOR[TOPICS[topic]]
    is_right = random.random() < share
    named = topic if is_right else TOPICS.tolist().index(other)
    sure = random.beta(6, 2) if is_right else random.beta(4, 3)
    proba = random.dirichlet(np.ones(len(TOPICS))) * (1 - sure)
    proba[named] += sure
    return proba


topics = random.integers(len(TOPICS), size=N_MESSAGES)
messages, truth = [write(topic) for topic in topics], TOPICS[topics]
texts, texts_test = messages[:N_VOTES], messages[N_VOTES:]
y_train, y_test = truth[:N_VOTES], truth[N_VOTES:]
votes = np.array([vote(topic) for topic in topics[:N_VOTES]])

y = np.full(N_VOTES, None)
y[:N_LABELS] = y_train[:N_LABELS]  # People labelled two hundred messages.

vectorizer = TfidfVectorizer(sublinear_tf=True)
model = DistilledClassifier("precomputed", random_state=0)
student = make_pipeline(vectorizer, model)
student.fit(texts, y, distilledclassifier__teacher_proba=votes)
X, X_test = vectorizer.transform(texts), vectorizer.transform(texts_test)

named = TOPICS[votes.argmax(axis=1)]
corrected = np.r_[y_train[:N_LABELS], named[N_LABELS:]]
regression = LogisticRegression(max_iter=1000)
scores = {"votes, on their own messages": np.mean(named == y_train)}
for name, rows, labels in (
    ("regression on labels", X[:N_LABELS], y_train[:N_LABELS]),
    ("regression on votes", X, named),
    ("regression on votes, labels put in", X, corrected),
):
    scores[name] = regression.fit(rows, labels).score(X_test, y_test)
scores["student of votes and labels"] = student.score(texts_test, y_test)
for name, score in scores.items():
    print(f"{name}: {score:.3f}")

assert max(scores, key=scores.get) == "student of votes and labels"
