"""Export an additive student as a scorecard."""
