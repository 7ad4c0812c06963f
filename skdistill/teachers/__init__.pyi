"""The public names, for type checkers: see _MODULES in __init__.py."""

from skdistill.teachers.boosters import BoosterTeacher as BoosterTeacher
from skdistill.teachers.keras import KerasTeacher as KerasTeacher
from skdistill.teachers.onnx import OnnxTeacher as OnnxTeacher
from skdistill.teachers.pytorch import TorchTeacher as TorchTeacher
from skdistill.teachers.rules import RulesTeacher as RulesTeacher
from skdistill.teachers.votes import VotesTeacher as VotesTeacher
