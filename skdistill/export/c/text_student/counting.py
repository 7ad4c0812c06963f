"""C that counts the terms of a text while its characters go by.

A term that a text may hold is followed from its first character on, as a node of the
tree of terms. Terms of each length that end at the present place are followed at once,
so that no part of the text is stored. In the sources below, ``@`` stands for the prefix
of all names.
"""

TEXT_TYPE = """\
typedef struct {
    const char *bytes;
    size_t size;
} @_text;

"""

DECLARATIONS = """\
{text_type}/* The terms of a vectorizer, and what it does with their counts. */
typedef struct {{
    const @_letters *letters;
    int text; /* which text it reads */
    int analyzer; /* 0: words, 1: characters, 2: characters within words */
    int low, high; /* lengths of terms; none is longer */
    uint32_t token; /* mask of the characters of tokens */
    size_t least; /* length of a token */
    int32_t first_node, first_stop_word; /* -1: there is none */
    int32_t terms_before; /* in the tree */
    int32_t first_column, n_columns;
    uint32_t n_buckets; /* 0: terms are not hashed */
    const uint32_t *buckets;
    int is_signed, is_binary;
    int hash_norm, sublinear, norm; /* norms: 0 is none */
    const {idf_type} *idf; /* places of factors */
    float weight;
}} @_block;

typedef struct {{
    float row[@_n_columns]; /* counts, then values */
    int is_full;
}} @_work;

/* A term that has begun. Node -1: no term begins so; -2: it has no character yet. */
typedef struct {{
    int32_t node;
{hash_state}}} @_term;

/* The terms that end at the present place, by their length, and a word's end. */
typedef struct {{
    @_term done[{longest} + 1];
    @_term open[{longest} + 1];
    int32_t stop_word;
    size_t length;
    uint32_t held; /* a white space that may be followed by others */
    int n_spaces;
}} @_counter;
"""

HASH_STATE = "    uint32_t hash, rest, n_bytes; /* of MurmurHash3 */\n"

WORDS = """\
static inline void @_begin_word(const @_block *block, @_counter *counter)
{
    int n;
    counter->open[1].node = -2;
    for (n = 2; n <= block->high; n++) {
        counter->open[n] = counter->done[n - 1];
        @_extend(block, &counter->open[n], 0x20u);
    }
    counter->stop_word = -2;
}

static inline void @_end_word(
    @_work *work, const @_block *block, @_counter *counter)
{
    const int32_t stop_word = counter->stop_word;
    const int is_short = counter->length < block->least;
    int n;
    counter->length = 0;
    if (is_short || (stop_word >= 0 && @_bit(@_ends, stop_word))) {
        return;
    }
    for (n = 1; n <= block->high; n++) {
        counter->done[n] = counter->open[n];
        if (n >= block->low) {
            @_add(work, block, &counter->done[n]);
        }
    }
}

static inline void @_take_of_word(
    @_work *work, const @_block *block, @_counter *counter, uint32_t symbol,
    uint32_t mask)
{
    int n;
    if (!(mask & block->token)) {
        if (counter->length > 0) {
            @_end_word(work, block, counter);
        }
        return;
    }
    if (counter->length == 0) {
        @_begin_word(block, counter);
    }
    counter->length++;
    for (n = 1; n <= block->high; n++) {
        @_extend(block, &counter->open[n], symbol);
    }
    counter->stop_word = @_walk(
        counter->stop_word, block->first_stop_word, @_place(symbol));
}
"""

CHARACTERS = """\
static inline void @_push(
    @_work *work, const @_block *block, @_counter *counter, uint32_t symbol)
{
    int n;
    for (n = block->high; n > 0; n--) {
        if (n > 1) {
            counter->done[n] = counter->done[n - 1];
        } else {
            counter->done[n].node = -2;
        }
        @_extend(block, &counter->done[n], symbol);
        if (n >= block->low) {
            @_add(work, block, &counter->done[n]);
        }
    }
    counter->length++;
}
"""

WITHIN_WORDS = """\
/* A word has a space before and behind it. It counts once if it is short. */
static inline void @_end_of_characters(
    @_work *work, const @_block *block, @_counter *counter)
{
    int n;
    @_push(work, block, counter, 0x20u);
    if (counter->length < (size_t)block->low
        && counter->length <= (size_t)block->high) {
        @_add(work, block, &counter->done[counter->length]);
    }
    counter->length = 0;
    for (n = 1; n <= block->high; n++) {
        counter->done[n].node = -1;
    }
}
"""

HELD = """\
/* Two white spaces or more are one space. */
static inline void @_end_of_spaces(
    @_work *work, const @_block *block, @_counter *counter)
{
    if (counter->n_spaces > 0) {
        @_push(work, block, counter, counter->n_spaces > 1 ? 0x20u : counter->held);
    }
    counter->n_spaces = 0;
}
"""

TAKE = """\
static inline void @_start(const @_block *block, @_counter *counter)
{{
    int n;
    for (n = 0; n <= block->high; n++) {{
        counter->done[n].node = -1;
    }}
    counter->length = 0;
    counter->n_spaces = 0;
}}

static inline void @_take(
    @_work *work, const @_block *block, @_counter *counter, uint32_t symbol,
    uint32_t mask)
{{
    switch (block->analyzer) {{
{take}    default:
        break;
    }}
}}

/* Ends the last word. */
static inline void @_end(@_work *work, const @_block *block, @_counter *counter)
{{
    switch (block->analyzer) {{
{end}    default:
        break;
    }}
}}
"""

TAKE_CASES = {
    "word": """\
    case 0:
        @_take_of_word(work, block, counter, symbol, mask);
        break;
""",
    "char": """\
    case 1:
        if (mask & 1u) {
            counter->held = symbol;
            counter->n_spaces += counter->n_spaces < 2;
        } else {
            @_end_of_spaces(work, block, counter);
            @_push(work, block, counter, symbol);
        }
        break;
""",
    "char_wb": """\
    case 2:
        if (!(mask & 1u)) {
            if (counter->length == 0) {
                @_push(work, block, counter, 0x20u);
            }
            @_push(work, block, counter, symbol);
        } else if (counter->length > 0) {
            @_end_of_characters(work, block, counter);
        }
        break;
""",
}

END_CASES = {
    "word": """\
    case 0:
        if (counter->length > 0) {
            @_end_word(work, block, counter);
        }
        break;
""",
    "char": """\
    case 1:
        @_end_of_spaces(work, block, counter);
        break;
""",
    "char_wb": """\
    case 2:
        if (counter->length > 0) {
            @_end_of_characters(work, block, counter);
        }
        break;
""",
}
