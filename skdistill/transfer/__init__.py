"""The rows to learn from, with their soft targets."""
