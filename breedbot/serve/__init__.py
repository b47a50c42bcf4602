"""`breedbot run`, `bot`, `worker` and `chat`: parts opened, wired and closed in order."""
