"""Teachers: models, functions and stored answers, behind one interface."""
