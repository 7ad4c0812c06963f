"""Benchmarks, each of which runs as `python -m benchmarks.NAME`."""
