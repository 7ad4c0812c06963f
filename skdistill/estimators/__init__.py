"""The scikit-learn estimators, and the steps of their `fit`."""
