"""What is kept of people, said and asked plainly; and given to them, or deleted, when they say so."""
