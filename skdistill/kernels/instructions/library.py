"""The library of all functions written as LLVM instructions."""

from numba import types
from numba.extending import intrinsic

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.adamw import ADAMW
from skdistill.kernels.instructions.code_update import UPDATE
from skdistill.kernels.instructions.dot import DOT, TRANSPOSING_DOT
from skdistill.kernels.instructions.product import TILE
from skdistill.kernels.instructions.table_rows import INTERPOLATE, SCATTER


@intrinsic
def _define_functions(typing_context):
    def generate(context, builder, signature, arguments):
        for function in (
            DOT,
            TRANSPOSING_DOT,
            TILE,
            INTERPOLATE,
            SCATTER,
            ADAMW,
            UPDATE,
        ):
            function.define(builder.module)
        return context.get_dummy_value()

    return types.void(), generate


@kernel(cache=True, generated=True)
def library():
    """Do nothing; the functions that are compiled beside this one count."""
    _define_functions()
