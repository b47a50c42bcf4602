"""What cameras and programs write beside a picture: found in a file, and left out of it."""
