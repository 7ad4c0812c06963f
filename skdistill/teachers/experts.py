"""Votes and rules behind the interface of a teacher."""

from contextlib import nullcontext
from typing import Any

import numpy as np

from skdistill.tables.cells import object_array
from skdistill.teachers.answers import Answers
from skdistill.teachers.rules import RulesTeacher
from skdistill.teachers.scikit_learn import EstimatorTeacher
from skdistill.teachers.teacher import OwnLabels
from skdistill.teachers.votes import VotesTeacher


class AskedAnnotators(EstimatorTeacher):
    """Annotators, whose votes a `VotesTeacher` has read.

    For the rows that they voted on, their consensus answers. For all others the model
    answers that was fitted on the consensus.
    """

    @property
    def decider(self) -> None:
        """None, because the consensus is no decision of the model."""
        return None

    def given_answers(self, rows: Any, task: Any, within: Any = nullcontext) -> Any:
        """Return the consensus for rows that the annotators voted on."""
        if self.was_fitted or rows.numbers is None:
            return super().given_answers(rows, task, within)
        consensus = self.source.proba_[rows.numbers]
        answers = Answers(consensus.copy(), None, self.classes)
        name = f"the consensus of the teacher, {self.name},"
        self.n_columns = consensus.shape[1]
        return task.check_answers(answers, len(consensus), name)

    def own_labels(self, rows: Any) -> Any:
        """Return the most probable class of each row, None where nobody voted."""
        if self.was_fitted or rows.numbers is None:
            return None
        proba, voted = self.source.proba_, self.source.voted_
        return _most_probable(
            proba[rows.numbers], self.source.classes_, voted[rows.numbers]
        )


class AskedRules(EstimatorTeacher):
    """Rules of a `RulesTeacher`, which abstain where no rule holds."""

    def own_labels(self, rows: Any) -> Any:
        """Return the most probable class of each row, None where no rule holds."""
        proba = self.source.predict_proba(rows.X)
        return _most_probable(proba, self.source.classes_, ~self.abstains(rows))

    def abstains(self, rows: Any) -> np.ndarray:
        """Tell which rows no rule speaks of."""
        return ~self.source.fires(rows.X).any(axis=1)


def kind_of_estimator(source: Any) -> type[EstimatorTeacher]:
    """Return the kind of teacher that asks a fitted estimator.

    Parameters
    ----------
    source : estimator

    Returns
    -------
    kind : subclass of EstimatorTeacher
    """
    kinds = {VotesTeacher: AskedAnnotators, RulesTeacher: AskedRules}
    for estimator, kind in kinds.items():
        if isinstance(source, estimator):
            return kind
    return EstimatorTeacher


def _most_probable(proba, classes, known):
    """Return the most probable class of the known rows, and its probability."""
    labels = object_array(classes[proba.argmax(axis=1)].tolist())
    labels[~known] = None
    if known.all():
        labels = classes[proba.argmax(axis=1)]
    return OwnLabels(labels, proba.max(axis=1))
