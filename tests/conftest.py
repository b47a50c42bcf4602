"""For the tests of every room; its being here puts tests/ on the import path (`from broken_photos import …`)."""
