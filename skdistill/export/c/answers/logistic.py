"""The logistic function in C."""

LOGISTIC_SOURCE = """\
/* Rises with x. A softmax divides by a sum that is rounded, and may step back. */
static inline float @_logistic(float x)
{
    return 1.0f / (1.0f + @_exponential(x > -87.0f ? -x : 87.0f));
}
"""
