"""Fitted vectorizers of scikit-learn, and combinations of them, as values.

scikit-learn is not imported: its objects are known by the names of their classes.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skdistill.student.text.student_text import StudentText, Tfidf
from skdistill.student.text.vectorizer import PLAIN_SET, TextVectorizer

_VECTORIZERS = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer")
_TRAVEL = (
    f"{', '.join(_VECTORIZERS)}, TfidfTransformer, and Pipeline, FeatureUnion and "
    "ColumnTransformer of these"
)

# Patterns of tokens that are all maximal runs of one class of characters, after an
# optional (?u). Each has the class, or a group for it, and the least length.
_RUNS = (
    (r"\\b\\w\\w\+\\b", r"\w", "2"),
    (r"\\b\\w\+\\b|\\w\+", r"\w", "1"),
    (r"\\b\\w\{(\d{1,4}),\}\\b", r"\w", None),
    (r"\\S\+|\[\^\\s\]\+", r"\S", "1"),
    (rf"({PLAIN_SET})\+", None, "1"),
    (rf"({PLAIN_SET})\{{(\d{{1,4}}),\}}", None, None),
)

# Types in which scikit-learn counts without overflow.
_COUNTED = ("int32", "int64", "uint32", "uint64", "float32", "float64")


class Steps(NamedTuple):
    """Part of a pipeline: blocks of columns, and weights over all of them.

    Attributes
    ----------
    vectorizers : list of TextVectorizer
    tfidf : Tfidf or None
    """

    vectorizers: list[TextVectorizer]
    tfidf: Tfidf | None = None


def is_sklearn(step: Any, *names: str) -> bool:
    """Tell whether an object is of a class of scikit-learn, and of no subclass.

    Parameters
    ----------
    step : object
    *names : str
        Names of classes.

    Returns
    -------
    is_one : bool
    """
    kind = type(step)
    return kind.__name__ in names and kind.__module__.split(".")[0] == "sklearn"


def text_of(steps: Sequence[Any]) -> StudentText:
    """Return what the steps before an estimator do.

    Parameters
    ----------
    steps : sequence of transformer

    Returns
    -------
    text : StudentText

    Raises
    ------
    ValueError
        If a step or a parameter does not travel.
    """
    columns: list[str | int] = []
    vectorizers, tfidf = _in_a_row(steps, columns, None)
    if not vectorizers:
        raise ValueError("the pipeline has no vectorizer: its texts become no column")
    return StudentText(vectorizers, columns or None, tfidf)


def token_of(pattern: str) -> tuple[str, int]:
    r"""Return the token class of a pattern of scikit-learn.

    Parameters
    ----------
    pattern : str

    Returns
    -------
    token : tuple of str and int
        Class of the characters, and least length of a token.

    Raises
    ------
    ValueError
        If the pattern is not one of those that find all maximal runs of characters.
    """
    plain = pattern.removeprefix("(?u)")
    for form, one, least in _RUNS:
        if found := re.fullmatch(form, plain):
            groups = list(found.groups())
            one = groups.pop(0) if one is None else one
            least = groups.pop(0) if least is None else least
            return one, max(int(least), 1)
    raise ValueError(
        f"token_pattern={pattern!r:.100} does not travel: fit with one of "
        r"\b\w\w+\b (the default), \b\w+\b, \b\w{3,}\b, \S+ or a set such as "
        r"[a-z0-9]+, or with analyzer='char_wb'"
    )


def _part(step, columns, column):
    """Return what a transformer does with the texts of a column."""
    if is_sklearn(step, *_VECTORIZERS):
        return Steps([_vectorizer(step, column or 0)])
    if is_sklearn(step, "Pipeline"):
        return _in_a_row([part for _, part in step.steps], columns, column)
    if is_sklearn(step, "FeatureUnion"):
        return _side_by_side(
            [(name, part, None) for name, part in step.transformer_list],
            step.transformer_weights,
            columns,
            column,
        )
    if is_sklearn(step, "ColumnTransformer") and column is None:
        return _side_by_side(
            _parts_of_columns(step, columns), step.transformer_weights, columns, column
        )
    if is_sklearn(step, "TfidfTransformer"):
        raise ValueError(
            "the TfidfTransformer has no vectorizer before it in its pipeline: a "
            "student of texts needs the CountVectorizer or HashingVectorizer too"
        )
    raise ValueError(
        f"the step {type(step).__name__} does not travel, only {_TRAVEL}: leave it "
        "out, or export the student alone and keep the steps before it in Python"
    )


def _in_a_row(steps, columns, column):
    """Return what transformers one after another do."""
    found = None
    for step in steps:
        if step is None or (isinstance(step, str) and step == "passthrough"):
            continue
        if found is None:
            found = _part(step, columns, column)
        elif not is_sklearn(step, "TfidfTransformer"):
            raise ValueError(
                f"the step {type(step).__name__} after the vectorizer does not travel, "
                f"only {_TRAVEL}: leave it out, or export the student alone and keep "
                "the steps before it in Python"
            )
        else:
            found = _weighed(found, _tfidf_parts(step))
    return Steps([]) if found is None else found


def _weighed(found, parts):
    """Return blocks with the weights of a TfidfTransformer after them."""
    if found.tfidf is not None:
        raise ValueError(
            "a TfidfTransformer after another one does not travel: fit with one"
        )
    tfidf = Tfidf(**parts)
    if len(found.vectorizers) == 1:
        (one,) = found.vectorizers
        if _has_no_weights(one):
            return Steps([replace(one, **parts)])
    return Steps(found.vectorizers, tfidf)


def _has_no_weights(vectorizer):
    """Tell whether a vectorizer hands on counts, or hashed rows, as they are."""
    has = vectorizer.sublinear or vectorizer.idf is not None or vectorizer.norm
    return not has and vectorizer.weight == 1.0


def _side_by_side(parts, weights, columns, column):
    """Return what transformers beside each other do.

    Parameters
    ----------
    parts : list of tuple
        Name, transformer, and place of the text column, None for that of the caller.
    weights : dict or None
    columns : list
        Text columns, to which new ones are added.
    column : int or None
    """
    vectorizers = []
    for name, step, own in parts:
        if isinstance(step, str) and step == "drop":
            continue
        if isinstance(step, str):
            raise ValueError(
                f"the transformer {name!r} is {step!r}, which hands on the texts "
                "themselves: drop it, or give a vectorizer"
            )
        found = _part(step, columns, column if own is None else own)
        found = _distributed(found, name)
        weight = float((weights or {}).get(name, 1.0))
        vectorizers += [replace(v, weight=v.weight * weight) for v in found]
    return Steps(vectorizers)


def _distributed(found, name):
    """Return the vectorizers of a part, each with its share of the weights over all."""
    vectorizers, tfidf = found
    if tfidf is None:
        return vectorizers
    if tfidf.norm is not None or not all(map(_has_no_weights, vectorizers)):
        raise ValueError(
            f"the TfidfTransformer in {name!r} weighs several blocks, or weights of "
            "another step, and stands inside a union: move it behind the outer union, "
            "or fit one for each CountVectorizer"
        )
    ends = np.cumsum([v.n_columns for v in vectorizers])[:-1]
    idf = [None] * len(vectorizers)
    if tfidf.idf is not None:
        idf = np.split(tfidf.idf, ends)
    return [
        replace(v, sublinear=tfidf.sublinear, idf=part)
        for v, part in zip(vectorizers, idf, strict=True)
    ]


def _parts_of_columns(step, columns):
    """Return name, transformer and place of the text column of each part."""
    parts = []
    # A transformer that was fitted on named columns finds them by name, always.
    names = getattr(step, "feature_names_in_", range(step.n_features_in_))
    table = list(names)
    for name, part, wanted in step.transformers_:
        if isinstance(part, str) and part == "drop":
            continue
        is_one = isinstance(wanted, str | int | np.integer)
        if not is_one and _selects_none(wanted):
            continue
        if isinstance(part, str) or not is_one:
            raise ValueError(
                f"the part {name!r} of the ColumnTransformer takes {wanted!r:.60}, and "
                "texts of one column alone travel: give the vectorizer one column, by "
                "name or place, without brackets, and drop the remainder"
            )
        place = table.index(wanted) if isinstance(wanted, str) else int(wanted)
        parts.append((name, part, table[place]))
    for column in sorted({column for _, _, column in parts}, key=table.index):
        if column not in columns:
            columns.append(column)
    return [(name, part, columns.index(column)) for name, part, column in parts]


def _selects_none(wanted):
    """Tell whether a selection of columns is an empty list, or all False."""
    wanted = np.asarray(wanted)
    return not wanted.size or (wanted.dtype == bool and not wanted.any())


def _vectorizer(step, column):
    """Return what a fitted vectorizer of scikit-learn does."""
    _check_parameters(step)
    parts = {
        "column": column,
        "analyzer": step.analyzer,
        "ngram_range": step.ngram_range,
        "lowercase": bool(step.lowercase),
        "strip_accents": step.strip_accents,
        "binary": bool(step.binary),
    }
    if step.analyzer == "word":
        parts["token"] = token_of(step.token_pattern)
        parts["stop_words"] = sorted(step.get_stop_words() or ())
    if is_sklearn(step, "HashingVectorizer"):
        parts["n_buckets"] = int(step.n_features)
        parts["signed"] = bool(step.alternate_sign)
        parts["hash_norm"] = step.norm
        return TextVectorizer(**parts)
    places = getattr(step, "vocabulary_", None)
    if places is None:
        raise ValueError(f"the {type(step).__name__} is not fitted: fit the pipeline")
    parts["terms"] = sorted(places, key=places.get)
    if is_sklearn(step, "TfidfVectorizer"):
        parts |= _tfidf_parts(step)
    return TextVectorizer(**parts)


def _check_parameters(step):
    """Raise if a vectorizer runs code of the user, or counts in a small type."""
    names = ["preprocessor", "analyzer", "strip_accents"]
    if step.analyzer == "word":
        names.append("tokenizer")
    for name in names:
        value = getattr(step, name)
        if value is not None and not isinstance(value, str):
            raise ValueError(
                f"{name}={value!r:.60} of the {type(step).__name__} does not travel, "
                "because it is code: apply it to the texts before fit and before "
                "predict, and leave it out of the vectorizer"
            )
    if step.input != "content":
        raise ValueError(
            f"input={step.input!r:.60} of the {type(step).__name__} does not travel: "
            "read the files, and fit with input='content'"
        )
    dtype = np.dtype(step.dtype).name
    if dtype not in _COUNTED:
        raise ValueError(
            f"dtype={dtype} of the {type(step).__name__} does not travel, because its "
            "counts may overflow: leave it at its default"
        )


def _tfidf_parts(step):
    """Return what a TfidfTransformer, or a TfidfVectorizer, does with counts."""
    idf = step.idf_ if step.use_idf else None
    if idf is not None and not np.isfinite(idf).all():
        raise ValueError(
            f"idf_ of the {type(step).__name__} is infinite for a term that no text "
            "of the fit holds: fit with smooth_idf=True"
        )
    return {"sublinear": bool(step.sublinear_tf), "idf": idf, "norm": step.norm}
