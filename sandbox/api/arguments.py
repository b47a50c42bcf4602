"""The arguments of one method call, however they came: query, JSON, form or multipart with attach://."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.api.errors import BadRequest
from sandbox.state.media import Upload


@dataclass(slots=True)
class Arguments:
    """`values` are strings, or JSON values when the body was JSON; `files` are the parts of a multipart body."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Given and not empty."""
        return self.values.get(name) not in {None, ""} if _hashable(self.values.get(name)) else True

    def text(self, name: str) -> str:
        """Empty when not given. Raises BadRequest when it is no text."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str | int | float):
            raise BadRequest(f"{name} must be a string")
        text = str(value)
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise BadRequest("strings must be encoded in UTF-8")
        return text

    def integer(self, name: str, default: int = 0) -> int:
        """Raises BadRequest when it is no whole number."""
        if not self.has(name):
            return default
        number = _int64(self.values[name])
        if number is None:
            raise BadRequest(f"parameter {name} must be an integer")
        return number

    def boolean(self, name: str) -> bool:
        """True for true, "true", "True" and "1"."""
        return str(self.values.get(name, "")).lower() in {"true", "1"}

    def json(self, name: str) -> Any:
        """Decoded when it came as text; None when not given. Raises BadRequest."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise BadRequest(f"can't parse {name} JSON object") from None

    def json_object(self, name: str) -> dict[str, Any]:
        """A JSON object; empty when not given. Raises BadRequest."""
        value = self.json(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadRequest(f"{name}: an Object is expected")
        return value

    def chat_id(self) -> int:
        """Raises BadRequest when it is missing; @names of channels are not found here."""
        if not self.has("chat_id"):
            raise BadRequest("chat_id is empty")
        number = _int64(self.values["chat_id"])
        if number is None:
            raise BadRequest("chat not found")
        return number

    def chat_id_or_none(self) -> int | None:
        """For the faults switchboard, which must not complain."""
        try:
            return self.chat_id()
        except BadRequest:
            return None

    def upload(self, name: str, value: object = None) -> Upload | None:
        """The uploaded file of field `name`, or the one `value` (or the field) refers to by attach://."""
        value = self.values.get(name) if value is None else value
        if isinstance(value, str) and value.startswith("attach://"):
            upload = self.files.pop(value.removeprefix("attach://"), None)
            if upload is None:
                raise BadRequest("wrong file identifier/HTTP URL specified")
            return upload
        return self.files.pop(name, None)

    def discard_files(self) -> None:
        """Removes what no method took."""
        for upload in self.files.values():
            upload.path.unlink(missing_ok=True)


def _int64(value: Any) -> int | None:
    """None for what is no whole number, or none that Telegram and SQLite could hold."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -(2**63) <= number < 2**63 else None


def _hashable(value: object) -> bool:
    return not isinstance(value, dict | list)
