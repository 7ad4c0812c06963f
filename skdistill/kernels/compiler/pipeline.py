"""The compilers of kernels: Numba's, without the work that kernels do not need."""

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.typed_passes import InlineOverloads, NopythonRewrites
from numba.core.untyped_passes import DeadBranchPrune, InlineClosureLikes

# These passes find nothing to do in kernels. They look for closures, for branches
# that are never taken, for expressions of whole arrays, and for functions of Numba's
# that are copied into their callers.
_USELESS_PASSES = {
    InlineClosureLikes,
    DeadBranchPrune,
    NopythonRewrites,
    InlineOverloads,
}


class _UnoptimisedLibrary(JITCodeLibrary):
    """LLVM instructions that become machine code as they are written."""

    def _optimize_functions(self, module):
        module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self):
        pass


class _LinkedLibrary(_UnoptimisedLibrary):
    """LLVM instructions that are linked into the kernels that call them.

    Numba would also optimise them here, and turn them into machine code that nobody
    calls.
    """

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        self._finalized = True


class _KernelLibrary(_UnoptimisedLibrary):
    """LLVM instructions that are optimised once, with everything linked to them.

    Numba would first optimise each function alone, and then the whole twice.
    """

    def _optimize_final_module(self):
        manager = self._codegen._module_pass_manager()
        # Newer versions of Numba return a tuple. Its second item is the builder of
        # the passes, and `run` takes it as an argument.
        passes, *others = manager if isinstance(manager, tuple) else (manager,)
        passes.run(self._final_module, *others)


class _QuickFlags(Flags):
    """Compiler options that are compared and hashed quickly.

    Numba compares and hashes the options for each operation of a kernel. Its own
    class looks up every option that exists each time. This one compares only the
    options that are set.
    """

    def __eq__(self, other):
        return self._values == other._values

    def __hash__(self):
        return len(self._values)


class KernelCompiler(Compiler):
    """Compiles a function that Python calls."""

    library_class: type[JITCodeLibrary] = _KernelLibrary

    def define_pipelines(self):
        """Return Numba's passes without the useless ones."""
        (pipeline,) = super().define_pipelines()
        pipeline.passes = [
            described
            for described in pipeline.passes
            if described[0] not in _USELESS_PASSES
        ]
        return [pipeline]

    def _compile_core(self):
        name = self.state.func_id.func_qualname
        self.state.library = self.library_class(self.state.targetctx.codegen(), name)
        self.state.library.enable_object_caching()
        self.state.flags = _QuickFlags(self.state.flags)
        return super()._compile_core()


class GeneratedCompiler(KernelCompiler):
    """Compiles the function whose library holds the generated functions."""

    library_class = _UnoptimisedLibrary


class HelperCompiler(KernelCompiler):
    """Compiles a function that only kernels call."""

    library_class = _LinkedLibrary

    def define_pipelines(self):
        """Return the passes of a kernel; set the flags of a helper."""
        # Numba has copied the flags for the functions that this one calls before it
        # comes here. If the flags were set earlier, these functions would have flags
        # of their own, and Numba would compile them twice: for helpers and for
        # kernels.
        self.state.flags.no_compile = self.state.flags.no_cpython_wrapper = True
        return super().define_pipelines()

    def _compile_core(self):
        result = super()._compile_core()
        # Callers look a function up by its entry point. A helper has none, so any
        # unique builtin takes its place.
        result = result._replace(entry_point=object().__reduce__)
        self.state.targetctx.insert_user_function(
            result.entry_point, result.fndesc, [result.library]
        )
        return result
