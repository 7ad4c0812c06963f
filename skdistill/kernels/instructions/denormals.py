"""Numbers next to zero taken for zero by the CPU, while a kernel runs.

The moments and the weights of a unit without gradients shrink by a factor a step,
until they are denormal, less than the smallest normal number, and arithmetic on those
takes many times as long. A mode of the CPU, which each thread has of its own, takes
them for zero at no cost, where comparisons would be much of AdamW's arithmetic.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from skdistill.kernels.compiler.compilation import instructions
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    INT,
    host_features,
    integer,
    is_arm,
)

_WORD = ir.IntType(32)

# Results, and operands, that are denormal, become zero: bits of x86's MXCSR; and of
# ARM's FPCR the one for both.
_X86_BITS = 1 << 15 | 1 << 6
_ARM_BITS = 1 << 24


def flush_denormals():
    """Let the CPU take denormal numbers for zero in this thread.

    Returns
    -------
    mode : int
        For `restore_mode`, before which nothing may raise an error. On a CPU other
        than one of x86 or ARM, of 64 bits, nothing changes.
    """
    return 0


def restore_mode(mode):
    """Set the mode that `flush_denormals` found."""


@instructions(flush_denormals)
def _set_mode(typing_context):
    def generate(context, builder, signature, arguments):
        mode = _read_mode(builder)
        if _is_x86():
            _write_mode(builder, builder.or_(mode, integer(_X86_BITS)))
        elif is_arm():
            _write_mode(builder, builder.or_(mode, integer(_ARM_BITS)))
        return mode

    return types.intp(), generate


@instructions(restore_mode)
def _set_mode_back(typing_context, mode):
    def generate(context, builder, signature, arguments):
        _write_mode(builder, *arguments)
        return context.get_dummy_value()

    return types.void(types.intp), generate


def _read_mode(builder):
    """Return the control word of arithmetic; zero where it is not known."""
    if _is_x86():
        word = cgutils.alloca_once(builder, _WORD)
        _call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), _bytes(builder, word))
        return builder.zext(builder.load(word), INT)
    if is_arm():
        return _call(builder, "llvm.aarch64.get.fpcr", INT)
    return integer(0)


def _write_mode(builder, mode):
    if _is_x86():
        word = cgutils.alloca_once_value(builder, builder.trunc(mode, _WORD))
        _call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), _bytes(builder, word))
    elif is_arm():
        _call(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), mode)


def _bytes(builder, word):
    return builder.bitcast(word, BYTE_POINTER)


def _call(builder, name, result, *arguments):
    kind = ir.FunctionType(result, [value.type for value in arguments])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, arguments)


def _is_x86():
    return host_features()[0].startswith("x86_64")
