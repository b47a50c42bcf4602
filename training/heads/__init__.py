"""Softmax heads on features: fit, early stopping, out-of-fold answers, temperature and thresholds."""
