"""The public names, for type checkers: see _MODULES in __init__.py."""

from skdistill.teachers.votes import VotesTeacher as VotesTeacher
