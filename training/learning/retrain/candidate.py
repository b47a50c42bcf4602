"""Accepted photos → a candidate and what the gate says of it. Pure, and the same every time."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from inference.model.head import Head
from training.heads.calibrate import calibrate
from training.heads.head_fit import TOLERANCE
from training.learning.gate.gate import gate
from training.learning.gate.gate_report import GateReport
from training.learning.gate.golden import Golden
from training.learning.gate.held_out_checks import HeldOut
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.accepted_claims import AcceptedPhotos
from training.learning.retrain.directions import Directions
from training.learning.retrain.examiners import examined
from training.learning.retrain.fit import refit, widened_labels
from training.learning.retrain.new_breeds import NewBreeds, new_breeds, teachable
from training.learning.suspects.suspects import ROUNDS, SetAside, campaigns, culprits, without

ROUGHLY = 1e-5  # tolerance of a head that only measures: a third of the time less, 3 answers of 10,000 other ones
UNSURE_WANDERS = 0.05  # how far the threshold of "unsure" may be from the base's: retrain after retrain adds up

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
        along: how many of the features a candidate may have weights for, the first ones; None: all.
    """

    base: Head
    champion: Head
    champion_examined: Head
    champion_events: frozenset[int]
    golden: Golden
    along: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A head and its report.

    Attributes:
        head: fitted to all accepted photos, calibrated, with an id of its own.
        examined: fitted without the examining people, with the same calibration: for this gate and the next one.
        fingerprint: of all accepted claims but those set aside, those for breeds which wait included.
        learned: the photos in it; their features are coordinates along the directions that the head may move in.
        measured: photos of the examining people.
        breeds: which joined and which wait.
        set_aside: claims that are to teach nothing from now on.
        verdict: the gate's.
    """

    head: Head
    examined: Head
    fingerprint: str
    learned: AcceptedPhotos
    measured: int
    breeds: NewBreeds
    set_aside: tuple[SetAside, ...]
    verdict: GateReport


def make_candidate(accepted: AcceptedPhotos, start: Starting, today: date, pause: Pause = lambda: None) -> Candidate:
    """Teach, calibrate and judge.

    Claims that look like a campaign are set aside at once; where the gate refuses the candidate all the same, those
    that its failing checks come from, and what is left is taught and judged again: nobody's attack, and nobody's error,
    keeps the others' corrections from being learned.

    Args:
        accepted: everything accepted, of the base's backbone.
        start: what to start from.
        today: for the id.
        pause: called between the steps, some seconds apart; may raise to stop.
    """
    directions = Directions.of((start.base, start.champion, start.champion_examined), start.golden, accepted.rows)
    along = replace(accepted, rows=directions.rows(accepted.rows))
    pause()
    made = _proven(along, _turned(start, directions), pause)
    head = named(directions.whole(made.head), today)
    return replace(made, head=head, examined=replace(directions.whole(made.examined), model=head.model))


def _turned(start: Starting, directions: Directions) -> Starting:
    base, champion, before = map(directions.head, (start.base, start.champion, start.champion_examined))
    return Starting(base, champion, before, start.champion_events, directions.golden(start.golden), directions.learned)


def _proven(accepted: AcceptedPhotos, start: Starting, pause: Pause) -> Candidate:
    """Made anew without those that make it worse, until it passes or nobody is left to suspect."""
    obvious = campaigns(accepted, start.base, start.golden)
    aside, some = obvious, without(accepted, obvious)
    made = _made(some, start, pause)
    for _ in range(ROUNDS):
        if made.verdict.passed:
            break
        more = culprits(some, made.learned, made.head, start.base, start.golden, made.verdict)
        if not more:
            break
        aside = [*aside, *more]
        some = without(accepted, aside)
        if _same(some, start):
            break
        made = _made(some, start, pause)
    proven = made.verdict.passed or _same(some, start)
    return replace(made, set_aside=tuple(aside if proven else obvious))


def _same(some: AcceptedPhotos, start: Starting) -> bool:
    """Whether the champion has learned just that."""
    return frozenset(some.events) == start.champion_events


def _made(some: AcceptedPhotos, start: Starting, pause: Pause) -> Candidate:
    breeds = new_breeds(some, start.base)
    labels = widened_labels(start.base.labels, breeds.joining)
    learned = some.chosen(teachable(some, labels))
    held = examined(learned)
    base, scale = start.base, start.golden.scale
    fit = partial(refit, base, start.golden.replayed, labels=labels, scale=scale, along=start.along)
    roughly = ROUGHLY if held.any() else TOLERANCE
    apart = fit(learned.chosen(~held).rows, tolerance=roughly)
    pause()
    whole = fit(learned.rows, start=apart) if held.any() else apart
    pause()
    whole = _calibrated(whole, base, start.golden.calibration)
    apart = apart.calibrated(whole.calibration)
    new = learned.not_in(start.champion_events)
    held_out = HeldOut(learned.chosen(held).rows, new[held], start.champion_examined, apart)
    verdict = gate(start.champion, whole, start.golden, held_out, learned.chosen(new).rows, base)
    return Candidate(whole, apart, some.fingerprint, learned, int(held.sum()), breeds, (), verdict)


def _calibrated(head: Head, base: Head, photos: LabelledRows) -> Head:
    """Temperature and thresholds anew.

    The base had twice as many photos to find from where on a dog is rejected by mistake; half of them see the rarest
    dogs too seldom, so the threshold may rise above the base's and never fall below it. Below which confidence an
    answer is "unsure" hangs on a few windows of photos, and stays near the base's.
    """
    anew = calibrate(head, photos.features, photos.labels)
    careful = max(anew.calibration.not_a_dog_above, base.calibration.not_a_dog_above)
    unsure, began = anew.calibration.unsure_below, base.calibration.unsure_below
    near = min(max(unsure, began - UNSURE_WANDERS), began + UNSURE_WANDERS)
    return anew.calibrated(replace(anew.calibration, not_a_dog_above=careful, unsure_below=near))


def named(head: Head, today: date) -> Head:
    """The head with an id made of its breeds, the day and its contents: ``dogs83-20261123-607057``."""
    digest = hashlib.sha256(head.weights.tobytes() + head.bias.tobytes() + repr(head.calibration).encode())
    model = f"dogs{len(head.labels) - 1}-{today:%Y%m%d}-{digest.hexdigest()[:6]}"
    return Head(model, head.backbone, head.labels, head.weights, head.bias, head.calibration)
