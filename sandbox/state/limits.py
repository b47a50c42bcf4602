"""Bounds of the local chat; the defaults are Telegram's where Telegram has one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sources: https://core.telegram.org/bots/api#getfile, #sendmessage, #sendphoto."""

    upload_bytes: int = 50 * 2**20
    bot_photo_bytes: int = 10 * 2**20
    download_bytes: int = 20 * 2**20
    text_chars: int = 4096
    caption_chars: int = 1024
    album_items: int = 10
    files_per_request: int = 30
    callback_expires_s: float = 30.0
    kept_messages: int = 20_000
    kept_bytes: int = 4 * 2**30
    webhook_timeout_s: float = 60.0
    webhook_first_retry_s: float = 0.5
    webhook_last_retry_s: float = 60.0
