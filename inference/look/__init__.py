"""The second look: where are the dogs of a photo, and what is each of them?"""
