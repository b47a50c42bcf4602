"""Where photos lie: a folder or a bucket."""
