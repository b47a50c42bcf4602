"""Whose claims made a candidate worse, or contradict what the base is sure of far more often than errors do.

The unit is what one person says of one label: who errs about one breed keeps what they said of others. What a reviewer
has restored is suspected no more: people have the last word.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import Head
from training.learning.gate.gate_report import GateReport
from training.learning.gate.golden import Golden
from training.learning.gate.golden_checks import truth_probability
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.accepted_claims import AcceptedPhotos
from training.learning.suspects.influence import Influence

SURE: Final = 0.9  # the base's confidence in something else, from which on a claim contradicts it
SURE_ERRORS: Final = 0.2  # share of honest corrections that do; of the base's errors on golden photos 0.17 are so sure
FEWEST: Final = 4  # such claims that make a campaign
CHANCE: Final = 1e-3  # …and how unlikely they must be, over all that is looked at
NOTICED: Final = 0.02  # fall of a photo's probability below which it may be the temperature's
ALIKE: Final = 0.5  # share of the usual harm of a harmful photo that a suspect's photos do on average
ROUNDS: Final = 3  # of setting aside and fitting again

Bool = NDArray[np.bool_]
Unit = tuple[int, str]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Claims that are to teach nothing, and why.

    Attributes:
        event_ids: ascending.
        user_ids: whose they are, ascending; for moderators alone.
        why: in a line that names nobody.
    """

    event_ids: tuple[int, ...]
    user_ids: tuple[int, ...]
    why: str

    def to_json(self, *, with_users: bool = False) -> dict[str, Any]:
        """For the ledger without its people, which the database knows by the claims."""
        people = {"user_ids": list(self.user_ids)} if with_users else {}
        return {"events": list(self.event_ids), "people": len(self.user_ids), "why": self.why, **people}


def campaigns(accepted: AcceptedPhotos, base: Head, golden: Golden) -> list[SetAside]:
    """Corrections of the base that people make together, or one person makes, against what it is sure of.

    To agree with a champion is to correct the base where the two differ: the champion may have been led astray. A base
    errs, and is sure of some of its errors; how often is known from golden photos. Among claims that turn one answer
    into one label, or that one person makes, or that name one label, more of them than chance explains (binomial test)
    are no corrections of errors; then all of them go, the less bold ones too. Of a breed that it lacks the base knows
    nothing. Only the policy's own decisions are looked at: a person who accepted one has seen the photo.
    """
    probabilities = base.probabilities(accepted.rows.features)
    answers = np.array(base.labels)[probabilities.argmax(axis=1)] if len(accepted) else np.zeros(0, np.str_)
    labels = accepted.rows.labels
    corrects = (answers != labels) & np.isin(labels, base.labels) & _suspicious(accepted, policy_only=True)
    sure = corrects & (probabilities.max(axis=1, initial=0.0) >= SURE)
    usual = max(SURE_ERRORS, _sure_errors(base, golden.photos))
    found: dict[bytes, tuple[str, NDArray[np.intp]]] = {}  # the same claims under two names are looked at once
    for why, rows in _groups(accepted, answers, np.flatnonzero(corrects)):
        if sure[rows].sum() >= FEWEST:
            found.setdefault(rows.tobytes(), (why, rows))
    made: list[SetAside] = []
    seen = np.zeros(len(accepted), np.bool_)
    for why, rows in found.values():
        hits = sure[rows].sum()
        if bdtrc(hits - 1, len(rows), usual) * len(found) <= CHANCE and not seen[rows].all():
            chosen = np.zeros(len(accepted), np.bool_)
            chosen[rows] = True
            sentence = (
                f"{why}: {hits} of {len(rows)} corrections contradict what {base.model} is sure of; errors do so in "
                f"{usual:.0%}"
            )
            made.append(_aside(accepted, chosen & ~seen, sentence))
            seen |= chosen
    return made


def culprits(
    accepted: AcceptedPhotos, learned: AcceptedPhotos, head: Head, base: Head, golden: Golden, verdict: GateReport
) -> list[SetAside]:
    """Those without whom the failing checks would, as far as one Newton step tells, be passed.

    Args:
        accepted: all that the candidate was to learn.
        learned: what of it taught the head.
        head: which was refused.
        base: what it was made from.
        golden: photos whose labels are known.
        verdict: the gate's.
    """
    names = ", ".join(check.name for check in verdict.failures)
    rows, weights = _worse(head, base, golden, verdict)
    if weights.any():
        harm = -Influence(base, head, golden, learned.rows).on(rows, weights)
    else:  # only people disagree with each other: whoever contradicts the base most
        harm = _contradiction(base, learned.rows)
    harmful = np.maximum(harm, 0)
    usual = float((harmful**2).sum() / harmful.sum()) if harmful.any() else 0.0  # of those photos that do the harm
    chosen = [unit for unit, mean in _units(learned, harm).items() if usual and mean >= ALIKE * usual]
    picked = _of_units(learned, frozenset(chosen)) & _suspicious(learned)
    if not picked.any():
        return []
    events = {claim.event_id for about in learned.chosen(picked).claims for claim in about}
    return [_aside(accepted, ~accepted.not_in(events), f"without them, the gate's {names} would not have failed")]


def without(accepted: AcceptedPhotos, aside: list[SetAside]) -> AcceptedPhotos:
    """What is left to learn."""
    events = {event for one in aside for event in one.event_ids}
    kept = accepted.chosen(accepted.not_in(events))
    return replace(kept, left_out=replace(accepted.left_out, set_aside=len(accepted.events) - len(kept.events)))


def ranges(numbers: tuple[int, ...]) -> str:
    """Ascending numbers in short: (1, 2, 3, 7) → ``1-3,7``."""
    parts: list[tuple[int, int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in parts)


def _groups(accepted: AcceptedPhotos, answers: NDArray[np.str_], rows: NDArray[np.intp]) -> Iterator[tuple[str, Any]]:
    """What could be a campaign: one answer turned into one label, one person's corrections, all that name one label."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in rows.tolist():
        answer, label = str(answers[row]), str(accepted.rows.labels[row])
        groups["1", f"{answer} called {label}"].append(row)
        groups["3", f"corrections to {label}"].append(row)
        for person in accepted.people[row]:
            groups["2", f"corrections of one person ({person})"].append(row)
    for key in sorted(groups, key=lambda key: (key[0], -len(groups[key]), key[1])):
        why = "corrections of one person" if key[0] == "2" else key[1]
        yield why, np.array(groups[key], np.intp)


def _sure_errors(base: Head, golden: LabelledRows) -> float:
    probabilities = base.probabilities(golden.features)
    wrong = np.array(base.labels)[probabilities.argmax(axis=1)] != golden.labels
    return float((probabilities.max(axis=1)[wrong] >= SURE).mean()) if wrong.any() else 0.0


def _worse(head: Head, base: Head, golden: Golden, verdict: GateReport) -> tuple[LabelledRows, NDArray[np.float64]]:
    """Photos whose labels are known, each by how far its probability of that fell, where a failing check looks."""
    rows = LabelledRows(
        np.concatenate([golden.photos.features, golden.replayed.features]),
        np.concatenate([golden.photos.labels, golden.replayed.labels]),
    )
    fall = truth_probability(base, rows) - truth_probability(head, rows) - NOTICED
    named = [breed for check in verdict.failures for breed in _breeds(check.numbers.get("worse", {}))]
    looked = np.isin(rows.labels, named)  # what is said of some breeds says more than what is said of all
    for check in verdict.failures if not named else ():
        if check.name.startswith("not_a_dog_rejected"):
            looked |= rows.labels == NOT_A_DOG
        elif check.name not in {"gain", "held_out"}:
            looked |= rows.labels != NOT_A_DOG
    return rows, np.where(looked & np.isin(rows.labels, head.labels), np.maximum(fall, 0), 0.0)


def _breeds(worse: Mapping[str, float]) -> set[str]:
    """Of breeds, and of pairs of breeds."""
    return {breed for key in worse for breed in key.split("/")}


def _contradiction(base: Head, photos: LabelledRows) -> NDArray[np.float64]:
    rows = base.probabilities(photos.features)
    named = truth_probability(base, photos)
    sure = (rows.max(axis=1) >= SURE) & np.isin(photos.labels, base.labels)
    doubt = np.maximum(rows.max(axis=1) - named, 0) * sure
    return np.asarray(doubt, np.float64)


def _units(learned: AcceptedPhotos, harm: NDArray[np.float64]) -> dict[Unit, float]:
    """Mean harm of what each person says of each label."""
    units: dict[Unit, list[float]] = defaultdict(list)
    for label, people, share in zip(learned.rows.labels.tolist(), learned.people, harm.tolist(), strict=True):
        for person in people:
            units[person, label].append(share)
    return {unit: sum(shares) / len(shares) for unit, shares in units.items()}


def _of_units(learned: AcceptedPhotos, units: frozenset[Unit]) -> Bool:
    """Photos of which only these people spoke so."""
    pairs = zip(learned.rows.labels.tolist(), learned.people, strict=True)
    return np.array([all((person, label) in units for person in people) for label, people in pairs], np.bool_)


def _suspicious(accepted: AcceptedPhotos, *, policy_only: bool = False) -> Bool:
    """Photos about which no claim was restored (or, `policy_only`, accepted by a person)."""
    return np.array(
        [
            not any(claim.restored or (policy_only and claim.reviewer != "policy") for claim in about)
            for about in accepted.claims
        ],
        np.bool_,
    )


def _aside(accepted: AcceptedPhotos, rows: Bool, why: str) -> SetAside:
    claims = [claim for about in accepted.chosen(rows).claims for claim in about]
    return SetAside(
        tuple(sorted(claim.event_id for claim in claims)), tuple(sorted({claim.user_id for claim in claims})), why
    )
