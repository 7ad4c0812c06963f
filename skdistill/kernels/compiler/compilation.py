"""How the kernels are compiled: every Numba option of the package stands here."""

import contextlib
import functools
import gc
import hashlib
import warnings
from pathlib import Path

from numba import njit, types
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.typed_passes import InlineOverloads, NopythonRewrites
from numba.core.typing.templates import infer_global, make_intrinsic_template
from numba.core.untyped_passes import DeadBranchPrune, InlineClosureLikes
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
    # No array is made or kept. With it, each name of one counts references.
    "_nrt": False,
    # As it is by default; but where an option is set, and where it is not, Numba
    # compiles what is called anew.
    "forceinline": False,
}
# Passes that find nothing in kernels: closures, branches that are never taken,
# expressions of whole arrays, functions of Numba's to copy.
_NO_USE = {InlineClosureLikes, DeadBranchPrune, NopythonRewrites, InlineOverloads}


class _GeneratedLibrary(JITCodeLibrary):
    """Instructions that are turned into machine code as they are written."""

    def _optimize_functions(self, module):
        module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self):
        pass


class _PartLibrary(_GeneratedLibrary):
    """Instructions that are linked into the kernels that call them.

    Numba would optimise them here too, and turn them into machine code that
    nobody calls.
    """

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        self._finalized = True


class _KernelLibrary(_GeneratedLibrary):
    """Instructions that are optimised once, with all that is linked to them.

    Numba would optimise each function by itself before, and the whole twice.
    """

    def _optimize_final_module(self):
        made = self._codegen._module_pass_manager()
        # Newer versions of Numba return what built the passes too, and want it.
        passes, *others = made if isinstance(made, tuple) else (made,)
        passes.run(self._final_module, *others)


class _QuickFlags(Flags):
    """Options of a compilation, equal where the same ones are set alike.

    Numba compares and hashes them for each operation of a kernel, and then looks
    up every option there is.
    """

    def __eq__(self, other):
        return self._values == other._values

    def __hash__(self):
        return len(self._values)


class _KernelCompiler(Compiler):
    """Compile a function that Python calls."""

    library_class: type[JITCodeLibrary] = _KernelLibrary

    def define_pipelines(self):
        (pipeline,) = super().define_pipelines()
        pipeline.passes = [
            described for described in pipeline.passes if described[0] not in _NO_USE
        ]
        return [pipeline]

    def _compile_core(self):
        name = self.state.func_id.func_qualname
        self.state.library = self.library_class(self.state.targetctx.codegen(), name)
        self.state.library.enable_object_caching()
        self.state.flags = _QuickFlags(self.state.flags)
        return super()._compile_core()


class _GeneratedCompiler(_KernelCompiler):
    """Compile the function beside which the generated ones stand."""

    library_class = _GeneratedLibrary


class _PartCompiler(_KernelCompiler):
    """Compile a function that only kernels call."""

    library_class = _PartLibrary

    def define_pipelines(self):
        # Later than the flags are copied for functions that are called: with these,
        # Numba's would be compiled for parts and for kernels.
        self.state.flags.no_compile = self.state.flags.no_cpython_wrapper = True
        return super().define_pipelines()

    def _compile_core(self):
        result = super()._compile_core()
        # Callers find a function by its entry. There is none: any unique builtin does.
        result = result._replace(entry_point=object().__reduce__)
        self.state.targetctx.insert_user_function(
            result.entry_point, result.fndesc, [result.library]
        )
        return result


_KERNEL_OPTIONS = {**_OPTIONS, "pipeline_class": _KernelCompiler}
_PART_OPTIONS = {**_OPTIONS, "pipeline_class": _PartCompiler}


def kernel(
    function=None,
    *,
    cache=False,
    inline=False,
    reassociate=True,
    generated=False,
    allocates=False,
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
        Copy the function into its callers before they are compiled. For those
        that take tuples of many arrays: a call takes each array apart, and the
        function puts it together again, in hundreds of instructions.
    reassociate : bool, default=True
        Allow sums in another order. Off where the order is the algorithm.
    generated : bool, default=False
        Whether the function holds the generated ones, see
        `skdistill.kernels.compiler.generated`, that others call.
    allocates : bool, default=False
        Whether the function makes arrays, other than the views of
        `skdistill.kernels.instructions.matrix`.

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
            generated=generated,
            allocates=allocates,
        )
    flags = set(_FAST_MATH if reassociate else _FAST_MATH - {"reassoc"})
    options = {"fastmath": flags, "inline": "always" if inline else "never"}
    if allocates:
        options["_nrt"] = True
    if generated:
        options["pipeline_class"] = _GeneratedCompiler
    compiled = njit(**{**_KERNEL_OPTIONS, **options})(function)
    if compiled is function:
        return function
    if not cache:
        part = njit(**{**_PART_OPTIONS, **options})(function)
        # A part has no entry for Python, which tests call: they get the other form.
        part._insert = lambda *entry: None
        part._compile_for_args = compiled._compile_for_args
        return part
    compiled.compile = _prepared(compiled.compile, needs_library=not generated)
    # Without a directory that can be written, each process compiles anew.
    with contextlib.suppress(RuntimeError):
        compiled._cache = _KernelCache(function)
    return compiled


def load_library():
    """Compile the generated functions, or load them, unless that is done."""
    # It imports all modules that have such functions, and these this one.
    from skdistill.kernels.instructions.library import library

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


def instructions(numpy_form):
    """Register the instructions that compiled code runs in place of `numpy_form`.

    The decorated function is one as `numba.extending.intrinsic` takes. They stand
    where they are called; a `compiled_form` is compiled for each list of types,
    and linked.
    """

    def register(define):
        template = make_intrinsic_template(numpy_form, define, define.__name__)
        infer_global(numpy_form, types.Function(template))
        return define

    return register


@functools.cache
def _source_digest():
    """Digest of all kernel sources: an edit of any makes each cache stale."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
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
