"""The last step of a header in C: what the output units of a student mean."""
