"""Consent, retention, and everything about one person."""
