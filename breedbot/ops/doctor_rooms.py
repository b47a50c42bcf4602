"""Are our packages ours? What `breedbot doctor` says of it."""

from breedbot.ops.doctor_model import Finding, Level
from breedbot.ops.rooms import REINSTALL, REMEDY, ROOMS, changed_modules, home, wrong_rooms


def rooms_finding() -> Finding:
    """Whether every room is the one beside this package, as it was installed, and nobody else's writes into it."""
    if found := wrong_rooms():
        return Finding("rooms", Level.FAIL, "; ".join(found), REMEDY)
    if changed := changed_modules():
        return Finding("rooms", Level.FAIL, f"not what was installed: {', '.join(changed[:3])}", REINSTALL)
    return Finding("rooms", Level.OK, f"{len(ROOMS)} packages in {home()}, all ours")
