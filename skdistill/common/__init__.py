"""Warnings, files, progress and checks that every part of the package may use."""
