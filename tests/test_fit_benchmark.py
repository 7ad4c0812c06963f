"""The benchmark of a fit names the functions that stand in a fit now."""

import pytest
from sklearn.ensemble import RandomForestClassifier

from benchmarks import fit
from skdistill import DistilledClassifier


def test_each_stage_is_a_function_that_a_fit_calls(monkeypatch):
    X, y = fit.make_rows(120)
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    model = DistilledClassifier(
        forest, hidden_layer_sizes=(4,), max_iter=2, random_state=0
    )
    seconds = fit.profile(model, X, y)
    assert list(seconds) == [*fit.STAGES, *fit.INNER]
    assert min(seconds.values()) > 0
    monkeypatch.setitem(fit.STAGES, "train_student._choose_recipe", "what is gone")
    words = r"a fit calls no function train_student\._choose_recipe$"
    with pytest.raises(LookupError, match=words):
        fit.profile(model, X, y)
