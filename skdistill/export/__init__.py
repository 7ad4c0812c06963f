"""The student in other languages: one file, the same answers."""
