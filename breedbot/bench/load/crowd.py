"""People who send photos to the bot, each in a private chat."""

import asyncio
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image

from breedbot.bench.load.ledger import Ledger
from sandbox import ChatMessage, LocalChat
from sandbox.state.media import Media, Upload

_MARK_PX = 24
_QUALITY = 87


class Crowd:
    """Takes turns at sending. Everybody speaks English."""

    def __init__(self, chat: LocalChat, people: int, ledger: Ledger) -> None:
        self._world = chat.world
        self._people = [chat.add_person(f"Person {number}") for number in range(people)]
        self._ledger = ledger

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the block runs, what the bot writes goes into the ledger."""
        with self._world.events.listening(lambda message: self._ledger.hears(ChatMessage.of(message))):
            yield

    async def upload(self, photo: bytes) -> Media:
        """A photo in Telegram's sizes, to be sent once or often."""
        upload = Upload(self._world.files.incoming_path(), "photo.jpg")
        upload.path.write_bytes(photo)
        return await self._world.media.from_person(upload)

    def send(self, number: int, photo: Media) -> ChatMessage:
        """The person whose turn it is sends this photo: one message and its update."""
        person = self._people[number % len(self._people)]
        with self._world.database.transaction():
            message = self._world.post(person.id, person.to_user(), {}, photo)
            self._world.updates.add("message", message.payload)
        sent = ChatMessage.of(message)
        self._ledger.sends(sent)
        return sent

    async def send_evenly(self, photos: Sequence[bytes], count: int, seconds: float, first: int = 0) -> None:
        """So many photos over that time, all different, numbered from `first`; by those whose turn it is."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(count):
            photo = await self.upload(await asyncio.to_thread(distinct, photos, first + number))
            await asyncio.sleep(began + number * seconds / count - loop.time())
            self.send(first + number, photo)
        await asyncio.sleep(began + seconds - loop.time())


def distinct(photos: Sequence[bytes], number: int) -> bytes:
    """Another photo for each number, of a few: what kills a bot is told by its bytes. Blocks for milliseconds."""
    with Image.open(io.BytesIO(photos[number % len(photos)])) as opened:
        picture = opened.convert("RGB")
    colour = (number * 37 % 256, number // 7 % 256, number // 1792 % 256)
    picture.paste(colour, (0, 0, _MARK_PX, _MARK_PX))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
