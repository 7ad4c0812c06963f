"""What every part of the package may use: warnings, files, progress, checks."""
