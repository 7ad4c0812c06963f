"""Can 16 numbers learn what a large embedding model of images knows?

A camera takes images of digits. The device has no camera: sixteen sensors see only the
ink in each row and in each column of the paper. So the model that is deployed reads 16
numbers. During training we also have the images, and an embedding model for them with
500 outputs, which stands for any large model of images or texts. It needs no labels.

150 images have a label. The teacher is a logistic regression on their embeddings. It
answers for 1,000 images without labels too, and the student learns its answers from the
16 numbers. The same network on the labels alone has no use for rows without labels. On
this split of the rows, the program prints::

    teacher_reads_='teacher_X', n_synthetic_=0
                       teacher  student  labels alone
    measure
    accuracy             0.917    0.895         0.859
    balanced_accuracy    0.916    0.894         0.859
    log_loss             0.286    0.337         1.020
    brier                0.125    0.157         0.243
    calibration_error    0.055    0.033         0.110
    roc_auc              0.996    0.992         0.985
    49,750 bytes
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skdistill import DistillationReport, DistilledClassifier

pixels, y = load_digits(return_X_y=True)
images = pixels.reshape(-1, 8, 8)
table = np.hstack([images.sum(axis=2), images.sum(axis=1)])

labelled, others = train_test_split(
    np.arange(len(y)), train_size=150, random_state=0, stratify=y
)
unlabeled, test = train_test_split(others, train_size=1000, random_state=0)

embedding = Nystroem(gamma=0.001, n_components=500, random_state=0)
embedded = embedding.fit(pixels[unlabeled]).transform(pixels)

teacher = LogisticRegression(C=100, max_iter=1000)
student = DistilledClassifier(teacher, random_state=0).fit(
    table[labelled],
    y[labelled],
    teacher_X=embedded[labelled],
    X_unlabeled=table[unlabeled],
    teacher_X_unlabeled=embedded[unlabeled],
)
print(f"teacher_reads_={student.teacher_reads_!r}, n_synthetic_={student.n_synthetic_}")

report = DistillationReport.from_estimator(
    student,
    table[test],
    y[test],
    teacher_X=embedded[test],
    baseline=(table[labelled], y[labelled]),
)
print(report.to_frame()[["teacher", "student", "labels alone"]].round(3))
print(f"{report.costs['student'].n_bytes:,} bytes")

accuracy = {model: of["accuracy"].estimate for model, of in report.figures.items()}
assert accuracy["student"] > accuracy["labels alone"]
