"""Parts of C for a student that is a sum of one curve a column, which never steps back.

In the sources below, ``@`` stands for the prefix of all names.
"""

import numpy as np

# Pair of a declaration and statements, behind which the ends of a column are unknown.
HOLD = (
    "        volatile float held;\n",
    """\
        /* A compiler that knows the ends of the range rounds their products, and may
           fuse the products of other numbers with the sum, which would step back. */
        held = value;
        value = held;
""",
)

# The only output adds up one number a column. In the form of other students, two
# products are rounded, and the sum may step back where the table only rises.
BETWEEN_NUMBERS = """\
        j = 0;
        lower = {here_element}{here_scale};
        upper = {next_element}{next_scale};
        /* It goes from one number to the other, and never beyond or back. */
        between = lower + fraction * (upper - lower);
        between = (lower < upper) == (between < upper) ? between : upper;
        {target}[j] += fraction < 1.0f ? between : upper;"""


def differences_are_finite(student):
    """Tell whether the difference of two rows of the table is finite.

    Parameters
    ----------
    student : Student
        Student with a knot table.

    Returns
    -------
    are_finite : bool
    """
    greatest = np.abs(student.knot_table_).max(initial=0.0)
    return greatest < np.finfo(np.float32).max / 2
