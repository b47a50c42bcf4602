"""`breedbot retrain`: learn from accepted corrections."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from breedbot.cli.app import Json, app
from breedbot.ops.terminal import CommandFailed, answer, answer_json
from breedbot.serve.open import open_database, open_store, read_settings
from training.learning.promotion.retrain_process import NICENESS

if TYPE_CHECKING:
    from breedbot.ops.settings import Configuration
    from training.learning.retrain.due import Due
    from training.learning.retrain.outcome import RetrainOutcome
    from training.learning.trust.outcome import TrustOutcome


@app.command()
def retrain(
    as_json: Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but write.")] = False,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only if RETRAIN_AFTER or RETRAIN_EVERY says so; first the trust policy.")
    ] = False,
    promote: Annotated[bool, typer.Option("--promote", help="No trial: what passes the gate answers at once.")] = False,
) -> None:
    """Learn from accepted corrections.

    A candidate that passes the gate is tried beside the champion before it answers. Exit code 0 also where there is
    nothing new, or the gate refuses.
    """
    _step_back()
    found = asyncio.run(_retrain(read_settings(), dry_run=dry_run, if_due=if_due, promote=promote))
    if as_json:
        answer_json(found.to_json())
    else:
        for line in found.to_lines():
            answer(line)


def _step_back() -> None:
    """Leave the cores to a bot that answers people meanwhile."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


async def apply_policy(settings: "Configuration", *, dry_run: bool) -> "TrustOutcome":
    from training.learning.trust.apply import apply_trust
    from training.learning.trust.params import TrustParams

    async with open_database(settings) as database:
        params = TrustParams(enabled=settings.trust, wait=settings.trust_wait)
        return await apply_trust(database, open_store(settings), params, dry_run=dry_run)


async def _retrain(settings: "Configuration", *, dry_run: bool, if_due: bool, promote: bool) -> "RetrainOutcome | Due":
    """Ctrl-C and SIGTERM are heard between two steps; whatever ends it, nothing half-made is used."""
    from breedbot.serve.assembly import learning_rules
    from breedbot.serve.stop_signals import stop_signals
    from core.clock import utc_now
    from db.learning.learning_records import RetrainTrigger
    from db.photos.photo_store import open_photo_store
    from training.learning.promotion.registry import Registry
    from training.learning.retrain.due import due, retrain_facts
    from training.learning.retrain.retrain import RetrainSettings, retrain
    from training.learning.trust.apply import apply_trust
    from training.learning.trust.params import TrustParams

    store, at_once = open_store(settings), promote or settings.shadow_photos == 0
    how = RetrainSettings(settings.data_dir, settings.engine, dry_run=dry_run, trial=not at_once)
    stopped, task = asyncio.Event(), asyncio.current_task()

    def stop() -> None:
        if task is not None:
            task.cancel()

    with stop_signals(stopped, stop):
        try:
            async with open_database(settings) as database:
                trigger = RetrainTrigger.COMMAND
                if if_due:
                    params = TrustParams(enabled=settings.trust, wait=settings.trust_wait)
                    await apply_trust(database, store, params, dry_run=dry_run)
                    found = due(utc_now(), await retrain_facts(database), learning_rules(settings).due)
                    if found.trigger is None:
                        return found
                    trigger = found.trigger
                outcome = await retrain(database, store, open_photo_store(settings.photo_store), how, trigger)
                return await Registry(database, store).promote_at_once(outcome) if at_once else outcome
        except asyncio.CancelledError:
            raise CommandFailed("stopped; nothing has changed") from None
