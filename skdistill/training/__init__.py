"""The training of a student: recipe, plan, loop and stopping."""
