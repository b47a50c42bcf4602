"""Whether a candidate may take the champion's place: both on the same photos, every doubt to the champion's advantage.

docs/learning.md says how the bounds were chosen. Pure: the same models and photos give the same verdict.
"""

from inference.model.head import Head
from training.learning.gate.gate_report import GateReport
from training.learning.gate.golden import Golden
from training.learning.gate.golden_checks import (
    FALL,
    FALL_IN_ALL,
    breeds_check,
    calibration_check,
    golden_check,
    pairs_check,
    rejection_checks,
)
from training.learning.gate.held_out_checks import HeldOut, gain_check, held_out_check
from training.learning.gate.labelled_rows import LabelledRows


def gate(
    champion: Head, candidate: Head, golden: Golden, held_out: HeldOut, learned: LabelledRows, base: Head | None = None
) -> GateReport:
    """Ask everything.

    Args:
        champion: answers now.
        candidate: would answer.
        golden: frozen photos.
        held_out: photos of people who examine.
        learned: photos that the candidate learned from and the champion did not.
        base: what both were made from, where that is not the champion: many small losses are a loss.
    """
    first = base is None or base.model == champion.model
    checks = [
        gain_check(champion, candidate, held_out, learned),
        held_out_check(held_out),
        golden_check("golden", "the champion", champion, candidate, golden),
        breeds_check("breeds", "the champion", champion, candidate, golden, FALL),
        pairs_check("pairs", "the champion", champion, candidate, golden, FALL, each=first),
        calibration_check("calibration", "the champion", champion, candidate, golden.judging),
        *rejection_checks("", "the champion", champion, candidate, golden.judging),
    ]
    if base is not None and not first:
        began = f"{base.model}, from which all began,"
        checks.append(golden_check("golden_since_base", began, base, candidate, golden))
        checks.append(breeds_check("breeds_since_base", began, base, candidate, golden, FALL_IN_ALL))
        checks.append(pairs_check("pairs_since_base", began, base, candidate, golden, FALL_IN_ALL))
        checks.append(calibration_check("calibration_since_base", began, base, candidate, golden.judging))
        checks += rejection_checks("_since_base", began, base, candidate, golden.judging)
    return GateReport(tuple(checks))
