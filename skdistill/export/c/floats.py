"""C that computes the student in single precision.

In the sources below, ``@`` stands for the prefix of all names.
"""

import numpy as np

from skdistill.export.c import curves
from skdistill.export.c.activation import ACTIVATION_SOURCES, EXPONENTIAL_SOURCE
from skdistill.export.c.header import Body, category_starts, knot_starts
from skdistill.export.c.text import array
from skdistill.export.c.weights import HALF, TYPES, define_weights, element, factor

_BITS = """\
/* Tests look at the bits, so that they also work under -ffast-math. */
static inline uint32_t @_bits(float value)
{
    union { float number; uint32_t bits; } both;
    both.number = value;
    return both.bits;
}

static inline int @_is_missing(float value)
{
    return (@_bits(value) & 0x7fffffffu) > 0x7f800000u;
}

static inline int @_is_infinite(float value)
{
    return (@_bits(value) & 0x7fffffffu) == 0x7f800000u;
}
"""

_LINEAR = """\
    /* Columns of numbers without knots. */
    for (i = 0; i < {count}; i++) {{
        const {type} *weights = @_weights_0 + i * {units};
        float value = row[@_linear[i]];
{declaration}        if (@_is_infinite(value)) {{
            return -1;
        }}
        if (@_is_missing(value)) {{
            continue;
        }}
        value = value < @_low[i] ? @_low[i] : value;
        value = value > @_high[i] ? @_high[i] : value;
{hold}        value = (value - @_mean[i]) / @_scale[i];
        for (j = 0; j < {units}; j++) {{
            {target}[j] += value * {element};
        }}
    }}
"""

_PLAIN = """\
    for (i = 0; i < {count}; i++) {{
        const {type} *weights = @_weights_0 + i * {units};
        const float value = row[i];
        if (@_is_infinite(value) || @_is_missing(value)) {{
            return -1;
        }}
        for (j = 0; j < {units}; j++) {{
            {target}[j] += value * {element};
        }}
    }}
"""

_SPARSE = """\
    for (i = 0; i < {count}; i++) {{
        const {type} *weights = @_weights_0 + i * {units};
        const float value = row[i];
        if (@_bits(value) << 1 == 0u) {{
            continue;
        }}
        for (j = 0; j < {units}; j++) {{
            {target}[j] += value * {element};
        }}
    }}
"""

_KNOTTED = """\
    /* Columns of numbers with knots: between two rows of the table. */
    for (i = 0; i < {count}; i++) {{
        const float value = row[@_knotted[i]];
        const int first = @_first_knot[i];
        const float *knots = @_knots + first;
        int bins = @_first_knot[i + 1] - first - 1;
        int bin = 0;
        int table_row;
        float fraction;
        const {type} *here, *next;
        float {numbers};
        if (@_is_infinite(value)) {{
            return -1;
        }}
        if (@_is_missing(value)) {{
            bin = bins;
            fraction = 1.0f;
        }} else {{
            while (bins > 1) {{
                const int half = bins / 2;
                bin = value >= knots[bin + half] ? bin + half : bin;
                bins -= half;
            }}
            fraction = (value - knots[bin]) / (knots[bin + 1] - knots[bin]);
            fraction = fraction > 0.0f ? fraction : 0.0f;
            fraction = fraction < 1.0f ? fraction : 1.0f;
            /* The student stores bin plus fraction in one float: round likewise. */
            fraction = ((float)bin + fraction) - (float)bin;
        }}
        /* Each column has one more row than knots: its last is for missing values. */
        table_row = first + i + bin;
        here = @_table + table_row * {units};
        next = here + {units};
{between}
    }}
"""

_BETWEEN_ROWS = """\
        lower = (1.0f - fraction){here_scale};
        upper = fraction{next_scale};
        for (j = 0; j < {units}; j++) {{
            {target}[j] += lower * {here_element} + upper * {next_element};
        }}"""

_CATEGORICAL = """\
    /* Columns of categories. */
    for (i = 0; i < {count}; i++) {{
        const float value = row[@_categorical[i]];
        const int missing = @_first_category[i + 1] - @_first_category[i] - 1;
        int table_row = missing;
        const {type} *here;
        if (!@_is_missing(value)) {{
            if (!(value >= 0.0f && value <= (float)missing)) {{
                return -1;
            }}
            table_row = (int)value;
            if ((float)table_row < value) {{
                return -1;
            }}
        }}
        table_row += @_first_category[i];
        here = @_table + table_row * {units};
        for (j = 0; j < {units}; j++) {{
            {target}[j] += {here_scale}{here_element};
        }}
    }}
"""

_DENSE = """\
    for (i = 0; i < {count}; i++) {{
        const {type} *weights = @_weights_{layer} + i * {units};
        const float value = {source}[i];
        for (j = 0; j < {units}; j++) {{
            {target}[j] += value * {element};
        }}
    }}
"""

_ROW = """\
A row holds raw numbers. {missing} A column of categories holds the code of the
category. The codes are listed below."""

_ANSWERS = """\
{functions} {subject} return{s} -1 if a
column holds {refused}, if it holds a code that is not listed, or if the values
are so large that the {units} are not finite."""


def float_body(student, found):
    """Return the part of a header that computes in single precision.

    Parameters
    ----------
    student : Student
    found : HeaderAnswers

    Returns
    -------
    body : Body
    """
    takes_missing = student.input_code is not None
    return Body(
        number="float",
        usage=found.usage("row"),
        row=_ROW.format(
            missing="NaN stands for a missing number."
            if takes_missing
            else "No number may be missing."
        ),
        answers=_ANSWERS.format(
            functions=found.about_functions,
            subject=found.subject,
            s="s" if found.subject == "It" else "",
            units=found.units_in_words,
            refused="infinity" if takes_missing else "infinity or NaN",
        ),
        column_notes=[""] * student.n_features_in_,
        answer_notes=[],
        source=float_source(student, found),
    )


def float_source(student, found, *, of_texts=False):
    """Return constants and functions that compute in single precision.

    Parameters
    ----------
    student : Student
    found : HeaderAnswers
    of_texts : bool, default=False
        Whether rows are made from texts, so that most numbers are zero. The functions
        that take a row are then ``@_answer`` and ``@_answer_proba``, otherwise
        ``@_predict`` and ``@_predict_proba``.

    Returns
    -------
    source : str
        C, with ``@`` for the prefix.
    """
    parts = [*_constants(student), _BITS]
    if student.weight_dtype == "float16":
        parts.append(HALF)
    is_deep = student.n_layers_ > 2
    if found.uses_exponential or (is_deep and student.activation != "relu"):
        parts.append(EXPONENTIAL_SOURCE)
    if is_deep:
        parts.append(ACTIVATION_SOURCES[student.activation])
    predict = found.of_floats()
    if of_texts:
        predict = predict.replace("@_predict", "@_answer")
    plain = _SPARSE if of_texts else _PLAIN
    return "\n".join([*parts, _units(student, found, plain), predict])


def _constants(student):
    """Yield the definitions of all arrays."""
    code = student.input_code
    if code is not None:
        if code.n_linear:
            yield array("@_linear", code.linear.astype(np.int32))
            for name in ("low", "high", "mean", "scale"):
                yield array(f"@_{name}", getattr(code, name))
        if code.knotted.size:
            yield array("@_knotted", code.knotted.astype(np.int32))
            yield array("@_first_knot", knot_starts(code))
            yield array("@_knots", np.concatenate(code.knots))
        if code.categorical.size:
            yield array("@_categorical", code.categorical.astype(np.int32))
            yield array("@_first_category", category_starts(code))
        if code.n_codes:
            yield from define_weights("table", student.stored_weights.knot_table)
    layers = zip(student.stored_weights.layers, student.intercepts_, strict=True)
    for layer, (weights, bias) in enumerate(layers):
        if weights.values.size:
            yield from define_weights(f"weights_{layer}", weights)
        yield array(f"@_bias_{layer}", bias)


def _units(student, found, plain):
    """Return the function that computes the output units of a row."""
    units = found.units
    layers = student.n_layers_ - 1
    widths = [bias.size for bias in student.intercepts_]
    lines = [
        f"{found.about_units}static inline int @_{units}(",
        f"    const float row[@_n_columns], float {units}[@_n_outputs])",
        "{",
        *(f"    float hidden_{i}[{width}];" for i, width in enumerate(widths[:-1])),
        "    int undefined = 0;",
        "    int i, j;",
    ]
    body = []
    for layer, width in enumerate(widths):
        target = units if layer == layers - 1 else f"hidden_{layer}"
        body += _layer(student, layer, target, plain)
        if layer < layers - 1:
            body.append(
                f"    for (j = 0; j < {width}; j++) {{\n"
                f"        undefined |= @_is_missing({target}[j]);\n"
                f"        {target}[j] = @_activate({target}[j]);\n"
                "    }\n"
            )
    finite = (
        "    for (j = 0; j < @_n_outputs; j++) {\n"
        f"        undefined |= @_is_infinite({units}[j]) | @_is_missing({units}[j]);\n"
        "    }\n"
        "    return undefined ? -1 : 0;\n"
        "}\n"
    )
    return "\n".join(lines) + "\n" + "".join(body) + finite


def _layer(student, layer, target, plain):
    """Yield the loops that compute the sums of a layer."""
    dtype, code = student.weight_dtype, student.input_code
    stored = student.stored_weights
    weights = stored.layers[layer]
    count, units = weights.values.shape
    has_scales = dtype == "int8" and count > 0
    names = {
        "count": count,
        "units": units,
        "layer": layer,
        "target": target,
        "source": f"hidden_{layer - 1}",
        "type": TYPES[dtype],
        "element": _times(element("weights", dtype), factor(weights)),
        "here_element": element("here", dtype),
        "next_element": element("next", dtype),
    }
    start = "0.0f" if has_scales else f"@_bias_{layer}[j]"
    yield _for_each_unit(units, f"{target}[j] = {start};")
    if count:
        is_sum = student.is_sum_of_curves
        names["declaration"], names["hold"] = curves.HOLD if is_sum else ("", "")
        template = _DENSE if layer else plain if code is None else _LINEAR
        yield template.format(**names)
    if has_scales:
        scaled = f"{target}[j] * @_weights_{layer}_scale[j] + @_bias_{layer}[j]"
        yield _for_each_unit(units, f"{target}[j] = {scaled};")
    if layer or code is None:
        return
    scale = "@_table_scale[table_row]" if dtype == "int8" else ""
    scale = scale or factor(stored.knot_table)
    if code.knotted.size:
        names["count"] = code.knotted.size
        scales = (f" * {scale}", f" * {scale.replace(']', ' + 1]')}")
        names["here_scale"], names["next_scale"] = scales if scale else ("", "")
        if student.is_sum_of_curves and curves.differences_are_finite(student):
            between, names["numbers"] = curves.BETWEEN_NUMBERS, "lower, upper, between"
        else:
            between, names["numbers"] = _BETWEEN_ROWS, "lower, upper"
        yield _KNOTTED.format(between=between.format(**names), **names)
    if code.categorical.size:
        names["count"] = code.categorical.size
        names["here_scale"] = f"{scale} * " if scale else ""
        yield _CATEGORICAL.format(**names)
    if not names["count"]:
        yield "    (void)row;\n    (void)i;\n"


def _times(expression, factor):
    return f"({expression} * {factor})" if factor else expression


def _for_each_unit(units, statement):
    return f"    for (j = 0; j < {units}; j++) {{\n        {statement}\n    }}\n"
