"""The answers of a header in C: the most probable class, and probabilities."""

from skdistill.export.c.answers.base import HeaderAnswers
from skdistill.export.c.answers.labels import label_function, label_lines
from skdistill.export.c.answers.logistic import LOGISTIC_SOURCE
from skdistill.export.c.answers.power import POWER, power_table

_PREDICT = """\
/* Returns the index of the most probable class, or -1. */
static inline int @_predict(const float row[@_n_columns])
{
    float logits[@_n_outputs];
    int best = 0;
    int j;
    if (@_logits(row, logits) < 0) {
        return -1;
    }
    for (j = 1; j < @_n_outputs; j++) {
        best = logits[j] > logits[best] ? j : best;
    }
    return @_n_outputs == 1 ? logits[0] > 0.0f : best;
}

/* Returns the same, and writes the probabilities of the classes. If it returns -1,
   these are zero. */
static inline int @_predict_proba(
    const float row[@_n_columns], float probabilities[@_n_classes])
{
    float logits[@_n_classes] = {0.0f};
    float sum = 0.0f;
    int best = 0;
    int j;
    /* A single logit is that of the second class. */
    if (@_logits(row, logits + @_n_classes - @_n_outputs) < 0) {
        for (j = 0; j < @_n_classes; j++) {
            probabilities[j] = 0.0f;
        }
        return -1;
    }
    for (j = 1; j < @_n_classes; j++) {
        best = logits[j] > logits[best] ? j : best;
    }
    for (j = 0; j < @_n_classes; j++) {
        probabilities[j] = @_exponential(logits[j] - logits[best]);
        sum += probabilities[j];
    }
    for (j = 0; j < @_n_classes; j++) {
        probabilities[j] /= sum;
    }
    return best;
}
"""

_PREDICT_OF_CURVES = """\
/* Returns the index of the most probable class, or -1. */
static inline int @_predict(const float row[@_n_columns])
{
    float logits[@_n_outputs];
    return @_logits(row, logits) < 0 ? -1 : logits[0] > 0.0f;
}

/* Returns the same, and writes the probabilities of the classes. If it returns -1,
   these are zero. */
static inline int @_predict_proba(
    const float row[@_n_columns], float probabilities[@_n_classes])
{
    float logits[@_n_outputs];
    if (@_logits(row, logits) < 0) {
        probabilities[0] = 0.0f;
        probabilities[1] = 0.0f;
        return -1;
    }
    probabilities[0] = @_logistic(-logits[0]);
    probabilities[1] = @_logistic(logits[0]);
    return logits[0] > 0.0f;
}
"""

_PREDICT_TEXTS = """\
/* Returns the index of the most probable class, or why there is no answer. */
static inline int @_predict(@_work *work, {parameters})
{{
    const int status = @_encode(work, {arguments});
    return status < 0 ? status : @_answer(work->row);
}}

/* Returns the same, and writes the probabilities of the classes. If there is no
   answer, these are zero. */
static inline int @_predict_proba(
    @_work *work, {parameters},
    float probabilities[@_n_classes])
{{
    const int status = @_encode(work, {arguments});
    int j;
    if (status < 0) {{
        for (j = 0; j < @_n_classes; j++) {{
            probabilities[j] = 0.0f;
        }}
        return status;
    }}
    return @_answer_proba(work->row, probabilities);
}}
"""


_PREDICT_INTEGERS = """\
/* Returns the index of the most probable class, or -1. */
static inline int @_predict(const int32_t row[@_n_columns])
{
    int32_t logits[@_n_outputs];
    int best = 0;
    int j;
    if (@_logits(row, logits) < 0) {
        return -1;
    }
    for (j = 1; j < @_n_outputs; j++) {
        best = logits[j] > logits[best] ? j : best;
    }
    return @_n_outputs == 1 ? logits[0] > 0 : best;
}
"""

_PROBA_INTEGERS = """\
/* Returns the same, and writes the probabilities of the classes. If it returns -1,
   these are zero. */
static inline int @_predict_proba(
    const int32_t row[@_n_columns], uint16_t probabilities[@_n_classes])
{
    int32_t logits[@_n_classes] = {0};
    uint32_t sum = 0;
    int best = 0;
    int j;
    /* A single logit is that of the second class. */
    if (@_logits(row, logits + @_n_classes - @_n_outputs) < 0) {
        for (j = 0; j < @_n_classes; j++) {
            probabilities[j] = 0;
        }
        return -1;
    }
    for (j = 1; j < @_n_classes; j++) {
        best = logits[j] > logits[best] ? j : best;
    }
    for (j = 0; j < @_n_classes; j++) {
        sum += @_power((uint32_t)logits[best] - (uint32_t)logits[j]);
    }
    for (j = 0; j < @_n_classes; j++) {
        const uint32_t power = @_power((uint32_t)logits[best] - (uint32_t)logits[j]);
        probabilities[j] = (uint16_t)((power * 32768u + sum / 2u) / sum);
    }
    return best;
}
"""


class ClassAnswers(HeaderAnswers):
    """Probabilities of classes, and the index of the most probable one."""

    about_units = """\
/* Writes the logits of the classes. A single logit is that of the second
   of two classes. Returns 0, or -1 if there is no answer. */
"""
    about_integer_units = """\
/* Writes the logits of the classes, to base 2, in fractions of 4096. A
   single logit is that of the second of two classes. Returns 0, or -1 if
   there is no answer. */
"""
    about_functions = "Both functions return the index of the most probable class."

    @property
    def title(self):
        """Name of the student."""
        return f"a classifier of {{inputs}} and {self.output.n_columns} classes"

    @property
    def sizes(self):
        """Numbers of classes and of logits."""
        return [
            (f"@_n_classes = {self.output.n_columns}", ""),
            (f"@_n_outputs = {self.output.n_units}", "two classes have one logit"),
        ]

    def listing(self, notes):
        """Return the labels of the classes."""
        return "\n".join(["Classes:", *label_lines(self.output.labels)])

    def usage(self, arguments, *, is_integer=False):
        """Return lines that ask for the class and its label."""
        probability = "uint16_t" if is_integer else "float"
        return [
            f"{probability} probabilities[@_n_classes];",
            f"int class_index = @_predict({arguments});",
            f"class_index = @_predict_proba({arguments}, probabilities);",
            "if (class_index >= 0) ... @_label(class_index) ...",
        ]

    def labels(self, prefix):
        """Return the function that returns labels."""
        what, index = "label of a class", "class_index"
        labels = self.output.labels
        return [label_function(labels, prefix, what=what, index=index)]

    def of_floats(self):
        """Return the functions that return a class."""
        if self.student.is_sum_of_curves:
            return LOGISTIC_SOURCE + "\n" + _PREDICT_OF_CURVES
        return _PREDICT

    def of_integers(self, network):
        """Return the functions that return a class."""
        functions = [_PREDICT_INTEGERS, POWER, _PROBA_INTEGERS]
        return "\n".join([power_table(), *functions])

    def of_texts(self, parameters, arguments):
        """Return the functions that take texts."""
        return _PREDICT_TEXTS.format(parameters=parameters, arguments=arguments)
