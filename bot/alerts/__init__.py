"""What is wrong, told to moderators once, and once when it is over."""
