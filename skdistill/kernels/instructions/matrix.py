"""Matrices as views into flat arrays, and their transposition."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import make_array, populate_array

from skdistill.kernels.compiler.compilation import instructions, kernel
from skdistill.kernels.instructions.vector import BYTE_POINTER, VectorBuilder, integer

# Side of the square blocks in which a transposition goes.
BLOCK = 8

# Floats in a cache line, to which rows of matrices are padded.
LINE = 16


def matrix(array, start, rows, columns, row_stride):
    """View part of a contiguous array as a matrix.

    Parameters
    ----------
    array : ndarray, C-contiguous
        The memory. It must outlive the view, which compiled code does not own.
    start : int
        Index of the first element in the flattened array.
    rows, columns : int
        Shape of the view.
    row_stride : int
        Elements from one row to the next; 0 repeats the same row.

    Returns
    -------
    ndarray of shape (rows, columns)
        All views have one type, whatever their strides, so that what takes
        them compiles once.
    """
    flat = array.reshape(-1)
    size = flat.itemsize
    return np.lib.stride_tricks.as_strided(
        flat[start:], (rows, columns), (row_stride * size, size)
    )


@instructions(matrix)
def _matrix_view(typing_context, array, start, rows, columns, row_stride):
    def place(builder, source, itemsize, start, rows, columns, row_stride):
        strides = [builder.mul(row_stride, itemsize), itemsize]
        return start, [rows, columns], strides

    return _view(array, types.Array(array.dtype, 2, "A"), 4, place)


def part(array, start, size):
    """View part of a contiguous array.

    Parameters
    ----------
    array : ndarray, C-contiguous
        The memory. It must outlive the view, which does not own it in compiled
        code.
    start, size : int
        In the flattened array.

    Returns
    -------
    ndarray of shape (size,)
        In compiled code of one type, whether the memory may be written or not.
    """
    return array.reshape(-1)[start : start + size]


@instructions(part)
def _part_view(typing_context, array, start, size):
    def place(builder, source, itemsize, start, size):
        return start, [size], [itemsize]

    return _view(array, types.Array(array.dtype, 1, "C"), 2, place)


def row(matrix, index, size):
    """View the first values of a row of a contiguous matrix; see `part`."""
    return matrix[index, :size]


@instructions(row)
def _row_view(typing_context, matrix, index, size):
    def place(builder, source, itemsize, index, size):
        start = builder.mul(index, builder.extract_value(source.shape, 1))
        return start, [size], [itemsize]

    return _view(matrix, types.Array(matrix.dtype, 1, "C"), 2, place)


def retyped(array, dtype):
    """View a contiguous array of one dimension as of another type; see `part`."""
    return array.view(dtype)


@instructions(retyped)
def _retyped_view(typing_context, array, dtype):
    kind = dtype.dtype
    ratio = array.dtype.bitwidth // kind.bitwidth

    def place(builder, source, itemsize, dtype):
        size = builder.mul(builder.extract_value(source.shape, 0), integer(ratio))
        return integer(0), [size], [itemsize]

    return _view(array, types.Array(kind, 1, "C"), dtype, place)


def _view(array, view, others, place):
    """Return the signature and the instructions of a view that owns nothing.

    Parameters
    ----------
    array, view : types.Array
    others : int or types.Type
        Number of integers, or the type, that follow the array.
    place : callable
        Returns start, shape and strides from the builder, the array, the size
        of an item and what follows the array.
    """
    others = [types.intp] * others if isinstance(others, int) else [others]

    def generate(context, builder, signature, arguments):
        source = make_array(array)(context, builder, arguments[0])
        itemsize = integer(view.dtype.bitwidth // 8)
        start, shape, strides = place(builder, source, itemsize, *arguments[1:])
        pointer = context.get_data_type(view.dtype).as_pointer()
        result = make_array(view)(context, builder)
        populate_array(
            result,
            data=builder.bitcast(builder.gep(source.data, [start]), pointer),
            shape=shape,
            strides=strides,
            itemsize=itemsize,
            meminfo=None,
        )
        return result._getvalue()

    return view(array, *others), generate


@kernel
def fill(values, value):
    """Set all values; for a slice, Numba writes ten times the code."""
    for i in range(values.size):
        values[i] = value


def copy(source, start, out, out_start, size):
    """Copy part of an array into another.

    Parameters
    ----------
    source, out : ndarray, C-contiguous
    start, out_start, size : int
        In the flattened arrays; `size` a multiple of 8.
    """
    part(out, out_start, size)[:] = part(source, start, size)


@instructions(copy)
def _copy_by_blocks(typing_context, source, start, out, out_start, size):
    signature = types.void(source, types.intp, out, types.intp, types.intp)

    def generate(context, builder, signature, arguments):
        vectors = VectorBuilder(builder, BLOCK)
        first = []
        for i in (0, 2):
            data = make_array(signature.args[i])(context, builder, arguments[i]).data
            place = builder.gep(data, [arguments[i + 1]])
            first.append(builder.bitcast(place, BYTE_POINTER))
        blocks = builder.sdiv(arguments[4], integer(BLOCK))
        with cgutils.for_range(builder, blocks) as loop:
            place = builder.mul(loop.index, integer(4 * BLOCK))
            vectors.store(vectors.load(first[0], place), first[1], place)
        return context.get_dummy_value()

    return signature, generate


def prefetch(array, start, size):
    """Ask for part of an array before it is read; changes nothing.

    Parameters
    ----------
    array : ndarray, C-contiguous
    start, size : int
        In the flattened array; `size` of float32 in whole cache lines.
    """


@instructions(prefetch)
def _prefetch_lines(typing_context, array, start, size):
    signature = types.void(array, types.intp, types.intp)

    def generate(context, builder, signature, arguments):
        array, start, size = arguments
        source = make_array(signature.args[0])(context, builder, array)
        first = builder.bitcast(builder.gep(source.data, [start]), BYTE_POINTER)
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [BYTE_POINTER, flag, flag, flag])
        function = cgutils.get_or_insert_function(
            builder.module, kind, "llvm.prefetch.p0i8"
        )
        with cgutils.for_range(builder, builder.sdiv(size, integer(LINE))) as loop:
            place = builder.gep(first, [builder.mul(loop.index, integer(4 * LINE))])
            # To be read, kept in all caches, data.
            flags = [ir.Constant(flag, value) for value in (0, 3, 1)]
            builder.call(function, [place, *flags])
        return context.get_dummy_value()

    return signature, generate


class MatrixPointer:
    """Address, shape and byte strides of a matrix in generated code."""

    def __init__(self, context, builder, kind, value):
        array = make_array(kind)(context, builder, value)
        self.builder = builder
        self.data = builder.bitcast(array.data, BYTE_POINTER)
        self.shape = cgutils.unpack_tuple(builder, array.shape)
        strides = cgutils.unpack_tuple(builder, array.strides)
        self.row_stride = strides[0]
        self.column_stride = strides[-1]

    def at(self, row, column):
        """Return the address of an element."""
        offset = self.builder.add(
            self.builder.mul(row, self.row_stride),
            self.builder.mul(column, self.column_stride),
        )
        return self.builder.gep(self.data, [offset])


def transpose(source, out):
    """Write the transpose of a matrix.

    Parameters
    ----------
    source : ndarray of shape (rows, columns)
        Rows contiguous. Memory up to the next multiple of 8 rows and columns
        is read.
    out : ndarray of shape (columns, rows)
        Rows contiguous. Memory up to the next multiple of 8 rows and columns
        is written.
    """
    out[...] = source.T


@instructions(transpose)
def _transpose_by_blocks(typing_context, source, out):
    signature = types.void(source, out)

    def generate(context, builder, signature, arguments):
        origin, target = (
            MatrixPointer(context, builder, kind, value)
            for kind, value in zip(signature.args, arguments, strict=True)
        )
        more = integer(BLOCK - 1)
        row_blocks, column_blocks = (
            builder.sdiv(builder.add(size, more), integer(BLOCK))
            for size in origin.shape
        )
        with cgutils.for_range(builder, row_blocks) as rows:
            row = builder.mul(rows.index, integer(BLOCK))
            with cgutils.for_range(builder, column_blocks) as columns:
                column = builder.mul(columns.index, integer(BLOCK))
                _transpose_block(origin, target, row, column)
        return context.get_dummy_value()

    return signature, generate


def _transpose_block(origin, target, row, column):
    """Transpose 8 rows by 8 columns in registers."""
    builder = origin.builder
    vectors = VectorBuilder(builder, BLOCK)
    first, destination = origin.at(row, column), target.at(column, row)
    rows = [
        vectors.load(first, builder.mul(origin.row_stride, integer(i)))
        for i in range(BLOCK)
    ]
    # Interleaving rows i and i + 4 rotates the six bits of an element's
    # place by one; after three rounds row and column have changed places.
    low = [0, 8, 1, 9, 2, 10, 3, 11]
    high = [4, 12, 5, 13, 6, 14, 7, 15]
    for _ in range(3):
        rows = [
            vectors.shuffle(rows[i], rows[i + 4], lanes)
            for i in range(4)
            for lanes in (low, high)
        ]
    for i in range(BLOCK):
        vectors.store(rows[i], destination, builder.mul(target.row_stride, integer(i)))
