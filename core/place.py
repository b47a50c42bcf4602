"""Where a setting says that data lives: a folder, or a bucket by its URL."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BUCKETS = frozenset({"s3", "gs", "az"})


def folder(value: Any, *, forms: str = "a folder") -> Path:
    """Raises ValueError for what can be no folder."""
    text = str(value).strip()
    scheme, colon, _ = text.partition("://")
    if colon and scheme != "file":
        raise ValueError(f"give {forms}")
    path = Path(text.removeprefix("file://")).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError("this is a file; give a folder")
    return path


def folder_or_bucket(value: Any) -> Path | str:
    """A bucket stays a URL. Raises ValueError, whose message shows nothing of a URL: it may hold a key."""
    text = str(value).strip()
    if text.partition("://")[0] not in BUCKETS:
        return folder(text, forms="a folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX")
    parts = urlsplit(text)
    if not parts.hostname or set(text) & set("@?#"):
        raise ValueError(f"give {parts.scheme}://BUCKET/PREFIX; keys belong into variables of their own")
    return text.rstrip("/")
