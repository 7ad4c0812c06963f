import sys

import pytest

from skdistill import (
    AdditiveDisplay,
    AgreementDisplay,
    CapacityDisplay,
    CompressionCurveDisplay,
    LossCurveDisplay,
    ReliabilityDisplay,
)


@pytest.mark.parametrize(
    "call",
    [
        # Arguments that would fail, were they looked at first.
        lambda: ReliabilityDisplay.from_estimator(None, None, None),
        lambda: ReliabilityDisplay.from_predictions(None, None, None),
        lambda: AdditiveDisplay.from_estimator(None, None),
        lambda: AgreementDisplay.from_estimator(None, None),
        lambda: AgreementDisplay.from_predictions(None, None),
        lambda: CapacityDisplay.from_estimator(None),
        lambda: CompressionCurveDisplay.from_table(None),
        lambda: CompressionCurveDisplay.from_results(None),
        lambda: CompressionCurveDisplay([1], [1]).plot(),
        lambda: LossCurveDisplay.from_estimator(None),
        lambda: LossCurveDisplay([1]).plot(),
    ],
)
def test_the_error_names_the_extra(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        ImportError, match=r"needs matplotlib: pip install skdistill\[plot"
    ):
        call()


def test_matplotlib_is_imported_at_the_call_alone():
    import subprocess

    code = (
        "import sys, skdistill; skdistill.ReliabilityDisplay; "
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
