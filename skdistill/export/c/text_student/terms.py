"""C that finds the column of a term, one character after the other.

A term is a node of the tree of terms, or the state of its hash. In the sources below,
``@`` stands for the prefix of all names.
"""

TREE = """\
static inline int32_t @_ones(uint32_t bits)
{
    bits -= bits >> 1 & 0x55555555u;
    bits = (bits & 0x33333333u) + (bits >> 2 & 0x33333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0fu;
    return (int32_t)((bits * 0x01010101u & 0xffffffffu) >> 24);
}

static inline uint32_t @_bit(const uint32_t *words, int32_t node)
{
    return words[node / 32] >> node % 32 & 1u;
}

/* Returns the bits of a word before that of the node. */
static inline uint32_t @_before(const uint32_t *words, int32_t node)
{
    return words[node / 32] & (((uint32_t)1 << node % 32) - 1u);
}

/* Returns the node of a character among siblings, or -1. */
static inline int32_t @_among(int32_t node, uint32_t label)
{
    if (node < 0 || label == 0u) {
        return -1;
    }
    while (@_labels[node] < label && !@_bit(@_lasts, node)) {
        node++;
    }
    return @_labels[node] == label ? node : -1;
}

/* Returns the first child of a node that has children. */
static inline int32_t @_first_child(int32_t parent)
{
    int32_t node = (int32_t)@_first_children[parent / 32];
    int32_t families = @_ones(@_before(@_parents, parent));
    int32_t word = node / 32;
    uint32_t bits = @_lasts[word] & ~@_before(@_lasts, node);
    if (families == 0) {
        return node;
    }
    while (@_ones(bits) < families) {
        families -= @_ones(bits);
        bits = @_lasts[++word];
    }
    while (--families > 0) {
        bits &= bits - 1u;
    }
    return word * 32 + @_ones((bits & (~bits + 1u)) - 1u) + 1;
}

/* Returns the node behind one more character. */
static inline int32_t @_walk(int32_t node, int32_t first, uint32_t label)
{
    if (node == -2) {
        return @_among(first, label);
    }
    if (node < 0 || label == 0u || !@_bit(@_parents, node)) {
        return -1;
    }
    return @_among(@_first_child(node), label);
}

"""

LABEL_OF_ASCII = """\
/* Returns the number of a character in the tree, 0 if no term holds it. */
static inline uint32_t @_place(uint32_t symbol)
{
    return symbol < 0x80u ? @_ascii_labels[symbol] : 0u;
}
"""

LABEL = """\
/* Returns the number of a character in the tree, 0 if no term holds it. */
static inline uint32_t @_place(uint32_t symbol)
{{
    int32_t low = 0;
    int32_t high = {n_others};
    if (symbol < 0x80u) {{
        return @_ascii_labels[symbol];
    }}
    while (high - low > 1) {{
        const int32_t middle = low + (high - low) / 2;
        if (@_others[middle] <= symbol) {{
            low = middle;
        }} else {{
            high = middle;
        }}
    }}
    return @_others[low] == symbol ? @_other_labels[low] : 0u;
}}
"""

HASH = """\
static inline uint32_t @_mix(uint32_t hash, uint32_t word)
{
    word *= 0xcc9e2d51u;
    word = word << 15 | word >> 17;
    return hash ^ word * 0x1b873593u;
}

static inline void @_hash_byte(@_term *term, uint32_t byte)
{
    term->rest |= byte << term->n_bytes % 4u * 8u;
    term->n_bytes++;
    if (term->n_bytes % 4u == 0u) {
        const uint32_t hash = @_mix(term->hash, term->rest);
        term->hash = (hash << 13 | hash >> 19) * 5u + 0xe6546b64u;
        term->rest = 0u;
    }
}

static inline void @_hash(@_term *term, uint32_t symbol)
{
    if (symbol < 0x80u) {
        @_hash_byte(term, symbol);
        return;
    }
    if (symbol < 0x800u) {
        @_hash_byte(term, 0xc0u | symbol >> 6);
    } else {
        if (symbol < 0x10000u) {
            @_hash_byte(term, 0xe0u | symbol >> 12);
        } else {
            @_hash_byte(term, 0xf0u | symbol >> 18);
            @_hash_byte(term, 0x80u | (symbol >> 12 & 0x3fu));
        }
        @_hash_byte(term, 0x80u | (symbol >> 6 & 0x3fu));
    }
    @_hash_byte(term, 0x80u | (symbol & 0x3fu));
}

static inline uint32_t @_hash_end(const @_term *term)
{
    uint32_t hash = term->hash;
    if (term->n_bytes % 4u > 0u) {
        hash = @_mix(hash, term->rest);
    }
    hash ^= term->n_bytes;
    hash = (hash ^ hash >> 16) * 0x85ebca6bu;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
    return hash ^ hash >> 16;
}

/* Returns the column of a bucket, or -1 if the student does not read it. */
static inline int32_t @_bucket_column(const @_block *block, uint32_t bucket)
{
    int32_t low = 0;
    int32_t high = block->n_columns;
    if (!block->buckets) {
        return (int32_t)bucket;
    }
    while (high - low > 1) {
        const int32_t middle = low + (high - low) / 2;
        if (block->buckets[middle] <= bucket) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return block->buckets[low] == bucket ? low : -1;
}
"""

EXTEND = """\
static inline void @_extend(const @_block *block, @_term *term, uint32_t symbol)
{{
{hashed}    term->node = @_walk(term->node, block->first_node, @_place(symbol));
}}

/* Counts a term if a column has it. */
static inline void @_add(@_work *work, const @_block *block, const @_term *term)
{{
    const int32_t node = term->node;
    float one = 1.0f;
    float *count;
    int32_t column;
    if (node < 0) {{
        return;
    }}
{find}    if (column < 0) {{
        return;
    }}
    count = work->row + block->first_column + column;
    if (block->is_binary) {{
        *count = 1.0f;
        return;
    }}
    *count += one;
    /* From here on a float does not count by one. */
    work->is_full |= *count >= 16777216.0f || *count <= -16777216.0f;
}}
"""

EXTEND_HASHED = """\
    if (block->n_buckets > 0u) {
        if (term->node == -2) {
            term->node = 0;
            term->hash = 0u;
            term->rest = 0u;
            term->n_bytes = 0u;
        }
        if (term->node == 0) {
            @_hash(term, symbol);
        }
        return;
    }
"""

FIND_TERM = """\
{indent}column = -1;
{indent}if (@_bit(@_ends, node)) {{
{indent}    column = (int32_t)@_terms_before[node / 32] + @_ones(@_before(@_ends, node))
{indent}        - block->terms_before;
{indent}}}
"""

FIND_HASHED = """\
    if (block->n_buckets > 0u) {{
        uint32_t hash = @_hash_end(term);
        const int is_negative = hash >> 31 > 0u;
        hash = is_negative ? ~hash + 1u : hash;
        column = @_bucket_column(block, hash % block->n_buckets);
        one = is_negative && block->is_signed ? -1.0f : 1.0f;
    }} else {{
{find}    }}
"""
