"""Report that compares teacher, student and a network trained on labels alone."""

from skdistill.report.report import DistillationReport

__all__ = ["DistillationReport"]
