"""C that computes the student in integers.

In the sources below, ``@`` stands for the prefix of all names.
"""

from functools import partial

import numpy as np

from skdistill.export.c.header import Body, category_starts, knot_starts
from skdistill.export.c.integer_network import integer_network
from skdistill.export.c.text import array

_ROW = """\
All computation is in integers. A row holds integers, too. A number v is given
as v * 2^b, rounded to the nearest integer and clipped to +-2147483647. The
number of fraction bits of the column, b, is listed below and in
{prefix}_fraction_bits. {missing}"""

_MISSING = """\
INT32_MIN stands for a missing number. A column of categories holds the code of
the category. The codes are listed below. A number outside the range that was
seen in training counts as the nearest end of the range."""
_NO_MISSING = """\
No number may be missing. A number outside the range of the rows that determined
the scales counts as the nearest end of the range."""

_ANSWERS = """\
{functions} {subject} return{s} -1 if a
column holds {refused}. {values}"""

_RECTIFY = """\
/* Turns a sum into an activation of 8 bits. */
static inline uint8_t @_activate(int32_t sum, uint32_t multiplier, int shift)
{
    uint64_t scaled;
    if (sum <= 0) {
        return 0;
    }
    scaled = (uint64_t)sum * multiplier + ((uint64_t)1 << (shift - 1));
    scaled >>= shift;
    return (uint8_t)(scaled < 255u ? scaled : 255u);
}
"""

_LOOK_UP = """\
/* Turns a sum into an activation of 8 bits, between two entries of a table. */
static inline uint8_t @_activate(
    int32_t sum, int32_t origin, uint32_t multiplier, int shift, const uint16_t *table)
{
    const int64_t distance = (int64_t)sum - origin;
    const uint64_t scaled =
        distance < 0 ? 0u : ((uint64_t)distance * multiplier) >> shift;
    const uint32_t position = (uint32_t)(scaled < 32768u ? scaled : 32768u);
    const uint32_t rest = position & 255u;
    const uint16_t *here = table + (position >> 8);
    return (uint8_t)((here[0] * (256u - rest) + here[1] * rest + 32768u) >> 16);
}
"""

_LINEAR = """\
    /* Columns of numbers without knots. */
    for (i = 0; i < {count}; i++) {{
        const int8_t *weights = @_weights_0 + i * {units};
        int32_t value = row[@_linear[i]];
        uint32_t distance;
        if (value == INT32_MIN) {{
            {missing};
        }}
        value = value < @_low[i] ? @_low[i] : value;
        value = value > @_high[i] ? @_high[i] : value;
        distance = (uint32_t)value - (uint32_t)@_low[i];
        distance = ((distance >> @_reduction[i]) * @_slope[i]) >> @_shift[i];
        value = @_start[i] + (int32_t)distance;
        for (j = 0; j < {units}; j++) {{
            sum[j] += value * weights[j];
        }}
    }}
"""

_KNOTTED = """\
    /* Columns of numbers with knots: between two rows of the table. */
    for (i = 0; i < {count}; i++) {{
        const int first = @_first_knot[i];
        const int32_t *knots = @_knots + first;
        int bins = @_first_knot[i + 1] - first - 1;
        int32_t value = row[@_knotted[i]];
        int32_t fraction = 4096;
        int32_t lower, upper;
        const int8_t *here, *next;
        int bin = bins;
        int table_row;
        if (value != INT32_MIN) {{
            uint32_t distance;
            value = value < knots[0] ? knots[0] : value;
            value = value > knots[bins] ? knots[bins] : value;
            bin = 0;
            while (bins > 1) {{
                const int half = bins / 2;
                bin = value >= knots[bin + half] ? bin + half : bin;
                bins -= half;
            }}
            distance = (uint32_t)value - (uint32_t)knots[bin];
            distance >>= @_knot_reduction[first + bin];
            fraction = (int32_t)((distance * @_reciprocal[first + bin]) >> 19);
        }}
        /* Each column has one more row than knots: its last is for missing values. */
        table_row = first + i + bin;
        here = @_table + table_row * {units};
        next = here + {units};
{between}
    }}
"""

_BETWEEN_ROWS = """\
        lower = ((4096 - fraction) * @_table_multiplier[table_row] + 2048) >> 12;
        upper = (fraction * @_table_multiplier[table_row + 1] + 2048) >> 12;
        for (j = 0; j < {units}; j++) {{
            sum[j] += lower * here[j] + upper * next[j];
        }}"""

# The only output adds up one number a column. In the form above, two factors are
# rounded, and the sum may step back where the table only rises.
_BETWEEN_NUMBERS = """\
        lower = @_table_multiplier[table_row] * here[0];
        upper = @_table_multiplier[table_row + 1] * next[0];
        sum[0] += lower;
        sum[0] += (int32_t)((int64_t)(upper - lower) * fraction / 4096);"""

_CATEGORICAL = """\
    /* Columns of categories. */
    for (i = 0; i < {count}; i++) {{
        const int missing = @_first_category[i + 1] - @_first_category[i] - 1;
        const int32_t value = row[@_categorical[i]];
        const int8_t *here;
        int32_t factor;
        int table_row = missing;
        if (value != INT32_MIN) {{
            if (value < 0 || value > missing) {{
                return -1;
            }}
            table_row = (int)value;
        }}
        table_row += @_first_category[i];
        here = @_table + table_row * {units};
        factor = @_table_multiplier[table_row];
        for (j = 0; j < {units}; j++) {{
            sum[j] += factor * here[j];
        }}
    }}
"""

_DENSE = """\
    for (i = 0; i < {count}; i++) {{
        const int8_t *weights = @_weights_{layer} + i * {units};
        const int32_t value = hidden_{source}[i];
        for (j = 0; j < {units}; j++) {{
            sum[j] += value * weights[j];
        }}
    }}
"""


def integer_body(student, found, rows, prefix):
    """Return the part of a header that computes in integers.

    Parameters
    ----------
    student : Student
    found : HeaderAnswers
    rows : ndarray of shape (n_rows, n_features), float32
        Rows as numbers, which determine the ranges of activations.
    prefix : str

    Returns
    -------
    body : Body
    """
    network = integer_network(student, rows)
    missing = _MISSING if network.takes_missing else _NO_MISSING
    refused = "a code that is not listed" if network.takes_missing else "INT32_MIN"
    used = _used_numbers(student)
    return Body(
        number="int32_t",
        usage=found.usage("row", is_integer=True),
        row=_ROW.format(prefix=prefix, missing=missing),
        answers=_ANSWERS.format(
            functions=found.about_functions,
            subject=found.subject,
            s="s" if found.subject == "It" else "",
            refused=refused,
            values=found.about_integers,
        ),
        column_notes=[
            f", {bits} fraction bits" if is_used else ""
            for bits, is_used in zip(network.value_bits, used, strict=True)
        ],
        answer_notes=found.integer_notes(network),
        source=_source(student, found, network),
    )


def _used_numbers(student):
    """Return the mask of the columns that enter as numbers."""
    code = student.input_code
    if code is None:
        return np.ones(student.n_features_in_, dtype=bool)
    used = np.zeros(student.n_features_in_, dtype=bool)
    used[code.linear] = used[code.knotted] = True
    return used


def _source(student, found, network):
    """Return constants and functions."""
    parts = [*_constants(student.input_code, network)]
    is_sum = student.is_sum_of_curves
    body = [*_first_layer(student.input_code, network, is_sum)]
    for layer, bias in enumerate(network.biases):
        parts.append(array(f"@_bias_{layer}", bias))
        if layer:
            weights = network.weights[layer - 1]
            parts.append(array(f"@_weights_{layer}", weights))
            body.append(_for_each(bias.size, f"sum[j] = @_bias_{layer}[j];"))
            body.append(
                _DENSE.format(
                    count=weights.shape[0],
                    units=bias.size,
                    layer=layer,
                    source=layer - 1,
                )
            )
        body.append(_for_each(bias.size, _requantized(parts, found, network, layer)))
    if network.weights:
        parts.append(_RECTIFY if student.activation == "relu" else _LOOK_UP)
    parts += [found.to_integer_unit, _units(found, network, body)]
    parts.append(found.of_integers(network))
    return "\n".join(parts)


def _requantized(parts, found, network, layer):
    """Return the statement that converts a sum; add its constants to the parts."""
    if layer == len(network.weights):
        define = partial(_constant, parts)
        return found.integer_unit(network.last, define, layer)
    requantization = network.requantizations[layer]
    multiplier = _constant(parts, f"@_multiplier_{layer}", requantization.multiplier)
    scale = f"{multiplier}, {requantization.shift}"
    if requantization.table is not None:
        origin = _constant(parts, f"@_origin_{layer}", requantization.origin)
        scale = f"{origin}, {scale}, @_activations_{layer}"
        # At the last entry the function also reads the next one, with weight zero.
        table = np.append(requantization.table, requantization.table[-1])
        parts.append(array(f"@_activations_{layer}", table))
    return f"hidden_{layer}[j] = @_activate(sum[j], {scale});"


def _constants(code, network):
    """Yield the definitions of the arrays of the first layer."""
    yield (
        "/* Number of fraction bits of each column. */\n"
        + array("@_fraction_bits", network.value_bits)
    )
    linear, table = network.linear, network.table
    if linear.features.size:
        yield array("@_linear", linear.features)
        for name in ("low", "high", "start", "reduction", "slope", "shift"):
            yield array(f"@_{name}", getattr(linear, name))
        yield array("@_weights_0", linear.weights)
    if table is None:
        return
    if table.knots.size:
        yield array("@_knotted", code.knotted.astype(np.int32))
        yield array("@_first_knot", knot_starts(code))
        yield array("@_knots", table.knots)
        yield array("@_knot_reduction", table.reduction)
        yield array("@_reciprocal", table.reciprocal)
    if code.categorical.size:
        yield array("@_categorical", code.categorical.astype(np.int32))
        yield array("@_first_category", category_starts(code))
    yield array("@_table", table.rows)
    yield array("@_table_multiplier", table.multiplier)


def _constant(parts, name, values):
    """Return the expression of a unit's value; define an array if units differ."""
    if (values == values[0]).all():
        return f"{values[0]}u" if values.dtype == np.uint32 else str(values[0])
    parts.append(array(name, values))
    return f"{name}[j]"


def _first_layer(code, network, is_sum_of_curves):
    """Yield the loops that compute the sums of the first layer."""
    units = network.biases[0].size
    yield _for_each(units, "sum[j] = @_bias_0[j];")
    if network.linear.features.size:
        yield _LINEAR.format(
            count=network.linear.features.size,
            units=units,
            missing="continue" if network.takes_missing else "return -1",
        )
    elif network.table is None:
        yield "    (void)row;\n    (void)i;\n"
    if network.table is None:
        return
    if code.knotted.size:
        between = _BETWEEN_NUMBERS if is_sum_of_curves else _BETWEEN_ROWS
        between = between.format(units=units)
        yield _KNOTTED.format(count=code.knotted.size, units=units, between=between)
    if code.categorical.size:
        yield _CATEGORICAL.format(count=code.categorical.size, units=units)


def _units(found, network, body):
    """Return the function that computes the output units of a row."""
    units = found.integer_units
    widths = [bias.size for bias in network.biases]
    head = [
        f"{found.about_integer_units}static inline int @_{units}(",
        f"    const int32_t row[@_n_columns], int32_t {units}[@_n_outputs])",
        "{",
        f"    int32_t sum[{max(widths)}];",
        *(f"    uint8_t hidden_{i}[{width}];" for i, width in enumerate(widths[:-1])),
        "    int i, j;",
    ]
    return "\n".join([*head, *body, "    return 0;\n}\n"]).replace("\n\n", "\n")


def _for_each(units, statement):
    return f"    for (j = 0; j < {units}; j++) {{\n        {statement}\n    }}\n"
