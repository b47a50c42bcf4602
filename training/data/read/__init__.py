"""Folders of photos as data sets, and their splits."""
