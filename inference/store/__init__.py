"""Models in a folder or a bucket, and the pointer to the champion."""
