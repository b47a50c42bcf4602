"""Methods by which the bot gets its updates: getUpdates, and the webhook's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest, Conflict
from sandbox.state.world import World
from sandbox.webhook_sender import WebhookSettings

_LONGEST_POLL_S = 50
_SECRET_CHARS = 256


async def get_updates(world: World, args: Arguments) -> list[dict[str, Any]]:
    """https://core.telegram.org/bots/api#getupdates."""
    if WebhookSettings.load(world.database).url:
        raise Conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    world.updates.allow(_kinds(args))
    limit = min(max(args.integer("limit", 100), 1), 100)
    timeout_s = min(max(args.integer("timeout"), 0), _LONGEST_POLL_S)
    updates = await world.updates.poll(args.integer("offset"), limit, timeout_s)
    if updates and world.faults.strikes_delivery():
        updates = [*updates, *updates]
    return updates


async def set_webhook(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setwebhook; plain HTTP is allowed, since all is local."""
    url = args.text("url")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise BadRequest("bad webhook: invalid webhook URL specified")
    secret = args.text("secret_token")
    if len(secret) > _SECRET_CHARS or not all(char.isalnum() or char in "_-" for char in secret):
        raise BadRequest("secret token contains unallowed characters")
    world.updates.allow(_kinds(args))
    _drop_pending(world, args)
    settings = WebhookSettings(url, secret, args.integer("max_connections", 40) or 40)
    settings.save(world.database)
    world.updates.interrupt()
    return True


async def delete_webhook(world: World, args: Arguments) -> bool:
    """https://core.telegram.org/bots/api#deletewebhook."""
    _drop_pending(world, args)
    WebhookSettings().save(world.database)
    world.updates.interrupt()
    return True


async def get_webhook_info(world: World, _args: Arguments) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#webhookinfo."""
    settings = WebhookSettings.load(world.database)
    info: dict[str, Any] = {
        "url": settings.url,
        "has_custom_certificate": False,
        "pending_update_count": world.updates.count(),
    }
    if settings.url:
        info["max_connections"] = settings.max_connections
        info["ip_address"] = urlsplit(settings.url).hostname
    if settings.last_error_date:
        info |= {"last_error_date": settings.last_error_date, "last_error_message": settings.last_error_message}
    if world.updates.allowed():
        info["allowed_updates"] = world.updates.allowed()
    return info


def _kinds(args: Arguments) -> list[str] | None:
    kinds = args.json("allowed_updates")
    if kinds is not None and not (isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)):
        raise BadRequest("can't parse allowed_updates: an array of strings is expected")
    return kinds


def _drop_pending(world: World, args: Arguments) -> None:
    if args.boolean("drop_pending_updates"):
        world.updates.keep_newest(0)
