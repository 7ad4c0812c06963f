"""All code that Numba compiles. It imports NumPy, Numba and llvmlite alone."""

from skdistill.kernels.compiler.compilation import compile_first
from skdistill.kernels.instructions.library import library

# The compiler lies below the modules whose functions are in the library. It does not
# import them, and gets the library here, before any kernel can be called.
compile_first(library)
