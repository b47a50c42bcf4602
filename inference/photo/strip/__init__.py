"""Files of each format without what they say about their maker; nothing is decoded."""
