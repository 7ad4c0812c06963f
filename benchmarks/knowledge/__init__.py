"""Students of teachers that are no plain classifiers. Each module measures one kind."""
