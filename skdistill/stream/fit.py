"""Fit a student on files that do not fit into memory.

1. One pass over all rows counts them, and draws a core sample.
2. The usual fit of the core sample learns knots, levels and the recipe: everything but
   the student itself. The decay falls with the number of all rows.
3. A second pass asks the teacher, and deals coded rows to random buckets on disk.
4. The student is trained on one bucket after another.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, TypeVar

import pandas as pd

from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.distillation import gather_data, publish
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.fit_run import FitRun
from skdistill.estimators.regressor import DistilledRegressor
from skdistill.stream.arguments import names_of
from skdistill.stream.checks import (
    ARGUMENTS,
    check_labels_are_told,
    check_max_rows,
    checked_clone,
    kind_of_rows,
    stored_answers,
)
from skdistill.stream.files import Columns, Files
from skdistill.stream.rows import RowsOfFiles
from skdistill.stream.scratch import Scratch
from skdistill.stream.source import RowSource
from skdistill.stream.survey import make_survey
from skdistill.teachers.file import model_behind
from skdistill.teachers.kinds import check_kind
from skdistill.training.train_student import train_student

Model = TypeVar("Model", DistilledClassifier, DistilledRegressor)


def fit_files(
    model: Model,
    files: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    target: str | Sequence[str] | None = None,
    proba: str | Sequence[str] | Mapping[Any, str] | None = None,
    prediction: str | Sequence[str] | None = None,
    sample_weight: str | None = None,
    drop: Sequence[str] = (),
    max_rows: int | str = "auto",
    scratch: str | PathLike[str] | None = None,
    checkpoint: str | PathLike[str] | None = None,
) -> Model:
    """Fit a clone of an estimator on the rows of files.

    Rows are read twice, in batches. Memory holds samples of 50,000 rows, and later one
    of the buckets into which all rows are dealt at random. So the order of rows and of
    files does not matter. See the guide page "When one machine is not enough".

    Parameters
    ----------
    model : DistilledClassifier or DistilledRegressor
        Estimator with a fitted teacher, or with ``teacher="precomputed"`` and `proba`
        or `prediction`. It stays as it is.
    files : str, path-like or sequence of them
        Files of Parquet and Arrow, or of CSV alone, or patterns such as
        ``"rows/*.parquet"``. They have the same columns, in any order.
    target : str or sequence of str, default=None
        Column of the labels, or of the numbers that a regressor learns. Several columns
        hold several numbers, or label sets as 0 and 1. A row without a value learns
        from the teacher alone. None if no row has one.
    proba : str, sequence of str or dict, default=None
        Columns of the teacher's probabilities: one for each label in sorted order, that
        of the second of two labels, or a dict of labels and their columns. For label
        sets one for each column of `target`, or a dict of these and their columns.
    prediction : str or sequence of str, default=None
        Columns of the teacher's numbers, for a regressor: one, or one for each of
        several quantiles or columns of `target`.
    sample_weight : str, default=None
        Column of the weights of the rows.
    drop : sequence of str, default=()
        Columns that are left out.
    max_rows : int or "auto", default="auto"
        Greatest number of rows to train on, about. More of them are sampled. "auto"
        takes all rows with a label, and a million of those without.
    scratch : str or path-like, default=None
        Folder for the rows between the passes. A row takes four bytes for each column,
        for each class or label of sets, and for three numbers more, rounded up to 32
        bytes. A number that is learned counts twice. None takes the folder of temporary
        files. Files written there are removed at the end.
    checkpoint : str or path-like, default=None
        Folder from which a killed call goes on: see `DistilledClassifier`. The coded
        rows with the teacher's answers are kept there too, or in `scratch`. None takes
        the parameter of the model, which the fitted clone keeps in any case.

    Returns
    -------
    fitted : DistilledClassifier or DistilledRegressor
        The fitted clone.

    Raises
    ------
    OSError
        If a file cannot be found, if scratch has not enough room, or if another process
        makes the same call with the same checkpoint.
    TypeError
        If the model is neither of the two.
    ValueError
        If the teacher is not fitted, if files differ in their columns or forms, if one
        cannot be read, or if there can be no checkpoints.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdistill import DistilledClassifier
    >>> from skdistill.stream import fit_files
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> teacher = LogisticRegression(max_iter=1000).fit(X, y)
    >>> model = DistilledClassifier(teacher, hidden_layer_sizes=(8,), random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     X.assign(species=y).to_parquet(Path(folder) / "rows.parquet")
    ...     fitted = fit_files(model, f"{folder}/*.parquet", target="species")
    >>> bool(fitted.score(X, y) > 0.9)
    True
    """
    check_max_rows(max_rows)
    teacher = model_behind(getattr(model, "teacher", None))
    kind = kind_of_rows(model, teacher, len(names_of(target)))
    check_kind(teacher, kind)
    stored = stored_answers(kind, proba, prediction)
    draft = checked_clone(model, stored, checkpoint, ARGUMENTS[kind], kind)
    found = Files(files)
    columns = found.columns(target, stored, sample_weight, drop, kind)
    fit_source(draft, found, columns, max_rows, scratch)
    return draft.set_params(checkpoint=model.checkpoint)


def fit_source(
    draft: Any, source: RowSource, columns: Columns, max_rows: int | str, scratch: Any
) -> None:
    """Fit an estimator in place on a source of rows.

    Parameters
    ----------
    draft : DistilledClassifier
        Estimator, as `checked_clone` returns it.
    source : RowSource
    columns : Columns
        Columns of the rows, by their meaning.
    max_rows, scratch
        Arguments of `fit_files`.
    """
    # The path of a teacher is opened here, on the worker that trains.
    teacher = model_behind(draft.teacher)
    kind = kind_of_rows(draft, teacher, len(columns.targets))
    columns = columns._replace(kind=kind)
    is_verbose = bool(draft.verbose)
    progress = source.progress("read files", None, is_verbose)
    survey = make_survey(source, columns, progress)
    progress.end()
    check_labels_are_told(teacher, kind, survey.n_labelled)
    with Scratch(scratch, draft.checkpoint) as folder:
        rows = RowsOfFiles(source, columns, survey, max_rows, folder, is_verbose)
        core = rows.core()
        with FitRun.of(draft, core.X, core.y, core.sample_weight) as run:
            arguments = FitArguments(
                core.X,
                core.y,
                core.sample_weight,
                core.teacher_proba,
                params={},
                answers_name=draft.targets.answers_name,
            )
            data = gather_data(run.draft, arguments, run, core.classes, core.part)
            data = rows.informed(data)
            named = pd.DataFrame(columns=columns.names_of_targets)
            task = run.draft.named_task(data.task, named)
            run.draft.task_, data = task, data._replace(task=task)
            trained = train_student(data, run.draft, run, stream=rows)
            publish(run.draft, trained)
            run.draft.fit_seconds_ = run.seconds
        if trained.history.was_interrupted:
            folder.keep()
