"""The student to export: that of an estimator, or a student itself."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from skdistill.student.holder import StudentHolder
from skdistill.student.student import Student

# Kinds of outputs that a student may have.
ALL_KINDS = ("classes", "numbers", "label_sets")


def student_of(model: Any) -> Student:
    """Return the student to export.

    Parameters
    ----------
    model : DistilledClassifier, Student or Pipeline
        A fitted estimator, whose `student_` is returned, or a student. A fitted
        pipeline of vectorizers and an estimator, or a search of such pipelines,
        becomes a student that takes texts.

    Returns
    -------
    student : Student

    Raises
    ------
    TypeError
        If model is neither an estimator with a student nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If a step of a pipeline of vectorizers cannot be exported.
    """
    student = getattr(model, "student_", model)
    if isinstance(student, Student):
        return student
    if isinstance(model, StudentHolder):
        # Imported here, because a student is also exported without scikit-learn.
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(model, "student_")
    if reads_texts(model):
        return Student.from_pipeline(model)
    _refuse_wrapper(model)
    raise TypeError(
        f"model is a {type(model).__name__}: give a fitted DistilledClassifier or "
        "DistilledRegressor, or its student_"
    )


def exported_student(
    model: Any, *, takes_texts: bool, kinds: Collection[str] = ("classes",)
) -> Student:
    """Return the student to write, or raise if a file cannot read its rows.

    Parameters
    ----------
    model : DistilledClassifier, Student or Pipeline
    takes_texts : bool
        Whether the format has a place for vectorizers.
    kinds : collection of str, default=("classes",)
        Kinds of outputs that the format can hold: see `skdistill.student.output`.

    Returns
    -------
    student : Student

    Raises
    ------
    TypeError, ValueError, sklearn.exceptions.NotFittedError
        If `student_of` raises it.
    ValueError
        If the format cannot hold the student's kind of output, if the student takes
        texts, and the format does not, or if the student reads
        some columns of sparse rows, as one with `kept_columns` does.
    """
    student = student_of(model)
    refuse_kinds_but(kinds, student, "this format")
    if student.text is not None and not takes_texts:
        raise ValueError(
            "the student takes texts, and this format has no place for its "
            "vectorizers: use to_js, to_c or to_onnx"
        )
    refuse_text_columns(student)
    if student.kept_columns is not None:
        raise ValueError(
            f"the student reads {len(student.kept_columns.places)} of "
            f"{student.n_features_in_} columns of sparse rows, and an export takes "
            "none: give the fitted pipeline of vectorizers and estimator, whose export "
            "takes texts"
        )
    return student


def refuse_kinds_but(kinds: Collection[str], student: Student, name: str) -> None:
    """Raise if a student has an output of another kind than some.

    Parameters
    ----------
    kinds : collection of str
        Kinds of outputs that are handled.
    student : Student
    name : str
        Name of the one that handles them, for the message.

    Raises
    ------
    ValueError
    """
    if student.output.kind not in kinds:
        raise ValueError(
            f"the student answers {student.output}, and {name} handles "
            f"{' and '.join(kinds).replace('_', ' ')} alone: save the student and load "
            "it in Python, where it needs NumPy alone"
        )


def refuse_text_columns(student: Student) -> None:
    """Raise if a student reads text columns of a table, which no export does.

    Parameters
    ----------
    student : Student

    Raises
    ------
    ValueError
    """
    code = student.input_code
    if code is not None and code.texts:
        places = [text.feature for text in code.texts]
        names = places if student.names is None else [student.names[p] for p in places]
        raise ValueError(
            f"the student reads the text columns {names!r:.100} of a table, and no "
            "export does: save it and load it in Python, where it needs NumPy alone, "
            "or export a student of the texts alone, from a Pipeline"
        )


def kept_rows(X: Any) -> Any:
    """Return rows that can be read several times.

    Parameters
    ----------
    X : table of shape (n_rows, n_features) or iterable of str

    Returns
    -------
    X : table or list
        X itself, or a list of the items of an iterator.
    """
    return list(X) if isinstance(X, Iterator) else X


def reads_texts(model: Any) -> bool:
    """Tell whether a vectorizer in a pipeline, a union or a search reads texts.

    Parameters
    ----------
    model : object

    Returns
    -------
    reads_texts : bool
    """
    # All are known by their attributes: scikit-learn may not be installed.
    if hasattr(model, "build_analyzer"):
        return True
    if hasattr(model, "best_estimator_"):
        return reads_texts(model.best_estimator_)
    parts = [
        part
        for name in ("steps", "transformer_list", "transformers")
        if isinstance(listed := getattr(model, name, None), list)
        for part in listed
    ]
    return any(reads_texts(part) for _, part, *_ in parts)


def _refuse_wrapper(model):
    """Raise the error of a pipeline, a search or a result, which holds a student."""
    # All are known by their attributes: scikit-learn may not be installed.
    if hasattr(model, "best_estimator_"):
        raise TypeError(
            f"model is a {type(model).__name__}, which holds the fitted estimator: "
            "give its best_estimator_"
        )
    if isinstance(getattr(model, "student", None), Student):
        raise TypeError(
            f"model is a {type(model).__name__}, which holds a student: give its "
            "student"
        )
    if hasattr(model, "regressor_") and hasattr(model, "transformer_"):
        raise TypeError(
            f"model is a {type(model).__name__}, whose student answers in the "
            "transformed target: give model.regressor_, and apply the inverse of the "
            "transform, inverse_func or transformer_, to the answers of the export"
        )
    if isinstance(getattr(model, "steps", None), list):
        raise TypeError(
            f"model is a {type(model).__name__}, whose steps before the last may "
            "change the rows, and an export holds the student alone: give its last "
            "step, model[-1], and rows as model[:-1].transform(X) returns them"
        )


def refuse_offsets(model: Any, rows: str) -> None:
    """Raise if a column needs double precision, which rows of an export do not have.

    Parameters
    ----------
    model : DistilledClassifier or Student
        Model to export.
    rows : str
        Kind of the rows, for the message.

    Raises
    ------
    ValueError
        If the student subtracts an offset from a column that it uses.
    """
    student = student_of(model)
    code, offsets = student.input_code, student.offsets_
    if offsets is None:
        return
    far = np.flatnonzero(offsets)
    if code is not None:
        far = np.intersect1d(far, np.concatenate([code.linear, code.knotted]))
    if far.size:
        names = getattr(model, "feature_names_in_", range(len(offsets)))
        raise ValueError(
            f"column {names[far[0]]!r} has values near {offsets[far[0]]:.6g}, too far "
            f"from 0 for their differences, and {rows} are float32, which hardly tells "
            "them apart: subtract a constant from it before fit "
            f"({far.size} such columns)"
        )
