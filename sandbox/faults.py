"""The faults switchboard: what can go wrong between a bot and Telegram, switched on by tests or curious people.

Each rule says what happens, to which method and chat, how often (a probability, or the next n calls). Randomness is
seeded, so a failing run can be repeated. Counters say what was injected, and whether the bot waited as it was told to.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

DOWNLOAD = "downloadFile"  # not a Bot API method: the name under which file downloads are counted and failed
_UNHEARD_KEPT = 100_000


class FaultKind(StrEnum):
    """What goes wrong."""

    TOO_MANY_REQUESTS = "too_many_requests"  # 429 with retry_after; calls before that time are refused too
    SERVER_ERROR = "server_error"  # 5xx, nothing done
    CONFLICT = "conflict"  # 409, as if a second bot polled
    SLOW = "slow"  # done after delay_s
    DROP_BEFORE = "drop_before"  # connection cut, nothing done
    DROP_AFTER = "drop_after"  # done, then the connection is cut before the answer (downloads: cut half-way)
    UNAVAILABLE = "unavailable"  # getFile: 400, as for a file that is gone or not there yet
    PATHLESS = "pathless"  # getFile: an answer without file_path
    NOT_FOUND = "not_found"  # 404, nothing done
    TRICKLE = "trickle"  # downloads: one byte every delay_s
    ODD = "odd"  # an answer that no Bot API gives: a proxy's page, JSON of another shape; done only if it says "ok"
    HASTY = "hasty"  # getUpdates does not wait
    DUPLICATE = "duplicate"  # updates are delivered twice


_MEANT_FOR = {
    FaultKind.CONFLICT: "getUpdates",
    FaultKind.DUPLICATE: "getUpdates",
    FaultKind.HASTY: "getUpdates",
    FaultKind.UNAVAILABLE: "getFile",
    FaultKind.PATHLESS: "getFile",
    FaultKind.TRICKLE: DOWNLOAD,
}

ODD_ANSWERS = (
    b"",
    b"<html><body><h1>It works!</h1></body></html>",
    b"\xff\xfe\x00",
    b"[]",
    b"null",
    b'{"ok": true}',
    b'{"ok": true, "result": null}',
    b'{"ok": true, "result": "x"}',
    b'{"ok": true, "result": {"message_id": "one"}}',
    b'{"ok": false}',
    b'{"ok": false, "error_code": "many", "parameters": []}',
)


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One switch. `method` None: all methods and downloads; `chat_id` None: all chats; `times` None: for ever."""

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    probability: float = 1.0
    times: int | None = None
    retry_after: int = 1  # whole seconds, as Telegram sends it
    delay_s: float = 1.0
    code: int = 502

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability must be between 0 and 1, not {self.probability}")
        if not (500 <= self.code < 600 and self.retry_after >= 0 and 0 <= self.delay_s <= 300):
            raise ValueError("code must be 5xx, retry_after ≥ 0 and delay_s between 0 and 300")

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Whether the rule is about this call. Some are about one method unless told otherwise."""
        wanted = self.method
        if wanted is None:
            wanted = _MEANT_FOR.get(self.kind)
        return (wanted is None or wanted.lower() == method.lower()) and self.chat_id in {None, chat_id}


@dataclass(slots=True)
class _Switch:
    rule: FaultRule
    left: int | None


@dataclass(slots=True)
class Faults:
    """Holds the rules. `injected` counts (kind, method), `early_retries` calls made before retry_after was over.

    `unheard`: results of calls that were done and whose answer was cut, the last 100,000.
    """

    seed: int = 0
    clock: Callable[[], float] = time.monotonic
    injected: Counter[tuple[FaultKind, str]] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    early_retries: int = 0
    unheard: deque[Any] = field(default_factory=lambda: deque(maxlen=_UNHEARD_KEPT))
    _switches: dict[int, _Switch] = field(default_factory=dict)
    _held: dict[object, float] = field(default_factory=dict)
    _random: random.Random = field(init=False)
    _last_id: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 (repeatable on purpose)

    def add(self, kind: FaultKind | str, **options: Any) -> int:
        """Switches a fault on: `add("server_error", method="sendMessage", times=2)`; options as in FaultRule.

        Returns the rule's id. Raises ValueError or TypeError for options that make no sense.
        """
        rule = FaultRule(FaultKind(kind), **options)
        self._last_id += 1
        self._switches[self._last_id] = _Switch(rule, rule.times)
        return self._last_id

    def remove(self, rule_id: int) -> None:
        """Switches one fault off; unknown ids are ignored."""
        self._switches.pop(rule_id, None)

    def clear(self) -> None:
        """Switches all off; the counters stay."""
        self._switches.clear()
        self._held.clear()

    def reseed(self, seed: int) -> None:
        """Starts the random numbers again."""
        self.seed = seed
        self._random.seed(seed)

    def strike(self, method: str, chat_id: int | None) -> list[FaultRule]:
        """The faults this call suffers, in the order they were switched on; counts them."""
        self.calls[method] += 1
        held = self._still_held(method, chat_id)
        if held is not None:
            return [held]
        struck = [rule for rule in self._draw(method, chat_id) if rule.kind is not FaultKind.DUPLICATE]
        for rule in struck:
            if rule.kind is FaultKind.TOO_MANY_REQUESTS:
                self._held[_scope(method, chat_id)] = self.clock() + rule.retry_after
        return struck

    def odd_answer(self) -> bytes:
        """One of them; by the same random numbers."""
        return self._random.choice(ODD_ANSWERS)

    def strikes_delivery(self, method: str = "getUpdates") -> bool:
        """Whether the updates now delivered are to be delivered twice."""
        return bool(list(self._draw(method, None, only=FaultKind.DUPLICATE)))

    def to_json(self) -> dict[str, Any]:
        """For the page and the HTTP endpoint."""
        return {
            "seed": self.seed,
            "rules": [{"id": key, **asdict(one.rule), "left": one.left} for key, one in self._switches.items()],
            "injected": [{"kind": kind, "method": name, "count": n} for (kind, name), n in self.injected.items()],
            "early_retries": self.early_retries,
        }

    def _draw(self, method: str, chat_id: int | None, only: FaultKind | None = None) -> list[FaultRule]:
        drawn = []
        for key, switch in list(self._switches.items()):
            rule = switch.rule
            wanted = only is rule.kind if only else rule.kind is not FaultKind.DUPLICATE
            if not (wanted and rule.fits(method, chat_id)) or self._random.random() >= rule.probability:
                continue
            if switch.left is not None:
                switch.left -= 1
                if switch.left <= 0:
                    del self._switches[key]
            self.injected[rule.kind, method] += 1
            drawn.append(rule)
        return drawn

    def _still_held(self, method: str, chat_id: int | None) -> FaultRule | None:
        scope = _scope(method, chat_id)
        left_s = self._held.get(scope, 0) - self.clock()
        if left_s <= 0:
            self._held.pop(scope, None)
            return None
        self.early_retries += 1
        self.injected[FaultKind.TOO_MANY_REQUESTS, method] += 1
        return FaultRule(FaultKind.TOO_MANY_REQUESTS, retry_after=math.ceil(left_s))


def _scope(method: str, chat_id: int | None) -> object:
    """Telegram's flood control stops a chat, whatever the method; calls without a chat are stopped by method."""
    return method if chat_id is None else chat_id
