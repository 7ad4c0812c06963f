"""Figures that tests and examples of docstrings leave open are closed."""

import sys

import pytest


@pytest.fixture(autouse=True)
def closed_figures():
    """Close the figures of a test: pyplot keeps them, and warns of many."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
