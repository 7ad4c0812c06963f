"""Texts as the columns of a student, as nodes of an ONNX graph."""

from collections.abc import Sequence

import numpy as np

from skdistill.export.onnx.graph import Graph
from skdistill.export.onnx.text_inputs import TextInput
from skdistill.export.onnx.text_terms import TermSymbols, add_symbols
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer


def check_terms(text: StudentText) -> None:
    """Raise if a vectorizer hashes its terms.

    Parameters
    ----------
    text : StudentText

    Raises
    ------
    ValueError
    """
    for vectorizer in text.vectorizers:
        if vectorizer.is_hashed:
            raise ValueError(
                f"n_features={vectorizer.n_buckets} of a HashingVectorizer does not "
                "travel to ONNX, which has no hash of terms: fit with a "
                "TfidfVectorizer, whose max_features bounds its vocabulary, or use "
                "to_js or to_c"
            )


def add_text_columns(
    graph: Graph, text: StudentText, inputs: Sequence[TextInput]
) -> str:
    """Add the columns of texts, and before them those of an empty text.

    ONNX Runtime's operators for texts need at least one.

    Parameters
    ----------
    graph : Graph
    text : StudentText
    inputs : sequence of TextInput

    Returns
    -------
    columns : str
        Name of the columns, float of shape (1 + n_texts, n_columns).
    """
    texts = {one: _with_empty_text(graph, one) for one in inputs}
    blocks = []
    for vectorizer in text.vectorizers:
        name = next(texts[one] for one in inputs if one.takes(vectorizer))
        counts = _add_counts(graph, add_symbols(graph, name, vectorizer))
        blocks.append(_add_weights(graph, counts, vectorizer))
    columns = graph.beside(blocks)
    if text.tfidf is None:
        return columns
    tfidf = text.tfidf
    return _add_tfidf(graph, columns, tfidf.sublinear, tfidf.idf, tfidf.norm)


def _with_empty_text(graph, one):
    """Return the texts of an input, with an empty one before them."""
    texts = one.name
    if one.column is not None:
        texts = graph.node("Reshape", texts, graph.constant([-1], np.int64))
    empty = graph.constant(np.array([""], dtype=object))
    return graph.node("Concat", empty, texts, axis=0)


def _add_counts(graph: Graph, found: TermSymbols) -> str:
    """Add the number of each term in each text."""
    lengths = np.array(list(map(len, found.terms)))
    order = np.argsort(lengths, kind="stable")
    pool: list[int] = []
    for column in order.tolist():
        pool += found.terms[column]
    longest = int(lengths.max())
    # First entry of the pool that belongs to the terms of one symbol, of two, ...
    n_symbols = [int(lengths[lengths < n].sum()) for n in range(1, longest + 1)]
    counts = graph.node(
        "TfIdfVectorizer",
        found.symbols,
        mode="TF",
        min_gram_length=int(lengths.min()),
        max_gram_length=longest,
        max_skip_count=0,
        ngram_counts=n_symbols,
        ngram_indexes=order.tolist(),
        pool_int64s=pool,
    )
    if found.words is None:
        return counts
    words, column = found.words
    factors = np.zeros(len(lengths), np.float32)
    factors[column] = 2.0
    return graph.node("Add", counts, graph.node("Mul", words, graph.constant(factors)))


def _add_weights(graph: Graph, counts: str, vectorizer: TextVectorizer) -> str:
    """Add what a vectorizer does with counts."""
    if vectorizer.binary:
        counts = graph.node("Min", counts, graph.constant(np.float32(1.0)))
    values = _add_tfidf(
        graph, counts, vectorizer.sublinear, vectorizer.idf, vectorizer.norm
    )
    if vectorizer.weight == 1.0:
        return values
    return graph.node("Mul", values, graph.constant(np.float32(vectorizer.weight)))


def _add_tfidf(graph, values, sublinear, idf, norm):
    """Add the steps of a TfidfTransformer."""
    if sublinear:
        zero, one = (graph.constant(np.float32(number)) for number in (0, 1))
        none = graph.node("Equal", values, zero)
        logarithms = graph.node("Log", graph.node("Where", none, one, values))
        values = graph.node("Where", none, zero, graph.node("Add", logarithms, one))
    if idf is not None:
        values = graph.node("Mul", values, graph.constant(idf, np.float32))
    return values if norm is None else _normalized(graph, values, norm)


def _normalized(graph, values, norm):
    """Return rows that are divided by their norm."""
    if norm == "l1":
        sizes = graph.node("Abs", values)
    else:
        sizes = graph.node("Mul", values, values)
    sizes = graph.node("ReduceSum", sizes, graph.constant([1], np.int64))
    if norm == "l2":
        sizes = graph.node("Sqrt", sizes)
    # A text without terms has a norm of 0.
    zero, one = (graph.constant(np.float32(number)) for number in (0, 1))
    none = graph.node("Equal", sizes, zero)
    return graph.node("Div", values, graph.node("Where", none, one, sizes))
