"""Vectors of the host's width, for code written as LLVM instructions."""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target

from skdistill.kernels.compiler.compilation import instructions

FLOAT = ir.FloatType()
INT = ir.IntType(64)
BYTE_POINTER = ir.IntType(8).as_pointer()

# A multiply and an add that may be contracted into one instruction. An explicit
# llvm.fma would become a library call on a CPU without that instruction.
_CONTRACT = ("contract", "nsz")

# A quotient may be an estimate, refined: without "ninf" the compiler takes none, as
# it were wrong for infinite divisors.
_ESTIMATE = (*_CONTRACT, "arcp", "afn", "ninf")


class TileShape(NamedTuple):
    """The register block of a product: `height` rows of `vectors` vectors."""

    lanes: int
    height: int
    vectors: int


def host_features():
    """Return the name of the CPU's kind that Numba compiles for, and its features."""
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return triple, set(features.split(","))


def is_arm():
    """Return whether Numba compiles for ARM of 64 bits."""
    return host_features()[0].startswith(("aarch64", "arm64"))


def host_tile_shape():
    """Choose the register block for the CPU that Numba compiles for.

    Returns
    -------
    TileShape
        12 x 2 vectors where there are 32 vector registers (AVX-512, NEON: the
        latter at 6 x 4 lanes wide), 6 x 2 where there are 16.
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
    """Return how many vectors of a table's row are summed at once.

    Each needs two sums in registers, which half of these hold.
    """
    shape = host_tile_shape()
    return 8 if shape.height * shape.vectors > 12 else 4


def take_wide_vectors():
    """Let the compiler use vectors of 512 bits in the kernel that calls this.

    Of its own accord it takes half of that, since AVX-512 slowed down the clock of
    older CPUs. Here the tiles between which a kernel stands use it anyway.
    """


@instructions(take_wide_vectors)
def _note_wide_vectors(typing_context):
    def generate(context, builder, signature, arguments):
        # The set that holds the attributes knows but those without a value.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


def integer(value):
    """Return a 64-bit integer constant."""
    return ir.Constant(INT, value)


def call_by_columns(builder, counts, row_bytes, call):
    """Emit loops over the columns of a row, in chunks of ever fewer vectors.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
    counts : list of int
        Vectors of a chunk, in falling order. The last must fill up any row.
    row_bytes : llvmlite.ir.Value
        Length of a row.
    call : callable
        Emits the work on a chunk: ``call(count, first_byte)``.
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
        place = builder.phi(INT)
        place.add_incoming(column, entry)
        next_place = builder.add(place, integer(vector_bytes * count))
        fits = builder.icmp_signed("<=", next_place, row_bytes)
        builder.cbranch(fits, body, following)
        builder.position_at_end(body)
        call(count, place)
        place.add_incoming(next_place, builder.block)
        builder.branch(head)
        builder.position_at_end(following)
        entry, column = following, place


class VectorBuilder:
    """Emits loads, stores and arithmetic on vectors of `lanes` floats.

    Addresses are byte pointers with byte offsets, and need no alignment beyond
    a float's.
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
        """Pick lanes out of two vectors, those of `right` numbered on."""
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
        """Return ``left * right + addend``, rounded once where the CPU can."""
        return self.add(self.multiply(left, right), addend)

    def divide(self, left, right):
        """Divide two vectors lane by lane; the divisors must be finite.

        The quotients are estimates and a step of Newton's iteration, and may differ
        from the exact ones in the last bit.
        """
        return self.builder.fdiv(left, right, flags=_ESTIMATE)

    def square_root(self, value):
        """Return the root of each lane."""
        return self._call("sqrt", value)

    def less(self, left, right):
        """Return where a lane is less than another: not where one is NaN."""
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
