"""The answers of a header in C: numbers in the units of their targets."""

import math

import numpy as np

from skdistill.export.c.answers.base import HeaderAnswers
from skdistill.export.c.text import array
from skdistill.export.precision import suits_single

# The mean, the product with the deviation, and the sum are rounded.
_N_ROUNDINGS = 3

# Digits of a number in a comment. One far from zero has more, up to those of a double.
_N_DIGITS, _MOST_DIGITS = 7, 17

_PREDICT = """\
/* Writes the {what}. Returns 0, or -1 if there is no answer. It then writes zeros. */
static inline int @_predict(
    const float row[@_n_columns], {type} numbers[@_n_outputs])
{{
    float units[@_n_outputs];
    const int status = @_units(row, units);
    int j;
    for (j = 0; j < @_n_outputs; j++) {{
        {type} number = {zero};
        if (status == 0) {{
            number = @_mean_of_target[j] + @_deviation[j] * {unit};
{clip}        }}
        numbers[j] = number;
    }}
{sort}    return status;
}}
"""

_CLIP = """\
            number = number < @_lowest[j] ? @_lowest[j] : number;
            number = number > @_highest[j] ? @_highest[j] : number;
"""

_SORT = """\
    /* Quantiles do not cross. */
    for (j = 1; j < @_n_outputs; j++) {{
        const {type} number = numbers[j];
        int place = j;
        while (place > 0 && numbers[place - 1] > number) {{
            numbers[place] = numbers[place - 1];
            place--;
        }}
        numbers[place] = number;
    }}
"""

_TO_NUMBER = """\
/* Turns a sum into a number: by one multiplication and one addition. */
static inline int32_t @_to_number(
    int32_t sum, uint32_t multiplier, int shift,
    int32_t mean, int32_t low, int32_t high)
{
    const uint64_t size = sum < 0 ? 0u - (uint32_t)sum : (uint32_t)sum;
    const uint64_t scaled = size * multiplier + ((uint64_t)1 << (shift - 1));
    const int64_t step = (int64_t)(scaled >> shift);
    const int64_t number = mean + (sum < 0 ? -step : step);
    return number < low ? low : number > high ? high : (int32_t)number;
}
"""

_PREDICT_INTEGERS = """\
/* Writes the {what} in fixed point. Returns 0, or -1 if there is no answer. It then
   writes zeros. */
static inline int @_predict(
    const int32_t row[@_n_columns], int32_t numbers[@_n_outputs])
{{
    const int status = @_numbers(row, numbers);
    int j;
    if (status < 0) {{
        for (j = 0; j < @_n_outputs; j++) {{
            numbers[j] = 0;
        }}
    }}
{sort}    return status;
}}
"""

_PREDICT_TEXTS = """\
/* Writes the {what}. Returns 0, or why there is no answer. It then writes zeros. */
static inline int @_predict(
    @_work *work, {parameters},
    {type} numbers[@_n_outputs])
{{
    const int status = @_encode(work, {arguments});
    int j;
    for (j = 0; j < @_n_outputs; j++) {{
        numbers[j] = {zero};
    }}
    return status < 0 ? status : @_answer(work->row, numbers);
}}
"""


class NumberAnswers(HeaderAnswers):
    """Numbers, or quantiles of a number."""

    units = "units"
    units_in_words = "output units"
    uses_exponential = False
    about_units = """\
/* Writes the values of the output units, which count deviations from the means.
   Returns 0, or -1 if there is no answer. */
"""
    integer_units = "numbers"
    about_integer_units = """\
/* Writes the numbers in their fixed point, in the order of the output units. Returns
   0, or -1 if there is no answer. */
"""
    to_integer_unit = _TO_NUMBER
    about_integers = (
        "A number v is written as v * 2^b, rounded. The number of its fraction bits, "
        "b, is listed below and in @_number_bits."
    )
    subject = "It"

    @property
    def what(self):
        """Name of the answers."""
        name = "number" if self.output.quantiles is None else "quantile"
        return name + "s" * (self.output.n_units > 1)

    @property
    def type(self):
        """Type of a number in C."""
        return "float" if suits_single(self.output, _N_ROUNDINGS) else "double"

    @property
    def about_functions(self):
        """Sentence about the function."""
        return (
            f"The function writes the {self.what} in the units of the target, and "
            "returns 0."
        )

    @property
    def title(self):
        """Name of the student."""
        return f"a predictor of {self.output} from {{inputs}}"

    @property
    def sizes(self):
        """Number of numbers."""
        return [(f"@_n_outputs = {self.output.n_units}", self.what)]

    def listing(self, notes):
        """Return mean, deviation and range of each number, in its own units."""
        heading = f"{self.what.capitalize()}, in the units of the target:"
        lines = list(self._lines())
        notes = notes or [""] * len(lines)
        return "\n".join([heading, *map("".join, zip(lines, notes, strict=True))])

    def integer_notes(self, network):
        """Return the number of fraction bits of each number."""
        return [f", {bits} fraction bits" for bits in network.last.bits]

    def _lines(self):
        """Yield a line about each number."""
        output = self.output
        for place in range(output.n_units):
            mean, deviation, low, high = (
                _shown(values[place], output.scale[place])
                for values in (output.mean, output.scale, output.low, output.high)
            )
            level = ""
            if output.quantiles is not None:
                level = f"level {output.quantiles[place]:.7g}, "
            ends = [
                f"{word} {end}"
                for word, end in (("from", low), ("to", high))
                if end not in ("inf", "-inf")
            ]
            span = " ".join(ends) if ends else "no range"
            yield f"    {place}  {level}mean {mean}, deviation {deviation}, {span}"

    def usage(self, arguments, *, is_integer=False):
        """Return lines that ask for numbers."""
        return [
            f"{'int32_t' if is_integer else self.type} numbers[@_n_outputs];",
            f"if (@_predict({arguments}, numbers) == 0) ... numbers[0] ...",
        ]

    def of_floats(self):
        """Return the function that writes numbers, and its constants."""
        output, of_double = self.output, self.type == "double"
        dtype = np.float64 if of_double else np.float32
        ends = np.array([output.low, output.high])
        is_bounded = bool(np.isfinite(ends).any())
        constants = {"mean_of_target": output.mean, "deviation": output.scale}
        if is_bounded:
            # C has no literal of infinity.
            greatest = np.finfo(dtype).max
            lowest, highest = ends.clip(-greatest, greatest)
            constants |= {"lowest": lowest, "highest": highest}
        predict = _PREDICT.format(
            what=self.what,
            type=self.type,
            unit="(double)units[j]" if of_double else "units[j]",
            zero="0.0" if of_double else "0.0f",
            clip=_CLIP if is_bounded else "",
            sort=_SORT.format(type=self.type) if output.are_sorted else "",
        )
        arrays = (array(f"@_{k}", v.astype(dtype)) for k, v in constants.items())
        return "".join([*arrays, "\n", predict])

    def integer_unit(self, last, define, layer):
        """Return the statement that turns a sum into a number."""
        parts = {
            f"multiplier_{layer}": last.multiplier,
            "shift_to_number": last.shift,
            "mean_of_target": last.mean,
            "lowest": last.low,
            "highest": last.high,
        }
        values = ", ".join(define(f"@_{k}", array) for k, array in parts.items())
        return f"numbers[j] = @_to_number(sum[j], {values});"

    def of_integers(self, network):
        """Return the function that writes numbers, and their fraction bits."""
        sort = _SORT.format(type="int32_t") if self.output.are_sorted else ""
        bits = array("@_number_bits", network.last.bits)
        predict = _PREDICT_INTEGERS.format(what=self.what, sort=sort)
        return f"/* Number of fraction bits of each number. */\n{bits}\n{predict}"

    def of_texts(self, parameters, arguments):
        """Return the function that takes texts."""
        return _PREDICT_TEXTS.format(
            what=self.what,
            type=self.type,
            zero="0.0" if self.type == "double" else "0.0f",
            parameters=parameters,
            arguments=arguments,
        )


def _shown(number, deviation):
    """Return a number with digits that are small beside a deviation."""
    ratio = abs(number) / deviation
    n_more = math.floor(math.log10(ratio)) if 1.0 < ratio < math.inf else 0
    return f"{number:.{min(_N_DIGITS + n_more, _MOST_DIGITS)}g}"
