"""A photo's answer: what it says, its buttons, and what people claim instead."""
