"""Regressors as teachers."""

from typing import Any

from skdistill.teachers.scikit_learn import EstimatorTeacher


class RegressorTeacher(EstimatorTeacher):
    """A fitted model that answers with numbers, by its `predict`."""

    @property
    def classes(self) -> None:
        """None: numbers have no labels."""
        return None

    @property
    def decider(self) -> None:
        """None: the answers are all that the model says."""
        return None

    def answer(self, X: Any) -> Any:
        """Ask the model."""
        if not hasattr(self.source, "predict"):
            raise ValueError(
                f"the teacher, {self.name}, is fitted and has no predict, by which "
                "numbers are asked for. Give a regressor, or a function f(X) that "
                "returns numbers"
            )
        with self._explaining(X):
            return self.source.predict(X)
