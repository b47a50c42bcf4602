"""Backbone and head, and the artefacts that they are loaded from."""
