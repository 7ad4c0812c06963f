"""The command that scores rows of a file by a student."""
