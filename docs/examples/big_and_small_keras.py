"""How much does a big network in Keras teach a small one?

The big network has layers of 128 and 64 units, the small one a layer of 64. The small
one is trained twice: by labels alone, in Keras, and by distilling the big one. The
distilled student needs neither Keras nor its backend: it is saved as one file, and
exported as a C header and as an ONNX model.

On these digits all three have about the same accuracy. The distilled student's
probabilities are the best of the three: its log-loss is the lowest.

Keras runs on TensorFlow unless the environment names another backend. On PyTorch, start
it as ``KERAS_BACKEND=torch python docs/examples/big_and_small_keras.py``.

On one machine, the program prints::

    big network, 128-64-10: accuracy 0.978, log-loss 0.081
    small network, 64-10, by labels: accuracy 0.980, log-loss 0.106
    small network, 64-10, distilled: accuracy 0.980, log-loss 0.063
    big.keras: 234,559 bytes
    student.h: 109,662 bytes
    student.npz: 26,075 bytes
    student.onnx: 23,484 bytes
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier, export
from skdistill.teachers import KerasTeacher

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)


def train(*hidden, epochs=40):
    """Train a network by labels."""
    model = keras.Sequential(
        [keras.Input((64,)), *hidden, layers.Dense(10, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    model.fit(X_train, y_train, batch_size=64, epochs=epochs, verbose=0)
    return model


def show(name, model):
    """Print accuracy and log-loss on rows that no model has seen."""
    right = np.mean(model.predict(X_test) == y_test)
    loss = log_loss(y_test, model.predict_proba(X_test))
    print(f"{name}: accuracy {right:.3f}, log-loss {loss:.3f}")


keras.utils.set_random_seed(0)
big = train(
    layers.Dense(128, activation="relu"),
    layers.Dropout(0.3),
    layers.Dense(64, activation="relu"),
)
small = train(layers.Dense(64, activation="relu"))

model = DistilledClassifier(big, hidden_layer_sizes=(64,), random_state=0)
model.fit(X_train, y_train)

show("big network, 128-64-10", KerasTeacher(big))
show("small network, 64-10, by labels", KerasTeacher(small))
show("small network, 64-10, distilled", model)

with TemporaryDirectory() as folder:
    folder = Path(folder)
    big.save(folder / "big.keras")
    model.student_.save(folder / "student.npz")
    for suffix, write in ((".h", export.to_c), (".onnx", export.to_onnx)):
        write(model, folder / f"student{suffix}", verify_on=X_test)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
for name, size in sizes.items():
    print(f"{name}: {size:,} bytes")
