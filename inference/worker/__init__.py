"""Takes jobs, decodes, fills batches, reports."""
