"""The interface of a kind of report: the part that depends on the models' answers.

A report of classes measures accuracies, one of numbers R². The rows, the draws, the
groups, the costs and the forms of a report are the same. A new kind needs one file
with its measures, one with this interface, and a line in `skdistill.report.kinds`.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skdistill.report.figures import AnsweredRows
from skdistill.report.table import Table


class ReportKind(ABC):
    """Base class of the kinds of a report. An instance belongs to one report."""

    #: Name of the kind, `DistillationReport.kind`.
    name: ClassVar[str]

    #: Parts of the report that other kinds do not have, in their order.
    own_parts: ClassVar[tuple[str, ...]]

    #: Measures of each model, in their order.
    measures: ClassVar[tuple[str, ...]]

    #: Measures of the student and of labels alone, with the teacher as the truth.
    fidelity: ClassVar[tuple[str, ...]]

    @abstractmethod
    def truth_of(self, y: Any, X: Any) -> NDArray[Any]:
        """Return the true answers.

        Parameters
        ----------
        y : array-like of n_samples rows
            Labels or numbers of the user.
        X : table of shape (n_samples, n_features)
            Table that needs as many rows.

        Returns
        -------
        truth : ndarray of shape (n_samples,) or (n_samples, n_targets)

        Raises
        ------
        ValueError
            If y does not suit the models, or if a part of it is missing.
        """

    @abstractmethod
    def check_control(self, model: Any) -> None:
        """Raise unless a model, given as the baseline, answers as the student does.

        Parameters
        ----------
        model : estimator
        """

    @abstractmethod
    def finished(self, answers: NDArray[Any]) -> tuple[NDArray[np.float64], Any]:
        """Return a student's answers as a teacher's, and its decisions.

        Parameters
        ----------
        answers : ndarray of n_samples rows
            Answers of the student's method: see `Task.method`.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns), float64
        decided : ndarray of shape (n_samples,)
        """

    @abstractmethod
    def measures_of(self, rows: AnsweredRows, groups: NDArray[np.intp] | None) -> Any:
        """Return the function that measures the models for any weights of the rows.

        Parameters
        ----------
        rows : AnsweredRows
        groups : ndarray of shape (n_samples,), int, or None
            Number of each row's group, from 0.

        Returns
        -------
        measures : callable
            Function of weights, of shape (n_draws, n_samples). It returns a dict of
            FigureKey to ndarray of shape (n_draws,).
        """

    @abstractmethod
    def parts(
        self, rows: AnsweredRows, sampled: Any, models: list[str]
    ) -> dict[str, Any]:
        """Return the parts of the report that other kinds do not have.

        Parameters
        ----------
        rows : AnsweredRows
        sampled : dict of FigureKey to BootstrappedFigure
        models : list of str
            Names of the models.

        Returns
        -------
        parts : dict of str to object
            Attributes of `DistillationReport` by their names, `own_parts`.
        """

    @abstractmethod
    def group_parts(
        self,
        rows: AnsweredRows,
        is_member: Any,
        figures: Any,
        models: list[str],
        level: float,
    ) -> dict[str, Any]:
        """Return the figures of a group, as a row of `per_group` holds them.

        Parameters
        ----------
        rows : AnsweredRows
        is_member : ndarray of shape (n_samples,), bool
            Whether each row is in the group.
        figures : callable
            Function of the names of a measure and a model, which returns the
            BootstrappedFigure of the group.
        models : list of str
            Names of the models.
        level : float
            Level of the interval of `beyond_others`.

        Returns
        -------
        parts : dict of str to object
        """

    @abstractmethod
    def notes(self, y: Any, rows: AnsweredRows, computed: dict[str, Any]) -> list[str]:
        """Return the notes on answers of models that are not known.

        Parameters
        ----------
        y : array-like of n_samples rows
            Labels or numbers of the user.
        rows : AnsweredRows
        computed : dict
            Attributes of the report, as `compute` returned them.

        Returns
        -------
        notes : list of str
        """

    @abstractmethod
    def notes_on_student(
        self,
        y: Any,
        rows: AnsweredRows,
        computed: dict[str, Any],
        student: Any,
        measured: Any,
        seen_share: float,
    ) -> list[str]:
        """Return the notes on a fitted student.

        Parameters
        ----------
        y, rows, computed
            As for `notes`.
        student : Distillation
            Fitted estimator.
        measured : dict of str to Measured
            Answers and costs of the models.
        seen_share : float
            Share of the rows that the student was trained on.

        Returns
        -------
        notes : list of str
        """

    @staticmethod
    @abstractmethod
    def tables(report: Any, models: list[str]) -> list[Table]:
        """Return the tables of the parts that other kinds do not have.

        Parameters
        ----------
        report : DistillationReport
        models : list of str
            Names of the models.

        Returns
        -------
        tables : list of Table
        """

    @staticmethod
    @abstractmethod
    def group_table(report: Any, models: list[str]) -> Table:
        """Return the table of the groups.

        Parameters
        ----------
        report : DistillationReport
        models : list of str
            Names of the models.

        Returns
        -------
        table : Table
        """

    @staticmethod
    def note_on_figures(report: Any) -> str:
        """Return sentences below the table of all figures, "" for none.

        Parameters
        ----------
        report : DistillationReport

        Returns
        -------
        note : str
        """
        return ""

    @staticmethod
    @abstractmethod
    def about(report: Any) -> str:
        """Return the number and the kind of the answers, such as "3 classes".

        Parameters
        ----------
        report : DistillationReport

        Returns
        -------
        words : str
        """

    @staticmethod
    def frames(report: Any) -> dict[str, tuple[str, list[dict[str, Any]]]]:
        """Return the parts of the report as rows of a frame.

        Parameters
        ----------
        report : DistillationReport

        Returns
        -------
        frames : dict of str to (str, list of dict)
            Name of the column that tells the rows apart, and the rows, by the name of
            the part.
        """
        return {}
