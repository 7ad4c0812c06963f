"""Parts of a network that the kernels share: layout, layers, losses."""
