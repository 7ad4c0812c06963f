"""A fitted scikit-learn pipeline of vectorizers and an estimator, as one student.

scikit-learn is not imported: its objects are known by their type's name and home.
"""

import re
from typing import Any

from skdistill.student.text.student_text import StudentText, Tfidf
from skdistill.student.text.vectorizer import TextVectorizer

# Patterns of tokens that are maximal runs of one class of characters.
_RUNS = (
    (re.compile(r"(?:\(\?u\))?\\b\\w\\w\+\\b"), lambda found: (r"\w", 2)),
    (re.compile(r"(?:\(\?u\))?\\b\\w\+\\b"), lambda found: (r"\w", 1)),
    (re.compile(r"(?:\(\?u\))?\\w\+"), lambda found: (r"\w", 1)),
    (
        re.compile(r"(?:\(\?u\))?\\b\\w\{(\d+),\}\\b"),
        lambda found: (r"\w", int(found[1])),
    ),
    (re.compile(r"(?:\(\?u\))?(?:\\S|\[\^\\s\])\+"), lambda found: (r"\S", 1)),
    (
        re.compile(r"(\[(?:[A-Za-z]-[A-Za-z]|[0-9]-[0-9]|[\w@#'])+\])\+", re.ASCII),
        lambda found: (found[1], 1),
    ),
    (
        re.compile(
            r"(\[(?:[A-Za-z]-[A-Za-z]|[0-9]-[0-9]|[\w@#'])+\])\{(\d+),\}", re.ASCII
        ),
        lambda found: (found[1], int(found[2])),
    ),
)

_VECTORIZERS = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer")


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


def token_of(pattern: str) -> tuple[str, int]:
    r"""Return the token class of a pattern of scikit-learn.

    Parameters
    ----------
    pattern : str

    Returns
    -------
    token : tuple of str and int

    Raises
    ------
    ValueError
        If the pattern does not find all maximal runs of one class of characters.
    """
    for form, token in _RUNS:
        if found := form.fullmatch(pattern):
            return token(found)
    raise ValueError(
        f"token_pattern={pattern!r:.100} does not travel: fit with one of "
        r"\b\w\w+\b (the default), \b\w+\b, \b\w{3,}\b, \S+ or a set such as "
        r"[a-z0-9]+, or with analyzer='char_wb'"
    )


def described(vectorizer: Any, column: int = 0) -> TextVectorizer:
    """Return what a fitted vectorizer of scikit-learn does.

    Parameters
    ----------
    vectorizer : CountVectorizer, TfidfVectorizer or HashingVectorizer
    column : int, default=0
        Place of its text column.

    Returns
    -------
    described : TextVectorizer

    Raises
    ------
    ValueError
        If a parameter has a value that does not travel.
    """
    if not is_sklearn(vectorizer, *_VECTORIZERS):
        raise ValueError(
            f"{type(vectorizer).__name__} does not travel, only "
            f"{', '.join(_VECTORIZERS)}"
        )
    for name in ("preprocessor", "tokenizer", "analyzer", "strip_accents"):
        value = getattr(vectorizer, name)
        if value is not None and not isinstance(value, str):
            raise ValueError(
                f"{name}={value!r:.60} does not travel, because it is code: apply it "
                "to the texts before fit and before predict, and leave it out here"
            )
    if vectorizer.input != "content":
        raise ValueError(
            f"input={vectorizer.input!r} does not travel: read the files, and fit with "
            "input='content'"
        )
    parts = {
        "column": column,
        "analyzer": vectorizer.analyzer,
        "ngram_range": vectorizer.ngram_range,
        "lowercase": bool(vectorizer.lowercase),
        "strip_accents": vectorizer.strip_accents,
        "binary": bool(vectorizer.binary),
    }
    if vectorizer.analyzer == "word":
        parts["token"] = token_of(vectorizer.token_pattern)
        parts["stop_words"] = sorted(vectorizer.get_stop_words() or ())
    if is_sklearn(vectorizer, "HashingVectorizer"):
        parts["n_buckets"] = int(vectorizer.n_features)
        parts["signed"] = bool(vectorizer.alternate_sign)
        parts["hash_norm"] = vectorizer.norm
    else:
        places = vectorizer.vocabulary_
        parts["terms"] = sorted(places, key=places.get)
    if is_sklearn(vectorizer, "TfidfVectorizer"):
        parts |= _tfidf_parts(vectorizer)
    return TextVectorizer(**parts)


def _tfidf_parts(step):
    """Return what a TfidfTransformer, or a vectorizer with one, does."""
    return {
        "sublinear": bool(step.sublinear_tf),
        "idf": step.idf_ if step.use_idf else None,
        "norm": step.norm,
    }


def text_of(steps: list[Any]) -> StudentText:
    """Return what the steps before an estimator do.

    Parameters
    ----------
    steps : list of transformer

    Returns
    -------
    text : StudentText
    """
    first, *others = steps
    vectorizers = [described(first)]
    tfidf = None
    for step in others:
        if not is_sklearn(step, "TfidfTransformer") or tfidf is not None:
            raise ValueError(
                f"the step {type(step).__name__} does not travel: before the estimator "
                "only vectorizers and one TfidfTransformer do"
            )
        tfidf = Tfidf(**_tfidf_parts(step))
    return StudentText(vectorizers, tfidf=tfidf)


def parts_of(pipeline: Any) -> tuple[StudentText, Any]:
    """Return the text part and the student of a fitted pipeline.

    Parameters
    ----------
    pipeline : Pipeline

    Returns
    -------
    text : StudentText
    student : Student

    Raises
    ------
    ValueError
        If a step or a parameter does not travel.
    """
    steps = getattr(pipeline, "steps", None)
    if not isinstance(steps, list) or len(steps) < 2:
        raise ValueError(
            f"pipeline is a {type(pipeline).__name__}: give a fitted Pipeline of "
            "vectorizers and a DistilledClassifier"
        )
    *before, last = [step for _, step in steps if step not in (None, "passthrough")]
    student = getattr(last, "student_", None)
    if student is None:
        raise ValueError(
            f"the last step is a {type(last).__name__} without student_: fit the "
            "pipeline, and let it end in a DistilledClassifier"
        )
    return text_of(before), student
