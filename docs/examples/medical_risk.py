"""Why does the model say that this patient is at risk, and may a doctor check it?

Of 442 patients with diabetes, ten values are known, and how far the disease progressed
within a year. In a quarter of them it progressed fast. A forest predicts this risk, but
nobody can read 300 trees. Its student without hidden layers is a sum of one function of
each column. So a doctor can look at every function, and at what each value of a patient
adds.
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from skdistill import AdditiveDisplay, DistilledClassifier

NAMES = {
    "age": "age, years",
    "sex": "sex, as coded in the data",
    "bmi": "body mass index, kg/m²",
    "bp": "mean blood pressure, mm Hg",
    "s1": "total cholesterol, mg/dl",
    "s2": "LDL, mg/dl",
    "s3": "HDL, mg/dl",
    "s4": "total cholesterol / HDL",
    "s5": "triglycerides, mg/dl",
    "s6": "blood sugar, mg/dl",
}

X, progress = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
# The data set holds the logarithm of the triglycerides.
X = X.assign(s5=np.exp(X["s5"]), sex=X["sex"].astype(int).astype("category"))
X = X.rename(columns=NAMES)
y = np.where(progress > 210, "fast", "slow")
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

forest = RandomForestClassifier(300, min_samples_leaf=5, random_state=0)
model = DistilledClassifier(forest, hidden_layer_sizes=(), random_state=0)
model.fit(X_train, y_train)
for name, fitted in (("forest", model.teacher_), ("student", model)):
    proba = fitted.predict_proba(X_test)
    auc = roc_auc_score(y_test == "fast", proba[:, 0])
    print(f"{name}: log-loss {log_loss(y_test, proba):.3f}, ROC AUC {auc:.3f}")

# All ten functions, so the picture hides nothing of the model. They are centred on the
# training rows, whose density is drawn.
display = AdditiveDisplay.from_estimator(
    model, X_train, pos_label="fast", max_features=10, n_cols=4
)
path = Path(tempfile.mkdtemp()) / "medical_risk.png"
display.figure_.savefig(path, dpi=200)
print(f"the picture: {path}")

# The same functions on another patient: what each value adds to the log-odds.
patient = X_test.iloc[[int(model.predict_proba(X_test)[:, 0].argmax())]]
numbers = model.student_.numbers(patient)
added = {f.name: f.at(numbers[:, f.feature]).item() for f in display.functions}
risk = model.predict_proba(patient)[0, 0]
print(f"a patient with a risk of {100 * risk:.0f} %. Each value adds to the log-odds:")
for name, value in sorted(added.items(), key=lambda item: -abs(item[1])):
    print(f"  {name} {patient[name].item():.4g}: {value:+.2f}")
start, total = display.intercept.item(), sum(added.values())
print(f"  the mean of all patients: {start:+.2f}; the sum: {start + total:+.2f}")
