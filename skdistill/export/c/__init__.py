"""Students as headers in C."""
