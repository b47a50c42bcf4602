"""The page of models: which answers, which is tried, whose claims made it, promotion and roll-back."""
