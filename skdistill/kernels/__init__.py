"""All that Numba compiles. This package imports NumPy, Numba and llvmlite alone."""
