"""What is wrong with a folder of photos: `breedbot data check`."""
