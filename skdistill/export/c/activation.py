"""Activations and the exponential in C, without a library.

In the sources below, ``@`` stands for the prefix of all names.
"""

# These are the polynomials of the Cephes library (Moshier 1989), as in the kernels.
EXPONENTIAL_SOURCE = """\
static inline float @_exponential(float x)
{
    union { float number; uint32_t bits; } power_of_two;
    float rest, y;
    int power;
    /* With the operands in this order NaN becomes a number, too. The conversion of
       NaN to an integer would be undefined. */
    x = x > -87.0f ? x : -87.0f;
    x = x < 88.0f ? x : 88.0f;
    /* The conversion rounds down, because the sum with 128 is positive. */
    power = (int)(x * 1.44269504f + 128.5f) - 128;
    rest = x - (float)power * 0.693359375f + (float)power * 2.12194440e-4f;
    y = 1.9875691500e-4f * rest + 1.3981999507e-3f;
    y = y * rest + 8.3334519073e-3f;
    y = y * rest + 4.1665795894e-2f;
    y = y * rest + 1.6666665459e-1f;
    y = y * rest + 5.0000001201e-1f;
    y = y * rest * rest + rest + 1.0f;
    power_of_two.bits = (uint32_t)(power + 127) << 23;
    return y * power_of_two.number;
}
"""

ACTIVATION_SOURCES = {
    "relu": """\
static inline float @_activate(float x)
{
    /* In this form NaN stays. */
    return x < 0.0f ? 0.0f : x;
}
""",
    "logistic": """\
static inline float @_activate(float x)
{
    return x != x ? x : 1.0f / (1.0f + @_exponential(-x));
}
""",
    "silu": """\
static inline float @_activate(float x)
{
    float half;
    if (x != x) {
        return x;
    }
    if (x < -80.0f) {
        /* Two factors, because their product is below the range of normal numbers. */
        half = @_exponential(0.5f * x);
        return x < -112.0f ? 0.0f : (x * half) * half;
    }
    return x / (1.0f + @_exponential(-x));
}
""",
    "tanh": """\
static inline float @_activate(float x)
{
    const float size = x < 0.0f ? -x : x;
    const float square = x * x;
    float y;
    if (x != x) {
        return x;
    }
    if (size < 0.625f) {
        y = -5.70498872745e-3f * square + 2.06390887954e-2f;
        y = y * square - 5.37397155531e-2f;
        y = y * square + 1.33314422036e-1f;
        y = y * square - 3.33332819422e-1f;
        return y * square * x + x;
    }
    y = 1.0f - 2.0f / (@_exponential(2.0f * size) + 1.0f);
    return x < 0.0f ? -y : y;
}
""",
}
