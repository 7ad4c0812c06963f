"""The library of functions written as LLVM instructions."""

from numba import types
from numba.extending import intrinsic

from skdistill.kernels.compilation import kernel
from skdistill.kernels.dot import DOT, TURNED_DOT
from skdistill.kernels.knot_update import UPDATE
from skdistill.kernels.optimizer import ADAMW
from skdistill.kernels.product import TILE
from skdistill.kernels.table_rows import INTERPOLATE, SCATTER


@intrinsic
def _define_functions(typing_context):
    def generate(context, builder, signature, arguments):
        for function in (DOT, TURNED_DOT, TILE, INTERPOLATE, SCATTER, ADAMW, UPDATE):
            function.define(builder.module)
        return context.get_dummy_value()

    return types.void(), generate


@kernel(cache=True, generated=True)
def library():
    """Do nothing: what is compiled beside this function counts."""
    _define_functions()
