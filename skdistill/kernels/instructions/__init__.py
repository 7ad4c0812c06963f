"""Functions written as LLVM instructions."""
