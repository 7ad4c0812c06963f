"""What do a language model's soft votes add to a few labels?

A hundred messages have a label that people gave, and 4,000 have a soft vote. No
language model is asked here, and the messages are not real. Both are made below, so
that the example runs anywhere and the truth is known: the votes are right for 70 % of
the messages, and mistakes about refunds name billing. In your own work, ask the model
once for the probability of each answer, and store the probabilities in a file.

y is None where nobody gave a label. The student learns from the labels, and elsewhere
from the votes, each weighted by its confidence. It needs no language model any more: it
is a small network of word counts.

On one machine, the program prints::

    votes, on their own messages: 0.699
    student of votes and labels: 0.891
    regression on votes: 0.697
    regression on labels: 0.871
"""

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier

TOPICS = np.array(["billing", "delivery", "login", "refund"])
TAKEN_FOR = {"billing": "refund", "delivery": "login", "login": "delivery"}
TAKEN_FOR["refund"] = "billing"
RIGHT = {"billing": 0.85, "delivery": 0.7, "login": 0.7, "refund": 0.55}

random = np.random.default_rng(0)
words = np.array([f"word{number}" for number in range(400)])
chances = random.dirichlet(np.full(400, 0.1), size=4) + 0.004
chances /= chances.sum(axis=1, keepdims=True)


def write(topic):
    """Return a message of fifteen words."""
    return " ".join(random.choice(words, 15, p=chances[topic]))


def vote(topic):
    """Return a probability for each topic, as a language model may give it."""
    name = TOPICS[topic]
    is_right = random.random() < RIGHT[name]
    named = topic if is_right else TOPICS.tolist().index(TAKEN_FOR[name])
    sure = random.beta(6, 2) if is_right else random.beta(4, 3)
    rest = random.dirichlet(np.ones(4)) * (1 - sure)
    rest[named] += sure
    return rest


topics = random.integers(4, size=6000)
messages = [write(topic) for topic in topics]
votes = np.array([vote(topic) for topic in topics[:4000]])
truth = TOPICS[topics]

y = np.full(4000, None)
y[:100] = truth[:100]  # People labelled a hundred messages.

counts = CountVectorizer().fit(messages[:4000])
X, X_test, y_test = (
    counts.transform(messages[:4000]),
    counts.transform(messages[4000:]),
    truth[4000:],
)

student = DistilledClassifier("precomputed", random_state=0)
student.fit(X, y, teacher_proba=votes)

regression = LogisticRegression(max_iter=1000)
named = TOPICS[votes.argmax(axis=1)]
scores = {
    "votes, on their own messages": np.mean(named == truth[:4000]),
    "student of votes and labels": student.score(X_test, y_test),
    "regression on votes": regression.fit(X, named).score(X_test, y_test),
    "regression on labels": regression.fit(X[:100], truth[:100]).score(X_test, y_test),
}
for name, score in scores.items():
    print(f"{name}: {score:.3f}")

assert scores["student of votes and labels"] > scores["regression on votes"]
assert scores["student of votes and labels"] > scores["regression on labels"]
