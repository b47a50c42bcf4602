"""Whether this process can do its work: a list of checks that the rooms hand in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

Check = Callable[[], Awaitable[str | None]]

TIMEOUT_S = 2.0
ABSENT = "not there yet"


class Health:
    """Named checks. A check returns None when all is well, else what is not.

    `awaited`: checks that are still to come; until each of these was content once, the process is `starting`.
    """

    def __init__(self, awaited: Iterable[str] = ()) -> None:
        self._checks: dict[str, Check] = {}
        self._unseen = set(awaited)

    @property
    def starting(self) -> bool:
        """Whether something that is awaited was never well."""
        return bool(self._unseen)

    def add(self, name: str, check: Check) -> None:
        """Ask this, too, from now on."""
        self._checks[name] = check

    async def problems(self) -> dict[str, str]:
        """What is not ready, by name; empty = ready."""
        names = tuple(self._checks)
        answers = await asyncio.gather(*(self._ask(self._checks[name]) for name in names))
        found = dict(zip(names, answers, strict=True))
        self._unseen -= {name for name, answer in found.items() if answer is None}
        absent = dict.fromkeys(sorted(self._unseen - found.keys()), ABSENT)
        return absent | {name: answer for name, answer in found.items() if answer is not None}

    @staticmethod
    async def _ask(check: Check) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await check()
        except TimeoutError:
            return f"no answer within {TIMEOUT_S:g} s"
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a check is the answer
            return f"{type(error).__name__}: {error}"
