"""The header in C of a student that takes texts."""

from skdistill.export.c.answers.base import enumerated
from skdistill.export.c.answers.of_student import answers_of
from skdistill.export.c.floats import float_source
from skdistill.export.c.text import array, comment, float_literals
from skdistill.export.c.text_student import counting, reading, terms, weighing
from skdistill.export.c.text_student.factors import factors_of
from skdistill.export.c.text_student.head import head
from skdistill.export.c.text_student.letters import sigma_context
from skdistill.export.c.text_student.plan import plan_of
from skdistill.student.text.vectorizer import ANALYZERS

_NORMS = {None: 0, "l1": 1, "l2": 2}

_SIZES = """\
enum {{
    @_n_texts = {n_texts},
    @_n_columns = {n_columns}, /* terms */
{sizes}
    @_no_answer = -1,
    @_not_utf8 = -2{unknown}
}};
"""


def text_header(student, prefix, letters):
    """Return the text of a header for a student of texts.

    Parameters
    ----------
    student : Student
        Student with `text`.
    prefix : str
        Beginning of all names.
    letters : {"latin-1", "all"}

    Returns
    -------
    text : str

    Raises
    ------
    ValueError, TypeError
        If a label cannot be written in C, or a vectorizer does what C cannot do.
    """
    plan, found = plan_of(student, letters), answers_of(student)
    columns = plan.text.columns
    parts = _Parts(plan, found, 1 if columns is None else len(columns), letters)
    guard = f"SKDISTILL_{prefix}_H"
    sizes = _SIZES.format(
        n_texts=parts.n_texts,
        n_columns=student.n_features_in_,
        sizes=enumerated(found.sizes, ","),
        unknown=",\n    @_unknown_character = -3" if letters == "latin-1" else "",
    )
    source = [
        sizes,
        float_source(plan.student, found, of_texts=True),
        *parts.letters(),
        *parts.terms(),
        *parts.blocks(),
        *parts.reading(),
        parts.predicting(),
    ]
    return "\n".join(
        [
            comment(head(plan, found, prefix, letters)),
            f"#ifndef {guard}\n#define {guard}\n",
            "#include <stddef.h>\n#include <stdint.h>\n",
            *found.labels(prefix),
            *(part.replace("@", prefix) for part in source),
            "#endif\n",
        ]
    )


class _Parts:
    """The parts of the source, and what they have in common."""

    def __init__(self, plan, found, n_texts, letters):
        self.plan = plan
        self.found = found
        self.n_texts = n_texts
        self.of_latin = letters == "latin-1"
        vectorizers = [block.vectorizer for block in plan.blocks]
        self.tfidf = plan.text.tfidf
        weighed = [*vectorizers, *([self.tfidf] if self.tfidf else [])]
        self.is_hashed = any(v.is_hashed for v in vectorizers)
        self.analyzers = [
            name for name in ANALYZERS if any(v.analyzer == name for v in vectorizers)
        ]
        self.sublinear = any(v.sublinear for v in weighed)
        self.hash_norm = any(v.hash_norm for v in vectorizers)
        self.norm = any(v.norm for v in weighed)
        self.longest = max(block.longest for block in plan.blocks)
        self.factors = factors_of(plan)
        places = [p for p in self.factors[1:] if p is not None]
        self.idf_type = f"{places[0].dtype.name}_t" if places else "uint8_t"

    def letters(self):
        """Yield what turns bytes into the characters of terms."""
        yield reading.CODE_POINT
        yield reading.RUNS
        if self.plan.needs_sigma:
            yield from _runs("context", sigma_context())
            pointers = _run_pointers("context", sigma_context())
            yield f"static const @_runs @_context = {pointers};\n"
            yield reading.SIGMA
        for place, table in enumerate(self.plan.letters):
            name = f"letters_{place}"
            yield array(f"@_{name}_ascii", table.ascii_masks)
            yield from _runs(name, table.runs)
            yield array(f"@_{name}_operations", table.operations)
            sequences = "0"
            if table.sequences.size:
                yield array(f"@_{name}_sequences", table.sequences)
                sequences = f"@_{name}_sequences"
            yield (
                f"static const @_letters @_{name} = {{\n"
                f"    @_{name}_ascii,\n    {_run_pointers(name, table.runs)},\n"
                f"    @_{name}_operations, {sequences}, {int(table.lowercase)}\n}};\n"
            )

    def terms(self):
        """Yield the trees of terms, and what follows a term in them."""
        forest = self.plan.forest
        for name, values in forest.constants.items():
            yield array(f"@_{name}", values)
        yield array("@_ascii_labels", forest.ascii_labels)
        yield terms.TREE
        others, labels = forest.other_labels
        if not len(others):
            yield terms.LABEL_OF_ASCII
            return
        yield array("@_others", others)
        yield array("@_other_labels", labels)
        yield terms.LABEL.format(n_others=len(others))

    def blocks(self):
        """Yield the vectorizers."""
        yield counting.DECLARATIONS.format(
            text_type="" if self.n_texts == 1 else counting.TEXT_TYPE,
            idf_type=self.idf_type,
            longest=self.longest,
            hash_state=counting.HASH_STATE if self.is_hashed else "",
        )
        for name, values in self.factors.constants.items():
            yield array(f"@_{name}", values)
        rows = []
        for place, block in enumerate(self.plan.blocks):
            buckets = block.vectorizer.buckets
            if buckets is not None:
                yield array(f"@_buckets_{place}", buckets.astype("u4"))
            rows.append(self._block(block, "0" if buckets is None else place))
        lines = ",\n".join(f"    {{{row}}}" for row in rows)
        yield f"static const @_block @_blocks[{len(rows)}] = {{\n{lines}\n}};\n"

    def _block(self, block, buckets):
        """Return the initializer of a vectorizer."""
        v = block.vectorizer
        token = least = 0
        if v.token is not None:
            tokens = self.plan.letters[block.letters].tokens
            token, least = 2 << tokens.index(v.token[0]), v.token[1]
        idf = "0" if v.idf is None else f"@_idf + {block.first_column}"
        return ", ".join(
            [
                f"&@_letters_{block.letters}",
                str(v.column),
                str(ANALYZERS.index(v.analyzer)),
                f"{v.ngram_range[0]}, {block.longest}",
                f"{token}u, {least}",
                f"{block.terms.first_node}, {block.stop_words.first_node}",
                str(block.terms.first_term),
                f"{block.first_column}, {v.n_columns}",
                f"{v.n_buckets or 0}u",
                "0" if buckets == "0" else f"@_buckets_{buckets}",
                f"{int(v.signed)}, {int(v.binary)}",
                f"{_NORMS[v.hash_norm]}, {int(v.sublinear)}, {_NORMS[v.norm]}",
                f"{idf}, {float_literals(v.weight)[0]}",
            ]
        )

    def reading(self):
        """Yield what counts the terms of a text."""
        if self.is_hashed:
            yield terms.HASH
        find = terms.FIND_TERM.format(indent=" " * (8 if self.is_hashed else 4))
        yield terms.EXTEND.format(
            hashed=terms.EXTEND_HASHED if self.is_hashed else "",
            find=terms.FIND_HASHED.format(find=find) if self.is_hashed else find,
        )
        if "word" in self.analyzers:
            yield counting.WORDS
        if self.analyzers != ["word"]:
            yield counting.CHARACTERS
        if "char_wb" in self.analyzers:
            yield counting.WITHIN_WORDS
        if "char" in self.analyzers:
            yield counting.HELD
        yield counting.TAKE.format(
            take="".join(map(counting.TAKE_CASES.get, self.analyzers)),
            end="".join(map(counting.END_CASES.get, self.analyzers)),
        )
        has_sigma = self.plan.needs_sigma
        yield reading.READ.format(
            here="const unsigned char *here = next;\n        " if has_sigma else "",
            sigma=reading.SIGMA_CASE if has_sigma else "",
            unknown=reading.UNKNOWN if self.of_latin else "",
        )

    def predicting(self):
        """Return what turns counts into answers."""
        together = ""
        if self.tfidf is not None:
            idf = "0" if self.factors.of_all is None else "@_all_idf"
            together = (
                f"    @_weigh(work->row, @_n_columns, {int(self.tfidf.sublinear)}, "
                f"{idf}, {_NORMS[self.tfidf.norm]});\n"
            )
        one = self.n_texts == 1
        has_idf = self.factors.values.size > 0
        parameters = "const char *text, size_t size"
        arguments = "text, size"
        if not one:
            parameters, arguments = "const @_text texts[@_n_texts]", "texts"
        uses = {"sublinear": self.sublinear, "idf": has_idf, "norm": self.norm}
        parts = [
            weighing.LOGARITHM if self.sublinear else "",
            weighing.NORM if self.norm or self.hash_norm else "",
            weighing.WEIGH.format(
                unused="".join(
                    f"    (void){name};\n" for name, used in uses.items() if not used
                ),
                idf_type=self.idf_type,
                factor=weighing.WEIGH_FACTOR if has_idf else "",
                logarithm=weighing.WEIGH_LOGARITHM if self.sublinear else "",
                norm=weighing.WEIGH_NORM if self.norm else "",
            ),
            weighing.ENCODE.format(
                texts="text" if one else "texts",
                parameters=parameters,
                text="text" if one else "texts[block->text].bytes",
                size="size" if one else "texts[block->text].size",
                n_blocks=len(self.plan.blocks),
                hash_norm=weighing.HASH_NORM if self.hash_norm else "",
                together=together,
            ),
            self.found.of_texts(parameters, arguments),
        ]
        return "\n".join(part for part in parts if part)


def _runs(name, runs):
    """Yield the constants of runs."""
    for part, values in runs._asdict().items():
        yield array(f"@_{name}_{part}", values)


def _run_pointers(name, runs):
    """Return the initializer of runs."""
    arrays = ", ".join(f"@_{name}_{part}" for part in runs._fields)
    return f"{{{arrays}, {len(runs.starts)}}}"
