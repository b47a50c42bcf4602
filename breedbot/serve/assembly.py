"""Parts that `run`, `bot` and `worker` have in common."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app import BotApp
    from bot.conversation.heatmap.port import Heatmap
    from bot.health import Health
    from bot.http_server import WebServer
    from bot.metrics import Metrics
    from bot.pipeline.leader import Looks
    from breedbot.ops.settings import Configuration
    from db.database import Database
    from db.photos.photo_store import PhotoStore
    from inference.model.classifier import Champion
    from inference.queue.direct import Fetch, Look
    from inference.queue.protocol import CrashGuard, JobQueue
    from inference.serving.shadow import Shadow
    from inference.store.folder_store import ModelStore
    from inference.worker.worker import Report, Worker
    from sandbox import LocalChat
    from training.learning.promotion.service import Learning, LearningRules

GPU_LINGER_S = 0.005  # photos are decoded while it computes: a small batch holds up none of them


async def with_telegram(stack: AsyncExitStack, settings: "Configuration") -> "tuple[LocalChat | None, Configuration]":
    """The settings, with a token; without one a local chat is opened until the stack is left, and returned."""
    from breedbot.serve.sandbox import chat_server

    if settings.telegram_token is not None:
        return None, settings
    local = await stack.enter_async_context(chat_server(settings.chat_port, settings.data_dir))
    return local, settings.at_server(local.url, local.token)


def assemble_bot(
    stack: AsyncExitStack,
    settings: "Configuration",
    web: "WebServer",
    health: "Health",
    metrics: "Metrics",
    database: "Database",
    photos: "PhotoStore",
    store: "ModelStore",
    queue: "JobQueue",
    chat: "LocalChat | None",
    *,
    heatmap: "Heatmap",
    learning: "Learning",
    answering: Callable[[], str],
    look: "Look",
    looks: "Looks | None" = None,
) -> "BotApp":
    """The Telegram side, and web console and API on its HTTP port until the stack is left.

    `chat`: its page makes moderators, too. `answering`: the id of the model that answers. `look`: has a worker look at
    a photo of the API. `looks`: to other bots on the same database.
    """
    from bot.alerts.alerts import Surroundings
    from bot.alerts.model_check import model_trouble
    from bot.app import BotApp
    from bot.console import PREFIX, Access, Console, Instruments, new_login_link
    from bot.console.dashboard.process_numbers import vitals
    from bot.conversation.moderation.moderators import ListedModerators
    from bot.parts import Parts
    from db.privacy.retention_guard import FILE as RETENTION_FILE

    listed, public_url = ListedModerators(settings), settings.public_address(web.port)
    moderators = chat.with_moderators(listed) if chat is not None else listed
    around = Surroundings(
        tuple(place for place in (settings.data_dir, settings.photo_store) if isinstance(place, Path)),
        model_trouble(store, answering),
        settings.data_dir / "alerts.json",
        retention_memory=settings.data_dir / RETENTION_FILE,
    )
    parts = Parts(
        settings,
        database,
        photos,
        queue,
        web=web,
        health=health,
        metrics=metrics,
        heatmap=heatmap,
        learning=learning,
        moderators=moderators,
        console_link=lambda moderator: new_login_link(database, moderator, public_url),
        around=around,
        looks=looks,
    )
    bot_app = BotApp(parts)
    console = Console(
        database,
        photos,
        Access(
            moderators,
            public_url,
            settings.language,
            settings.known_hosts(),
            settings.trusted_proxies,
            settings.shadow_photos,
            settings.trust,
        ),
        heatmap=heatmap,
        instruments=Instruments(lambda: vitals(metrics.registry), bot_app.parts.alerts.said_in),
        reins=learning,
    )
    web.mount(PREFIX, console.handle)
    stack.callback(web.unmount, PREFIX)
    if settings.api:
        _open_api(stack, bot_app, web, store, answering, look)
    return bot_app


def _open_api(
    stack: AsyncExitStack,
    bot_app: "BotApp",
    web: "WebServer",
    store: "ModelStore",
    answering: Callable[[], str],
    look: "Look",
) -> None:
    from bot.api.admission import Admission
    from bot.api.routes import PREFIX, Api
    from core.clock import utc_now

    parts = bot_app.parts
    settings, submitter = parts.settings, parts.submitter

    async def labels() -> frozenset[str]:
        return await asyncio.to_thread(lambda: frozenset(store.head(answering()).manifest["labels"]))

    admission = Admission(
        settings.api_photos_at_once,
        settings.api_photos_per_minute,
        lambda: submitter.wait_s,
        lambda: submitter.full(utc_now()),
    )
    web.mount(PREFIX, Api(parts.database, look, labels, admission, parts.metrics).handle)
    stack.callback(web.unmount, PREFIX)


def learning_rules(settings: "Configuration") -> "LearningRules":
    """How the host wants it to learn."""
    from breedbot.serve.open import RETRAIN_COMMAND
    from training.learning.promotion.service import LearningRules
    from training.learning.promotion.trial import TrialRules
    from training.learning.retrain.due import DueRules

    due = DueRules(settings.retrain_every, settings.retrain_after, settings.trust)
    return LearningRules(RETRAIN_COMMAND, due, TrialRules(settings.shadow_photos))


def assemble_worker(
    champion: "Champion",
    queue: "JobQueue",
    fetch: "Fetch",
    report: "Report",
    shadow: "Shadow",
    guard: "CrashGuard | None",
    metrics: "Metrics",
) -> "Worker":
    from inference.worker.metrics import WorkerMetrics
    from inference.worker.settings import WorkerSettings
    from inference.worker.worker import Worker

    on_cpu = champion().engine.startswith("openvino")
    settings = WorkerSettings() if on_cpu else WorkerSettings(shared_cores=False, linger_s=GPU_LINGER_S)
    return Worker(
        queue,
        champion,
        fetch,
        report,
        settings,
        shadow=shadow,
        guard=guard,
        metrics=WorkerMetrics(metrics.registry),
    )
