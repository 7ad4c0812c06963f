"""The student: what is deployed. It runs on NumPy alone."""
