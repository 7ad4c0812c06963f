"""Read students where NumPy alone is installed, and compare their answers.

The first argument is a folder of stored students, with their answers or beside a folder
that has them. The others are students of the digits, as README.md's first command
writes one.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np

from skdistill import Student
from skdistill.__main__ import main
from skdistill.export import to_js, to_onnx

folder = Path(sys.argv[1])
# Students of texts in version 6 are those of the folder without a version.
answered = [folder, folder.with_name("students_of_texts")]
path = next(found for one in answered if (found := one / "answers.json").exists())
answers = json.loads(path.read_text(encoding="utf-8"))
assert sorted(answers) == sorted(path.stem for path in folder.glob("*.npz"))
for name, answer in answers.items():
    student = Student.load(folder / f"{name}.npz")
    rows = answer["rows"]
    if student.text is None:
        rows = np.array(rows, dtype=object)
        dtype = np.float32 if student.offsets_ is None else np.float64
        rows = rows if name.startswith("table") else rows.astype(dtype)
    proba = student.predict_proba(rows)
    np.testing.assert_allclose(proba, answer["probabilities"], atol=2e-6)
    assert student.predict(rows).tolist() == answer["labels"]
    print(name, student)
    if name.startswith("table"):
        with open("rows.csv", "w", newline="", encoding="utf-8") as file:
            names = student.names or range(rows.shape[1])
            csv.writer(file).writerows([names, *rows.tolist()])
        assert (
            main(["predict", str(folder / f"{name}.npz"), "rows.csv", "out.csv"]) == 0
        )
        found = np.genfromtxt("out.csv", delimiter=",", skip_header=1)
        np.testing.assert_allclose(found[:, 1:], answer["probabilities"], atol=2e-6)

for path in sys.argv[2:]:
    student = Student.load(path)
    proba = student.predict_proba(np.zeros((3, student.n_features_in_)))
    assert proba.shape == (3, 10)
    assert np.allclose(proba.sum(axis=1), 1)
    print(student, student.predict(np.zeros((1, 64))))
    to_js(student, "student.mjs", verify_on=np.zeros((1, 64)))
    message = "onnx is installed"
    try:
        to_onnx(student, "student.onnx")
    except ImportError as error:
        message = str(error)
    assert "skdistill[onnx]" in message, message
