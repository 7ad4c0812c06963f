"""Matrices as views into flat arrays, and their transposition."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import make_array, populate_array

from skdistill.kernels.compiler.compilation import instructions, kernel
from skdistill.kernels.instructions.vector import BYTE_POINTER, VectorBuilder, integer

# Rows, and columns, of the square blocks in which a matrix is transposed.
BLOCK = 8

# Floats in a cache line. Rows of matrices are padded to whole lines.
LINE = 16


def matrix(array, start, rows, columns, row_stride):
    """View a span of a contiguous array as a matrix.

    Parameters
    ----------
    array : ndarray, C-contiguous
        Memory of the view. It must outlive the view, which in compiled code does not
        own it.
    start : int
        Index of the first element in the flattened array.
    rows, columns : int
        Shape of the view.
    row_stride : int
        Number of elements from one row to the next. With 0 the same row is repeated.

    Returns
    -------
    ndarray of shape (rows, columns)
        View. All views have the same type, whatever their strides, so that a function
        that takes them compiles once.
    """
    flat = array.reshape(-1)
    size = flat.itemsize
    return np.lib.stride_tricks.as_strided(
        flat[start:], (rows, columns), (row_stride * size, size)
    )


@instructions(matrix)
def _matrix_view(typing_context, array, start, rows, columns, row_stride):
    def describe(builder, source, itemsize, start, rows, columns, row_stride):
        strides = [builder.mul(row_stride, itemsize), itemsize]
        return start, [rows, columns], strides

    return _view(array, types.Array(array.dtype, 2, "A"), 4, describe)


def span(array, start, size):
    """View a span of a contiguous array.

    Parameters
    ----------
    array : ndarray, C-contiguous
        Memory of the view. It must outlive the view, which in compiled code does not
        own it.
    start, size : int
        First index, in the flattened array, and number of elements.

    Returns
    -------
    ndarray of shape (size,)
        View. In compiled code all views have the same type, whether the memory is
        read-only or not.
    """
    return array.reshape(-1)[start : start + size]


@instructions(span)
def _span_view(typing_context, array, start, size):
    def describe(builder, source, itemsize, start, size):
        return start, [size], [itemsize]

    return _view(array, types.Array(array.dtype, 1, "C"), 2, describe)


def row(matrix, index, size):
    """View the first values of a row of a contiguous matrix; see `span`."""
    return matrix[index, :size]


@instructions(row)
def _row_view(typing_context, matrix, index, size):
    def describe(builder, source, itemsize, index, size):
        start = builder.mul(index, builder.extract_value(source.shape, 1))
        return start, [size], [itemsize]

    return _view(matrix, types.Array(matrix.dtype, 1, "C"), 2, describe)


def retyped(array, dtype):
    """View a contiguous array of one dimension as one of another type; see `span`."""
    return array.view(dtype)


@instructions(retyped)
def _retyped_view(typing_context, array, dtype):
    kind = dtype.dtype
    before, after = integer(array.dtype.bitwidth), integer(kind.bitwidth)

    def describe(builder, source, itemsize, dtype):
        bits = builder.mul(builder.extract_value(source.shape, 0), before)
        return integer(0), [builder.sdiv(bits, after)], [itemsize]

    return _view(array, types.Array(kind, 1, "C"), dtype, describe)


def _view(array, view, others, describe):
    """Return the signature and the instructions of a view that owns nothing.

    Parameters
    ----------
    array, view : types.Array
        Types of the array and of its view.
    others : int or types.Type
        Other arguments of the function: a number of integers, or a single type.
    describe : callable
        Function that returns start, shape and strides of the view. It takes the
        builder, the array, the size of an item and the other arguments.
    """
    others = [types.intp] * others if isinstance(others, int) else [others]

    def generate(context, builder, signature, arguments):
        source = make_array(array)(context, builder, arguments[0])
        itemsize = integer(view.dtype.bitwidth // 8)
        start, shape, strides = describe(builder, source, itemsize, *arguments[1:])
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
    """Set all values.

    For an assignment to a slice, Numba would write ten times as much code.
    """
    for i in range(values.size):
        values[i] = value


def copy(source, start, out, out_start, size):
    """Copy a span of an array into another array.

    Parameters
    ----------
    source, out : ndarray, C-contiguous
    start, out_start, size : int
        First indices, in the flattened arrays, and number of elements. `size` is a
        multiple of 8.
    """
    span(out, out_start, size)[:] = span(source, start, size)


@instructions(copy)
def _copy_by_blocks(typing_context, source, start, out, out_start, size):
    signature = types.void(source, types.intp, out, types.intp, types.intp)

    def generate(context, builder, signature, arguments):
        vectors = VectorBuilder(builder, BLOCK)
        first = []
        for i in (0, 2):
            data = make_array(signature.args[i])(context, builder, arguments[i]).data
            address = builder.gep(data, [arguments[i + 1]])
            first.append(builder.bitcast(address, BYTE_POINTER))
        blocks = builder.sdiv(arguments[4], integer(BLOCK))
        with cgutils.for_range(builder, blocks) as loop:
            offset = builder.mul(loop.index, integer(4 * BLOCK))
            vectors.store(vectors.load(first[0], offset), first[1], offset)
        return context.get_dummy_value()

    return signature, generate


def prefetch(array, start, size):
    """Load a span of an array into the cache before it is read.

    Parameters
    ----------
    array : ndarray, C-contiguous
    start, size : int
        First index, in the flattened array, and number of float32. The span consists of
        whole cache lines.
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
            address = builder.gep(first, [builder.mul(loop.index, integer(4 * LINE))])
            # The flags mean: for reading, into all caches, data.
            flags = [ir.Constant(flag, value) for value in (0, 3, 1)]
            builder.call(function, [address, *flags])
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
        Matrix with contiguous rows. Memory up to the next multiple of 8 rows and
        columns is read.
    out : ndarray of shape (columns, rows)
        Result with contiguous rows. Memory up to the next multiple of 8 rows and
        columns is written.
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
    # An element's index in the block has six bits: three of the row, three of the
    # column. To interleave rows i and i + 4 rotates these bits by one. After three
    # rounds row and column have changed places.
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
