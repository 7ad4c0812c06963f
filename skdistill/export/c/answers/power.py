"""Powers of two in integers, of which the probabilities of a header are made."""

import numpy as np

from skdistill.export.c.text import array

# Values of 2**-x for x from 0 to 1 in steps of 1/64, in fractions of 2**-15.
_POWERS = np.rint(2.0 ** (15 - np.arange(65) / 64)).astype(np.uint16)

POWER = """\
/* Returns 2**-x in fractions of 2**-15. x is in fractions of 2**-12. */
static inline uint32_t @_power(uint32_t x)
{
    const uint16_t *here = @_powers + ((x >> 6) & 63u);
    const uint32_t rest = x & 63u;
    const uint32_t power = (here[0] * (64u - rest) + here[1] * rest) >> 6;
    return x >> 12 > 15u ? 0u : power >> (x >> 12);
}
"""

TO_LOGIT = """\
/* Turns a sum into a logit. */
static inline int32_t @_to_logit(int32_t sum, uint32_t multiplier, int shift)
{
    const uint64_t size = sum < 0 ? 0u - (uint32_t)sum : (uint32_t)sum;
    const uint64_t scaled = size * multiplier + ((uint64_t)1 << (shift - 1));
    const int32_t logit = (int32_t)(scaled >> shift);
    return sum < 0 ? -logit : logit;
}
"""


def power_table() -> str:
    """Return the constants that ``@_power`` reads."""
    return array("@_powers", _POWERS)
