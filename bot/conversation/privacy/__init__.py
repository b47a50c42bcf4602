"""Consent, /mydata and /forget."""
