"""Students of text classifiers: what they keep, and their bytes."""
