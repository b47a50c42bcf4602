"""Which photos and whose feedback made a model, and why it passed: `breedbot models show MODEL`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table

from db.chat.chat_records import ModelVersionRecord
from db.database import Database
from db.learning.learning_records import EvidenceRecord, RetrainRecord
from training.learning.gate.gate_report import GateReport

PAGE = 10_000
PREFIX = 12  # digits of a photo's SHA-256
MOST = 20


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that is kept about how a model came to be.

    Attributes:
        claims: those that it was made of and that are still there.
        forgotten: claims that it was made of, of people who were forgotten since.
        retrain: the run that made it; None for a model that no feedback is part of.
        registered: the registry's row; None for a model that never answered here.
        verdict: the gate's.
    """

    claims: tuple[EvidenceRecord, ...]
    forgotten: int
    retrain: RetrainRecord | None
    registered: ModelVersionRecord | None
    verdict: GateReport | None

    @property
    def breeds(self) -> dict[str, int]:
        """Claims by what they taught, most first."""
        return dict(Counter(claim.breed or "?" for claim in self.claims).most_common())

    def reviewers(self, *, with_users: bool = False) -> dict[str, int]:
        """Claims by who accepted them, most first; without their ids all moderators are one."""
        return dict(Counter(_reviewer(claim, with_users=with_users) for claim in self.claims).most_common())

    def to_json(self, *, with_users: bool = False) -> dict[str, Any]:
        """One object; times in ISO 8601. People are numbered, and named by their ids only `with_users`."""
        made, known = self.retrain, self.registered
        person = {user: number for number, user in enumerate(dict.fromkeys(one.user_id for one in self.claims), 1)}
        return {
            "claims": len(self.claims),
            "photos": len({claim.photo_sha256 for claim in self.claims}),
            "people": len({claim.user_id for claim in self.claims}),
            "forgotten": self.forgotten,
            "breeds": self.breeds,
            "reviewers": self.reviewers(with_users=with_users),
            "events": [_event(one, person[one.user_id], with_users=with_users) for one in self.claims],
            "retrain": made and {
                "id": made.id, "trigger": made.trigger.value, "status": made.status.value,
                "champion": made.champion_id, "started_at": _iso(made.started_at),
                "finished_at": _iso(made.finished_at), "said": made.error,
            },
            "promoted_at": known and _iso(known.promoted_at),
            "retired_at": known and _iso(known.retired_at),
            "verdict": self.verdict and self.verdict.to_json(),
        }  # fmt: skip


async def ledger(database: Database, model: str, manifest: Mapping[str, Any]) -> Ledger:
    """Look everything up; raises DatabaseError."""
    claims: list[EvidenceRecord] = []
    page = PAGE
    async with database.unit(read_only=True) as unit:
        while page == PAGE:
            found = await unit.evidence.of(model, limit=PAGE, after_id=claims[-1].event_id if claims else 0)
            claims += found
            page = len(found)
        retrain = await unit.retrains.get(model)
        registered = await unit.model_versions.get(model)
    return Ledger(
        tuple(claims), max(0, _made_of(manifest) - len(claims)), retrain, registered, stated_verdict(manifest)
    )


def stated_verdict(manifest: Mapping[str, Any]) -> GateReport | None:
    """What the gate said, by the manifest; None for a model that did not have to pass it."""
    stated = manifest.get("verdict")
    return None if stated is None else GateReport.from_json(stated)


def ledger_table(found: Ledger, *, with_users: bool = False) -> Table:
    """For people; claims only as counts."""
    table = Table(show_header=False, box=None)
    if not found.claims and not found.forgotten:
        table.add_row("feedback", "none is part of it")
    else:
        people, photos = (len({getattr(one, key) for one in found.claims}) for key in ("user_id", "photo_sha256"))
        table.add_row("feedback", f"{len(found.claims):,} claims of {people:,} people about {photos:,} photos")
    if found.forgotten:
        table.add_row("", f"{found.forgotten:,} claims since forgotten; the next model is made without them")
    _add_counts(table, "it taught", found.breeds)
    _add_counts(table, "accepted by", found.reviewers(with_users=with_users))
    if found.retrain is not None:
        table.add_row("retrain", f"{found.retrain.id}, {found.retrain.trigger}, {found.retrain.status}")
        table.add_row("measured against", found.retrain.champion_id)
        if found.retrain.error:
            table.add_row("", found.retrain.error)
    if found.registered is not None:
        table.add_row("promoted", _day(found.registered.promoted_at))
        table.add_row("retired", _day(found.registered.retired_at))
    for check in found.verdict.checks if found.verdict else ():
        table.add_row(f"{'✓' if check.passed else '✗'} {check.name}", check.sentence)
    return table


def _add_counts(table: Table, title: str, counts: Mapping[str, int]) -> None:
    if counts:
        rest = sum(list(counts.values())[MOST:])
        listed = ", ".join(f"{name} {count:,}" for name, count in list(counts.items())[:MOST])
        table.add_row(title, f"{listed}, others {rest:,}" if rest else listed)


def _made_of(manifest: Mapping[str, Any]) -> int:
    return int(manifest.get("feedback", {}).get("claims", 0))


def _event(claim: EvidenceRecord, person: int, *, with_users: bool) -> dict[str, Any]:
    return {
        "event": claim.event_id, "photo": claim.photo_sha256[:PREFIX], "said": claim.verdict.value,
        "breed": claim.breed, "person": person, "reviewer": _reviewer(claim, with_users=with_users),
        **({"user_id": claim.user_id} if with_users else {}),
    }  # fmt: skip


def _reviewer(claim: EvidenceRecord, *, with_users: bool) -> str:
    reviewer = claim.reviewer or "nobody any more"
    return reviewer if with_users else reviewer.partition(":")[0]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _day(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
