"""The public names, for type checkers: see _MODULES in __init__.py."""
