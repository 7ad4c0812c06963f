"""Texts as sparse columns, on NumPy and the standard library alone."""
