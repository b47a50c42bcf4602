"""The local chat alone: `python -m sandbox [--port 8080] [--state-dir var/localchat]`; point any bot at it."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from sandbox.sandbox import LocalChat


async def _run(host: str, port: int, state_dir: Path) -> None:
    chat = LocalChat()
    await chat.start(host, port, state_dir)
    print(f"{chat.url} {chat.token}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await chat.stop()


def main() -> None:
    """Until Ctrl-C. The first line of output is the URL and the bot's token."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--state-dir", type=Path, default=Path("var/localchat"))
    options = parser.parse_args()
    try:
        asyncio.run(_run(options.host, options.port, options.state_dir))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
