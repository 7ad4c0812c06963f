"""The estimators of scikit-learn's kind, and the flow of their `fit`."""
