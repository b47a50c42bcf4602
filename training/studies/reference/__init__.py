"""The reference study's runs and their table."""
