"""Whose claims make a model worse."""
