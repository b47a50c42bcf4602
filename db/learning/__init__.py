"""What learning remembers: claims, reviews, models, retrains and trials."""
