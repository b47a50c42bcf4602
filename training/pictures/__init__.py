"""What is done to a photo's pixels before a network sees it: named steps and augmentations."""
