"""A model's answers beside the truth: metrics with intervals, plots, the page."""
