"""The public names, for type checkers: see _MODULES in __init__.py."""

from skdistill import export as export
from skdistill import metrics as metrics
from skdistill import model_selection as model_selection
from skdistill import teachers as teachers
from skdistill.estimators.classifier import DistilledClassifier as DistilledClassifier
from skdistill.estimators.regressor import DistilledRegressor as DistilledRegressor
from skdistill.inputs.encoder import TabularEncoder as TabularEncoder
from skdistill.model_selection.compress import compress_to as compress_to
from skdistill.model_selection.smallest_within import smallest_within as smallest_within
from skdistill.plotting import AdditiveDisplay as AdditiveDisplay
from skdistill.plotting import AgreementDisplay as AgreementDisplay
from skdistill.plotting import CapacityDisplay as CapacityDisplay
from skdistill.plotting import CompressionCurveDisplay as CompressionCurveDisplay
from skdistill.plotting import LossCurveDisplay as LossCurveDisplay
from skdistill.plotting import ReliabilityDisplay as ReliabilityDisplay
from skdistill.plotting import ResidualsDisplay as ResidualsDisplay
from skdistill.report import DistillationReport as DistillationReport
from skdistill.student.student import Student as Student
from skdistill.transfer.synthesis import Munge as Munge
from skdistill.transfer.synthesis import NeighborInterpolation as NeighborInterpolation
from skdistill.transfer.synthesis import SwapNoise as SwapNoise

__version__: str
