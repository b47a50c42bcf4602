"""From photos and feedback to a better model: data sets, recipes, evaluation, calibration and export."""
