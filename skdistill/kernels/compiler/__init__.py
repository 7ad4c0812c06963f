"""How kernels are compiled, and where the machine code is kept."""
