"""Export a student to other languages: one file that gives the same answers."""

from skdistill.export.c.to_c import to_c
from skdistill.export.javascript.to_js import to_js
from skdistill.export.onnx.to_onnx import to_onnx
from skdistill.export.quantize import quantize
from skdistill.export.scorecard.card import scorecard_points
from skdistill.export.scorecard.to_scorecard import to_scorecard
from skdistill.export.verify import verify

__all__ = [
    "quantize",
    "scorecard_points",
    "to_c",
    "to_js",
    "to_onnx",
    "to_scorecard",
    "verify",
]
