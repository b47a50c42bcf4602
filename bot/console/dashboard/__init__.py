"""The console's page of numbers."""
