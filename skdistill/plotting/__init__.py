"""Pictures of a student beside its teacher, as displays like those of scikit-learn."""

from skdistill.plotting.additive import AdditiveDisplay
from skdistill.plotting.agreement import AgreementDisplay
from skdistill.plotting.capacity import CapacityDisplay
from skdistill.plotting.compression import CompressionCurveDisplay
from skdistill.plotting.loss_curve import LossCurveDisplay
from skdistill.plotting.reliability import ReliabilityDisplay
from skdistill.plotting.residuals import ResidualsDisplay

__all__ = [
    "AdditiveDisplay",
    "AgreementDisplay",
    "CapacityDisplay",
    "CompressionCurveDisplay",
    "LossCurveDisplay",
    "ReliabilityDisplay",
    "ResidualsDisplay",
]
