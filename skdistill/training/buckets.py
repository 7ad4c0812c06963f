"""Rows on disk, in random buckets: a source of records for bounded memory.

Each row goes to a random bucket, a file. An epoch takes the buckets in a random order,
and the rows of each in a random order: a random permutation of all rows. Rows that do
not fill a batch are carried to the next bucket. Files that are sorted by label are
learned as well as any. A buffer of rows that are read in their order is not enough.
"""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.files import write_file
from skdistill.common.text import in_binary_units
from skdistill.common.warn import warn
from skdistill.kernels.layers.layout import aligned_zeros
from skdistill.training.epochs import DenseEpochs
from skdistill.training.plan import TrainingPlan
from skdistill.training.records import make_records
from skdistill.training.source import DealtRows
from skdistill.transfer.transfer_set import TransferSet

# Bytes of a bucket, which is in memory while the network is trained on it.
BUCKET_BYTES = 2**25

# Bytes of rows that wait in memory until they are written, so that each file is opened
# for many rows at once.
_MOST_WAITING = 2**25

_MANIFEST = "rows.json"


class Buckets:
    """Files of records in a folder, and a manifest that says what is in them.

    Parameters
    ----------
    folder : Path
        Folder, which exists.
    n_buckets : int
    record_size : int
        Number of values of a record.
    is_kept : bool, default=False
        Whether the rows outlive the process. Then there is a manifest. If the folder
        has one, its rows are taken over. If files are shorter than it says, there is a
        warning, and nothing is taken over.

    Attributes
    ----------
    counts : ndarray of shape (n_buckets,), int
        Number of records of each bucket.
    n_batches : int
        Number of batches that were added.
    is_complete : bool
        Whether all batches were added.
    """

    def __init__(
        self, folder: Path, n_buckets: int, record_size: int, *, is_kept: bool = False
    ) -> None:
        self._folder, self._record_size, self._is_kept = folder, record_size, is_kept
        self.counts = np.zeros(n_buckets, dtype=np.int64)
        self.n_batches, self.is_complete = 0, False
        self._waiting: dict[int, list[NDArray[np.float32]]] = {}
        self._n_waiting = 0
        self._changed: set[int] = set()
        if not is_kept:
            return
        self._take_over()
        for bucket, count in enumerate(self.counts):
            with open(self._path(bucket), "ab") as file:
                # Rows after the last manifest are added again.
                file.truncate(int(count) * record_size * 4)

    @property
    def n_records(self) -> int:
        """Number of all records."""
        return int(self.counts.sum())

    @property
    def n_bytes(self) -> int:
        """Number of bytes of all records."""
        return self.n_records * self._record_size * 4

    def add(self, records: NDArray[np.float32], buckets: NDArray[np.intp]) -> None:
        """Add a batch. It waits in memory until there are 32 MiB, or a manifest.

        Parameters
        ----------
        records : ndarray of shape (n_records, record_size), float32
        buckets : ndarray of shape (n_records,), int
            Bucket of each record.

        Raises
        ------
        OSError
            If the disk is full.
        """
        order = np.argsort(buckets, kind="stable")
        counts = np.bincount(buckets, minlength=self.counts.size)
        ends = np.cumsum(counts)
        records = np.ascontiguousarray(records[order])
        for bucket in np.flatnonzero(counts).tolist():
            part = records[ends[bucket] - counts[bucket] : ends[bucket]]
            self._waiting.setdefault(bucket, []).append(part)
        self.counts += counts
        self.n_batches += 1
        self._n_waiting += records.nbytes
        if self._n_waiting >= _MOST_WAITING:
            self._write()

    def note(self, *, is_complete: bool = False) -> None:
        """Write all rows. If they are kept, write the manifest: they stay from now on.

        Parameters
        ----------
        is_complete : bool, default=False
            Whether no batches will come.

        Raises
        ------
        OSError
            If the disk is full.
        """
        self._write()
        self.is_complete = is_complete
        if not self._is_kept:
            return
        content = {
            "counts": self.counts.tolist(),
            "n_batches": self.n_batches,
            "is_complete": is_complete,
        }
        with self._naming_full_disk():
            # The manifest must not be on the disk before the rows are.
            for bucket in sorted(self._changed):
                with open(self._path(bucket), "ab") as file:
                    os.fsync(file.fileno())
            self._changed.clear()
            text = json.dumps(content).encode()
            write_file(self._folder / _MANIFEST, text, waits_for_disk=True)

    def read(self, bucket: int, out: NDArray[np.float32]) -> None:
        """Read the first records of a bucket into memory."""
        with open(self._path(bucket), "rb") as file:
            n_read = file.readinto(out.view(np.uint8).data) if out.size else 0
        if n_read != out.nbytes:
            raise OSError(
                errno.EIO, "Rows are missing: files of scratch were altered", file.name
            )

    def _take_over(self):
        """Take over the rows that a manifest names, if all of them are there."""
        try:
            found = json.loads((self._folder / _MANIFEST).read_text())
            counts = np.array(found["counts"], dtype=np.int64)
            sizes = counts * self._record_size * 4
            if counts.shape != self.counts.shape:
                raise ValueError(f"there are {counts.size} buckets")
            for bucket, size in enumerate(sizes.tolist()):
                path = self._path(bucket)
                n_bytes = path.stat().st_size if path.exists() else 0
                if n_bytes < size:
                    raise ValueError(f"{path.name} has {n_bytes} bytes of {size}")
            self.n_batches, self.is_complete = found["n_batches"], found["is_complete"]
            self.counts = counts
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            warn(
                f"the rows that are kept in {self._folder} are damaged, and all rows "
                f"are dealt again: {error}"
            )

    def _write(self):
        """Write the rows that wait."""
        n_written = self.n_bytes - self._n_waiting
        with self._naming_full_disk(n_written):
            for bucket in sorted(self._waiting):
                self._append(bucket, self._waiting[bucket])
        self._changed |= self._waiting.keys()
        self._waiting.clear()
        self._n_waiting = 0

    def _append(self, bucket, parts):
        with open(self._path(bucket), "ab") as file:
            for part in parts:
                file.write(part.data)

    @contextmanager
    def _naming_full_disk(self, n_bytes=None):
        """Return a context in which the error of a full disk says how to go on."""
        try:
            yield
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            n_bytes = self.n_bytes if n_bytes is None else n_bytes
            raise OSError(
                errno.ENOSPC,
                f"The disk is full after {in_binary_units(n_bytes)} of rows. Give "
                "scratch=, a folder on a disk with more room, or fewer rows by "
                "max_rows=",
                str(self._folder),
            ) from error

    def _path(self, bucket):
        return self._folder / f"rows-{bucket:05d}"


class BucketRows:
    """Rows in buckets, and synthetic rows in memory: a source of a chunk a bucket.

    Parameters
    ----------
    buckets : Buckets
        Complete buckets.
    synthetic : TransferSet
        Transfer set whose synthetic rows go along with the rows of the buckets.
    network : Network
        Network with the layout of the records.
    plan : TrainingPlan
    random_state : RandomState
    decides : object
        Values that tell these rows from others.
    report : callable
        Function that is called with the number of rows of each chunk.

    Attributes
    ----------
    n_real : int
        Number of rows in buckets.
    n_rows : int
        Number of rows of an epoch.
    """

    def __init__(
        self,
        buckets: Buckets,
        synthetic: TransferSet,
        network: Any,
        plan: TrainingPlan,
        random_state: np.random.RandomState,
        decides: Any,
        report: Callable[[int], None],
    ) -> None:
        self._buckets, self._transfer_set = buckets, synthetic
        self.n_real, self.decides, self._report = buckets.n_records, decides, report
        self._random_state, self._share = random_state, plan.synthetic_share
        self._dealt = DealtRows(synthetic, self.n_real, self._share, random_state)
        self.n_rows = self.n_real + self._dealt.count
        drawn = slice(synthetic.n_real, None)
        records = make_records(
            network,
            synthetic._replace(
                X=synthetic.X[drawn],
                targets=synthetic.targets[drawn],
                labels=synthetic.labels[drawn],
                soft_weight=synthetic.soft_weight[drawn],
                hard_weight=synthetic.hard_weight[drawn],
                n_real=0,
            ),
            plan,
        )
        # Synthetic rows come first, so that they keep their places. Then come rows that
        # are carried, and those of a bucket.
        self._n_synthetic = len(records)
        most = self._n_synthetic + plan.batch_size + int(buckets.counts.max())
        self._records = aligned_zeros(most, records.shape[1])
        self._records[: self._n_synthetic] = records
        self._carried = records[:0]
        self._order = np.flatnonzero(buckets.counts)
        self._position = 0

    @property
    def n_transfer(self) -> int:
        """Number of different rows to train on."""
        return self.n_real + self._n_synthetic

    def epochs(self, network: Any, plan: TrainingPlan, n_steps: int) -> DenseEpochs:
        """Return the epochs over the rows."""
        records = self._records
        return DenseEpochs(network, self._transfer_set, plan, n_steps, records)

    def chunks(
        self, epoch: int, batch_size: int, first: int = 0
    ) -> Iterator[NDArray[np.int32]]:
        """Yield the rows of each bucket, with their share of synthetic rows."""
        if first == 0:
            self._random_state.shuffle(self._order)
            self._carried, self._position = self._carried[:0], 0
        counts = self._buckets.counts[self._order]
        ends = np.cumsum(counts)
        n_dealt = np.round(ends / ends[-1] * self._dealt.count).astype(int)
        n_dealt = np.diff(n_dealt, prepend=0)
        while self._position < self._order.size:
            rows = self._load(self._order[self._position], n_dealt[self._position])
            self._position += 1
            is_last = self._position == self._order.size
            n_used = rows.size if is_last else rows.size // batch_size * batch_size
            self._carried = self._records[rows[n_used:]].copy()
            if n_used:
                yield rows[:n_used]
                self._report(n_used)

    def some(self, most: int) -> NDArray[np.int32]:
        """Return about so many records, in which synthetic rows have their share."""
        count = min(most, int(self._buckets.counts[self._order[0]]))
        start = self._n_synthetic
        self._buckets.read(self._order[0], self._records[start : start + count])
        drawn = self._dealt.some(round(count * self._dealt.count / self.n_real))
        return np.concatenate(
            [np.arange(start, start + count), drawn - self._transfer_set.n_real]
        ).astype(np.int32)

    def state(self) -> dict[str, Any]:
        """Return the place in the epoch, the rows carried, and the synthetic rows."""
        return {
            "order": self._order.copy(),
            "position": self._position,
            "carried": self._carried.copy(),
            "dealt": self._dealt.state(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._order, self._position = state["order"], state["position"]
        self._carried = state["carried"]
        self._dealt.resume(state["dealt"])

    def _load(self, bucket, n_dealt):
        """Read a bucket, and return its rows with those carried in a random order."""
        start = self._n_synthetic
        end = start + len(self._carried)
        self._records[start:end] = self._carried
        count = int(self._buckets.counts[bucket])
        self._buckets.read(bucket, self._records[end : end + count])
        drawn = self._dealt.deal(n_dealt) - self._transfer_set.n_real
        rows = np.concatenate([np.arange(start, end + count), drawn]).astype(np.int32)
        self._random_state.shuffle(rows)
        return rows
