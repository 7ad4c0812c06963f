"""How a student is trained: recipe, plan, loop, stopping."""
