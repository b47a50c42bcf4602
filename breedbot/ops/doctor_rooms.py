"""Are our packages ours? What `breedbot doctor` says of it."""

from breedbot.ops.doctor_model import Finding, Level
from breedbot.ops.rooms import REMEDY, ROOMS, home, wrong_rooms


def rooms_finding() -> Finding:
    """Whether every room is the one beside this package, and nobody else's package writes into it."""
    if found := wrong_rooms():
        return Finding("rooms", Level.FAIL, "; ".join(found), REMEDY)
    return Finding("rooms", Level.OK, f"{len(ROOMS)} packages in {home()}, all ours")
