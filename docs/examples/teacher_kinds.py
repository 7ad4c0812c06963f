"""Which teachers are calibrated, and by what?

Forests are less sure of their answers than they may be (a temperature below 1 sets
them right), boosting is more (above 1). The temperature has to come from rows that
the teacher has not seen: here is where each kind has them from.
"""

from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from skdistill import DistilledClassifier

X, y = make_classification(
    2000, 12, n_informative=8, n_classes=3, flip_y=0.05, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

boosting = HistGradientBoostingClassifier(random_state=0)
given_forest = RandomForestClassifier(100, random_state=0).fit(X_train, y_train)
given_svc = SVC().fit(X_train, y_train)

students = {
    "a forest, given fitted: its out-of-bag rows": DistilledClassifier(given_forest),
    "the same, as it is": DistilledClassifier(given_forest, calibrate_teacher=False),
    "boosting, fitted here: a clone on 85 % of the rows": DistilledClassifier(boosting),
    "SVC, given fitted: a student stands for it": DistilledClassifier(given_svc),
    "SVC, given fitted: a clone, on request": DistilledClassifier(
        given_svc, calibrate_teacher="refit"
    ),
    "a function: a student stands for it": DistilledClassifier(
        given_forest.predict_proba
    ),
}
for how, student in students.items():
    student.set_params(random_state=0).fit(X_train, y_train)
    loss = log_loss(y_test, student.predict_proba(X_test))
    temperature = student.teacher_temperature_
    print(f"{how}: temperature {temperature:.2f}, log-loss {loss:.3f}")
