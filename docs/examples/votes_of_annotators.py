"""How good is a student that never saw a true label, but five annotators' votes?

Five annotators label flowers of three kinds. Two of them are careful, two are not, and
one votes blindly. Each flower gets votes of three of them. The majority takes all votes
for equally good, and is right on 86 % of the given rows. A `VotesTeacher` finds out how
reliable each annotator is, asks a model of the features too, and is right on 98 %. Its
student needs no labels at all, and is as good on new rows as a student of the truth.

On one machine, the program prints::

    right among the given rows: majority 0.859
    right among the given rows: consensus 0.981
    annotator 0 is right: 0.94 estimated, 0.94 in truth
    annotator 1 is right: 0.91 estimated, 0.91 in truth
    annotator 2 is right: 0.75 estimated, 0.75 in truth
    annotator 3 is right: 0.66 estimated, 0.67 in truth
    annotator 4 is right: 0.34 estimated, 0.34 in truth
    student of the majority: 0.936
    student of the votes: 0.971
    student of the truth: 0.971
"""

import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier
from skdistill.teachers import VotesTeacher

X, truth = make_classification(
    3000, 8, n_informative=6, n_classes=3, class_sep=1.5, random_state=0
)
kinds = np.array(["iris", "lily", "rose"])
X_train, X_test, truth, truth_test = train_test_split(X, kinds[truth], random_state=0)

rng = np.random.default_rng(0)
reliable = [0.9, 0.85, 0.6, 0.5, 0.0]
knows = rng.random((len(truth), 5)) < reliable
votes = np.where(knows, truth[:, np.newaxis], rng.choice(kinds, (len(truth), 5)))
votes = votes.astype(object)
absent = rng.random(votes.shape).argsort(axis=1)[:, :2]
np.put_along_axis(votes, absent, None, axis=1)

counts = np.array([(votes == kind).sum(axis=1) for kind in kinds])
majority = kinds[counts.argmax(axis=0)]
print(f"right among the given rows: majority {np.mean(majority == truth):.3f}")

student = DistilledClassifier(VotesTeacher(random_state=0), random_state=0)
student.fit(X_train, teacher_y=votes)
teacher = student.teacher_
consensus = teacher.classes_[teacher.proba_.argmax(axis=1)]
print(f"right among the given rows: consensus {np.mean(consensus == truth):.3f}")

for number, confusion in enumerate(teacher.confusions_):
    estimate = np.diagonal(confusion).mean()
    voted = np.array([vote is not None for vote in votes[:, number]])
    right = np.mean(votes[voted, number] == truth[voted])
    print(
        f"annotator {number} is right: {estimate:.2f} estimated, {right:.2f} in truth"
    )

by_majority = DistilledClassifier(random_state=0).fit(X_train, majority)
by_truth = DistilledClassifier(random_state=0).fit(X_train, truth)
print(f"student of the majority: {by_majority.score(X_test, truth_test):.3f}")
print(f"student of the votes: {student.score(X_test, truth_test):.3f}")
print(f"student of the truth: {by_truth.score(X_test, truth_test):.3f}")
