"""Labelled photos: reading folders, splitting, fetching and checking them."""
