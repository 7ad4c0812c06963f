"""Vectors as wide as the CPU's registers, for code written as LLVM instructions."""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target

from skdistill.kernels.compiler.compilation import instructions

FLOAT = ir.FloatType()
INT = ir.IntType(64)
BYTE_POINTER = ir.IntType(8).as_pointer()

# With these flags LLVM may contract a multiplication and an addition into one
# instruction. An explicit llvm.fma would become a call of a library function on a CPU
# that has no such instruction.
_CONTRACT = ("contract", "nsz")

# With these flags LLVM may estimate a quotient and then refine the estimate. Without
# "ninf" it does not, because an estimate is wrong if the divisor is infinite.
_ESTIMATE = (*_CONTRACT, "arcp", "afn", "ninf")


class TileShape(NamedTuple):
    """The shape of a tile, the block of a product whose sums are in registers.

    Attributes
    ----------
    lanes : int
        Number of floats in a vector.
    height : int
        Number of rows.
    vectors : int
        Number of vectors in a row.
    """

    lanes: int
    height: int
    vectors: int


def host_features():
    """Return the kind of CPU that Numba compiles for, and its features."""
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return triple, set(features.split(","))


def is_arm():
    """Return whether Numba compiles for a 64-bit ARM CPU."""
    return host_features()[0].startswith(("aarch64", "arm64"))


def host_tile_shape():
    """Choose the shape of a tile for the CPU that Numba compiles for.

    Returns
    -------
    TileShape
        Shape of 24 vectors on a CPU with 32 vector registers: 12 x 2 vectors with
        AVX-512, 6 x 4 with NEON. Shape of 6 x 2 vectors on a CPU with 16 registers.
    """
    _, enabled = host_features()
    if "+avx512f" in enabled:
        return TileShape(lanes=16, height=12, vectors=2)
    if "+avx" in enabled:
        return TileShape(lanes=8, height=6, vectors=2)
    if is_arm():
        return TileShape(lanes=4, height=6, vectors=4)
    return TileShape(lanes=4, height=6, vectors=2)


def host_table_vectors():
    """Return how many vectors of a table row are summed at once.

    Each vector needs two sums. Together they fill half of the registers.
    """
    shape = host_tile_shape()
    return 8 if shape.height * shape.vectors > 12 else 4


def take_wide_vectors():
    """Let the compiler use vectors of 512 bits in the kernel that calls this.

    By default it uses vectors of half that size, because AVX-512 slowed down the clock
    of older CPUs. Kernels run between tiles, which use AVX-512 anyway.
    """


@instructions(take_wide_vectors)
def _note_wide_vectors(typing_context):
    def generate(context, builder, signature, arguments):
        # llvmlite's own method accepts only attributes without a value.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


def integer(value):
    """Return a 64-bit integer constant."""
    return ir.Constant(INT, value)


def call_by_columns(builder, counts, row_bytes, call):
    """Write loops over the columns of a row, in chunks of ever fewer vectors.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
    counts : list of int
        Numbers of vectors in a chunk, in falling order. The length of any row must be
        a multiple of the last.
    row_bytes : llvmlite.ir.Value
        Length of a row in bytes.
    call : callable
        Function that writes the work on a chunk: ``call(count, first_byte)``.
    """
    vector_bytes = 4 * host_tile_shape().lanes
    entry, column = builder.block, integer(0)
    for count in counts:
        head, body, following = (
            builder.append_basic_block(f"{name}_{count}")
            for name in ("chunks", "chunk", "after")
        )
        builder.branch(head)
        builder.position_at_end(head)
        first_byte = builder.phi(INT)
        first_byte.add_incoming(column, entry)
        next_byte = builder.add(first_byte, integer(vector_bytes * count))
        fits = builder.icmp_signed("<=", next_byte, row_bytes)
        builder.cbranch(fits, body, following)
        builder.position_at_end(body)
        call(count, first_byte)
        first_byte.add_incoming(next_byte, builder.block)
        builder.branch(head)
        builder.position_at_end(following)
        entry, column = following, first_byte


class VectorBuilder:
    """Writes loads, stores and arithmetic on vectors of `lanes` floats.

    An address is a byte pointer with an offset in bytes. It must be aligned like a
    float, and no more than that.
    """

    def __init__(self, builder, lanes):
        self.builder = builder
        self.lanes = lanes
        self.type = ir.VectorType(FLOAT, lanes)
        self.zero = ir.Constant(self.type, [0.0] * lanes)

    def offset(self, pointer, offset):
        """Return the address `offset` bytes after `pointer`."""
        return self.builder.gep(pointer, [offset])

    def load(self, pointer, offset, kind=None):
        """Read a vector, or a value of another `kind`."""
        kind = kind or self.type
        address = self.builder.bitcast(self.offset(pointer, offset), kind.as_pointer())
        value = self.builder.load(address)
        value.align = 4
        return value

    def store(self, value, pointer, offset):
        """Write a vector."""
        address = self.builder.bitcast(
            self.offset(pointer, offset), value.type.as_pointer()
        )
        self.builder.store(value, address).align = 4

    def broadcast(self, scalar):
        """Fill a vector with one float."""
        undefined = ir.Constant(self.type, ir.Undefined)
        first = self.builder.insert_element(
            undefined, scalar, ir.Constant(ir.IntType(32), 0)
        )
        return self.shuffle(first, undefined, [0] * self.lanes)

    def shuffle(self, left, right, lanes):
        """Pick lanes out of two vectors.

        The lanes of `right` have the numbers that follow those of `left`.
        """
        mask = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), list(lanes))
        return self.builder.shuffle_vector(left, right, mask)

    def constant(self, value):
        """Return a vector that holds one number in all lanes."""
        return ir.Constant(self.type, [float(np.float32(value))] * self.lanes)

    def add(self, left, right):
        """Add two vectors."""
        return self.builder.fadd(left, right, flags=_CONTRACT)

    def subtract(self, left, right):
        """Subtract two vectors."""
        return self.builder.fsub(left, right, flags=_CONTRACT)

    def multiply(self, left, right):
        """Multiply two vectors lane by lane."""
        return self.builder.fmul(left, right, flags=_CONTRACT)

    def multiply_add(self, left, right, addend):
        """Return ``left * right + addend``, rounded once if the CPU can do so."""
        return self.add(self.multiply(left, right), addend)

    def divide(self, left, right):
        """Divide two vectors lane by lane; the divisors must be finite.

        Each quotient is an estimate, refined by a step of Newton's iteration. It may
        differ from the exact quotient in the last bit.
        """
        return self.builder.fdiv(left, right, flags=_ESTIMATE)

    def square_root(self, value):
        """Return the root of each lane."""
        return self._call("sqrt", value)

    def less(self, left, right):
        """Compare two vectors lane by lane; the result is false if a lane is NaN."""
        return self.builder.fcmp_ordered("<", left, right)

    def select(self, condition, where_true, where_false):
        """Pick lanes, or whole vectors, by a condition."""
        return self.builder.select(condition, where_true, where_false)

    def _call(self, name, value):
        module, name = self.builder.module, f"llvm.{name}.v{self.lanes}f32"
        function = module.globals.get(name) or ir.Function(
            module, ir.FunctionType(self.type, [self.type]), name
        )
        return self.builder.call(function, [value])
