"""How the kernels are compiled: every Numba option of the package stands here."""

import contextlib
import functools
import gc
import hashlib
import warnings
from pathlib import Path

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.extending import overload

# nnan and ninf are left out: with them, a check for NaN is compiled away.
_FAST_MATH = frozenset({"nsz", "arcp", "contract", "afn", "reassoc"})
_OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
    "fastmath": set(_FAST_MATH),
    # Nobody calls them from C, and each is compiled and optimised like a kernel.
    "no_cfunc_wrapper": True,
}


class _Part(JITCodeLibrary):
    """Instructions that are linked into the kernels that call them.

    Numba would optimise them here too, and turn them into machine code that
    nobody calls.
    """

    def _optimize_final_module(self):
        pass

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        self._finalized = True


class _PartCompiler(Compiler):
    """Compile a function as a `_Part`."""

    def _compile_core(self):
        context, flags = self.state.targetctx, self.state.flags
        flags.no_compile = flags.no_cpython_wrapper = True
        name = self.state.func_id.func_qualname
        self.state.library = _Part(context.codegen(), name)
        result = super()._compile_core()
        # Callers find a function by its entry. There is none: any unique builtin does.
        result = result._replace(entry_point=object().__reduce__)
        context.insert_user_function(
            result.entry_point, result.fndesc, [result.library]
        )
        return result


_PART_OPTIONS = {**_OPTIONS, "pipeline_class": _PartCompiler}


def kernel(
    function=None, *, cache=False, inline=False, reassociate=True, needs_library=True
):
    """Compile a function for use in, or as, a kernel.

    Parameters
    ----------
    function : callable
        The function to compile, at its first call.
    cache : bool, default=False
        Keep the machine code on disk. For functions that Python calls: what
        they call is part of their code, and becomes machine code there alone.
    inline : bool, default=False
        Copy the function into its callers before they are compiled. The machine
        code of a function that is not copied is optimised again in each caller,
        and in each caller's caller.
    reassociate : bool, default=True
        Allow sums in another order. Off where the order is the algorithm.
    needs_library : bool, default=True
        Whether a function that is kept on disk calls generated ones; see
        `skdistill.kernels.generated`.

    Returns
    -------
    callable
        The compiled function, or the function itself under
        ``NUMBA_DISABLE_JIT=1``.
    """
    if function is None:
        return functools.partial(
            kernel,
            cache=cache,
            inline=inline,
            reassociate=reassociate,
            needs_library=needs_library,
        )
    flags = set(_FAST_MATH if reassociate else _FAST_MATH - {"reassoc"})
    options = {"fastmath": flags, "inline": "always" if inline else "never"}
    compiled = njit(**{**_OPTIONS, **options})(function)
    if compiled is function:
        return function
    if not cache:
        part = njit(**{**_PART_OPTIONS, **options})(function)
        # A part has no entry for Python, which tests call: they get the other form.
        part._insert = lambda *entry: None
        part._compile_for_args = compiled._compile_for_args
        return part
    compiled.compile = _prepared(compiled.compile, needs_library)
    # Without a directory that can be written, each process compiles anew.
    with contextlib.suppress(RuntimeError):
        compiled._cache = _KernelCache(function)
    return compiled


def load_library():
    """Compile the generated functions, or load them, unless that is done."""
    # It imports all modules that have such functions, and these this one.
    from skdistill.kernels.library import library

    library.compile(())


def _prepared(compile_types, needs_library):
    """Return a compilation, or loading, with what must come before it.

    The garbage collector is paused: a compilation makes a million objects, of
    which few form cycles, and to look through them again and again took an
    eighth of the time.
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
    """Register what compiled code runs where it calls `numpy_form`.

    The NumPy form defines the result and runs under ``NUMBA_DISABLE_JIT=1``.
    The decorated function is called while a kernel is compiled and returns
    the implementation for this machine.
    """

    def register(choose_implementation):
        @overload(numpy_form, jit_options=_PART_OPTIONS, strict=False)
        def implementation(*argument_types):
            return choose_implementation()

        return choose_implementation

    return register


@functools.cache
def _source_digest():
    """Digest of all kernel sources: an edit of any makes each cache stale."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _KernelCache(FunctionCache):
    """Numba's cache, stale when any file of the kernels changes.

    Numba looks at the file of the cached function alone and would go on using
    the old code of what that function calls.
    """

    def __init__(self, function):
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=_source_digest(),
        )

    def save_overload(self, signature, data):
        try:
            super().save_overload(signature, data)
        except OSError as error:
            warnings.warn(
                f"the compiled kernels could not be kept for the next process: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
