"""The model that answers, its challenger, and heat maps."""
