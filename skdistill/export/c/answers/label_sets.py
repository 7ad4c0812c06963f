"""The answers of a header in C: which labels a row has, and probabilities."""

from skdistill.export.c.answers.base import HeaderAnswers
from skdistill.export.c.answers.labels import label_function, label_lines
from skdistill.export.c.answers.logistic import LOGISTIC_SOURCE
from skdistill.export.c.answers.power import POWER, power_table

_PREDICT = """\
/* Writes 1 for each label that the row has, otherwise 0. Returns 0, or -1 if there is
   no answer. It then writes zeros. */
static inline int @_predict(
    const float row[@_n_columns], uint8_t labels[@_n_labels])
{
    float logits[@_n_outputs];
    const int status = @_logits(row, logits);
    int j;
    for (j = 0; j < @_n_labels; j++) {
        labels[j] = (uint8_t)(status < 0 ? 0 : logits[j] > 0.0f);
    }
    return status;
}

/* Writes the probability of each label. Returns 0, or -1 if there is no answer. It
   then writes zeros. */
static inline int @_predict_proba(
    const float row[@_n_columns], float probabilities[@_n_labels])
{
    float logits[@_n_outputs];
    const int status = @_logits(row, logits);
    int j;
    for (j = 0; j < @_n_labels; j++) {
        probabilities[j] = status < 0 ? 0.0f : @_logistic(logits[j]);
    }
    return status;
}
"""

_PREDICT_TEXTS = """\
/* Writes 1 for each label that the texts have, otherwise 0. Returns 0, or why there is
   no answer. It then writes zeros. */
static inline int @_predict(
    @_work *work, {parameters},
    uint8_t labels[@_n_labels])
{{
    const int status = @_encode(work, {arguments});
    int j;
    for (j = 0; j < @_n_labels; j++) {{
        labels[j] = 0;
    }}
    return status < 0 ? status : @_answer(work->row, labels);
}}

/* Writes the probability of each label. Returns 0, or why there is no answer. It then
   writes zeros. */
static inline int @_predict_proba(
    @_work *work, {parameters},
    float probabilities[@_n_labels])
{{
    const int status = @_encode(work, {arguments});
    int j;
    for (j = 0; j < @_n_labels; j++) {{
        probabilities[j] = 0.0f;
    }}
    return status < 0 ? status : @_answer_proba(work->row, probabilities);
}}
"""

_PREDICT_INTEGERS = """\
/* Writes 1 for each label that the row has, otherwise 0. Returns 0, or -1 if there is
   no answer. It then writes zeros. */
static inline int @_predict(
    const int32_t row[@_n_columns], uint8_t labels[@_n_labels])
{
    int32_t logits[@_n_outputs];
    const int status = @_logits(row, logits);
    int j;
    for (j = 0; j < @_n_labels; j++) {
        labels[j] = (uint8_t)(status < 0 ? 0 : logits[j] > 0);
    }
    return status;
}

/* Writes the probability of each label. Returns 0, or -1 if there is no answer. It
   then writes zeros. */
static inline int @_predict_proba(
    const int32_t row[@_n_columns], uint16_t probabilities[@_n_labels])
{
    int32_t logits[@_n_outputs];
    const int status = @_logits(row, logits);
    int j;
    for (j = 0; j < @_n_labels; j++) {
        uint32_t probability = 0;
        if (status == 0) {
            const int32_t logit = logits[j];
            const uint32_t power =
                @_power(logit < 0 ? 0u - (uint32_t)logit : (uint32_t)logit);
            const uint32_t sum = 32768u + power;
            probability = ((logit < 0 ? power : 32768u) * 32768u + sum / 2u) / sum;
        }
        probabilities[j] = (uint16_t)probability;
    }
    return status;
}
"""


class LabelSetAnswers(HeaderAnswers):
    """Indicators and probabilities of labels."""

    about_units = """\
/* Writes the logits of the labels. Returns 0, or -1 if there is no answer. */
"""
    about_integer_units = """\
/* Writes the logits of the labels, to base 2, in fractions of 4096. Returns 0, or -1
   if there is no answer. */
"""
    about_functions = (
        "Both functions return 0. @_predict writes 1 for each label that the row has, "
        "and 0 for the others. @_predict_proba writes the probability of each label."
    )

    @property
    def title(self):
        """Name of the student."""
        n_labels = self.output.n_units
        s = "s" if n_labels > 1 else ""
        return f"a classifier of {{inputs}} that gives a row any of {n_labels} label{s}"

    @property
    def sizes(self):
        """Number of labels, which is that of logits."""
        return [
            (f"@_n_labels = {self.output.n_units}", ""),
            (f"@_n_outputs = {self.output.n_units}", "each label has a logit"),
        ]

    def listing(self, notes):
        """Return the names of the labels."""
        return "\n".join(["Labels:", *label_lines(self.output.labels)])

    def usage(self, arguments, *, is_integer=False):
        """Return lines that ask for labels and their names."""
        probability = "uint16_t" if is_integer else "float"
        return [
            "uint8_t labels[@_n_labels];",
            f"{probability} probabilities[@_n_labels];",
            f"int status = @_predict({arguments}, labels);",
            f"status = @_predict_proba({arguments}, probabilities);",
            "if (status == 0 && labels[0]) ... @_label(0) ...",
        ]

    def labels(self, prefix):
        """Return the function that returns names of labels."""
        what, index = "name of a label", "label_index"
        labels = self.output.labels
        return [label_function(labels, prefix, what=what, index=index)]

    def of_floats(self):
        """Return the functions that write labels and probabilities."""
        return LOGISTIC_SOURCE + "\n" + _PREDICT

    def of_integers(self, network):
        """Return the functions that write labels and probabilities."""
        return "\n".join([power_table(), POWER, _PREDICT_INTEGERS])

    def of_texts(self, parameters, arguments):
        """Return the functions that take texts."""
        return _PREDICT_TEXTS.format(parameters=parameters, arguments=arguments)
