"""What several commands open: settings, models, database, the line between processes."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from breedbot.ops.terminal import CommandFailed, tell
from breedbot.serve.large_blocks import give_large_blocks_back
from breedbot.serve.private_folder import serve_privately, writing_privately

if TYPE_CHECKING:
    from breedbot.ops.settings import Configuration
    from db.database import Database
    from inference.model.classifier import Champion
    from inference.queue.nats.connection import NatsLink
    from inference.store.folder_store import ModelStore


LINK_S = 5.0  # for servers of the line to answer
RETRAIN_COMMAND = (sys.executable, "-m", "breedbot", "retrain")


@asynccontextmanager
async def open_link(settings: "Configuration", stop: asyncio.Event | None = None) -> AsyncIterator["NatsLink"]:
    """A connection to the shared line. `stop`: until then, servers that are started later than we are are waited for.

    Raises: QueueAway without `stop`; StoppedEarly with it.
    """
    from breedbot.serve.stop_signals import unless_stopped
    from inference.queue.nats.connection import NatsLink
    from inference.queue.nats.url import NatsUrl
    from inference.queue.protocol import QueueAway, is_shared

    if not is_shared(settings.queue_url):
        raise CommandFailed("BREEDBOT_QUEUE_URL=local: is inside `breedbot run`; this needs nats://…")
    async with NatsLink(NatsUrl.parse(settings.queue_url), f"breedbot {os.getpid()}") as link:
        try:
            await link.ready(LINK_S)
        except QueueAway as error:
            if stop is None:
                raise
            tell(f"{error}; waiting")
            await unless_stopped(stop, link.ready())
        yield link


async def tell_workers(settings: "Configuration") -> None:
    """Workers elsewhere look at the pointer every few seconds; told, they do it at once."""
    from inference.queue.protocol import QueueError, is_shared

    if not is_shared(settings.queue_url):
        return
    from inference.queue.nats.model_notices import tell_models_moved

    try:
        async with open_link(settings) as link:
            await tell_models_moved(link)
    except QueueError as error:
        tell(f"workers find it out by themselves: {error}")


@asynccontextmanager
async def open_database(settings: "Configuration") -> AsyncIterator["Database"]:
    """Open the database; its tables are made or brought up to date, as `breedbot run` does."""
    from db import migrate
    from db.database import Database

    with writing_privately():
        await migrate.upgrade(settings.database_url)
        database = await Database.open(settings.database_url)
        try:
            yield database
        finally:
            await database.close()


def need_shared_queue(settings: "Configuration", command: str) -> None:
    """Raises CommandFailed where the line is inside one process."""
    from inference.queue.protocol import is_shared

    if is_shared(settings.queue_url):
        return
    raise CommandFailed(
        f"BREEDBOT_QUEUE_URL={settings.queue_url}: `breedbot {command}` needs a queue that other processes reach, "
        "nats://host:4222 for example; `breedbot run` does everything in one process"
    )


def read_settings(*, verbose: bool = False, service: bool = False) -> "Configuration":
    """Everything that is set. `service`: for a process that goes on, and whose files are private."""
    from breedbot.ops.logs import SecretMask, start_logging
    from breedbot.ops.settings import Configuration, use_cloud_keys
    from core.breeds.own_breeds import use_own_breeds

    settings = Configuration.read()
    use_cloud_keys()
    use_own_breeds(settings.own_breeds)
    if service:
        give_large_blocks_back()
        serve_privately(settings.data_dir)
    start_logging(settings.log_format, SecretMask(settings.secrets), verbose=verbose, service=service)
    return settings


def open_store(settings: "Configuration", model: str | None = None) -> "ModelStore":
    from inference.store.folder_store import open_model_store
    from inference.store.pinned_store import PinnedStore

    store = open_model_store(settings.model_store, settings.model_cache)
    return store if model is None else PinnedStore(store, model)


def load_champion(
    settings: "Configuration", model: str | None = None, loader: ThreadPoolExecutor | None = None
) -> "Champion":
    from inference.model.classifier import Champion

    return Champion(open_store(settings, model), settings.engine, loading_thread=loader)


@contextmanager
def open_champion(settings: "Configuration", model: str | None = None) -> Iterator["Champion"]:
    champion = load_champion(settings, model)
    try:
        yield champion
    finally:
        champion.close()


def new_folder(folder: Path | None) -> Path | None:
    """Make a folder for results before the work starts, so that it is not done in vain."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder
