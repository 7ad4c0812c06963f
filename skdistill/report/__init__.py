"""Teacher, student and labels alone, side by side."""

from skdistill.report.report import DistillationReport

__all__ = ["DistillationReport"]
