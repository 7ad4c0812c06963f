"""A mode in which the CPU takes numbers next to zero for zero.

If a unit has no gradients, its moments and weights shrink by a factor in each step. At
last they are denormal: less than the smallest normal number. Arithmetic on denormal
numbers takes many times as long. The CPU has a mode, separate for each thread, in
which it takes them for zero at no cost. Comparisons in their place would be a large
part of AdamW's arithmetic.
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

# Bits of the control word. On x86 (MXCSR) one bit makes denormal results zero, and
# another denormal operands. On ARM (FPCR) one bit does both.
_X86_BITS = 1 << 15 | 1 << 6
_ARM_BITS = 1 << 24


def flush_denormals():
    """Let the CPU take denormal numbers for zero in this thread.

    Returns
    -------
    mode : int
        Mode before the call, for `restore_mode`. Nothing may raise an error between
        the two calls. On CPUs other than 64-bit x86 and ARM nothing changes.
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
    """Return the control word of arithmetic; zero if the CPU is an unknown one."""
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
