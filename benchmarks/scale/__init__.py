"""Many rows, more than one core: what they cost and what they buy."""
