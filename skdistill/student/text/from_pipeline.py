"""The parts of a student of texts, from a fitted pipeline of scikit-learn."""

from dataclasses import replace
from typing import Any

import numpy as np

from skdistill.student.kept_columns import KeptColumns
from skdistill.student.text.sklearn_steps import text_of
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer


def parts_of(pipeline: Any) -> dict[str, Any]:
    """Return the parts of the student of a fitted pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        Vectorizers, and an estimator with `student_`.

    Returns
    -------
    parts : dict
        Parameters of `Student`.

    Raises
    ------
    ValueError
        If a step or a parameter does not travel.
    """
    before, student = _split(pipeline)
    for name in ("input_code", "offsets_", "text"):
        if getattr(student, name) is not None:
            raise ValueError(
                "the student of the pipeline was fitted on dense rows or on a table: "
                "let the vectorizers hand it sparse rows, for example a "
                "ColumnTransformer with sparse_threshold=1.0"
            )
    text, coefs = text_of(before), list(student.coefs_)
    if text.n_columns != student.n_features_in_:
        raise ValueError(
            f"the vectorizers make {text.n_columns} columns, and the student was "
            f"fitted on {student.n_features_in_}: fit the pipeline as a whole"
        )
    if student.kept_columns is not None:
        pruned = _pruned(text, student.kept_columns)
        if pruned is None:
            # The norms need all terms, so those that are not kept have no weight.
            weights = np.zeros((text.n_columns, coefs[0].shape[1]), np.float32)
            weights[student.kept_columns.places] = coefs[0]
            coefs[0] = weights
        else:
            text = pruned
    return {
        "coefs": coefs,
        "intercepts": student.intercepts_,
        "activation": student.activation,
        "classes": student.classes_,
        "weight_dtype": student.weight_dtype,
        "text": text,
    }


def _split(pipeline):
    """Return the steps before the estimator, and its student."""
    if hasattr(pipeline, "best_estimator_"):
        pipeline = pipeline.best_estimator_
    steps = []
    while isinstance(getattr(pipeline, "steps", None), list) and pipeline.steps:
        *before, pipeline = [step for _, step in pipeline.steps]
        steps += before
    student = getattr(pipeline, "student_", None)
    if student is None:
        raise ValueError(
            f"the pipeline ends in a {type(pipeline).__name__} without student_: let "
            "it end in a DistilledClassifier, and fit it"
        )
    if not steps:
        raise ValueError(
            f"a {type(pipeline).__name__} alone takes no texts: give the fitted "
            "Pipeline of its vectorizers and of it"
        )
    return steps, student


def _pruned(text: StudentText, kept: KeptColumns) -> StudentText | None:
    """Return the text part with the kept terms alone.

    The student scales its blocks of unit length by the terms that it keeps. So does a
    vectorizer of these terms. Returns None if a norm of all terms is needed.
    """
    if text.tfidf is not None:
        idf = text.tfidf.idf
        tfidf = replace(text.tfidf, idf=None if idf is None else idf[kept.places])
        inner = [v.norm or v.hash_norm for v in text.vectorizers]
        scaled = len(kept.unit_blocks) > 0
        if any(inner) or (tfidf.norm is not None and not scaled):
            return None
        if scaled and (len(kept.unit_blocks) > 1 or tfidf.norm != "l2"):
            return None
    else:
        tfidf = None
    vectorizers, first = [], 0
    for vectorizer in text.vectorizers:
        end = first + vectorizer.n_columns
        places = kept.places[(kept.places >= first) & (kept.places < end)] - first
        touched = (kept.unit_blocks[:, 0] < end) & (kept.unit_blocks[:, 1] > first)
        one = _with_terms(vectorizer, places)
        if tfidf is None:
            if touched.any():
                if one.hash_norm is not None and one.sublinear:
                    return None
                sign = float(np.sign(one.weight))
                one = replace(one, hash_norm=None, norm="l2", weight=sign)
            elif one.norm is not None or one.hash_norm is not None:
                return None
        if len(places):
            vectorizers.append(one)
        first = end
    return StudentText(vectorizers, text.columns, tfidf)


def _with_terms(vectorizer: TextVectorizer, places: Any) -> TextVectorizer:
    """Return a vectorizer that keeps some of its columns."""
    idf = None if vectorizer.idf is None else vectorizer.idf[places]
    if vectorizer.terms is not None:
        terms = tuple(vectorizer.terms[place] for place in places.tolist())
        return replace(vectorizer, terms=terms, idf=idf)
    return replace(vectorizer, buckets=places, idf=idf)
