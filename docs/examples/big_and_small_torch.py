"""How much does a big network in PyTorch teach a small one?

The big network has layers of 128 and 64 units, the small one a layer of 64. The small
one is trained twice: by labels alone, in PyTorch, and by distilling the big one. The
distilled student needs neither PyTorch nor a GPU: it is saved as one file, and exported
as a C header and as an ONNX model.

On these digits all three have about the same accuracy. The distilled student's
probabilities are the best of the three: its log-loss is the lowest.

On one machine, the program prints::

    big network, 128-64-10: accuracy 0.976, log-loss 0.082
    small network, 64-10, by labels: accuracy 0.980, log-loss 0.083
    small network, 64-10, distilled: accuracy 0.980, log-loss 0.065
    big.pt: 71,525 bytes
    student.h: 111,781 bytes
    student.npz: 26,579 bytes
    student.onnx: 24,032 bytes
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from torch import nn

from skdistill import DistilledClassifier, export
from skdistill.teachers import TorchTeacher

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)


def train(module, epochs=60):
    """Train a module by labels."""
    rows = torch.tensor(X_train, dtype=torch.float32)
    labels = torch.tensor(y_train)
    optimizer = torch.optim.Adam(module.parameters(), 1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).split(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(module(rows[batch]), labels[batch])
            loss.backward()
            optimizer.step()
    return module


def show(name, model):
    """Print accuracy and log-loss on rows that no model has seen."""
    right = np.mean(model.predict(X_test) == y_test)
    loss = log_loss(y_test, model.predict_proba(X_test))
    print(f"{name}: accuracy {right:.3f}, log-loss {loss:.3f}")


torch.manual_seed(0)
hidden = (nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 64), nn.ReLU())
big = train(nn.Sequential(*hidden, nn.Linear(64, 10)))
small = train(nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)))

# The module was left in training mode. It is asked in inference mode, and stays so.
model = DistilledClassifier(big, hidden_layer_sizes=(64,), random_state=0)
model.fit(X_train, y_train)
assert big.training

show("big network, 128-64-10", TorchTeacher(big))
show("small network, 64-10, by labels", TorchTeacher(small))
show("small network, 64-10, distilled", model)

with TemporaryDirectory() as folder:
    folder = Path(folder)
    torch.save(big.state_dict(), folder / "big.pt")
    model.student_.save(folder / "student.npz")
    for suffix, write in ((".h", export.to_c), (".onnx", export.to_onnx)):
        write(model, folder / f"student{suffix}", verify_on=X_test)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
for name, size in sizes.items():
    print(f"{name}: {size:,} bytes")
