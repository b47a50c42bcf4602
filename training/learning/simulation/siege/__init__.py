"""Attacks on a model that ships."""
