"""Accepted photos → a candidate and what the gate says of it. Pure, and the same every time."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from inference.model.head import Head
from training.heads.calibrate import calibrate
from training.heads.head_fit import TOLERANCE
from training.learning.gate.gate import gate, worst_breed
from training.learning.gate.gate_report import GateReport
from training.learning.gate.golden import Golden
from training.learning.gate.held_out_checks import HeldOut
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.accepted_claims import AcceptedPhotos
from training.learning.retrain.examiners import examined
from training.learning.retrain.fit import refit, widened_labels
from training.learning.retrain.new_breeds import NewBreeds, new_breeds, teachable

ROUGHLY = 1e-5  # tolerance of a head that only measures: a third of the time less, 3 answers of 10,000 other ones
CAMPAIGNS = 2  # breeds whose enemies are looked for before all of it is refused

Pause = Callable[[], None]


@dataclass(frozen=True)
class Starting:
    """What a candidate is made from and measured against.

    Attributes:
        base: a head that no feedback is part of.
        champion: answers now.
        champion_examined: the champion without what the examining people taught it; the champion itself where that is
            not known, which is to the candidate's disadvantage.
        champion_events: ids of the claims that the champion learned from.
        golden: of their backbone.
    """

    base: Head
    champion: Head
    champion_examined: Head
    champion_events: frozenset[int]
    golden: Golden


@dataclass(frozen=True)
class Candidate:
    """A head and its report.

    Attributes:
        head: fitted to all accepted photos, calibrated, with an id of its own.
        examined: fitted without the examining people, with the same calibration: for this gate and the next one.
        fingerprint: of all accepted claims, those for breeds which wait included.
        learned: the photos in it.
        measured: photos of the examining people.
        breeds: which joined and which wait.
        suspected: ids of claims that were left out since a first try with them made a breed worse.
        verdict: the gate's.
    """

    head: Head
    examined: Head
    fingerprint: str
    learned: AcceptedPhotos
    measured: int
    breeds: NewBreeds
    suspected: tuple[int, ...]
    verdict: GateReport


def make_candidate(accepted: AcceptedPhotos, start: Starting, today: date, pause: Pause = lambda: None) -> Candidate:
    """Teach, calibrate and judge.

    Where that makes a breed worse, the claims that take photos away from it are suspected, and what is left is taught
    and judged again: a campaign against one breed keeps nobody else's corrections from being learned.

    Args:
        accepted: everything accepted, of the base's backbone.
        start: what to start from.
        today: for the id.
        pause: called between the steps, some seconds apart; may raise to stop.
    """
    made = first = _made(accepted, accepted, start, today, pause)
    rest = accepted
    for _ in range(CAMPAIGNS):
        worst = worst_breed(made.verdict)
        if worst is None:
            break
        rest = _without_those_against(worst, rest, accepted, start.base)
        if not rest.not_in(start.champion_events).any():
            break
        made = _made(accepted, rest, start, today, pause)
    return made if made.verdict.passed else first


def _without_those_against(breed: str, some: AcceptedPhotos, everything: AcceptedPhotos, base: Head) -> AcceptedPhotos:
    """What does not call anything else what the base calls this breed."""
    answered = np.array(base.labels)[base.logits(some.rows.features).argmax(axis=1)]
    kept = some.chosen((answered != breed) | (answered == some.rows.labels))
    suspected = len(everything.events) - len(kept.events)
    return replace(kept, left_out=replace(everything.left_out, suspected=suspected))


def _made(everything: AcceptedPhotos, some: AcceptedPhotos, start: Starting, today: date, pause: Pause) -> Candidate:
    breeds = new_breeds(some, start.base.labels)
    labels = widened_labels(start.base.labels, breeds.joining)
    learned = some.chosen(teachable(some, labels))
    held = examined(learned)
    replay, base = start.golden.replayed, start.base
    roughly = ROUGHLY if held.any() else TOLERANCE
    without = refit(base, replay, learned.chosen(~held).rows, labels, tolerance=roughly)
    pause()
    whole = refit(base, replay, learned.rows, labels, start=without) if held.any() else without
    pause()
    whole = named(_calibrated(whole, base, start.golden.calibration), today)
    without = without.calibrated(whole.calibration)
    new = learned.not_in(start.champion_events)
    held_out = HeldOut(learned.chosen(held).rows, new[held], start.champion_examined, without)
    verdict = gate(start.champion, whole, start.golden, held_out, learned.chosen(new).rows, base)
    suspected = tuple(sorted(set(everything.events) - set(some.events)))
    return Candidate(whole, without, everything.fingerprint, learned, int(held.sum()), breeds, suspected, verdict)


def _calibrated(head: Head, base: Head, photos: LabelledRows) -> Head:
    """Temperature and thresholds anew.

    The base had twice as many photos to find from where on a dog is rejected by mistake; half of them see the rarest
    dogs too seldom, so the threshold may rise above the base's and never fall below it.
    """
    anew = calibrate(head, photos.features, photos.labels)
    careful = max(anew.calibration.not_a_dog_above, base.calibration.not_a_dog_above)
    return anew.calibrated(replace(anew.calibration, not_a_dog_above=careful))


def named(head: Head, today: date) -> Head:
    """The head with an id made of its breeds, the day and its contents: ``dogs83-20261123-607057``."""
    digest = hashlib.sha256(head.weights.tobytes() + head.bias.tobytes() + repr(head.calibration).encode())
    model = f"dogs{len(head.labels) - 1}-{today:%Y%m%d}-{digest.hexdigest()[:6]}"
    return Head(model, head.backbone, head.labels, head.weights, head.bias, head.calibration)
