"""Functions written as LLVM instructions, in a library of their own.

A function that Numba links into its caller is optimised and turned into machine code
in each caller anew, and again in the callers of these. Generated functions are large
and gain nothing by it. For this reason kernels only name them. The library that holds
them is compiled, or read from the cache, before any kernel.
"""

from llvmlite import ir

from skdistill.kernels.compiler.compilation import load_library

_VOID = ir.VoidType()


class GeneratedFunction:
    """A function written as LLVM instructions, in some variants.

    Parameters
    ----------
    name : str
        Name of the function, without its variant.
    kinds : list of llvmlite.ir.Type
        Types of the arguments. The function returns nothing.
    variants : callable
        Function that returns the variants. Each is a tuple of numbers.
    define : callable
        Function that writes the body of an ``llvmlite.ir.Function``:
        ``define(function, *variant)``.
    """

    def __init__(self, name, kinds, variants, define):
        self._name = name
        self._kinds = kinds
        self._variants = variants
        self._define = define

    def _declare(self, module, variant):
        name = "_".join(["skdistill", self._name, *map(str, variant)])
        if name in module.globals:
            return module.globals[name]
        function = ir.Function(module, ir.FunctionType(_VOID, self._kinds), name)
        function.attributes.add("nounwind")
        return function

    def define(self, module):
        """Write all variants into a module."""
        for variant in self._variants():
            self._define(self._declare(module, variant), *variant)

    def call(self, builder, variant, arguments):
        """Write a call of a variant."""
        load_library()
        builder.call(self._declare(builder.module, variant), arguments)
