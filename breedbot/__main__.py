"""`python -m breedbot`."""

from breedbot import main

main()
