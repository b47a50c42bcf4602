"""What a call is answered when it cannot be done, in the words of the real Bot API server.

ApiError                 an answer {"ok": false, "error_code": …, "description": …}
├── BadRequest     400   the arguments are wrong; nothing was changed
├── Unauthorized   401   the token is not ours
├── Forbidden      403   the person has blocked the bot
├── NotFound       404   no such method, or no such file to download
├── Conflict       409   two pollers, or polling while a webhook is set
├── TooLarge       413   an upload beyond the limit
└── TooManyRequests 429  wait `retry_after` seconds
UploadRefused            a person's upload was not taken (too large, too many, or nothing to send)
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Answered to the bot as error_code and description; `parameters` is Telegram's ResponseParameters."""

    code = 500

    def __init__(self, description: str, *, code: int | None = None, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.parameters = parameters or {}
        if code is not None:
            self.code = code

    def to_json(self) -> dict[str, Any]:
        """The body of the response."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class BadRequest(ApiError):
    """The description gets Telegram's prefix."""

    code = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"Bad Request: {reason}")


class Unauthorized(ApiError):
    """The token in the path is not this server's."""

    code = 401

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Forbidden(ApiError):
    """The person does not let the bot write."""

    code = 403

    def __init__(self, reason: str) -> None:
        super().__init__(f"Forbidden: {reason}")


class NotFound(ApiError):
    """No such method or file."""

    code = 404

    def __init__(self) -> None:
        super().__init__("Not Found")


class Conflict(ApiError):
    """Only one reader of updates is allowed."""

    code = 409

    def __init__(self, reason: str) -> None:
        super().__init__(f"Conflict: {reason}")


class TooLarge(ApiError):
    """The request body is beyond the limit."""

    code = 413

    def __init__(self) -> None:
        super().__init__("Request Entity Too Large")


class TooManyRequests(ApiError):
    """`retry_after`: whole seconds, as Telegram sends them."""

    code = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too Many Requests: retry after {retry_after}", parameters={"retry_after": retry_after})


class UploadRefused(Exception):
    """A person's upload was not taken; the message says why, for the page."""
