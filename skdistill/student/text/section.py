"""The section of texts in the file of a student: a description, and a stream."""

from typing import Any

import numpy as np

from skdistill.student.text.idf import counts_of_idf, idf_of_counts
from skdistill.student.text.stream import LONGEST_TERM, StreamReader, StreamWriter
from skdistill.student.text.student_text import StudentText, Tfidf
from skdistill.student.text.vectorizer import TextVectorizer

# Fields of a vectorizer that are written as they are, with their types in JSON.
_PLAIN = {
    "column": (int,),
    "analyzer": (str,),
    "ngram_range": (list,),
    "lowercase": (bool,),
    "strip_accents": (str, type(None)),
    "token": (list, type(None)),
    "binary": (bool,),
    "n_buckets": (int, type(None)),
    "signed": (bool,),
    "hash_norm": (str, type(None)),
    "sublinear": (bool,),
    "norm": (str, type(None)),
    "weight": (int, float),
}

# Numbers of the parts in the stream.
_COUNTS = ("n_terms", "n_stop_words", "n_kept_buckets")
_MOST_PARTS = 2**17

_TFIDF = {"sublinear": (bool,), "norm": (str, type(None))}
_IDF = {"idf": (str, type(None)), "idf_rows": (int, type(None))}


def text_to_file(text: StudentText) -> tuple[dict[str, Any], StreamWriter]:
    """Return the description of texts, and the stream of their terms.

    Parameters
    ----------
    text : StudentText

    Returns
    -------
    description : dict
        Entries that JSON can hold.
    stream : StreamWriter

    Raises
    ------
    ValueError
        If a term is not valid text, or too long.
    """
    _check_terms(text)
    return _written(text)


def text_nbytes(text: StudentText | None) -> int:
    """Return the number of bytes that the terms and factors of texts take in a file.

    Parameters
    ----------
    text : StudentText or None

    Returns
    -------
    n_bytes : int
        0 if there are no texts.
    """
    return 0 if text is None else len(_written(text)[1].deflated())


def _check_terms(text):
    """Raise if a term is not valid text, or too long."""
    for vectorizer in text.vectorizers:
        for term in (*(vectorizer.terms or ()), *vectorizer.stop_words):
            try:
                n_bytes = len(term.encode())
            except UnicodeEncodeError:
                raise ValueError(
                    f"the term {term!r:.50} holds half a surrogate pair, which readers "
                    "in other languages do not accept: fit without such texts"
                ) from None
            if n_bytes > LONGEST_TERM:
                raise ValueError(
                    f"the term {term!r:.50} has {n_bytes} bytes, over {LONGEST_TERM}"
                )


def _written(text):
    """Return the description of texts, and their stream."""
    stream, blocks = StreamWriter(), []
    for vectorizer in text.vectorizers:
        plain = vectorizer.to_dict()
        block = {name: plain[name] for name in _PLAIN}
        parts = (vectorizer.terms, vectorizer.stop_words, vectorizer.buckets)
        for name, part in zip(_COUNTS, parts, strict=True):
            block[name] = None if part is None else len(part)
        if vectorizer.terms is not None:
            stream.terms(vectorizer.terms)
        stream.terms(vectorizer.stop_words)
        if vectorizer.buckets is not None:
            stream.numbers(np.diff(vectorizer.buckets, prepend=0), 4)
        blocks.append(block | _write_idf(stream, vectorizer.idf))
    description = {
        "columns": None if text.columns is None else list(text.columns),
        "vectorizers": blocks,
        "tfidf": None,
    }
    if text.tfidf is not None:
        description["tfidf"] = {
            "sublinear": text.tfidf.sublinear,
            "norm": text.tfidf.norm,
            **_write_idf(stream, text.tfidf.idf),
        }
    return description, stream


def text_from_file(description: Any, stream: StreamReader) -> StudentText:
    """Return the texts of a file.

    Parameters
    ----------
    description : dict
        Parsed section.
    stream : StreamReader
        Stream of the file. It is read up to the end of the texts.

    Returns
    -------
    text : StudentText

    Raises
    ------
    ValueError
        If a part is damaged.
    """
    check_fields(
        description,
        {"columns": (list, type(None)), "vectorizers": (list,)}
        | {"tfidf": (dict, type(None))},
    )
    vectorizers = [_read_block(stream, block) for block in description["vectorizers"]]
    columns, tfidf = description["columns"], description["tfidf"]
    if columns is not None and not all(type(c) in (str, int) for c in columns):
        raise ValueError(f"columns of the texts is {columns!r:.100}")
    if tfidf is not None:
        check_fields(tfidf, _TFIDF | _IDF)
        n_columns = sum(v.n_columns for v in vectorizers)
        tfidf = Tfidf(
            tfidf["sublinear"], _read_idf(stream, tfidf, n_columns), tfidf["norm"]
        )
    return StudentText(vectorizers, columns, tfidf)


def _read_block(stream, block):
    """Return a vectorizer of a file."""
    counts = dict.fromkeys(_COUNTS, (int, type(None)))
    check_fields(block, _PLAIN | counts | _IDF)
    for name in _COUNTS:
        if not 0 <= (block[name] or 0) <= _MOST_PARTS:
            raise ValueError(f"{name} is {block[name]}, over {_MOST_PARTS}")
    for name, kind in (("ngram_range", int), ("token", None)):
        values = block[name]
        kinds = (str, int) if kind is None else (int, int)
        if values is not None and tuple(map(type, values)) != kinds:
            raise ValueError(f"{name} is {values!r:.100}")
    parts = {name: block[name] for name in _PLAIN}
    if block["n_terms"] is not None:
        parts["terms"] = stream.terms(block["n_terms"])
    parts["stop_words"] = stream.terms(block["n_stop_words"] or 0)
    if block["n_kept_buckets"] is not None:
        steps = stream.numbers(block["n_kept_buckets"], 4)
        parts["buckets"] = np.cumsum(steps)
    n_columns = TextVectorizer(**parts).n_columns
    return TextVectorizer(**parts, idf=_read_idf(stream, block, n_columns))


def _write_idf(stream, idf):
    """Write factors in the form with the fewest bytes, and return its fields."""
    if idf is None:
        return {"idf": None, "idf_rows": None}
    found = counts_of_idf(idf)
    if found is not None:
        n_rows, counts = found
        stream.numbers(counts, 4)
        return {"idf": "counts", "idf_rows": n_rows}
    with np.errstate(over="ignore"):
        is_single = (idf.astype(np.float32) == idf).all()
    dtype = "float32" if is_single else "float64"
    stream.array(idf, dtype)
    return {"idf": dtype, "idf_rows": None}


def _read_idf(stream, fields, n_columns):
    """Read the factors of columns."""
    kind, n_rows = fields["idf"], fields["idf_rows"]
    if kind is None:
        return None
    if kind == "counts":
        counts = stream.numbers(n_columns, 4)
        if n_rows is None or not 1 <= n_rows < 2**32 or not (counts > 0).all():
            raise ValueError(f"idf_rows is {n_rows}, or a count is 0")
        return idf_of_counts(n_rows, counts)
    if kind not in ("float32", "float64"):
        raise ValueError(f"idf is {kind!r:.100}")
    return stream.array(n_columns, kind)


def check_fields(description: Any, fields: dict[str, tuple[type, ...]]) -> None:
    """Raise unless an object has just some fields, each of its type.

    Parameters
    ----------
    description : dict
    fields : dict of str to tuple of type

    Raises
    ------
    ValueError
    """
    if not isinstance(description, dict) or description.keys() != fields.keys():
        raise ValueError(
            f"its texts are described by {description!r:.100}: the fields are "
            f"{', '.join(fields)}"
        )
    for name, kinds in fields.items():
        if type(description[name]) not in kinds:
            raise ValueError(f"{name} of its texts is {description[name]!r:.100}")
