"""How the kernels are compiled: all options of Numba are set in this file."""

import contextlib
import functools
import gc

from numba import njit, types
from numba.core.event import install_recorder
from numba.core.typing.templates import infer_global, make_intrinsic_template
from numba.extending import overload

from skdistill.kernels.compiler.cache import KernelCache
from skdistill.kernels.compiler.pipeline import (
    GeneratedCompiler,
    HelperCompiler,
    KernelCompiler,
)

# The flags nnan and ninf are left out. With them, LLVM would remove checks for NaN.
_FAST_MATH = frozenset({"nsz", "arcp", "contract", "afn", "reassoc"})
_OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
    "fastmath": set(_FAST_MATH),
    # Nobody calls a kernel from C. Each such wrapper would be compiled and optimised
    # like a kernel.
    "no_cfunc_wrapper": True,
    # Kernels neither make nor keep arrays. With this option, Numba would count the
    # references of each name of an array.
    "_nrt": False,
    # This is the default value. It stands here because Numba compiles a called
    # function twice if one caller sets the option and another does not.
    "forceinline": False,
}
_KERNEL_OPTIONS = {**_OPTIONS, "pipeline_class": KernelCompiler}
_HELPER_OPTIONS = {**_OPTIONS, "pipeline_class": HelperCompiler}


@contextlib.contextmanager
def record_compilations():
    """Return a context with the list of compilations that took place in it.

    Machine code that is read from the cache on disk is none.

    Yields
    ------
    compilations : list
    """
    with install_recorder("numba:compile") as recorder:
        yield recorder.buffer


# Kernels that are compiled before all others; see `compile_first`.
_compiled_first: list = []


def kernel(
    function=None,
    *,
    cache=False,
    inline=False,
    reassociate=True,
    generated=False,
    allocates=False,
):
    """Compile a function as a kernel, or for use in kernels.

    Parameters
    ----------
    function : callable
        Function to compile at its first call.
    cache : bool, default=False
        Whether to keep the machine code on disk. Set it for functions that Python
        calls. The functions that they call become machine code as part of them,
        and nowhere else.
    inline : bool, default=False
        Whether to copy the function into its callers before these are compiled.
        Set it for functions that take tuples of many arrays. Otherwise a call takes
        each array apart and the function puts it together again, in hundreds of
        instructions.
    reassociate : bool, default=True
        Whether the compiler may change the order of sums. Set it to False if the
        algorithm depends on the order.
    generated : bool, default=False
        Whether the function holds the generated functions that others call; see
        `skdistill.kernels.compiler.generated`.
    allocates : bool, default=False
        Whether the function makes arrays. The views of
        `skdistill.kernels.instructions.matrix` do not count.

    Returns
    -------
    callable
        Compiled function. With ``NUMBA_DISABLE_JIT=1`` the function itself.
    """
    if function is None:
        return functools.partial(
            kernel,
            cache=cache,
            inline=inline,
            reassociate=reassociate,
            generated=generated,
            allocates=allocates,
        )
    flags = set(_FAST_MATH if reassociate else _FAST_MATH - {"reassoc"})
    options = {"fastmath": flags, "inline": "always" if inline else "never"}
    if allocates:
        options["_nrt"] = True
    if generated:
        options["pipeline_class"] = GeneratedCompiler
    compiled = njit(**{**_KERNEL_OPTIONS, **options})(function)
    if compiled is function:
        return function
    if not cache:
        helper = njit(**{**_HELPER_OPTIONS, **options})(function)
        # A helper has no entry point for Python. Tests call it all the same, and get
        # the function that was compiled as a kernel.
        helper._insert = lambda *entry: None
        helper._compile_for_args = compiled._compile_for_args
        return helper
    compiled.compile = _prepared(compiled.compile, needs_library=not generated)
    # If no folder can be written, each process compiles anew.
    with contextlib.suppress(RuntimeError):
        compiled._cache = KernelCache(function)
    return compiled


def compile_first(library):
    """Have a kernel compiled, or loaded from the cache, before all others.

    Parameters
    ----------
    library : callable
        Kernel without arguments, from `kernel` with ``generated=True``.
    """
    _compiled_first.append(library)


def load_library():
    """Compile the generated functions, or load them from the cache, once."""
    for library in _compiled_first:
        library.compile(())


def _prepared(compile_types, needs_library):
    """Return a function that prepares a compilation and then compiles.

    The function first loads the library of generated functions. Then it pauses the
    garbage collector. A compilation makes a million objects, few of which form
    cycles. To search them again and again took an eighth of the time.
    """

    @functools.wraps(compile_types)
    def prepare_and_compile(signature):
        if needs_library:
            load_library()
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return compile_types(signature)
        finally:
            if was_enabled:
                gc.enable()

    return prepare_and_compile


def compiled_form(numpy_form):
    """Register the function that compiled code calls in place of `numpy_form`.

    The NumPy form defines the result, and runs with ``NUMBA_DISABLE_JIT=1``. The
    decorated function is called while a kernel is compiled. It returns the
    implementation for this machine.
    """

    def register(choose_implementation):
        @overload(numpy_form, jit_options=_HELPER_OPTIONS, strict=False)
        def implementation(*argument_types):
            return choose_implementation()

        return choose_implementation

    return register


def instructions(numpy_form):
    """Register the instructions that compiled code runs in place of `numpy_form`.

    The decorated function has the form that `numba.extending.intrinsic` takes. Its
    instructions are written into the caller. In contrast, a `compiled_form` is a
    function, which is compiled for each list of types and then linked.
    """

    def register(define):
        template = make_intrinsic_template(numpy_form, define, define.__name__)
        infer_global(numpy_form, types.Function(template))
        return define

    return register
