"""Matrices as views into flat arrays, and their transposition."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from skdistill.kernels.compilation import compiled_form
from skdistill.kernels.vector import BYTE_POINTER, VectorBuilder, integer

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


@intrinsic
def _borrowed_matrix(typing_context, array, start, rows, columns, row_stride):
    view = types.Array(array.dtype, 2, "A")
    signature = view(array, *[types.intp] * 4)

    def generate(context, builder, signature, arguments):
        array, *integers = arguments
        start, rows, columns, row_stride = (
            context.cast(builder, value, kind, types.intp)
            for value, kind in zip(integers, signature.args[1:], strict=True)
        )
        array_type = signature.args[0]
        source = make_array(array_type)(context, builder, array)
        itemsize = context.get_constant(types.intp, array_type.dtype.bitwidth // 8)
        result = make_array(view)(context, builder)
        populate_array(
            result,
            data=builder.gep(source.data, [start]),
            shape=[rows, columns],
            strides=[builder.mul(row_stride, itemsize), itemsize],
            itemsize=itemsize,
            meminfo=None,
        )
        return result._getvalue()

    return signature, generate


@compiled_form(matrix)
def _matrix_form():
    def view(array, start, rows, columns, row_stride):
        return _borrowed_matrix(array, start, rows, columns, row_stride)

    return view


def part(array, start, size):
    """View part of a contiguous array.

    Parameters
    ----------
    array : ndarray, C-contiguous
        The memory. It must outlive the view, which compiled code does not own:
        a slice, which does, takes longer than a short loop.
    start, size : int
        In the flattened array.

    Returns
    -------
    ndarray of shape (size,)
        In compiled code of one type, whether the memory may be written or not.
    """
    return array.reshape(-1)[start : start + size]


@intrinsic
def _borrowed_part(typing_context, array, start, size):
    view = types.Array(array.dtype, 1, "C")
    signature = view(array, types.intp, types.intp)

    def generate(context, builder, signature, arguments):
        array, start, size = arguments
        array_type = signature.args[0]
        source = make_array(array_type)(context, builder, array)
        itemsize = context.get_constant(types.intp, array_type.dtype.bitwidth // 8)
        result = make_array(view)(context, builder)
        populate_array(
            result,
            data=builder.gep(source.data, [start]),
            shape=[size],
            strides=[itemsize],
            itemsize=itemsize,
            meminfo=None,
        )
        return result._getvalue()

    return signature, generate


@compiled_form(part)
def _part_form():
    def view(array, start, size):
        return _borrowed_part(array, start, size)

    return view


def borrowed(value):
    """Return an array, or a named tuple of arrays, that does not own its memory.

    A kernel that borrows its arguments first counts no references to them,
    which would take longer than a small product.

    Parameters
    ----------
    value : ndarray or tuple
        It must outlive what is returned.

    Returns
    -------
    ndarray or tuple
        Of the same type.
    """
    return value


def _disown(context, builder, kind, value):
    """Return a value whose arrays, in generated code, refer to no owner."""
    if isinstance(kind, types.Array):
        array = make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        array.parent = cgutils.get_null_value(array.parent.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for i, member in enumerate(kind.types):
            item = builder.extract_value(value, i)
            item = _disown(context, builder, member, item)
            value = builder.insert_value(value, item, i)
    return value


@intrinsic
def _borrowed(typing_context, value):
    def generate(context, builder, signature, arguments):
        return _disown(context, builder, value, arguments[0])

    return value(value), generate


@compiled_form(borrowed)
def _borrowed_form():
    def borrow(value):
        return _borrowed(value)

    return borrow


def copy(source, start, out, out_start, size):
    """Copy part of an array into another.

    Parameters
    ----------
    source, out : ndarray, C-contiguous
    start, out_start, size : int
        In the flattened arrays; `size` a multiple of 8.
    """
    part(out, out_start, size)[:] = part(source, start, size)


@intrinsic
def _copy_block(typing_context, source, start, out, out_start):
    """Copy 8 numbers."""
    signature = types.void(source, types.intp, out, types.intp)

    def generate(context, builder, signature, arguments):
        vectors = VectorBuilder(builder, BLOCK)
        places = []
        for kind, array, start in zip(
            signature.args[::2], arguments[::2], arguments[1::2], strict=True
        ):
            data = make_array(kind)(context, builder, array).data
            places.append(builder.bitcast(builder.gep(data, [start]), BYTE_POINTER))
        vectors.store(vectors.load(places[0], integer(0)), places[1], integer(0))
        return context.get_dummy_value()

    return signature, generate


@compiled_form(copy)
def _copy_form():
    def copy_blocks(source, start, out, out_start, size):
        for i in range(0, size, BLOCK):
            _copy_block(source, start + i, out, out_start + i)

    return copy_blocks


def prefetch(array, start, size):
    """Ask for part of an array before it is read; changes nothing.

    Parameters
    ----------
    array : ndarray, C-contiguous
    start, size : int
        In the flattened array; `size` of float32 in whole cache lines.
    """


@intrinsic
def _prefetch(typing_context, array, start, size):
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


@compiled_form(prefetch)
def _prefetch_form():
    def ask(array, start, size):
        _prefetch(array, start, size)

    return ask


class MatrixPointer:
    """Address and byte strides of a matrix in generated code."""

    def __init__(self, context, builder, kind, value):
        array = make_array(kind)(context, builder, value)
        self.builder = builder
        self.data = builder.bitcast(array.data, BYTE_POINTER)
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


@intrinsic
def _transpose_block(typing_context, source, row, column, out):
    """Transpose 8 rows by 8 columns in registers."""
    signature = types.void(source, types.intp, types.intp, out)

    def generate(context, builder, signature, arguments):
        source, row, column, out = arguments
        origin = MatrixPointer(context, builder, signature.args[0], source)
        target = MatrixPointer(context, builder, signature.args[3], out)
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
            vectors.store(
                rows[i], destination, builder.mul(target.row_stride, integer(i))
            )
        return context.get_dummy_value()

    return signature, generate


@compiled_form(transpose)
def _transpose_form():
    def transpose_blocks(source, out):
        rows, columns = source.shape
        for row in range(0, rows, BLOCK):
            for column in range(0, columns, BLOCK):
                _transpose_block(source, row, column, out)

    return transpose_blocks
