"""C that reads UTF-8 and turns characters into those that terms hold.

In the sources below, ``@`` stands for the prefix of all names.
"""

CODE_POINT = """\
/* Returns the code point at *next and moves behind it. Returns 0xffffffff if the bytes
   are not UTF-8: a surrogate, a longer form than needed and a cut character are not. */
static inline uint32_t @_code_point(
    const unsigned char **next, const unsigned char *end)
{
    const unsigned char *bytes = *next;
    uint32_t point = bytes[0];
    uint32_t least;
    int more, i;
    if (point < 0x80u) {
        *next = bytes + 1;
        return point;
    }
    more = point >= 0xf0u ? 3 : point >= 0xe0u ? 2 : 1;
    if (point < 0xc2u || point > 0xf4u || end - bytes <= more) {
        return 0xffffffffu;
    }
    point &= 0x3fu >> more;
    for (i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0u) != 0x80u) {
            return 0xffffffffu;
        }
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    least = more == 3 ? 0x10000u : more == 2 ? 0x800u : 0x80u;
    if (point < least || point > 0x10ffffu || (point >= 0xd800u && point < 0xe000u)) {
        return 0xffffffffu;
    }
    *next = bytes + more + 1;
    return point;
}
"""

RUNS = """\
/* Numbers of code points, as runs of equal numbers. */
typedef struct {
    const uint8_t *data;
    const uint32_t *starts;
    const uint16_t *offsets;
    int32_t n_entries;
} @_runs;

static inline uint32_t @_sevens(const uint8_t **next)
{
    uint32_t number = 0u;
    uint32_t byte;
    int shift = 0;
    do {
        byte = *(*next)++;
        number |= (byte & 0x7fu) << shift;
        shift += 7;
    } while (byte & 0x80u);
    return number;
}

static inline uint32_t @_number(const @_runs *runs, uint32_t point)
{
    const uint8_t *next;
    uint32_t end, head, number;
    int32_t low = 0;
    int32_t high = runs->n_entries;
    while (high - low > 1) {
        const int32_t middle = low + (high - low) / 2;
        if (runs->starts[middle] <= point) {
            low = middle;
        } else {
            high = middle;
        }
    }
    end = runs->starts[low];
    next = runs->data + runs->offsets[low];
    do {
        head = @_sevens(&next);
        number = head & 3u;
        number = number == 3u ? @_sevens(&next) : number;
        end += head >> 2;
    } while (end <= point);
    return number;
}

/* What characters become. Bit 0 of a mask is white space, the others are tokens. */
typedef struct {
    const uint8_t *ascii_masks;
    const @_runs runs;
    const uint32_t *operations;
    const uint32_t *sequences;
    int lowercase;
} @_letters;
"""

# A capital sigma at the end of a word has a lower case of its own.
SIGMA = """\
/* Tells whether a capital sigma ends a word: a letter with a case (1) stands before it,
   and none behind it. Other signs (2) may lie between. */
static inline int @_is_final_sigma(
    const unsigned char *start, const unsigned char *sigma, const unsigned char *end)
{
    const unsigned char *bytes = sigma;
    const unsigned char *next;
    uint32_t point;
    uint32_t kind = 2u;
    while (kind == 2u && bytes > start) {
        do {
            bytes--;
        } while ((*bytes & 0xc0u) == 0x80u);
        next = bytes;
        kind = @_number(&@_context, @_code_point(&next, end));
    }
    if (kind != 1u) {
        return 0;
    }
    kind = 2u;
    bytes = sigma + 2;
    while (kind == 2u && bytes < end) {
        point = @_code_point(&bytes, end);
        kind = point > 0x10ffffu ? 0u : @_number(&@_context, point);
    }
    return kind != 1u;
}
"""

SIGMA_CASE = """\
            if (point == 0x3a3u && letters->lowercase) {
                symbol = 0x3c3u - (uint32_t)@_is_final_sigma(start, here, end);
            }
"""

READ = """\
/* Counts the terms of a text. Returns 0, or why there is no answer. */
static inline int @_read(
    @_work *work, const @_block *block, const char *text, size_t size)
{{
    const unsigned char *start = (const unsigned char *)text;
    const unsigned char *end = size > 0 ? start + size : start;
    const unsigned char *next = start;
    const @_letters *letters = block->letters;
    @_counter counter;
    @_start(block, &counter);
    while (next < end) {{
        {here}const uint32_t point = @_code_point(&next, end);
        uint32_t operation, mask, symbol, i;
        if (point < 0x80u) {{
            symbol = point;
            if (letters->lowercase && point >= 65u && point <= 90u) {{
                symbol += 32u;
            }}
            @_take(work, block, &counter, symbol, letters->ascii_masks[point]);
            continue;
        }}
        if (point > 0x10ffffu) {{
            return @_not_utf8;
        }}
        operation = letters->operations[@_number(&letters->runs, point)];
        mask = operation >> 2 & 15u;
        switch (operation & 3u) {{
        case 0u:
            symbol = (point + (operation >> 6)) & 0x1fffffu;
{sigma}            @_take(work, block, &counter, symbol, mask);
            break;
        case 1u:
            for (i = 0u; i < operation >> 26; i++) {{
                symbol = letters->sequences[(operation >> 6 & 0xfffffu) + i];
                mask = symbol >> 21;
                @_take(work, block, &counter, symbol & 0x1fffffu, mask);
            }}
            break;
        case 2u: /* a syllable of Hangul: its two or three letters */
            symbol = point - 0xac00u;
            @_take(work, block, &counter, 0x1100u + symbol / 588u, mask);
            @_take(work, block, &counter, 0x1161u + symbol % 588u / 28u, mask);
            if (symbol % 28u > 0u) {{
                @_take(work, block, &counter, 0x11a7u + symbol % 28u, mask);
            }}
            break;
{unknown}        default:
            break;
        }}
    }}
    @_end(work, block, &counter);
    return 0;
}}
"""

UNKNOWN = """\
        case 3u:
            return @_unknown_character;
"""
