"""What moderators do on Telegram: review claims, look at the models, have one made."""
