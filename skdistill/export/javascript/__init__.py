"""Students as modules of JavaScript."""
