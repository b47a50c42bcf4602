"""Whether this process can do its work: a list of checks that the rooms hand in."""

import asyncio
from collections.abc import Awaitable, Callable

Check = Callable[[], Awaitable[str | None]]

TIMEOUT_S = 2.0


class Health:
    """Named checks. A check returns None when all is well, else what is not."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Ask this, too, from now on."""
        self._checks[name] = check

    async def problems(self) -> dict[str, str]:
        """What is not ready, by name; empty = ready."""
        names = tuple(self._checks)
        answers = await asyncio.gather(*(self._ask(self._checks[name]) for name in names))
        return {name: answer for name, answer in zip(names, answers, strict=True) if answer is not None}

    @staticmethod
    async def _ask(check: Check) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await check()
        except TimeoutError:
            return f"no answer within {TIMEOUT_S:g} s"
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a check is the answer
            return f"{type(error).__name__}: {error}"
