"""The parts of a student of texts, from a fitted pipeline of scikit-learn."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    # A step that does not travel may be the reason why the rows were dense.
    text, coefs = text_of(before), list(student.coefs_)
    for name in ("input_code", "offsets_", "text"):
        if getattr(student, name) is not None:
            raise ValueError(
                "the student of the pipeline was fitted on dense rows or on a table: "
                "let the vectorizers hand it sparse rows, for example a "
                "ColumnTransformer with sparse_threshold=1.0"
            )
    if text.n_columns != student.n_features_in_:
        raise ValueError(
            f"the vectorizers make {text.n_columns} columns, and the student was "
            f"fitted on {student.n_features_in_}: fit the pipeline as a whole"
        )
    if student.kept_columns is not None:
        text, sources = pruned_text(text, student.kept_columns)
        coefs[0] = weights_of(sources, coefs[0])
    return {
        "coefs": coefs,
        "intercepts": student.intercepts_,
        "activation": student.activation,
        "output": student.output,
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
    student = getattr(pipeline, "student_", pipeline)
    if not hasattr(student, "kept_columns"):
        raise ValueError(
            f"the pipeline ends in a {type(pipeline).__name__} without student_: let "
            "it end in a DistilledClassifier or DistilledRegressor, and fit it"
        )
    if not steps and _takes_texts(student):
        kind = type(pipeline).__name__
        holds = "takes" if student is pipeline else "holds a student that takes"
        use = "it as it is" if student is pipeline else "its student_"
        raise ValueError(f"the {kind} {holds} texts already: use {use}")
    if not steps:
        raise ValueError(
            f"a {type(pipeline).__name__} alone takes no texts: give the fitted "
            "Pipeline of its vectorizers and of it"
        )
    return steps, student


def _takes_texts(student):
    """Tell whether a student takes texts, or a table with text columns."""
    code = student.input_code
    return student.text is not None or (code is not None and bool(code.texts))


def weights_of(sources: NDArray[np.int64], weights: NDArray[Any]) -> NDArray[Any]:
    """Return the weights of the columns of a pruned text part.

    Parameters
    ----------
    sources : ndarray of shape (n_columns,), int
        Result of `pruned_text`.
    weights : ndarray of shape (n_kept, n_units)

    Returns
    -------
    weights : ndarray of shape (n_columns, n_units), float32
        Zeros for a term that is not kept.
    """
    found = np.zeros((len(sources), weights.shape[1]), dtype=np.float32)
    found[sources >= 0] = weights[sources[sources >= 0]]
    return found


def pruned_text(
    text: StudentText, kept: KeptColumns
) -> tuple[StudentText, NDArray[np.int64]]:
    """Return the text part with the kept terms, and the kept place of each column.

    A pruned student scales its blocks of unit length by the terms that it keeps. So
    does a vectorizer of these terms. A norm of all terms, in other blocks, needs all.

    Parameters
    ----------
    text : StudentText
    kept : KeptColumns

    Returns
    -------
    pruned : StudentText
    sources : ndarray of shape (n_columns,), int
        Place of each column of the pruned text part among the kept ones, -1 for a term
        that is not kept.

    Raises
    ------
    ValueError
        If a norm of all terms is needed.
    """
    given, tfidf = text.vectorizers, text.tfidf
    together = tfidf is not None and len(kept.unit_blocks) > 0
    if tfidf is not None and together:
        given = _without_norms(given, tfidf, kept)
    outer = None if tfidf is None or together else tfidf.norm
    blocks = kept.unit_blocks[: 0 if together else None]
    parts, first = [], 0
    for vectorizer in given:
        end = first + vectorizer.n_columns
        places = kept.places[(kept.places >= first) & (kept.places < end)]
        for one, columns in _unit_parts(vectorizer, first, places, blocks):
            parts.append((_with_terms(one, columns - first), columns, columns))
            places = np.setdiff1d(places, columns, assume_unique=True)
        if len(places) and any((vectorizer.norm, vectorizer.hash_norm, outer)):
            parts.append((vectorizer, np.arange(first, end), places))
        elif len(places):
            parts.append((_with_terms(vectorizer, places - first), places, places))
        first = end
    columns = np.concatenate([columns for _, columns, _ in parts])
    sources = [
        np.where(np.isin(columns, read), np.searchsorted(kept.places, columns), -1)
        for _, columns, read in parts
    ]
    if tfidf is not None and tfidf.idf is not None:
        tfidf = replace(tfidf, idf=tfidf.idf[columns])
    pruned = StudentText([one for one, _, _ in parts], text.columns, tfidf)
    return pruned, np.concatenate(sources)


def _unit_parts(vectorizer, first, places, blocks):
    """Yield a vectorizer of unit length and its kept columns for each unit block."""
    end = first + vectorizer.n_columns
    blocks = blocks[(blocks[:, 0] < end) & (blocks[:, 1] > first)].tolist()
    for start, stop in blocks:
        columns = places[(places >= start) & (places < stop)]
        if len(blocks) == 1:
            columns = places  # Also terms that no row of the fit holds.
        if start < first or stop > end:
            # Several vectorizers have unit length together, and not each.
            _raise_norms()
        if len(columns):
            yield _of_unit_length(vectorizer), columns


def _of_unit_length(vectorizer):
    """Return a vectorizer whose rows have unit length, over its own terms."""
    if vectorizer.hash_norm is not None and vectorizer.sublinear:
        _raise_norms()
    sign = float(np.sign(vectorizer.weight))
    return replace(vectorizer, hash_norm=None, norm="l2", weight=sign)


def _without_norms(vectorizers, tfidf, kept):
    """Return vectorizers whose own norms have no effect before a norm of all blocks."""
    if tfidf.norm != "l2" or len(kept.unit_blocks) > 1:
        _raise_norms()
    if not any(v.norm or v.hash_norm for v in vectorizers):
        return vectorizers
    if len(vectorizers) > 1 or tfidf.sublinear or vectorizers[0].sublinear:
        _raise_norms()
    return [replace(vectorizers[0], norm=None, hash_norm=None)]


def _raise_norms():
    """Raise the error for norms that need terms which a pruned student has not."""
    raise ValueError(
        "the student of the pipeline is pruned, and the norms of its vectorizers need "
        "the terms that it leaves out: fit vectorizers with norm=None before a "
        "TfidfTransformer or sublinear_tf, or the estimator with max_terms=None"
    )


def _with_terms(vectorizer: TextVectorizer, places: Any) -> TextVectorizer:
    """Return a vectorizer that keeps some of its columns."""
    idf = None if vectorizer.idf is None else vectorizer.idf[places]
    if vectorizer.terms is not None:
        terms = tuple(vectorizer.terms[place] for place in places.tolist())
        return replace(vectorizer, terms=terms, idf=idf)
    return replace(vectorizer, buckets=places, idf=idf)
