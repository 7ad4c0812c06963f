"""C that turns counts into the values that the network reads.

In the sources below, ``@`` stands for the prefix of all names.
"""

# The polynomial of the Cephes library (Moshier 1989).
LOGARITHM = """\
/* Natural logarithm of a number above zero. */
static inline float @_logarithm(float x)
{
    union { float number; uint32_t bits; } both;
    float power, rest, square, y;
    both.number = x;
    power = (float)((int32_t)(both.bits >> 23) - 126);
    both.bits = (both.bits & 0x007fffffu) | 0x3f000000u;
    rest = both.number;
    if (rest < 0.707106781f) {
        power -= 1.0f;
        rest += rest;
    }
    rest -= 1.0f;
    square = rest * rest;
    y = 7.0376836292e-2f * rest - 1.1514610310e-1f;
    y = y * rest + 1.1676998740e-1f;
    y = y * rest - 1.2420140846e-1f;
    y = y * rest + 1.4249322787e-1f;
    y = y * rest - 1.6668057665e-1f;
    y = y * rest + 2.0000714765e-1f;
    y = y * rest - 2.4999993993e-1f;
    y = y * rest + 3.3333331174e-1f;
    y = y * rest * square - 2.12194440e-4f * power - 0.5f * square;
    return rest + y + 0.693359375f * power;
}
"""

NORM = """\
/* Divides numbers by the sum of their sizes (1), or the root of that of squares (2). */
static inline void @_normalize(float *values, int32_t n, int norm)
{
    union { float number; uint32_t bits; } root;
    float sum = 0.0f;
    int32_t i;
    for (i = 0; i < n; i++) {
        const float value = values[i];
        sum += norm == 2 ? value * value : value < 0.0f ? -value : value;
    }
    if (!(sum > 0.0f)) {
        return;
    }
    if (norm == 2) {
        root.number = sum;
        root.bits = (root.bits >> 1) + 0x1fbd1df5u;
        for (i = 0; i < 4; i++) {
            root.number = 0.5f * (root.number + sum / root.number);
        }
        sum = root.number;
    }
    for (i = 0; i < n; i++) {
        values[i] /= sum;
    }
}
"""

WEIGH = """\
/* Turns the counts of some columns into their values. */
static inline void @_weigh(
    float *values, int32_t n, int sublinear, const {idf_type} *idf, int norm)
{{
    int32_t i;
{unused}    for (i = 0; i < n; i++) {{
        if (values[i] > 0.0f || values[i] < 0.0f) {{
{logarithm}{factor}        }}
    }}
{norm}}}
"""

WEIGH_LOGARITHM = """\
            values[i] = sublinear ? 1.0f + @_logarithm(values[i]) : values[i];
"""

WEIGH_FACTOR = """\
            values[i] *= idf ? @_factors[idf[i]] : 1.0f;
"""

WEIGH_NORM = """\
    if (norm > 0) {
        @_normalize(values, n, norm);
    }
"""

ENCODE = """\
/* Turns the {texts} into the row of the network. Returns 0, or why there is none. */
static inline int @_encode(@_work *work, {parameters})
{{
    int32_t i;
    int k;
    work->is_full = 0;
    for (i = 0; i < @_n_columns; i++) {{
        work->row[i] = 0.0f;
    }}
    for (k = 0; k < {n_blocks}; k++) {{
        const @_block *block = @_blocks + k;
        float *values = work->row + block->first_column;
        const int status = @_read(work, block, {text}, {size});
        if (status < 0) {{
            return status;
        }}
{hash_norm}        @_weigh(
            values, block->n_columns, block->sublinear, block->idf, block->norm);
        for (i = 0; i < block->n_columns; i++) {{
            values[i] *= block->weight;
        }}
    }}
{together}    return work->is_full ? @_no_answer : 0;
}}
"""

HASH_NORM = """\
        if (block->hash_norm > 0) {
            @_normalize(values, block->n_columns, block->hash_norm);
        }
"""
